/* The completions of a service: options, the first two words of its verbs, files behind --config.
 */
#include <string.h>

#include "shared/config/program.h"

#include "shared/base/banned.h"

/* A name that a shell takes for a function. */
static void
put_function(struct text *out, const char *name)
{
	text_put_char(out, '_');
	for (; *name != '\0'; name++)
		text_put_char(out, *name == '-' ? '_' : *name);
}

static void
put_quoted(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			text_put_char(out, '\\');
		text_put_char(out, *s);
	}
}

static struct span
word_at(const char *words, size_t at)
{
	for (; at > 0; at--) {
		words += strcspn(words, " ");
		words += *words == ' ';
	}
	return span_of(words, strcspn(words, " "));
}

/* The second words of one verb, whose lines stand together from `v` on. */
static void
put_seconds(struct text *out, const struct program_line *v, struct span verb)
{
	for (; v->left != NULL && span_equal(word_at(v->left, 0), verb); v++) {
		struct span word = word_at(v->left, 1);
		text_printf(out, " %.*s", (int)word.len, word.ptr);
	}
}

/* All verbs, each once, between spaces. */
static void
put_verbs(struct text *out, const struct program *p)
{
	struct span last = {0};

	for (const struct program_line *v = p->verbs; v != NULL && v->left != NULL; v++) {
		struct span word = word_at(v->left, 0);
		if (last.ptr == NULL || !span_equal(word, last))
			text_printf(out, "%s%.*s", last.ptr == NULL ? "" : " ", (int)word.len,
				    word.ptr);
		last = word;
	}
}

static void
put_all(struct text *out, const struct program *p)
{
	for (size_t i = 0; i < program_option_count; i++)
		text_printf(out, "%s%s", i > 0 ? " " : "", program_options[i].name);
	if (p->verbs != NULL)
		text_put(out, " ");
	put_verbs(out, p);
}

/* What stands around the words is the shell's. */
struct dialect {
	const char *previous, *files, *offer, *offer_end;
};

static const struct dialect bash = {
	"${COMP_WORDS[COMP_CWORD-1]}",
	"compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))",
	"COMPREPLY=($(compgen -W '",
	"' -- \"$cur\"))",
};
static const struct dialect zsh = {"${words[CURRENT-1]}", "_files", "compadd -- ", ""};

static void
put_cases(struct text *out, const struct program *p, const struct dialect *d)
{
	text_printf(out, "\tcase \"%s\" in\n\t--config) %s ;;\n", d->previous, d->files);
	text_printf(out, "\t--completion) %sbash zsh fish%s ;;\n", d->offer, d->offer_end);
	for (const struct program_line *v = p->verbs; v != NULL && v->left != NULL; v++) {
		struct span verb = word_at(v->left, 0);
		if (v != p->verbs && span_equal(verb, word_at(v[-1].left, 0)))
			continue;
		text_printf(out, "\t%.*s) %s", (int)verb.len, verb.ptr, d->offer);
		put_seconds(out, v, verb);
		text_printf(out, "%s ;;\n", d->offer_end);
	}
	text_printf(out, "\t*) %s", d->offer);
	put_all(out, p);
	text_printf(out, "%s ;;\n\tesac\n}\n", d->offer_end);
}

static void
put_bash(struct text *out, const struct program *p)
{
	text_printf(out, "# bash completion of %s\n", p->name);
	put_function(out, p->name);
	text_put(out, "() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n\tCOMPREPLY=()\n");
	put_cases(out, p, &bash);
	text_put(out, "complete -F ");
	put_function(out, p->name);
	text_printf(out, " %s\n", p->name);
}

static void
put_zsh(struct text *out, const struct program *p)
{
	text_printf(out, "#compdef %s\n", p->name);
	put_function(out, p->name);
	text_put(out, "() {\n");
	put_cases(out, p, &zsh);
	put_function(out, p->name);
	text_put(out, " \"$@\"\n");
}

static void
put_fish(struct text *out, const struct program *p)
{
	text_printf(out, "# fish completion of %s\ncomplete -c %s -f\n", p->name, p->name);
	for (size_t i = 0; i < program_option_count; i++) {
		const struct program_option *o = &program_options[i];
		text_printf(out, "complete -c %s -l %s%s -d '", p->name, o->name + 2,
			    o->action == PROGRAM_COMPLETION ? " -xa 'bash zsh fish'"
			    : o->value != NULL		    ? " -rF"
							    : "");
		put_quoted(out, o->meaning ? o->meaning : p->config);
		text_put(out, "'\n");
	}
	if (p->verbs != NULL) {
		text_printf(out, "complete -c %s -n 'not __fish_seen_subcommand_from ", p->name);
		put_verbs(out, p);
		text_put(out, "' -a '");
		put_verbs(out, p);
		text_put(out, "'\n");
	}
	for (const struct program_line *v = p->verbs; v != NULL && v->left != NULL; v++) {
		struct span verb = word_at(v->left, 0), word = word_at(v->left, 1);
		text_printf(out,
			    "complete -c %s -n '__fish_seen_subcommand_from %.*s' -a %.*s -d '",
			    p->name, (int)verb.len, verb.ptr, (int)word.len, word.ptr);
		put_quoted(out, v->right);
		text_put(out, "'\n");
	}
}

static const struct {
	const char *name;
	void (*put)(struct text *out, const struct program *p);
} shells[] = {
	{"bash", put_bash},
	{"zsh", put_zsh},
	{"fish", put_fish},
};

bool
program_completion(struct text *out, const struct program *p, const char *shell)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].put(out, p);
		return true;
	}
	return false;
}
