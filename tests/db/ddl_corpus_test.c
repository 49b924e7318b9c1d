/*
 * Schemas that others wrote: every old.sql and new.sql below the folder that CONFITURE_DIFF_CORPUS
 * names (SOURCE/CASE/old.sql) must load. Without the folder the test is skipped.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/connection.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "worker/ddl/load.h"
#include "worker/ddl/place.h"

#include "shared/base/banned.h"

enum { SKIPPED = 77 };

static const char *corpus;

static void
read_whole(const char *path, struct text *out)
{
	FILE *f = fopen(path, "re");
	char buf[65536];
	size_t got;

	text_init(out, 0);
	REQUIRE(f != NULL);
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put_span(out, span_of(buf, got));
	fclose(f);
}

static bool
load_one(const char *path)
{
	struct pg_open_options open_options = {.application_name = "corpus"};
	struct ddl_load_options options = {.own_server = true};
	struct ddl_place_options place_options = {.scratch_url =
							  secret_of(cluster_url("postgres"))};
	struct ddl_place *place;
	struct ddl_report report;
	struct error err = {0};
	struct arena arena;
	struct pg_conn *c;
	struct text text;

	arena_init(&arena);
	read_whole(path, &text);
	REQUIRE(ddl_place_open(&place_options, &place, &err));
	open_options.database = ddl_place_url(place).name;
	REQUIRE(pg_open(ddl_place_url(place).url, &open_options, &c, &err));
	struct ddl_file file = {.path = path, .text = text_span(&text)};
	bool ok = ddl_load(c, &file, 1, &options, &arena, &report, &err);
	if (!ok)
		fprintf(stderr, "  %s:%u: %s %s: %s\n", path, err.at.line, err.code->name,
			err.message, err.cause);
	pg_close(c);
	ddl_place_close(place);
	text_fini(&text);
	arena_fini(&arena);
	return ok;
}

static void
every_schema_of_the_corpus_loads(void)
{
	static const char *const names[] = {"old.sql", "new.sql"};
	size_t loaded = 0, all = 0;
	char pattern[512];

	for (size_t n = 0; n < ARRAY_LEN(names); n++) {
		glob_t found;
		snprintf(pattern, sizeof(pattern), "%s/*/*/%s", corpus, names[n]);
		REQUIRE(glob(pattern, 0, NULL, &found) == 0);
		for (size_t i = 0; i < found.gl_pathc; i++)
			loaded += load_one(found.gl_pathv[i]) ? 1 : 0;
		all += found.gl_pathc;
		globfree(&found);
	}
	printf("%zu of %zu files loaded\n", loaded, all);
	CHECK_INT(loaded, all);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(every_schema_of_the_corpus_loads),
	};

	corpus = getenv("CONFITURE_DIFF_CORPUS");
	if (corpus == NULL || corpus[0] == '\0') {
		printf("skipped: CONFITURE_DIFF_CORPUS names no folder of schemas\n");
		return SKIPPED;
	}
	if (!cluster_start())
		return 2;
	return unit_main("db/ddl_corpus", cases, ARRAY_LEN(cases), argc, argv);
}
