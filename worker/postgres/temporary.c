/* Databases whose names say which session made them, so that none outlives its maker for long. */
#include "worker/postgres/temporary.h"

#include <stdio.h>
#include <string.h>

#include "target_sql.h"

#include "shared/base/banned.h"

static const char *const kinds[] = {
	[TEMPORARY_CLONE] = "clone",
	[TEMPORARY_SCRATCH] = "scratch",
};

static bool
query(struct pg_conn *c, const char *sql, struct pg_rows **rows, struct error *err)
{
	struct pg_statement statement = {.sql = sql};

	return pg_batch(c, &statement, 1, 0, rows, err);
}

static bool
script(struct pg_conn *c, const char *before, const char *name, const char *after,
       struct error *err)
{
	struct arena arena;

	arena_init(&arena);
	bool ok = pg_script(
		c, arena_printf(&arena, "%s %s %s", before, pg_quote(c, &arena, NULL, name), after),
		err);
	arena_fini(&arena);
	return ok;
}

static void
drop(struct pg_conn *c, const char *name, const char *how, const struct temporary_helper *helper)
{
	struct error err = {0};

	if (!script(c, "DROP DATABASE IF EXISTS", name, how, &err) && helper != NULL &&
	    strcmp(err.sqlstate, "55006") == 0 && helper->free(helper->self, name))
		(void)!script(c, "DROP DATABASE IF EXISTS", name, how, NULL);
}

void
temporary_sweep(struct pg_conn *c, const struct temporary_helper *helper)
{
	struct pg_rows *rows;

	if (!query(c, target_sql_temporary_leftovers, &rows, NULL))
		return;
	for (size_t i = 0; i < pg_rows_count(rows); i++)
		drop(c, pg_rows_text(rows, i, 0), "", helper);
	pg_rows_free(rows);
}

bool
temporary_create(struct pg_conn *c, enum temporary_kind kind, unsigned number, const char *how,
		 char name[TEMPORARY_NAME], struct error *err)
{
	struct pg_rows *rows;

	name[0] = '\0';
	if (!query(c, target_sql_temporary_name, &rows, err))
		return false;
	snprintf(name, TEMPORARY_NAME, "confiture_%s_%s_%u", kinds[kind], pg_rows_text(rows, 0, 0),
		 number);
	pg_rows_free(rows);
	if (script(c, "CREATE DATABASE", name, how, err))
		return true;
	name[0] = '\0';
	return false;
}

void
temporary_drop(struct pg_conn *c, const char *name, const struct temporary_helper *helper)
{
	if (name[0] != '\0')
		drop(c, name, pg_server_version_num(c) >= 130000 ? "WITH (FORCE)" : "", helper);
}
