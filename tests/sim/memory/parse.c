/* Cutting a statement into words, and taking them one after another. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/sql.h"

#include "shared/base/banned.h"

static const char *
skip_blanks(const char *at, const char *end)
{
	for (;;) {
		while (at < end && isspace((unsigned char)*at))
			at++;
		if (end - at < 2 || at[0] != '-' || at[1] != '-')
			return at;
		while (at < end && *at != '\n')
			at++;
	}
}

/* From a quote to its end, doubled ones taken as one; NULL when there is no end. */
static const char *
quoted(struct arena *arena, const char *at, const char *end, const char **text)
{
	char quote = *at++, *out = arena_alloc(arena, (size_t)(end - at) + 1);
	size_t n = 0;

	for (; at < end; at++) {
		if (*at == quote && (at + 1 == end || at[1] != quote)) {
			*text = out;
			return at + 1;
		}
		if (*at == quote)
			at++;
		out[n++] = *at;
	}
	return NULL;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

static const char *
word(struct arena *arena, const char *at, const char *end, struct token *t)
{
	const char *start = at;

	while (at < end && is_word(*at))
		at++;
	char *text = arena_span(arena, span_of(start, (size_t)(at - start)));
	t->kind = TOKEN_WORD;
	if (isdigit((unsigned char)*text)) {
		t->kind = TOKEN_NUMBER;
		t->number = strtoll(text, NULL, 10);
	}
	for (char *c = text; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	t->text = text;
	return at;
}

static const char *
cut_one(struct arena *arena, const char *at, const char *end, struct token *t)
{
	if (*at == '\'' || *at == '"') {
		t->kind = *at == '"' ? TOKEN_QUOTED : TOKEN_TEXT;
		return quoted(arena, at, end, &t->text);
	}
	if (is_word(*at))
		return word(arena, at, end, t);
	t->kind = TOKEN_SIGN;
	t->text = arena_span(arena, span_of(at, 1));
	return at + 1;
}

static uint32_t
characters(const char *from, const char *to)
{
	uint32_t n = 1;

	for (; from < to; from++)
		n += (*from & 0xC0) != 0x80;
	return n;
}

bool
parse_start(struct parse *p, struct memory_session *s, struct span sql)
{
	const char *at = sql.ptr, *end = sql.ptr + sql.len;
	struct arena *arena = &s->request->arena;
	size_t count = 0, cap = 0;

	*p = (struct parse){.s = s};
	while ((at = skip_blanks(at, end)) < end) {
		if (count == TOKENS_MOST)
			return refuse(s, "54001", "statement too long");
		p->tokens = arena_grow(arena, p->tokens, count, &cap, sizeof(*p->tokens));
		struct token *t = &p->tokens[count++];
		*t = (struct token){.position = characters(sql.ptr, at)};
		const char *start = at;
		at = cut_one(arena, at, end, t);
		if (at == NULL)
			return refuse_at(s, t->position, "42601", "unterminated quoted string");
		t->raw = span_of(start, (size_t)(at - start));
	}
	p->tokens = arena_grow(arena, p->tokens, count, &cap, sizeof(*p->tokens));
	p->tokens[count] = (struct token){.position = characters(sql.ptr, end), .text = ""};
	return true;
}

bool
parse_syntax_error(struct parse *p)
{
	const struct token *t = parse_peek(p);

	if (t->kind == TOKEN_END)
		return refuse_at(p->s, t->position, "42601", "syntax error at end of input");
	return refuse_at(p->s, t->position, "42601", "syntax error at or near \"%.*s\"",
			 (int)t->raw.len, t->raw.ptr);
}

bool
parse_accept(struct parse *p, const char *words)
{
	size_t at = p->at;

	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		const struct token *t = &p->tokens[at++];
		if ((t->kind != TOKEN_WORD && t->kind != TOKEN_SIGN && t->kind != TOKEN_NUMBER) ||
		    strlen(t->text) != len || strncmp(t->text, words, len) != 0)
			return false;
		words += len + (words[len] == ' ');
	}
	p->at = at;
	return true;
}

bool
parse_expect(struct parse *p, const char *words)
{
	return parse_accept(p, words) || parse_syntax_error(p);
}

const char *
parse_name(struct parse *p)
{
	(void)parse_accept(p, "public .");
	const struct token *t = parse_peek(p);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_QUOTED) {
		parse_syntax_error(p);
		return NULL;
	}
	p->at++;
	return t->text;
}

bool
parse_text(struct parse *p, const char **out)
{
	const struct token *t = parse_peek(p);

	if (t->kind != TOKEN_TEXT)
		return parse_syntax_error(p);
	*out = t->text;
	p->at++;
	return true;
}

bool
parse_number(struct parse *p, int64_t *out)
{
	bool negative = parse_accept(p, "-");
	const struct token *t = parse_peek(p);

	if (t->kind != TOKEN_NUMBER)
		return parse_syntax_error(p);
	*out = negative ? -t->number : t->number;
	p->at++;
	return true;
}

bool
parse_end(struct parse *p)
{
	(void)parse_accept(p, ";");
	if (parse_peek(p)->kind != TOKEN_END)
		return parse_syntax_error(p);
	if (p->s->transaction.state == TRANSACTION_FAILED && !p->control)
		return refuse_aborted(p->s);
	return true;
}

bool
parse_skip_parentheses(struct parse *p)
{
	int depth = 0;

	do {
		if (parse_peek(p)->kind == TOKEN_END)
			return parse_syntax_error(p);
		if (parse_accept(p, "("))
			depth++;
		else if (parse_accept(p, ")"))
			depth--;
		else
			p->at++;
	} while (depth > 0);
	return true;
}
