/*
 * The runner's lock is the Python confiture's session advisory lock: (1751936052, first four bytes
 * of SHA-256 of the database's name). It is only ever tried for, never waited for on the server: a
 * waiting statement holds a snapshot that a concurrent index build of the holder would wait for.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

bool
lock_try(struct target *target, bool *held, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *values[] = {t->lock_id, t->nameless_idle};
	struct pg_rows *rows;

	if (!own_run(t, OWN_PLAIN, target_sql_lock_try, ARRAY_LEN(values), values, &rows, err))
		return false;
	*held = pg_rows_bool(rows, 0, 0);
	int64_t pid = pg_rows_int(rows, 0, 1, 0);
	pg_rows_free(rows);
	return session_is_ours(t, pid, err);
}

/* The holder's row tells people a name, so its transaction waits for no disk and no standby. With
 * `unlock` the lock goes in the same round trip. */
static bool
write_holder(struct target_pg *t, const char *template, int count, const char *const *values,
	     bool unlock, struct error *err)
{
	const char *lock[] = {t->lock_id};
	struct pg_statement batch[5] = {
		own_statement(t, target_sql_guard_role, 0, NULL),
		own_statement(t, target_sql_guard, 0, NULL),
		own_statement(t, target_sql_holder_unsynced, 0, NULL),
		own_statement(t, template, count, values),
	};

	if (unlock)
		batch[4] = own_statement(t, target_sql_lock_release, 1, lock);
	return own_batch(t, batch, unlock ? 5 : 4, 0, NULL, err);
}

bool
lock_announce(struct target *target, const char *command, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	char host[256] = "", pid[16];

	if (!t->names.has_holder)
		return true;
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	const char *values[] = {t->lock_id, pid, host, command};
	struct error why;
	/* A failure here costs a name in a message; only a lost connection counts. */
	if (write_holder(t, target_sql_holder_write, ARRAY_LEN(values), values, false, &why) ||
	    !pg_lost(t->conn))
		return true;
	*err = why;
	return false;
}

bool
lock_release(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *values[] = {t->lock_id};

	if (t->names.has_holder &&
	    (write_holder(t, target_sql_holder_delete, 1, values, true, err) || pg_lost(t->conn)))
		return !pg_lost(t->conn);
	return own_run(t, OWN_PLAIN, target_sql_lock_release, 1, values, NULL, err);
}

static bool
read_row(struct target_pg *t, struct arena *arena, const char *backend_start,
	 struct lock_state *out, struct error *err)
{
	const char *values[] = {t->lock_id, backend_start};
	struct pg_rows *rows;
	struct error why;

	if (!own_run(t, OWN_PLAIN, target_sql_holder_read, ARRAY_LEN(values), values, &rows,
		     &why)) {
		if (!pg_lost(t->conn))
			return true; /* no right to read it: no name */
		*err = why;
		return false;
	}
	if (pg_rows_count(rows) == 1) {
		out->has_row = true;
		out->client_pid = pg_rows_int(rows, 0, 0, 0);
		out->hostname = arena_str(arena, pg_rows_text(rows, 0, 1));
		out->user = arena_str(arena, pg_rows_text(rows, 0, 2));
		out->command = arena_str(arena, pg_rows_text(rows, 0, 3));
		out->acquired_at = arena_str(arena, pg_rows_text(rows, 0, 4));
		out->held_for_seconds = pg_rows_int(rows, 0, 5, 0);
	}
	pg_rows_free(rows);
	return true;
}

bool
lock_read(struct target *target, struct arena *arena, struct lock_state *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *values[] = {t->lock_id};
	struct pg_rows *rows;
	bool ok = true;

	*out = (struct lock_state){0};
	/* The holder may have created the table since we looked. */
	if (!t->names.has_holder && !names_read(t, err))
		return false;
	if (!own_run(t, OWN_PLAIN, target_sql_lock_read, 1, values, &rows, err))
		return false;
	bool held = pg_rows_count(rows) == 1;
	out->held_by_us = held && pg_rows_bool(rows, 0, 1);
	if (held && !out->held_by_us)
		out->backend_pid = (int)pg_rows_int(rows, 0, 0, 0);
	if (!out->held_by_us && t->names.has_holder)
		ok = read_row(t, arena, held ? pg_rows_text(rows, 0, 2) : NULL, out, err);
	pg_rows_free(rows);
	return ok;
}
