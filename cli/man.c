/* Manual pages, printed from the command table so that they cannot differ from --help. */
#include "cli/man.h"

#include <ctype.h>
#include <string.h>

#include "cli/args.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/suggest.h"

#include "shared/base/banned.h"

/* Text as roff: a line must not start with a dot or quote, and a dash is a minus. */
static void
put_roff(struct text *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		text_put(out, "\\&");
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			text_put(out, "\\e");
		else if (strncmp(s, "\xe2\x80\xa6", 3) == 0) { /* … */
			text_put(out, "...");
			s += 2;
		} else if (*s == '-')
			text_put(out, "\\-");
		else
			text_put_char(out, *s);
	}
}

static const char *
page_name(struct arena *arena, const struct command *c)
{
	char *name = arena_str(arena, help_full_name(arena, c));
	for (char *p = name; *p != '\0'; p++)
		*p = *p == ' ' ? '-' : *p;
	return name;
}

static void
put_entry(struct text *out, const char *left, const char *right)
{
	text_put(out, ".TP\n.B ");
	put_roff(out, left);
	text_put_char(out, '\n');
	put_roff(out, right);
	text_put_char(out, '\n');
}

static void
put_options(struct arena *arena, struct text *out, const struct option *rows, const char *title)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		if (rows->name[0] == '\0') {
			text_printf(out, ".SS %s\n", rows->help);
			continue;
		}
		if (!help_shows(rows))
			continue;
		if (title != NULL)
			text_printf(out, ".SS %s\n", title);
		title = NULL;
		const char *left = help_option_left(arena, rows);
		put_entry(out, left + strspn(left, " "), help_option_right(arena, rows));
	}
}

static void
put_all_options(struct arena *arena, struct text *out, const struct command *c)
{
	text_put(out, ".SH OPTIONS\n");
	put_options(arena, out, c->options, "Options");
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		put_options(arena, out, c->option_sets[i], NULL);
	put_entry(out, "-h, --help", "show help");
	const char *idle = help_without_effect(arena, c);
	if (idle != NULL) {
		text_put(out, ".SS Accepted, without effect\n");
		put_roff(out, idle);
		text_put_char(out, '\n');
	}
}

static void
put_commands(struct arena *arena, struct text *out, const struct command *c)
{
	if (c->run != NULL && c->path[0] != '\0')
		return;
	text_put(out, ".SH COMMANDS\n");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden && command_below(&commands[i], c->path))
			put_entry(out, help_full_name(arena, &commands[i]), commands[i].summary);
}

static void
put_examples(struct arena *arena, struct text *out, const struct command *c)
{
	if (c->examples == NULL)
		return;
	text_put(out, ".SH EXAMPLES\n");
	for (const char *const *e = c->examples; *e != NULL; e++) {
		const char *bar = strrchr(*e, '|');
		put_entry(out, arena_span(arena, span_of(*e, (size_t)(bar - *e))), bar + 1);
	}
}

static void
put_exit_codes(struct arena *arena, struct text *out, const char *list)
{
	struct span number;
	struct span words;
	if (list == NULL)
		return;
	text_put(out, ".SH EXIT STATUS\n");
	while (help_next_exit_code(&list, &number, &words))
		put_entry(out, arena_span(arena, number), arena_span(arena, words));
}

void
man_page(struct arena *arena, struct text *out, const struct command *c)
{
	char *title = arena_str(arena, page_name(arena, c));
	for (char *p = title; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	text_printf(out, ".TH %s 1 \"\" \"confiture %s\" \"Confiture Manual\"\n.SH NAME\n", title,
		    CONFITURE_VERSION);
	put_roff(out, arena_printf(arena, "%s - %s\n", page_name(arena, c), c->summary));
	text_put(out, ".SH SYNOPSIS\n.B ");
	put_roff(out, help_usage(arena, c));
	text_put(out, "\n.SH DESCRIPTION\n");
	put_roff(out, c->description != NULL ? c->description : c->summary);
	text_put_char(out, '\n');
	put_commands(arena, out, c);
	if (c->arguments != NULL)
		text_put(out, ".SH ARGUMENTS\n");
	for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++)
		put_entry(out, a->name, a->help);
	put_all_options(arena, out, c);
	put_examples(arena, out, c);
	put_exit_codes(arena, out, c->exit_codes);
	text_put(out, ".SH SEE ALSO\n");
	put_roff(out, c->path[0] == '\0' ? "psql(1), pg_dump(1)" : "confiture(1)");
	text_put_char(out, '\n');
}

bool
man_write(struct arena *arena, const char *dir, struct error *err)
{
	if (!folder_make(arena, dir, err))
		return false;
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].hidden)
			continue;
		struct text page;
		text_init(&page, 0);
		man_page(arena, &page, &commands[i]);
		const char *path =
			arena_printf(arena, "%s/%s.1", dir, page_name(arena, &commands[i]));
		bool ok = file_replace(path, page.ptr, err);
		text_fini(&page);
		if (!ok)
			return false;
	}
	return true;
}
