/* A statement as words: enough to know its verb, and the names at places that the verb fixes. */
#include "worker/ddl/words.h"

#include "shared/sql/scan.h"

#include "shared/base/banned.h"

void
ddl_words_init(struct ddl_words *words, struct span sql)
{
	words->sql = sql;
	window_over(&words->window, sql);
}

static enum ddl_word_kind
kind_of(enum scan_kind kind, char first)
{
	switch (kind) {
	case SCAN_WORD:
		return WORD_KEY;
	case SCAN_QUOTED:
		return first == '"' ? WORD_NAME : WORD_TEXT;
	case SCAN_OPEN:
		return WORD_PAREN_OPEN;
	case SCAN_CLOSE:
		return WORD_PAREN_CLOSE;
	case SCAN_DOT:
		return WORD_POINT;
	default:
		return first == ',' ? WORD_COMMA : WORD_SIGN;
	}
}

bool
ddl_words_next(struct ddl_words *words, struct ddl_word *out)
{
	struct sql_window *w = &words->window;
	struct scan_token token;

	if (scan_trivia(w, &token) != SCAN_OTHER)
		return false;
	scan_token(w, &token);
	if (token.kind == SCAN_END || token.kind == SCAN_UNCLOSED)
		return false;
	if (token.kind == SCAN_BACKSLASH)
		w->pos++;
	size_t offset = (size_t)token.offset;
	*out = (struct ddl_word){
		.kind = kind_of(token.kind, words->sql.ptr[offset]),
		.text = span_of(words->sql.ptr + offset, (size_t)window_offset(w) - offset),
		.offset = offset,
	};
	return true;
}

bool
ddl_word_is(const struct ddl_word *w, const char *lower)
{
	return w->kind == WORD_KEY && scan_word_is(w->text, lower);
}

bool
ddl_word_names(const struct ddl_word *w)
{
	return w->kind == WORD_KEY || w->kind == WORD_NAME;
}

const char *
ddl_word_name(struct arena *arena, const struct ddl_word *w)
{
	bool quoted = w->kind != WORD_KEY;
	char *name = arena_span(arena, w->text), *to = name;

	for (const char *at = name; *at != '\0'; at++) {
		if (quoted && (*at == '"' || *at == '\'')) {
			/* a quote at either end goes; of a doubled one, one stays */
			if (at[1] != *at || at == name || at[2] == '\0')
				continue;
			at++;
		}
		*to++ = !quoted && *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at;
	}
	*to = '\0';
	return name;
}
