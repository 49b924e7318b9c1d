#ifndef CONFITURE_COORDINATOR_CONFLICT_INDEX_H
#define CONFITURE_COORDINATOR_CONFLICT_INDEX_H

#include "shared/sql/footprint.h"

/* The accesses of one footprint by what they touch, to find those that another access may meet. */
struct conflict_entry {
	uint64_t key;
	size_t at; /* in the footprint */
};

struct conflict_index {
	struct conflict_entry *entries; /* sorted by key */
	size_t count;
};

void conflict_index_make(struct arena *arena, const struct sql_footprint *f,
			 struct conflict_index *out);

/* Up to three runs of entries: of the same object, of the schema that it lies in, and of what lies
 * in it when it is a schema itself. What is found may still not meet: keys are hashes. */
enum { CONFLICT_RUNS = 3 };
struct conflict_run {
	const struct conflict_entry *first;
	size_t count;
};
void conflict_index_find(const struct conflict_index *index, const struct sql_access *a,
			 struct conflict_run runs[CONFLICT_RUNS]);

#endif
