/* What reaches a terminal: errors with their place and next step, and nothing that obeys others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/safe.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/run_cli.h"

#include "shared/base/banned.h"

static void
text_of_others_cannot_steer_the_terminal(void)
{
	static const struct {
		const char *raw, *safe, *lines;
	} cases[] = {
		{"plain", "plain", "plain"},
		{"a\nb\tc", "a\\nb\\tc", "a\nb    c"},
		{"\033[31mred", "\\x1b[31mred", "\\x1b[31mred"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x93",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x93",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x93"},
		{"\xc2\x9b"
		 "31m",
		 "\\x9b31m", "\\x9b31m"},
		{"a\xe2\x80\xae"
		 "b",
		 "a\\u202eb", "a\\u202eb"},
		{"bad \xff\xc3", "bad \\xff\\xc3", "bad \\xff\\xc3"},
		{"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},
		{"\x7f\x07\r", "\\x7f\\x07\\x0d", "\\x7f\\x07\\x0d"},
		{NULL, "", ""},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_STR(safe_text(&arena, cases[i].raw), cases[i].safe);
		CHECK_STR(safe_lines(&arena, cases[i].raw), cases[i].lines);
	}
	arena_fini(&arena);
}

/* Shows the error to a person and returns what was printed; the caller frees it. */
static char *
shown(const struct error *err, int *code)
{
	char *text = NULL;
	size_t size = 0;
	struct cli cli = {.out = stdout, .err = open_memstream(&text, &size)};
	REQUIRE(cli.err != NULL);
	arena_init(&cli.arena);
	*code = cli_fail(&cli, err);
	fclose(cli.err);
	arena_fini(&cli.arena);
	return text;
}

static void
an_error_shows_place_cause_and_next_step(void)
{
	run_start();
	put_file("1.sql", "SELECT 1;\n\tSELECT caf\xc3\xa9 FROM x;\r\n");
	struct error err = {0};
	int code = 0;
	error_set(&err, E_MIGR_001, "migration 1 failed");
	error_at(&err, "1.sql", 2, 9);
	error_cause(&err, "column \"caf\xc3\xa9\" does not exist");
	error_hint(&err, "first\nsecond");
	char *text = shown(&err, &code);
	CHECK_INT(code, 3);
	CHECK_STR(text, "error: migration 1 failed [MIGR_001]\n"
			"  at:   1.sql:2:9\n"
			"       2 |     SELECT caf\xc3\xa9 FROM x;\n"
			"         |            ^\n"
			"  why:  column \"caf\xc3\xa9\" does not exist\n"
			"  next: first\n"
			"        second\n");
	free(text);
	run_end();
}

static void
a_caret_stands_under_a_far_column_of_a_long_line(void)
{
	run_start();
	char line[1200];
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	line[999] = '!';
	put_file("1.sql", line);
	struct error err = {0};
	int code = 0;
	error_set(&err, E_MIGR_001, "failed");
	error_at(&err, "1.sql", 1, 1000);
	char *text = shown(&err, &code);
	const char *source = strstr(text, "| x");
	REQUIRE(source != NULL);
	const char *caret = strchr(text, '^');
	const char *bar = strstr(source + 1, "| ");
	REQUIRE(caret != NULL && bar != NULL);
	CHECK(source[caret - bar] == '!');
	CHECK(strcspn(source, "\n") < 200);
	free(text);
	run_end();
}

static void
an_error_without_a_readable_file_shows_its_words_only(void)
{
	struct error err = {0};
	int code = 0;
	error_set(&err, E_CONFIG_004, "no such file");
	error_at(&err, "/no/such/file.yaml", 3, 1);
	char *text = shown(&err, &code);
	CHECK_INT(code, 5);
	CHECK_STR(text, "error: no such file [CONFIG_004]\n"
			"  at:   /no/such/file.yaml:3:1\n"
			"  next: confiture init\n"
			"        confiture migrate status --database-url URL\n");
	free(text);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(text_of_others_cannot_steer_the_terminal),
		CASE(an_error_shows_place_cause_and_next_step),
		CASE(a_caret_stands_under_a_far_column_of_a_long_line),
		CASE(an_error_without_a_readable_file_shows_its_words_only),
	};
	return unit_main("cli output", cases, ARRAY_LEN(cases), argc, argv);
}
