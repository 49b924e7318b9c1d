/* Files that end inside something: what is one, and which switch makes it an error. */
#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/build/house.h"

#include "shared/base/banned.h"

static void
what_only_looks_like_a_comment_is_none(void)
{
	static const char *const texts[] = {
		"INSERT INTO t VALUES ('/*');\n",
		"INSERT INTO t VALUES (E'\\'/*');\n",
		"-- /*\nSELECT 1;\n",
		"-- it's\nSELECT 1;\n",
		"SELECT $$ /* $$;\n",
		"SELECT $x$ $$ /* ' $x$;\n",
		"CREATE TABLE \"/*\" ();\n",
		"/* /* nested */ ' */ SELECT 1;\n",
		"/* -- */ SELECT 1;\n",
		"COPY t FROM stdin;\n/*\t'\n\\.\nSELECT 1;\n",
		"\\echo it's /*\nSELECT 1;\n",
		"SELECT 1 \\gset /* '\nSELECT 2;\n",
		"SELECT 5 */* six */ 6;\n",
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\n",
	};
	struct house h;

	house_open(&h);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *const files[] = {"a.sql", texts[i], "b.sql", "SELECT 1;\n", NULL};
		if (house_build(&h, files) == NULL)
			fprintf(stderr, "  %s  %s\n", texts[i], h.err.message);
		CHECK(h.err.code == NULL);
		CHECK_STR(house_warnings(&h), "");
	}
	house_close(&h);
}

static void
a_file_that_ends_inside_is_refused_where_it_opened(void)
{
	static const struct {
		const char *text, *says;
		uint32_t line, column;
	} cases[] = {
		{"SELECT 1;\n /* open\nSELECT 2;\n", "inside a comment", 2, 2},
		{"/* /* nested */ SELECT 2;\n", "inside a comment", 1, 1},
		{"SELECT 'open;\n", "inside a string", 1, 8},
		{"SELECT $x$ $$;\n", "inside a dollar quote", 1, 8},
		{"SELECT \"open;\n", "inside a quoted name", 1, 8},
		{"SELECT (1;\n", "inside a parenthesis", 1, 8},
	};
	struct house h;

	house_open(&h);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const files[] = {"a.sql", cases[i].text, "b.sql", "SELECT 1;\n", NULL};
		CHECK(house_build(&h, files) == NULL);
		CHECK(error_is(&h.err, E_SCHEMA_200));
		CHECK_HAS(h.err.message, cases[i].says);
		CHECK_HAS(h.err.cause, "db/schema/b.sql");
		CHECK_STR(h.err.at.file, "db/schema/a.sql");
		CHECK_INT(h.err.at.line, cases[i].line);
		CHECK_INT(h.err.at.column, cases[i].column);
	}
	house_close(&h);
}

/* Which of two open files fails under which switches. */
static void
each_switch_does_what_its_name_says(void)
{
	static const char *const first[] = {"a.sql", "/*\n", "b.sql", "SELECT 1;\n", NULL};
	static const char *const last[] = {"a.sql", "SELECT 1;\n", "b.sql", "/*\n", NULL};
	static const struct {
		bool check, unclosed, spillover, first_fails, last_fails;
	} cases[] = {
		{true, true, true, true, true},	   {true, true, false, true, true},
		{true, false, true, true, false},  {true, false, false, false, false},
		{false, true, true, false, false},
	};
	struct house h;

	house_open(&h);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		h.rules.check = cases[i].check;
		h.rules.fail_on_unclosed = cases[i].unclosed;
		h.rules.fail_on_spillover = cases[i].spillover;
		CHECK_INT(house_build(&h, first) == NULL, cases[i].first_fails);
		if (!cases[i].first_fails)
			CHECK_STR(house_warnings(&h),
				  "db/schema/a.sql:1:1: the file ends inside a comment, and what "
				  "follows is inside it too\n");
		CHECK_INT(house_build(&h, last) == NULL, cases[i].last_fails);
		if (!cases[i].last_fails)
			CHECK_STR(house_warnings(&h),
				  "db/schema/b.sql:1:1: the file ends inside a comment\n");
	}
	house_close(&h);
}

static void
all_open_files_are_counted(void)
{
	struct house h;
	const char *const files[] = {"a.sql", "/*", "b.sql", "'", "c.sql", "SELECT 1;", NULL};

	house_open(&h);
	CHECK(house_build(&h, files) == NULL);
	CHECK_STR(h.err.at.file, "db/schema/a.sql");
	REQUIRE(h.err.detail_count == 1);
	CHECK_STR(h.err.details[0].key, "files");
	CHECK_STR(h.err.details[0].value, "2");
	house_close(&h);
}

static void
what_is_no_text_is_refused(void)
{
	static const char *const bad[] = {"SELECT 'caf\xe9';\n", "SELECT '\xed\xa0\x80';\n"};
	struct house h;

	house_open(&h);
	h.rules.check = false;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *const files[] = {"a.sql", bad[i], NULL};
		CHECK(house_build(&h, files) == NULL);
		CHECK(error_is(&h.err, E_SCHEMA_200));
		CHECK_INT(h.err.at.line, 1);
	}
	house_close(&h);
}

static void
no_files_are_a_schema_error(void)
{
	struct house h;
	const char *const none[] = {NULL}, *const seeds[] = {"seeds/a.sql", "SELECT 1;", NULL};

	house_open(&h);
	CHECK(house_build(&h, none) == NULL);
	CHECK(error_is(&h.err, E_SCHEMA_001));
	CHECK_HAS(h.err.message, "/p/db/schema");
	h.rules.schema_only = true;
	CHECK(house_build(&h, seeds) == NULL);
	CHECK(error_is(&h.err, E_SCHEMA_001));
	CHECK_HAS(h.err.message, "but seeds");
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(what_only_looks_like_a_comment_is_none),
	CASE(a_file_that_ends_inside_is_refused_where_it_opened),
	CASE(each_switch_does_what_its_name_says),
	CASE(all_open_files_are_counted),
	CASE(what_is_no_text_is_refused),
	CASE(no_files_are_a_schema_error),
};

int
main(int argc, char **argv)
{
	return unit_main("build checks", cases, ARRAY_LEN(cases), argc, argv);
}
