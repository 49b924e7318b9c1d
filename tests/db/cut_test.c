/* Lines that break at the worst moment, servers that end, poolers that swap. */
#include <stdio.h>
#include <string.h>

#include "tests/db/open.h"
#include "tests/db/proxy.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

static const char *const one_table[] = {"CREATE TABLE t (a int)", NULL};

/* One migration through the proxy; what commit() says. */
static enum commit_result
apply_through(const char *url, struct error *err)
{
	struct target *t = open_target(url, NULL);
	struct target_step step = insert_step(1, "001", "first");

	prepare_target(t, "job-1");
	MUST(t->ops->begin(t, err), err);
	must_run(t, one_table[0]);
	MUST(t->ops->step(t, &step, err), err);
	enum commit_result fate = t->ops->commit(t, err);
	close_target(t);
	return fate;
}

static void
check_effect(const char *url, const char *expected)
{
	struct target *t = open_target(url, NULL);
	int64_t committed, planned;
	char text[64];
	struct error err;

	MUST(t->ops->steps_of(t, "job-1", 1, &committed, &planned, &err), &err);
	snprintf(text, sizeof(text), "%lld step, %s row, table %s", (long long)committed,
		 pg_query_text(url, "SELECT count(*) FROM tb_confiture"),
		 pg_query_text(url, "SELECT to_regclass('t') IS NOT NULL"));
	CHECK_STR(text, expected);
	close_target(t);
}

static void
a_line_cut_before_commit_arrives_is_unknown_and_has_no_effect(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_CUT_BEFORE_COMMIT);
	struct error err;

	CHECK_INT(apply_through(proxy_url(p, "cut"), &err), COMMIT_UNKNOWN);
	CHECK_ERROR(&err, E_JOB_003, NULL);
	proxy_stop(p);
	check_effect(url, "0 step, 0 row, table f");
}

static void
a_line_cut_after_commit_arrived_is_unknown_and_settled_by_its_step(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_CUT_AFTER_COMMIT);
	struct error err;

	CHECK_INT(apply_through(proxy_url(p, "cut"), &err), COMMIT_UNKNOWN);
	CHECK_ERROR(&err, E_JOB_003, NULL);
	proxy_stop(p);
	check_effect(url, "1 step, 1 row, table t");
}

static void
a_line_that_holds_commits(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_PASS);
	struct error err;

	CHECK_INT(apply_through(proxy_url(p, "cut"), &err), COMMIT_DONE);
	proxy_stop(p);
	check_effect(url, "1 step, 1 row, table t");
}

/* Somewhere within the bytes of COMMIT's message: the server never sees a whole one. */
static void
a_line_cut_within_commit_is_unknown_and_has_no_effect(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_PASS);
	struct error err;

	proxy_cut(p, PROXY_WITHIN_COMMIT, 1);
	CHECK_INT(apply_through(proxy_url(p, "cut"), &err), COMMIT_UNKNOWN);
	CHECK(proxy_has_cut(p));
	CHECK_ERROR(&err, E_JOB_003, NULL);
	proxy_stop(p);
	check_effect(url, "0 step, 0 row, table f");
}

static void
a_line_cut_at_a_byte_is_lost_and_the_next_one_passes(void)
{
	static const enum proxy_cut_at sides[] = {PROXY_AT_CLIENT_BYTE, PROXY_AT_SERVER_BYTE};

	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		(void)test_database("cut");
		struct proxy *p = proxy_start(PROXY_PASS);
		struct target *t = open_target(proxy_url(p, "cut"), NULL);
		struct error err;
		proxy_cut(p, sides[i], 1); /* already past it: at the next byte */
		CHECK(!run_sql(t, "SELECT 1", &err));
		CHECK_ERROR(&err, E_TARGET_005, NULL);
		close_target(t);
		t = open_target(proxy_url(p, "cut"), NULL);
		must_run(t, "SELECT 1");
		close_target(t);
		proxy_stop(p);
	}
}

static void
a_transaction_pooler_is_refused_at_the_door(void)
{
	(void)test_database("cut");
	struct proxy *p = proxy_start(PROXY_POOL);
	struct target_spec spec = {.name = "here", .url = secret_of(proxy_url(p, "cut"))};
	struct target_factory *factory = target_postgres();
	struct target *t;
	struct error err;

	CHECK(!factory->open(factory, &spec, &t, &err));
	CHECK_ERROR(&err, E_TARGET_002, "changed from");
	proxy_stop(p);
}

static void
a_pooler_that_swaps_later_is_found_at_the_next_begin(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_PASS);
	struct target *t = open_target(proxy_url(p, "cut"), NULL);
	struct error err;

	prepare_target(t, "job-1");
	proxy_set(p, PROXY_POOL);
	MUST(t->ops->clean(t, &err), &err);
	CHECK(!t->ops->begin(t, &err));
	CHECK_ERROR(&err, E_TARGET_002, "changed");
	close_target(t);
	proxy_stop(p);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "0");
}

static void
a_pooler_that_swaps_later_is_found_when_the_lock_is_tried(void)
{
	const char *url = test_database("cut");
	struct proxy *p = proxy_start(PROXY_PASS);
	struct target *t = open_target(proxy_url(p, "cut"), NULL);
	struct error err;
	bool held;

	proxy_set(p, PROXY_POOL);
	MUST(t->ops->clean(t, &err), &err);
	CHECK(!t->ops->lock_try(t, &held, &err));
	CHECK_ERROR(&err, E_TARGET_002, "changed from");
	MUST(t->ops->clean(t, &err), &err);
	CHECK(!t->ops->begin(t, &err));
	CHECK_ERROR(&err, E_TARGET_002, "changed from");
	close_target(t);
	proxy_stop(p);
	CHECK_STR(pg_query_text(url, "SELECT to_regclass('tb_confiture')::text"), NULL);
}

static void
an_ended_backend_is_lost_everywhere_and_not_reopened(void)
{
	const char *url = test_database("cut");
	struct target *t = open_target(url, NULL);
	struct target_step step = insert_step(1, "001", "first");
	struct lock_state lock;
	struct ledger ledger;
	struct error err;
	char kill[96];
	bool held;

	prepare_target(t, "job-1");
	MUST(t->ops->begin(t, &err), &err);
	snprintf(kill, sizeof(kill), "SELECT pg_terminate_backend(%d, 5000)",
		 t->ops->info(t)->backend_pid);
	CHECK_STR(pg_query_text(url, kill), "t");
	CHECK(!run_sql(t, "SELECT 1", &err));
	CHECK_ERROR(&err, E_TARGET_005, "terminating connection");
	CHECK(err.retryable);
	CHECK(!t->ops->step(t, &step, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_ROLLED_BACK);
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK(!t->ops->begin(t, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK(!t->ops->lock_try(t, &held, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK(!t->ops->lock_read(t, &test_arena, &lock, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK(!t->ops->ledger_read(t, &test_arena, &ledger, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	CHECK(!t->ops->lock_release(t, &err));
	CHECK(!t->ops->clean(t, &err));
	CHECK(!t->ops->rollback(t, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	close_target(t);
}

static void
a_backend_that_ends_at_commit_is_unknown(void)
{
	const char *url = test_database("cut");
	struct target *t = open_target(url, NULL);
	char kill[96];
	struct error err;

	prepare_target(t, "job-1");
	MUST(t->ops->begin(t, &err), &err);
	snprintf(kill, sizeof(kill), "SELECT pg_terminate_backend(%d, 5000)",
		 t->ops->info(t)->backend_pid);
	CHECK_STR(pg_query_text(url, kill), "t");
	CHECK_INT(t->ops->commit(t, &err), COMMIT_UNKNOWN);
	CHECK_ERROR(&err, E_JOB_003, NULL);
	close_target(t);
}

static void
an_immediate_restart_is_a_lost_connection(void)
{
	const char *url = test_database("cut");
	struct target *t = open_target(url, NULL);
	struct error err;

	prepare_target(t, "job-1");
	REQUIRE(cluster_restart(true));
	CHECK(!t->ops->begin(t, &err));
	CHECK_ERROR(&err, E_TARGET_005, NULL);
	close_target(t);
	t = open_target(url, NULL);
	prepare_target(t, "job-2");
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_line_cut_before_commit_arrives_is_unknown_and_has_no_effect),
		CASE(a_line_cut_after_commit_arrived_is_unknown_and_settled_by_its_step),
		CASE(a_line_that_holds_commits),
		CASE(a_line_cut_within_commit_is_unknown_and_has_no_effect),
		CASE(a_line_cut_at_a_byte_is_lost_and_the_next_one_passes),
		CASE(a_transaction_pooler_is_refused_at_the_door),
		CASE(a_pooler_that_swaps_later_is_found_at_the_next_begin),
		CASE(a_pooler_that_swaps_later_is_found_when_the_lock_is_tried),
		CASE(an_ended_backend_is_lost_everywhere_and_not_reopened),
		CASE(a_backend_that_ends_at_commit_is_unknown),
		CASE(an_immediate_restart_is_a_lost_connection),
	};

	if (!cluster_start_private(NULL))
		return 2;
	int code = unit_main("db/cut", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
