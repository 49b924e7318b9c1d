#ifndef CONFITURE_TESTS_DB_PAIRS_JUDGE_H
#define CONFITURE_TESTS_DB_PAIRS_JUDGE_H

#include "shared/base/text.h"
#include "tests/db/pairs/corpus.h"

/*
 * Whether a plan does what it is to do, both ways over one pair: nothing is planned from a
 * structure to itself; the plan from A to B runs on an A with rows, stopping at the first error;
 * pg_dump and the catalogue see a B then; nothing is planned any more; the rows of the tables that
 * both have are still there.
 */
enum judge_step {
	JUDGE_PASSED,
	JUDGE_LOAD,   /* the pair itself cannot be tried */
	JUDGE_SAME,   /* a plan between equals is not empty */
	JUDGE_PLAN,   /* no plan */
	JUDGE_APPLY,  /* the plan does not run */
	JUDGE_RESULT, /* its result is another */
	JUDGE_AGAIN,  /* there is more to do after it */
	JUDGE_ROWS    /* rows are gone */
};

struct judgement {
	enum judge_step step;
	const char *why;    /* on one line; NULL when it passed */
	const char *detail; /* the plan, and what differs */
};

const char *judge_step_words(enum judge_step step);
/* [0] from old to new, [1] back. Texts live in the arena. */
void judge_pair(struct arena *arena, const struct corpus_pair *pair, struct judgement out[2]);

#endif
