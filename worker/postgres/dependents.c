/*
 * What the catalogue says depends on an object. Two questions: first the session's own search_path
 * and types, as the statement that means the object would see them; then, under our own
 * search_path, the object and what leans on it.
 */
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { COL_KEY, COL_SCHEMA, COL_DEPENDENT, COL_OWNER, COL_KIND, COL_IN, COL_NAME, COL_USED };

/* {"a","b"}: a literal of text[]. The names of types come quoted and may hold anything. */
static const char *
array_literal(struct arena *arena, const char *const *items, size_t count)
{
	struct text out;

	text_init(&out, 0);
	text_put(&out, "{");
	for (size_t i = 0; i < count; i++) {
		text_put(&out, i > 0 ? ",\"" : "\"");
		for (const char *c = items[i]; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				text_put(&out, "\\");
			text_put_span(&out, span_of(c, 1));
		}
		text_put(&out, "\"");
	}
	text_put(&out, "}");
	const char *literal = arena_str(arena, out.ptr);
	text_fini(&out);
	return literal;
}

static bool
ask(struct target_pg *t, const struct sql_object *o, struct pg_rows **rows, struct error *err)
{
	const char *types[] = {array_literal(&t->scratch, o->arguments, o->argument_count)};
	const struct pg_statement path = {
		.sql = target_sql_dependents_path, .count = 1, .values = types};
	struct pg_rows *found;

	if (!own_batch(t, &path, 1, 0, &found, err))
		return false;
	const char *schema = o->schema;
	if (schema == NULL && o->created)
		schema = pg_rows_text(found, 0, 1);
	const char *values[] = {o->kind,
				schema,
				o->name,
				o->part,
				pg_rows_text(found, 0, 0),
				o->arguments ? pg_rows_text(found, 0, 2) : NULL};
	bool ok =
		own_run(t, OWN_PLAIN, target_sql_dependents, ARRAY_LEN(values), values, rows, err);
	pg_rows_free(found);
	return ok;
}

static const char *
column(struct arena *arena, const struct pg_rows *rows, size_t row, int which)
{
	return arena_str(arena, pg_rows_text(rows, row, which));
}

static void
take_dependent(const struct pg_rows *rows, size_t row, struct arena *arena,
	       struct object_dependent *out)
{
	*out = (struct object_dependent){
		.key = column(arena, rows, row, COL_DEPENDENT),
		.owner = column(arena, rows, row, COL_OWNER),
		.kind = column(arena, rows, row, COL_KIND),
		.schema = column(arena, rows, row, COL_IN),
		.name = column(arena, rows, row, COL_NAME),
	};
	out->columns = arena_array(arena, pg_rows_count(rows) - row, sizeof(*out->columns));
}

/* Rows of one dependent, one for each column that it uses, follow each other. */
static void
take(const struct pg_rows *rows, struct arena *arena, struct object_dependents *out)
{
	size_t count = pg_rows_count(rows);

	*out = (struct object_dependents){.present = count > 0};
	if (count == 0)
		return;
	out->key = column(arena, rows, 0, COL_KEY);
	out->schema = column(arena, rows, 0, COL_SCHEMA);
	out->items = arena_array(arena, count, sizeof(*out->items));
	for (size_t i = 0; i < count; i++) {
		const char *key = pg_rows_text(rows, i, COL_DEPENDENT);
		if (key == NULL || pg_rows_text(rows, i, COL_KIND) == NULL)
			continue;
		if (out->count == 0 || strcmp(out->items[out->count - 1].key, key) != 0)
			take_dependent(rows, i, arena, &out->items[out->count++]);
		struct object_dependent *d = &out->items[out->count - 1];
		const char *used = column(arena, rows, i, COL_USED);
		if (used != NULL)
			d->columns[d->column_count++] = used;
	}
}

bool
object_dependents(struct target *target, struct arena *arena, const struct sql_object *object,
		  struct object_dependents *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_rows *rows;

	if (!ask(t, object, &rows, err))
		return false;
	take(rows, arena, out);
	pg_rows_free(rows);
	return true;
}
