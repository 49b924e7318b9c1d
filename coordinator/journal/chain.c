/*
 * Walking the chain of audit events, and the marks beside it that make the walk at each start short
 * however long the chain is.
 */
#include "coordinator/journal/chain.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/banned.h"

enum { WALK_PAGE = 512, WALK_BYTES = 1024 * 1024 };

/* The chain of an empty journal begins here: chain_before_all. */
const struct chain_place chain_start = {
	0, "0000000000000000000000000000000000000000000000000000000000000000"};

const char *
chain_problem(const struct link *l, const struct chain_place *before)
{
	char hash[SHA256_HEX];

	if (l->event.seq != before->seq + 1)
		return "an event before it was removed";
	if (strcmp(l->prev, before->hash) != 0)
		return "it does not follow the event before it";
	chain_event_hash(before->hash, &l->event, hash);
	if (strcmp(l->hash, hash) != 0)
		return "it was changed after it was written";
	return NULL;
}

/* Two columns: seq and hash. The place stays as it is when there is no row. */
static bool
read_place(struct query *q, struct chain_place *out, struct error *err)
{
	bool row, ok = query_step(q, &row, err);

	if (ok && row) {
		struct span hash = query_col_span(q, 1);
		out->seq = query_col_int(q, 0);
		snprintf(out->hash, sizeof(out->hash), "%.*s", (int)hash.len,
			 hash.len > 0 ? hash.ptr : "");
	}
	query_end(q);
	return ok;
}

bool
chain_head_of(struct journal *j, struct chain_place *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_head);

	*out = chain_start;
	return read_place(&q, out, err);
}

bool
chain_hash_at(struct journal *j, int64_t seq, char hash[SHA256_HEX], struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_at);
	struct chain_place place = {0};

	query_int(&q, seq);
	bool ok = read_place(&q, &place, err);
	memcpy(hash, place.hash, SHA256_HEX);
	return ok;
}

bool
chain_read(struct journal *j, struct arena *a, int64_t since, int64_t limit, size_t bytes,
	   struct link **out, size_t *count, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_list);
	struct link *links = NULL;
	size_t cap = 0, used = 0;
	bool row, ok;

	*count = 0;
	query_int(&q, since);
	query_int(&q, limit);
	while ((ok = query_step(&q, &row, err)) && row) {
		size_t more = query_col_span(&q, 5).len + query_col_span(&q, 8).len;
		if (*count > 0 && used + more > bytes)
			break;
		used += more;
		links = arena_grow(a, links, *count, &cap, sizeof(*links));
		links[(*count)++] = (struct link){
			.event = {.seq = query_col_int(&q, 0),
				  .time = query_col(&q, a, 1),
				  .actor = query_col(&q, a, 2),
				  .kind = query_col(&q, a, 3),
				  .subject = query_col(&q, a, 4),
				  .detail = query_col(&q, a, 5),
				  .body = query_col(&q, a, 8)},
			.prev = query_col(&q, a, 6),
			.hash = query_col(&q, a, 7),
		};
	}
	query_end(&q);
	*out = links;
	return ok;
}

static void
step(struct chain_walk *w, const struct link *l)
{
	w->problem = chain_problem(l, &w->at);
	if (w->problem != NULL)
		return;
	w->at.seq = l->event.seq;
	memcpy(w->at.hash, l->hash, SHA256_HEX);
}

bool
chain_walk(struct journal *j, const struct chain_place *from, struct chain_walk *out,
	   struct error *err)
{
	size_t count = 1;
	bool ok = true;

	*out = (struct chain_walk){.at = *from};
	while (ok && count > 0 && out->problem == NULL) {
		struct arena page;
		struct link *links = NULL;

		arena_init(&page);
		ok = chain_read(j, &page, out->at.seq, WALK_PAGE, WALK_BYTES, &links, &count, err);
		for (size_t i = 0; ok && i < count && out->problem == NULL; i++)
			step(out, &links[i]);
		arena_fini(&page);
	}
	return ok;
}

/* ---- marks ---- */
bool
chain_mark(struct journal *j, const struct chain_place *place, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_mark_add);

	query_int(&q, place->seq);
	query_text(&q, place->hash);
	return query_run(&q, err);
}

bool
chain_marks_check(struct journal *j, int64_t *bad, struct error *err)
{
	return journal_get_int(j, journal_sql_event_mark_bad, bad, err);
}

static bool
broken(struct journal *j, int64_t seq, const char *problem, struct error *err)
{
	error_set(err, E_AUDIT_001, "the audit chain of the journal %s is broken at event %lld",
		  j->path, (long long)seq);
	error_cause(err, "%s", problem);
	error_detail_int(err, "event", seq);
	return false;
}

bool
chain_check_end(struct journal *j, struct error *err)
{
	struct query q = query_begin(j, journal_sql_event_mark_last);
	struct chain_place mark = chain_start;
	char hash[SHA256_HEX];
	struct chain_walk w;

	if (!read_place(&q, &mark, err))
		return false;
	if (mark.seq > 0) {
		if (!chain_hash_at(j, mark.seq, hash, err))
			return false;
		if (strcmp(hash, mark.hash) != 0)
			return broken(j, mark.seq, "it is not the event that was marked there",
				      err);
	}
	if (!chain_walk(j, &mark, &w, err))
		return false;
	if (w.problem != NULL)
		return broken(j, w.at.seq + 1, w.problem, err);
	/* A journal of before the marks. */
	return w.at.seq - mark.seq <= (int64_t)2 * CHAIN_MARK_EVERY || chain_mark(j, &w.at, err);
}
