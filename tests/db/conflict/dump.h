#ifndef CONFITURE_TESTS_DB_CONFLICT_DUMP_H
#define CONFITURE_TESTS_DB_CONFLICT_DUMP_H

#include <stddef.h>

#include "shared/base/arena.h"

/* What pg_dump says of a database's structure, as a sorted set of entries. */
struct dump {
	const char **entries;
	size_t count, cap;
};

/* Aborts when pg_dump cannot run. */
void dump_take(struct arena *arena, const char *url, struct dump *out);
/* NULL when equal, else an entry that only one of them has. */
const char *dump_difference(struct arena *arena, const struct dump *a, const struct dump *b);

#endif
