/* Statements of migrations: results, errors with positions, COPY data, notices, cancelling. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/db/open.h"

#include "shared/base/banned.h"

static struct target *
fresh(void)
{
	return open_target(test_database("run"), NULL);
}

static void
results_have_tag_rows_and_first_value(void)
{
	static const struct {
		const char *sql, *tag;
		int rows;
		bool has_value;
		const char *value, *type;
	} table[] = {
		{"CREATE TABLE t (a int, b text)", "CREATE TABLE", 0, false, NULL, NULL},
		{"INSERT INTO t SELECT g, 'x' FROM generate_series(1, 5) g", "INSERT", 5, false,
		 NULL, NULL},
		{"UPDATE t SET b = 'y' WHERE a > 3", "UPDATE", 2, false, NULL, NULL},
		{"INSERT INTO t VALUES (6, 'z') RETURNING b, a", "INSERT", 1, true, "z", "text"},
		{"SELECT a::numeric, b FROM t ORDER BY a DESC", "SELECT", 6, true, "6", "numeric"},
		{"SELECT NULL::bool", "SELECT", 1, true, NULL, "bool"},
		{"SELECT 1 WHERE false", "SELECT", 0, false, NULL, NULL},
		{"SELECT 1 FROM generate_series(1, 200000)", "SELECT", 200000, true, "1", "int4"},
		{"COPY t TO STDOUT", "COPY", 6, false, NULL, NULL},
		{"DELETE FROM t;", "DELETE", 6, false, NULL, NULL},
		{"-- only a remark", "", 0, false, NULL, NULL},
	};
	struct target *t = fresh();
	struct run_result r;
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		MUST(t->ops->run(t, span_str(table[i].sql), NULL, NULL, &test_arena, &r, &err),
		     &err);
		CHECK_STR(r.tag, table[i].tag);
		CHECK_INT(r.rows, table[i].rows);
		CHECK_INT(r.has_value, table[i].has_value);
		CHECK_STR(r.value, table[i].value);
		CHECK_STR(r.type, table[i].type);
	}
	close_target(t);
}

static void
a_second_statement_in_the_same_text_is_refused(void)
{
	struct target *t = fresh();
	struct error err;

	CHECK(!run_sql(t, "CREATE TABLE a (x int); CREATE TABLE b (x int)", &err));
	CHECK_STR(err.sqlstate, "42601");
	CHECK_STR(pg_query_text(cluster_url("run"), "SELECT to_regclass('a')::text"), NULL);
	close_target(t);
}

static void
an_error_has_position_state_and_the_servers_words(void)
{
	struct target *t = fresh();
	struct error err;

	CHECK(!run_sql(t, "SELECT 'é ü 日本',\n       1,\n       nonsense_é", &err));
	CHECK_ERROR(&err, E_SQL_700, "column \"nonsense_é\" does not exist");
	CHECK_STR(err.sqlstate, "42703");
	CHECK_INT(err.at.column, 35); /* in characters of the whole statement */
	CHECK(!run_sql(t, "CREATE TABLE x (\n  a int,\n  b intt\n)", &err));
	CHECK_INT(err.at.column, 31);
	CHECK(!run_sql(
		t, "DO $$ BEGIN RAISE 'bad' USING DETAIL = 'the detail', HINT = 'the hint'; END $$",
		&err));
	CHECK_ERROR(&err, E_SQL_700, "bad\nDETAIL: the detail\nHINT: the hint\nCONTEXT: PL/pgSQL");
	CHECK_STR(err.sqlstate, "P0001");
	close_target(t);
}

static void
states_of_the_server_become_codes_of_ours(void)
{
	static const struct {
		const char *state;
		enum error_id id;
		bool retryable;
	} table[] = {
		{"40P01", E_SQL_702, true},	{"40001", E_SQL_702, true},
		{"55P03", E_MIGR_010, true},	{"53100", E_TARGET_004, false},
		{"53200", E_TARGET_004, true},	{"42501", E_TARGET_003, false},
		{"25006", E_TARGET_001, false}, {"57014", E_SQL_700, false},
		{"08006", E_TARGET_005, true},	{"22012", E_SQL_700, false},
		{"53300", E_POOL_1200, true},	{"57P03", E_CONFIG_006, true},
	};
	struct target *t = fresh();
	char sql[128];
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		snprintf(sql, sizeof(sql), "DO $$ BEGIN RAISE 'x' USING ERRCODE = '%s'; END $$",
			 table[i].state);
		CHECK(!run_sql(t, sql, &err));
		CHECK_STR(err.sqlstate, table[i].state);
		CHECK_STR(err.code->name, error_code(table[i].id)->name);
		CHECK_INT(err.retryable, table[i].retryable);
	}
	close_target(t);
}

static void
rights_read_only_and_lock_timeouts_are_told_apart(void)
{
	struct target *t = fresh();
	struct pg_session *holder = pg_session_open(cluster_url("run"));
	struct error err;

	REQUIRE(holder != NULL);
	REQUIRE(pg_session_exec(holder, "CREATE TABLE busy (a int); CREATE ROLE nobody_here"));
	REQUIRE(pg_session_exec(holder, "BEGIN; LOCK TABLE busy"));
	must_run(t, "SET lock_timeout = '50ms'");
	CHECK(!run_sql(t, "ALTER TABLE busy ADD b int", &err));
	CHECK_ERROR(&err, E_MIGR_010, "lock timeout");
	REQUIRE(pg_session_exec(holder, "ROLLBACK"));
	must_run(t, "SET default_transaction_read_only = on");
	CHECK(!run_sql(t, "CREATE TABLE a (x int)", &err));
	CHECK_ERROR(&err, E_TARGET_001, "read-only transaction");
	must_run(t, "RESET default_transaction_read_only");
	must_run(t, "SET ROLE nobody_here");
	CHECK(!run_sql(t, "SELECT * FROM busy", &err));
	CHECK_ERROR(&err, E_TARGET_003, "permission denied for table busy");
	must_run(t, "SET statement_timeout = '20ms'");
	CHECK(!run_sql(t, "SELECT pg_sleep(10)", &err));
	CHECK_ERROR(&err, E_SQL_700, "statement timeout");
	must_run(t, "RESET ROLE");
	REQUIRE(pg_session_exec(holder, "DROP ROLE nobody_here"));
	pg_session_close(holder);
	close_target(t);
}

static void
a_server_that_only_reads_says_so(void)
{
	const char *url = test_database("run");

	REQUIRE(pg_exec(url, "ALTER DATABASE run SET default_transaction_read_only = on"));
	struct target *t = open_target(url, NULL);
	CHECK(t->ops->info(t)->read_only);
	struct error err;
	CHECK(!t->ops->ledger_ensure(t, &err));
	CHECK_ERROR(&err, E_TARGET_001, NULL);
	close_target(t);
	t = open_target(test_database("run"), NULL);
	CHECK(!t->ops->info(t)->read_only);
	CHECK_STR(t->ops->info(t)->database, "run");
	CHECK_STR(t->ops->info(t)->user, "postgres");
	CHECK_HAS(t->ops->info(t)->place, ":5432/run");
	CHECK(t->ops->info(t)->server_version_num >= 130000);
	close_target(t);
}

/* ---- COPY ---- */

struct lines {
	const char *const *next;
	bool breaks;
};

static bool
next_line(void *self, struct span *data, struct error *err)
{
	struct lines *l = self;

	if (*l->next == NULL && l->breaks)
		return error_set(err, E_MIGR_102, "the file is gone");
	*data = span_str(*l->next ? *l->next++ : NULL);
	return true;
}

static bool
copy_in(struct target *t, const char *const *data, bool breaks, struct run_result *r,
	struct error *err)
{
	struct lines lines = {data, breaks};

	return t->ops->run(t, span_str("COPY c FROM stdin"), next_line, &lines, &test_arena, r,
			   err);
}

static void
copy_data_is_streamed_and_its_errors_have_a_line(void)
{
	static const char *const good[] = {"1\tone\n2\tt", "wo\n", "3\t\\N\n", NULL};
	static const char *const bad[] = {"1\tone\n2\ttwo\n", "x3\tthree\n4\tfour\n", NULL};
	struct target *t = fresh();
	struct run_result r;
	struct error err;

	must_run(t, "CREATE TABLE c (a int, b text)");
	MUST(copy_in(t, good, false, &r, &err), &err);
	CHECK_STR(r.tag, "COPY");
	CHECK_INT(r.rows, 3);
	CHECK(!copy_in(t, bad, false, &r, &err));
	CHECK_ERROR(&err, E_SQL_700, "invalid input syntax for type integer: \"x3\"");
	REQUIRE(err.detail_count == 1);
	CHECK_STR(err.details[0].key, "copy_line");
	CHECK_STR(err.details[0].value, "3");
	CHECK(!copy_in(t, good, true, &r, &err));
	CHECK_ERROR(&err, E_MIGR_102, "the file is gone");
	CHECK(!run_sql(t, "COPY c FROM stdin", &err));
	CHECK_ERROR(&err, E_SQL_700, "no data follows");
	CHECK_STR(pg_query_text(cluster_url("run"), "SELECT count(*) || ' ' || sum(a) FROM c"),
		  "3 6");
	close_target(t);
}

/* ---- notices ---- */

static void
notices_are_kept_in_order_and_bounded(void)
{
	struct target *t = fresh();
	const char **notices;
	size_t dropped;
	struct error err;

	must_run(t, "DROP TABLE IF EXISTS nowhere");
	must_run(t, "DO $$ BEGIN RAISE WARNING 'first' USING DETAIL = 'more'; END $$");
	REQUIRE(t->ops->notices(t, &test_arena, &notices, &dropped) == 2);
	CHECK_STR(notices[0], "NOTICE: table \"nowhere\" does not exist, skipping");
	CHECK_STR(notices[1], "WARNING: first — more");
	CHECK_INT(dropped, 0);
	CHECK_INT(t->ops->notices(t, &test_arena, &notices, &dropped), 0);
	must_run(t, "DO $$ BEGIN FOR i IN 1..150 LOOP RAISE NOTICE '%', i; END LOOP; END $$");
	REQUIRE(t->ops->notices(t, &test_arena, &notices, &dropped) == 100);
	CHECK_STR(notices[99], "NOTICE: 100");
	CHECK_INT(dropped, 50);
	/* What our own statements cause is no news. */
	MUST(t->ops->ledger_ensure(t, &err), &err);
	CHECK_INT(t->ops->notices(t, &test_arena, &notices, &dropped), 0);
	close_target(t);
}

/* ---- cancel ---- */

static void *
cancel_soon(void *arg)
{
	struct target *t = arg;
	struct error err;

	for (int i = 0; i < 500; i++) {
		const char *state = pg_query_text(cluster_url("run"),
						  "SELECT count(*) FROM pg_stat_activity WHERE "
						  "wait_event = 'PgSleep' AND datname = "
						  "current_database()");

		if (strcmp(state, "1") == 0)
			break;
		usleep(10 * 1000);
	}
	MUST(t->ops->cancel(t, &err), &err);
	return NULL;
}

static void
a_cancel_from_another_thread_ends_the_statement_and_keeps_the_session(void)
{
	struct target *t = fresh();
	pthread_t thread;
	struct error err;

	must_run(t, "SELECT 1");
	pthread_create(&thread, NULL, cancel_soon, t);
	CHECK(!run_sql(t, "SELECT pg_sleep(60)", &err));
	pthread_join(thread, NULL);
	CHECK_ERROR(&err, E_JOB_004, "canceling statement due to user request");
	must_run(t, "SELECT 1");
	MUST(t->ops->cancel(t, &err), &err); /* nothing runs: harmless */
	must_run(t, "SELECT 1");
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(results_have_tag_rows_and_first_value),
		CASE(a_second_statement_in_the_same_text_is_refused),
		CASE(an_error_has_position_state_and_the_servers_words),
		CASE(states_of_the_server_become_codes_of_ours),
		CASE(rights_read_only_and_lock_timeouts_are_told_apart),
		CASE(a_server_that_only_reads_says_so),
		CASE(copy_data_is_streamed_and_its_errors_have_a_line),
		CASE(notices_are_kept_in_order_and_bounded),
		CASE(a_cancel_from_another_thread_ends_the_statement_and_keeps_the_session),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/run", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
