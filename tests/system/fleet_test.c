/*
 * Three programs, and one of them dies: command line, coordinator or worker. Whatever it is, the
 * job ends right and each effect is there exactly once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* Of the coordinator: a dead worker is noticed soon. */
#define SHORT_LEASE "lease: 2s\n"

struct house {
	struct fleet fleet;
	struct project project;
	struct fleet_worker *worker;
	const char *env[3];
};

static void
open_house(struct house *h, const char *settings)
{
	char targets[400];

	project_open(&h->project);
	fleet_open(&h->fleet, settings);
	snprintf(targets, sizeof(targets), "  local:\n    database_url: \"%s\"\n",
		 project_url(&h->project));
	h->worker = fleet_worker(&h->fleet, "near", "local", targets);
	h->env[0] = h->fleet.coordinator;
	h->env[1] = h->fleet.token_file;
	h->env[2] = NULL;
}

static void
close_house(struct house *h)
{
	fleet_close(&h->fleet);
	project_close(&h->project);
}

static int
run(struct house *h, const char *words)
{
	return project_run_env(&h->project, words, h->env);
}

/* The same migrations as in kill_test.c: two in transactions, one statement by statement. */
static void
counted_migrations(struct project *p)
{
	REQUIRE(pg_exec(project_url(p),
			"CREATE TABLE effect (name text); CREATE TABLE items (id int, v text); "
			"INSERT INTO items SELECT i, 'v' || i FROM generate_series(1, 200) i"));
	project_migration(p, "001_first",
			  "INSERT INTO effect VALUES ('001');\nCREATE TABLE one (id int);",
			  "DROP TABLE one;");
	project_migration(p, "002_outside",
			  "INSERT INTO effect VALUES ('002a');\n"
			  "CREATE INDEX CONCURRENTLY items_id_idx ON items (id);\n"
			  "INSERT INTO effect VALUES ('002b');",
			  "DROP INDEX CONCURRENTLY items_id_idx;");
	project_migration(p, "003_last", "INSERT INTO effect VALUES ('003');", "SELECT 1;");
}

static bool
each_effect_is_there_once(struct project *p)
{
	bool ok =
		CHECK_STR(project_sql(p, "SELECT string_agg(name, ',' ORDER BY name) FROM effect"),
			  "001,002a,002b,003");

	ok = CHECK_STR(project_sql(p, "SELECT string_agg(version, ',' ORDER BY version) FROM "
				      "tb_confiture"),
		       "001,002,003") &&
	     ok;
	return CHECK_STR(project_sql(p, "SELECT indisvalid FROM pg_index WHERE indexrelid = "
					"'items_id_idx'::regclass"),
			 "t") &&
	       ok;
}

/* ---- the worker ---- */

static int
count_points(void)
{
	struct house h;
	char points[256], env[300], line[200];
	int count = 0;

	open_house(&h, SHORT_LEASE);
	counted_migrations(&h.project);
	h.worker->program = CONFITURE_WORKER_FAULTY;
	snprintf(points, sizeof(points), "%s", project_path(&h.project, "points"));
	snprintf(env, sizeof(env), "CONFITURE_POINTS=%s", points);
	fleet_worker_start(&h.fleet, h.worker, (const char *[]){env, NULL});
	CHECK_INT(run(&h, "migrate up"), 0);
	CHECK(each_effect_is_there_once(&h.project));
	FILE *file = fopen(points, "r");
	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL)
		count++;
	fclose(file);
	close_house(&h);
	CHECK(count > 40);
	return count;
}

static void
kill_worker_at(int point)
{
	struct house h;
	struct process command;
	char env[64];

	open_house(&h, SHORT_LEASE);
	counted_migrations(&h.project);
	h.worker->program = CONFITURE_WORKER_FAULTY;
	snprintf(env, sizeof(env), "CONFITURE_STOP_AT=%d", point);
	fleet_worker_start(&h.fleet, h.worker, (const char *[]){env, NULL});
	REQUIRE(project_start(&h.project, &command, "migrate up --lock-timeout 60000", h.env));
	CHECK(process_wait_stop(&h.worker->process, 30));
	fleet_worker_kill(h.worker, SIGKILL);
	h.worker->program = NULL;
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK(process_wait(&command, 60));
	bool ok = CHECK_INT(command.exit_code, 0);
	ok = each_effect_is_there_once(&h.project) && ok;
	if (!ok)
		fprintf(stderr, "-- killed at point %d\n%s%s\n", point, command.out, command.err);
	process_free(&command);
	close_house(&h);
}

static void
p01_a_worker_killed_at_its_steps_is_succeeded_by_the_next_one(void)
{
	const char *stride = getenv("CONFITURE_STRIDE");
	int points = count_points(), step = stride ? (int)strtol(stride, NULL, 10) : 9;

	for (int point = 1; point <= points; point += step)
		kill_worker_at(point);
}

/* ---- the coordinator ---- */

static void
slow_migrations(struct project *p, int count)
{
	REQUIRE(pg_exec(project_url(p), "CREATE TABLE effect (name text)"));
	for (int i = 1; i <= count; i++) {
		char name[32], up[96];
		snprintf(name, sizeof(name), "%03d_slow", i);
		snprintf(up, sizeof(up),
			 "INSERT INTO effect VALUES ('%03d'); SELECT pg_sleep(0.1);", i);
		project_migration(p, name, up, "SELECT 1;");
	}
}

static void
a_coordinator_that_dies_meanwhile_loses_nothing(void)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGKILL, SIGKILL};

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct house h;
		struct process command;

		open_house(&h, SHORT_LEASE);
		slow_migrations(&h.project, 12);
		fleet_worker_start(&h.fleet, h.worker, NULL);
		REQUIRE(project_start(&h.project, &command, "migrate up --format json", h.env));
		usleep((useconds_t)(200000 * (i + 1)));
		fleet_kill(&h.fleet, signals[i]);
		usleep(300000);
		fleet_start(&h.fleet);
		CHECK(process_wait(&command, 60));
		bool ok = CHECK_INT(command.exit_code, 0);
		struct document *d = document_parse(command.out);
		ok = CHECK(document_valid(d, "migrate-up")) && ok;
		ok = CHECK_INT(document_count(d, "applied"), 12) && ok;
		document_free(d);
		ok = CHECK_STR(project_sql(&h.project, "SELECT count(*) || '/' || count(DISTINCT "
						       "name) FROM effect"),
			       "12/12") &&
		     ok;
		CHECK_INT(run(&h, "audit verify"), 0);
		if (!ok)
			fprintf(stderr, "-- round %zu\n%s%s\n", i, command.out, command.err);
		process_free(&command);
		close_house(&h);
	}
}

/* ---- the command line ---- */

static void
newest_job(struct house *h, char id[64])
{
	CHECK_INT(run(h, "job list --limit 1 --format json"), 0);
	struct document *d = document_parse(h->project.last.out);
	const char *text = document_text(d, "jobs.0.id");

	snprintf(id, 64, "%s", text ? text : "");
	document_free(d);
	REQUIRE(id[0] != '\0');
}

static void
a_command_that_is_killed_leaves_a_job_that_goes_on(void)
{
	struct house h;
	struct process command;
	char id[64], words[128];

	open_house(&h, NULL);
	slow_migrations(&h.project, 12);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	REQUIRE(project_start(&h.project, &command, "migrate up --format ndjson", h.env));
	CHECK(process_wait_text(&command, "migration_done", 30));
	process_signal(&command, SIGKILL);
	CHECK(process_wait(&command, 10));
	newest_job(&h, id);
	snprintf(words, sizeof(words), "job attach %s --format ndjson", id);
	CHECK_INT(run(&h, words), 0);
	/* What was seen before is the beginning of what is seen now. */
	CHECK(strncmp(h.project.last.out, command.out,
		      (size_t)(strrchr(command.out, '\n') - command.out)) == 0);
	for (int i = 1; i <= 12; i++) {
		char done[64];
		snprintf(done, sizeof(done), "\"kind\":\"migration_done\",\"version\":\"%03d\"", i);
		const char *at = strstr(h.project.last.out, done);
		CHECK(at != NULL && strstr(at + 1, done) == NULL);
	}
	CHECK_STR(project_sql(&h.project, "SELECT count(*) FROM tb_confiture"), "12");
	process_free(&command);
	close_house(&h);
}

static void
a_detached_job_is_told_by_its_id(void)
{
	struct house h;
	char id[64], words[128];

	open_house(&h, NULL);
	slow_migrations(&h.project, 3);
	/* Nobody waits here for a worker. */
	CHECK_INT(run(&h, "migrate up --detach"), 5); /* and the target was never seen */
	fleet_worker_start(&h.fleet, h.worker, NULL);
	fleet_worker_kill(h.worker, SIGTERM);
	CHECK_INT(run(&h, "migrate up --detach"), 0);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(h.project.last.out, "\n"),
		 h.project.last.out);
	CHECK_INT(strlen(id), 36);
	CHECK_HAS(h.project.last.err, "confiture job attach");
	CHECK_STR(project_sql(&h.project, "SELECT count(*) FROM effect"), "0");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	snprintf(words, sizeof(words), "job attach %s", id);
	CHECK_INT(run(&h, words), 0);
	CHECK_STR(project_sql(&h.project, "SELECT count(*) FROM effect"), "3");
	CHECK_INT(run(&h, "migrate up --detach --format json"), 0);
	struct document *d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "job-info"));
	document_free(d);
	/* Without a coordinator there is nobody to leave it to. */
	CHECK_INT(project_run(&h.project, "migrate up --detach"), 2);
	CHECK_HAS(h.project.last.err, "USAGE_001");
	close_house(&h);
}

/* ---- several workers ---- */

static void
each_worker_serves_its_own_and_one_that_is_away_is_named(void)
{
	struct house h;
	struct project us;
	char targets[400];

	open_house(&h, NULL);
	project_open(&us);
	snprintf(targets, sizeof(targets), "  production/eu:\n    database_url: \"%s\"\n",
		 project_url(&h.project));
	struct fleet_worker *eu = fleet_worker(&h.fleet, "eu1", "production", targets);
	snprintf(targets, sizeof(targets), "  production/us:\n    database_url: \"%s\"\n",
		 project_url(&us));
	struct fleet_worker *second = fleet_worker(&h.fleet, "us1", "production", targets);
	fleet_worker_start(&h.fleet, eu, NULL);
	fleet_worker_start(&h.fleet, second, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	CHECK_INT(run(&h, "migrate up --env production"), 0);
	CHECK_HAS(h.project.last.out, "2 of 2 targets succeeded");
	CHECK_STR(project_sql(&us, "SELECT count(*) FROM tb_confiture"), "1");
	/* Remembered, so that a fan-out does not pass it over. */
	fleet_worker_kill(second, SIGTERM);
	project_migration(&h.project, "002_b", "CREATE TABLE b ();", "DROP TABLE b;");
	CHECK_INT(run(&h, "migrate up --env production --timeout 2s --format json"), 3);
	struct document *d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "targets"));
	CHECK_INT(document_int(d, "targets.0.exit_code"), 0);
	CHECK_STR(document_text(d, "targets.1.error.code"), "WORKER_001");
	document_free(d);
	CHECK_INT(run(&h, "worker list --format json"), 0);
	d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "worker-list"));
	CHECK_STR(document_text(d, "workers.0.name"), "eu1");
	CHECK_STR(document_text(d, "workers.0.state"), "online");
	CHECK_STR(document_text(d, "workers.1.name"), "us1");
	document_free(d);
	CHECK_INT(run(&h, "worker forget production/us"), 0);
	CHECK_INT(run(&h, "migrate status --env production"), 0);
	/* Drained: nothing new, until it is undone. */
	CHECK_INT(run(&h, "worker drain eu1"), 0);
	CHECK_INT(run(&h, "migrate up --env production/eu --timeout 1s"), 3);
	CHECK_HAS(h.project.last.err, "draining");
	CHECK_INT(run(&h, "worker drain eu1 --undo"), 0);
	CHECK_INT(run(&h, "migrate up --env production/eu --timeout 20s"), 0);
	CHECK_INT(run(&h, "doctor --env production"), 0);
	CHECK_HAS(h.project.last.out, "eu1 is online");
	project_close(&us);
	close_house(&h);
}

/* ---- who may not, and what is not there ---- */

static void
refuse(struct house *h, const char *token_file, struct refusal r)
{
	char file[300];
	const char *env[] = {h->fleet.coordinator, file, NULL};

	snprintf(file, sizeof(file), "CONFITURE_TOKEN_FILE=%s", token_file);
	r.env = env;
	refusal_check(&h->project, &r);
}

static void
a_token_that_does_not_hold_is_refused_and_nothing_changes(void)
{
	struct house h;
	struct refusal r = {.words = "migrate up", .exit_code = 5, .code = "AUTH_001"};

	open_house(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	r.says = "token";
	refuse(&h, fleet_token_file(&h.fleet, "wrong", "confiture_nosuchtoken"), r);
	const char *brief = fleet_token(&h.fleet, "agent:brief", "--expires 1s");
	const char *file = fleet_token_file(&h.fleet, "brief", brief);
	sleep(2);
	refuse(&h, file, r);
	r.code = "AUTH_002";
	r.says = "worker";
	refuse(&h,
	       fleet_token_file(&h.fleet, "other", fleet_token(&h.fleet, "worker:x@local", NULL)),
	       r);
	/* An agent may work, and may not touch the fleet. */
	char agent[200];
	snprintf(agent, sizeof(agent), "%s",
		 fleet_token_file(&h.fleet, "agent", fleet_token(&h.fleet, "agent:a", NULL)));
	r.words = "worker drain near";
	r.says = "not for an agent";
	refuse(&h, agent, r);
	close_house(&h);
}

static void
without_a_token_or_with_one_for_all_to_see_nothing_is_sent(void)
{
	struct house h;
	const char *env[] = {NULL, NULL, NULL};
	struct refusal r = {.words = "migrate up", .exit_code = 5, .code = "AUTH_001", .env = env};
	char file[300];

	open_house(&h, NULL);
	env[0] = h.fleet.coordinator;
	r.says = "there is no token";
	r.next = "token create";
	refusal_check(&h.project, &r);
	const char *path = fleet_token_file(&h.fleet, "open", "confiture_x");
	REQUIRE(chmod(path, 0644) == 0);
	snprintf(file, sizeof(file), "CONFITURE_TOKEN_FILE=%s", path);
	env[1] = file;
	r.says = "others can read";
	r.next = "chmod 600";
	refusal_check(&h.project, &r);
	close_house(&h);
}

static void
what_is_not_there_is_named_with_the_next_step(void)
{
	struct house h;
	struct refusal r = {.exit_code = 5};

	open_house(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	r.env = h.env;
	r.words = "migrate up --env locall";
	r.code = "CONFIG_011";
	r.says = "did you mean \"local\"?";
	r.next = "worker list";
	refusal_check(&h.project, &r);
	r.words = "migrate up --database-url postgresql://u:" PLANTED_SECRET "@h/d";
	r.code = "CONFIG_007";
	r.says = "--database-url";
	r.next = "--embedded";
	refusal_check(&h.project, &r);
	fleet_worker_kill(h.worker, SIGTERM);
	r.words = "migrate up --timeout 1s";
	r.exit_code = 3;
	r.code = "WORKER_001";
	r.says = "no worker";
	r.next = "worker list";
	refusal_check(&h.project, &r);
	fleet_kill(&h.fleet, SIGTERM);
	r.words = "migrate up --timeout 1s";
	r.code = "COORD_001";
	r.says = h.fleet.url;
	r.next = "--embedded";
	refusal_check(&h.project, &r);
	CHECK(!project_has(&h.project, ".confiture"));
	close_house(&h);
}

/* ---- secrets ---- */

static void
p22_a_password_in_the_workers_settings_is_nowhere_else(void)
{
	static const char *const commands[] = {
		"migrate status --env local",
		"migrate up -v",
		"migrate up --format ndjson",
		"migrate preflight --env local --clone",
		"job list --format json",
		"audit show --format json",
		"worker list",
		"doctor",
	};
	struct house h;
	char targets[500];

	open_house(&h, "log: { level: debug }\n");
	snprintf(targets, sizeof(targets),
		 "  local:\n    database_url: \"%s&password=" PLANTED_SECRET "\"\n",
		 project_url(&h.project));
	fleet_worker_targets(&h.fleet, h.worker, targets);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		CHECK(run(&h, commands[i]) <= 2);
		check_no_secret(&h.project.last);
	}
	project_migration(&h.project, "002_bad", "SELECT nosuch;", "SELECT 1;");
	CHECK_INT(run(&h, "migrate up"), 3);
	check_no_secret(&h.project.last);
	for (size_t i = 0; i < 2; i++) {
		char *log = fleet_log(&h.fleet, i == 0 ? "coordinator" : "near");
		CHECK(strlen(log) > 0);
		CHECK(strstr(log, PLANTED_SECRET) == NULL);
		CHECK(strstr(log, "confiture_") == NULL); /* nor a token */
		free(log);
	}
	close_house(&h);
}

static const struct unit_case cases[] = {
	CASE(p01_a_worker_killed_at_its_steps_is_succeeded_by_the_next_one),
	CASE(a_coordinator_that_dies_meanwhile_loses_nothing),
	CASE(a_command_that_is_killed_leaves_a_job_that_goes_on),
	CASE(a_detached_job_is_told_by_its_id),
	CASE(each_worker_serves_its_own_and_one_that_is_away_is_named),
	CASE(a_token_that_does_not_hold_is_refused_and_nothing_changes),
	CASE(without_a_token_or_with_one_for_all_to_see_nothing_is_sent),
	CASE(what_is_not_there_is_named_with_the_next_step),
	CASE(p22_a_password_in_the_workers_settings_is_nowhere_else),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fleet", cases, ARRAY_LEN(cases), argc, argv);
}
