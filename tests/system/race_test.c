/*
 * Two at once: runs that start together, a run beside the Python tool's lock, a second run that
 * waits while the first builds an index concurrently, a run that was put to sleep and overtaken.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/document.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* The Python tool's lock on the current database. */
static const char seed_lock[] = "SELECT pg_advisory_lock(1751936052, (('x' || "
				"substr(encode(sha256(current_database()::bytea), "
				"'hex'), 1, 8))::bit(32)::int) & 2147483647)";

static void
effect_migration(int i, char name[32], char up[96])
{
	snprintf(name, 32, "%03d_effect", i);
	snprintf(up, 96, "INSERT INTO effect VALUES ('%03d'); SELECT pg_sleep(0.02);", i);
}

static void
counting_migrations(struct project *p, int count)
{
	REQUIRE(pg_exec(project_url(p), "CREATE TABLE effect (version text)"));
	for (int i = 1; i <= count; i++) {
		char name[32], up[96];
		effect_migration(i, name, up);
		project_migration(p, name, up, "SELECT 1;");
	}
}

static void
start_together(struct project *p, int runs, int migrations)
{
	struct process process[8];

	for (int i = 0; i < runs; i++)
		REQUIRE(project_start(p, &process[i], "migrate up --lock-timeout 60000", NULL));
	for (int i = 0; i < runs; i++) {
		CHECK(process_wait(&process[i], 120));
		CHECK_INT(process[i].exit_code, 0);
		if (process[i].exit_code != 0)
			fprintf(stderr, "%s%s\n", process[i].out, process[i].err);
		process_free(&process[i]);
	}
	char expected[32];
	snprintf(expected, sizeof(expected), "%d/%d", migrations, migrations);
	CHECK_STR(project_sql(p, "SELECT count(*) || '/' || count(DISTINCT version) FROM effect"),
		  expected);
}

static void
p01_runs_that_start_together_on_a_fresh_database_apply_each_once(void)
{
	for (int round = 0; round < 3; round++) {
		struct project p;
		project_open(&p);
		counting_migrations(&p, 5);
		start_together(&p, 4, 5);
		project_close(&p);
	}
}

static void
p01_runs_that_start_together_on_a_used_database_apply_each_once(void)
{
	struct project p;

	project_open(&p);
	counting_migrations(&p, 2);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	for (int i = 3; i <= 6; i++) {
		char name[32], up[64];
		snprintf(name, sizeof(name), "%03d_more", i);
		snprintf(up, sizeof(up), "INSERT INTO effect VALUES ('%03d');", i);
		project_migration(&p, name, up, "SELECT 1;");
	}
	start_together(&p, 4, 6);
	project_close(&p);
}

static void
the_seeds_lock_keeps_us_out_and_its_holder_is_named(void)
{
	struct project p;

	project_open(&p);
	counting_migrations(&p, 1);
	struct pg_session *holder = pg_session_open(project_url(&p));
	REQUIRE(holder != NULL);
	(void)pg_session_text(holder, seed_lock);
	REQUIRE(pg_session_exec(
		holder,
		"CREATE TABLE confiture_lock_holder (lock_id BIGINT PRIMARY KEY, pid INT, hostname "
		"TEXT, usename TEXT, command TEXT, acquired_at TIMESTAMPTZ DEFAULT now())"));
	REQUIRE(pg_session_exec(
		holder,
		"INSERT INTO confiture_lock_holder SELECT objid, 4242, 'buildhost', 'deploy', "
		"'confiture migrate up', now() FROM pg_locks WHERE locktype = 'advisory' AND "
		"classid = 1751936052"));
	CHECK_INT(project_run(&p, "migrate up --lock-timeout 300 --format json"), 6);
	struct document *d = document_parse(p.last.out);
	CHECK(document_valid(d, "error"));
	CHECK_STR(document_text(d, "error.code"), "LOCK_1300");
	CHECK_STR(document_text(d, "error.details.holder.hostname"), "buildhost");
	CHECK_INT(document_int(d, "error.details.holder.pid"), 4242);
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM effect"), "0");
	pg_session_close(holder);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_close(&p);
}

static void
a_waiting_second_run_does_not_stop_a_concurrent_index_build(void)
{
	struct project p;
	struct process first, second;

	project_open(&p);
	REQUIRE(pg_exec(project_url(&p), "CREATE TABLE big AS SELECT i, md5(i::text) AS v FROM "
					 "generate_series(1, 300000) i"));
	project_migration(&p, "001_index", "CREATE INDEX CONCURRENTLY big_v_idx ON big (v);",
			  "DROP INDEX CONCURRENTLY big_v_idx;");
	REQUIRE(project_start(&p, &first, "migrate up", NULL));
	REQUIRE(project_start(&p, &second, "migrate up --lock-timeout 60000", NULL));
	CHECK(process_wait(&first, 90));
	CHECK(process_wait(&second, 90));
	CHECK_INT(first.exit_code, 0);
	CHECK_INT(second.exit_code, 0);
	CHECK_STR(
		project_sql(
			&p,
			"SELECT indisvalid FROM pg_index WHERE indexrelid = 'big_v_idx'::regclass"),
		"t");
	process_free(&first);
	process_free(&second);
	project_close(&p);
}

/* P3: asleep in the middle of its transaction, its session ended by the one that took over, which
 * runs on another machine: another journal, the same database. */
static void
p03_a_run_that_slept_through_a_takeover_cannot_commit(void)
{
	struct project p, elsewhere;
	struct process sleeper;

	project_open(&p);
	counting_migrations(&p, 3);
	project_open(&elsewhere);
	project_file(&elsewhere, "db/environments/local.yaml", "database_url: \"%s\"\n",
		     project_url(&p));
	for (int i = 1; i <= 3; i++) {
		char name[32], up[96];
		effect_migration(i, name, up);
		project_migration(&elsewhere, name, up, "SELECT 1;");
	}
	p.program = CONFITURE_FAULTY;
	CHECK_INT(project_run_env(&p, "migrate up --target 001", NULL), 0);
	/* Point 40 lies well inside the second run; wherever it is, nothing may double. */
	const char *stop[] = {"CONFITURE_STOP_AT=34", NULL};
	REQUIRE(project_start(&p, &sleeper, "migrate up", stop));
	if (process_wait_stop(&sleeper, 30)) {
		CHECK_INT(project_run(&elsewhere, "migrate up --lock-timeout 60000"), 0);
		if (elsewhere.last.exit_code != 0)
			fprintf(stderr, "%s", elsewhere.last.err);
		process_signal(&sleeper, SIGCONT);
	}
	CHECK(process_wait(&sleeper, 60));
	CHECK_STR(project_sql(&p, "SELECT count(*) || '/' || count(DISTINCT version) FROM effect"),
		  "3/3");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "3");
	process_free(&sleeper);
	project_close(&elsewhere);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(p01_runs_that_start_together_on_a_fresh_database_apply_each_once),
	CASE(p01_runs_that_start_together_on_a_used_database_apply_each_once),
	CASE(the_seeds_lock_keeps_us_out_and_its_holder_is_named),
	CASE(a_waiting_second_run_does_not_stop_a_concurrent_index_build),
	CASE(p03_a_run_that_slept_through_a_takeover_cannot_commit),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("race", cases, ARRAY_LEN(cases), argc, argv);
}
