/*
 * The fence: one row per ledger with a token that only grows. Whoever took it last owns the
 * database; a former run finds at its next BEGIN that the token is no longer its own. The row also
 * names the backend, so that a run that is stuck can be told from one that works.
 */
#include <stdio.h>
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { GONE_POLLS = 500 }; /* of 20 ms each: fence_gone.sql */

/* A table that another run may have created since we looked. */
static bool
look_for(struct target_pg *t, const bool *has, struct error *err)
{
	return *has || names_look(t, err);
}

bool
fence_read(struct target *target, struct arena *arena, struct fence_owner *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_rows *rows;

	*out = (struct fence_owner){0};
	if (!look_for(t, &t->names.has_fence, err))
		return false;
	if (!t->names.has_fence)
		return true;
	const char *values[] = {t->names.table, t->lock_id};
	if (!own_run(t, OWN_PLAIN, target_sql_fence_read, ARRAY_LEN(values), values, &rows, err))
		return false;
	if (pg_rows_count(rows) == 1) {
		*out = (struct fence_owner){
			.present = true,
			.token = pg_rows_int(rows, 0, 0, 0),
			.backend_pid = (int)pg_rows_int(rows, 0, 1, 0),
			.backend_start = arena_str(arena, pg_rows_text(rows, 0, 2)),
			.journal = arena_str(arena, pg_rows_text(rows, 0, 3)),
			.job = arena_str(arena, pg_rows_text(rows, 0, 4)),
			.attempt = pg_rows_int(rows, 0, 5, 0),
			.alive = pg_rows_bool(rows, 0, 6),
			.active = pg_rows_bool(rows, 0, 7),
			.idle_ms = pg_rows_int(rows, 0, 8, 0),
			.holds_lock = pg_rows_bool(rows, 0, 9),
			.coordinator = arena_str(arena, pg_rows_text(rows, 0, 10)),
		};
	}
	pg_rows_free(rows);
	return true;
}

static bool
wait_until_gone(struct target_pg *t, const char *const values[2], struct error *err)
{
	struct pg_rows *rows;
	bool gone = false;

	for (int i = 0; i < GONE_POLLS && !gone; i++) {
		if (!own_run(t, OWN_PLAIN, target_sql_fence_gone, 2, values, &rows, err))
			return false;
		gone = pg_rows_bool(rows, 0, 0);
		pg_rows_free(rows);
	}
	if (!gone)
		error_set(err, E_LOCK_1303, "backend %s was told to end and has not ended",
			  values[0]);
	return gone;
}

bool
fence_evict(struct target *target, const struct fence_owner *owner, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char pid[16];
	const char *values[] = {pid, owner->backend_start};
	struct pg_rows *rows;

	snprintf(pid, sizeof(pid), "%d", owner->backend_pid);
	if (!own_run(t, OWN_PLAIN, target_sql_fence_evict, ARRAY_LEN(values), values, &rows, err))
		return false;
	size_t told = pg_rows_count(rows);
	pg_rows_free(rows);
	/* None: it is gone, or works again and is not to be shot. */
	return told == 0 || wait_until_gone(t, values, err);
}

bool
fence_take(struct target *target, const struct fence_claim *claim, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char attempt[24];
	struct pg_rows *rows;

	if (!look_for(t, &t->names.has_fence, err))
		return false;
	if (!t->names.has_fence)
		return error_set(err, E_INTERNAL_ERROR, "a fence before its table");
	const char *values[] = {t->names.table, claim->journal, claim->job, attempt,
				claim->coordinator};
	snprintf(attempt, sizeof(attempt), "%lld", (long long)claim->attempt);
	if (!own_run(t, OWN_PLAIN, target_sql_fence_take, ARRAY_LEN(values), values, &rows, err))
		return false;
	snprintf(t->token, sizeof(t->token), "%s", pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	t->claimed = true;
	t->claim = (struct fence_claim){.journal = arena_str(&t->arena, claim->journal),
					.job = arena_str(&t->arena, claim->job),
					.attempt = claim->attempt,
					.coordinator = arena_str(&t->arena, claim->coordinator)};
	return true;
}

bool
steps_of(struct target *target, const char *job, int64_t attempt, int64_t *committed,
	 int64_t *planned, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char number[24];
	const char *values[] = {job, number};
	struct pg_rows *rows;

	*committed = *planned = 0;
	if (!look_for(t, &t->names.has_step, err))
		return false;
	if (!t->names.has_step)
		return true;
	snprintf(number, sizeof(number), "%lld", (long long)attempt);
	if (!own_run(t, OWN_PLAIN, target_sql_steps_of, ARRAY_LEN(values), values, &rows, err))
		return false;
	*committed = pg_rows_int(rows, 0, 0, 0);
	*planned = pg_rows_int(rows, 0, 1, 0);
	pg_rows_free(rows);
	return true;
}

bool
versions_of(struct target *target, struct arena *arena, const char *job, const char ***versions,
	    size_t *count, struct error *err)
{
	struct target_pg *t = target_pg_of(target);

	*versions = NULL;
	*count = 0;
	if (!look_for(t, &t->names.has_step, err))
		return false;
	if (!t->names.has_step)
		return true;
	const char *values[] = {job, t->names.table};
	return own_texts(t, target_sql_versions_of, ARRAY_LEN(values), values, arena, versions,
			 count, err);
}
