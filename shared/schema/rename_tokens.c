/* Tokens of SQL that the server printed: quotes are closed, and there are no comments. */
#include "shared/schema/rename_work.h"

#include <ctype.h>
#include <string.h>

#include "shared/base/banned.h"

static bool
begins_word(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool
goes_on(char c)
{
	return begins_word(c) || isdigit((unsigned char)c) || c == '$';
}

static size_t
word_length(const char *s)
{
	size_t n = 0;

	while (goes_on(s[n]))
		n++;
	return n;
}

/* With its quotes; a doubled one is none, nor is one behind a backslash of E''. */
static size_t
quoted_length(const char *s, bool escapes)
{
	char quote = s[0];
	size_t n = 1;

	for (; s[n] != '\0'; n++) {
		if (escapes && s[n] == '\\' && s[n + 1] != '\0')
			n++;
		else if (s[n] == quote && s[n + 1] != quote)
			return n + 1;
		else if (s[n] == quote)
			n++;
	}
	return n;
}

/* $tag$ … $tag$; 0 when there is none. */
static size_t
dollar_length(const char *s)
{
	size_t tag = 1;

	while (goes_on(s[tag]) && s[tag] != '$')
		tag++;
	if (s[tag] != '$' || isdigit((unsigned char)s[1]))
		return 0;
	tag++;
	for (const char *p = s + tag; (p = strchr(p, '$')) != NULL; p++)
		if (strncmp(p, s, tag) == 0)
			return (size_t)(p - s) + tag;
	return 0;
}

static const char *
without_quotes(struct arena *arena, const char *s, size_t len)
{
	char *bare = arena_alloc(arena, len), *to = bare;

	for (size_t i = 1; i + 1 < len; i++) {
		*to++ = s[i];
		if (s[i] == s[0] && s[i + 1] == s[0])
			i++;
	}
	*to = '\0';
	return bare;
}

static struct token
token_at(struct arena *arena, const char *s)
{
	struct token t = {TOKEN_OTHER, s, 1, ""};
	bool escapes = (s[0] == 'E' || s[0] == 'B' || s[0] == 'X') && s[1] == '\'';

	if (s[0] == '\0') {
		t.type = TOKEN_END;
		t.len = 0;
	} else if (escapes) {
		t.type = TOKEN_STRING;
		t.len = 1 + quoted_length(s + 1, s[0] == 'E');
	} else if (s[0] == '"' || s[0] == '\'') {
		t.type = s[0] == '"' ? TOKEN_WORD : TOKEN_STRING;
		t.len = quoted_length(s, false);
		t.bare = without_quotes(arena, s, t.len);
	} else if (begins_word(s[0])) {
		t.type = TOKEN_WORD;
		t.len = word_length(s);
		t.bare = arena_span(arena, span_of(s, t.len));
	} else if (isdigit((unsigned char)s[0])) {
		while (isalnum((unsigned char)s[t.len]) || s[t.len] == '.')
			t.len++;
	} else if (s[0] == '$' && dollar_length(s) > 0) {
		t.type = TOKEN_STRING;
		t.len = dollar_length(s);
	} else if (s[0] == ':' && s[1] == ':') {
		t.len = 2;
	}
	return t;
}

size_t
tokens_of(struct arena *arena, const char *text, struct token **out)
{
	struct token *all = NULL;
	size_t count = 0, cap = 0;

	for (const char *p = text;; p = all[count - 1].at + all[count - 1].len) {
		while (isspace((unsigned char)*p))
			p++;
		all = arena_grow(arena, all, count, &cap, sizeof(*all));
		all[count++] = token_at(arena, p);
		if (all[count - 1].type == TOKEN_END)
			break;
	}
	*out = all;
	return count - 1;
}

bool
token_is(const struct token *t, const char *raw)
{
	return span_is(span_of(t->at, t->len), raw);
}

const char *
rename_literal(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 2 * strlen(text) + 3), *to = out;

	*to++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			*to++ = '\'';
		*to++ = *text;
	}
	*to++ = '\'';
	*to = '\0';
	return out;
}

/* ---- addresses ---- */

size_t
rename_own_token(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_column:
		return 4; /* public . users . mail */
	case SCHEMA_KIND_schema:
	case SCHEMA_KIND_domain_constraint:
	case SCHEMA_KIND_constraint:
	case SCHEMA_KIND_rule:
	case SCHEMA_KIND_trigger:
	case SCHEMA_KIND_policy:
	case SCHEMA_KIND_event_trigger:
	case SCHEMA_KIND_publication:
	case SCHEMA_KIND_subscription:
		return 0;
	default:
		return 2; /* public . users */
	}
}

const char *
rename_address_as(struct arena *arena, const struct schema_object *o, const char *word)
{
	struct token *t;
	size_t own = rename_own_token(o->kind), n = tokens_of(arena, o->address, &t);

	if (own >= n)
		return o->address;
	return arena_printf(arena, "%.*s%s%s", (int)(t[own].at - o->address), o->address, word,
			    t[own].at + t[own].len);
}

const char *
rename_own_word(struct arena *arena, const struct schema_object *o)
{
	struct token *t;
	size_t own = rename_own_token(o->kind), n = tokens_of(arena, o->address, &t);

	return own < n ? arena_span(arena, span_of(t[own].at, t[own].len)) : o->name;
}
