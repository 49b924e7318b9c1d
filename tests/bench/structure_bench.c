/*
 * Reading the structure of a database, and comparing two: beside the same catalogue queries run by
 * psql, and beside pg_dump -s of both. CONFITURE_PEER_DIFF names another tool's command that is
 * given two URLs and run beside ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "tests/support/cluster.h"
#include "worker/catalog/queries.h"

#include "shared/base/banned.h"

enum { ROUNDS = 11, TABLES = 1000, MANY_RELATIONS = 10000, PER_TABLE = 3 };

static const char *psql_program;
static char left[300], right[300];

static void
sql(const char *url, const char *fmt, int count)
{
	char text[4096];

	snprintf(text, sizeof(text), fmt, count);
	MEASURE_NEED(pg_exec(url, text));
}

/* Tables of ten columns with a key and an index. */
static void
fill(char url[300], const char *database, int tables)
{
	MEASURE_NEED(cluster_create_database(database));
	snprintf(url, 300, "%s", cluster_url(database));
	sql(url,
	    "DO $$ BEGIN FOR i IN 1..%d LOOP EXECUTE format('CREATE TABLE t%%s (id bigint PRIMARY "
	    "KEY, a text NOT NULL, b text DEFAULT ''x'', c int, d int DEFAULT 7, e numeric(10,2), "
	    "f timestamptz NOT NULL DEFAULT now(), g boolean, h jsonb, i uuid)', i);"
	    "EXECUTE format('CREATE INDEX t%%s_a ON t%%s (a)', i, i);"
	    "IF i %% 1000 = 0 THEN COMMIT; END IF; END LOOP; END $$",
	    tables);
	sql(url, "ANALYZE", 0);
}

/* One of a hundred tables gains a column. */
static void
change(const char *url, int tables)
{
	sql(url,
	    "DO $$ BEGIN FOR i IN 1..%d BY 100 LOOP "
	    "EXECUTE format('ALTER TABLE t%%s ADD j int', i); END LOOP; END $$",
	    tables);
}

/* The very queries, as psql runs them. */
static const char *
raw_queries(void)
{
	static char path[200];
	int version = (int)strtol(pg_query_text(left, "SHOW server_version_num"), NULL, 10);

	snprintf(path, sizeof(path), "%s/raw.sql", cluster_socket_dir());
	FILE *f = fopen(path, "w");
	MEASURE_NEED(f != NULL);
	fprintf(f, "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSET search_path = '';\n");
	for (size_t i = 0; i < CATALOG_QUERIES; i++)
		fprintf(f, "%s;\n", catalog_query(i, version));
	fprintf(f, "COMMIT;\n");
	MEASURE_NEED(fclose(f) == 0);
	return path;
}

static void
reading(void)
{
	const char *raw = raw_queries();
	const char *ours[] = {CONFITURE_PROGRAM, "fingerprint", left, NULL};
	const char *theirs[] = {psql_program, "-Xq", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1",
				"-d",	      left,  "-f", raw,		NULL};
	double a[ROUNDS], b[ROUNDS];
	long rss = 0;

	for (int i = 0; i < ROUNDS; i++) {
		b[i] = measure_run(theirs, NULL, NULL).ms;
		struct sample s = measure_run(ours, NULL, NULL);
		a[i] = s.ms;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	measure_ratio("fingerprint: 1000 tables, beside the raw queries", measure_median(a, ROUNDS),
		      measure_median(b, ROUNDS), 1.5, rss);
}

/* Differences are exit code 1. */
static const char *const compare_both = "\"$0\" diff --from \"$1\" --to \"$2\" -f json >/dev/null; "
					"test $? -eq 1";

static void
comparing(const char *what, const char *theirs_line, double bound)
{
	const char *ours[] = {"sh", "-c", compare_both, CONFITURE_PROGRAM, left, right, NULL};
	const char *theirs[] = {"sh", "-c", theirs_line, "sh", left, right, NULL};
	double a[ROUNDS], b[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		b[i] = measure_run(theirs, NULL, NULL).ms;
		a[i] = measure_run(ours, NULL, NULL).ms;
	}
	measure_ratio(what, measure_median(a, ROUNDS), measure_median(b, ROUNDS), bound, 0);
}

static void
many(void)
{
	enum { FEW = 5 };
	const char *ours[] = {"sh", "-c", compare_both, CONFITURE_PROGRAM, left, right, NULL};
	double ms[FEW];
	long rss = 0;

	fill(left, "bench_many_left", MANY_RELATIONS / PER_TABLE);
	fill(right, "bench_many_right", MANY_RELATIONS / PER_TABLE);
	change(right, MANY_RELATIONS / PER_TABLE);
	for (int i = 0; i < FEW; i++) {
		double before = measure_children_cpu_ms();
		struct sample s = measure_run(ours, NULL, NULL);
		ms[i] = measure_children_cpu_ms() - before;
		rss = s.rss_kb > rss ? s.rss_kb : rss;
	}
	measure_at_most("diff: two of 10,000 relations, our own time", measure_median(ms, FEW),
			1000, "ms", "user and system time of the whole command");
	measure_at_most("diff: two of 10,000 relations, memory", (double)rss / 1024, 64, "MB",
			NULL);
}

int
main(void)
{
	const char *peer = getenv("CONFITURE_PEER_DIFF");

	psql_program = measure_psql();
	if (psql_program == NULL || !cluster_start_private(NULL))
		return 2;
	fill(left, "bench_left", TABLES);
	fill(right, "bench_right", TABLES);
	change(right, TABLES);
	reading();
	comparing("diff: two of 1000 tables, beside two pg_dump -s",
		  "pg_dump -s -d \"$1\" >/dev/null && pg_dump -s -d \"$2\" >/dev/null", 0.5);
	if (peer != NULL)
		comparing("diff: the same, beside another tool", peer, 0.125);
	many();
	return measure_end();
}
