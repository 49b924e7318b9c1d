/*
 * One migration is one transaction: BEGIN with the fence's check, its statements, the step that
 * writes the ledger, COMMIT, and a session put back to what it was. Four round trips of ours, since
 * a thousand small migrations must not be much slower than psql.
 */
#include <stdio.h>
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { PREPARE_AT = 3 }; /* with which transaction */

bool
session_is_ours(struct target_pg *t, int64_t backend_pid, struct error *err)
{
	if (backend_pid == t->info.backend_pid)
		return true;
	error_set(err, E_TARGET_002,
		  "the server process behind %s changed from %d to %lld within one session",
		  t->info.place, t->info.backend_pid, (long long)backend_pid);
	return false;
}

/* Ends what begin() opened, when it may not be used. The first error is the one to tell. */
static bool
give_up(struct target_pg *t)
{
	struct error ignored;

	if (!pg_lost(t->conn) && pg_transaction(t->conn) != PG_IDLE)
		(void)!pg_script(t->conn, "ROLLBACK", &ignored);
	return false;
}

/* A file outside transactions may have changed the role for its next statements, one of which gets
 * a transaction of its own: the fence is checked as ourselves, the statement runs as it wants. */
static size_t
begin_batch(struct target_pg *t, const struct pg_statement *check, struct pg_statement out[5],
	    size_t *wanted)
{
	size_t n = 0;

	out[n++] = (struct pg_statement){.sql = "BEGIN"};
	if (t->touched) {
		out[n++] = (struct pg_statement){.sql = target_sql_role_save};
		out[n++] = (struct pg_statement){.sql = target_sql_guard_role};
	}
	*wanted = n;
	out[n++] = *check;
	if (t->touched)
		out[n++] = (struct pg_statement){.sql = target_sql_role_restore};
	return n;
}

static bool
check_begun(struct target_pg *t, const struct pg_rows *rows, struct error *err)
{
	if (pg_rows_count(rows) == 0) {
		error_set(err, E_LOCK_1302, "another run has taken over %s", t->info.place);
		return false;
	}
	if (!session_is_ours(t, pg_rows_int(rows, 0, 0, 0), err))
		return false;
	snprintf(t->transaction_start, sizeof(t->transaction_start), "%s",
		 pg_rows_text(rows, 0, 1));
	t->begun_again = false;
	return true;
}

/* A prepared statement of ours is gone. A foreign statement may have dropped it: then once more
 * without. When none has run since the last clean(), this is another server process. */
static bool
begin_unprepared(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);

	if (!own_unprepared(t, err))
		return false;
	if (t->touched)
		return transaction_begin(target, err);
	error_set(err, E_TARGET_002,
		  "the server process behind %s changed within one session: it is no longer %d",
		  t->info.place, t->info.backend_pid);
	return false;
}

bool
transaction_begin(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *values[] = {t->names.table, t->token};
	struct pg_statement batch[5], check = {.sql = target_sql_begin_check};
	struct pg_rows *rows;
	size_t wanted;

	if (t->claimed && !t->touched && !t->foreign_prepared && ++t->begun == PREPARE_AT)
		own_prepare(t);
	if (t->claimed)
		check = own_statement(t, target_sql_begin_fenced, ARRAY_LEN(values), values);
	size_t count = begin_batch(t, &check, batch, &wanted);
	if (!own_batch(t, batch, count, wanted, &rows, err)) {
		(void)give_up(t);
		return begin_unprepared(target, err);
	}
	bool ok = check_begun(t, rows, err);
	pg_rows_free(rows);
	return ok || give_up(t);
}

static bool
with_name(struct target *target, const char *verb, const char *name, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *quoted = pg_quote(t->conn, &t->scratch, NULL, name);
	const char *sql = arena_printf(&t->scratch, "%s %s", verb, quoted);
	bool ok = pg_script(t->conn, sql, err);

	arena_reset(&t->scratch);
	return ok || own_failed(t, err);
}

bool
transaction_savepoint(struct target *t, const char *name, struct error *err)
{
	return with_name(t, "SAVEPOINT", name, err);
}

bool
transaction_rollback_to(struct target *t, const char *name, struct error *err)
{
	return with_name(t, "ROLLBACK TO SAVEPOINT", name, err);
}

bool
transaction_release(struct target *t, const char *name, struct error *err)
{
	return with_name(t, "RELEASE SAVEPOINT", name, err);
}

/* By enum ledger_change: the statement, and how many of the values it takes. */
static const struct {
	const char *sql;
	int values;
} steps[] = {
	[LEDGER_NOTHING] = {target_sql_step_nothing, 7},
	[LEDGER_INSERT] = {target_sql_step_insert, 13},
	[LEDGER_DELETE] = {target_sql_step_delete, 7},
	[LEDGER_CHECKSUM] = {target_sql_step_checksum, 8},
};

static const char *
int_or_null(struct arena *arena, int64_t n)
{
	return n == INT64_MIN ? NULL : arena_printf(arena, "%lld", (long long)n);
}

/* A version that is there, or not there, against what was read under the lock. */
static bool
explain_failed_step(const struct target_step *step, struct error *err)
{
	if (err == NULL || strcmp(err->sqlstate, "23505") != 0)
		return false;
	char cause[ERROR_TEXT];

	memcpy(cause, err->cause, sizeof(cause));
	error_set(err, E_MIGR_001, "version %s is in the ledger already: another run wrote it",
		  step->version);
	error_cause(err, "%s", cause);
	error_hint(err, "confiture migrate status");
	return false;
}

bool
transaction_step(struct target *target, const struct target_step *step, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct arena arena;
	struct pg_rows *rows;

	if (!t->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a step without a fence");
	arena_init(&arena);
	const char *values[] = {
		t->names.table,
		t->claim.job,
		int_or_null(&arena, t->claim.attempt),
		int_or_null(&arena, step->number),
		int_or_null(&arena, step->planned),
		step->action,
		step->version,
		step->checksum,
		step->name,
		int_or_null(&arena, step->execution_time_ms),
		step->slug_suffix ? step->slug_suffix : "",
		step->applied_at,
		step->record_user ? "true" : "false",
	};
	bool ok = own_run(t, OWN_AS_OWNER, steps[step->change].sql, steps[step->change].values,
			  values, &rows, err);
	arena_fini(&arena);
	if (!ok)
		return explain_failed_step(step, err);
	int64_t changed = pg_rows_int(rows, 0, 0, 0);
	pg_rows_free(rows);
	if (changed == 1)
		return true;
	error_set(err, E_MIGR_100, "the ledger has no row of version %s", step->version);
	return false;
}

enum commit_result
transaction_commit(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	enum pg_commit fate = pg_commit(t->conn, err);

	t->transaction_start[0] = '\0';
	if (fate == PG_COMMITTED)
		return COMMIT_DONE;
	if (fate == PG_ROLLED_BACK) {
		(void)own_failed(t, err);
		return COMMIT_ROLLED_BACK;
	}
	char cause[ERROR_TEXT] = "";

	if (err != NULL)
		memcpy(cause, err->cause, sizeof(cause));
	error_set(err, E_JOB_003, "the connection to %s was lost while COMMIT was on its way",
		  t->info.place);
	error_cause(err, "%s", cause);
	return COMMIT_UNKNOWN;
}

bool
transaction_rollback(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);

	t->transaction_start[0] = '\0';
	return pg_script(t->conn, "ROLLBACK", err);
}

/*
 * The server's transaction status is known without asking; whether the transaction is another one
 * (COMMIT AND CHAIN, or COMMIT and BEGIN again) is asked only after a statement whose tag says that
 * it may be.
 */
bool
transaction_is_ours(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	enum pg_transaction state = pg_transaction(t->conn);
	struct pg_rows *rows;
	bool same = state != PG_IDLE;

	if (state == PG_OPEN && t->begun_again) {
		const struct pg_statement ask = {.sql = target_sql_begin_check};

		if (!own_batch(t, &ask, 1, 0, &rows, err))
			return false;
		same = strcmp(pg_rows_text(rows, 0, 1), t->transaction_start) == 0;
		pg_rows_free(rows);
		t->begun_again = !same;
	}
	if (same)
		return true;
	error_set(err, E_MIGR_107, "a statement ended the transaction that the migration runs in");
	return false;
}

/*
 * idle_session_timeout is off for our sessions: one that holds the lock sits idle while another
 * works on a scratch copy. idle_in_transaction_session_timeout stays as the role has it: a run that
 * stands still inside a transaction holds locks, and who limits that is right; nothing is lost.
 */
bool
session_clean(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	static const char *const all[] = {
		target_sql_clean_authorization, target_sql_clean_role,
		target_sql_clean_settings,	target_sql_clean_cursors,
		target_sql_clean_prepared,	target_sql_clean_temporary,
		target_sql_clean_sequences,	target_sql_clean_listening,
		target_sql_stay_idle,
	};
	struct pg_statement batch[ARRAY_LEN(all)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		bool refused =
			(all[i] == target_sql_stay_idle && t->info.server_version_num < 140000) ||
			(all[i] == target_sql_clean_listening && t->in_recovery) ||
			(all[i] == target_sql_clean_prepared && !t->foreign_prepared);
		if (!refused)
			batch[count++] = (struct pg_statement){.sql = all[i]};
	}
	t->touched = t->foreign_prepared = false;
	return own_batch(t, batch, count, 0, NULL, err);
}
