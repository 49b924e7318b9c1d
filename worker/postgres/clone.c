/*
 * A copy of a database on its own server, by CREATE DATABASE … TEMPLATE: rows, sizes and statistics
 * are the source's own. The session that makes it lives as long as the copy.
 */
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/scratch.h"

#include "shared/base/banned.h"

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
	struct pg_statement statement = {.sql = target_sql_clone_source};
	struct pg_rows *rows;

	if (!pg_batch(s->admin, &statement, 1, 0, &rows, err))
		return false;
	const char *from = arena_str(arena, pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	temporary_sweep(s->admin, NULL);
	const char *how =
		arena_printf(arena, "TEMPLATE %s%s", pg_quote(s->admin, arena, NULL, from),
			     /* FILE_COPY forces checkpoints on everybody */
			     pg_server_version_num(s->admin) >= 150000 ? " STRATEGY WAL_LOG" : "");
	if (!temporary_create(s->admin, TEMPORARY_CLONE, 1, how, s->clone, err))
		return explain(err, from);
	*spec = *source;
	spec->database = arena_str(arena, s->clone);
	return true;
}

void
clone_drop(struct scratch *s)
{
	temporary_drop(s->admin, s->clone, NULL);
}
