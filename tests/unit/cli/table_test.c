/* The command table is well formed, and everything that is printed from it names all of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/completion.h"
#include "cli/docs.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/suggest.h"
#include "shared/base/parse.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct arena arena;

static size_t
options_of(const struct command *c, const struct option ***rows)
{
	return command_options(&arena, c, rows);
}

static void
names_and_letters_are_used_once_in_a_command(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct option **rows = NULL;
		size_t n = options_of(&commands[i], &rows);
		for (size_t a = 0; a < n; a++) {
			CHECK(strcmp(rows[a]->name, "help") != 0 && rows[a]->letter != 'h');
			for (size_t b = a + 1; b < n; b++) {
				CHECK(strcmp(rows[a]->name, rows[b]->name) != 0);
				CHECK(rows[a]->letter == 0 || rows[a]->letter != rows[b]->letter);
			}
		}
		CHECK(command_find(commands[i].path) == &commands[i]);
	}
}

static void
an_option_takes_a_value_everywhere_or_nowhere(void)
{
	/* options may stand before the command, where only their names are known */
	for (size_t i = 1; i < command_count; i++) {
		const struct option **rows = NULL;
		size_t n = options_of(&commands[i], &rows);
		for (size_t k = 1; k < command_count; k++) {
			const struct option **others = NULL;
			size_t m = options_of(&commands[k], &others);
			for (size_t a = 0; a < n; a++)
				for (size_t b = 0; b < m; b++)
					if (strcmp(rows[a]->name, others[b]->name) == 0 ||
					    (rows[a]->letter != 0 &&
					     rows[a]->letter == others[b]->letter))
						CHECK_INT(rows[a]->value == NULL,
							  others[b]->value == NULL);
		}
	}
}

static bool
fallback_fits(const struct option *o)
{
	int64_t n = 0;
	switch (o->type) {
	case OPTION_INT:
		return parse_int(o->fallback, &n);
	case OPTION_DURATION:
		return parse_duration_ms(o->fallback, 1, &n);
	case OPTION_PAIR:
		return strcmp(o->fallback, "true") == 0 || strcmp(o->fallback, "false") == 0;
	case OPTION_CHOICE: {
		const char *const *words = NULL;
		size_t count = suggest_choices(&arena, o->choices, &words);
		for (size_t i = 0; i < count; i++)
			if (strcmp(words[i], o->fallback) == 0)
				return true;
		return false;
	}
	default:
		return true;
	}
}

static void
every_row_is_complete(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		CHECK(c->summary != NULL && c->summary[0] != '\0');
		CHECK(c->run == NULL || (c->examples != NULL && c->exit_codes != NULL));
		const struct option **rows = NULL;
		size_t n = options_of(c, &rows);
		for (size_t k = 0; k < n; k++) {
			bool bare = rows[k]->type == OPTION_SWITCH || rows[k]->type == OPTION_PAIR;
			CHECK_INT(bare, rows[k]->value == NULL);
			CHECK_INT(rows[k]->type == OPTION_CHOICE ||
					  (rows[k]->type == OPTION_INT && rows[k]->choices != NULL),
				  rows[k]->choices != NULL);
			CHECK(rows[k]->fallback == NULL || fallback_fits(rows[k]));
			CHECK(!help_shows(rows[k]) || rows[k]->help[0] != '\0');
		}
	}
}

/* Runs the parser over the example as a shell would cut it, as far as that matters here. */
static void
check_example(const struct command *c, const char *example)
{
	char *argv[24];
	int argc = 0;
	char *copy = arena_str(&arena, example);
	*strrchr(copy, '|') = '\0';
	if (strncmp(copy, "source <(", 9) == 0) {
		copy += 9;
		copy[strlen(copy) - 1] = '\0';
	}
	char *redirect = strstr(copy, " > ");
	if (redirect != NULL)
		*redirect = '\0';
	while (*copy != '\0' && argc < 23) {
		char *end = copy +
			    (*copy == '"' ? 1 + strcspn(copy + 1, "\"") + 1 : strcspn(copy, " "));
		argv[argc++] = copy;
		copy = end;
		if (*copy != '\0')
			*copy++ = '\0';
	}
	argv[argc] = NULL;
	struct args args;
	struct error err = {0};
	CHECK(args_parse(&arena, argc, argv, &args, &err));
	CHECK_STR(err.message, "");
	if (c->path[0] != '\0' && !c->hidden)
		CHECK_STR(args.command->path, c->path);
}

static void
every_example_is_a_line_that_parses(void)
{
	size_t checked = 0;
	for (size_t i = 0; i < command_count; i++) {
		for (const char *const *e = commands[i].examples; e != NULL && *e != NULL; e++) {
			if (!commands[i].hidden)
				check_example(&commands[i], *e);
			checked++;
		}
	}
	CHECK(checked > 20);
}

static void
completions_know_every_command_and_option(void)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};
	for (size_t s = 0; s < ARRAY_LEN(shells); s++) {
		struct text script;
		text_init(&script, 0);
		REQUIRE(completion_script(&arena, &script, shells[s]));
		for (size_t i = 0; i < command_count; i++) {
			const struct command *c = &commands[i];
			if (c->hidden)
				continue;
			CHECK_HAS(script.ptr, arena_printf(&arena, "'%s'", c->path));
			const struct option **rows = NULL;
			size_t n = options_of(c, &rows);
			for (size_t k = 0; k < n; k++)
				if (help_shows(rows[k]))
					CHECK_HAS(script.ptr, arena_printf(&arena, "%s%s",
									   s == 2 ? "-l " : "--",
									   rows[k]->name));
		}
		CHECK(strstr(script.ptr, "batch-size") == NULL);
		CHECK(strstr(script.ptr, "--docs") == NULL);
		CHECK_HAS(script.ptr, "LOCK_1300");
		CHECK_HAS(script.ptr, "text json ndjson");
		text_fini(&script);
	}
	struct text none;
	text_init(&none, 0);
	CHECK(!completion_script(&arena, &none, "csh"));
	CHECK_INT(none.len, 0);
	text_fini(&none);
}

static void
manual_pages_are_roff(void)
{
	for (size_t i = 0; i < command_count; i++) {
		struct text page;
		text_init(&page, 0);
		man_page(&arena, &page, &commands[i]);
		CHECK(strncmp(page.ptr, ".TH CONFITURE", 13) == 0);
		CHECK_HAS(page.ptr, ".SH NAME\nconfiture");
		CHECK_HAS(page.ptr, ".SH OPTIONS\n");
		CHECK_INT(commands[i].run != NULL, strstr(page.ptr, ".SH EXIT STATUS") != NULL);
		/* a line of text must not be read as a request */
		for (const char *p = page.ptr; (p = strstr(p, "\n.")) != NULL; p += 2)
			CHECK(strncmp(p, "\n.S", 3) == 0 || strncmp(p, "\n.TP", 4) == 0 ||
			      strncmp(p, "\n.B ", 4) == 0);
		text_fini(&page);
	}
}

static void
exit_codes_of_a_command_come_apart_at_numbers(void)
{
	const char *list = "0 done, 3 no version, no connection; 12 x, 4 y; what else there is";
	static const char *const expected[][2] = {
		{"0", "done"}, {"3", "no version, no connection"}, {"12", "x"},
		{"4", "y"},    {"else", "what else there is"},
	};
	struct span number, words;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		REQUIRE(help_next_exit_code(&list, &number, &words));
		CHECK_STR(arena_span(&arena, number), expected[i][0]);
		CHECK_STR(arena_span(&arena, words), expected[i][1]);
	}
	CHECK(!help_next_exit_code(&list, &number, &words));
}

static void
every_schema_is_listed_once(void)
{
	for (size_t i = 0; i < docs_schema_count; i++)
		for (size_t k = i + 1; k < docs_schema_count; k++) {
			CHECK(strcmp(docs_schemas[i].file, docs_schemas[k].file) != 0);
			CHECK(docs_schemas[i].of != docs_schemas[k].of);
		}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(names_and_letters_are_used_once_in_a_command),
		CASE(an_option_takes_a_value_everywhere_or_nowhere),
		CASE(every_row_is_complete),
		CASE(every_example_is_a_line_that_parses),
		CASE(completions_know_every_command_and_option),
		CASE(manual_pages_are_roff),
		CASE(exit_codes_of_a_command_come_apart_at_numbers),
		CASE(every_schema_is_listed_once),
	};
	arena_init(&arena);
	int code = unit_main("cli table", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&arena);
	return code;
}
