#ifndef CONFITURE_SQL_SCAN_H
#define CONFITURE_SQL_SCAN_H

#include <stdbool.h>

#include "shared/sql/window.h"

/* The tokens that matter for cutting text, by the rules of psql's scanner (psqlscan.l of
 * PostgreSQL 15, standard_conforming_strings on). */
enum scan_kind {
	SCAN_END,      /* of the text, or a fault of the window */
	SCAN_UNCLOSED, /* the text ends inside a quote or comment; `what` names it */
	SCAN_WORD,     /* identifier or keyword without quotes: `word` */
	SCAN_QUOTED,   /* '…', "…", $$…$$ in all their forms */
	SCAN_OPEN,     /* ( */
	SCAN_CLOSE,    /* ) */
	SCAN_DOT,
	SCAN_SEMICOLON,
	SCAN_BACKSLASH,
	SCAN_OTHER /* a number, a parameter, one character of an operator */
};

struct scan_token {
	enum scan_kind kind;
	struct span word;	/* of SCAN_WORD; valid until the window moves */
	const char *what;	/* of SCAN_UNCLOSED */
	uint64_t offset;	/* where the token, or what was not closed, begins */
	struct sql_place place; /* of a comment passed while nothing is held */
};

/* Skips white space and comments. SCAN_OTHER when a token follows; SCAN_END; SCAN_UNCLOSED for a
 * comment; only its place tells where it began when the window holds nothing. */
enum scan_kind scan_trivia(struct sql_window *w, struct scan_token *token);

/* One token; the cursor must be at one (after scan_trivia). A backslash is not consumed. */
void scan_token(struct sql_window *w, struct scan_token *token);

bool scan_word_is(struct span word, const char *lower);

#endif
