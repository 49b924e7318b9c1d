/*
 * What the way through a coordinator costs: the same migrations embedded and through coordinator
 * and worker processes over ws:// on loopback, and a job that has nothing to do, from one client
 * that is connected and as a whole command.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/house.h"
#include "tests/bench/measure.h"
#include "tests/support/cluster.h"
#include "tests/support/project.h"

#include "shared/base/banned.h"

struct setting {
	struct project p;
	struct fleet f;
	char token[128];
	const char *env[3]; /* of a command that goes through the fleet */
};

static void
write_migrations(struct project *p, int count)
{
	for (int i = 1; i <= count; i++) {
		char name[64], up[256], down[64];
		snprintf(name, sizeof(name), "%05d_table_%d", i, i);
		snprintf(up, sizeof(up),
			 "CREATE TABLE t%d (id bigint PRIMARY KEY, name text NOT NULL, at "
			 "timestamptz);\n"
			 "CREATE INDEX t%d_name_idx ON t%d (name);",
			 i, i, i);
		snprintf(down, sizeof(down), "DROP TABLE t%d;", i);
		project_migration(p, name, up, down);
	}
}

static void
open_setting(struct setting *s, int migrations)
{
	char targets[600];

	project_open(&s->p);
	write_migrations(&s->p, migrations);
	fleet_open(&s->f, NULL);
	snprintf(s->token, sizeof(s->token), "%s", fleet_token(&s->f, "operator:bench", NULL));
	snprintf(targets, sizeof(targets), "  local:\n    database_url: \"%s\"\n",
		 project_url(&s->p));
	fleet_worker_start(&s->f, fleet_worker(&s->f, "bench", "local", targets), NULL);
	s->env[0] = s->f.coordinator;
	s->env[1] = s->f.token_file;
	s->env[2] = NULL;
}

static void
close_setting(struct setting *s)
{
	fleet_close(&s->f);
	project_close(&s->p);
}

static void
fresh_database(struct setting *s)
{
	MEASURE_NEED(cluster_create_database(s->p.database));
	(void)pg_query_text(cluster_url("postgres"), "CHECKPOINT");
}

/* ---- the same work, both ways ---- */
static void
apply(int count, int rounds, double bound)
{
	double ours[MEASURE_MOST], embedded[MEASURE_MOST];
	struct setting s;
	char what[64];

	open_setting(&s, count);
	const char *argv[] = {s.p.program, "migrate", "up", "--quiet", NULL};
	for (int i = 0; i < rounds; i++) {
		fresh_database(&s);
		embedded[i] = measure_run(argv, s.p.dir, NULL).ms;
		fresh_database(&s);
		ours[i] = measure_run(argv, s.p.dir, s.env).ms;
	}
	snprintf(what, sizeof(what), "up of %d files; floor = embedded", count);
	measure_ratio(what, measure_median(ours, rounds), measure_median(embedded, rounds), bound,
		      measure_peak_kb(s.f.daemon.pid));
	measure_at_most("  the worker's memory",
			(double)measure_peak_kb(s.f.workers[0].process.pid) / 1024, 24, "MB", NULL);
	close_setting(&s);
}

/* ---- a job with nothing to do ---- */

/* What `migrate up` submits: asked from the journal. */
static struct job_spec *
last_spec(struct net_client *c, struct arena *arena)
{
	struct job_list_request all = {.limit = 1};
	struct job_list *list = bench_call(c, MESSAGE_job_list_request, &all, arena);

	MEASURE_NEED(list->jobs.count == 1);
	struct job_show one = {.job = list->jobs.items[0].id};
	struct job_shown *shown = bench_call(c, MESSAGE_job_show, &one, arena);
	return shown->spec;
}

/* What libpq alone takes for the session that such a job needs: to connect and to read the ledger.
 */
static double
session_ms(const char *url)
{
	double start = measure_now_ms();
	struct pg_session *session = pg_session_open(url);

	MEASURE_NEED(session != NULL &&
		     pg_session_text(session, "SELECT version FROM tb_confiture") != NULL);
	double ms = measure_now_ms() - start;
	pg_session_close(session);
	return ms;
}

static double
program_ms(const struct setting *s)
{
	const char *argv[] = {s->p.program, "--version", NULL};

	return measure_run(argv, s->p.dir, NULL).ms;
}

static void
empty_job(int rounds)
{
	double job[MEASURE_MOST], command[MEASURE_MOST], sync[MEASURE_MOST], connect[MEASURE_MOST],
		program[MEASURE_MOST];
	struct setting s;
	struct arena arena;
	char id[ID_TEXT], note[120];

	open_setting(&s, 1);
	const char *argv[] = {s.p.program, "migrate", "up", "--quiet", NULL};
	(void)measure_run(argv, s.p.dir, s.env);
	arena_init(&arena);
	struct net_client *c = bench_dial(s.f.url, s.token);
	const struct job_spec *spec = last_spec(c, &arena);
	for (int i = 0; i < rounds; i++) {
		double start = measure_now_ms();
		bench_submit(c, spec, id);
		(void)bench_follow(c, id);
		job[i] = measure_now_ms() - start;
		command[i] = measure_run(argv, s.p.dir, s.env).ms;
		sync[i] = measure_fsync_ms(s.f.dir);
		connect[i] = session_ms(project_url(&s.p));
		program[i] = program_ms(&s);
	}
	double sync_ms = measure_median(sync, rounds), session = measure_median(connect, rounds),
	       start_ms = measure_median(program, rounds), bound = 5 + 4 * sync_ms + session;
	snprintf(note, sizeof(note),
		 "5 ms + 4 x an fsync of %.2f ms + libpq's own session, %.2f ms", sync_ms, session);
	measure_at_most("a job with nothing to do", measure_median(job, rounds), bound, "ms", note);
	printf("  the same as a whole command: %.2f ms; `confiture --version`: %.2f ms\n",
	       measure_median(command, rounds), start_ms);
	arena_fini(&arena);
	close_setting(&s);
}

int
main(int argc, char **argv)
{
	bool durable = argc > 1 && strcmp(argv[1], "--fsync") == 0;

	MEASURE_NEED(cluster_start_private(durable ? "fsync = on\n" : NULL));
	printf("through coordinator and worker; server with fsync %s; medians\n",
	       durable ? "on" : "off");
	const char *only = argc > 1 ? argv[argc - 1] : "";
	if (strcmp(only, "apply") != 0)
		empty_job(51);
	if (strcmp(only, "job") != 0)
		apply(1000, 3, 1.1);
	return measure_end();
}
