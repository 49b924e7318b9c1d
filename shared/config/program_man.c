/* The manual page of a service: its tables as roff. */
#include <ctype.h>
#include <string.h>

#include "shared/base/roff.h"
#include "shared/config/program.h"

#include "shared/base/banned.h"

static void
put_lines(struct text *out, const char *title, const struct program_line *lines)
{
	if (lines == NULL)
		return;
	text_printf(out, ".SH %s\n", title);
	for (; lines->left != NULL; lines++)
		roff_entry(out, lines->left, lines->right);
}

static void
put_synopsis(struct text *out, const struct program *p)
{
	text_put(out, ".SH SYNOPSIS\n.B ");
	roff_put(out, p->name);
	text_put(out, "\n[OPTION]...\n");
	for (const struct program_line *v = p->verbs; v != NULL && v->left != NULL; v++) {
		text_put(out, ".br\n.B ");
		roff_put(out, p->name);
		text_put(out, "\n[\\-\\-config FILE] ");
		roff_put(out, v->left);
		text_put_char(out, '\n');
	}
}

static void
put_options(struct text *out, const struct program *p)
{
	text_put(out, ".SH OPTIONS\n");
	for (size_t i = 0; i < program_option_count; i++) {
		const struct program_option *o = &program_options[i];
		struct text left;
		text_init(&left, 0);
		text_printf(&left, "%s%s%s", o->name, o->value ? " " : "",
			    o->value ? o->value : "");
		roff_entry(out, left.ptr, o->meaning ? o->meaning : p->config);
		text_fini(&left);
	}
}

static void
put_settings(struct text *out, const struct settings_table *table)
{
	text_printf(out, ".SH SETTINGS\nYAML. ${VAR} and ${VAR:?message} put in environment "
			 "variables.\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct setting *row = &table->rows[i];
		struct text words;
		text_init(&words, 0);
		text_put(&words, row->meaning);
		if (row->choices != NULL)
			text_printf(&words, " (%s)", row->choices);
		if (row->fallback != NULL)
			text_printf(&words, " [%s]", row->fallback);
		roff_entry(out, row->path, words.ptr);
		text_fini(&words);
	}
}

void
program_man(struct text *out, const struct program *p)
{
	text_put(out, ".TH ");
	for (const char *s = p->name; *s != '\0'; s++)
		text_put_char(out, (char)toupper((unsigned char)*s));
	text_printf(out, " 8 \"\" \"confiture %s\" \"Confiture Manual\"\n.SH NAME\n",
		    CONFITURE_VERSION);
	roff_put(out, p->name);
	text_printf(out, " \\- %s\n", p->summary);
	put_synopsis(out, p);
	text_put(out, ".SH DESCRIPTION\n");
	roff_put(out, p->description);
	text_put_char(out, '\n');
	put_options(out, p);
	put_lines(out, "COMMANDS", p->verbs);
	put_lines(out, "SIGNALS", p->signals);
	put_settings(out, p->settings);
	put_lines(out, "FILES", p->files);
	text_put(out, ".SH SEE ALSO\n");
	roff_put(out, p->see_also);
	text_put_char(out, '\n');
}
