/*
 * Marks of statements outside transactions: which of a file's statements were begun and done, so
 * that a run that was cut is taken up where it stopped. They go when the migration is settled, in
 * the transaction of its step (step_*.sql).
 */
#include <stdio.h>
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

static bool
have_marks(struct target_pg *t, struct error *err)
{
	return t->names.has_mark || names_read(t, err);
}

bool
marks_read(struct target *target, struct arena *arena, const char *version, const char *direction,
	   struct statement_mark **out, size_t *count, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_rows *rows;

	*count = 0;
	*out = NULL;
	if (!have_marks(t, err))
		return false;
	if (!t->names.has_mark)
		return true;
	const char *values[] = {t->names.table, version, direction};
	if (!own_run(t, OWN_PLAIN, target_sql_marks_read, ARRAY_LEN(values), values, &rows, err))
		return false;
	*count = pg_rows_count(rows);
	*out = arena_array(arena, *count + 1, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		(*out)[i] = (struct statement_mark){
			.version = arena_str(arena, version),
			.direction = arena_str(arena, direction),
			.statement = (uint32_t)pg_rows_int(rows, i, 0, 0),
			.sha256 = arena_str(arena, pg_rows_text(rows, i, 1)),
			.state = pg_rows_bool(rows, i, 2) ? MARK_DONE : MARK_STARTED,
			.job = arena_str(arena, pg_rows_text(rows, i, 3)),
		};
	}
	pg_rows_free(rows);
	return true;
}

bool
mark_write(struct target *target, const struct statement_mark *mark, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char number[16];
	const char *values[] = {
		t->names.table,
		t->token,
		mark->version,
		mark->direction,
		number,
		mark->sha256,
		mark->state == MARK_DONE ? "true" : "false",
		mark->job,
	};
	struct pg_rows *rows;

	if (!t->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a mark without a fence");
	snprintf(number, sizeof(number), "%u", mark->statement);
	if (!own_run(t, OWN_AS_OWNER, target_sql_mark_write, ARRAY_LEN(values), values, &rows, err))
		return false;
	int64_t written = pg_rows_int(rows, 0, 0, 0);
	pg_rows_free(rows);
	if (written == 1)
		return true;
	error_set(err, E_LOCK_1302, "another run has taken over %s", t->info.place);
	return false;
}

bool
marks_list(struct target *target, struct arena *arena, const char ***versions, size_t *count,
	   struct error *err)
{
	struct target_pg *t = target_pg_of(target);

	*count = 0;
	*versions = NULL;
	if (!have_marks(t, err))
		return false;
	if (!t->names.has_mark)
		return true;
	const char *values[] = {t->names.table};
	return own_texts(t, target_sql_marks_list, ARRAY_LEN(values), values, arena, versions,
			 count, err);
}

bool
mark_clear(struct target *target, const char *version, const char *direction, uint32_t statement,
	   struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char number[16];
	const char *values[] = {t->names.table, t->token, version, direction, number};

	snprintf(number, sizeof(number), "%u", statement);
	return own_run(t, OWN_AS_OWNER, target_sql_mark_clear, ARRAY_LEN(values), values, NULL,
		       err);
}
