#ifndef CONFITURE_TESTS_MEMORY_SQL_H
#define CONFITURE_TESTS_MEMORY_SQL_H

#include "tests/sim/memory/internal.h"

/*
 * The small SQL of the in-memory make. A statement is cut into words; a rule of the table in sql.c
 * takes it when its first words fit. What a rule cannot read is a syntax error.
 */
enum { TOKENS_MOST = 512 };

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	const char *text; /* words in lower case */
	struct span raw;
	int64_t number;
	uint32_t position; /* in characters, from 1 */
};

struct parse {
	struct memory_session *s;
	struct token *tokens; /* the last one is END */
	size_t at;
	bool control; /* BEGIN, COMMIT and the like */
};

/* False: it cannot be cut (42601, 54001). */
MUST_USE bool parse_start(struct parse *p, struct memory_session *s, struct span sql);
/* Takes the next words when they are these (separated by blanks; signs are words). */
bool parse_accept(struct parse *p, const char *words);
/* Takes a name, "public." before it left out; NULL with a syntax error. */
const char *parse_name(struct parse *p);
MUST_USE bool parse_text(struct parse *p, const char **out);
MUST_USE bool parse_number(struct parse *p, int64_t *out);
MUST_USE bool parse_expect(struct parse *p, const char *words);
/* The statement ends here, and may be done: in a failed transaction it is refused now, since syntax
 * comes first. */
MUST_USE bool parse_end(struct parse *p);
/* Anything in parentheses, nested. */
MUST_USE bool parse_skip_parentheses(struct parse *p);
bool parse_syntax_error(struct parse *p);
static inline const struct token *
parse_peek(const struct parse *p)
{
	return &p->tokens[p->at];
}

/* rows.c: INSERT, UPDATE, DELETE, SELECT, after their first word, within a transaction. */
bool rows_insert(struct parse *p);
bool rows_update(struct parse *p);
bool rows_delete(struct parse *p);
bool rows_select(struct parse *p);

/* The table is there and is locked; 42P01 at `position` when it is not. */
MUST_USE bool table_lock(struct memory_session *s, const char *name, uint32_t position,
			 enum lock_mode mode);

#endif
