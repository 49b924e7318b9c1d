/*
 * Finds the ledger as the Python confiture does: a bare name through the search_path,
 * "schema.table" as it stands. What is not there yet gets the place it would be created in: the
 * first schema of the search_path in which this role may create.
 */
#include <stdio.h>
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { NAME_BYTES = 63 };

struct setting {
	const char *schema; /* NULL: bare */
	const char *table;
};

static struct setting
split_setting(struct arena *arena, const char *text)
{
	const char *dot = strchr(text, '.');

	if (dot == NULL)
		return (struct setting){.table = arena_str(arena, text)};
	return (struct setting){.schema = arena_span(arena, span_of(text, (size_t)(dot - text))),
				.table = arena_str(arena, dot + 1)};
}

/* idx_<table>_<what>, cut within the table's part where PostgreSQL would cut off the end: the names
 * of the four indexes must stay different. */
static const char *
index_name(struct target_pg *t, const char *table, const char *what)
{
	size_t room = NAME_BYTES - strlen("idx__") - strlen(what), len = strlen(table);

	if (len > room) {
		len = room;
		while (len > 0 && ((unsigned char)table[len] & 0xC0) == 0x80)
			len--;
	}
	const char *name = arena_printf(&t->arena, "idx_%.*s_%s", (int)len, table, what);
	return pg_quote(t->conn, &t->arena, NULL, name);
}

static const char *
beside(struct target_pg *t, const char *name)
{
	return pg_quote(t->conn, &t->arena, t->names.schema, name);
}

static void
quote_names(struct target_pg *t, const char *holder_schema)
{
	struct own_names *n = &t->names;

	n->ledger = beside(t, n->table);
	n->fence = beside(t, "confiture_fence");
	n->step = beside(t, "confiture_step");
	n->mark = beside(t, "confiture_mark");
	n->structure = beside(t, "confiture_structure");
	n->holder = holder_schema == NULL
			    ? NULL
			    : pg_quote(t->conn, &t->arena, holder_schema, "confiture_lock_holder");
	n->index_pk = index_name(t, n->table, "pk_confiture");
	n->index_slug = index_name(t, n->table, "slug");
	n->index_version = index_name(t, n->table, "version");
	n->index_applied_at = index_name(t, n->table, "applied_at");
}

static void
take_facts(struct target_pg *t, const struct setting *setting, const struct pg_rows *rows)
{
	const char *table = pg_rows_text(rows, 0, 1);
	const char *holder = pg_rows_text(rows, 0, 6);

	t->names = (struct own_names){
		.present = table != NULL,
		.schema = arena_str(&t->arena, pg_rows_text(rows, 0, 0)),
		.table = arena_str(&t->arena, table ? table : setting->table),
		.has_applied_by = pg_rows_bool(rows, 0, 2),
		.has_fence = pg_rows_bool(rows, 0, 3),
		.has_step = pg_rows_bool(rows, 0, 4),
		.has_mark = pg_rows_bool(rows, 0, 5),
		.has_holder = holder != NULL,
		.schema_exists = pg_rows_bool(rows, 0, 8),
		.has_coordinator = pg_rows_bool(rows, 0, 9),
	};
	quote_names(t, holder ? holder : pg_rows_text(rows, 0, 7));
}

/* As it was at the start, since a file that runs outside a transaction may have changed both. With
 * `look` its rows are wanted, under the guard's search_path again; else those of names_find. */
static bool
find(struct target_pg *t, const struct setting *setting, bool look, struct pg_rows **found,
     struct error *err)
{
	const char *path[] = {t->search_path}, *safe[] = {"pg_catalog, pg_temp"};
	const char *wanted[] = {pg_quote(t->conn, &t->scratch, setting->schema, setting->table)};
	const struct pg_statement all[] = {
		{.sql = target_sql_guard_role},
		{.sql = target_sql_guard},
		{.sql = target_sql_names_path, .count = 1, .values = path},
		{.sql = target_sql_names_find, .count = 1, .values = wanted},
		{.sql = target_sql_names_path, .count = 1, .values = safe},
		{.sql = target_sql_names_look},
		{.sql = target_sql_guard_end},
	};
	size_t first = t->touched ? 0 : 1;

	return own_batch(t, all + first, ARRAY_LEN(all) - first, (look ? 5 : 3) - first, found,
			 err);
}

bool
names_read(struct target_pg *t, struct error *err)
{
	struct setting setting = split_setting(&t->arena, t->setting);
	struct pg_rows *found, *facts;

	if (!find(t, &setting, false, &found, err))
		return false;
	const char *known[] = {pg_rows_text(found, 0, 0), pg_rows_text(found, 0, 1),
			       pg_rows_text(found, 0, 2), setting.schema};
	bool ok = own_run(t, OWN_AS_OWNER, target_sql_names_facts, ARRAY_LEN(known), known, &facts,
			  err);
	pg_rows_free(found);
	if (!ok)
		return false;
	take_facts(t, &setting, facts);
	pg_rows_free(facts);
	return true;
}

bool
names_look(struct target_pg *t, struct error *err)
{
	struct setting setting = split_setting(&t->arena, t->setting);
	struct pg_rows *rows;

	if (!find(t, &setting, true, &rows, err))
		return false;
	const char *schema = pg_rows_text(rows, 0, 0), *table = pg_rows_text(rows, 0, 1);
	bool found = schema != NULL && table != NULL;
	if (found) {
		struct own_names *n = &t->names;
		n->present = true;
		n->schema = arena_str(&t->arena, schema);
		n->table = arena_str(&t->arena, table);
		n->has_fence = pg_rows_bool(rows, 0, 2);
		n->has_step = pg_rows_bool(rows, 0, 3);
		n->has_mark = pg_rows_bool(rows, 0, 4);
		quote_names(t, NULL);
	}
	pg_rows_free(rows);
	/* A table in pg_catalog or pg_temp shows one part; none at all may be one that is no table.
	 */
	return found || names_read(t, err);
}

void
names_created(struct target_pg *t)
{
	struct own_names *n = &t->names;

	n->present = n->has_applied_by = true;
	n->has_fence = n->has_coordinator = n->has_step = n->has_mark = true;
}
