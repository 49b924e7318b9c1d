#ifndef CONFITURE_WORKER_DDL_WORDS_H
#define CONFITURE_WORKER_DDL_WORDS_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"
#include "shared/sql/window.h"

/* The tokens of one statement, by the rules of the splitter's scanner. Nothing is parsed: DDL of
 * any server version, and what is no SQL, has words too. */
enum ddl_word_kind {
	WORD_KEY,  /* without quotes: a keyword or a name */
	WORD_NAME, /* "…" */
	WORD_TEXT, /* '…', $$…$$ */
	WORD_PAREN_OPEN,
	WORD_PAREN_CLOSE,
	WORD_COMMA,
	WORD_POINT,
	WORD_SIGN
};

struct ddl_word {
	enum ddl_word_kind kind;
	struct span text; /* as it stands there */
	size_t offset;
};

struct ddl_words {
	struct sql_window window;
	struct span sql;
};

void ddl_words_init(struct ddl_words *words, struct span sql);
/* False at the end. */
bool ddl_words_next(struct ddl_words *words, struct ddl_word *out);

/* A word without quotes that reads so, in any case. */
bool ddl_word_is(const struct ddl_word *w, const char *lower);
/* Could be a name: WORD_KEY or WORD_NAME. */
bool ddl_word_names(const struct ddl_word *w);
/* The name that it stands for: folded to lower case, or without its quotes. */
const char *ddl_word_name(struct arena *arena, const struct ddl_word *w);

#endif
