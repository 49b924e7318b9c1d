#include "tests/db/pairs/judge.h"

#include <stdio.h>
#include <string.h>

#include "shared/schema/plan.h"
#include "tests/db/conflict/dump.h"
#include "tests/db/pairs/stage.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "worker/catalog/catalog.h"

#include "shared/base/banned.h"

/* One side of a pair: what was seen of it before its database is made the other. */
struct side {
	const char *file, *rows, *name;
	struct schema_model *model;
	struct dump dump;
	const char *invalid;
};

struct trial {
	struct arena *arena;
	struct schema_pool *pool;
	struct judgement *out;
	struct text said;
};

static const char *const steps[] = {
	[JUDGE_PASSED] = "passed",
	[JUDGE_LOAD] = "does not load",
	[JUDGE_SAME] = "a plan between equals",
	[JUDGE_PLAN] = "no plan",
	[JUDGE_APPLY] = "the plan does not run",
	[JUDGE_RESULT] = "the result is another",
	[JUDGE_AGAIN] = "planned again",
	[JUDGE_ROWS] = "rows are gone",
};

const char *
judge_step_words(enum judge_step step)
{
	return steps[step];
}

/* The first line that says something. */
static const char *
first_line(struct arena *arena, const char *text)
{
	const char *error = strstr(text, "ERROR:");

	text = error != NULL ? error : text;
	text += strspn(text, "-\n ");
	return arena_span(arena, span_of(text, strcspn(text, "\n")));
}

static bool
fails(struct trial *t, enum judge_step step)
{
	*t->out = (struct judgement){.step = step,
				     .why = first_line(t->arena, t->said.ptr),
				     .detail = arena_str(t->arena, t->said.ptr)};
	return false;
}

/* ---- looking ---- */

static struct schema_model *
read_model(struct trial *t, const char *database)
{
	struct pg_open_options options = {.application_name = "pairs"};
	struct schema_model *m = NULL;
	struct pg_conn *c = NULL;
	struct error err = {0};

	if (!pg_open(secret_of(cluster_url(database)), &options, &c, &err) ||
	    !catalog_read(c, NULL, t->pool, &m, &err))
		text_printf(&t->said, "%s: %s\n", err.message, err.cause);
	pg_close(c);
	return m;
}

/* What pg_dump -s does not tell. */
static const char *
invalid_indexes(struct trial *t, const char *database)
{
	const char *list = pg_query_text(
		cluster_url(database),
		"SELECT string_agg(i.indexrelid::regclass::text, ' ' ORDER BY"
		" i.indexrelid::regclass::text) FROM pg_index i WHERE NOT i.indisvalid");

	return list != NULL ? arena_str(t->arena, list) : "";
}

static void
put_entry(struct text *out, const char *title, const char *entry)
{
	const char *name = strstr(entry, "Name: ");

	name = name != NULL ? name : entry;
	text_printf(out, "%s %.*s\n%s\n", title, (int)strcspn(name, "\n"), name, entry);
}

static void
put_entries(struct text *out, const char *title, const struct dump *these, const struct dump *those)
{
	for (size_t i = 0, k = 0; i < these->count; i++) {
		while (k < those->count && strcmp(those->entries[k], these->entries[i]) < 0)
			k++;
		if (k < those->count && strcmp(those->entries[k], these->entries[i]) == 0)
			k++;
		else
			put_entry(out, title, these->entries[i]);
	}
}

/* ---- plans ---- */

static bool
plan_of(struct trial *t, const struct schema_model *from, const struct schema_model *to,
	struct schema_plan *plan)
{
	const struct schema_plan_options how = {.online = true};
	struct schema_diff diff;
	struct error err = {0};

	schema_diff(t->arena, from, to, &diff);
	if (schema_plan(t->arena, &diff, &how, plan, &err))
		return true;
	text_printf(&t->said, "%s\n%s\n", err.message, err.cause);
	return fails(t, JUDGE_PLAN);
}

static bool
nothing_to_do(struct trial *t, const struct schema_model *from, const struct schema_model *to,
	      enum judge_step step)
{
	struct schema_plan plan;

	if (!plan_of(t, from, to, &plan))
		return false;
	if (plan.count == 0)
		return true;
	struct text again;
	text_init(&again, 0);
	for (size_t i = 0; i < plan.count; i++)
		text_printf(&again, "%s;\n", plan.statements[i].sql);
	text_printf(&again, "---- after ----\n%s", t->said.ptr);
	text_fini(&t->said);
	t->said = again;
	return fails(t, step);
}

/* ---- rows ---- */

struct kept {
	const char *query, *rows;
	struct kept *next;
};

/* Its attributes may come and go. */
static bool
is_composite(const struct schema_model *m, const char *type)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->objects[i].kind == SCHEMA_KIND_composite &&
		    strncmp(m->objects[i].address, type, strcspn(type, "[")) == 0)
			return true;
	return false;
}

/* Columns that both sides have and that no statement may change, as a list; NULL when there is
 * none.
 */
static const char *
common_columns(struct trial *t, const struct schema_model *a, const struct schema_model *b,
	       const char *table)
{
	const char *list = NULL;

	for (size_t i = 0; i < a->count; i++) {
		const struct schema_object *o = &a->objects[i], *other;
		if (o->kind != SCHEMA_KIND_column || o->parent != table ||
		    o->values[SCHEMA_column_generated] != NULL)
			continue;
		other = schema_model_find(b, o->kind, o->address);
		if (other == NULL || other->values[SCHEMA_column_generated] != NULL ||
		    other->values[SCHEMA_column_type] != o->values[SCHEMA_column_type] ||
		    is_composite(a, o->values[SCHEMA_column_type]))
			continue;
		list = arena_printf(t->arena, "%s%s%s", list ? list : "", list ? ", " : "",
				    o->address + strlen(table) + 1);
	}
	return list;
}

static const char *
rows_query(struct trial *t, const struct side *a, const struct side *b,
	   const struct schema_object *o)
{
	const struct schema_object *other =
		o->kind == SCHEMA_KIND_table ? schema_model_find(b->model, o->kind, o->address)
					     : NULL;

	if (other == NULL || o->values[SCHEMA_table_server] != NULL ||
	    other->values[SCHEMA_table_server] != NULL)
		return NULL;
	/* The rows of partitions are looked for there. */
	bool was = o->values[SCHEMA_table_partition_key] != NULL;
	bool is = other->values[SCHEMA_table_partition_key] != NULL;
	if (was && is)
		return NULL;
	const char *columns = common_columns(t, a->model, b->model, o->address);
	return arena_printf(t->arena,
			    "SELECT count(*) || ' rows ' || coalesce(md5(string_agg(r::text, ';'"
			    " ORDER BY r::text)), '') FROM (SELECT %s FROM %s%s) r",
			    columns ? columns : "1", was || is ? "" : "ONLY ", o->address);
}

static struct kept *
rows_before(struct trial *t, const struct side *a, const struct side *b)
{
	const char *url = arena_str(t->arena, cluster_url(a->name));
	struct pg_session *s = pg_session_open(url);
	struct kept *all = NULL;

	for (size_t i = 0; s != NULL && i < a->model->count; i++) {
		const char *query = rows_query(t, a, b, &a->model->objects[i]);
		const char *rows = query != NULL ? pg_session_text(s, query) : NULL;
		if (rows == NULL || strncmp(rows, "0 ", 2) == 0)
			continue;
		struct kept *k = arena_new(t->arena, struct kept);
		*k = (struct kept){query, arena_str(t->arena, rows), all};
		all = k;
	}
	pg_session_close(s);
	return all;
}

static bool
rows_are_kept(struct trial *t, const struct side *a, const struct kept *all)
{
	for (; all != NULL; all = all->next) {
		const char *rows = pg_query_text(cluster_url(a->name), all->query);
		if (rows != NULL && strcmp(rows, all->rows) == 0)
			continue;
		struct text said;
		text_init(&said, 0);
		text_printf(&said, "%s before, %s after, by %s\n---- after ----\n%s", all->rows,
			    rows ? rows : "none", all->query, t->said.ptr);
		text_fini(&t->said);
		t->said = said;
		return fails(t, JUDGE_ROWS);
	}
	return true;
}

/* ---- one direction ---- */

static bool
runs(struct trial *t, const struct side *a, const struct schema_plan *plan)
{
	struct text script, error;

	text_init(&script, 0);
	text_init(&error, 0);
	schema_plan_script(plan, &script);
	bool ok = stage_run(t->arena, a->name, script.ptr, &error);
	text_printf(&t->said, "%s---- plan ----\n%s", error.ptr, script.ptr);
	text_fini(&error);
	text_fini(&script);
	return ok || fails(t, JUDGE_APPLY);
}

static bool
is_the_other(struct trial *t, const struct side *a, const struct side *b)
{
	struct dump got;
	struct text more;

	dump_take(t->arena, cluster_url(a->name), &got);
	const char *invalid = invalid_indexes(t, a->name);
	bool same = dump_difference(t->arena, &got, &b->dump) == NULL;
	if (same && strcmp(invalid, b->invalid) == 0)
		return true;
	text_init(&more, 0);
	put_entries(&more, "only got:", &got, &b->dump);
	put_entries(&more, "only wanted:", &b->dump, &got);
	if (strcmp(invalid, b->invalid) != 0)
		text_printf(&more, "invalid indexes: %s; wanted: %s\n", invalid, b->invalid);
	text_put(&more, t->said.ptr);
	text_fini(&t->said);
	t->said = more;
	return fails(t, JUDGE_RESULT);
}

static void
judge_direction(struct trial *t, const struct side *a, const struct side *b)
{
	struct schema_plan plan;
	const struct schema_model *again = read_model(t, a->name), *after;

	*t->out = (struct judgement){.step = JUDGE_PASSED};
	if (again == NULL) {
		(void)fails(t, JUDGE_LOAD);
		return;
	}
	if (!nothing_to_do(t, again, a->model, JUDGE_SAME) || !plan_of(t, again, b->model, &plan))
		return;
	const struct kept *rows = rows_before(t, a, b);
	if (!runs(t, a, &plan))
		return;
	after = read_model(t, a->name);
	if (after == NULL)
		(void)fails(t, JUDGE_RESULT);
	else if (is_the_other(t, a, b) && nothing_to_do(t, after, b->model, JUDGE_AGAIN) &&
		 rows_are_kept(t, a, rows))
		*t->out = (struct judgement){.step = JUDGE_PASSED,
					     .detail = arena_str(t->arena, t->said.ptr)};
}

static bool
set_up(struct trial *t, const struct corpus_pair *pair, struct side *s)
{
	if (!stage_load(t->arena, pair, s->name, s->file, &t->said))
		return fails(t, JUDGE_LOAD);
	s->model = read_model(t, s->name);
	if (s->model == NULL)
		return fails(t, JUDGE_LOAD);
	dump_take(t->arena, cluster_url(s->name), &s->dump);
	s->invalid = invalid_indexes(t, s->name);
	return stage_fill(t->arena, pair, s->name, s->rows, &t->said) || fails(t, JUDGE_LOAD);
}

void
judge_pair(struct arena *arena, const struct corpus_pair *pair, struct judgement out[2])
{
	struct trial t = {.arena = arena, .pool = schema_pool_new(), .out = &out[0]};
	struct side sides[2] = {
		{.file = "old.sql", .rows = "seed.sql", .name = "pair_a"},
		{.file = "new.sql", .rows = "seed_new.sql", .name = "pair_b"},
	};

	text_init(&t.said, 0);
	REQUIRE(stage_begin(arena, pair));
	if (set_up(&t, pair, &sides[0]) && set_up(&t, pair, &sides[1])) {
		for (int i = 0; i < 2; i++) {
			t.out = &out[i];
			text_clear(&t.said);
			judge_direction(&t, &sides[i], &sides[1 - i]);
		}
	} else {
		out[1] = out[0];
	}
	text_fini(&t.said);
	schema_pool_free(t.pool);
}
