/*
 * Bodies are opaque to the parser, and two things in them matter: what would drop the lock that
 * keeps other runs out, and what would commit half-way. Both are looked for as words, with the
 * splitter's scanner, so that comments do not count and quoting does not hide.
 */
#include "shared/sql/body.h"

#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/scan.h"

#include "shared/base/banned.h"

/* The next token; false at the end. What is not closed counts as one long token. */
static bool
next_token(struct sql_window *w, struct scan_token *token, struct span *text)
{
	size_t from;
	enum scan_kind next = scan_trivia(w, token);

	if (next != SCAN_OTHER)
		return false;
	from = w->pos;
	scan_token(w, token);
	if (token->kind == SCAN_BACKSLASH)
		w->pos++;
	*text = span_of(w->buf + from, w->pos - from);
	return true;
}

static bool
in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The function's name as it stands in the text, from `pg_advisory_unlock` to the name's end. */
static const char *
unlock_in(struct arena *arena, struct span text)
{
	static const char name[] = "pg_advisory_unlock";
	size_t len = sizeof(name) - 1;

	for (size_t i = 0; i + len <= text.len; i++) {
		if (strncasecmp(text.ptr + i, name, len) != 0 ||
		    (i > 0 && in_name(text.ptr[i - 1])))
			continue;
		size_t end = i + len;
		while (end < text.len && in_name(text.ptr[end]))
			end++;
		char *found = arena_span(arena, span_of(text.ptr + i, end - i));
		for (char *c = found; *c != '\0'; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
		return found;
	}
	return NULL;
}

static bool
discards_all(struct span text)
{
	struct sql_window w;
	struct scan_token token;
	struct span word;
	bool discard = false;

	window_over(&w, text);
	while (next_token(&w, &token, &word)) {
		if (discard && token.kind == SCAN_WORD && scan_word_is(word, "all"))
			return true;
		discard = token.kind == SCAN_WORD && scan_word_is(word, "discard");
	}
	return false;
}

struct span
sql_body_inside(struct span quoted)
{
	size_t skip = 1;

	if (quoted.len == 0)
		return quoted;
	if (quoted.ptr[0] == '$') {
		while (skip < quoted.len && quoted.ptr[skip] != '$')
			skip++;
		skip++;
	} else if (quoted.ptr[0] == 'e' || quoted.ptr[0] == 'E') {
		skip = 2;
	}
	if (quoted.len < 2 * skip)
		return span_of(quoted.ptr + quoted.len, 0);
	size_t tail = quoted.ptr[0] == '$' ? skip : 1;
	return span_of(quoted.ptr + skip, quoted.len - skip - tail);
}

const char *
sql_body_unlocks(struct arena *arena, struct span body, bool strings)
{
	struct sql_window w;
	struct scan_token token;
	struct span text;

	window_over(&w, body);
	while (next_token(&w, &token, &text)) {
		bool name = token.kind == SCAN_WORD || text.ptr[0] == '"';
		const char *found = NULL;
		if (!name && (!strings || text.len < 2 ||
			      (token.kind != SCAN_QUOTED && token.kind != SCAN_UNCLOSED)))
			continue;
		if (name || strings)
			found = unlock_in(arena, text);
		if (found == NULL && !name && discards_all(sql_body_inside(text)))
			found = "discard all";
		if (found != NULL)
			return found;
	}
	return discards_all(body) ? "discard all" : NULL;
}

static bool
is_one_of(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (scan_word_is(word, words[i]))
			return true;
	}
	return false;
}

bool
sql_body_commits(struct span body, bool plpgsql)
{
	static const char *const ends[] = {"commit", "rollback"};
	/* A statement of PL/pgSQL begins after these, and after a semicolon or a label. */
	static const char *const before[] = {"begin", "then", "else", "loop"};
	struct sql_window w;
	struct scan_token token;
	struct span text;
	bool begins = true;

	window_over(&w, body);
	while (next_token(&w, &token, &text)) {
		bool word = token.kind == SCAN_WORD;
		if (word && (begins || !plpgsql) && is_one_of(text, ends, ARRAY_LEN(ends)))
			return true;
		begins = token.kind == SCAN_SEMICOLON || span_is(text, ">") ||
			 (word && is_one_of(text, before, ARRAY_LEN(before)));
	}
	return false;
}
