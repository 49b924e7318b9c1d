/*
 * ${VAR} in settings. Deliberately small: no defaults, no nesting, one pass. What looks like more
 * is refused, because a half-expanded connection string reaches the wrong database.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { EXPANDED_LIMIT = 65536 };

static size_t
name_length(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]) || s[n] == '_' ||
	       (n > 0 && isdigit((unsigned char)s[n])))
		n++;
	return n;
}

static bool
unset(struct arena *arena, const char *name, struct span message, const char **why)
{
	if (message.len > 0)
		*why = arena_printf(arena, "needs the environment variable %s: %s", name,
				    settings_show(arena, arena_span(arena, message)));
	else
		*why = arena_printf(arena, "needs the environment variable %s, which is not set",
				    name);
	return false;
}

/* One ${…} at `*at`, which is moved behind it. */
static bool
expand_one(struct arena *arena, const char **at, struct text *out, const char **why)
{
	const char *name = *at + 2;
	size_t len = name_length(name);
	const char *rest = name + len;
	const char *end = strchr(rest, '}');
	bool demanded = strncmp(rest, ":?", 2) == 0;

	if (len == 0 || end == NULL || (!demanded && end != rest)) {
		*why = "holds a \"${\" that is neither ${NAME} nor ${NAME:?message}";
		return false;
	}
	struct span message = demanded ? span_of(rest + 2, (size_t)(end - rest - 2)) : span_str("");
	const char *variable = arena_span(arena, span_of(name, len));
	const char *value = getenv(variable);
	if (value == NULL || (demanded && *value == '\0'))
		return unset(arena, variable, message, why);
	text_put(out, value);
	*at = end + 1;
	return true;
}

static bool
expand_all(struct arena *arena, const char *value, struct text *out, const char **why)
{
	while (*value != '\0') {
		if (value[0] == '$' && value[1] == '{') {
			if (!expand_one(arena, &value, out, why))
				return false;
			continue;
		}
		text_put_char(out, *value++);
	}
	*why = "is too long once its variables are put in";
	return !out->truncated;
}

bool
settings_expand(struct arena *arena, const char *value, const char **out, const char **why)
{
	struct text t;

	if (strstr(value, "${") == NULL) {
		*out = value;
		return true;
	}
	text_init(&t, EXPANDED_LIMIT);
	bool ok = expand_all(arena, value, &t, why);
	if (ok)
		*out = arena_span(arena, text_span(&t));
	text_fini(&t);
	return ok;
}
