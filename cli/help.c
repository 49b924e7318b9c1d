/*
 * Help for people, drawn from the command table: what it does, arguments, options in aligned
 * columns (the connection in a group of its own), examples, exit codes.
 */
#include "cli/help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/suggest.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

enum { WIDTH_LEAST = 80, WIDTH_MOST = 100, LEFT_MOST = 34 };

struct page {
	struct cli *cli;
	FILE *to;
	size_t width;
};

static size_t
page_width(FILE *to)
{
	int64_t columns = 0;
	struct winsize size;
	const char *env = getenv("COLUMNS");
	if (env != NULL && parse_int(env, &columns))
		;
	else if (isatty(fileno(to)) && ioctl(fileno(to), TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns < WIDTH_LEAST)
		return WIDTH_LEAST;
	return columns > WIDTH_MOST ? WIDTH_MOST : (size_t)columns;
}

/* Characters, not bytes. */
static size_t
characters(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80 ? 1 : 0;
	return n;
}

/* Prints `text` wrapped; the cursor stands at column `at`, further lines start at `indent`. */
static void
wrap(struct page *p, const char *text, size_t at, size_t indent)
{
	bool first = true;
	for (const char *word = text; *word != '\0';) {
		/* [default: …] stays in one piece */
		size_t len = *word == '[' ? strcspn(word, "]") : 0;
		len += strcspn(word + len, " ");
		size_t wide = characters(word, len);
		if (!first && at + 1 + wide > p->width) {
			fprintf(p->to, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		fprintf(p->to, "%s%.*s", first ? "" : " ", (int)len, word);
		at += wide + (first ? 0 : 1);
		first = false;
		word += len;
		word += strspn(word, " ");
	}
	fputc('\n', p->to);
}

static void
heading(struct page *p, const char *words)
{
	fprintf(p->to, "\n%s%s:%s\n", cli_style(p->cli, p->to, STYLE_BOLD), words,
		cli_style(p->cli, p->to, STYLE_PLAIN));
}

static void
two_columns(struct page *p, const char *left, const char *right, size_t column)
{
	size_t wide = characters(left, strlen(left));
	fprintf(p->to, "  %s%s%s", cli_style(p->cli, p->to, STYLE_CYAN), left,
		cli_style(p->cli, p->to, STYLE_PLAIN));
	if (wide + 2 >= column) {
		fprintf(p->to, "\n%*s", (int)column, "");
	} else {
		fprintf(p->to, "%*s", (int)(column - wide - 2), "");
	}
	wrap(p, right, column, column);
}

static size_t
column_of(size_t widest)
{
	return (widest > LEFT_MOST ? LEFT_MOST : widest) + 4;
}

static size_t
rows_widest(struct arena *arena, const struct option *rows, size_t widest)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		if (rows->name[0] == '\0' || !help_shows(rows))
			continue;
		const char *left = help_option_left(arena, rows);
		size_t wide = characters(left, strlen(left));
		if (wide > widest && wide <= LEFT_MOST)
			widest = wide;
	}
	return widest;
}

static void
print_rows(struct page *p, const struct option *rows, size_t column)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		if (rows->name[0] == '\0')
			heading(p, rows->help);
		else if (help_shows(rows))
			two_columns(p, help_option_left(&p->cli->arena, rows),
				    help_option_right(&p->cli->arena, rows), column);
	}
}

static void
print_options(struct page *p, const struct command *c)
{
	struct arena *arena = &p->cli->arena;
	size_t widest = rows_widest(arena, c->options, 0);
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		widest = rows_widest(arena, c->option_sets[i], widest);
	size_t column = column_of(widest);
	size_t shown = 0;
	for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
		shown += help_shows(o) ? 1 : 0;
	if (shown > 0) {
		heading(p, "Options");
		print_rows(p, c->options, column);
	}
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		print_rows(p, c->option_sets[i], column);
	two_columns(p, "-h, --help", "show this help", column);
	const char *idle = help_without_effect(arena, c);
	if (idle != NULL) {
		heading(p, "Accepted, without effect");
		fputs("  ", p->to);
		wrap(p, idle, 2, 2);
	}
}

static void
print_arguments(struct page *p, const struct command *c)
{
	if (c->arguments == NULL)
		return;
	heading(p, "Arguments");
	size_t widest = 0;
	for (const struct argument *a = c->arguments; a->name != NULL; a++)
		if (strlen(a->name) > widest)
			widest = strlen(a->name);
	for (const struct argument *a = c->arguments; a->name != NULL; a++)
		two_columns(p, a->name, a->help, column_of(widest));
}

static void
print_examples(struct page *p, const struct command *c)
{
	if (c->examples == NULL)
		return;
	heading(p, "Examples");
	for (const char *const *e = c->examples; *e != NULL; e++) {
		const char *bar = strrchr(*e, '|');
		fprintf(p->to, "  %s# %s%s\n  %.*s\n", cli_style(p->cli, p->to, STYLE_DIM), bar + 1,
			cli_style(p->cli, p->to, STYLE_PLAIN), (int)(bar - *e), *e);
	}
}

/* Groups are followed by their own commands, so that one page shows all there is. */
static void
print_commands(struct page *p, const char *parent, size_t column)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		if (c->hidden || !command_below(c, parent))
			continue;
		if (c->run != NULL)
			two_columns(p, c->path, c->summary, column);
		else
			print_commands(p, c->path, column);
	}
}

void
help_subcommands(struct cli *cli, FILE *to, const struct command *c)
{
	struct page p = {cli, to, page_width(to)};
	size_t widest = 0;
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden && strlen(commands[i].path) > widest)
			widest = strlen(commands[i].path);
	heading(&p, "Commands");
	print_commands(&p, c->path, column_of(widest));
}

static void
print_exit_codes(struct page *p, const char *list)
{
	struct span number;
	struct span words;
	if (list == NULL)
		return;
	heading(p, "Exit codes");
	while (help_next_exit_code(&list, &number, &words))
		two_columns(p, arena_span(&p->cli->arena, number),
			    arena_span(&p->cli->arena, words), 6);
}

/* A summary as the sentence it begins. */
static const char *
capital(struct arena *arena, const char *words)
{
	char *copy = arena_str(arena, words);
	copy[0] = (char)toupper((unsigned char)copy[0]);
	return copy;
}

void
help_print(struct cli *cli, FILE *to, const struct command *c)
{
	struct page p = {cli, to, page_width(to)};
	fprintf(to, "%sUsage:%s %s\n\n", cli_style(cli, to, STYLE_BOLD),
		cli_style(cli, to, STYLE_PLAIN), help_usage(&cli->arena, c));
	wrap(&p, capital(&cli->arena, c->summary), 0, 0);
	if (c->description != NULL) {
		fputc('\n', to);
		wrap(&p, c->description, 0, 0);
	}
	print_arguments(&p, c);
	if (c->run == NULL || c->path[0] == '\0')
		help_subcommands(cli, to, c);
	print_options(&p, c);
	print_examples(&p, c);
	print_exit_codes(&p, c->exit_codes);
}
