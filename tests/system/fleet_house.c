/* See the header. */
#include "tests/system/fleet_house.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/document.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

void
house_open(struct house *h, const char *settings)
{
	project_open(&h->project);
	fleet_open(&h->fleet, settings);
	snprintf(h->target, sizeof(h->target), "  local:\n    database_url: \"%s\"\n",
		 project_url(&h->project));
	h->worker = fleet_worker(&h->fleet, "near", "local", h->target);
	h->env[0] = h->fleet.coordinator;
	h->env[1] = h->fleet.token_file;
	h->env[2] = NULL;
}

void
house_close(struct house *h)
{
	fleet_close(&h->fleet);
	project_close(&h->project);
}

int
house_run(struct house *h, const char *words)
{
	return project_run_env(&h->project, words, h->env);
}

void
house_newest_job(struct house *h, char id[64])
{
	CHECK_INT(house_run(h, "job list --limit 1 --format json"), 0);
	struct document *d = document_parse(h->project.last.out);
	const char *text = document_text(d, "jobs.0.id");

	snprintf(id, 64, "%s", text ? text : "");
	document_free(d);
	REQUIRE(id[0] != '\0');
}

const char *
house_job_state(struct house *h, const char *id)
{
	static char state[64];
	char words[128];

	snprintf(words, sizeof(words), "job show %s --format json", id);
	CHECK_INT(house_run(h, words), 0);
	struct document *d = document_parse(h->project.last.out);
	const char *text = document_text(d, "info.state");
	snprintf(state, sizeof(state), "%s/%lld", text ? text : "",
		 (long long)document_int(d, "info.exit_code"));
	document_free(d);
	return state;
}

/* ---- what is run ---- */
void
counted_reset(struct project *p)
{
	REQUIRE(pg_exec(project_url(p),
			"DROP SCHEMA public CASCADE; CREATE SCHEMA public; "
			"CREATE TABLE effect (name text); CREATE TABLE items (id int, v text); "
			"INSERT INTO items SELECT i, 'v' || i FROM generate_series(1, 200) i"));
}

void
counted_migrations(struct project *p)
{
	counted_reset(p);
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

bool
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

void
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

bool
slow_effects_are_there_once(struct project *p, int count)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%d/%d", count, count);
	return CHECK_STR(
		project_sql(p, "SELECT count(*) || '/' || count(DISTINCT name) FROM effect"),
		expected);
}

static const char sessions[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = "
			       "current_database() AND application_name LIKE 'confiture%'";

const char *
house_sessions(struct house *h)
{
	return project_sql(&h->project, sessions);
}

bool
house_wait_value(struct house *h, const char *sql, const char *wanted, int seconds)
{
	for (int i = 0; i < seconds * 50; i++) {
		const char *value = project_sql(&h->project, sql);
		if (value != NULL && strcmp(value, wanted) == 0)
			return true;
		usleep(20 * 1000);
	}
	return false;
}

bool
house_wait_no_sessions(struct house *h, int seconds)
{
	return house_wait_value(h, sessions, "0", seconds);
}

/* ---- points ---- */
void
house_start_faulty(struct house *h, int stop_at)
{
	char env[64];

	h->worker->program = CONFITURE_WORKER_FAULTY;
	snprintf(env, sizeof(env), "CONFITURE_STOP_AT=%d", stop_at);
	fleet_worker_start(&h->fleet, h->worker, (const char *[]){env, NULL});
}

int
house_count_points(struct house *h)
{
	char points[256], env[300], line[200];
	int count = 0;

	h->worker->program = CONFITURE_WORKER_FAULTY;
	snprintf(points, sizeof(points), "%s/points", h->fleet.dir);
	snprintf(env, sizeof(env), "CONFITURE_POINTS=%s", points);
	fleet_worker_start(&h->fleet, h->worker, (const char *[]){env, NULL});
	CHECK_INT(house_run(h, "migrate up"), 0);
	fleet_worker_kill(h->worker, SIGTERM);
	FILE *file = fopen(points, "r");
	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL)
		count++;
	fclose(file);
	CHECK(count > 40);
	return count;
}

int
house_stride(int otherwise)
{
	const char *stride = getenv("CONFITURE_STRIDE");
	long given = stride != NULL ? strtol(stride, NULL, 10) : 0;

	return given > 0 ? (int)given : otherwise;
}
