#ifndef CONFITURE_TESTS_UNIT_WIRE_SAMPLE_H
#define CONFITURE_TESTS_UNIT_WIRE_SAMPLE_H

#include "shared/wire/record.h"

/* A record with a field of every type, and a way to fill any record with values. */
/* clang-format off */
#define RECORD_part(F) \
	F(1, TEXT, _, label, 0, "what it is called") \
	F(2, INT, _, size, NULLABLE, "")
RECORD_DECLARE(part)

#define RECORD_entry(F) \
	F(1, TEXT, _, key, 0, "") \
	F(2, TEXTS, _, words, 0, "")
RECORD_DECLARE(entry)

#define RECORD_sample(F) \
	F(1, TEXT, _, default_, 0, "a word that C keeps for itself") \
	F(2, CHOICE, "small|large", kind, NULLABLE, "") \
	F(3, INT, _, count, 0, "") \
	F(4, REAL, _, ratio, OPTIONAL, "") \
	F(5, BOOL, _, ready, 0, "") \
	F(6, BOOL, _, used_up, OPTIONAL, "") \
	F(7, TEXTS, _, names, 0, "") \
	F(8, RECORD, part, first, NULLABLE, "the first of them") \
	F(9, RECORDS, part, parts, OPTIONAL, "") \
	F(10, ANY, _, result, NULLABLE, "") \
	F(11, RECORDS, entry, map, OPTIONAL | AS_MAP, "key -> words")
RECORD_DECLARE(sample)
/* clang-format on */

/* Every field has a value, lists have two items, ANY holds an `issue`. Values differ from each
 * other. */
void *sample_fill(struct arena *a, const struct record *of);
/* Only what must be there. */
void *sample_bare(struct arena *a, const struct record *of);

#endif
