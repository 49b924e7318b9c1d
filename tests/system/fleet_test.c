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
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/fleet_house.h"

#include "shared/base/banned.h"

/* ---- the coordinator ---- */

static void
a_coordinator_that_dies_meanwhile_loses_nothing(void)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGKILL, SIGKILL};

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct house h;
		struct process command;

		house_open(&h, SHORT_LEASE);
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
		ok = slow_effects_are_there_once(&h.project, 12) && ok;
		CHECK_INT(house_run(&h, "audit verify"), 0);
		if (!ok)
			fprintf(stderr, "-- round %zu\n%s%s\n", i, command.out, command.err);
		process_free(&command);
		house_close(&h);
	}
}

/* ---- the command line ---- */

static void
a_command_that_is_killed_leaves_a_job_that_goes_on(void)
{
	struct house h;
	struct process command;
	char id[64], words[128];

	house_open(&h, NULL);
	slow_migrations(&h.project, 12);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	REQUIRE(project_start(&h.project, &command, "migrate up --format ndjson", h.env));
	CHECK(process_wait_text(&command, "migration_done", 30));
	process_signal(&command, SIGKILL);
	CHECK(process_wait(&command, 10));
	house_newest_job(&h, id);
	snprintf(words, sizeof(words), "job attach %s --format ndjson", id);
	CHECK_INT(house_run(&h, words), 0);
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
	house_close(&h);
}

static void
a_detached_job_is_told_by_its_id(void)
{
	struct house h;
	char id[64], words[128];

	house_open(&h, NULL);
	slow_migrations(&h.project, 3);
	/* Nobody waits here for a worker. */
	CHECK_INT(house_run(&h, "migrate up --detach"), 5); /* and the target was never seen */
	fleet_worker_start(&h.fleet, h.worker, NULL);
	fleet_worker_kill(h.worker, SIGTERM);
	CHECK_INT(house_run(&h, "migrate up --detach"), 0);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(h.project.last.out, "\n"),
		 h.project.last.out);
	CHECK_INT(strlen(id), 36);
	CHECK_HAS(h.project.last.err, "confiture job attach");
	CHECK_STR(project_sql(&h.project, "SELECT count(*) FROM effect"), "0");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	snprintf(words, sizeof(words), "job attach %s", id);
	CHECK_INT(house_run(&h, words), 0);
	CHECK_STR(project_sql(&h.project, "SELECT count(*) FROM effect"), "3");
	CHECK_INT(house_run(&h, "migrate up --detach --format json"), 0);
	struct document *d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "job-info"));
	document_free(d);
	/* Without a coordinator there is nobody to leave it to. */
	CHECK_INT(project_run(&h.project, "migrate up --detach"), 2);
	CHECK_HAS(h.project.last.err, "USAGE_001");
	house_close(&h);
}

/* ---- several workers ---- */

static void
each_worker_serves_its_own_and_one_that_is_away_is_named(void)
{
	struct house h;
	struct project us;
	char targets[400];

	house_open(&h, NULL);
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
	CHECK_INT(house_run(&h, "migrate up --env production"), 0);
	CHECK_HAS(h.project.last.out, "2 of 2 targets succeeded");
	CHECK_STR(project_sql(&us, "SELECT count(*) FROM tb_confiture"), "1");
	/* Remembered, so that a fan-out does not pass it over. */
	fleet_worker_kill(second, SIGTERM);
	project_migration(&h.project, "002_b", "CREATE TABLE b ();", "DROP TABLE b;");
	CHECK_INT(house_run(&h, "migrate up --env production --timeout 2s --format json"), 3);
	struct document *d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "targets"));
	CHECK_INT(document_int(d, "targets.0.exit_code"), 0);
	CHECK_STR(document_text(d, "targets.1.error.code"), "WORKER_001");
	document_free(d);
	CHECK_INT(house_run(&h, "worker list --format json"), 0);
	d = document_parse(h.project.last.out);
	CHECK(document_valid(d, "worker-list"));
	CHECK_STR(document_text(d, "workers.0.name"), "eu1");
	CHECK_STR(document_text(d, "workers.0.state"), "online");
	CHECK_STR(document_text(d, "workers.1.name"), "us1");
	document_free(d);
	CHECK_INT(house_run(&h, "worker forget production/us"), 0);
	CHECK_INT(house_run(&h, "migrate status --env production"), 0);
	/* Drained: nothing new, until it is undone. */
	CHECK_INT(house_run(&h, "worker drain eu1"), 0);
	CHECK_INT(house_run(&h, "migrate up --env production/eu --timeout 1s"), 3);
	CHECK_HAS(h.project.last.err, "draining");
	CHECK_INT(house_run(&h, "worker drain eu1 --undo"), 0);
	CHECK_INT(house_run(&h, "migrate up --env production/eu --timeout 20s"), 0);
	CHECK_INT(house_run(&h, "doctor --env production"), 0);
	CHECK_HAS(h.project.last.out, "eu1 is online");
	project_close(&us);
	house_close(&h);
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

	house_open(&h, NULL);
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
	house_close(&h);
}

static void
without_a_token_or_with_one_for_all_to_see_nothing_is_sent(void)
{
	struct house h;
	const char *env[] = {NULL, NULL, NULL};
	struct refusal r = {.words = "migrate up", .exit_code = 5, .code = "AUTH_001", .env = env};
	char file[300];

	house_open(&h, NULL);
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
	house_close(&h);
}

static void
what_is_not_there_is_named_with_the_next_step(void)
{
	struct house h;
	struct refusal r = {.exit_code = 5};

	house_open(&h, NULL);
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
	house_close(&h);
}

/* ---- structures ---- */

static const char many_tables[] =
	"DO $$ BEGIN FOR i IN 1..250 LOOP EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, "
	"a text NOT NULL DEFAULT ''x'', b numeric(10,2), c timestamptz, d text)', i); END LOOP; "
	"END $$";

/* What the same command prints without the coordinator. */
static void
expect_as_here(struct house *h, const char *line, struct process *run)
{
	char here[128];

	snprintf(here, sizeof(here), "%s --embedded", line);
	CHECK_INT(house_run(h, here), run->exit_code);
	CHECK_STR(run->out, h->project.last.out);
}

/* More than one piece; and again, when the coordinator has it already. */
static void
a_structure_of_many_pieces_is_the_same_from_afar(void)
{
	static const char *const lines[] = {
		"fingerprint local",
		"introspect local -f json",
		"diff --from local --to kept.json",
	};
	struct house h;
	struct process run;

	house_open(&h, NULL);
	REQUIRE(pg_exec(project_url(&h.project), many_tables));
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "introspect local -o kept.json"), 0);
	REQUIRE(pg_exec(project_url(&h.project), "ALTER TABLE t7 ADD e integer"));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		REQUIRE(project_start(&h.project, &run, lines[i], h.env));
		CHECK(process_wait(&run, 60));
		expect_as_here(&h, lines[i], &run);
		process_free(&run);
	}
	REQUIRE(house_wait_no_sessions(&h, 10));
	house_close(&h);
}

/* The first two points are the session; before, and after it was read. */
static void
a_reading_whose_worker_dies_is_made_by_the_next_one(void)
{
	for (int point = 3; point <= 4; point++) {
		struct house h;
		struct process run;

		house_open(&h, SHORT_LEASE);
		REQUIRE(pg_exec(project_url(&h.project), "CREATE TABLE t (a integer)"));
		house_start_faulty(&h, point);
		REQUIRE(project_start(&h.project, &run, "fingerprint local", h.env));
		REQUIRE(process_wait_stop(&h.worker->process, 60));
		fleet_worker_kill(h.worker, SIGKILL);
		h.worker->program = NULL;
		fleet_worker_start(&h.fleet, h.worker, NULL);
		CHECK(process_wait(&run, 60));
		CHECK_INT(run.exit_code, 0);
		CHECK(fleet_said(&h.fleet, "near", "attempt=2", 1));
		expect_as_here(&h, "fingerprint local", &run);
		process_free(&run);
		house_close(&h);
	}
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
		"introspect local",
		"job list --format json",
		"audit show --format json",
		"worker list",
		"doctor",
	};
	struct house h;
	char targets[500];

	house_open(&h, "log: { level: debug }\n");
	snprintf(targets, sizeof(targets),
		 "  local:\n    database_url: \"%s&password=" PLANTED_SECRET "\"\n",
		 project_url(&h.project));
	fleet_worker_targets(&h.fleet, h.worker, targets);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		CHECK(house_run(&h, commands[i]) <= 2);
		check_no_secret(&h.project.last);
	}
	project_migration(&h.project, "002_bad", "SELECT nosuch;", "SELECT 1;");
	CHECK_INT(house_run(&h, "migrate up"), 3);
	check_no_secret(&h.project.last);
	for (size_t i = 0; i < 2; i++) {
		char *log = fleet_log(&h.fleet, i == 0 ? "coordinator" : "near");
		CHECK(strlen(log) > 0);
		CHECK(strstr(log, PLANTED_SECRET) == NULL);
		CHECK(strstr(log, "confiture_") == NULL); /* nor a token */
		free(log);
	}
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(a_coordinator_that_dies_meanwhile_loses_nothing),
	CASE(a_command_that_is_killed_leaves_a_job_that_goes_on),
	CASE(a_detached_job_is_told_by_its_id),
	CASE(each_worker_serves_its_own_and_one_that_is_away_is_named),
	CASE(a_token_that_does_not_hold_is_refused_and_nothing_changes),
	CASE(without_a_token_or_with_one_for_all_to_see_nothing_is_sent),
	CASE(what_is_not_there_is_named_with_the_next_step),
	CASE(a_structure_of_many_pieces_is_the_same_from_afar),
	CASE(a_reading_whose_worker_dies_is_made_by_the_next_one),
	CASE(p22_a_password_in_the_workers_settings_is_nowhere_else),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fleet", cases, ARRAY_LEN(cases), argc, argv);
}
