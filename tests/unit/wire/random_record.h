#ifndef CONFITURE_TESTS_UNIT_WIRE_RANDOM_RECORD_H
#define CONFITURE_TESTS_UNIT_WIRE_RANDOM_RECORD_H

#include "shared/wire/record.h"

/* Any record with any content that its descriptor allows: absent or not, empty or not, the extremes
 * of numbers, bytes of every value. The same `state` gives the same record, and moves on. */
void *random_record(struct arena *a, const struct record *of, uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

#endif
