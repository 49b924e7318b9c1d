/* `confiture build` as a user runs it: the settings, the files, what is written and what is
 * refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/build_house.h"

#include "shared/base/banned.h"

/* A file of the project; to be freed. */
static char *
file_text(struct project *p, const char *path)
{
	FILE *f = fopen(project_path(p, path), "re");
	char *text = calloc(1, 65536);

	REQUIRE(f != NULL && text != NULL);
	CHECK(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* ---- from nothing ---- */

static void
a_fresh_project_builds(void)
{
	struct project p;

	project_open(&p);
	CHECK_INT(project_run(&p, "init fresh"), 0);
	CHECK_INT(project_run(&p, "build --project-dir fresh"), 0);
	CHECK_HAS(p.last.out, "built  fresh/db/generated/schema_local.sql  2 files, ");
	CHECK_STR(p.last.err, "");
	char *text = file_text(&p, "fresh/db/generated/schema_local.sql");
	CHECK_HAS(text, "-- Environment: local\n");
	CHECK_HAS(text, " * File: 00_common/extensions.sql\n");
	free(text);
	project_close(&p);
}

static void
the_document_has_the_keys_of_the_python_confiture(void)
{
	static const char *const keys[] = {
		"success",	 "files_processed",   "schema_size_bytes",  "output_path",
		"hash",		 "execution_time_ms", "seed_files_applied", "artifact_path",
		"artifact_hash", "seed_profile",      "warnings",	    "error"};
	struct project p;
	struct stat st;

	build_open(&p);
	struct document *d = run_json(&p, "build", 0, "build");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		CHECK(document_has(d, keys[i]));
	CHECK_INT(document_count(d, ""), ARRAY_LEN(keys));
	CHECK_INT(document_bool(d, "success"), 1);
	CHECK_INT(document_int(d, "files_processed"), 3);
	CHECK(document_null(d, "hash") && document_null(d, "error"));
	CHECK(document_int(d, "execution_time_ms") >= 0);
	REQUIRE(stat(document_text(d, "output_path"), &st) == 0);
	CHECK_INT(document_int(d, "schema_size_bytes"), st.st_size);
	CHECK_INT(st.st_mode & 0777, 0644);
	document_free(d);
	project_close(&p);
}

static void
the_hash_and_the_report_come_where_they_are_wanted(void)
{
	struct project p;
	/* For each file in order, the raw SHA-256 of "<path>\0<bytes>\0"; of all of them, the
	 * SHA-256: see tests/unit/build/files_test.c. */
	static const char hash[] =
		"a4ef88f81f10a19b49c485795f2357b3b20db0557d583cfabd918c1f7bfd811f";

	build_open(&p);
	struct document *d = run_json(&p, "build --show-hash", 0, "build");
	CHECK_STR(document_text(d, "hash"), hash);
	document_free(d);
	CHECK_INT(project_run(&p, "build --show-hash --quiet"), 0);
	CHECK_STR(p.last.out, words("hash   %s\n", hash));
	CHECK_INT(project_run(&p, "build --show-hash --format csv"), 0);
	CHECK_HAS(p.last.out, "metric,value\nsuccess,True\nfiles_processed,3\n");
	CHECK_HAS(p.last.out, words("\nhash,%s\n", hash));
	CHECK_STR(p.last.err, "");
	CHECK_INT(project_run(&p, "build --report report.json -o out/deep/schema.sql"), 0);
	CHECK_HAS(p.last.err, "result written to report.json");
	char *report = file_text(&p, "report.json");
	CHECK_HAS(report, "\"files_processed\": 3");
	free(report);
	char *text = file_text(&p, "out/deep/schema.sql");
	CHECK_HAS(text, words("-- Schema Hash: %s\n-- Files Included: 3\n", hash));
	free(text);
	CHECK_INT(project_run(&p, "build --format csv --report report.csv"), 0);
	CHECK_STR(p.last.out, "");
	report = file_text(&p, "report.csv");
	CHECK_HAS(report, "files_processed,3\n");
	free(report);
	project_close(&p);
}

/* ---- what is built loads ---- */

static void
tables_need_no_order_in_two_passes(void)
{
	struct project p;

	build_open(&p);
	project_file(&p, "db/schema/10_tables/orders_note.sql",
		     "COMMENT ON CONSTRAINT orders_user_id_fkey ON orders IS 'whose';\n");
	CHECK_INT(project_run(&p, "build"), 0);
	CHECK(build_load(&p, "db/generated/schema_local.sql") != 0);
	CHECK_INT(project_run(&p, "build --two-pass"), 0);
	CHECK_INT(build_load(&p, "db/generated/schema_local.sql"), 0);
	CHECK_STR(project_sql(&p, "SELECT conname || ' ' || pg_get_constraintdef(oid) || ' ' || "
				  "obj_description(oid) FROM pg_constraint WHERE contype = 'f'"),
		  "orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE "
		  "CASCADE whose");
	build_settings(&p, "build: {two_pass: true}\n");
	CHECK_INT(project_run(&p, "build"), 0);
	char *text = file_text(&p, "db/generated/schema_local.sql");
	CHECK_HAS(text, "-- Pass 2: Foreign Key Constraints\n");
	free(text);
	CHECK_INT(project_run(&p, "build --no-two-pass"), 0);
	text = file_text(&p, "db/generated/schema_local.sql");
	CHECK(strstr(text, "Pass 2") == NULL);
	free(text);
	project_close(&p);
}

/* ---- which files ---- */

static void
folders_patterns_order_and_seeds(void)
{
	struct project p;

	build_open(&p);
	project_file(&p, "db/environments/local.yaml",
		     "include_dirs:\n"
		     "  - {path: db/schema, exclude: ['*.draft.sql'], order: 20}\n"
		     "  - {path: db/early, order: 10}\n"
		     "  - {path: db/schema/00_common, order: 30}\n"
		     "  - {path: db/seeds, order: 40}\n"
		     "  - {path: db/later}\n"
		     "exclude_dirs: [db/schema/old]\n");
	project_file(&p, "db/early/z.sql", "SELECT 1;\n");
	project_file(&p, "db/schema/a.draft.sql", "no\n");
	project_file(&p, "db/schema/old/b.sql", "no\n");
	project_file(&p, "db/seeds/common/users.sql", "INSERT INTO users VALUES (1);\n");
	REQUIRE(symlink("../early/z.sql", project_path(&p, "db/schema/linked.sql")) == 0);
	struct document *d = run_json(&p, "build", 0, "build");
	CHECK_INT(document_int(d, "files_processed"), 6);
	CHECK_INT(document_count(d, "warnings"), 1);
	CHECK_HAS(document_text(d, "warnings.0"), "db/later is not there");
	document_free(d);
	char *text = file_text(&p, "db/generated/schema_local.sql");
	const char *early = strstr(text, "File: early/z.sql\n");
	const char *types = strstr(text, "File: schema/00_common/types.sql\n");
	const char *seeds = strstr(text, "File: seeds/common/users.sql\n");
	REQUIRE(early != NULL && types != NULL && seeds != NULL);
	CHECK(early < types && types < seeds);
	CHECK(strstr(types + 40, "types.sql") == NULL);
	free(text);
	d = run_json(&p, "build --schema-only", 0, "build");
	CHECK_INT(document_int(d, "files_processed"), 5);
	document_free(d);
	project_close(&p);
}

static void
what_was_built_is_no_part_of_the_next_build(void)
{
	struct project p;

	build_open(&p);
	project_file(&p, "db/environments/local.yaml", "include_dirs: [db]\n");
	for (int i = 0; i < 2; i++) {
		struct document *d = run_json(&p, "build", 0, "build");
		CHECK_INT(document_int(d, "files_processed"), 3);
		CHECK_INT(document_count(d, "warnings"), i);
		document_free(d);
		d = run_json(&p, "build -o db/schema/all.sql", 0, "build");
		CHECK_INT(document_int(d, "files_processed"), 3);
		CHECK_INT(document_count(d, "warnings"), 0);
		document_free(d);
	}
	CHECK_INT(project_run(&p, "build"), 0);
	CHECK_HAS(p.last.err, "warning: db/schema/all.sql is left out: it was made by a build");
	project_close(&p);
}

static void
a_file_is_replaced_whole_and_a_pipe_is_written_to(void)
{
	struct project p;

	build_open(&p);
	CHECK_INT(project_run(&p, "build --quiet -o /dev/stdout"), 0);
	CHECK_HAS(p.last.out, "-- PostgreSQL Schema for Confiture\n");
	project_file(&p, "out/real.sql", "before\n");
	REQUIRE(symlink("real.sql", project_path(&p, "out/link.sql")) == 0);
	REQUIRE(chmod(project_path(&p, "out/real.sql"), 0600) == 0);
	CHECK_INT(project_run(&p, "build -o out/link.sql"), 0);
	struct stat st;
	REQUIRE(lstat(project_path(&p, "out/link.sql"), &st) == 0);
	CHECK(S_ISLNK(st.st_mode));
	REQUIRE(stat(project_path(&p, "out/real.sql"), &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK(st.st_size > 500);
	project_close(&p);
}

/* ---- what is refused ---- */

static void
bad_files_are_refused_with_their_place(void)
{
	static const struct refusal rows[] = {
		{"build", 4, "SCHEMA_200", "inside a comment", "mend", NULL, NULL},
		{"build --no-fail-on-unclosed", 4, "SCHEMA_200", "inside a comment", "mend", NULL,
		 NULL},
	};
	struct project p;

	build_open(&p);
	project_file(&p, "db/schema/05.sql", "SELECT 1;\n/* '/*' */\nSELECT 2;\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	struct document *d = run_json(&p, "build", 4, "error");
	CHECK_STR(document_text(d, "error.file"), "db/schema/05.sql");
	CHECK_INT(document_int(d, "error.line"), 2);
	document_free(d);
	CHECK_INT(project_run(&p, "build --no-validate-comments"), 0);
	CHECK_HAS(p.last.err, "warning: db/schema/05.sql:2:1: the file ends inside a comment");
	CHECK_INT(project_run(&p, "build --no-fail-on-unclosed --no-fail-on-spillover"), 0);
	project_file(&p, "db/schema/05.sql", "SELECT 'caf\xe9';\n");
	const struct refusal bytes = {"build", 4,    "SCHEMA_200", "byte 0xe9 is not UTF-8",
				      "mend",  NULL, NULL};
	refusal_check(&p, &bytes);
	project_close(&p);
}

static void
bad_settings_are_refused(void)
{
	static const struct {
		const char *yaml;
		struct refusal expected;
	} rows[] = {
		{"include_dirs: [db/nosuch]\n",
		 {"build", 5, "CONFIG_005", "db/nosuch is no folder", "mkdir -p db/nosuch", NULL,
		  NULL}},
		{"include_dirs: [db/schema/00_common/types.sql]\n",
		 {"build", 5, "CONFIG_005", "is no folder", NULL, NULL, NULL}},
		{"name: x\n",
		 {"build", 5, "CONFIG_001", "include_dirs is missing", NULL, NULL, NULL}},
		{"include_dirs: []\n",
		 {"build", 4, "SCHEMA_001", "no SQL files", NULL, NULL, NULL}},
		{"include_dirs: [db/schema]\nbuild: {separators: {style: mysql}}\n",
		 {"build", 5, "CONFIG_005", "PostgreSQL does not know", "line_comment", NULL,
		  NULL}},
		{"include_dirs: [db/schema]\nbuild: {separators: {style: custom}}\n",
		 {"build", 5, "CONFIG_005", "need a template", "--separator-template", NULL, NULL}},
		{"include_dirs: [db/schema]\nbuild: {sort_mode: size}\n",
		 {"build", 5, "CONFIG_005", "sort_mode must be one of", NULL, NULL, NULL}},
		{"include_dirs: [{path: db/schema, include: '*.ddl'}]\n",
		 {"build", 4, "SCHEMA_001", "no SQL files", NULL, NULL, NULL}},
	};
	struct project p;

	build_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		project_file(&p, "db/environments/local.yaml", "%s", rows[i].yaml);
		refusal_check(&p, &rows[i].expected);
	}
	project_close(&p);
}

static void
bad_options_are_refused(void)
{
	static const struct refusal rows[] = {
		{"build -e nosuch", 5, "CONFIG_011", "no environment named \"nosuch\"", "ls", NULL,
		 NULL},
		{"build -e ../local", 5, "CONFIG_011", "no environment", "ls", NULL, NULL},
		{"build -e locl", 5, "CONFIG_011", "did you mean \"local\"?", NULL, NULL, NULL},
		{"build --project-dir nosuch", 5, "CONFIG_004", "nosuch/db/environments/local.yaml",
		 NULL, NULL, NULL},
		{"build --separator-style mysql", 5, "CONFIG_005", "PostgreSQL does not know",
		 "line_comment", NULL, NULL},
		{"build --separator-style block", 2, "USAGE_001", "is no style", NULL, NULL, NULL},
		{"build --separator-style custom --separator-template '-- {path}'", 5, "CONFIG_005",
		 "{file_path} only", NULL, NULL, NULL},
		{"build --separator-style custom --separator-template '/* {file_path}'", 5,
		 "CONFIG_005", "does not close it", NULL, NULL, NULL},
		{"build --format yaml", 2, "USAGE_001", "yaml", NULL, NULL, NULL},
		{"build --sequential", 2, "USAGE_001", "no such option: --sequential", NULL, NULL,
		 NULL},
		{"build --dump x", 2, "USAGE_001", "no such option: --dump", NULL, NULL, NULL},
		{"build -o db/schema", 4, "SCHEMA_001", "db/schema: the file cannot be written",
		 "ls -ld", NULL, NULL},
		{"build -o db/environments/local.yaml/x.sql", 4, "SCHEMA_001", "cannot be made",
		 "ls -ld", NULL, NULL},
	};
	struct project p;

	build_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strstr(rows[i].words, "--format") == NULL)
			refusal_check(&p, &rows[i]);
		else
			CHECK_INT(project_run(&p, rows[i].words), rows[i].exit_code);
	}
	project_close(&p);
}

static void
a_folder_that_cannot_be_read_is_told(void)
{
	struct project p;

	build_open(&p);
	REQUIRE(symlink("nosuch.sql", project_path(&p, "db/schema/dangling.sql")) == 0);
	const struct refusal dangling = {
		"build",  4,	"SCHEMA_201", "db/schema/dangling.sql cannot be read",
		"ls -ld", NULL, NULL};
	refusal_check(&p, &dangling);
	project_close(&p);
}

static void
seeds_that_are_run_apart_are_left_out_and_said(void)
{
	struct project p;

	build_open(&p);
	build_settings(&p, "  - db/seeds\nseed: {execution_mode: sequential}\n");
	project_file(&p, "db/seeds/a.sql", "SELECT 1;\n");
	CHECK_INT(project_run(&p, "build"), 0);
	CHECK_HAS(p.last.out, "3 files");
	CHECK_HAS(p.last.err, "warning: seed.execution_mode is sequential");
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(a_fresh_project_builds),
	CASE(the_document_has_the_keys_of_the_python_confiture),
	CASE(the_hash_and_the_report_come_where_they_are_wanted),
	CASE(tables_need_no_order_in_two_passes),
	CASE(folders_patterns_order_and_seeds),
	CASE(what_was_built_is_no_part_of_the_next_build),
	CASE(a_file_is_replaced_whole_and_a_pipe_is_written_to),
	CASE(bad_files_are_refused_with_their_place),
	CASE(bad_settings_are_refused),
	CASE(bad_options_are_refused),
	CASE(a_folder_that_cannot_be_read_is_told),
	CASE(seeds_that_are_run_apart_are_left_out_and_said),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("build", cases, ARRAY_LEN(cases), argc, argv);
}
