/*
 * Where a statement ends: at a semicolon outside parentheses (CREATE RULE … DO (a; b)) and outside
 * the body of CREATE FUNCTION … BEGIN ATOMIC … END. As psql does, this watches words instead of
 * parsing; more exact than psql 15 it wants ATOMIC behind BEGIN, and needs no count of CASE … END.
 */
#include "shared/sql/statement.h"

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

static const struct {
	const char *text;
	enum statement_word word;
} words[] = {
	{"create", WORD_CREATE},
	{"or", WORD_OR},
	{"replace", WORD_REPLACE},
	{"function", WORD_FUNCTION},
	{"procedure", WORD_PROCEDURE},
	{"begin", WORD_BEGIN},
	{"atomic", WORD_ATOMIC},
	{"end", WORD_END},
	{"copy", WORD_COPY},
	{"from", WORD_FROM},
	{"to", WORD_TO},
	{"stdin", WORD_STDIN},
	/* The grammar takes both for the client's stream, whichever way it goes. */
	{"stdout", WORD_STDIN},
};

static enum statement_word
word_of(struct span text)
{
	if (text.len < 2 || text.len > 9)
		return WORD_NONE;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (scan_word_is(text, words[i].text))
			return words[i].word;
	}
	return WORD_NONE;
}

static bool
creates_routine(const struct statement *st)
{
	size_t i = 1;

	if (st->lead[0] != WORD_CREATE)
		return false;
	if (st->lead[1] == WORD_OR && st->lead[2] == WORD_REPLACE)
		i = 3;
	return st->lead[i] == WORD_FUNCTION || st->lead[i] == WORD_PROCEDURE;
}

/* Every statement of a body ends with a semicolon, so the END of the body follows one, or nothing.
 * Any other END closes a CASE or is a name. */
static void
track_block(struct statement *st, enum statement_word word, uint64_t offset)
{
	if (word == WORD_BEGIN)
		st->begin_at = offset;
	if (st->parens > 0)
		return;
	if (word == WORD_ATOMIC && st->last == WORD_BEGIN && !st->block && creates_routine(st)) {
		st->block = true;
		st->block_at = st->begin_at;
	} else if (word == WORD_END && (st->last == WORD_SEMICOLON || st->last == WORD_ATOMIC)) {
		st->block = false;
	}
}

/* COPY name [(columns)] FROM STDIN: the first FROM or TO outside parentheses decides. */
static void
track_copy(struct statement *st, enum statement_word word)
{
	if (st->lead[0] != WORD_COPY || st->parens > 0 || st->last == WORD_DOT)
		return;
	if (word == WORD_STDIN && st->last == WORD_FROM && !st->copy_direction)
		st->copy_data = true;
	if (st->last == WORD_FROM || word == WORD_TO)
		st->copy_direction = true;
}

static enum statement_word
take_word(struct statement *st, const struct scan_token *token)
{
	enum statement_word word = word_of(token->word);

	if (st->words < STATEMENT_LEAD)
		st->lead[st->words++] = word;
	track_block(st, word, token->offset);
	track_copy(st, word);
	return word;
}

bool
statement_take(struct statement *st, const struct scan_token *token)
{
	enum statement_word now = WORD_NONE;

	switch (token->kind) {
	case SCAN_OPEN:
		if (st->parens++ == 0)
			st->paren_at = token->offset;
		break;
	case SCAN_CLOSE:
		if (st->parens > 0)
			st->parens--;
		break;
	case SCAN_WORD:
		now = take_word(st, token);
		break;
	case SCAN_DOT:
		now = WORD_DOT;
		break;
	case SCAN_SEMICOLON:
		now = WORD_SEMICOLON;
		break;
	default:
		break;
	}
	if (st->last == WORD_FROM && token->kind != SCAN_WORD && st->parens == 0)
		st->copy_direction = true;
	st->last = now;
	return now == WORD_SEMICOLON && st->parens == 0 && !st->block;
}
