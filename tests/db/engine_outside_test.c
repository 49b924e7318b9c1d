/* Files with statements outside transactions: from any cut, the next run reaches the goal, and no
 * effect happens twice (p04). */
#include <stdio.h>
#include <string.h>

#include "tests/db/engine_rig.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

#define INDEXES                                                                                    \
	"SELECT string_agg(c.relname || CASE WHEN i.indisvalid THEN '' ELSE '!' END, ' ' ORDER "   \
	"BY 1) "                                                                                   \
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 't'::regclass"

static void
with_table(struct rig *g, const char *database)
{
	rig_start(g, database);
	REQUIRE(pg_exec(g->url, "CREATE TABLE t (i int); INSERT INTO t VALUES (1), (2), (3)"));
}

static const char *
marks(struct rig *g)
{
	return rig_text(g, "SELECT count(*) FROM confiture_mark");
}

static void
statements_run_one_by_one_and_leave_no_marks(void)
{
	struct rig g;

	with_table(&g, "engine_out");
	rig_file(&g, "1_a.up.sql",
		 "INSERT INTO t VALUES (4);\nCREATE INDEX CONCURRENTLY ti ON t (i);\n"
		 "REINDEX INDEX CONCURRENTLY ti;\nVACUUM t;\nINSERT INTO t VALUES (5);");
	rig_file(&g, "1_a.down.sql", "DROP INDEX CONCURRENTLY ti; DELETE FROM t WHERE i > 3;");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(rig_text(&g, INDEXES), "ti");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "5");
	CHECK_STR(rig_text(&g, "SELECT version FROM tb_confiture"), "1");
	CHECK_STR(marks(&g), "0");
	struct job_options one = {.steps = 1};
	CHECK_STR(rig_code(rig_run(&g, "rollback", &one)), "ok");
	CHECK_STR(rig_text(&g, INDEXES), NULL);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "3");
	CHECK_STR(marks(&g), "0");
	rig_stop(&g);
}

static void
a_run_that_failed_in_the_middle_is_continued_and_doubles_nothing(void)
{
	struct rig g;

	with_table(&g, "engine_out_resume");
	rig_file(&g, "1_a.up.sql",
		 "CREATE SCHEMA s;\nSET search_path = s, public;\nINSERT INTO t VALUES (4);\n"
		 "CREATE INDEX CONCURRENTLY ti ON t (i);\nSELECT 1/0;\nCREATE TABLE here (i int);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_INT(o->error->line, 5);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "0");
	/* The statement that failed is mended, those that ran are as they were. */
	rig_file(&g, "1_a.up.sql",
		 "CREATE SCHEMA s;\nSET search_path = s, public;\nINSERT INTO t VALUES (4);\n"
		 "CREATE INDEX CONCURRENTLY ti ON t (i);\nSELECT 1/1;\nCREATE TABLE here (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "4");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('s.here')::text"), "s.here");
	CHECK_STR(marks(&g), "0");
	rig_stop(&g);
}

static void
a_done_statement_that_was_changed_is_refused(void)
{
	static const char *const changed[] = {
		"INSERT INTO t VALUES (5);\nVACUUM t;\nSELECT 1;",
		"INSERT INTO t VALUES (4);",
	};
	struct rig g;

	with_table(&g, "engine_out_changed");
	rig_file(&g, "1_a.up.sql", "INSERT INTO t VALUES (4);\nVACUUM t;\nSELECT 1/0;");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "MIGR_001");
	rig_file(&g, "1_a.up.sql", changed[0]);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_116");
	CHECK_INT(o->exit_code, 3);
	CHECK_INT(o->error->line, 1);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "4");
	rig_stop(&g);
}

static void
an_invalid_index_is_dropped_and_built_again(void)
{
	static const char *const forms[] = {
		"CREATE INDEX CONCURRENTLY ti ON t (i)",
		"CREATE INDEX CONCURRENTLY IF NOT EXISTS ti ON t (i)",
		"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ti ON public.t (i)",
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct rig g;
		with_table(&g, "engine_out_invalid");
		REQUIRE(pg_exec(g.url, "INSERT INTO t VALUES (1)"));
		/* Left by another tool that was refused: a duplicate key. */
		CHECK_HAS(rig_text(&g, "CREATE UNIQUE INDEX CONCURRENTLY ti ON t (i)"), "23505");
		REQUIRE(pg_exec(g.url, "DELETE FROM t WHERE ctid = '(0,4)'"));
		CHECK_STR(rig_text(&g, INDEXES), "ti!");
		rig_file(&g, "1_a.up.sql", forms[i]);
		CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
		CHECK_STR(rig_text(&g, INDEXES), "ti");
		REQUIRE(rig_event(&g, "index_rebuilt") != NULL);
		CHECK_HAS(rig_event(&g, "index_rebuilt")->message, "ti");
		rig_stop(&g);
	}
}

static void
a_valid_index_of_somebody_else_is_the_servers_to_judge(void)
{
	struct rig g;

	with_table(&g, "engine_out_valid");
	REQUIRE(pg_exec(g.url, "CREATE INDEX ti ON t (i)"));
	rig_file(&g, "1_a.up.sql", "CREATE INDEX CONCURRENTLY ti ON t (i);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_STR(o->error->details->sqlstate, "42P07");
	rig_file(&g, "1_a.up.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS ti ON t (i);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, INDEXES), "ti");
	rig_stop(&g);
}

static void
a_refused_build_leaves_no_index_and_can_be_mended(void)
{
	struct rig g;

	with_table(&g, "engine_out_dup");
	REQUIRE(pg_exec(g.url, "INSERT INTO t VALUES (1)"));
	rig_file(&g, "1_a.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY ti ON t (i);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_STR(o->error->details->sqlstate, "23505");
	CHECK_STR(rig_text(&g, INDEXES), NULL);
	CHECK_STR(marks(&g), "0");
	rig_file(&g, "1_a.up.sql", "CREATE INDEX CONCURRENTLY ti ON t (i);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, INDEXES), "ti");
	rig_stop(&g);
}

#define OUR_BACKEND "application_name ~ '^confiture' AND datname = current_database()"

/* Lets the statement block behind an open transaction, then ends its backend. */
static const struct job_outcome *
cut(struct rig *g, const char *blocker, const char *waiting)
{
	struct pg_session *s = pg_session_open(g->url);
	char sql[300];

	REQUIRE(s != NULL);
	REQUIRE(pg_session_exec(s, blocker));
	rig_offer(g, "apply", NULL);
	snprintf(sql, sizeof(sql),
		 "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " OUR_BACKEND
		 " AND query LIKE '%s%%' AND wait_event_type = 'Lock')",
		 waiting);
	REQUIRE(rig_wait_true(g, sql));
	rig_text(g, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " OUR_BACKEND);
	const struct job_outcome *o = rig_wait(g);
	pg_session_close(s);
	return o;
}

static void
whatever_statement_the_backend_dies_in_the_next_run_converges(void)
{
	static const struct {
		const char *before, *file, *blocker, *waiting, *indexes;
	} table[] = {
		{"SELECT 1", "INSERT INTO t VALUES (9); CREATE INDEX CONCURRENTLY ti ON t (i);",
		 "BEGIN; INSERT INTO t VALUES (8)", "CREATE INDEX", "ti"},
		{"SELECT 1",
		 "INSERT INTO t VALUES (9); CREATE INDEX CONCURRENTLY IF NOT EXISTS ti ON t (i);",
		 "BEGIN; INSERT INTO t VALUES (8)", "CREATE INDEX", "ti"},
		{"CREATE INDEX tj ON t (i)",
		 "INSERT INTO t VALUES (9); DROP INDEX CONCURRENTLY tj;",
		 "BEGIN; INSERT INTO t VALUES (8)", "DROP INDEX", NULL},
		{"CREATE INDEX tk ON t (i)",
		 "INSERT INTO t VALUES (9); REINDEX INDEX CONCURRENTLY tk;",
		 "BEGIN; INSERT INTO t VALUES (8)", "REINDEX", "tk"},
		{"SELECT 1", "INSERT INTO t VALUES (9); VACUUM FULL t;", "BEGIN; SELECT * FROM t",
		 "VACUUM", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct rig g;
		with_table(&g, "engine_out_cut");
		rig_file(&g, "1_a.up.sql", table[i].file);
		REQUIRE(pg_exec(g.url, table[i].before));
		const struct job_outcome *o = cut(&g, table[i].blocker, table[i].waiting);
		CHECK_STR(rig_code(o), "TARGET_005");
		CHECK_INT(o->exit_code, 3);
		CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "0");
		CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
		CHECK_STR(rig_text(&g, INDEXES), table[i].indexes);
		CHECK_STR(rig_text(&g, "SELECT count(*) FROM t WHERE i = 9"), "1");
		CHECK_STR(marks(&g), "0");
		rig_stop(&g);
	}
}

static void
what_nothing_can_settle_is_said_and_not_run_again(void)
{
	struct rig g;

	with_table(&g, "engine_out_never");
	REQUIRE(pg_exec(g.url, "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t "
			       "VALUES (9); COMMIT; LOCK t; END $$"));
	rig_file(&g, "1_a.up.sql", "-- confiture:allow-unsettled\nCALL p();\nVACUUM t;");
	const struct job_outcome *o = cut(&g, "BEGIN; LOCK t IN ROW EXCLUSIVE MODE", "CALL");
	CHECK_STR(rig_code(o), "TARGET_005");
	o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_114");
	CHECK_INT(o->exit_code, 9);
	CHECK_INT(o->error->line, 2);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t WHERE i = 9"), "1");
	rig_stop(&g);
}

static void
a_cancelled_build_says_so_and_the_next_run_builds(void)
{
	struct rig g;
	struct pg_session *s;

	with_table(&g, "engine_out_cancel");
	rig_file(&g, "1_a.up.sql", "CREATE INDEX CONCURRENTLY ti ON t (i);");
	REQUIRE((s = pg_session_open(g.url)) != NULL);
	REQUIRE(pg_session_exec(s, "BEGIN; INSERT INTO t VALUES (8)"));
	rig_offer(&g, "apply", NULL);
	REQUIRE(rig_wait_true(&g, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " OUR_BACKEND
				  " AND wait_event_type = 'Lock')"));
	rig_cancel(&g);
	const struct job_outcome *o = rig_wait(&g);
	CHECK_STR(rig_code(o), "JOB_004");
	CHECK_INT(o->exit_code, 10);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM pg_stat_activity WHERE " OUR_BACKEND), "0");
	pg_session_close(s);
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, INDEXES), "ti");
	rig_stop(&g);
}

static const struct unit_case cases[] = {
	CASE(statements_run_one_by_one_and_leave_no_marks),
	CASE(a_run_that_failed_in_the_middle_is_continued_and_doubles_nothing),
	CASE(a_done_statement_that_was_changed_is_refused),
	CASE(an_invalid_index_is_dropped_and_built_again),
	CASE(a_valid_index_of_somebody_else_is_the_servers_to_judge),
	CASE(a_refused_build_leaves_no_index_and_can_be_mended),
	CASE(whatever_statement_the_backend_dies_in_the_next_run_converges),
	CASE(what_nothing_can_settle_is_said_and_not_run_again),
	CASE(a_cancelled_build_says_so_and_the_next_run_builds),
};

int
main(int argc, char **argv)
{
	return unit_main("engine_outside", cases, ARRAY_LEN(cases), argc, argv);
}
