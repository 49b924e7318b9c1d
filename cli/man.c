/* Manual pages, printed from the command table so that they cannot differ from --help. */
#include "cli/man.h"

#include <ctype.h>
#include <string.h>

#include "cli/args.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/suggest.h"
#include "shared/base/roff.h"

#include "shared/base/banned.h"

static const char *
page_name(struct arena *arena, const struct command *c)
{
	char *name = arena_str(arena, help_full_name(arena, c));
	for (char *p = name; *p != '\0'; p++)
		*p = *p == ' ' ? '-' : *p;
	return name;
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
		roff_entry(out, left + strspn(left, " "), help_option_right(arena, rows));
	}
}

static void
put_all_options(struct arena *arena, struct text *out, const struct command *c)
{
	text_put(out, ".SH OPTIONS\n");
	put_options(arena, out, c->options, "Options");
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		put_options(arena, out, c->option_sets[i], NULL);
	roff_entry(out, "-h, --help", "show help");
	const char *idle = help_without_effect(arena, c);
	if (idle != NULL) {
		text_put(out, ".SS Accepted, without effect\n");
		roff_put(out, idle);
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
			roff_entry(out, help_full_name(arena, &commands[i]), commands[i].summary);
}

static void
put_examples(struct arena *arena, struct text *out, const struct command *c)
{
	if (c->examples == NULL)
		return;
	text_put(out, ".SH EXAMPLES\n");
	for (const char *const *e = c->examples; *e != NULL; e++) {
		const char *bar = strrchr(*e, '|');
		roff_entry(out, arena_span(arena, span_of(*e, (size_t)(bar - *e))), bar + 1);
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
		roff_entry(out, arena_span(arena, number), arena_span(arena, words));
}

void
man_page(struct arena *arena, struct text *out, const struct command *c)
{
	char *title = arena_str(arena, page_name(arena, c));
	for (char *p = title; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	text_printf(out, ".TH %s 1 \"\" \"confiture %s\" \"Confiture Manual\"\n.SH NAME\n", title,
		    CONFITURE_VERSION);
	roff_put(out, arena_printf(arena, "%s - %s\n", page_name(arena, c), c->summary));
	text_put(out, ".SH SYNOPSIS\n.B ");
	roff_put(out, help_usage(arena, c));
	text_put(out, "\n.SH DESCRIPTION\n");
	roff_put(out, c->description != NULL ? c->description : c->summary);
	text_put_char(out, '\n');
	put_commands(arena, out, c);
	if (c->arguments != NULL)
		text_put(out, ".SH ARGUMENTS\n");
	for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++)
		roff_entry(out, a->name, a->help);
	put_all_options(arena, out, c);
	put_examples(arena, out, c);
	put_exit_codes(arena, out, c->exit_codes);
	text_put(out, ".SH SEE ALSO\n");
	roff_put(out, c->path[0] == '\0' ? "confiture-coordinator(8), confiture-worker(8), psql(1)"
					 : "confiture(1)");
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
