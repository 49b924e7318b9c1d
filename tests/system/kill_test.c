/*
 * P1, P4: whatever dies between any two steps of `migrate up` (the process, its backend, the
 * server), a plain second run converges, and each effect is there exactly once. The bodies bump
 * counters, so that a doubled or a lost effect shows.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { MOST_POINTS = 400 };

static void
set_up(struct project *p)
{
	project_open(p);
	p->program = CONFITURE_FAULTY;
	REQUIRE(pg_exec(project_url(p),
			"CREATE TABLE effect (name text); CREATE TABLE items (id int, v text); "
			"INSERT INTO items SELECT i, 'v' || i FROM generate_series(1, 200) i"));
	project_migration(p, "001_first",
			  "INSERT INTO effect VALUES ('001');\nCREATE TABLE one (id int);",
			  "DROP TABLE one;");
	project_migration(
		p, "002_outside",
		"INSERT INTO effect VALUES ('002a');\n"
		"CREATE INDEX CONCURRENTLY items_id_idx ON items (id);\n"
		"INSERT INTO effect VALUES ('002b');\n"
		"CREATE INDEX CONCURRENTLY IF NOT EXISTS items_v_idx ON items (v);",
		"DROP INDEX CONCURRENTLY items_id_idx;\nDROP INDEX CONCURRENTLY items_v_idx;");
	project_migration(p, "003_last", "INSERT INTO effect VALUES ('003');", "SELECT 1;");
}

static const char expected_effects[] = "001,002a,002b,003";

static void
check_converged(struct project *p, const char *what)
{
	const char *effects =
		project_sql(p, "SELECT string_agg(name, ',' ORDER BY name) FROM effect");
	const char *ledger = project_sql(
		p, "SELECT string_agg(version, ',' ORDER BY version) FROM tb_confiture");
	const char *indexes = project_sql(
		p,
		"SELECT count(*) || '/' || count(*) FILTER (WHERE indisvalid) FROM pg_index i JOIN "
		"pg_class c ON c.oid = indexrelid WHERE relname LIKE 'items\\_%'");

	if (effects == NULL || strcmp(effects, expected_effects) != 0)
		fprintf(stderr, "%s\n", what);
	CHECK_STR(effects, expected_effects);
	CHECK_STR(ledger, "001,002,003");
	CHECK_STR(indexes, "2/2");
}

/* Runs once undisturbed and counts the points. */
static int
count_points(void)
{
	struct project p;
	char points[256], env[300], line[200];
	int count = 0;

	set_up(&p);
	snprintf(points, sizeof(points), "%s", project_path(&p, "points"));
	snprintf(env, sizeof(env), "CONFITURE_POINTS=%s", points);
	CHECK_INT(project_run_env(&p, "migrate up", (const char *[]){env, NULL}), 0);
	check_converged(&p, "undisturbed");
	FILE *file = fopen(points, "r");
	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL)
		count++;
	fclose(file);
	project_close(&p);
	CHECK(count > 40);
	return count < MOST_POINTS ? count : MOST_POINTS;
}

typedef void (*disturbance)(struct project *p, struct process *run);

static void
kill_process(struct project *p, struct process *run)
{
	(void)p;
	process_signal(run, SIGKILL);
}

static void
terminate_backend(struct project *p, struct process *run)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		 "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE "
		 "datname = "
		 "'%s' AND application_name LIKE 'confiture%%'",
		 p->database);
	(void)pg_query_text(cluster_url("postgres"), sql);
	process_signal(run, SIGCONT);
}

static void
restart_server(struct project *p, struct process *run)
{
	(void)p;
	CHECK(cluster_restart(true));
	process_signal(run, SIGCONT);
}

static void
disturb_at(int number, disturbance disturb, const char *name)
{
	struct project p;
	struct process run;
	char env[64], what[96];

	set_up(&p);
	snprintf(env, sizeof(env), "CONFITURE_STOP_AT=%d", number);
	snprintf(what, sizeof(what), "%s at point %d", name, number);
	REQUIRE(project_start(&p, &run, "migrate up", (const char *[]){env, NULL}));
	if (process_wait_stop(&run, 60))
		disturb(&p, &run);
	CHECK(process_wait(&run, 60));
	/* A plain second run; a third only ever has nothing left to do. */
	int code = project_run(&p, "migrate up --lock-timeout 60000");
	if (code != 0)
		fprintf(stderr, "%s: second run exits %d\nfirst: %s\nsecond: %s\n", what, code,
			run.err, p.last.err);
	CHECK_INT(code, 0);
	check_converged(&p, what);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	check_converged(&p, what);
	process_free(&run);
	project_close(&p);
}

/* Every `stride`th point, or as CONFITURE_STRIDE says (a long target takes each). */
static void
disturb_everywhere(disturbance disturb, const char *name, int first, int stride)
{
	const char *wanted = getenv("CONFITURE_STRIDE");
	int points = count_points(), step = wanted ? (int)strtol(wanted, NULL, 10) : stride;

	for (int number = wanted ? 1 : first; number <= points; number += step)
		disturb_at(number, disturb, name);
}

static void
p01_killed_at_every_second_step_it_converges(void)
{
	disturb_everywhere(kill_process, "kill -9", 1, 2);
}

static void
p01_its_backend_terminated_at_the_steps_between_it_converges(void)
{
	disturb_everywhere(terminate_backend, "terminated backend", 2, 2);
}

static void
p01_the_server_restarted_at_every_sixth_step_it_converges(void)
{
	disturb_everywhere(restart_server, "server restart", 3, 6);
}

static const struct unit_case cases[] = {
	CASE(p01_killed_at_every_second_step_it_converges),
	CASE(p01_its_backend_terminated_at_the_steps_between_it_converges),
	CASE(p01_the_server_restarted_at_every_sixth_step_it_converges),
};

int
main(int argc, char **argv)
{
	if (!cluster_start_private("wal_level = minimal\nmax_wal_senders = 0\n"))
		return 2;
	return unit_main("kill", cases, ARRAY_LEN(cases), argc, argv);
}
