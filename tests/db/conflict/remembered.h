#ifndef CONFITURE_TESTS_DB_CONFLICT_REMEMBERED_H
#define CONFITURE_TESTS_DB_CONFLICT_REMEMBERED_H

#include "tests/db/conflict/oracle.h"

/*
 * Verdicts kept between runs, for whoever works on the rules: with CONFITURE_TRUTHS=<folder> a pair
 * that was asked before, over the same base, is not asked again. Without it nothing is kept.
 */
bool verdict_recall(struct arena *arena, const char *base, const char *a, const char *b,
		    struct verdict *out);
void verdict_keep(const char *base, const char *a, const char *b, const struct verdict *v);

#endif
