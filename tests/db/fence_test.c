/* The two locks: who holds the runner's lock, who owns the fence, and what becomes of a former run.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/db/open.h"

#include "shared/base/banned.h"

#define LOCK_OF_SEED                                                                               \
	"SELECT pg_advisory_lock(1751936052, (('x' || encode(substring(sha256(current_database()"  \
	"::text::bytea) from 1 for 4), 'hex'))::bit(32)::int4 & 2147483647))"

static void
the_lock_is_the_seeds_and_its_holder_is_named(void)
{
	const char *url = test_database("fence");
	struct pg_session *seed = pg_session_open(url);
	struct target *t = open_target(url, NULL);
	struct lock_state lock;
	struct error err;
	bool held = true;

	REQUIRE(seed != NULL);
	REQUIRE(pg_session_exec(
		seed, "CREATE TABLE confiture_lock_holder (lock_id BIGINT PRIMARY KEY, pid INT, "
		      "hostname TEXT, usename TEXT, command TEXT, acquired_at TIMESTAMPTZ DEFAULT "
		      "now())"));
	REQUIRE(pg_session_exec(seed, LOCK_OF_SEED));
	REQUIRE(pg_session_exec(
		seed, "INSERT INTO confiture_lock_holder SELECT objid, 4711, 'host-9', "
		      "'deployer', 'migrate up' FROM pg_locks WHERE database = (SELECT oid FROM "
		      "pg_database WHERE datname = current_database()) AND locktype = "
		      "'advisory' AND classid = 1751936052"));
	MUST(t->ops->lock_try(t, &held, &err), &err);
	CHECK(!held);
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(!lock.held_by_us);
	CHECK_STR(arena_printf(&test_arena, "%d", lock.backend_pid),
		  pg_session_text(seed, "SELECT pg_backend_pid()"));
	CHECK(lock.has_row);
	CHECK_INT(lock.client_pid, 4711);
	CHECK_STR(lock.hostname, "host-9");
	CHECK_STR(lock.user, "deployer");
	CHECK_STR(lock.command, "migrate up");
	CHECK(lock.held_for_seconds >= 0 && lock.held_for_seconds < 100);
	CHECK_HAS(lock.acquired_at, "+00:00");
	pg_session_close(seed);
	while (!held)
		MUST(t->ops->lock_try(t, &held, &err), &err);
	close_target(t);
}

static void
the_locks_number_is_that_of_the_known_example(void)
{
	struct target *t = open_target(cluster_url("postgres"), NULL);
	struct error err;
	bool held;

	MUST(t->ops->lock_try(t, &held, &err), &err);
	CHECK(held);
	CHECK_STR(pg_query_text(cluster_url("postgres"),
				"SELECT classid || ' ' || objid || ' ' || objsubid || mode FROM "
				"pg_locks l JOIN pg_database d ON d.oid = l.database WHERE datname "
				"= 'postgres' AND locktype = 'advisory'"),
		  "1751936052 692237180 2ExclusiveLock");
	close_target(t);
}

static void
our_own_row_is_written_and_taken_off(void)
{
	const char *url = test_database("fence");
	struct target *t = open_target(url, NULL), *other = open_target(url, NULL);
	struct lock_state lock;
	struct error err;

	prepare_target(t, "job-1");
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(lock.held_by_us);
	MUST(other->ops->lock_read(other, &test_arena, &lock, &err), &err);
	CHECK(!lock.held_by_us && lock.has_row);
	CHECK_INT(lock.backend_pid, t->ops->info(t)->backend_pid);
	CHECK_INT(lock.client_pid, getpid());
	CHECK_STR(lock.command, "migrate up");
	MUST(t->ops->lock_release(t, &err), &err);
	MUST(other->ops->lock_read(other, &test_arena, &lock, &err), &err);
	CHECK(lock.backend_pid == 0 && !lock.has_row && !lock.held_by_us);
	close_target(t);
	close_target(other);
}

static void
a_row_that_an_older_session_left_does_not_name_the_holder(void)
{
	const char *url = test_database("fence");
	struct target *t = open_target(url, NULL);
	struct lock_state lock;
	struct error err;

	prepare_target(t, "job-1");
	close_target(t); /* as if killed: the row stays */
	struct pg_session *seed = pg_session_open(url);
	REQUIRE(seed != NULL && pg_session_exec(seed, LOCK_OF_SEED));
	t = open_target(url, NULL);
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(lock.backend_pid != 0 && !lock.has_row);
	pg_session_close(seed);
	close_target(t);
}

static void
the_holders_table_is_done_without_where_it_may_not_be_had(void)
{
	const char *url = test_database("fence");

	REQUIRE(pg_exec(url,
			"CREATE ROLE modest LOGIN; CREATE SCHEMA app AUTHORIZATION modest; CREATE "
			"TABLE public.confiture_lock_holder (lock_id bigint PRIMARY KEY, pid int, "
			"hostname text, usename text, command text, acquired_at timestamptz)"));
	struct target *t = open_target(cluster_url_as("modest", "fence"), "app.tb_confiture");
	prepare_target(t, "job-1");
	struct lock_state lock;
	struct error err;
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(lock.held_by_us);
	MUST(t->ops->lock_release(t, &err), &err);
	close_target(t);
	CHECK(pg_exec(url, "DROP OWNED BY modest; DROP ROLE modest"));
}

static void *
take_fence(void *arg)
{
	struct target *t = arg;
	struct fence_claim claim = {.journal = "journal-1", .job = "job-2", .attempt = 5};
	struct error err;

	MUST(t->ops->fence_take(t, &claim, &err), &err);
	return NULL;
}

static bool
becomes(const char *url, const char *sql, const char *expected)
{
	for (int i = 0; i < 500; i++) {
		const char *is = pg_query_text(url, sql);

		if (is != NULL && strcmp(is, expected) == 0)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

static void
a_former_run_cannot_begin_step_or_mark_after_a_takeover(void)
{
	const char *url = test_database("fence");
	struct target *former = open_target(url, NULL), *next = open_target(url, NULL);
	struct target_step step = insert_step(1, "001", "first");
	struct statement_mark mark = {.version = "002",
				      .direction = "up",
				      .statement = 1,
				      .sha256 = "00",
				      .job = "job-1"};
	struct error err;
	pthread_t thread;

	prepare_target(former, "job-1");
	MUST(next->ops->ledger_ensure(next, &err), &err);
	MUST(former->ops->begin(former, &err), &err);
	MUST(former->ops->step(former, &step, &err), &err);
	/* The token cannot be taken from under an open transaction: the successor waits. */
	pthread_create(&thread, NULL, take_fence, next);
	CHECK(becomes(url,
		      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
		      "AND wait_event_type = 'Lock'",
		      "1"));
	CHECK_STR(pg_query_text(url, "SELECT token FROM confiture_fence"), "1");
	CHECK_INT(former->ops->commit(former, &err), COMMIT_DONE);
	pthread_join(thread, NULL);
	CHECK_STR(pg_query_text(url, "SELECT token || job || attempt FROM confiture_fence"),
		  "2job-25");
	CHECK(!former->ops->begin(former, &err));
	CHECK_ERROR(&err, E_LOCK_1302, "taken over");
	CHECK(!former->ops->mark_write(former, &mark, &err));
	CHECK_ERROR(&err, E_LOCK_1302, "taken over");
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM confiture_mark"), "0");
	MUST(next->ops->begin(next, &err), &err);
	CHECK_INT(next->ops->commit(next, &err), COMMIT_DONE);
	close_target(former);
	close_target(next);
}

static void
an_idle_former_run_is_ended_and_its_lock_is_free(void)
{
	const char *url = test_database("fence");
	struct target *former = open_target(url, NULL), *next = open_target(url, NULL);
	struct fence_owner owner, wrong;
	struct error err;
	bool held = false;

	prepare_target(former, "job-1");
	MUST(former->ops->begin(former, &err), &err);
	usleep(30 * 1000);
	MUST(next->ops->fence_read(next, &test_arena, &owner, &err), &err);
	CHECK(owner.present && owner.alive && !owner.active && owner.holds_lock);
	CHECK_INT(owner.token, 1);
	CHECK_INT(owner.backend_pid, former->ops->info(former)->backend_pid);
	CHECK_STR(owner.journal, "journal-1");
	CHECK_STR(owner.job, "job-1");
	CHECK_INT(owner.attempt, 1);
	CHECK(owner.idle_ms >= 20 && owner.idle_ms < 20000);
	wrong = owner;
	wrong.backend_start = "2020-01-01 00:00:00+00"; /* a pid that is used again */
	MUST(next->ops->fence_evict(next, &wrong, &err), &err);
	must_run(former, "SELECT 1");
	MUST(next->ops->fence_evict(next, &owner, &err), &err);
	MUST(next->ops->lock_try(next, &held, &err), &err);
	CHECK(held); /* gone means gone: no polling is needed */
	MUST(next->ops->fence_read(next, &test_arena, &owner, &err), &err);
	CHECK(owner.present && !owner.alive && !owner.holds_lock);
	CHECK_INT(former->ops->commit(former, &err), COMMIT_UNKNOWN);
	close_target(former);
	close_target(next);
}

static void *
sleep_long(void *arg)
{
	struct error err;

	(void)!run_sql(arg, "SELECT pg_sleep(60)", &err);
	return NULL;
}

static void
an_active_former_run_is_never_shot(void)
{
	const char *url = test_database("fence");
	struct target *former = open_target(url, NULL), *next = open_target(url, NULL);
	struct fence_owner owner;
	struct error err;
	pthread_t thread;

	prepare_target(former, "job-1");
	pthread_create(&thread, NULL, sleep_long, former);
	CHECK(becomes(url,
		      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
		      "AND wait_event = 'PgSleep'",
		      "1"));
	MUST(next->ops->fence_read(next, &test_arena, &owner, &err), &err);
	CHECK(owner.alive && owner.active && owner.holds_lock);
	CHECK_INT(owner.idle_ms, 0);
	MUST(next->ops->fence_evict(next, &owner, &err), &err);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
				     "current_database() AND wait_event = "
				     "'PgSleep'"),
		  "1");
	MUST(former->ops->cancel(former, &err), &err);
	pthread_join(thread, NULL);
	must_run(former, "SELECT 1");
	close_target(former);
	close_target(next);
}

static void
a_session_of_another_program_is_not_taken_for_a_former_run(void)
{
	const char *url = test_database("fence");
	struct target *former = open_as(url, NULL, "psql"), *next = open_target(url, NULL);
	struct fence_owner owner;
	struct error err;

	prepare_target(former, "job-1");
	MUST(next->ops->fence_read(next, &test_arena, &owner, &err), &err);
	CHECK(owner.present && !owner.alive);
	MUST(next->ops->fence_evict(next, &owner, &err), &err);
	must_run(former, "SELECT 1");
	close_target(former);
	close_target(next);
}

static void
a_role_that_may_not_end_the_former_run_is_told_so(void)
{
	const char *url = test_database("fence");

	REQUIRE(pg_exec(url,
			"CREATE ROLE watcher LOGIN; GRANT pg_read_all_stats TO watcher; GRANT ALL "
			"ON SCHEMA public TO watcher"));
	struct target *former = open_target(url, NULL);
	struct fence_owner owner;
	struct error err;
	prepare_target(former, "job-1");
	REQUIRE(pg_exec(url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO watcher"));
	struct target *next = open_target(cluster_url_as("watcher", "fence"), NULL);
	MUST(next->ops->fence_read(next, &test_arena, &owner, &err), &err);
	CHECK(owner.alive && !owner.active);
	CHECK(!next->ops->fence_evict(next, &owner, &err));
	CHECK_ERROR(&err, E_TARGET_003, NULL);
	must_run(former, "SELECT 1");
	close_target(former);
	close_target(next);
	CHECK(pg_exec(url, "DROP OWNED BY watcher; DROP ROLE watcher"));
}

/* ---- whose database it is ---- */
static struct fence_owner
taken_by(struct target *t, const char *journal, const char *coordinator)
{
	struct fence_claim claim = {
		.journal = journal, .job = "job-1", .attempt = 1, .coordinator = coordinator};
	struct fence_owner owner;
	struct error err;

	MUST(t->ops->ledger_ensure(t, &err), &err);
	MUST(t->ops->fence_take(t, &claim, &err), &err);
	MUST(t->ops->fence_read(t, &test_arena, &owner, &err), &err);
	CHECK_STR(owner.journal, journal);
	return owner;
}

static void
a_database_stays_its_coordinators_until_another_one_takes_it(void)
{
	const char *url = test_database("fence");
	struct target *t = open_target(url, NULL);

	CHECK_STR(taken_by(t, "mine", NULL).coordinator, NULL);
	CHECK_STR(taken_by(t, "a", "a").coordinator, "a");
	CHECK_STR(taken_by(t, "mine", NULL).coordinator, "a");
	CHECK_STR(taken_by(t, "b", "b").coordinator, "b");
	close_target(t);
}

static void
a_fence_from_before_there_were_coordinators_is_read_and_gets_its_column(void)
{
	const char *url = test_database("fence");
	struct target *t = open_target(url, NULL);
	struct fence_owner owner;
	struct error err;

	prepare_target(t, "job-1");
	close_target(t);
	REQUIRE(pg_exec(url, "ALTER TABLE confiture_fence DROP COLUMN coordinator"));
	t = open_target(url, NULL);
	MUST(t->ops->fence_read(t, &test_arena, &owner, &err), &err);
	CHECK(owner.present);
	CHECK_STR(owner.coordinator, NULL);
	CHECK_STR(taken_by(t, "a", "a").coordinator, "a");
	close_target(t);
}

static void
marks_are_kept_until_the_migration_is_settled(void)
{
	const char *url = test_database("fence");
	struct target *t = open_target(url, NULL);
	struct statement_mark mark = {.version = "001",
				      .direction = "up",
				      .statement = 1,
				      .sha256 = "s1",
				      .state = MARK_STARTED,
				      .job = "job-1"};
	static const char *const nothing[] = {NULL};
	struct statement_mark *marks;
	const char **versions;
	size_t count;
	struct error err;

	MUST(t->ops->marks_list(t, &test_arena, &versions, &count, &err), &err);
	CHECK_INT(count, 0);
	prepare_target(t, "job-1");
	MUST(t->ops->mark_write(t, &mark, &err), &err);
	mark.state = MARK_DONE;
	MUST(t->ops->mark_write(t, &mark, &err), &err);
	mark.statement = 2;
	mark.state = MARK_STARTED;
	MUST(t->ops->begin(t, &err), &err);
	MUST(t->ops->mark_write(t, &mark, &err), &err);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	MUST(t->ops->marks_read(t, &test_arena, "001", "up", &marks, &count, &err), &err);
	REQUIRE(count == 2);
	CHECK_INT(marks[0].statement, 1);
	CHECK_INT(marks[0].state, MARK_DONE);
	CHECK_STR(marks[0].sha256, "s1");
	CHECK_STR(marks[0].job, "job-1");
	CHECK_INT(marks[1].state, MARK_STARTED);
	MUST(t->ops->marks_read(t, &test_arena, "001", "down", &marks, &count, &err), &err);
	CHECK_INT(count, 0);
	MUST(t->ops->marks_list(t, &test_arena, &versions, &count, &err), &err);
	REQUIRE(count == 1);
	CHECK_STR(versions[0], "001");
	apply(t, 1, "001", nothing);
	MUST(t->ops->marks_list(t, &test_arena, &versions, &count, &err), &err);
	CHECK_INT(count, 0);
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(the_lock_is_the_seeds_and_its_holder_is_named),
		CASE(the_locks_number_is_that_of_the_known_example),
		CASE(our_own_row_is_written_and_taken_off),
		CASE(a_row_that_an_older_session_left_does_not_name_the_holder),
		CASE(the_holders_table_is_done_without_where_it_may_not_be_had),
		CASE(a_former_run_cannot_begin_step_or_mark_after_a_takeover),
		CASE(an_idle_former_run_is_ended_and_its_lock_is_free),
		CASE(an_active_former_run_is_never_shot),
		CASE(a_session_of_another_program_is_not_taken_for_a_former_run),
		CASE(a_role_that_may_not_end_the_former_run_is_told_so),
		CASE(a_database_stays_its_coordinators_until_another_one_takes_it),
		CASE(a_fence_from_before_there_were_coordinators_is_read_and_gets_its_column),
		CASE(marks_are_kept_until_the_migration_is_settled),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/fence", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
