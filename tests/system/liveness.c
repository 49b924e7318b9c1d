/*
 * P9 with figures: a dead worker's job is gone on with within two leases, and a live worker never
 * loses one, while both cores are busy with something else. A long target:
 *
 *   liveness [ROUNDS [SECONDS]]     kills, then a calm watch of that many seconds
 *
 * Not a test of ctest: the watch is meant to last ten minutes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/parse.h"
#include "shared/base/runtime.h"
#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { LEASE_MS = 2000, BURNERS = 4, STEP_MS = 5, PATIENCE_S = 60, ROUNDS_MOST = 10000 };

struct site {
	struct fleet fleet;
	struct project project;
	struct process burners[BURNERS];
	const char *env[3];
};

static int64_t rounds = 100, seconds = 600;

/* What takes the cores: as many again as there are. */
static void
start_burners(struct site *s)
{
	const char *argv[] = {"/bin/sh", "-c", "while :; do :; done", NULL};

	for (size_t i = 0; i < BURNERS; i++)
		REQUIRE(process_start(&s->burners[i], &(struct process_spec){.argv = argv}));
}

static void
open_site(struct site *s)
{
	project_open(&s->project);
	fleet_open(&s->fleet, "lease: 2s\n");
	s->env[0] = s->fleet.coordinator;
	s->env[1] = s->fleet.token_file;
	s->env[2] = NULL;
	start_burners(s);
}

static void
close_site(struct site *s)
{
	for (size_t i = 0; i < BURNERS; i++)
		process_free(&s->burners[i]);
	fleet_close(&s->fleet);
	project_close(&s->project);
}

/* ---- what the coordinator's log says ---- */
static int
count_in(const char *log, const char *words, const char **last)
{
	int count = 0;

	for (const char *at = log; (at = strstr(at, words)) != NULL; at++) {
		count++;
		*last = at;
	}
	return count;
}

/* Whose name stands on that line of the log. */
static struct fleet_worker *
worker_on(struct site *s, const char *line)
{
	const char *name = memmem(line, strcspn(line, "\n"), "worker=", strlen("worker="));

	for (size_t i = 0; name != NULL && i < s->fleet.worker_count; i++) {
		struct fleet_worker *w = &s->fleet.workers[i];
		if (strncmp(name + strlen("worker="), w->name, strlen(w->name)) == 0)
			return w;
	}
	return NULL;
}

/* Waits until more than `before` jobs were begun; the worker of the newest, or NULL. */
static struct fleet_worker *
await_begun(struct site *s, int before)
{
	struct runtime *rt = runtime_system();
	uint64_t until = runtime_deadline(rt, PATIENCE_S * 1000);
	struct fleet_worker *found = NULL;

	while (found == NULL && runtime_boot_ns(rt) < until) {
		const char *last = NULL;
		char *log = fleet_log(&s->fleet, "coordinator");
		if (count_in(log, "state=running", &last) > before)
			found = worker_on(s, last);
		free(log);
		if (found == NULL)
			rt->ops->sleep_ns(rt, STEP_MS * NS_PER_MS);
	}
	return found;
}

/* ---- a dead worker ---- */
static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static const char *
target_line(struct site *s, const char *name)
{
	static char line[512];

	snprintf(line, sizeof(line), "  %s: {database_url: \"%s\"}\n", name,
		 project_url(&s->project));
	return line;
}

/* From the kill to the next worker's begin. */
static uint64_t
kill_one(struct site *s, int round)
{
	struct runtime *rt = runtime_system();
	struct process command;
	char name[32];

	snprintf(name, sizeof(name), "%05d_slow", round);
	project_migration(&s->project, name,
			  "SELECT pg_sleep(0.2);\nSELECT pg_sleep(0.2);\nSELECT pg_sleep(0.2);\n"
			  "SELECT pg_sleep(0.2);\nINSERT INTO effect VALUES (1);",
			  "SELECT 1;");
	REQUIRE(project_start(&s->project, &command, "migrate up", s->env));
	struct fleet_worker *dead = await_begun(s, 2 * (round - 1));
	REQUIRE(dead != NULL);
	rt->ops->sleep_ns(rt, (uint64_t)(round * 37 % 600) * NS_PER_MS);
	uint64_t killed = runtime_boot_ns(rt);
	fleet_worker_kill(dead, SIGKILL);
	REQUIRE(await_begun(s, 2 * round - 1) != NULL);
	uint64_t took = (runtime_boot_ns(rt) - killed) / NS_PER_MS;
	CHECK(process_wait(&command, PATIENCE_S));
	if (!CHECK_INT(command.exit_code, 0))
		fprintf(stderr, "-- round %d\n%s%s\n", round, command.out, command.err);
	process_free(&command);
	fleet_worker_start(&s->fleet, dead, NULL);
	return took;
}

static void
p09_a_dead_workers_job_goes_on_within_two_leases(void)
{
	static uint64_t took[ROUNDS_MOST];
	struct site s;
	size_t n = (size_t)rounds;
	char expected[32];

	open_site(&s);
	REQUIRE(pg_exec(project_url(&s.project), "CREATE TABLE effect (n int)"));
	for (int i = 0; i < 2; i++)
		fleet_worker_start(&s.fleet,
				   fleet_worker(&s.fleet, i == 0 ? "left" : "right", "local",
						target_line(&s, "local")),
				   NULL);
	for (size_t i = 0; i < n; i++)
		took[i] = kill_one(&s, (int)i + 1);
	snprintf(expected, sizeof(expected), "%zu", n);
	CHECK_STR(project_sql(&s.project, "SELECT count(*) FROM effect"), expected);
	qsort(took, n, sizeof(took[0]), by_size);
	printf("\n%zu workers killed, lease %d ms, %d busy processes beside them: gone on with "
	       "after p50 %llu, p99 %llu, at most %llu ms\n",
	       n, LEASE_MS, BURNERS, (unsigned long long)took[n / 2],
	       (unsigned long long)took[(n * 99 - 1) / 100], (unsigned long long)took[n - 1]);
	CHECK(took[(n * 99 - 1) / 100] <= (uint64_t)2 * LEASE_MS);
	close_site(&s);
}

/* ---- live workers ---- */
static void
p09_a_live_worker_keeps_its_lease(void)
{
	struct site s;
	struct process command;
	char up[128];

	open_site(&s);
	fleet_worker_start(&s.fleet,
			   fleet_worker(&s.fleet, "left", "local", target_line(&s, "local")), NULL);
	snprintf(up, sizeof(up), "SELECT pg_sleep(%lld);\nCREATE TABLE done (n int);",
		 (long long)seconds);
	project_migration(&s.project, "001_long", up, "DROP TABLE done;");
	REQUIRE(project_start(&s.project, &command, "migrate up", s.env));
	CHECK(process_wait(&command, (int)seconds + PATIENCE_S));
	CHECK_INT(command.exit_code, 0);
	const char *last = NULL;
	char *log = fleet_log(&s.fleet, "coordinator");
	int begun = count_in(log, "state=running", &last);
	int lost = count_in(log, "state=unknown", &last);
	free(log);
	printf("\n%lld s of work with a lease of %d ms: begun %d time(s), lost %d time(s)\n",
	       (long long)seconds, LEASE_MS, begun, lost);
	CHECK_INT(begun, 1);
	CHECK_INT(lost, 0);
	process_free(&command);
	close_site(&s);
}

static const struct unit_case cases[] = {
	CASE(p09_a_dead_workers_job_goes_on_within_two_leases),
	CASE(p09_a_live_worker_keeps_its_lease),
};

int
main(int argc, char **argv)
{
	if (argc > 3 || (argc > 1 && !parse_int(argv[1], &rounds)) ||
	    (argc > 2 && !parse_int(argv[2], &seconds)) || rounds < 1 || rounds > ROUNDS_MOST)
		return 2;
	return cluster_start() ? unit_main("liveness", cases, ARRAY_LEN(cases), 1, argv) : 1;
}
