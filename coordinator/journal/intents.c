/*
 * Intents as rows. What is asked about often, or decides, has columns; what agents are shown is one
 * JSON document beside them. A row is found by its objects through an index, so that a register
 * against ten thousand others reads only those that touch the same things.
 */
#include "coordinator/journal/intents.h"

#include <string.h>

#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct intent_objects
RECORD_DEFINE(intent_objects, "a footprint at rest")
#undef RECORD_TYPE

static char *
json_of(struct arena *a, const struct record *of, const void *ptr)
{
	struct text json;

	text_init(&json, 0);
	record_json_named(&json, of, ptr);
	char *copy = arena_str(a, json.ptr);
	text_fini(&json);
	return copy;
}

static const char *
body_of(struct arena *a, const struct intent_row *row)
{
	struct intent doc = row->doc;

	doc.claims.count = doc.footprint.count = doc.conflicts_with.count = 0;
	return json_of(a, &record_intent, &doc);
}

/* What the columns know better than the document. */
static void
fill_doc(struct query *q, struct arena *a, struct intent_row *row)
{
	row->doc.status = query_col(q, a, 6);
	row->doc.reason = query_col(q, a, 14);
	row->doc.created_at = query_col(q, a, 15);
	row->doc.updated_at = query_col(q, a, 16);
	row->doc.token = row->token;
	row->doc.waiting = row->queue != INT_NULL;
	row->doc.scope = row->scope;
}

/* What is no longer open has none. */
static void
read_lease(struct query *q, struct arena *a, struct intent_row *row)
{
	row->lease.boot_id = query_col(q, a, 11);
	if (row->lease.boot_id == NULL)
		return;
	row->ttl_ms = query_col_int(q, 10);
	row->lease.until_ms = (uint64_t)query_col_int(q, 12);
	row->lease_wall_us = query_col_int(q, 13);
}

static bool
read_row(struct query *q, struct arena *a, struct intent_row *row, struct error *err)
{
	void *doc;

	if (!record_parse(a, &record_intent, query_col_span(q, 18), &doc, err))
		return false;
	*row = (struct intent_row){.doc = *(struct intent *)doc,
				   .owner = query_col(q, a, 2),
				   .scope = query_col(q, a, 4),
				   .token = query_col_int(q, 7),
				   .claimed_at = query_col(q, a, 8),
				   .queue = query_col_int(q, 9),
				   .footprint = query_col(q, a, 17)};
	read_lease(q, a, row);
	fill_doc(q, a, row);
	return true;
}

bool
intent_rows_read(struct query *q, struct arena *a, struct intent_set *out, struct error *err)
{
	bool row, ok;

	*out = (struct intent_set){0};
	while ((ok = query_step(q, &row, err)) && row) {
		out->items = arena_grow(a, out->items, out->count, &out->cap, sizeof(*out->items));
		ok = read_row(q, a, &out->items[out->count], err);
		if (!ok)
			break;
		out->count++;
	}
	query_end(q);
	return ok;
}

/* Only what is open has one. */
static bool
put_lease(struct journal *j, const struct intent_row *row, struct error *err)
{
	bool open = !intent_state_final(intent_state_of(row));
	struct query q =
		query_begin(j, open ? journal_sql_intent_lease_put : journal_sql_intent_lease_drop);

	query_text(&q, row->doc.id);
	if (open) {
		query_text(&q, row->doc.agent_id);
		query_int(&q, row->queue != INT_NULL);
		query_int(&q, row->ttl_ms);
		query_text(&q, row->lease.boot_id);
		query_int(&q, (int64_t)row->lease.until_ms);
		query_int(&q, row->lease_wall_us);
	}
	return query_run(&q, err);
}

bool
journal_intent_add(struct journal *j, const struct intent_row *row, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_add);
	struct arena a;

	arena_init(&a);
	query_text(&q, row->doc.id);
	query_text(&q, row->doc.agent_id);
	query_text(&q, row->owner);
	query_text(&q, row->doc.worktree != NULL ? row->doc.worktree : "");
	query_text(&q, row->scope);
	query_text(&q, row->doc.branch_name);
	query_text(&q, row->doc.status);
	query_int(&q, !intent_state_final(intent_state_of(row)));
	query_int(&q, row->token);
	query_text(&q, row->claimed_at);
	query_int(&q, row->queue);
	query_text(&q, row->doc.reason);
	query_text(&q, row->doc.created_at);
	query_text(&q, row->doc.updated_at);
	query_text(&q, row->footprint);
	query_text(&q, body_of(&a, row));
	bool ok = query_run(&q, err) && put_lease(j, row, err);
	arena_fini(&a);
	return ok;
}

bool
journal_intent_save(struct journal *j, const struct intent_row *row, enum intent_state was,
		    struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_save);
	bool saved = false;
	struct arena a;

	arena_init(&a);
	query_text(&q, row->doc.id);
	query_text(&q, row->doc.status);
	query_int(&q, !intent_state_final(intent_state_of(row)));
	query_int(&q, row->token);
	query_text(&q, row->claimed_at);
	query_int(&q, row->queue);
	query_text(&q, row->doc.reason);
	query_text(&q, row->doc.updated_at);
	query_text(&q, body_of(&a, row));
	query_text(&q, intent_state_name(was));
	bool ok = query_step(&q, &saved, err);
	query_end(&q);
	arena_fini(&a);
	if (ok && !saved)
		ok = error_set(err, E_INTENT_002, "intent %s was moved by somebody else meanwhile",
			       row->doc.id);
	return ok && put_lease(j, row, err);
}

/* Those that one text finds. */
static bool
rows_by(struct journal *j, const char *sql, const char *text, struct arena *a,
	struct intent_set *out, struct error *err)
{
	struct query q = query_begin(j, sql);

	query_text(&q, text);
	return intent_rows_read(&q, a, out, err);
}

bool
journal_intent_find(struct journal *j, struct arena *a, const char *id, struct intent_row *out,
		    struct error *err)
{
	struct intent_set found = {0};

	if (id[0] != '\0' && !rows_by(j, journal_sql_intent_find, id, a, &found, err))
		return false;
	if (found.count == 0)
		return error_set(err, E_INTENT_001, "there is no intent %s", id);
	if (found.count > 1 && strcmp(found.items[0].doc.id, id) != 0)
		return error_set(err, E_INTENT_001, "several intents begin with %s", id);
	*out = found.items[0];
	return true;
}

bool
journal_intent_exact(struct journal *j, struct arena *a, const char *id, struct intent_set *out,
		     struct error *err)
{
	return rows_by(j, journal_sql_intent_exact, id, a, out, err);
}

bool
journal_intents_owned(struct journal *j, struct arena *a, const char *owner, struct intent_set *out,
		      struct error *err)
{
	return rows_by(j, journal_sql_intent_owned, owner, a, out, err);
}

bool
journal_intent_own(struct journal *j, const char *id, const char *owner, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_own);

	query_text(&q, id);
	query_text(&q, owner);
	return query_run(&q, err);
}

static void
bind_filter(struct query *q, const struct intent_filter *f)
{
	query_text(q, f->state);
	query_text(q, f->agent);
	query_int(q, f->open_only ? 1 : 0);
}

/* The first column of the one row. */
static bool
one_int(struct query *q, int64_t *out, struct error *err)
{
	bool row, ok = query_step(q, &row, err);

	*out = ok && row ? query_col_int(q, 0) : 0;
	query_end(q);
	return ok;
}

bool
journal_intent_list(struct journal *j, struct arena *a, const struct intent_filter *filter,
		    struct intent_set *out, int64_t *total, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_list);

	bind_filter(&q, filter);
	query_int(&q, filter->limit);
	if (!intent_rows_read(&q, a, out, err))
		return false;
	struct query n = query_begin(j, journal_sql_intent_count);
	bind_filter(&n, filter);
	return one_int(&n, total, err);
}

bool
journal_intents_open_of(struct journal *j, const char *agent, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_open_of);

	query_text(&q, agent);
	return one_int(&q, out, err);
}

bool
journal_intent_branch_taken(struct journal *j, const char *name, bool *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_branch_taken);
	int64_t found = 0;

	query_text(&q, name);
	bool ok = one_int(&q, &found, err);
	*out = found == 1;
	return ok;
}

/* ---- what they are found by ---- */
bool
journal_intent_key_add(struct journal *j, const char *intent, const char *key, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_key_add);

	query_text(&q, key);
	query_text(&q, intent);
	return query_run(&q, err);
}

bool
journal_intent_keys_drop(struct journal *j, const char *intent, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_key_drop);

	query_text(&q, intent);
	return query_run(&q, err);
}

static bool
has_id(const struct id_set *set, struct span id)
{
	for (size_t i = 0; i < set->count; i++) {
		if (span_is(id, set->items[i]))
			return true;
	}
	return false;
}

bool
journal_ids_read(struct query *q, struct arena *a, struct id_set *out, struct error *err)
{
	bool row, ok;

	while ((ok = query_step(q, &row, err)) && row) {
		if (has_id(out, query_col_span(q, 0)))
			continue;
		out->items = arena_grow(a, out->items, out->count, &out->cap, sizeof(*out->items));
		out->items[out->count++] = query_col(q, a, 0);
	}
	query_end(q);
	return ok;
}

static bool
has_brief(const struct intent_briefs *set, struct span id)
{
	for (size_t i = 0; i < set->count; i++) {
		if (span_is(id, set->items[i].id))
			return true;
	}
	return false;
}

static bool
briefs_read(struct query *q, struct arena *a, struct intent_briefs *out, struct error *err)
{
	bool row, ok;

	while ((ok = query_step(q, &row, err)) && row) {
		if (has_brief(out, query_col_span(q, 0)))
			continue;
		out->items = arena_grow(a, out->items, out->count, &out->cap, sizeof(*out->items));
		out->items[out->count++] = (struct intent_brief){.id = query_col(q, a, 0),
								 .agent = query_col(q, a, 1),
								 .worktree = query_col(q, a, 2),
								 .scope = query_col(q, a, 3)};
	}
	query_end(q);
	return ok;
}

bool
journal_intents_by_key(struct journal *j, struct arena *a, const char *key,
		       struct intent_briefs *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_key_find);

	query_text(&q, key);
	return briefs_read(&q, a, out, err);
}

bool
journal_intents_by_keys(struct journal *j, struct arena *a, const char *after, const char *before,
			int64_t limit, struct intent_briefs *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_intent_key_after);

	query_text(&q, after);
	query_text(&q, before);
	query_int(&q, limit);
	return briefs_read(&q, a, out, err);
}
