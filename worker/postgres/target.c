/*
 * The PostgreSQL make of worker/target.h: opens the session, learns what stands behind the address
 * (a standby? a pooler that swaps servers?), and holds the table of operations. The operations
 * themselves are in the files beside it, one per part of that table.
 */
#include "worker/target_postgres.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/digest/digest.h"
#include "target_sql.h"
#include "worker/postgres/scratch.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

static void
target_close(struct target *target)
{
	struct target_pg *t = target_pg_of(target);

	pg_close(t->conn);
	arena_fini(&t->notice_arena);
	arena_fini(&t->scratch);
	arena_fini(&t->arena);
	free(t);
}

static const struct target_info *
target_info(struct target *target)
{
	return &target_pg_of(target)->info;
}

static bool
target_cancel(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);

	atomic_store(&t->cancel_asked, true);
	return pg_cancel(t->conn, err);
}

static const struct target_ops ops = {
	.close = target_close,
	.info = target_info,
	.cancel = target_cancel,
	.lock_try = lock_try,
	.lock_announce = lock_announce,
	.lock_read = lock_read,
	.lock_release = lock_release,
	.ledger_read = ledger_read,
	.ledger_ensure = ledger_ensure,
	.fence_read = fence_read,
	.fence_evict = fence_evict,
	.fence_take = fence_take,
	.steps_of = steps_of,
	.versions_of = versions_of,
	.begin = transaction_begin,
	.savepoint = transaction_savepoint,
	.rollback_to = transaction_rollback_to,
	.release = transaction_release,
	.step = transaction_step,
	.commit = transaction_commit,
	.rollback = transaction_rollback,
	.clean = session_clean,
	.run = statement_run,
	.notices = statement_notices,
	.in_transaction = transaction_is_ours,
	.marks_read = marks_read,
	.mark_write = mark_write,
	.mark_clear = mark_clear,
	.marks_list = marks_list,
	.index_find = index_find,
	.index_drop = index_drop,
	.reindex_leftovers = reindex_leftovers,
	.goal_reached = goal_reached,
	.dependents = object_dependents,
	.structure = structure_read,
	.structure_note = structure_note,
	.structure_noted = structure_noted,
};

/* The Python confiture's key: the first four bytes of the name's SHA-256, without the sign. */
static void
name_lock(struct target_pg *t)
{
	char hex[SHA256_HEX];

	sha256_of(span_str(t->info.database), hex);
	hex[8] = '\0';
	snprintf(t->lock_id, sizeof(t->lock_id), "%lu", strtoul(hex, NULL, 16) & 0x7FFFFFFF);
}

/* Columns of probe.sql. */
static void
take_probe(struct target_pg *t, const struct pg_rows *rows)
{
	t->info = (struct target_info){
		.server_version = arena_str(&t->arena, pg_server_version(t->conn)),
		.server_version_num = pg_server_version_num(t->conn),
		.backend_pid = (int)pg_rows_int(rows, 0, 0, 0),
		.database = arena_str(&t->arena, pg_rows_text(rows, 0, 1)),
		.user = arena_str(&t->arena, pg_rows_text(rows, 0, 2)),
		.read_only = pg_rows_bool(rows, 0, 3),
		.place = arena_str(&t->arena, pg_place(t->conn)),
	};
	t->in_recovery = pg_rows_bool(rows, 0, 4);
	t->search_path = arena_str(&t->arena, pg_rows_text(rows, 0, 5));
	name_lock(t);
}

/* Two round trips, for a pooler that gives each transaction another server shows only between them.
 */
static bool
probe(struct target_pg *t, struct error *err)
{
	struct pg_statement again = {.sql = target_sql_backend_pid};
	struct pg_rows *rows;

	if (!own_run(t, OWN_PLAIN, target_sql_probe, 0, NULL, &rows, err))
		return false;
	take_probe(t, rows);
	pg_rows_free(rows);
	if (t->info.server_version_num < 140000)
		t->nameless_idle[0] = '\0'; /* there is no such setting */
	else
		again.sql = target_sql_stay_idle;
	if (!own_batch(t, &again, 1, 0, &rows, err))
		return false;
	int64_t pid = pg_rows_int(rows, 0, 0, 0);
	pg_rows_free(rows);
	return session_is_ours(t, pid, err);
}

static bool
target_open(struct target_factory *f UNUSED, const struct target_spec *spec, struct target **out,
	    struct error *err)
{
	struct target_pg *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->base.ops = &ops;
	arena_init(&t->arena);
	arena_init(&t->scratch);
	arena_init(&t->notice_arena);
	atomic_init(&t->cancel_asked, false);
	t->setting = arena_str(&t->arena, spec->ledger ? spec->ledger : "tb_confiture");
	if (spec->nameless_idle_ms > 0)
		snprintf(t->nameless_idle, sizeof(t->nameless_idle), "%lld",
			 (long long)spec->nameless_idle_ms);
	const struct pg_open_options options = {
		.application_name = spec->application_name ? spec->application_name : "confiture",
		.database = spec->database,
		.notices = {.take = statement_take_notice, .self = t},
	};
	if (pg_open(spec->url, &options, &t->conn, err) && probe(t, err)) {
		*out = &t->base;
		return true;
	}
	target_close(&t->base);
	return false;
}

struct target_factory *
target_postgres(void)
{
	static struct target_factory factory = {.open = target_open,
						.scratch_open = postgres_scratch_open,
						.scratch_close = postgres_scratch_close};

	return &factory;
}
