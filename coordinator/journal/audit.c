/*
 * The audit log: what happened to jobs, appended and never changed. Each event's hash covers all
 * its fields and the hash of the event before it, so an event that was altered, removed or slipped
 * in breaks the chain at its place.
 */
#include "coordinator/journal/query.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/journal/seal.h"
#include "shared/digest/digest.h"

#include "shared/base/banned.h"

enum { VERIFY_PAGE = 512 };

/* The chain of an empty journal begins here. */
static const char chain_start[SHA256_HEX] =
	"0000000000000000000000000000000000000000000000000000000000000000";

struct link {
	int64_t seq;
	const char *time, *actor, *kind, *subject, *detail, *prev, *hash;
};

/* Each field with its length before it, so that no two different events hash alike. */
static void
hash_text(struct sha256 *h, const char *s)
{
	uint64_t len = s == NULL ? UINT64_MAX : strlen(s);
	unsigned char head[8];

	for (int i = 0; i < 8; i++)
		head[i] = (unsigned char)(len >> (56 - 8 * i));
	sha256_add(h, head, sizeof(head));
	if (s != NULL)
		sha256_add(h, s, (size_t)len);
}

static void
link_hash(const struct link *l, char out[SHA256_HEX])
{
	struct sha256 h;
	char seq[24];

	snprintf(seq, sizeof(seq), "%lld", (long long)l->seq);
	sha256_init(&h);
	const char *const fields[] = {l->prev, seq,	   l->time,  l->actor,
				      l->kind, l->subject, l->detail};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		hash_text(&h, fields[i]);
	sha256_hex(&h, out);
}

static bool
read_head(struct journal *j, int64_t *seq, char hash[SHA256_HEX], struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_head);
	bool row, ok = query_step(&q, &row, err);

	*seq = 0;
	memcpy(hash, chain_start, SHA256_HEX);
	if (ok && row) {
		struct span found = query_col_span(&q, 1);
		*seq = query_col_int(&q, 0);
		snprintf(hash, SHA256_HEX, "%.*s", (int)found.len, found.ptr);
	}
	query_end(&q);
	return ok;
}

bool
journal_audit_add(struct journal *j, const struct audit_entry *entry, struct error *err)
{
	char prev[SHA256_HEX], hash[SHA256_HEX], now[TIME_TEXT];
	int64_t seq;

	if (!read_head(j, &seq, prev, err))
		return false;
	time_print(j->rt->ops->wall_us(j->rt), now);
	struct link l = {.seq = seq + 1,
			 .time = now,
			 .actor = entry->actor,
			 .kind = entry->kind,
			 .subject = entry->subject,
			 .detail = entry->detail,
			 .prev = prev};
	link_hash(&l, hash);
	struct query q = query_begin(j, journal_sql_event_add);
	query_int(&q, l.seq);
	const char *const texts[] = {l.time, l.actor, l.kind, l.subject, l.detail, l.prev, hash};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		query_text(&q, texts[i]);
	return query_run(&q, err);
}

/* At most `limit` links after `since`. */
static bool
read_links(struct journal *j, struct arena *a, int64_t since, int64_t limit, struct link **out,
	   size_t *count, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_list);
	struct link *links = NULL;
	size_t cap = 0;
	bool row, ok;

	*count = 0;
	query_int(&q, since);
	query_int(&q, limit);
	while ((ok = query_step(&q, &row, err)) && row) {
		links = arena_grow(a, links, *count, &cap, sizeof(*links));
		links[(*count)++] = (struct link){
			.seq = query_col_int(&q, 0),
			.time = query_col(&q, a, 1),
			.actor = query_col(&q, a, 2),
			.kind = query_col(&q, a, 3),
			.subject = query_col(&q, a, 4),
			.detail = query_col(&q, a, 5),
			.prev = query_col(&q, a, 6),
			.hash = query_col(&q, a, 7),
		};
	}
	query_end(&q);
	*out = links;
	return ok;
}

bool
journal_audit_list(struct journal *j, struct arena *a, int64_t since, int64_t limit,
		   struct audit_log *out, struct error *err)
{
	struct link *links;
	size_t count;

	if (!journal_get_int(j, journal_sql_event_count, &out->total, err) ||
	    !read_links(j, a, since, limit, &links, &count, err))
		return false;
	out->events.items = arena_array(a, count, sizeof(struct audit_event));
	out->events.count = count;
	for (size_t i = 0; i < count; i++)
		out->events.items[i] = (struct audit_event){
			.seq = links[i].seq,
			.time = links[i].time,
			.actor = links[i].actor,
			.kind = links[i].kind,
			.subject = links[i].subject,
			.detail = links[i].detail,
			.hash = links[i].hash,
		};
	return true;
}

/* What is wrong with a link, given the one before; NULL: it fits. */
static const char *
link_problem(const struct link *l, int64_t before, const char *prev)
{
	char hash[SHA256_HEX];

	if (l->seq != before + 1)
		return "an event before it was removed";
	if (strcmp(l->prev, prev) != 0)
		return "it does not follow the event before it";
	link_hash(l, hash);
	if (strcmp(l->hash, hash) != 0)
		return "it was changed after it was written";
	return NULL;
}

struct walk {
	int64_t seq;
	char head[SHA256_HEX];
	const char *problem; /* set: the link after `seq` is bad */
};

static bool
walk_chain(struct journal *j, struct walk *w, struct error *err)
{
	size_t count = 1;
	bool ok = true;

	*w = (struct walk){0};
	memcpy(w->head, chain_start, SHA256_HEX);
	while (ok && count > 0 && w->problem == NULL) {
		struct arena page;
		struct link *links = NULL;

		arena_init(&page);
		ok = read_links(j, &page, w->seq, VERIFY_PAGE, &links, &count, err);
		for (size_t i = 0; ok && i < count && w->problem == NULL; i++) {
			w->problem = link_problem(&links[i], w->seq, w->head);
			if (w->problem != NULL)
				continue;
			w->seq = links[i].seq;
			memcpy(w->head, links[i].hash, SHA256_HEX);
		}
		arena_fini(&page);
	}
	return ok;
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
	struct walk w;

	if (!walk_chain(j, &w, err))
		return false;
	*out = (struct audit_report){.ok = w.problem == NULL,
				     .events = w.seq,
				     .head = w.seq > 0 ? arena_str(a, w.head) : NULL,
				     .first_bad = w.problem == NULL ? INT_NULL : w.seq + 1,
				     .problem = w.problem};
	if (!out->ok || !full)
		return true;
	if (!check_file(j, a, out, err))
		return false;
	return !out->ok || seals_check(j, a, out, err);
}
