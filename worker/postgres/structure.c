/*
 * The structure as the role sees it that the session was opened with. The reading lies in a
 * transaction of its own, or in a savepoint that is rolled back: role, search_path, settings and
 * locks are as before, whatever came of it.
 */
#include "target_sql.h"
#include "worker/catalog/catalog.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

#define BACK "ROLLBACK TO SAVEPOINT confiture_structure; RELEASE SAVEPOINT confiture_structure"

static bool
refused(struct target_pg *t, struct error *err)
{
	own_failed(t, err);
	return error_wrap(err, "reading the structure of %s", t->info.place);
}

/* As the session was at its start. */
static bool
stand_as_opened(struct target_pg *t, struct error *err)
{
	const char *path[] = {t->search_path};
	const struct pg_statement batch[] = {
		{.sql = target_sql_guard_role},
		{.sql = target_sql_reading_patience},
		{.sql = target_sql_names_path, .count = 1, .values = path},
	};

	return own_batch(t, batch, ARRAY_LEN(batch), 0, NULL, err);
}

static bool
read_inside(struct target_pg *t, struct schema_pool *pool, struct schema_model **out,
	    struct error *err)
{
	struct catalog_own own;

	if (!stand_as_opened(t, err) ||
	    !catalog_own_tables(t->conn, t->setting, &t->scratch, &own, err))
		return refused(t, err);
	bool ok = catalog_read(t->conn, &own.options, pool, out, err);
	arena_reset(&t->scratch);
	return ok || own_failed(t, err);
}

bool
structure_read(struct target *target, struct schema_pool *pool, struct schema_model **out,
	       struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	bool inside = pg_transaction(t->conn) != PG_IDLE;
	struct error why = {0};

	if (!pg_script(t->conn,
		       inside ? "SAVEPOINT confiture_structure"
			      : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		       err))
		return refused(t, err);
	bool ok = read_inside(t, pool, out, err);
	bool back = pg_script(t->conn, inside ? BACK : "ROLLBACK", &why);
	if (ok && !back) {
		*err = why;
		return refused(t, err);
	}
	return ok && back;
}

/* ---- what a run recorded ---- */

static bool
there(struct target_pg *t, bool *yes, struct error *err)
{
	const char *values[] = {t->names.structure};
	struct pg_rows *rows;

	*yes = false;
	if (t->names.structure == NULL)
		return true;
	if (!own_run(t, OWN_PLAIN, target_sql_structure_there, 1, values, &rows, err))
		return false;
	*yes = pg_rows_bool(rows, 0, 0);
	pg_rows_free(rows);
	return true;
}

bool
structure_note(struct target *target, const char *fingerprint, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *values[] = {t->names.table, t->token, fingerprint};
	struct pg_rows *rows;
	bool made;

	if (!t->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a fingerprint without a fence");
	if (!there(t, &made, err) ||
	    (!made && !own_run(t, OWN_PLAIN, target_sql_structure_create, 0, NULL, NULL, err)) ||
	    !own_run(t, OWN_PLAIN, target_sql_structure_note, ARRAY_LEN(values), values, &rows,
		     err))
		return false;
	int64_t written = pg_rows_int(rows, 0, 0, 0);
	pg_rows_free(rows);
	if (written == 1)
		return true;
	error_set(err, E_LOCK_1302, "another run has taken over %s", t->info.place);
	return false;
}

bool
structure_noted(struct target *target, struct arena *arena, struct structure_note *out,
		struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_rows *rows;
	bool made;

	*out = (struct structure_note){0};
	if (t->names.structure == NULL && !names_look(t, err))
		return false;
	if (!there(t, &made, err))
		return false;
	if (!made || !t->names.present)
		return true;
	const char *values[] = {t->names.table};
	if (!own_run(t, OWN_PLAIN, target_sql_structure_noted, 1, values, &rows, err))
		return false;
	if (pg_rows_count(rows) == 1)
		*out = (struct structure_note){
			.present = true,
			.fingerprint = arena_str(arena, pg_rows_text(rows, 0, 0)),
			.noted_at = arena_str(arena, pg_rows_text(rows, 0, 1)),
			.current = pg_rows_bool(rows, 0, 2),
		};
	pg_rows_free(rows);
	return true;
}
