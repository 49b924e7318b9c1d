/* Word lists out of the command table, made once here for everything that offers or names words. */
#include "cli/suggest.h"

#include <string.h>

#include "cli/args.h"

#include "shared/base/banned.h"

bool
command_below(const struct command *c, const char *parent)
{
	size_t n = strlen(parent);
	if (c->path[0] == '\0')
		return false;
	if (n == 0)
		return strchr(c->path, ' ') == NULL;
	return strncmp(c->path, parent, n) == 0 && c->path[n] == ' ' &&
	       strchr(c->path + n + 1, ' ') == NULL;
}

const char *
command_word(const struct command *c)
{
	const char *space = strrchr(c->path, ' ');
	return space != NULL ? space + 1 : c->path;
}

size_t
suggest_subcommands(struct arena *arena, const char *parent, const char *const **out)
{
	const char **words = arena_array(arena, command_count, sizeof(*words));
	size_t n = 0;
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden && command_below(&commands[i], parent))
			words[n++] = command_word(&commands[i]);
	*out = words;
	return n;
}

size_t
suggest_options(struct arena *arena, const struct command *c, const char *const **out)
{
	const struct option **rows = NULL;
	size_t count = command_options(arena, c, &rows);
	const char **words = arena_array(arena, 2 * count + 1, sizeof(*words));
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if ((rows[i]->flags & (OPTION_HIDDEN | OPTION_NO_EFFECT)) != 0)
			continue;
		words[n++] = arena_printf(arena, "--%s", rows[i]->name);
		if (rows[i]->type == OPTION_PAIR)
			words[n++] = arena_printf(arena, "--no-%s", rows[i]->name);
	}
	words[n++] = "--help";
	*out = words;
	return n;
}

size_t
suggest_choices(struct arena *arena, const char *choices, const char *const **out)
{
	size_t room = 1;
	for (const char *c = choices; *c != '\0'; c++)
		room += *c == '|' ? 1 : 0;
	const char **words = arena_array(arena, room, sizeof(*words));
	size_t n = 0;
	for (const char *c = choices; n < room; n++) {
		size_t len = strcspn(c, "|");
		words[n] = arena_span(arena, span_of(c, len));
		c += len + (c[len] == '|' ? 1 : 0);
	}
	*out = words;
	return n;
}

const char *
suggest_join(struct arena *arena, const char *const *words, size_t count)
{
	const char *list = count > 0 ? words[0] : "";
	for (size_t i = 1; i < count; i++)
		list = arena_printf(arena, "%s%s%s", list, i + 1 == count ? " or " : ", ",
				    words[i]);
	return list;
}
