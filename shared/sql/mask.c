/*
 * Statements travel to other agents and stay in a journal, and some hold passwords: CREATE ROLE,
 * user mappings, subscriptions. By words, not by the tree: text that does not parse is masked too.
 */
#include "shared/sql/mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

static const char word[] = "password";

/* The rest of a literal, after its opening quote. */
static const char *
literal_end(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p != '\'')
			continue;
		if (p[1] != '\'')
			return p;
		p++;
	}
	return p;
}

/* "$tag$" at `p`, or nothing. */
static struct span
dollar_tag(const char *p)
{
	size_t len = 1;

	if (*p != '$')
		return span_of(p, 0);
	while (isalnum((unsigned char)p[len]) || p[len] == '_')
		len++;
	return span_of(p, p[len] == '$' ? len + 1 : 0);
}

/* What stands after the word: a literal, or in a connection string "= value". Returns its length
 * and what takes its place; 0: nothing of the kind. */
static size_t
secret_length(const char *p, const char **instead)
{
	size_t blank = strspn(p, " \t\r\n");
	const char *at = p + blank;

	*instead = " '***'";
	if ((*at == 'E' || *at == 'e') && at[1] == '\'')
		at++;
	if (*at == '\'') {
		const char *end = literal_end(at + 1);
		return (size_t)(end - p) + (*end == '\'');
	}
	struct span tag = dollar_tag(at);
	if (tag.len > 0) {
		for (const char *q = at + tag.len; *q != '\0'; q++) {
			if (strncmp(q, tag.ptr, tag.len) == 0)
				return (size_t)(q - p) + tag.len;
		}
		return strlen(p);
	}
	if (*at != '=')
		return 0;
	*instead = "=***";
	at += 1 + strspn(at + 1, " ");
	/* Quoted within the literal that holds it: ''value''. */
	if (strncmp(at, "''", 2) == 0) {
		const char *end = strstr(at + 2, "''");
		return end != NULL ? (size_t)(end - p) + 2 : strlen(p);
	}
	return (size_t)(at - p) + strcspn(at, " '\t\r\n;&");
}

const char *
sql_mask_secrets(struct arena *arena, const char *sql)
{
	const char *from = sql, *at, *instead;
	struct text out;

	if (strcasestr(sql, word) == NULL)
		return sql;
	text_init(&out, 0);
	while ((at = strcasestr(from, word)) != NULL) {
		size_t len = secret_length(at + sizeof(word) - 1, &instead);
		text_put_span(&out, span_of(from, (size_t)(at - from) + sizeof(word) - 1));
		if (len > 0)
			text_put(&out, instead);
		from = at + sizeof(word) - 1 + len;
	}
	text_put(&out, from);
	const char *copy = arena_span(arena, text_span(&out));
	text_fini(&out);
	return copy;
}
