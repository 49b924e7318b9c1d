#ifndef CONFITURE_SQL_STATEMENT_H
#define CONFITURE_SQL_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sql/scan.h"

/*
 * What the splitter remembers while it passes the tokens of one statement: enough to know whether a
 * semicolon ends it and whether COPY data follows. Starts zeroed.
 */
enum statement_word {
	WORD_NONE, /* no word, or one that says nothing here */
	WORD_CREATE,
	WORD_OR,
	WORD_REPLACE,
	WORD_FUNCTION,
	WORD_PROCEDURE,
	WORD_BEGIN,
	WORD_ATOMIC,
	WORD_END,
	WORD_COPY,
	WORD_FROM,
	WORD_TO,
	WORD_STDIN,
	WORD_DOT, /* not words, but what stands before a word matters */
	WORD_SEMICOLON
};

enum { STATEMENT_LEAD = 4 };

struct statement {
	enum statement_word lead[STATEMENT_LEAD];
	uint32_t words;
	enum statement_word last; /* of the token just passed */
	uint64_t parens;
	bool block;	   /* inside BEGIN ATOMIC … END */
	uint64_t paren_at; /* where the outermost one was opened */
	uint64_t block_at, begin_at;
	bool copy_direction; /* FROM or TO was seen */
	bool copy_data;
};

/* Takes one token; true when it is the semicolon that ends the statement. */
bool statement_take(struct statement *st, const struct scan_token *token);

#endif
