/* The words that help, man pages and the commands reference share, made from the table's rows. */
#include <string.h>

#include "cli/args.h"
#include "cli/help.h"
#include "cli/suggest.h"

#include "shared/base/banned.h"

const char *
help_full_name(struct arena *arena, const struct command *c)
{
	return arena_printf(arena, "confiture%s%s", c->path[0] != '\0' ? " " : "", c->path);
}

const char *
help_usage(struct arena *arena, const struct command *c)
{
	const char *usage = arena_printf(arena, "%s [OPTIONS]", help_full_name(arena, c));
	if (c->run == NULL || c->path[0] == '\0')
		return arena_printf(arena, "%s COMMAND", usage);
	for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++)
		usage = arena_printf(arena, a->required ? "%s %s%s" : "%s [%s%s]", usage, a->name,
				     a->repeats ? "…" : "");
	return usage;
}

const char *
help_option_left(struct arena *arena, const struct option *o)
{
	const char *letter = o->letter != 0 ? arena_printf(arena, "-%c, ", o->letter) : "    ";
	if (o->type == OPTION_PAIR)
		return arena_printf(arena, "%s--%s / --no-%s", letter, o->name, o->name);
	return arena_printf(arena, "%s--%s%s%s", letter, o->name, o->value != NULL ? " " : "",
			    o->value != NULL ? o->value : "");
}

const char *
help_option_right(struct arena *arena, const struct option *o)
{
	const char *text = o->help;
	if (o->type == OPTION_CHOICE) {
		const char *const *words = NULL;
		size_t count = suggest_choices(arena, o->choices, &words);
		text = arena_printf(arena, "%s: %s", text, suggest_join(arena, words, count));
	}
	if (o->type == OPTION_LIST || o->type == OPTION_EACH)
		text = arena_printf(arena, "%s; may be repeated", text);
	if (o->type == OPTION_PAIR && o->fallback != NULL)
		return arena_printf(arena, "%s [default: %s]", text,
				    strcmp(o->fallback, "true") == 0 ? "yes" : "no");
	if (o->fallback != NULL)
		text = arena_printf(arena, "%s [default: %s]", text, o->fallback);
	return text;
}

bool
help_shows(const struct option *o)
{
	return (o->flags & (OPTION_HIDDEN | OPTION_NO_EFFECT)) == 0;
}

const char *
help_without_effect(struct arena *arena, const struct command *c)
{
	const struct option **rows = NULL;
	size_t count = command_options(arena, c, &rows);
	const char *list = NULL;
	for (size_t i = 0; i < count; i++)
		if ((rows[i]->flags & OPTION_NO_EFFECT) != 0)
			list = arena_printf(arena, "%s%s--%s", list != NULL ? list : "",
					    list != NULL ? ", " : "", rows[i]->name);
	return list;
}

/* A comma ends an entry when a number follows; other commas belong to its words. */
bool
help_next_exit_code(const char **list, struct span *number, struct span *words)
{
	const char *p = *list;
	if (*p == '\0')
		return false;
	size_t digits = strspn(p, "0123456789");
	*number = digits > 0 ? span_of(p, digits) : span_str("else");
	const char *start = digits > 0 ? p + digits + 1 : p;
	for (p = start; *p != '\0' && *p != ';'; p++) {
		size_t next = p[0] == ',' && p[1] == ' ' ? strspn(p + 2, "0123456789") : 0;
		if (next > 0 && p[2 + next] == ' ')
			break;
	}
	*words = span_of(start, (size_t)(p - start));
	*list = *p != '\0' ? p + 2 : p;
	return true;
}
