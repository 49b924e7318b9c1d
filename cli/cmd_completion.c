/*
 * `confiture completion SHELL`: completion scripts printed from the command table. bash and zsh get
 * the same two case tables (which command are we in; what may stand here) with their own words for
 * offering; fish gets one line an option.
 */
#include <string.h>

#include "cli/args.h"
#include "cli/cmds.h"
#include "cli/completion.h"
#include "cli/exit_codes.h"
#include "cli/help.h"
#include "cli/suggest.h"

#include "shared/base/banned.h"

struct dialect {
	const char *head;
	const char *offer_words; /* before the words */
	const char *offer_end;	 /* behind them */
	const char *offer_files;
	const char *tail;
};

static const struct dialect bash = {
	.head = "# bash completion of confiture\n"
		"_confiture() {\n"
		"\tlocal at='' cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i\n"
		"\tCOMPREPLY=()\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase \"$at:${COMP_WORDS[i]}\" in\n",
	.offer_words = "COMPREPLY=($(compgen -W '",
	.offer_end = "' -- \"$cur\"))",
	.offer_files = "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))",
	.tail = "}\ncomplete -F _confiture confiture\n",
};

static const struct dialect zsh = {
	.head = "#compdef confiture\n"
		"_confiture() {\n"
		"\tlocal at='' prev=${words[CURRENT-1]} i\n"
		"\tfor ((i = 2; i < CURRENT; i++)); do\n"
		"\t\tcase \"$at:${words[i]}\" in\n",
	.offer_words = "compadd -- ",
	.offer_end = "",
	.offer_files = "_files",
	.tail = "}\n"
		"if [ \"${funcstack[1]}\" = _confiture ]; then _confiture \"$@\"; "
		"else compdef _confiture confiture; fi\n",
};

/* What may stand as argument, for commands whose arguments are known words. */
static const char *
argument_words(struct arena *arena, const struct command *c)
{
	if (strcmp(c->path, "completion") == 0)
		return " bash zsh fish";
	if (strcmp(c->path, "explain") != 0)
		return "";
	const struct error_code *all[ERROR_CODE_COUNT];
	exit_codes_all(all);
	const char *words = "";
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++)
		words = arena_printf(arena, "%s %s", words, all[i]->name);
	return words;
}

static const char *
joined(struct arena *arena, const char *const *words, size_t count)
{
	const char *list = "";
	for (size_t i = 0; i < count; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? " " : "", words[i]);
	return list;
}

/* case "$at:$word": the path grows word by word; what stands around both is the shell's. */
static void
put_paths(struct text *out, const char *before, const char *between, const char *after)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		if (c->hidden || c->path[0] == '\0')
			continue;
		const char *word = command_word(c);
		size_t parent = word > c->path ? (size_t)(word - c->path) - 1 : 0;
		text_printf(out, "%s'%.*s:%s'%s'%s'%s", before, (int)parent, c->path, word, between,
			    c->path, after);
	}
}

static void
put_value_case(struct text *out, struct arena *arena, const struct dialect *d,
	       const struct command *c, const struct option *o)
{
	text_printf(out, "\t'%s --%s'", c->path, o->name);
	if (o->letter != 0)
		text_printf(out, "|'%s -%c'", c->path, o->letter);
	text_put(out, ") ");
	if (o->type == OPTION_CHOICE) {
		const char *const *words = NULL;
		size_t count = suggest_choices(arena, o->choices, &words);
		text_printf(out, "%s%s%s; ", d->offer_words, joined(arena, words, count),
			    d->offer_end);
	} else if (o->type == OPTION_PATH) {
		text_printf(out, "%s; ", d->offer_files);
	}
	text_put(out, "return ;;\n");
}

static void
put_values(struct text *out, struct arena *arena, const struct dialect *d)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct option **rows = NULL;
		size_t count = command_options(arena, &commands[i], &rows);
		for (size_t k = 0; k < count && !commands[i].hidden; k++)
			if (help_shows(rows[k]) && rows[k]->type != OPTION_SWITCH &&
			    rows[k]->type != OPTION_PAIR)
				put_value_case(out, arena, d, &commands[i], rows[k]);
	}
}

static void
put_words(struct text *out, struct arena *arena, const struct dialect *d)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		if (c->hidden)
			continue;
		const char *const *subs = NULL;
		const char *const *options = NULL;
		size_t sub_count = suggest_subcommands(arena, c->path, &subs);
		size_t option_count = suggest_options(arena, c, &options);
		text_printf(out, "\t'%s') %s%s%s%s%s%s ;;\n", c->path, d->offer_words,
			    joined(arena, subs, sub_count), sub_count > 0 ? " " : "",
			    joined(arena, options, option_count), argument_words(arena, c),
			    d->offer_end);
	}
}

static void
put_script(struct text *out, struct arena *arena, const struct dialect *d)
{
	text_put(out, d->head);
	put_paths(out, "\t\t", ") at=", " ;;\n");
	text_put(out, "\t\tesac\n\tdone\n\tcase \"$at $prev\" in\n");
	put_values(out, arena, d);
	text_put(out, "\tesac\n\tcase \"$at\" in\n");
	put_words(out, arena, d);
	text_printf(out, "\tesac\n%s", d->tail);
}

/* ---- fish ---- */
static const char *
fish_quoted(struct arena *arena, const char *s)
{
	struct text out;
	text_init(&out, 0);
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			text_put_char(&out, '\\');
		text_put_char(&out, *s);
	}
	const char *copy = arena_span(arena, text_span(&out));
	text_fini(&out);
	return copy;
}

static void
put_fish_option(struct text *out, struct arena *arena, const struct command *c,
		const struct option *o)
{
	text_printf(out, "complete -c confiture -n \"__confiture_at '%s'\" -l %s", c->path,
		    o->name);
	if (o->letter != 0)
		text_printf(out, " -s %c", o->letter);
	if (o->type == OPTION_PATH)
		text_put(out, " -rF");
	else if (o->type != OPTION_SWITCH && o->type != OPTION_PAIR)
		text_put(out, " -x");
	if (o->type == OPTION_CHOICE) {
		const char *const *words = NULL;
		size_t count = suggest_choices(arena, o->choices, &words);
		text_printf(out, " -a '%s'", joined(arena, words, count));
	}
	text_printf(out, " -d '%s'\n", fish_quoted(arena, o->help));
	if (o->type == OPTION_PAIR)
		text_printf(out, "complete -c confiture -n \"__confiture_at '%s'\" -l no-%s\n",
			    c->path, o->name);
}

static void
put_fish_command(struct text *out, struct arena *arena, const struct command *c)
{
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden && command_below(&commands[i], c->path))
			text_printf(out,
				    "complete -c confiture -n \"__confiture_at '%s'\" -a %s -d "
				    "'%s'\n",
				    c->path, command_word(&commands[i]),
				    fish_quoted(arena, commands[i].summary));
	const char *words = argument_words(arena, c);
	if (words[0] != '\0')
		text_printf(out, "complete -c confiture -n \"__confiture_at '%s'\" -a '%s'\n",
			    c->path, words + 1);
	const struct option **rows = NULL;
	size_t count = command_options(arena, c, &rows);
	for (size_t i = 0; i < count; i++)
		if (help_shows(rows[i]))
			put_fish_option(out, arena, c, rows[i]);
}

static void
put_fish(struct text *out, struct arena *arena)
{
	text_put(out, "# fish completion of confiture\n"
		      "function __confiture_at\n"
		      "\tset -l at ''\n"
		      "\tfor word in (commandline -opc)[2..-1]\n"
		      "\t\tswitch \"$at:$word\"\n");
	put_paths(out, "\t\t\tcase ", "\n\t\t\t\tset at ", "\n");
	text_put(out, "\t\tend\n\tend\n\ttest \"$at\" = \"$argv[1]\"\nend\n"
		      "complete -c confiture -f\n");
	text_put(out, "complete -c confiture -s h -l help -d 'show help'\n");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden)
			put_fish_command(out, arena, &commands[i]);
}

bool
completion_script(struct arena *arena, struct text *out, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		put_script(out, arena, &bash);
	else if (strcmp(shell, "zsh") == 0)
		put_script(out, arena, &zsh);
	else if (strcmp(shell, "fish") == 0)
		put_fish(out, arena);
	else
		return false;
	return true;
}

int
cmd_completion(struct cli *cli, const struct args *args)
{
	const char *shell = args_argument(args, 0);
	struct text script;
	text_init(&script, 0);
	bool known = completion_script(&cli->arena, &script, shell);
	fwrite(script.ptr, 1, script.len, cli->out);
	text_fini(&script);
	if (known)
		return 0;
	struct error err = {0};
	error_set(&err, E_USAGE_001,
		  "no completion for the shell \"%s\"; there are bash, zsh and fish", shell);
	error_hint(&err, "confiture completion --help");
	return cli_fail(cli, &err);
}
