#ifndef CONFITURE_TESTS_UNIT_WIRE_SAME_RECORD_H
#define CONFITURE_TESTS_UNIT_WIRE_SAME_RECORD_H

#include "shared/wire/record.h"

/* Checks that both hold the same. */
void same_record(const struct record *of, const void *one, const void *other);

#endif
