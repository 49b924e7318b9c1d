/*
 * Stopping a run: Ctrl-C, SIGTERM, a time limit, a cancel from another process, a reader that goes
 * away, kill -9. "Cancelled" is only said once the server's side is known to be over (P11), a
 * watcher sees every event once (P13), and a run that died is settled by the next one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* 001 is applied by the run, 002 is where it is caught: `slow` in the middle of a transaction. */
static void
open_slow(struct project *p, const char *slow)
{
	char up[400];

	project_open(p);
	project_migration(p, "001_first", "CREATE TABLE first (id int);", "DROP TABLE first;");
	snprintf(up, sizeof(up), "CREATE TABLE half (id int);\n%s\nCREATE TABLE rest (id int);",
		 slow);
	project_migration(p, "002_slow", up, "DROP TABLE half; DROP TABLE rest;");
}

static const char sleep_long[] = "SELECT pg_sleep(120);";
static const char working[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = "
			      "current_database() AND application_name LIKE 'confiture%' AND "
			      "state = 'active' AND query LIKE '%pg_sleep%'";
static const char sessions[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = "
			       "current_database() AND application_name LIKE 'confiture%'";

static bool
wait_value(struct project *p, const char *sql, const char *wanted, int seconds)
{
	for (int i = 0; i < seconds * 50; i++) {
		const char *value = project_sql(p, sql);
		if (value != NULL && strcmp(value, wanted) == 0)
			return true;
		usleep(20 * 1000);
	}
	return false;
}

static void
start_and_catch(struct project *p, struct process *run, const char *words)
{
	REQUIRE(project_start(p, run, words, NULL));
	bool caught = wait_value(p, working, "1", 30);
	if (!caught)
		fprintf(stderr, "%s%s\n", run->out, run->err);
	REQUIRE(caught);
}

/* The newest job of the journal, as the table of states knows it. */
static void
check_newest_job(struct project *p, const char *state, int exit_code)
{
	struct document *d = run_json(p, "job list --limit 1", 0, "job-list");

	CHECK_STR(document_text(d, "jobs.0.state"), state);
	CHECK_INT(document_int(d, "jobs.0.exit_code"), exit_code);
	document_free(d);
}

static void
check_rolled_back(struct project *p)
{
	CHECK_STR(project_sql(p, sessions), "0");
	CHECK_STR(project_sql(p, "SELECT to_regclass('half') IS NULL"), "t");
	CHECK_STR(project_sql(p, "SELECT string_agg(version, ',') FROM tb_confiture"), "001");
	CHECK_STR(project_sql(p, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

static void
stop_by_signal(int number, const char *says)
{
	struct project p;
	struct process run;

	open_slow(&p, sleep_long);
	start_and_catch(&p, &run, "migrate up --format json");
	process_signal(&run, number);
	CHECK(process_wait(&run, 20));
	CHECK_INT(run.exit_code, 10);
	CHECK_HAS(run.err, "cancelling");
	struct document *d = document_parse(run.out);
	CHECK(document_valid(d, "migrate-up"));
	CHECK_STR(document_text(d, "applied.0.version"), "001");
	CHECK_STR(document_text(d, "errors.0.code"), "JOB_004");
	CHECK_HAS(document_text(d, "errors.0.message"), says);
	CHECK_STR(document_text(d, "pending.0"), "002");
	document_free(d);
	process_free(&run);
	check_rolled_back(&p);
	check_newest_job(&p, "cancelled", 10);
	project_close(&p);
}

static void
p11_ctrl_c_in_a_long_statement_ends_the_backend_and_undoes_the_migration(void)
{
	stop_by_signal(SIGINT, "Ctrl-C");
}

static void
p11_sigterm_does_the_same(void)
{
	stop_by_signal(SIGTERM, "SIGTERM");
}

static void
p11_the_time_limit_does_the_same(void)
{
	struct project p;

	open_slow(&p, sleep_long);
	struct document *d = run_json(&p, "migrate up --timeout 1500ms", 10, "migrate-up");
	CHECK_HAS(document_text(d, "errors.0.message"), "--timeout");
	document_free(d);
	check_rolled_back(&p);
	check_newest_job(&p, "cancelled", 10);
	project_close(&p);
}

static void
ctrl_c_while_waiting_for_the_lock_changes_nothing(void)
{
	struct project p;
	struct process holder, waiter;

	open_slow(&p, sleep_long);
	start_and_catch(&p, &holder, "migrate up");
	REQUIRE(project_start(&p, &waiter, "migrate up --lock-timeout 60000", NULL));
	CHECK(process_wait_text(&waiter, "pid ", 20)); /* who it waits for */
	process_signal(&waiter, SIGINT);
	CHECK(process_wait(&waiter, 20));
	CHECK_INT(waiter.exit_code, 10);
	CHECK_STR(project_sql(&p, working), "1"); /* not the other one's session */
	process_signal(&holder, SIGINT);
	CHECK(process_wait(&holder, 20));
	CHECK_INT(holder.exit_code, 10);
	process_free(&holder);
	process_free(&waiter);
	check_rolled_back(&p);
	project_close(&p);
}

/* A statement that catches the cancel: nobody may say that it is over. */
static void
p11_a_second_ctrl_c_leaves_at_once_and_the_next_run_waits_for_what_still_runs(void)
{
	struct project p;
	struct process run;

	open_slow(&p, "DO $$ BEGIN FOR i IN 1..600 LOOP BEGIN PERFORM pg_sleep(1); EXCEPTION WHEN "
		      "query_canceled THEN NULL; END; END LOOP; END $$;");
	start_and_catch(&p, &run, "migrate up");
	process_signal(&run, SIGINT);
	CHECK(process_wait_text(&run, "cancelling", 10));
	sleep(1);
	CHECK_INT(run.exit_code, -1); /* still at it, and honest about it */
	process_signal(&run, SIGINT);
	CHECK(process_wait(&run, 5));
	CHECK_INT(run.exit_code, 130);
	process_free(&run);
	CHECK_STR(project_sql(&p, working), "1");
	CHECK_INT(project_run(&p, "migrate up --lock-timeout 500"), 6);
	CHECK_HAS(p.last.err, "LOCK_1300");
	CHECK_STR(project_sql(&p, "SELECT count(pg_terminate_backend(pid, 5000)) FROM "
				  "pg_stat_activity WHERE query LIKE '%query_canceled%' AND "
				  "datname = current_database() AND pid <> pg_backend_pid()"),
		  "1");
	project_migration(&p, "002_slow", "CREATE TABLE half (id int);", "DROP TABLE half;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_close(&p);
}

/* ---- from a second process ---- */

static void
newest_id(struct project *p, char id[64])
{
	struct document *d = run_json(p, "job list --open", 0, "job-list");
	const char *text = document_text(d, "jobs.0.id");

	snprintf(id, 64, "%s", text ? text : "");
	CHECK_STR(document_text(d, "jobs.0.state"), "running");
	document_free(d);
	REQUIRE(id[0] != '\0');
}

static void
a_job_is_cancelled_from_another_process(void)
{
	struct project p;
	struct process run;
	char id[64], words[128];

	open_slow(&p, sleep_long);
	start_and_catch(&p, &run, "migrate up --format json");
	newest_id(&p, id);
	snprintf(words, sizeof(words), "job cancel %s --reason 'wrong branch'", id);
	struct document *d = run_json(&p, words, 0, "job-info");
	document_free(d);
	CHECK(process_wait(&run, 20));
	CHECK_INT(run.exit_code, 10);
	CHECK_HAS(run.out, "\"JOB_004\"");
	process_free(&run);
	CHECK_INT(project_run(&p, "audit show --format json"), 0);
	CHECK_HAS(p.last.out, "wrong branch");
	check_rolled_back(&p);
	check_newest_job(&p, "cancelled", 10);
	/* What has ended cannot be cancelled. */
	refusal_check(&p, &(struct refusal){.words = words,
					    .exit_code = 1,
					    .code = "JOB_002",
					    .says = id,
					    .next = "confiture job list"});
	project_close(&p);
}

/* The number of lines; each must be a document with seq one after the other, the last a result. */
static int
check_stream(const char *text)
{
	char *copy = strdup(text), *rest = copy;
	int64_t last = 0;
	int lines = 0;
	bool ended = false;

	REQUIRE(copy != NULL);
	for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; lines++) {
		struct document *d = document_parse(line);
		CHECK(!ended);
		ended = document_text(d, "kind") != NULL &&
			strcmp(document_text(d, "kind"), "result") == 0;
		if (!ended) {
			CHECK(document_valid(d, "event"));
			CHECK_INT(document_int(d, "seq"), last + 1);
			last = document_int(d, "seq");
		}
		document_free(d);
	}
	CHECK(ended);
	free(copy);
	return lines;
}

static void
p13_who_attaches_sees_every_event_once_and_in_order(void)
{
	struct project p;
	struct process run, watcher;
	char id[64], words[128];

	open_slow(&p, "SELECT pg_sleep(1.5);");
	for (int i = 3; i < 60; i++) {
		snprintf(words, sizeof(words), "%03d_more", i);
		project_migration(&p, words, "SELECT 1; SELECT 2;", "SELECT 1;");
	}
	start_and_catch(&p, &run, "migrate up --format ndjson");
	newest_id(&p, id);
	snprintf(words, sizeof(words), "job attach %s --format ndjson", id);
	REQUIRE(project_start(&p, &watcher, words, NULL));
	CHECK(process_wait(&run, 60));
	CHECK(process_wait(&watcher, 60));
	CHECK_INT(run.exit_code, 0);
	CHECK_INT(watcher.exit_code, 0);
	CHECK(check_stream(run.out) > 120);
	CHECK_STR(watcher.out, run.out);
	/* And again when it is over; from the middle on, too. */
	CHECK_INT(project_run(&p, words), 0);
	CHECK_STR(p.last.out, run.out);
	snprintf(words, sizeof(words), "job attach %s --format ndjson --since 100", id);
	CHECK_INT(project_run(&p, words), 0);
	const char *from = strstr(run.out, "\"seq\":101,");
	REQUIRE(from != NULL);
	while (from > run.out && from[-1] != '\n')
		from--;
	CHECK_STR(p.last.out, from);
	process_free(&run);
	process_free(&watcher);
	project_close(&p);
}

/* ---- a reader that goes away ---- */

static void
a_closed_pipe_does_not_stop_the_work(void)
{
	struct project p;
	char line[400], words[64];

	project_open(&p);
	for (int i = 1; i <= 60; i++) {
		snprintf(words, sizeof(words), "%03d_many", i);
		project_migration(&p, words, "SELECT pg_sleep(0.005);", "SELECT 1;");
	}
	snprintf(line, sizeof(line),
		 "cd '%s' && '%s' migrate up -v 2> err | head -n 1; echo ${PIPESTATUS[0]}", p.dir,
		 p.program);
	struct process shell;
	const char *argv[] = {"/bin/bash", "-c", line, NULL};
	CHECK_INT(process_run(&shell,
			      &(struct process_spec){.argv = argv, .env = project_environment(&p)}),
		  0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "60");
	CHECK_HAS(shell.out, "001 many (applied");
	CHECK_HAS(shell.out, ")\n1\n"); /* the result did not reach its reader */
	process_free(&shell);
	check_newest_job(&p, "succeeded", 0);
	project_close(&p);
}

/* ---- kill -9 ---- */

static void
a_killed_run_is_shown_and_settled_by_the_next_one(void)
{
	struct project p;
	struct process run;
	char id[64], words[128];

	open_slow(&p, "SELECT pg_sleep(2);");
	start_and_catch(&p, &run, "migrate up");
	newest_id(&p, id);
	process_signal(&run, SIGKILL);
	CHECK(process_wait(&run, 10));
	process_free(&run);
	struct document *d = run_json(&p, "job list --open", 0, "job-list");
	CHECK_INT(document_count(d, "jobs"), 1);
	CHECK_STR(document_text(d, "jobs.0.id"), id);
	document_free(d);
	/* Its backend may still be at it: the next run waits for it and goes on. */
	d = run_json(&p, "migrate up", 0, "migrate-up");
	CHECK_STR(document_text(d, "applied.0.version"), "002");
	CHECK_INT(document_count(d, "applied"), 1);
	document_free(d);
	snprintf(words, sizeof(words), "job show %s", id);
	d = run_json(&p, words, 0, "job-show");
	CHECK_STR(document_text(d, "info.state"), "failed");
	CHECK_HAS(document_text(d, "outcome.error.message"), "interrupted");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "2");
	project_close(&p);
}

static int
count_points(void)
{
	struct project p;
	char env[300], line[200];
	int count = 0;

	project_open(&p);
	p.program = CONFITURE_FAULTY;
	project_migration(&p, "001_one", "CREATE TABLE one ();", "DROP TABLE one;");
	snprintf(env, sizeof(env), "CONFITURE_POINTS=%s", project_path(&p, "points"));
	CHECK_INT(project_run_env(&p, "migrate up", (const char *[]){env, NULL}), 0);
	FILE *file = fopen(project_path(&p, "points"), "r");
	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL)
		count++;
	fclose(file);
	project_close(&p);
	return count;
}

/* Killed before or after its COMMIT: what the next run writes down is what the database says. */
static void
p12_a_killed_run_is_settled_by_what_the_database_says(void)
{
	int points = count_points(), failed = 0, succeeded = 0;

	for (int point = points; point > 0 && point > points - 24; point -= 2) {
		struct project p;
		struct process run;
		char env[64];

		project_open(&p);
		p.program = CONFITURE_FAULTY;
		project_migration(&p, "001_one", "CREATE TABLE one ();", "DROP TABLE one;");
		snprintf(env, sizeof(env), "CONFITURE_STOP_AT=%d", point);
		REQUIRE(project_start(&p, &run, "migrate up", (const char *[]){env, NULL}));
		CHECK(process_wait_stop(&run, 30));
		process_signal(&run, SIGKILL);
		CHECK(process_wait(&run, 10));
		process_free(&run);
		CHECK(wait_value(&p, sessions, "0", 10));
		bool done = strcmp(project_sql(&p, "SELECT to_regclass('one') IS NULL"), "f") == 0;
		CHECK_INT(project_run(&p, "migrate up"), 0);
		struct document *d = run_json(&p, "job list", 0, "job-list");
		CHECK_INT(document_count(d, "jobs"), 2);
		if (!CHECK_STR(document_text(d, "jobs.1.state"), done ? "succeeded" : "failed"))
			fprintf(stderr, "-- killed at point %d of %d\n", point, points);
		document_free(d);
		*(done ? &succeeded : &failed) += 1;
		project_close(&p);
	}
	CHECK(failed > 0 && succeeded > 0);
}

/* ---- several databases ---- */

static void
ctrl_c_means_all_databases(void)
{
	struct project p, other;
	struct process run;

	open_slow(&p, sleep_long);
	project_open(&other);
	project_file(&p, "db/environments/fleet.yaml",
		     "targets:\n  a: { database_url: \"%s\" }\n  b: { database_url: \"%s\" }\n",
		     project_url(&p), project_url(&other));
	start_and_catch(&p, &run, "migrate up --env fleet --format json");
	process_signal(&run, SIGINT);
	CHECK(process_wait(&run, 20));
	CHECK_INT(run.exit_code, 10);
	struct document *d = document_parse(run.out);
	CHECK(document_valid(d, "targets"));
	CHECK_INT(document_int(d, "targets.0.exit_code"), 10);
	CHECK_INT(document_int(d, "summary.not_run"), 1);
	document_free(d);
	process_free(&run);
	CHECK_STR(project_sql(&other, "SELECT to_regclass('tb_confiture') IS NULL"), "t");
	project_close(&other);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(p11_ctrl_c_in_a_long_statement_ends_the_backend_and_undoes_the_migration),
	CASE(p11_sigterm_does_the_same),
	CASE(p11_the_time_limit_does_the_same),
	CASE(ctrl_c_while_waiting_for_the_lock_changes_nothing),
	CASE(p11_a_second_ctrl_c_leaves_at_once_and_the_next_run_waits_for_what_still_runs),
	CASE(a_job_is_cancelled_from_another_process),
	CASE(p13_who_attaches_sees_every_event_once_and_in_order),
	CASE(a_closed_pipe_does_not_stop_the_work),
	CASE_EMBEDDED(a_killed_run_is_shown_and_settled_by_the_next_one),
	CASE_EMBEDDED(p12_a_killed_run_is_settled_by_what_the_database_says),
	CASE(ctrl_c_means_all_databases),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("signals", cases, ARRAY_LEN(cases), argc, argv);
}
