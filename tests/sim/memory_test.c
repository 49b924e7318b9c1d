/* The in-memory server by itself, on real threads: what the differential test cannot see, because a
 * real server cannot be cut or stopped at a chosen operation. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/target_memory.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char URL[] = "memory://here/app";

static struct memory_server *server;
static struct memory_db *db;
static struct target_factory *factory;
static struct arena arena;

static struct target *
open_session(const char *application)
{
	struct target_spec spec = {.url = secret_of(URL), .application_name = application};
	struct target *t = NULL;
	struct error err;

	REQUIRE(factory->open(factory, &spec, &t, &err));
	return t;
}

static void
up(void)
{
	arena_init(&arena);
	server = memory_server_new(runtime_system());
	db = memory_server_database(server, "app");
	factory = memory_factory_new("worker", 4711, NULL);
	memory_factory_route(factory, URL, server, "app");
}

static void
down(void)
{
	memory_server_stop(server);
	memory_server_free(server);
	memory_factory_free(factory);
	arena_fini(&arena);
}

static bool
run(struct target *t, const char *sql, struct error *err)
{
	struct run_result r;

	return t->ops->run(t, span_str(sql), NULL, NULL, &arena, &r, err);
}

static void
must_run(struct target *t, const char *sql)
{
	struct error err;
	bool ok = run(t, sql, &err);

	if (!ok)
		fprintf(stderr, "  %s: %s: %s\n", sql, err.message, err.cause);
	REQUIRE(ok);
}

/* Lock, tables, token. */
static void
prepare(struct target *t, const char *job)
{
	struct fence_claim claim = {.journal = "j", .job = job, .attempt = 1};
	struct error err;
	bool held = false;

	REQUIRE(t->ops->lock_try(t, &held, &err) && held);
	REQUIRE(t->ops->ledger_ensure(t, &err));
	REQUIRE(t->ops->fence_take(t, &claim, &err));
}

static const struct target_step first = {.number = 1,
					 .planned = 1,
					 .action = "up",
					 .version = "001",
					 .change = LEDGER_INSERT,
					 .name = "first",
					 .execution_time_ms = INT64_MIN};

/* ---- faults at one operation ---- */

struct fault {
	enum memory_operation operation;
	bool after;
	enum memory_fate fate;
	bool done;
};

static enum memory_fate
strike(void *self, const struct memory_point *point)
{
	struct fault *f = self;

	if (f->done || point->operation != f->operation || point->after != f->after)
		return MEMORY_GO_ON;
	f->done = true;
	return f->fate;
}

static void
set_fault(struct fault *f)
{
	memory_server_hooks(server, &(struct memory_hooks){.client = strike, .self = f});
}

static void
migrate_until_commit(struct target *t)
{
	struct error err;

	prepare(t, "job-1");
	REQUIRE(t->ops->begin(t, &err));
	must_run(t, "UPDATE counter SET n = n + 1 WHERE id = 'v1'");
	REQUIRE(t->ops->step(t, &first, &err));
}

/* Every way to lose the connection at COMMIT: unknown to the client, one or nothing in the
 * database, and never a lock that stays. */
static void
a_connection_cut_at_commit_is_unknown_and_all_or_nothing(void)
{
	static const struct {
		bool after;
		enum memory_fate fate;
		int64_t committed;
		bool stays; /* its backend, idle */
	} table[] = {
		{false, MEMORY_CUT, 0, false},
		{false, MEMORY_CUT_SENT, 1, false},
		{true, MEMORY_CUT, 1, false},
		{false, MEMORY_HALF_OPEN, 0, true},
		{false, MEMORY_HALF_OPEN_SENT, 1, true},
		{true, MEMORY_HALF_OPEN, 1, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct fault fault = {MEMORY_commit, table[i].after, table[i].fate, false};
		struct run_result r;
		struct error err;

		up();
		REQUIRE(memory_db_run(db, "CREATE TABLE counter (id text PRIMARY KEY, n bigint)",
				      &arena, &r, &err));
		REQUIRE(memory_db_run(db, "INSERT INTO counter VALUES ('v1', 0)", &arena, &r,
				      &err));
		set_fault(&fault);
		struct target *t = open_session("confiture job-1");
		migrate_until_commit(t);
		CHECK_INT(t->ops->commit(t, &err), COMMIT_UNKNOWN);
		CHECK(error_is(&err, E_JOB_003));
		CHECK(!run(t, "SELECT 1", &err) && error_is(&err, E_TARGET_005));
		CHECK_INT(t->ops->commit(t, &err), COMMIT_ROLLED_BACK); /* it was never sent */
		struct target *next = open_session("confiture job-2");
		bool held = false;
		/* The old backend is waited for where it will end by itself. */
		while (!table[i].stays && !held)
			REQUIRE(next->ops->lock_try(next, &held, &err));
		struct fence_owner owner;
		REQUIRE(next->ops->fence_read(next, &arena, &owner, &err));
		while (owner.active)
			REQUIRE(next->ops->fence_read(next, &arena, &owner, &err));
		CHECK_INT(owner.alive, table[i].stays);
		CHECK_INT(owner.holds_lock, table[i].stays);
		REQUIRE(next->ops->fence_evict(next, &owner, &err));
		REQUIRE(next->ops->lock_try(next, &held, &err));
		CHECK(held);
		CHECK_INT(memory_db_number(db, "counter", "v1"), table[i].committed);
		struct ledger_row *rows;
		CHECK_INT(memory_db_ledger(db, &arena, NULL, &rows), table[i].committed);
		next->ops->close(next);
		t->ops->close(t);
		down();
	}
}

static void
a_late_run_is_fenced(void)
{
	struct error err;

	up();
	struct target *old = open_session("confiture job-1"),
		      *new = open_session("confiture job-2");
	prepare(old, "job-1");
	REQUIRE(old->ops->lock_release(old, &err));
	prepare(new, "job-2");
	CHECK(!old->ops->begin(old, &err) && error_is(&err, E_LOCK_1302));
	struct statement_mark mark = {
		.version = "001", .direction = "up", .statement = 1, .sha256 = "x", .job = "job-1"};
	CHECK(!old->ops->mark_write(old, &mark, &err) && error_is(&err, E_LOCK_1302));
	CHECK_INT(memory_db_token(db), 2);
	old->ops->close(old);
	new->ops->close(new);
	down();
}

/* ---- statements outside transactions, cut between their parts ---- */

struct at_phase {
	const char *phase;
	int pid;
};

static void
kill_at_phase(void *self, const struct memory_point *point)
{
	struct at_phase *p = self;

	if (point->phase != NULL && strcmp(point->phase, p->phase) == 0)
		(void)memory_backend_terminate(server, point->backend_pid);
}

static void
a_concurrent_statement_leaves_what_postgresql_leaves(void)
{
	static const struct {
		const char *sql, *phase;
		enum index_state i, new_one, old_one;
	} table[] = {
		{"CREATE INDEX CONCURRENTLY i ON t (n)", "building", INDEX_INVALID, 0, 0},
		{"CREATE INDEX CONCURRENTLY i ON t (n)", "built", INDEX_INVALID, 0, 0},
		{"DROP INDEX CONCURRENTLY i", "invalidated", INDEX_INVALID, 0, 0},
		{"DROP INDEX CONCURRENTLY i", "dead", INDEX_INVALID, 0, 0},
		{"REINDEX INDEX CONCURRENTLY i", "building", INDEX_VALID, INDEX_INVALID, 0},
		{"REINDEX INDEX CONCURRENTLY i", "swapped", INDEX_VALID, 0, INDEX_INVALID},
		{"REINDEX INDEX CONCURRENTLY i", "dead", INDEX_VALID, 0, INDEX_INVALID},
		{"REINDEX INDEX CONCURRENTLY i", "never", INDEX_VALID, 0, 0},
		{"DROP INDEX CONCURRENTLY i", "never", INDEX_ABSENT, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct at_phase at = {.phase = table[i].phase};
		struct error err;

		up();
		struct target *t = open_session("confiture");
		must_run(t, "CREATE TABLE t (id text PRIMARY KEY, n bigint)");
		if (strncmp(table[i].sql, "CREATE", 6) != 0)
			must_run(t, "CREATE INDEX i ON t (n)");
		memory_server_hooks(server,
				    &(struct memory_hooks){.server = kill_at_phase, .self = &at});
		bool ok = run(t, table[i].sql, &err);
		CHECK_INT(ok, strcmp(table[i].phase, "never") == 0);
		if (!ok)
			CHECK(error_is(&err, E_TARGET_005));
		CHECK_INT(memory_db_index(db, "i"), table[i].i);
		CHECK_INT(memory_db_index(db, "i_ccnew"), table[i].new_one);
		CHECK_INT(memory_db_index(db, "i_ccold"), table[i].old_one);
		t->ops->close(t);
		down();
	}
}

/* ---- processes and servers ---- */

static void
what_a_dead_process_held_is_free_when_the_server_notices(void)
{
	struct run_result r;
	struct error err;
	bool held = false;

	up();
	struct target *t = open_session("confiture job-1");
	must_run(t, "CREATE TABLE counter (id text PRIMARY KEY, n bigint)");
	must_run(t, "INSERT INTO counter VALUES ('v1', 0)");
	migrate_until_commit(t);
	memory_process_gone(server, "worker", true); /* its machine froze: nobody is told */
	t = open_session("confiture job-2");
	REQUIRE(t->ops->lock_try(t, &held, &err));
	CHECK(!held);
	int pid = memory_db_lock_holder(db);
	CHECK(pid != 0);
	CHECK(memory_backend_terminate(server, pid));
	while (!held)
		REQUIRE(t->ops->lock_try(t, &held, &err));
	REQUIRE(memory_db_run(db, "UPDATE counter SET n = n + 5 WHERE id = 'v1'", &arena, &r,
			      &err));
	CHECK_INT(memory_db_number(db, "counter", "v1"), 5);
	down();
}

static void
a_server_that_crashes_undoes_and_says_so(void)
{
	struct target_spec spec = {.url = secret_of(URL)};
	struct target *other = NULL;
	struct error err;

	up();
	struct target *t = open_session("confiture");
	must_run(t, "CREATE TABLE t (id text PRIMARY KEY, n bigint)");
	REQUIRE(t->ops->begin(t, &err));
	must_run(t, "INSERT INTO t VALUES ('a', 1)");
	memory_server_state(server, MEMORY_STARTING);
	memory_server_crash(server);
	CHECK(!factory->open(factory, &spec, &other, &err));
	CHECK(error_is(&err, E_CONFIG_006) && err.retryable);
	CHECK_STR(err.sqlstate, "57P03");
	CHECK(!run(t, "SELECT 1", &err) && error_is(&err, E_TARGET_005) && err.retryable);
	memory_server_state(server, MEMORY_UP);
	CHECK_INT(memory_db_number(db, "t", "a"), INT64_MIN);
	CHECK(memory_db_has_table(db, "t"));
	t->ops->close(t);
	down();
}

static void
commits_are_told_with_who_made_them(void)
{
	const struct memory_commit *commits;
	struct error err;

	up();
	struct target *t = open_session("confiture job-1");
	must_run(t, "CREATE TABLE counter (id text PRIMARY KEY, n bigint)");
	must_run(t, "INSERT INTO counter VALUES ('v1', 0)");
	migrate_until_commit(t);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	size_t count = memory_db_commits(db, &commits);
	REQUIRE(count > 0);
	const struct memory_commit *last = &commits[count - 1];
	CHECK_INT(last->number, count);
	CHECK_STR(last->process, "worker");
	CHECK_STR(last->job, "job-1");
	CHECK_INT(last->attempt, 1);
	CHECK_INT(last->token, 1);
	REQUIRE(last->step != NULL);
	CHECK_STR(last->step->version, "001");
	REQUIRE(last->change_count == 3);
	CHECK_STR(last->changes[0].record, "row counter/v1");
	CHECK_STR(last->changes[0].value, "1");
	CHECK_STR(last->changes[1].record, "ledger tb_confiture/001");
	CHECK_STR(last->changes[2].record, "step job-1/1/1");
	CHECK_STR(last->changes[2].value, "up 001");
	t->ops->close(t);
	down();
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_connection_cut_at_commit_is_unknown_and_all_or_nothing),
		CASE(a_late_run_is_fenced),
		CASE(a_concurrent_statement_leaves_what_postgresql_leaves),
		CASE(what_a_dead_process_held_is_free_when_the_server_notices),
		CASE(a_server_that_crashes_undoes_and_says_so),
		CASE(commits_are_told_with_who_made_them),
	};

	return unit_main("sim/memory", cases, ARRAY_LEN(cases), argc, argv);
}
