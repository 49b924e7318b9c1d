/* Reading the command line of a service, and what it says of itself. */
#include "shared/config/program.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/parse.h"

#include "shared/base/banned.h"

const struct program_option program_options[] = {
	{"--config", "FILE", PROGRAM_RUN, NULL},
	{"--check-config", NULL, PROGRAM_CHECK, "read the settings, say what is wrong, and end"},
	{"--print-config", NULL, PROGRAM_PRINT, "show what holds as a file, secrets as ***"},
	{"--sample-config", NULL, PROGRAM_SAMPLE, "show a file to start from: every setting"},
	{"--man", NULL, PROGRAM_MAN, "show the manual page, as roff"},
	{"--completion", "SHELL", PROGRAM_COMPLETION, "show the completion for bash, zsh or fish"},
	{"--version", NULL, PROGRAM_VERSION, "show the version"},
	{"--help", NULL, PROGRAM_HELP, "show this"},
};
const size_t program_option_count = ARRAY_LEN(program_options);

/* ---- reading ---- */
static const struct program_option *
find(const char *arg, size_t len)
{
	if (len == 2 && memcmp(arg, "-h", 2) == 0)
		return find("--help", 6);
	for (size_t i = 0; i < program_option_count; i++) {
		const char *name = program_options[i].name;
		if (strlen(name) == len && memcmp(name, arg, len) == 0)
			return &program_options[i];
	}
	return NULL;
}

static bool
unknown(const struct program *p, const char *arg, struct error *err)
{
	const char *names[ARRAY_LEN(program_options)];

	for (size_t i = 0; i < program_option_count; i++)
		names[i] = program_options[i].name;
	const char *meant = nearest_word(arg, names, program_option_count);
	error_set(err, E_USAGE_001, "unknown %s %s%s%s%s", arg[0] == '-' ? "option" : "word", arg,
		  meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	error_hint(err, "%s --help", p->name);
	return false;
}

static bool
is_verb(const struct program *p, const char *word)
{
	size_t len = strlen(word);

	for (const struct program_line *v = p->verbs; len > 0 && v != NULL && v->left; v++) {
		if (strncmp(v->left, word, len) == 0 && v->left[len] == ' ')
			return true;
	}
	return false;
}

static bool
read_option(const struct program_option *o, const char *value, struct program_command *out,
	    struct error *err)
{
	if (o->value == NULL && value != NULL)
		return error_set(err, E_USAGE_001, "%s takes no value", o->name);
	if (o->value != NULL && (value == NULL || *value == '\0'))
		return error_set(err, E_USAGE_001, "%s needs a value: %s %s", o->name, o->name,
				 o->value);
	if (o->action != PROGRAM_RUN)
		out->action = o->action;
	if (o->action == PROGRAM_COMPLETION)
		out->shell = value;
	else if (o->value != NULL)
		out->config = value;
	return true;
}

bool
program_read(const struct program *p, struct arena *arena, int argc, char **argv,
	     struct program_command *out, struct error *err)
{
	*out = (struct program_command){
		.argv = arena_array(arena, (size_t)argc + 1, sizeof(*out->argv))};
	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");
		const char *value = argv[i][len] == '=' ? argv[i] + len + 1 : NULL;
		const struct program_option *o = find(argv[i], len);
		bool config = o != NULL && strcmp(o->name, "--config") == 0;
		if ((out->argc > 0 && !config) || (o == NULL && is_verb(p, argv[i]))) {
			out->argv[out->argc++] = argv[i];
			continue;
		}
		if (o == NULL)
			return unknown(p, argv[i], err);
		if (o->value != NULL && value == NULL && i + 1 < argc)
			value = argv[++i];
		if (!read_option(o, value, out, err))
			return false;
	}
	return true;
}

/* ---- saying ---- */
static void
put_lines(struct text *out, const char *title, const struct program_line *lines, int width)
{
	if (lines == NULL)
		return;
	text_printf(out, "\n%s\n", title);
	for (; lines->left != NULL; lines++)
		text_printf(out, "  %-*s  %s\n", width, lines->left, lines->right);
}

static void
put_help(struct text *out, const struct program *p)
{
	text_printf(out, "Usage: %s [OPTION]…\n", p->name);
	for (const struct program_line *v = p->verbs; v != NULL && v->left != NULL; v++)
		text_printf(out, "       %s [--config FILE] %s\n", p->name, v->left);
	text_printf(out, "\n%s\n\nOptions:\n", p->description);
	for (size_t i = 0; i < program_option_count; i++) {
		const struct program_option *o = &program_options[i];
		char left[32];
		snprintf(left, sizeof(left), "%s%s%s", o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		text_printf(out, "  %-18s  %s\n", left, o->meaning ? o->meaning : p->config);
	}
	put_lines(out, "Commands:", p->verbs, 43);
	put_lines(out, "Signals:", p->signals, 18);
}

static bool
make(struct text *out, const struct program *p, const struct program_command *c, struct error *err)
{
	switch (c->action) {
	case PROGRAM_SAMPLE:
		settings_print_sample(out, p->settings);
		return true;
	case PROGRAM_HELP:
		put_help(out, p);
		return true;
	case PROGRAM_VERSION:
		text_printf(out, "%s %s\n", p->name, CONFITURE_VERSION);
		return true;
	case PROGRAM_MAN:
		program_man(out, p);
		return true;
	case PROGRAM_COMPLETION:
		return program_completion(out, p, c->shell) ||
		       error_set(err, E_USAGE_001,
				 "no completion for the shell \"%s\"; there are bash, zsh and fish",
				 c->shell);
	default:
		return true;
	}
}

bool
program_say(const struct program *p, const struct program_command *c, bool *done, struct error *err)
{
	struct text out;

	text_init(&out, 0);
	bool ok = make(&out, p, c, err);
	fputs(out.ptr, stdout);
	*done = out.len > 0;
	text_fini(&out);
	return ok;
}
