#ifndef CONFITURE_TESTS_DB_CONFLICT_ORACLE_H
#define CONFITURE_TESTS_DB_CONFLICT_ORACLE_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/compiler.h"

/*
 * What is true of two texts: both orders are applied to copies of one database of a real server,
 * and the structures that pg_dump sees then are compared as sets of entries (so that the order of
 * columns alone is no difference).
 */
enum truth {
	TRUTH_COMMUTE,
	TRUTH_DIFFER,  /* both orders pass, and end differently */
	TRUTH_FAIL,    /* one order fails */
	TRUTH_LEFT_OUT /* one of the two fails alone: there is nothing to say */
};

struct verdict {
	enum truth truth;
	const char *why; /* the server's words, or the first entry that differs; in the arena */
};

/* Starts the server and makes the base. False, and told on stderr, when it cannot. */
MUST_USE bool oracle_open(const char *base_file);
/* The text that made it. */
const char *oracle_base(void);
/* `slot` 0 … : which scratch databases to use, so that several processes can ask at once. */
struct verdict oracle_ask(struct arena *arena, unsigned slot, const char *a, const char *b);
/* Roles are the whole server's: texts that touch them are asked about while nobody else asks. */
bool oracle_touches_roles(const char *a, const char *b);
const char *truth_word(enum truth truth);

#endif
