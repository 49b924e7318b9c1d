/*
 * How fast, against something real in the same run: psql doing the same work on the same server.
 * Each pair is run alternately and the medians are compared, so that a busy machine slows both
 * sides. Prints one line per measure: ours, floor, ratio, the bound we hold ourselves to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "tests/support/cluster.h"
#include "tests/support/project.h"

#include "shared/base/banned.h"

static const char *psql_program;

/* ---- start-up ---- */

/* cluster_url() lends its strings for a few calls only. */
static const char *
kept_url(struct project *p)
{
	static char url[300];

	snprintf(url, sizeof(url), "%s", project_url(p));
	return url;
}

static void
start_up(const char *program, const char *option)
{
	const char *ours[] = {program, option, NULL}, *theirs[] = {psql_program, "--version", NULL};
	double a[MEASURE_MOST], b[MEASURE_MOST];
	char what[64];
	int rounds = 101;

	for (int i = 0; i < rounds; i++) {
		a[i] = measure_run(ours, NULL, NULL).ms;
		b[i] = measure_run(theirs, NULL, NULL).ms;
	}
	snprintf(what, sizeof(what), "start-up: %s", option);
	measure_ratio(what, measure_median(a, rounds), measure_median(b, rounds), 1.5, 0);
}

/* ---- migrations ---- */

static void
write_migrations(struct project *p, int count)
{
	project_file(p, "floor.sql", "\\set ON_ERROR_STOP 1\n");
	FILE *floor_file = fopen(project_path(p, "floor.sql"), "a");

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
		fprintf(floor_file, "BEGIN;\n\\i db/migrations/%s.up.sql\nCOMMIT;\n", name);
	}
	fclose(floor_file);
}

static void
fresh_database(struct project *p)
{
	if (!cluster_create_database(p->database))
		exit(1);
	(void)pg_query_text(cluster_url("postgres"), "CHECKPOINT");
}

static void
apply(int count, int rounds, double bound)
{
	double a[MEASURE_MOST], b[MEASURE_MOST];
	struct project p;
	char what[64];
	long rss = 0;

	project_open(&p);
	write_migrations(&p, count);
	const char *ours[] = {p.program, "migrate", "up", "--quiet", NULL};
	const char *theirs[] = {psql_program, "-Xq", "-d", kept_url(&p), "-f", "floor.sql", NULL};
	for (int i = 0; i < rounds; i++) {
		fresh_database(&p);
		b[i] = measure_run(theirs, p.dir, NULL).ms;
		fresh_database(&p);
		struct sample s = measure_run(ours, p.dir, NULL);
		a[i] = s.ms;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	snprintf(what, sizeof(what), "migrate up: %d files", count);
	measure_ratio(what, measure_median(a, rounds), measure_median(b, rounds), bound, rss);
	project_close(&p);
}

static void
status(int count, int rounds)
{
	double a[MEASURE_MOST], b[MEASURE_MOST];
	struct project p;
	long rss = 0;

	project_open(&p);
	write_migrations(&p, count);
	const char *up[] = {p.program, "migrate", "up", "--quiet", NULL};
	measure_run(up, p.dir, NULL);
	const char *ours[] = {p.program, "migrate", "status", "-c", "db/environments/local.yaml",
			      NULL};
	const char *theirs[] = {
		psql_program, "-Xq", "-d",
		kept_url(&p), "-c",  "SELECT version, name, applied_at, checksum FROM tb_confiture",
		NULL};
	for (int i = 0; i < rounds; i++) {
		b[i] = measure_run(theirs, p.dir, NULL).ms;
		struct sample s = measure_run(ours, p.dir, NULL);
		a[i] = s.ms;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	measure_ratio("migrate status: 1000 applied", measure_median(a, rounds),
		      measure_median(b, rounds), 2.0, rss);
	project_close(&p);
}

static void
preflight(int count, int rounds)
{
	double a[MEASURE_MOST], b[MEASURE_MOST];
	struct project p;
	long rss = 0;
	char floor_path[256];

	project_open(&p);
	write_migrations(&p, count);
	snprintf(floor_path, sizeof(floor_path), "%s", project_path(&p, "rehearse.sql"));
	FILE *file = fopen(floor_path, "w");
	fprintf(file, "\\set ON_ERROR_STOP 1\nBEGIN;\n");
	for (int i = 1; i <= count; i++)
		fprintf(file, "SAVEPOINT s;\n\\i db/migrations/%05d_table_%d.up.sql\nRELEASE s;\n",
			i, i);
	fprintf(file, "ROLLBACK;\n");
	fclose(file);
	const char *ours[] = {p.program,
			      "migrate",
			      "preflight",
			      "--against",
			      kept_url(&p),
			      "-c",
			      "db/environments/local.yaml",
			      "--quiet",
			      NULL};
	const char *theirs[] = {psql_program, "-Xq",	      "-d", kept_url(&p),
				"-f",	      "rehearse.sql", NULL};
	for (int i = 0; i < rounds; i++) {
		b[i] = measure_run(theirs, p.dir, NULL).ms;
		struct sample s = measure_run(ours, p.dir, NULL);
		a[i] = s.ms;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	measure_ratio("migrate preflight: 100 pending", measure_median(a, rounds),
		      measure_median(b, rounds), 1.3, rss);
	project_close(&p);
}

int
main(int argc, char **argv)
{
	bool durable = argc > 1 && strcmp(argv[1], "--fsync") == 0;

	psql_program = measure_psql();
	if (psql_program == NULL || !cluster_start_private(durable ? "fsync = on\n" : NULL))
		return 2;
	printf("server with fsync %s; medians; floor = %s\n", durable ? "on" : "off", psql_program);
	start_up(CONFITURE_PROGRAM, "--version");
	start_up(CONFITURE_PROGRAM, "--help");
	apply(1, 21, 4.0);
	apply(100, 7, 1.3);
	apply(1000, 3, 1.3);
	status(1000, 31);
	preflight(100, 15);
	return measure_end();
}
