/*
 * Conflicts between intents, and what the audit log says of intents. A conflict is kept as both
 * sides are told it; whether somebody looked at it has columns.
 */
#include "coordinator/journal/intents.h"

#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct intent_audit
RECORD_DEFINE(intent_audit, "a change of an intent, in the audit log")
#undef RECORD_TYPE

bool
journal_conflict_add(struct journal *j, struct intent_conflict *c, bool blocks, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_add);
	struct text body;
	bool row, ok;

	text_init(&body, 0);
	record_json_named(&body, &record_intent_conflict, c);
	query_text(&q, c->intent_a);
	query_text(&q, c->intent_b);
	query_int(&q, blocks);
	query_text(&q, body.ptr);
	ok = query_step(&q, &row, err);
	if (ok)
		c->id = query_col_int(&q, 0);
	query_end(&q);
	text_fini(&body);
	return ok;
}

static bool
read_conflicts(struct query *q, struct arena *a, struct conflict_set *out, struct error *err)
{
	bool row, ok;
	void *doc;

	*out = (struct conflict_set){0};
	while ((ok = query_step(q, &row, err)) && row) {
		ok = record_parse(a, &record_intent_conflict, query_col_span(q, 6), &doc, err);
		if (!ok)
			break;
		out->items = arena_grow(a, out->items, out->count, &out->cap, sizeof(*out->items));
		struct intent_conflict *c = &out->items[out->count++];
		*c = *(struct intent_conflict *)doc;
		c->id = query_col_int(q, 0);
		c->reviewed = query_col_int(q, 3) == 1;
		c->reviewed_at = query_col(q, a, 4);
		c->resolution_notes = query_col(q, a, 5);
	}
	query_end(q);
	return ok;
}

bool
journal_conflicts_of(struct journal *j, struct arena *a, const char *intent,
		     struct conflict_set *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_of);

	query_text(&q, intent);
	return read_conflicts(&q, a, out, err);
}

bool
journal_conflict_find(struct journal *j, struct arena *a, int64_t id, struct intent_conflict *out,
		      struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_find);
	struct conflict_set found;

	query_int(&q, id);
	if (!read_conflicts(&q, a, &found, err))
		return false;
	if (found.count == 0)
		return error_set(err, E_INTENT_004, "there is no conflict %lld", (long long)id);
	*out = found.items[0];
	return true;
}

bool
journal_conflict_review(struct journal *j, int64_t id, const char *time, const char *notes,
			struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_review);

	query_int(&q, id);
	query_text(&q, time);
	query_text(&q, notes);
	return query_run(&q, err);
}

bool
journal_conflicts_with(struct journal *j, struct arena *a, const char *intent, struct id_set *out,
		       struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_with);

	query_text(&q, intent);
	return journal_ids_read(&q, a, out, err);
}

bool
journal_conflicts_unseen(struct journal *j, const char *intent, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_conflict_unseen);
	bool row, ok;

	query_text(&q, intent);
	ok = query_step(&q, &row, err);
	*out = ok && row ? query_col_int(&q, 0) : 0;
	query_end(&q);
	return ok;
}

/* ---- what happened ---- */
static bool
read_event(struct query *q, struct arena *a, struct intent_event *out, struct error *err)
{
	struct span detail = query_col_span(q, 5);
	struct intent_audit none = {.token = INT_NULL};
	void *parsed = &none;

	if (detail.len > 0 && !record_parse(a, &record_intent_audit, detail, &parsed, err))
		return false;
	const struct intent_audit *audit = parsed;
	*out = (struct intent_event){.seq = query_col_int(q, 0),
				     .time = query_col(q, a, 1),
				     .actor = query_col(q, a, 2),
				     .kind = query_col(q, a, 3),
				     .intent = query_col(q, a, 4),
				     .agent = audit->agent,
				     .from = audit->from,
				     .to = audit->to,
				     .reason = audit->reason,
				     .others = {audit->others.items, audit->others.count},
				     .objects = {audit->objects.items, audit->objects.count},
				     .token = audit->token,
				     .environment = audit->environment};
	return true;
}

bool
journal_event_last(struct journal *j, int64_t *out, struct error *err)
{
	return journal_get_int(j, journal_sql_event_last, out, err);
}

bool
journal_intent_events(struct journal *j, struct arena *a, const char *intent, int64_t since,
		      int64_t limit, struct intent_events *out, struct error *err)
{
	struct query q = query_begin(j, intent != NULL ? journal_sql_event_of
						       : journal_sql_event_of_intents);
	size_t cap = 0;
	bool row, ok;

	*out = (struct intent_events){.last_seq = since};
	if (intent != NULL) {
		query_text(&q, intent);
	} else {
		query_int(&q, since);
		query_int(&q, limit);
	}
	while ((ok = query_step(&q, &row, err)) && row) {
		out->events.items = arena_grow(a, out->events.items, out->events.count, &cap,
					       sizeof(*out->events.items));
		struct intent_event *e = &out->events.items[out->events.count];
		ok = read_event(&q, a, e, err);
		if (!ok)
			break;
		out->events.count++;
		out->last_seq = e->seq;
	}
	query_end(&q);
	return ok;
}
