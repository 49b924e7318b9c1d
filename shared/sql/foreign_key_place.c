/*
 * Where a foreign key stands in the text of CREATE TABLE. The parser tells where it begins and not
 * where it ends: that is found by walking the few words that the grammar allows in one.
 */
#include "shared/sql/foreign_key_place.h"

#include <strings.h>

#include "shared/base/arena.h"
#include "shared/base/compiler.h"
#include "shared/sql/classify.h"

#include "shared/base/banned.h"

/* ---- tokens ---- */

static void
add_token(struct arena *arena, struct key_tokens *k, const struct scan_token *token, size_t end)
{
	k->items = arena_grow(arena, k->items, k->count, &k->cap, sizeof(*k->items));
	k->items[k->count++] = (struct key_token){token->kind, k->text.ptr[token->offset],
						  (size_t)token->offset, end};
}

/* All tokens, and the commas between the elements of the table. */
void
key_tokens_read(struct arena *arena, struct span statement, struct key_tokens *k)
{
	struct sql_window w;
	struct scan_token token;
	size_t depth = 0;

	*k = (struct key_tokens){.text = statement};
	window_over(&w, statement);
	while (scan_trivia(&w, &token) == SCAN_OTHER) {
		scan_token(&w, &token);
		if (token.kind == SCAN_BACKSLASH)
			w.pos++;
		add_token(arena, k, &token, w.pos);
		if (token.kind == SCAN_OPEN && ++depth == 1 && k->open == 0)
			k->open = k->count - 1;
		if (token.kind == SCAN_CLOSE && depth > 0 && --depth == 0 && k->close == 0)
			k->close = k->count - 1;
		if (depth != 1 || k->close > 0 || k->items[k->count - 1].first != ',')
			continue;
		k->commas = arena_grow(arena, k->commas, k->comma_count, &k->comma_cap,
				       sizeof(*k->commas));
		k->commas[k->comma_count++] = k->count - 1;
	}
}

bool
key_token_at(const struct key_tokens *k, size_t offset, size_t *index)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (k->items[middle].start < offset)
			low = middle + 1;
		else
			high = middle;
	}
	*index = low;
	return low < k->count && k->items[low].start == offset;
}

static struct span
token_text(const struct key_tokens *k, size_t i)
{
	return span_of(k->text.ptr + k->items[i].start, k->items[i].end - k->items[i].start);
}

static bool
is_word(const struct key_tokens *k, size_t i, const char *lower)
{
	return i < k->count && k->items[i].kind == SCAN_WORD &&
	       scan_word_is(token_text(k, i), lower);
}

static bool
is_kind(const struct key_tokens *k, size_t i, enum scan_kind kind)
{
	return i < k->count && k->items[i].kind == kind;
}

/* Names as they were written: "…" or a word, but not the U of U&"…". */
static bool
is_plain_name(const struct key_tokens *k, size_t i)
{
	if (is_kind(k, i, SCAN_QUOTED))
		return k->items[i].first == '"';
	return is_kind(k, i, SCAN_WORD) && !(i + 1 < k->count && k->items[i + 1].first == '&');
}

const char *
key_name_text(struct arena *arena, const struct key_tokens *k, size_t i, const char *name)
{
	if (is_plain_name(k, i))
		return arena_span(arena, token_text(k, i));
	return sql_quote_name(arena, NULL, name);
}

/* ---- the end of a key ---- */

/* Passes name or schema.name; false when there is none. */
bool
key_pass_name(const struct key_tokens *k, size_t *i)
{
	if (!is_plain_name(k, *i))
		return false;
	*i += 1;
	while (is_kind(k, *i, SCAN_DOT) && is_plain_name(k, *i + 1))
		*i += 2;
	return true;
}

static void
pass_parentheses(const struct key_tokens *k, size_t *i)
{
	size_t depth = 0;

	if (!is_kind(k, *i, SCAN_OPEN))
		return;
	do {
		depth += is_kind(k, *i, SCAN_OPEN);
		depth -= is_kind(k, *i, SCAN_CLOSE);
		*i += 1;
	} while (depth > 0 && *i < k->count);
}

/* ON DELETE SET NULL (a, b), ON UPDATE NO ACTION … */
static bool
pass_action(const struct key_tokens *k, size_t *i)
{
	if (!is_word(k, *i, "on") ||
	    !(is_word(k, *i + 1, "delete") || is_word(k, *i + 1, "update")))
		return false;
	*i += 2;
	bool sets = is_word(k, *i, "set");
	*i += sets || is_word(k, *i, "no") ? 2 : 1;
	if (sets)
		pass_parentheses(k, i);
	return true;
}

/* One more word or two of a key. *validity: they are NOT VALID, which means nothing in CREATE
 * TABLE, and much in ALTER TABLE. */
static bool
pass_more(const struct key_tokens *k, size_t *i, bool *validity)
{
	*validity = is_word(k, *i, "not") && is_word(k, *i + 1, "valid");
	if (pass_action(k, i))
		return true;
	if (is_word(k, *i, "deferrable")) {
		*i += 1;
		return true;
	}
	if (*validity || is_word(k, *i, "match") || is_word(k, *i, "initially") ||
	    (is_word(k, *i, "not") && is_word(k, *i + 1, "deferrable"))) {
		*i += 2;
		return true;
	}
	return false;
}

/* Words that may follow a key of a column, and are not of it. */
static bool
may_follow(const struct key_tokens *k, size_t i, bool of_column)
{
	static const char *const words[] = {"constraint", "not",    "null",    "check",
					    "default",	  "unique", "primary", "references",
					    "generated",  "collate"};

	if (is_kind(k, i, SCAN_CLOSE) || (i < k->count && k->items[i].first == ','))
		return true;
	for (size_t w = 0; of_column && w < ARRAY_LEN(words); w++) {
		if (is_word(k, i, words[w]))
			return true;
	}
	return false;
}

/* ---- one key ---- */

bool
key_place_find(const struct key_tokens *k, size_t first, bool of_column, struct key_place *p)
{
	size_t i = first;
	bool validity;

	*p = (struct key_place){.first = first};
	if (is_word(k, i, "constraint")) {
		p->name = i + 1;
		while (i < k->count && !is_word(k, i, "references") && !is_word(k, i, "foreign"))
			i++;
	}
	if (!of_column) {
		if (!is_word(k, i, "foreign"))
			return false;
		p->foreign = i;
		i += 2;
		pass_parentheses(k, &i);
	}
	if (!is_word(k, i, "references"))
		return false;
	p->references = i++;
	if (!key_pass_name(k, &i))
		return false;
	pass_parentheses(k, &i);
	for (size_t at = i; pass_more(k, &i, &validity); at = i) {
		if (validity) {
			p->valid = at;
			p->valid_end = i;
		}
	}
	if (i > k->count || !may_follow(k, i, of_column))
		return false;
	p->last = i - 1;
	return true;
}

/* ---- before parsing ---- */

bool
key_begins_with(struct span statement, const char *lower)
{
	struct sql_window w;
	struct scan_token token;

	window_over(&w, statement);
	if (scan_trivia(&w, &token) != SCAN_OTHER)
		return false;
	scan_token(&w, &token);
	return token.kind == SCAN_WORD && scan_word_is(token.word, lower);
}

bool
key_mentions(struct span text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (strncasecmp(text.ptr + i, word, len) == 0)
			return true;
	}
	return false;
}
