/*
 * The scanner behind the splitter: finds where tokens end, by the rules of psql's own scanner, and
 * gives them no meaning. It is ours because libpg_query wants whole texts in memory, stops at what
 * PostgreSQL 15 does not know, and knows no COPY data. Everything runs on a window that grows and
 * moves, so places are kept as offsets and bytes are reached through the cursor only.
 */
#include "shared/sql/scan.h"

#include <string.h>

#include "shared/base/banned.h"

enum { SPACE = 1, IDENT_START = 2, IDENT = 4, DIGIT = 8, LETTER = IDENT_START | IDENT };

/* What a byte can be part of. */
static const unsigned char classes[256] = {
	[' '] = SPACE,		[9 ... 10] = SPACE,
	[12 ... 13] = SPACE,	['a' ... 'z'] = LETTER,
	['A' ... 'Z'] = LETTER, ['_'] = LETTER,
	[128 ... 255] = LETTER, ['0' ... '9'] = IDENT | DIGIT,
	['$'] = IDENT,
};

static inline bool
is(int c, unsigned char what)
{
	return c != WINDOW_END && (classes[c] & what) != 0;
}

/* Passes bytes of a class. */
static void
pass(struct sql_window *w, unsigned char what)
{
	do {
		while (w->pos < w->len && is((unsigned char)w->buf[w->pos], what))
			w->pos++;
	} while (w->pos == w->len && window_fill(w));
}

/* Moves the cursor to the next `c`, or to the end with false. */
static bool
seek(struct sql_window *w, char c)
{
	do {
		const char *found = memchr(w->buf + w->pos, c, w->len - w->pos);
		if (found != NULL) {
			w->pos = (size_t)(found - w->buf);
			return true;
		}
		w->pos = w->len;
	} while (window_fill(w));
	return false;
}

static enum scan_kind
unclosed(const struct sql_window *w, struct scan_token *token, const char *what)
{
	/* A fault is worse than an end: the one who sees SCAN_END looks at it first. */
	token->kind = w->fault == FAULT_NONE ? SCAN_UNCLOSED : SCAN_END;
	token->what = what;
	return token->kind;
}

static void
pass_line(struct sql_window *w)
{
	for (int c; (c = window_peek(w, 0)) != '\n' && c != '\r' && c != WINDOW_END;)
		w->pos++;
}

/* Cursor at the opening; false when the text ends inside. Comments nest. */
static bool
pass_comment(struct sql_window *w)
{
	size_t depth = 0;

	do {
		int c = window_peek(w, 0);
		if (c == WINDOW_END)
			return false;
		if (c == '/' && window_peek(w, 1) == '*') {
			depth++;
			w->pos++;
		} else if (c == '*' && window_peek(w, 1) == '/') {
			depth--;
			w->pos++;
		}
		w->pos++;
	} while (depth > 0);
	return true;
}

enum scan_kind
scan_trivia(struct sql_window *w, struct scan_token *token)
{
	for (;;) {
		int c = window_peek(w, 0);
		token->offset = window_offset(w);
		if (is(c, SPACE)) {
			pass(w, SPACE);
		} else if (c == '-' && window_peek(w, 1) == '-') {
			pass_line(w);
		} else if (c == '/' && window_peek(w, 1) == '*') {
			if (!w->holding)
				token->place = window_place(w, token->offset);
			if (!pass_comment(w))
				return unclosed(w, token, "a comment");
		} else {
			return c == WINDOW_END ? SCAN_END : SCAN_OTHER;
		}
	}
}

/* Cursor after the opening quote. A doubled quote is seen as an end and a new beginning by the
 * server too, for all but strings with escapes, so it is passed here. */
static bool
pass_quoted(struct sql_window *w, char quote)
{
	for (;;) {
		if (!seek(w, quote))
			return false;
		w->pos++;
		if (window_peek(w, 0) != quote)
			return true;
		w->pos++;
	}
}

/*
 * After a closed string: how many bytes to skip to stand inside its continuation, a quote after
 * white space with a line's end in it. 0: there is none. Only strings with escapes care, because a
 * continuation keeps the rules of the first part.
 */
static size_t
continuation(struct sql_window *w)
{
	bool line_ended = false;
	size_t i = 0;

	for (;;) {
		int c = window_peek(w, i);
		if (is(c, SPACE)) {
			line_ended = line_ended || c == '\n' || c == '\r';
			i++;
		} else if (c == '-' && window_peek(w, i + 1) == '-') {
			while ((c = window_peek(w, i)) != '\n' && c != '\r' && c != WINDOW_END)
				i++;
		} else {
			return c == '\'' && line_ended ? i + 1 : 0;
		}
	}
}

/* E'…', cursor after the opening quote: a backslash takes the next byte with it. */
static bool
pass_escaped(struct sql_window *w)
{
	for (;;) {
		int c = window_peek(w, 0);
		if (c == WINDOW_END)
			return false;
		w->pos++;
		if (c == '\\') {
			if (window_peek(w, 0) == WINDOW_END)
				return false;
			w->pos++;
		} else if (c == '\'') {
			if (window_peek(w, 0) == '\'') {
				w->pos++;
				continue;
			}
			size_t skip = continuation(w);
			if (skip == 0)
				return true;
			w->pos += skip;
		}
	}
}

/* The length of $tag$ at the cursor, or 0. */
static size_t
dollar_tag(struct sql_window *w)
{
	size_t i = 1;

	if (is(window_peek(w, 1), IDENT_START)) {
		for (int c; is(c = window_peek(w, i), IDENT) && c != '$';)
			i++;
	}
	return window_peek(w, i) == '$' ? i + 1 : 0;
}

/* Cursor at the opening tag of `size` bytes. The tag is held by the window, at the distance
 * `behind` from the cursor. */
static bool
pass_dollar(struct sql_window *w, size_t size)
{
	size_t behind = size;

	w->pos += size;
	for (;;) {
		size_t from = w->pos;
		uint64_t base = w->base;
		bool found = seek(w, '$');
		behind += w->pos + (size_t)(w->base - base) - from;
		if (!found || window_peek(w, size - 1) == WINDOW_END) {
			w->pos = w->len;
			return false;
		}
		const char *here = w->buf + w->pos;
		if (memcmp(here, here - behind, size) == 0) {
			w->pos += size;
			return true;
		}
		w->pos++;
		behind++;
	}
}

static void
finish_quote(struct sql_window *w, struct scan_token *token, bool closed, const char *what)
{
	token->kind = SCAN_QUOTED;
	if (!closed)
		unclosed(w, token, what);
}

static void
word_token(struct sql_window *w, struct scan_token *token)
{
	size_t size;
	const char *word;

	pass(w, IDENT);
	size = (size_t)(window_offset(w) - token->offset);
	word = w->buf + w->pos - size;
	if (size == 1 && (*word == 'e' || *word == 'E') && window_peek(w, 0) == '\'') {
		w->pos++;
		finish_quote(w, token, pass_escaped(w), "a string");
		return;
	}
	token->kind = SCAN_WORD;
	token->word = span_of(w->buf + w->pos - size, size);
}

/* Numbers and parameters take one letter that follows with them, as the server's scanner does: what
 * comes then is a new token, and may open a string. */
static void
pass_digits(struct sql_window *w)
{
	pass(w, DIGIT);
	if (is(window_peek(w, 0), IDENT_START))
		w->pos++;
}

static void
number_token(struct sql_window *w, struct scan_token *token)
{
	token->kind = SCAN_OTHER;
	pass(w, DIGIT);
	if (window_peek(w, 0) == '.' && window_peek(w, 1) != '.')
		w->pos++;
	pass_digits(w);
}

static void
dollar_token(struct sql_window *w, struct scan_token *token)
{
	size_t tag = dollar_tag(w);

	if (tag > 0) {
		finish_quote(w, token, pass_dollar(w, tag), "a dollar quote");
		return;
	}
	token->kind = SCAN_OTHER;
	w->pos++;
	if (is(window_peek(w, 0), DIGIT))
		pass_digits(w);
}

static void
mark_token(struct sql_window *w, struct scan_token *token, int c)
{
	static const struct {
		char c;
		enum scan_kind kind;
	} marks[] = {
		{'(', SCAN_OPEN},
		{')', SCAN_CLOSE},
		{';', SCAN_SEMICOLON},
		{'.', SCAN_DOT},
	};

	w->pos++;
	token->kind = SCAN_OTHER;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (marks[i].c == c)
			token->kind = marks[i].kind;
	}
}

void
scan_token(struct sql_window *w, struct scan_token *token)
{
	int c = window_peek(w, 0);

	*token = (struct scan_token){.offset = window_offset(w)};
	if (c == WINDOW_END) {
		token->kind = SCAN_END;
	} else if (is(c, IDENT_START)) {
		word_token(w, token);
	} else if (is(c, DIGIT)) {
		number_token(w, token);
	} else if (c == '$') {
		dollar_token(w, token);
	} else if (c == '\'' || c == '"') {
		w->pos++;
		finish_quote(w, token, pass_quoted(w, (char)c),
			     c == '"' ? "a quoted name" : "a string");
	} else if (c == '\\') {
		token->kind = SCAN_BACKSLASH;
	} else {
		mark_token(w, token, c);
	}
}

bool
scan_word_is(struct span word, const char *lower)
{
	size_t i = 0;

	for (; i < word.len && lower[i] != '\0'; i++) {
		char c = word.ptr[i];
		if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != lower[i])
			return false;
	}
	return i == word.len && lower[i] == '\0';
}
