/* The audit log: what happened, appended to the chain and never changed. */
#include "coordinator/journal/chain.h"
#include "coordinator/journal/image.h"
#include "coordinator/journal/seal.h"
#include "shared/base/faults.h"

#include <string.h>

#include "shared/base/banned.h"

enum { LIST_BYTES = 512 * 1024 };

static bool
add_link(struct journal *j, const struct link *l, const char *hash, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_add);
	const struct chain_event *e = &l->event;
	const char *const texts[] = {e->time,	e->actor, e->kind, e->subject,
				     e->detail, l->prev,  hash,	   e->body};

	query_int(&q, e->seq);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		query_text(&q, texts[i]);
	return query_run(&q, err);
}

static bool
append(struct journal *j, const struct audit_entry *entry, const char *body, struct error *err)
{
	struct chain_place before, after;
	char now[TIME_TEXT];

	if (!chain_head_of(j, &before, err))
		return false;
	time_print(j->rt->ops->wall_us(j->rt), now);
	struct link l = {.event = {.seq = before.seq + 1,
				   .time = now,
				   .actor = entry->actor,
				   .kind = entry->kind,
				   .subject = entry->subject,
				   .detail = entry->detail,
				   .body = body},
			 .prev = FAULT(chain_unlinked) ? chain_start.hash : before.hash};
	after.seq = l.event.seq;
	chain_event_hash(l.prev, &l.event, after.hash);
	return add_link(j, &l, after.hash, err) &&
	       (after.seq % CHAIN_MARK_EVERY != 0 || chain_mark(j, &after, err));
}

bool
journal_audit_add(struct journal *j, const struct audit_entry *entry, struct error *err)
{
	struct text body;

	if (entry->image_count == 0)
		return append(j, entry, NULL, err);
	text_init(&body, 0);
	bool ok = image_body(j, entry->images, entry->image_count, &body, err) &&
		  append(j, entry, body.ptr, err);
	text_fini(&body);
	return ok;
}

bool
journal_audit_head(struct journal *j, int64_t *seq, char hash[SHA256_HEX], struct error *err)
{
	struct chain_place head;

	if (!chain_head_of(j, &head, err))
		return false;
	*seq = head.seq;
	memcpy(hash, head.hash, SHA256_HEX);
	return true;
}

bool
journal_audit_has(struct journal *j, int64_t seq, const char *hash, bool *out, struct error *err)
{
	char found[SHA256_HEX];

	if (!chain_hash_at(j, seq, found, err))
		return false;
	*out = seq == 0 || strcmp(found, hash) == 0;
	return true;
}

bool
journal_audit_accepted(struct journal *j, int64_t *out, struct error *err)
{
	return journal_get_int(j, journal_sql_event_accepted, out, err);
}

bool
journal_audit_list(struct journal *j, struct arena *a, const struct audit_show_request *asked,
		   struct audit_log *out, struct error *err)
{
	struct link *links;
	size_t count;

	if (!journal_get_int(j, journal_sql_event_count, &out->total, err) ||
	    !chain_read(j, a, asked->since, asked->limit, LIST_BYTES, &links, &count, err))
		return false;
	out->journal = j->id;
	out->events.items = arena_array(a, count, sizeof(struct audit_event));
	out->events.count = count;
	for (size_t i = 0; i < count; i++) {
		const struct chain_event *e = &links[i].event;
		out->events.items[i] = (struct audit_event){
			.seq = e->seq,
			.time = e->time,
			.actor = e->actor,
			.kind = e->kind,
			.subject = e->subject,
			.detail = e->detail,
			.hash = links[i].hash,
			.body = asked->bodies ? e->body : NULL,
		};
	}
	return true;
}

static bool
check_file(struct journal *j, struct arena *a, struct audit_report *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_integrity_check);
	bool row, ok = query_step(&q, &row, err);

	if (ok && row && !span_is(query_col_span(&q, 0), "ok")) {
		out->ok = false;
		out->problem = query_col(&q, a, 0);
	}
	query_end(&q);
	return ok;
}

bool
journal_audit_verify(struct journal *j, struct arena *a, bool full, struct audit_report *out,
		     struct error *err)
{
	struct chain_walk w;
	int64_t bad_mark = 0;

	if (!chain_walk(j, &chain_start, &w, err) || !chain_marks_check(j, &bad_mark, err))
		return false;
	*out = (struct audit_report){.ok = w.problem == NULL,
				     .events = w.at.seq,
				     .head = w.at.seq > 0 ? arena_str(a, w.at.hash) : NULL,
				     .first_bad = w.problem == NULL ? INT_NULL : w.at.seq + 1,
				     .problem = w.problem};
	if (out->ok && bad_mark > 0) {
		out->ok = false;
		out->first_bad = bad_mark;
		out->problem = "it is not the event that was marked there";
	}
	if (!out->ok || !full)
		return true;
	if (!check_file(j, a, out, err))
		return false;
	return !out->ok || seals_check(j, a, out, err);
}
