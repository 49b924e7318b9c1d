#ifndef CONFITURE_TESTS_DB_STRUCTURE_RANDOM_H
#define CONFITURE_TESTS_DB_STRUCTURE_RANDOM_H

#include <stdint.h>

#include "shared/base/arena.h"

/* SQL of a structure: the same for the same seed. Two of them share most names and little else, so
 * that the way from one to the other makes, drops and alters things of most kinds. */
const char *random_structure(struct arena *arena, uint64_t seed);

#endif
