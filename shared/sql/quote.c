/* Identifiers into SQL: always quoted, so that no name is ever read as anything else. */
#include <string.h>

#include "shared/sql/classify.h"

#include "shared/base/banned.h"

static char *
put_quoted(char *to, const char *name)
{
	*to++ = '"';
	for (; *name != '\0'; name++) {
		if (*name == '"')
			*to++ = '"';
		*to++ = *name;
	}
	*to++ = '"';
	return to;
}

const char *
sql_quote_name(struct arena *arena, const char *schema, const char *name)
{
	/* Every byte may double, and each part has two quotes; the dot and the end. */
	size_t room = 2 * (strlen(name) + (schema ? strlen(schema) : 0)) + 6;
	char *quoted = arena_alloc(arena, room);
	char *to = quoted;

	if (schema != NULL) {
		to = put_quoted(to, schema);
		*to++ = '.';
	}
	to = put_quoted(to, name);
	*to = '\0';
	return quoted;
}
