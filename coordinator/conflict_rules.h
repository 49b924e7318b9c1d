#ifndef CONFITURE_COORDINATOR_CONFLICT_RULES_H
#define CONFITURE_COORDINATOR_CONFLICT_RULES_H

#include "coordinator/conflict.h"
#include "shared/base/text.h"

/* How two accesses meet, seen from the first. */
enum conflict_meeting {
	MEET_NONE,
	MEET_SAME,   /* the same object, and the same part or both as a whole */
	MEET_WHOLE,  /* the first is the object that the second has a part of */
	MEET_BESIDE, /* different parts of one object */
	MEET_SCHEMA  /* the first is the schema that the second lies in */
};

/* One row: what two accesses that meet come to. The first row that fits decides. */
struct conflict_rule {
	unsigned a, b; /* modes, as bits */
	unsigned meet; /* enum conflict_meeting, as bits */
	bool (*when)(const struct sql_access *a, const struct sql_access *b); /* NULL: always */
	enum conflict_severity severity;
	int type; /* enum conflict_type, or CONFLICT_BY_OBJECT */
	/* %1$s what both touch, %2$s what the first does, %3$s and %4$s what each touches */
	const char *reason;
	const char *remedy;
};
enum { CONFLICT_BY_OBJECT = -1 };

/* The row for two accesses; *swapped when it took them the other way round. NULL: nothing. */
const struct conflict_rule *conflict_rule_of(const struct sql_access *a, const struct sql_access *b,
					     bool *swapped);
enum conflict_meeting conflict_meet(const struct sql_access *a, const struct sql_access *b);
/* `pattern` with %1$s … %4$s filled in. */
enum { CONFLICT_WORDS = 4 };
void conflict_fill(struct text *out, const char *pattern, const char *const words[CONFLICT_WORDS]);
/* Whether two bounds of partitions, as footprints write them, have a value in common. False too
 * when that cannot be told. */
bool bounds_overlap(const char *a, const char *b);

#endif
