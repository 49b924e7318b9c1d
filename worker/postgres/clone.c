/*
 * A copy of a database on its own server, by CREATE DATABASE … TEMPLATE: rows, sizes and statistics
 * are the source's own. Its name holds the pid and start of the session that made it; that session
 * lives as long as the copy, so a copy without it is a left-over and is dropped by the next run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/postgres/scratch.h"
#include "target_sql.h"

#include "shared/base/banned.h"

static bool
script(struct pg_conn *c, const char *before, const char *name, const char *after,
       struct arena *arena, struct error *err)
{
	const char *sql =
		arena_printf(arena, "%s %s %s", before, pg_quote(c, arena, NULL, name), after);

	return pg_script(c, sql, err);
}

static bool
query(struct pg_conn *c, const char *sql, struct pg_rows **rows, struct error *err)
{
	struct pg_statement statement = {.sql = sql};

	return pg_batch(c, &statement, 1, 0, rows, err);
}

/* Copies whose maker is gone. What cannot be dropped (no right to, somebody looks at it) stays. */
static void
drop_left_overs(struct pg_conn *c, struct arena *arena)
{
	struct pg_rows *rows;

	if (!query(c, target_sql_clone_leftovers, &rows, NULL))
		return;
	for (size_t i = 0; i < pg_rows_count(rows); i++)
		(void)!script(c, "DROP DATABASE IF EXISTS", pg_rows_text(rows, i, 0), "", arena,
			      NULL);
	pg_rows_free(rows);
}

static bool
choose_name(struct scratch *s, struct error *err)
{
	struct pg_rows *rows;

	if (!query(s->admin, target_sql_clone_name, &rows, err))
		return false;
	snprintf(s->name, sizeof(s->name), "%s", pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	return true;
}

static bool
explain(struct error *err, const char *source)
{
	bool in_use = strcmp(err->sqlstate, "55006") == 0;
	bool no_right = strcmp(err->sqlstate, "42501") == 0;

	error_wrap(err, "cannot clone database %s", source);
	if (in_use)
		error_hint(err, "nobody else may be connected to a database while it is cloned; "
				"without that:\nconfiture migrate preflight --throwaway");
	else if (no_right)
		error_hint(err, "ALTER ROLE <your role> CREATEDB;\nconfiture migrate preflight "
				"--throwaway");
	return false;
}

bool
clone_make(struct scratch *s, const struct target_spec *source, struct arena *arena,
	   struct target_spec *spec, struct error *err)
{
	struct pg_rows *rows;

	if (!query(s->admin, target_sql_clone_source, &rows, err))
		return false;
	const char *from = arena_str(arena, pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	drop_left_overs(s->admin, arena);
	if (!choose_name(s, err))
		return false;
	const char *template_of =
		arena_printf(arena, "TEMPLATE %s%s", pg_quote(s->admin, arena, NULL, from),
			     /* FILE_COPY forces checkpoints on everybody */
			     pg_server_version_num(s->admin) >= 150000 ? " STRATEGY WAL_LOG" : "");
	if (!script(s->admin, "CREATE DATABASE", s->name, template_of, arena, err))
		return explain(err, from);
	*spec = *source;
	spec->database = arena_str(arena, s->name);
	return true;
}

void
clone_drop(struct scratch *s)
{
	struct arena arena;

	if (s->name[0] == '\0')
		return;
	arena_init(&arena);
	(void)!script(s->admin, "DROP DATABASE IF EXISTS", s->name,
		      pg_server_version_num(s->admin) >= 130000 ? "WITH (FORCE)" : "", &arena,
		      NULL);
	arena_fini(&arena);
}
