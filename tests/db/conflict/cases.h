#ifndef CONFITURE_TESTS_DB_CONFLICT_CASES_H
#define CONFITURE_TESTS_DB_CONFLICT_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "coordinator/conflict.h"
#include "tests/db/conflict/oracle.h"

/* One pair of texts, as it stands in cases.txt. */
struct pair {
	const char *a, *b;
	const char *about; /* the object that the worst conflict must name; NULL: any */
	bool same;	   /* both touch the same part: if the orders differ, that is an error */
	int line;
};

struct pairs {
	struct pair *items;
	size_t count, cap;
};

/* False, and told on stderr, when the file cannot be read or a case is not whole. */
MUST_USE bool pairs_read(struct arena *arena, const char *path, struct pairs *out);

/* How the rules' answers stand to the truth. */
struct tally {
	size_t matrix[TRUTH_LEFT_OUT + 1][CONFLICT_ERROR + 1];
	size_t missed;	    /* a conflict without a warning */
	size_t too_mild;    /* fails or same part, but no error */
	size_t false_alarm; /* commutes, but an error */
	size_t misnamed;
};

/* Judges one pair by rules and server, counts it, and tells what does not agree. `known` is the
 * footprint of the base. */
void pair_judge(const struct pair *p, const struct sql_footprint *known, unsigned slot,
		struct tally *tally);
/* All of them, in several processes. False when one of them died. */
MUST_USE bool pairs_judge(const struct pairs *pairs, struct tally *tally);
void tally_print(const struct tally *tally);

#endif
