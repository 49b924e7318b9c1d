/*
 * One command, several databases: by names, by an environment of several, by groups. One document
 * with a result for each in name order, and the worst exit code of all; what changes something
 * stops at the first failure, what only reads goes on.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { DATABASES = 3 };

static const char *const target_names[DATABASES] = {"blue/x", "blue/y", "green"};

struct town {
	struct project project; /* its own database is blue/x */
	char names[DATABASES][64];
};

static const char *
url_of(struct town *t, int database)
{
	return database == 0 ? project_url(&t->project) : cluster_url(t->names[database]);
}

static const char *
value_in(struct town *t, int database, const char *sql)
{
	return pg_query_text(url_of(t, database), sql);
}

/* blue has two databases, green one; `all` is both, in no order; `half` one of each. */
static void
open_town(struct town *t)
{
	project_open(&t->project);
	for (int i = 1; i < DATABASES; i++) {
		snprintf(t->names[i], sizeof(t->names[i]), "%.50s_%d", t->project.database, i);
		REQUIRE(cluster_create_database(t->names[i]));
	}
	project_file(&t->project, "db/environments/blue.yaml",
		     "targets:\n  y: { database_url: \"%s\" }\n  x: { database_url: \"%s\" }\n",
		     url_of(t, 1), url_of(t, 0));
	project_file(&t->project, "db/environments/green.yaml", "database_url: \"%s\"\n",
		     url_of(t, 2));
	project_file(&t->project, "confiture.yaml",
		     "groups:\n  all: [green, blue]\n  half: [green, blue/y]\n  one: [green]\n");
	project_migration(&t->project, "001_one", "CREATE TABLE one (id int);", "DROP TABLE one;");
}

static void
close_town(struct town *t)
{
	project_close(&t->project);
	for (int i = 1; i < DATABASES; i++)
		CHECK(cluster_drop_database(t->names[i]));
}

/* Targets in name order, each with its exit code; -1 stands for one that was not run. */
static void
check_targets(struct document *d, const char *const *names, const int *codes, int count)
{
	char path[64];
	int run = 0;

	CHECK_INT(document_count(d, "targets"), count);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "targets.%d.target", i);
		CHECK_STR(document_text(d, path), names[i]);
		snprintf(path, sizeof(path), "targets.%d.exit_code", i);
		if (codes[i] < 0)
			CHECK(document_null(d, path));
		else
			CHECK_INT(document_int(d, path), codes[i]);
		run += codes[i] >= 0;
	}
	CHECK_INT(document_int(d, "summary.total"), count);
	CHECK_INT(document_int(d, "summary.not_run"), count - run);
}

static void
check_run(struct town *t, const char *words, int worst, const char *const *names, const int *codes,
	  int count)
{
	struct document *d = run_json(&t->project, words, worst, "targets");

	check_targets(d, names, codes, count);
	CHECK_INT(document_int(d, "summary.exit_code"), worst);
	document_free(d);
}

/* ---- which, and in which order ---- */

static void
names_and_groups_become_targets_in_name_order_each_once(void)
{
	static const char *const half[] = {"blue/y", "green"}, *const one[] = {"green"};
	struct town t;

	open_town(&t);
	check_run(&t, "migrate up --group half", 0, half, (int[]){0, 0}, 2);
	CHECK_STR(value_in(&t, 0, "SELECT to_regclass('one') IS NULL"), "t");
	check_run(&t, "migrate up --env green,blue --group half", 0, target_names, (int[]){0, 0, 0},
		  3);
	check_run(&t, "migrate status --group all", 0, target_names, (int[]){0, 0, 0}, 3);
	/* A group is several, whatever is in it: scripts get one shape. */
	check_run(&t, "migrate current --group one", 0, one, (int[]){0}, 1);
	for (int i = 0; i < DATABASES; i++)
		CHECK_STR(value_in(&t, i, "SELECT count(*) FROM tb_confiture"), "1");
	close_town(&t);
}

static void
people_see_a_head_for_each_and_one_line_at_the_end(void)
{
	struct town t;

	open_town(&t);
	CHECK_INT(project_run(&t.project, "migrate up --group all"), 0);
	const char *x = strstr(t.project.last.out, "blue/x"),
		   *y = strstr(t.project.last.out, "blue/y"),
		   *green = strstr(t.project.last.out, "green");
	CHECK(x != NULL && y != NULL && green != NULL && x < y && y < green);
	CHECK_HAS(t.project.last.out, "3 of 3 targets succeeded");
	CHECK_INT(project_run(&t.project, "migrate down --group all"), 0);
	for (int i = 0; i < DATABASES; i++)
		CHECK_STR(value_in(&t, i, "SELECT count(*) FROM tb_confiture"), "0");
	close_town(&t);
}

/* ---- failures ---- */

static void
a_change_stops_at_the_first_failure(void)
{
	struct town t;

	open_town(&t);
	REQUIRE(pg_exec(url_of(&t, 1), "CREATE TABLE one ()"));
	check_run(&t, "migrate up --group all", 3, target_names, (int[]){0, 3, -1}, 3);
	CHECK_STR(value_in(&t, 2, "SELECT to_regclass('one') IS NULL"), "t");
	REQUIRE(pg_exec(url_of(&t, 1), "DROP TABLE one"));
	/* The next run does what is left, and nothing twice. */
	check_run(&t, "migrate up --group all", 0, target_names, (int[]){0, 0, 0}, 3);
	for (int i = 0; i < DATABASES; i++)
		CHECK_STR(value_in(&t, i, "SELECT count(*) FROM tb_confiture"), "1");
	close_town(&t);
}

static void
reading_goes_on_and_the_worst_exit_code_counts(void)
{
	struct town t;

	open_town(&t);
	CHECK_INT(project_run(&t.project, "migrate up --env green"), 0);
	REQUIRE(pg_exec(url_of(&t, 0), "CREATE TABLE tb_confiture (wrong int)"));
	/* verify: 2 without a ledger, 0 with one; the first has one that is none. */
	struct document *d = run_json(&t.project, "migrate verify --group all", 2, "targets");
	CHECK_INT(document_int(d, "targets.0.exit_code"), 1);
	CHECK_INT(document_int(d, "targets.1.exit_code"), 2);
	CHECK_INT(document_int(d, "targets.2.exit_code"), 0);
	CHECK_INT(document_int(d, "summary.exit_code"), 2);
	document_free(d);
	close_town(&t);
}

/* ---- who is away ---- */

static void
serve(struct fleet *f, struct town *t, int database, bool start)
{
	char targets[400];
	const char *name = target_names[database];
	static const char *const workers[] = {"wx", "wy", "wg"};

	snprintf(targets, sizeof(targets), "  %s:\n    database_url: \"%s\"\n", name,
		 url_of(t, database));
	struct fleet_worker *w = fleet_worker(f, workers[database], "blue,green", targets);
	fleet_worker_start(f, w, NULL);
	if (!start)
		fleet_worker_kill(w, SIGTERM);
}

static void
run_away(struct town *t, struct fleet *f, const char *words, const int *codes)
{
	const char *env[] = {f->coordinator, f->token_file, NULL};
	char line[200];

	snprintf(line, sizeof(line), "%s --format json", words);
	CHECK_INT(project_run_env(&t->project, line, env), 3);
	struct document *d = document_parse(t->project.last.out);
	CHECK(document_valid(d, "targets"));
	check_targets(d, target_names, codes, DATABASES);
	CHECK_STR(document_text(d, "targets.0.error.code"), "WORKER_001");
	document_free(d);
}

/* The first by name is away: it reports that, and takes no time from the others. */
static void
a_target_that_is_away_is_waited_for_and_then_reported(void)
{
	struct town t;
	struct fleet fleet;

	open_town(&t);
	fleet_open(&fleet, NULL);
	serve(&fleet, &t, 0, false);
	serve(&fleet, &t, 1, true);
	serve(&fleet, &t, 2, true);
	run_away(&t, &fleet, "migrate status --group all --timeout 2s", (int[]){3, 2, 2});
	run_away(&t, &fleet, "migrate up --group all --timeout 1s", (int[]){3, -1, -1});
	CHECK_STR(value_in(&t, 1, "SELECT to_regclass('one') IS NULL"), "t");
	/* Nothing was left behind that would run when it comes back. */
	fleet_worker_start(&fleet, &fleet.workers[0], NULL);
	const char *env[] = {fleet.coordinator, fleet.token_file, NULL};
	CHECK_INT(project_run_env(&t.project, "migrate status --env blue/x --format json", env), 2);
	CHECK_STR(value_in(&t, 0, "SELECT to_regclass('one') IS NULL"), "t");
	CHECK_INT(project_run_env(&t.project, "migrate up --group all", env), 0);
	fleet_close(&fleet);
	close_town(&t);
}

static const struct unit_case cases[] = {
	CASE(names_and_groups_become_targets_in_name_order_each_once),
	CASE(people_see_a_head_for_each_and_one_line_at_the_end),
	CASE(a_change_stops_at_the_first_failure),
	CASE(reading_goes_on_and_the_worst_exit_code_counts),
	CASE_EMBEDDED(a_target_that_is_away_is_waited_for_and_then_reported),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fanout", cases, ARRAY_LEN(cases), argc, argv);
}
