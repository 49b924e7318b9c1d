/*
 * Bad input to a fleet: each kind has its own code, words, exit code and next step, and nothing has
 * changed. What a wrong token leads to is in fleet_test.c, certificates in proxy.sh.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/fleet_house.h"

#include "shared/base/banned.h"

static void
open_with_one_migration(struct house *h, const char *settings)
{
	house_open(h, settings);
	project_migration(&h->project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
}

static void
refuse(struct house *h, struct refusal r)
{
	r.env = h->env;
	refusal_check(&h->project, &r);
}

/* ---- whose database it is ---- */
static void
a_database_of_a_coordinator_is_not_changed_from_another_journal(void)
{
	struct house h;
	char journal[64];

	open_with_one_migration(&h, NULL);
	/* Without any coordinator, whatever journal. */
	CHECK_INT(project_run(&h.project, "migrate up"), 0);
	CHECK_INT(rename(project_path(&h.project, ".confiture"),
			 project_path(&h.project, ".confiture-before")),
		  0);
	project_migration(&h.project, "002_b", "CREATE TABLE b ();", "DROP TABLE b;");
	CHECK_INT(project_run(&h.project, "migrate up"), 0);
	/* From now on it is the coordinator's. */
	project_migration(&h.project, "003_c", "CREATE TABLE c ();", "DROP TABLE c;");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate up"), 0);
	snprintf(journal, sizeof(journal), "%s",
		 project_sql(&h.project, "SELECT coordinator::text FROM confiture_fence"));
	CHECK_INT(strlen(journal), 36);
	project_migration(&h.project, "004_d", "CREATE TABLE d ();", "DROP TABLE d;");
	static const char *const commands[] = {"migrate up", "migrate up --env local --embedded",
					       "migrate down", "migrate down-to 001"};
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		refusal_check(&h.project, &(struct refusal){.words = commands[i],
							    .exit_code = 6,
							    .code = "LOCK_1304",
							    .says = journal,
							    .next = "--foreign-journal --reason"});
	refusal_check(&h.project, &(struct refusal){.words = "migrate up --foreign-journal",
						    .exit_code = 2,
						    .code = "USAGE_001",
						    .says = "needs --reason",
						    .next = "confiture"});
	/* Who only looks, looks. */
	CHECK_INT(project_run(&h.project, "migrate status --env local"), 1);
	CHECK_INT(project_run(&h.project, "migrate up --dry-run"), 0);
	CHECK_INT(project_run(&h.project,
			      "migrate up --foreign-journal --reason 'their machine is down'"),
		  0);
	CHECK_HAS(h.project.last.err, "their machine is down");
	CHECK_INT(project_run(&h.project, "audit show --format json"), 0);
	CHECK_HAS(h.project.last.out, "their machine is down");
	/* It was for once: the database is still theirs. */
	CHECK_STR(project_sql(&h.project, "SELECT coordinator FROM confiture_fence"), journal);
	CHECK_INT(project_run(&h.project, "migrate down"), 6);
	CHECK_INT(house_run(&h, "migrate down"), 0);
	house_close(&h);
}

static void
a_second_coordinator_takes_a_database_over_only_when_told_to(void)
{
	struct house h;
	struct fleet other;

	open_with_one_migration(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate up"), 0);
	fleet_open(&other, NULL);
	fleet_worker_start(&other, fleet_worker(&other, "there", "local", h.target), NULL);
	project_migration(&h.project, "002_b", "CREATE TABLE b ();", "DROP TABLE b;");
	const char *env[] = {other.coordinator, other.token_file, NULL};
	refusal_check(&h.project, &(struct refusal){.words = "migrate up",
						    .env = env,
						    .exit_code = 6,
						    .code = "LOCK_1304",
						    .says = "another journal",
						    .next = "--coordinator"});
	CHECK_INT(project_run_env(&h.project, "migrate up --foreign-journal --reason moved", env),
		  0);
	CHECK_INT(project_run_env(&h.project, "migrate up", env), 0);
	CHECK_INT(house_run(&h, "migrate down"), 6); /* now it is the other one's */
	fleet_close(&other);
	house_close(&h);
}

/* ---- targets ---- */
static void
a_target_that_is_forgotten_or_whose_worker_is_down_is_told_apart(void)
{
	struct house h;

	open_with_one_migration(&h, NULL);
	refuse(&h, (struct refusal){.words = "migrate up --timeout 1s",
				    .exit_code = 5,
				    .code = "CONFIG_011",
				    .says = "local",
				    .next = "worker list"});
	fleet_worker_start(&h.fleet, h.worker, NULL);
	fleet_worker_kill(h.worker, SIGKILL);
	refuse(&h, (struct refusal){.words = "migrate up --timeout 1s",
				    .exit_code = 3,
				    .code = "WORKER_001",
				    .says = "no worker",
				    .next = "worker list"});
	CHECK_INT(house_run(&h, "worker forget local"), 0);
	refuse(&h, (struct refusal){.words = "migrate up --timeout 1s",
				    .exit_code = 5,
				    .code = "CONFIG_011",
				    .says = "local",
				    .next = "worker list"});
	house_close(&h);
}

static void
a_worker_whose_database_is_gone_says_so_and_goes_on(void)
{
	struct house h;

	open_with_one_migration(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate status --env local"), 2);
	REQUIRE(cluster_drop_database(h.project.database));
	for (int json = 0; json < 2; json++) {
		CHECK_INT(house_run(&h, json ? "migrate up --format json" : "migrate up"), 3);
		CHECK_HAS(json ? h.project.last.out : h.project.last.err, "CONFIG_006");
		CHECK_HAS(json ? h.project.last.out : h.project.last.err, "does not exist");
		CHECK_HAS(json ? h.project.last.out : h.project.last.err, "createdb");
	}
	/* The worker lives, and serves it again when it is there again. */
	REQUIRE(cluster_create_database(h.project.database));
	CHECK_INT(house_run(&h, "migrate up"), 0);
	house_close(&h);
}

/* ---- sizes ---- */
static void
a_file_beyond_the_limit_is_refused_before_it_travels(void)
{
	struct house h;
	char big[3000];

	house_open(&h, "limits: { file_bytes: 2048 }\n");
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	memset(big, '-', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	project_migration(&h.project, "002_big", big, "SELECT 1;");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	refuse(&h, (struct refusal){.words = "migrate up",
				    .exit_code = 1,
				    .code = "JOB_005",
				    .says = "002_big.up.sql",
				    .next = "limits.file_bytes"});
	house_close(&h);
}

static void
a_journal_that_is_full_of_files_takes_no_more(void)
{
	struct house h;

	house_open(&h, "limits: { files_bytes: 1024 }\n");
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate up"), 0);
	char big[1100];
	memset(big, '-', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	project_migration(&h.project, "002_big", big, "SELECT 1;");
	refuse(&h, (struct refusal){.words = "migrate up",
				    .exit_code = 1,
				    .code = "JOB_005",
				    .says = "no room",
				    .next = "limits.files_bytes"});
	house_close(&h);
}

/* ---- what has ended ---- */
static void
a_job_that_has_ended_is_not_settled_again(void)
{
	struct house h;
	char id[64], words[128];

	open_with_one_migration(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate up"), 0);
	house_newest_job(&h, id);
	snprintf(words, sizeof(words), "job settle %s", id);
	refuse(&h, (struct refusal){.words = words,
				    .exit_code = 1,
				    .code = "JOB_002",
				    .says = "has ended already: succeeded",
				    .next = "job show"});
	house_close(&h);
}

/* ---- tokens ---- */
static void
a_token_that_was_revoked_is_refused_and_a_running_worker_loses_its_place(void)
{
	struct house h;
	char file[300];

	open_with_one_migration(&h, NULL);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	snprintf(file, sizeof(file), "CONFITURE_TOKEN_FILE=%s",
		 fleet_token_file(&h.fleet, "ann", fleet_token(&h.fleet, "agent:ann", NULL)));
	const char *env[] = {h.fleet.coordinator, file, NULL};
	CHECK_INT(project_run_env(&h.project, "migrate status --env local", env), 2);
	fleet_token_revoke(&h.fleet, "agent:ann");
	fleet_token_revoke(&h.fleet, "worker:near");
	/* The coordinator reads the list within a second: once the later one counts, both do. */
	CHECK(fleet_said(&h.fleet, "near", "AUTH_001", 30));
	refusal_check(&h.project, &(struct refusal){.words = "migrate up",
						    .env = env,
						    .exit_code = 5,
						    .code = "AUTH_001",
						    .says = "revoked",
						    .next = "token create"});
	refuse(&h, (struct refusal){.words = "migrate up --timeout 1s",
				    .exit_code = 3,
				    .code = "WORKER_001",
				    .says = "no worker",
				    .next = "worker list"});
	house_close(&h);
}

static void
a_worker_with_a_token_for_another_environment_serves_nothing(void)
{
	struct house h;

	open_with_one_migration(&h, NULL);
	fleet_worker(&h.fleet, "wrong", "staging", h.target);
	fleet_worker_launch(&h.fleet, &h.fleet.workers[1]);
	CHECK(fleet_said(&h.fleet, "wrong", "AUTH_002", 30));
	CHECK(fleet_said(&h.fleet, "wrong", "its token is not for environment local", 1));
	refuse(&h, (struct refusal){.words = "migrate up --timeout 1s",
				    .exit_code = 5,
				    .code = "CONFIG_011",
				    .says = "local",
				    .next = "worker list"});
	house_close(&h);
}

/* ---- other versions ---- */
static void
a_coordinator_of_another_protocol_is_told_by_command_and_worker(void)
{
	struct process newer;
	struct house h;
	char url[64], coordinator[96];

	open_with_one_migration(&h, NULL);
	snprintf(url, sizeof(url), "ws://127.0.0.1:%d/rpc", free_port());
	snprintf(coordinator, sizeof(coordinator), "CONFITURE_COORDINATOR=%s", url);
	const char *argv[] = {CONFITURE_NEWER, "listen", url, NULL};
	REQUIRE(process_start(&newer, &(struct process_spec){.argv = argv}));
	REQUIRE(process_wait_text(&newer, "listening", 30));
	const char *env[] = {coordinator, h.fleet.token_file, NULL};
	refusal_check(&h.project, &(struct refusal){.words = "migrate up",
						    .env = env,
						    .exit_code = 3,
						    .code = "COORD_002",
						    .says = "this coordinator 9.0.0 speaks 9",
						    .next = "same version"});
	snprintf(h.fleet.url, sizeof(h.fleet.url), "%s", url);
	fleet_worker_targets(&h.fleet, h.worker, h.target);
	fleet_worker_launch(&h.fleet, h.worker);
	CHECK(fleet_said(&h.fleet, "near", "COORD_002", 30));
	process_free(&newer);
	house_close(&h);
}

static void
a_worker_of_another_protocol_is_told_so_by_the_coordinator(void)
{
	struct process newer;
	struct house h;

	house_open(&h, NULL);
	const char *argv[] = {CONFITURE_NEWER, "hello", h.fleet.url,
			      fleet_token(&h.fleet, "worker:new@local", NULL), NULL};
	CHECK_INT(process_run(&newer, &(struct process_spec){.argv = argv}), 3);
	CHECK_HAS(newer.out, "COORD_002 confiture-worker 9.0.0 speaks protocols 9 to 9");
	process_free(&newer);
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(a_database_of_a_coordinator_is_not_changed_from_another_journal),
	CASE(a_second_coordinator_takes_a_database_over_only_when_told_to),
	CASE(a_target_that_is_forgotten_or_whose_worker_is_down_is_told_apart),
	CASE(a_worker_whose_database_is_gone_says_so_and_goes_on),
	CASE(a_file_beyond_the_limit_is_refused_before_it_travels),
	CASE(a_journal_that_is_full_of_files_takes_no_more),
	CASE(a_job_that_has_ended_is_not_settled_again),
	CASE(a_token_that_was_revoked_is_refused_and_a_running_worker_loses_its_place),
	CASE(a_coordinator_of_another_protocol_is_told_by_command_and_worker),
	CASE(a_worker_of_another_protocol_is_told_so_by_the_coordinator),
	CASE(a_worker_with_a_token_for_another_environment_serves_nothing),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fleet_refusals", cases, ARRAY_LEN(cases), argc, argv);
}
