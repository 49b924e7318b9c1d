/*
 * `confiture build` of a schema tree of 1000 files: what it takes by itself, and with --apply
 * beside `cat | psql -1` of the same files on the same server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "tests/support/cluster.h"
#include "tests/support/project.h"

#include "shared/base/banned.h"

enum { FILES = 1000 };

/* cluster_url() lends its strings for a few calls only. */
static char url[300];

static void
write_tree(struct project *p)
{
	char path[64];

	project_file(p, "db/environments/local.yaml",
		     "database_url: \"%s\"\ninclude_dirs: [db/schema]\n", url);
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "db/schema/%02d/t%04d.sql", i / 50, i);
		project_file(p, path,
			     "-- Table %d of many.\n"
			     "CREATE TABLE t%d (\n"
			     "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
			     "  name text NOT NULL DEFAULT 'it''s',\n"
			     "  other_id bigint REFERENCES t%d,\n"
			     "  at timestamptz NOT NULL DEFAULT now()\n"
			     ");\n"
			     "CREATE INDEX t%d_name ON t%d (name);\n"
			     "COMMENT ON TABLE t%d IS 'one; of many';\n",
			     i, i, i > 0 ? i - 1 : 0, i, i, i);
	}
}

static void
build(struct project *p, const char *what, const char *option, double most, const char *note)
{
	enum { ROUNDS = 31 };
	const char *argv[] = {p->program, "build", "--quiet", option, NULL};
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		double before = measure_children_cpu_ms();
		measure_run(argv, p->dir, NULL);
		ms[i] = measure_children_cpu_ms() - before;
	}
	measure_at_most(what, measure_median(ms, ROUNDS), most, "ms", note);
}

static void
fresh_database(struct project *p)
{
	if (!cluster_create_database(p->database))
		exit(1);
	(void)pg_query_text(cluster_url("postgres"), "CHECKPOINT");
}

static void
apply(struct project *p, const char *psql, int rounds)
{
	double a[MEASURE_MOST], b[MEASURE_MOST];
	char line[1024];
	long rss = 0;

	snprintf(line, sizeof(line),
		 "find db/schema -name '*.sql' | sort | xargs cat | '%s' -Xq1 -v ON_ERROR_STOP=1 "
		 "-d '%s' -f -",
		 psql, url);
	const char *ours[] = {p->program, "build", "--quiet", "--apply", NULL};
	const char *theirs[] = {"sh", "-c", line, NULL};
	for (int i = 0; i < rounds; i++) {
		fresh_database(p);
		b[i] = measure_run(theirs, p->dir, NULL).ms;
		fresh_database(p);
		struct sample s = measure_run(ours, p->dir, NULL);
		a[i] = s.ms;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	measure_ratio("build --apply: 1000 files, beside cat | psql -1", measure_median(a, rounds),
		      measure_median(b, rounds), 1.2, rss);
}

int
main(int argc, char **argv)
{
	bool durable = argc > 1 && strcmp(argv[1], "--fsync") == 0;
	const char *psql = measure_psql();
	struct project p;

	if (psql == NULL || !cluster_start_private(durable ? "fsync = on\n" : NULL))
		return 2;
	printf("server with fsync %s; medians; floor = %s\n", durable ? "on" : "off", psql);
	project_open(&p);
	snprintf(url, sizeof(url), "%s", project_url(&p));
	write_tree(&p);
	build(&p, "build: 1000 files, our own time", "--no-two-pass", 50,
	      "user and system time of the whole command");
	build(&p, "build --two-pass: 1000 files and keys, the same", "--two-pass", 150,
	      "most of it is the parser's, which gives its tree as a message");
	apply(&p, psql, 7);
	project_close(&p);
	return measure_end();
}
