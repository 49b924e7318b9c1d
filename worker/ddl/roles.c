/*
 * Which roles a schema needs. They must be there before anything runs: ALTER DEFAULT PRIVILEGES,
 * for one, does nothing for tables that were made before it succeeded.
 */
#include "worker/ddl/roles.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "worker/ddl/words.h"

#include "shared/base/banned.h"

/* ---- the list ---- */

/* Where it is, or would be. */
static size_t
place_of(const struct ddl_roles *roles, const char *name)
{
	size_t low = 0, high = roles->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(roles->names[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
ddl_roles_have(const struct ddl_roles *roles, const char *name)
{
	size_t at = place_of(roles, name);

	return at < roles->count && strcmp(roles->names[at], name) == 0;
}

bool
ddl_roles_add(struct ddl_roles *roles, const char *name)
{
	size_t at = place_of(roles, name);

	if (at < roles->count && strcmp(roles->names[at], name) == 0)
		return false;
	roles->names = arena_grow(roles->arena, roles->names, roles->count, &roles->cap,
				  sizeof(*roles->names));
	memmove(roles->names + at + 1, roles->names + at,
		(roles->count - at) * sizeof(*roles->names));
	roles->names[at] = arena_str(roles->arena, name);
	roles->count++;
	return true;
}

/* ---- statements ---- */

static void
take_name(const struct ddl_word *w, struct ddl_roles *out)
{
	static const char *const none[] = {"public", "current_user", "current_role", "session_user",
					   "none",   "default",	     "user"};

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		if (ddl_word_is(w, none[i]))
			return;
	}
	const char *name = ddl_word_name(out->arena, w);
	if (*name != '\0' && strncmp(name, "pg_", 3) != 0)
		ddl_roles_add(out, name);
}

/* The names of a list: "a, GROUP b". */
static void
take_list(struct ddl_words *words, struct ddl_roles *out)
{
	struct ddl_word w;

	do {
		if (!ddl_words_next(words, &w) ||
		    (ddl_word_is(&w, "group") && !ddl_words_next(words, &w)))
			return;
		if (!ddl_word_names(&w) && w.kind != WORD_TEXT)
			return;
		take_name(&w, out);
	} while (ddl_words_next(words, &w) && w.kind == WORD_COMMA);
}

/* What stands before a role, by the verb; the list of roles follows it. */
static const struct opener {
	const char *verb;
	const char *before, *word;
} openers[] = {
	{"alter", "owner", "to"},     {"alter", "for", "role"},
	{"alter", "for", "user"},     {"create", NULL, "authorization"},
	{"set", NULL, "role"},	      {"set", "session", "authorization"},
	{"create", "mapping", "for"}, {"grant", NULL, "to"},
	{"revoke", NULL, "from"},
};

/* ALTER DEFAULT PRIVILEGES … GRANT … TO, CREATE POLICY … TO: the verb alone does not tell. */
static bool
lists_after(const struct ddl_word *w, bool defaults, bool policy)
{
	return ((defaults || policy) && ddl_word_is(w, "to")) ||
	       (defaults && ddl_word_is(w, "from"));
}

static bool
opens(const struct ddl_word *verb, const struct ddl_word *before, const struct ddl_word *w)
{
	for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
		const struct opener *o = &openers[i];
		if (ddl_word_is(w, o->word) && ddl_word_is(verb, o->verb) &&
		    (o->before == NULL || ddl_word_is(before, o->before)))
			return true;
	}
	return false;
}

void
ddl_roles_of(struct span sql, struct ddl_roles *out)
{
	struct ddl_words words;
	struct ddl_word verb, second, before, w;
	size_t depth = 0;

	ddl_words_init(&words, sql);
	if (!ddl_words_next(&words, &verb) || !ddl_words_next(&words, &second))
		return;
	bool defaults = ddl_word_is(&verb, "alter") && ddl_word_is(&second, "default");
	bool policy = ddl_word_is(&second, "policy");
	w = second;
	if (ddl_word_is(&verb, "set") && ddl_word_is(&w, "role"))
		take_list(&words, out);
	for (before = w; ddl_words_next(&words, &w); before = w) {
		if (w.kind == WORD_PAREN_OPEN)
			depth++;
		else if (w.kind == WORD_PAREN_CLOSE && depth > 0)
			depth--;
		else if (depth == 0 &&
			 (opens(&verb, &before, &w) || lists_after(&w, defaults, policy)))
			take_list(&words, out);
	}
}
