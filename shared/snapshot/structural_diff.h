#ifndef CONFITURE_SNAPSHOT_STRUCTURAL_DIFF_H
#define CONFITURE_SNAPSHOT_STRUCTURAL_DIFF_H

#include "shared/schema/diff.h"
#include "shared/wire/structure.h"

/*
 * What changed in a structure, as a record that fits a message: changes are told until `*room`
 * bytes are used, long values are shortened, and either is said by `cut`. The record shares nothing
 * with the models. `*room` is what is left then.
 */
enum { STRUCTURAL_VALUE_MOST = 4000 };

struct structural_diff *structural_diff_of(struct arena *arena, const struct schema_diff *d,
					   size_t *room);

#endif
