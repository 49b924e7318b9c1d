#ifndef CONFITURE_TESTS_DB_CONFLICT_GENERATE_H
#define CONFITURE_TESTS_DB_CONFLICT_GENERATE_H

#include "tests/db/conflict/cases.h"

/* `count` pairs of statements over base.sql, from a seed. Most of them are drawn over one table, so
 * that they meet. */
void pairs_generate(struct arena *arena, uint64_t seed, size_t count, struct pairs *out);

#endif
