/*
 * What two accesses come to: one table, read from the top, the first row that fits decides. Each
 * row was found or confirmed by applying both orders on PostgreSQL (tests/db/conflict_test.c).
 */
#include "coordinator/conflict_rules.h"

#include <string.h>

#include "coordinator/conflict_conditions.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define M(mode) (1U << SQL_MODE_##mode)
/* What brings something into being, as a whole or as a part. */
#define MAKES  (M(CREATE) | M(EXTEND) | M(INDEX) | M(CONSTRAIN))
#define STRUCT (MAKES | M(DROP) | M(RENAME) | M(ALTER))
#define ANY    (STRUCT | M(GRANT) | M(DATA) | M(READ))

#define SAME   (1U << MEET_SAME)
#define WHOLE  (1U << MEET_WHOLE)
#define BESIDE (1U << MEET_BESIDE)
#define SCHEMA (1U << MEET_SCHEMA)

/* ---- the table ---- */

#define BOTH_ORDERS "Only one of the two can stand: merge both into one migration."
#define ONE_FIRST   "Apply one, then register the other again against what is there."

static const struct conflict_rule rules[] = {
	/* made twice */
	{MAKES, MAKES, SAME, plain_keys, CONFLICT_INFO, CONFLICT_TYPE_CONSTRAINT,
	 "both make a unique key over %1$s", "Keep only one of the two keys."},
	{MAKES, MAKES, SAME, both_tolerant_and_equal, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both make the same %1$s, and either finds it there", "Keep it in one of the two only."},
	{MAKES, MAKES, SAME, both_named_by_server_and_equal, CONFLICT_WARNING, CONFLICT_BY_OBJECT,
	 "both make the same thing, which PostgreSQL would call %1$s, so that there will be two",
	 "Keep it in one of the two only."},
	{MAKES, MAKES, SAME, both_named_by_server, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "both leave a name to PostgreSQL, and only the first of them gets %1$s",
	 "Write the names of both."},
	{MAKES, MAKES, SAME, both_tolerant, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "both make %1$s, each in its own way: which one stays depends on the order", BOTH_ORDERS},
	{MAKES, MAKES, SAME, NULL, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "both make %1$s: the second fails, it exists by then", BOTH_ORDERS},

	/* gone twice */
	{M(DROP), M(DROP), SAME, both_tolerant, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both drop %1$s, if it is there", "Keep the drop in one of the two only."},
	{M(DROP), M(DROP), SAME, NULL, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "both drop %1$s: the second finds nothing", "Keep the drop in one of the two only."},

	/* gone or renamed under the other's hands */
	{M(DROP), MAKES, SAME, NULL, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one drops %1$s, the other makes it: which is true at the end depends on the order",
	 BOTH_ORDERS},
	{M(DROP) | M(RENAME), M(READ), SAME | WHOLE, second_is_late, CONFLICT_WARNING,
	 CONFLICT_TYPE_DEPENDENCY, "one %2$ss %1$s, which a function body of the other uses",
	 "Change the function together with it."},
	{M(DROP), ANY, SAME | WHOLE, second_may_lack, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "one drops %1$s, and the other does without it", ONE_FIRST},
	{M(RENAME), STRUCT, SAME | WHOLE, second_follows, CONFLICT_INFO, CONFLICT_TYPE_RENAME,
	 "one renames %1$s, and the other reaches it through its parent", ONE_FIRST},
	{M(DROP), M(READ), SAME | WHOLE, NULL, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one drops %1$s, the other depends on it", ONE_FIRST},
	{M(RENAME), ANY, SAME | WHOLE, NULL, CONFLICT_ERROR, CONFLICT_TYPE_RENAME,
	 "one renames %1$s, the other uses the old name",
	 "Apply the rename first and write the other change with the new name."},
	{M(DROP), ANY, SAME | WHOLE, NULL, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "one drops %1$s, the other changes it", ONE_FIRST},

	/* schemas and what lies in them */
	{M(DROP) | M(RENAME), M(READ), SCHEMA, second_is_late, CONFLICT_WARNING,
	 CONFLICT_TYPE_DEPENDENCY, "one %2$ss %1$s, in which a function body of the other looks",
	 "Change the function together with it."},
	{M(DROP), M(DROP), SCHEMA, second_may_lack, CONFLICT_INFO, CONFLICT_TYPE_TABLE,
	 "one drops %1$s, the other something in it, if it is there", ONE_FIRST},
	{M(DROP), ANY, SCHEMA, NULL, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one drops %1$s, the other works in it", ONE_FIRST},
	{M(RENAME), ANY, SCHEMA, NULL, CONFLICT_ERROR, CONFLICT_TYPE_RENAME,
	 "one renames %1$s, the other works in it by the old name",
	 "Apply the rename first and write the other change with the new name."},
	{M(CREATE), ANY, SCHEMA, first_tolerant, CONFLICT_NONE, 0, NULL, NULL},
	{M(CREATE), ANY, SCHEMA, NULL, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one makes %1$s, the other needs it there", "Apply the one that makes it first."},

	/* there already, or replaced */
	{MAKES, ANY, SAME | WHOLE, first_finds_it, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "one makes %1$s unless it is there, the other uses it", ONE_FIRST},
	{M(CREATE), M(ALTER), SAME | WHOLE, keeps_through_replace, CONFLICT_INFO,
	 CONFLICT_BY_OBJECT, "one replaces %1$s, which keeps what the other sets", ONE_FIRST},
	{M(CREATE), M(ALTER), SAME | WHOLE, first_replaces, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "one replaces %1$s, and what the other sets may be lost with that", BOTH_ORDERS},
	{M(CREATE), ANY, SAME | WHOLE, first_replaces, CONFLICT_WARNING, CONFLICT_TYPE_DEPENDENCY,
	 "one replaces %1$s, the other uses it", "Check that the new form still serves the other."},
	{MAKES, M(READ), SAME, second_is_late, CONFLICT_INFO, CONFLICT_TYPE_DEPENDENCY,
	 "one makes %1$s, which a function body of the other uses",
	 "Apply the one that makes it first."},
	{M(CREATE), ANY, SAME | WHOLE, NULL, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one makes %1$s, the other needs it there", "Apply the one that makes it first."},

	/* rows */
	{M(DATA), M(EXTEND), WHOLE, insert_meets_new_column, CONFLICT_ERROR, CONFLICT_TYPE_TIMING,
	 "one inserts rows, the other adds %4$s, which has no value for them",
	 "Give the column a default, or fill it before it must not be null."},
	{M(DATA), M(ALTER), WHOLE, insert_leaves_null, CONFLICT_ERROR, CONFLICT_TYPE_TIMING,
	 "one inserts rows without %4$s, which must not be null for the other",
	 "Insert a value for the column too."},
	{M(DATA), STRUCT, WHOLE, second_refuses_rows, CONFLICT_WARNING, CONFLICT_TYPE_TIMING,
	 "one writes rows of %3$s, the other checks all rows for %4$s",
	 "Write the rows so that they pass the check."},
	{M(DATA), M(READ), SAME, truncates_target, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one truncates %1$s, which a new foreign key of the other refers to: that refuses it",
	 "Truncate first, or both tables together."},
	{M(DATA), M(DATA) | M(READ), SAME | WHOLE | BESIDE, NULL, CONFLICT_NONE, 0, NULL, NULL},
	{M(DATA), STRUCT, SAME | WHOLE | BESIDE, NULL, CONFLICT_INFO, CONFLICT_TYPE_TIMING,
	 "one writes rows of %3$s, the other changes %1$s", ONE_FIRST},

	/* properties */
	{M(ALTER), M(ALTER), SAME, same_setting, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both set the same property of %1$s to the same", "Keep it in one of the two only."},
	{M(ALTER), M(ALTER), SAME, same_aspect, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "both set the same property of %1$s: the later one wins", BOTH_ORDERS},
	{M(ALTER), M(ALTER), SAME, type_and_default, CONFLICT_WARNING, CONFLICT_BY_OBJECT,
	 "one changes the type of %1$s, the other the default that must fit it", BOTH_ORDERS},
	{M(ALTER), M(ALTER), SAME, identity_and_default, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "one changes the identity of %1$s, the other what does not go with it", BOTH_ORDERS},
	{M(ALTER), M(READ), SAME, retypes_firm, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one changes the type of %1$s, which PostgreSQL refuses once the other depends on it",
	 "Change the type first."},
	{M(EXTEND), M(READ), SAME, reads_star, CONFLICT_WARNING, CONFLICT_TYPE_ORDER,
	 "one adds %1$s, the other takes all columns that there are at that moment",
	 "Agree on the order, or write the columns out."},
	{M(ALTER), M(READ), SAME, retypes_foreign_key, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one changes the type of %1$s, which a foreign key of the other compares with another "
	 "column",
	 "Change the types of both columns first, then add the foreign key."},
	{M(ALTER), M(READ), SAME, unlogs_target, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one changes whether %1$s is logged, which a foreign key of the other must agree with",
	 "Let both tables be logged, or both not."},
	{M(READ), M(ALTER), WHOLE, retypes_attribute_of, CONFLICT_ERROR, CONFLICT_TYPE_TYPE,
	 "one changes the attribute %4$s, which PostgreSQL refuses once the other uses the type",
	 "Change the type first."},
	{M(READ), STRUCT, WHOLE, changes_row_type_of, CONFLICT_ERROR, CONFLICT_TYPE_TYPE,
	 "one changes the attribute %4$s, which PostgreSQL refuses once the other has a table of "
	 "that "
	 "type",
	 "Change the type first, or with CASCADE."},
	{M(READ), STRUCT, WHOLE, copies_all_of, CONFLICT_WARNING, CONFLICT_TYPE_ORDER,
	 "one changes %4$s, the other copies all of the table as it is at that moment",
	 "Agree on the order."},
	{M(ALTER) | M(EXTEND), M(READ), SAME | WHOLE, changes_copied, CONFLICT_WARNING,
	 CONFLICT_TYPE_ORDER, "one changes %1$s, the other copies it as it is at that moment",
	 "Agree on the order, or write the columns out."},
	{M(ALTER), M(READ), SAME, retypes, CONFLICT_WARNING, CONFLICT_TYPE_DEPENDENCY,
	 "one changes the type of %1$s, which the other uses", ONE_FIRST},
	{M(EXTEND) | M(CONSTRAIN) | M(INDEX), M(READ), SAME, second_reads, CONFLICT_INFO,
	 CONFLICT_TYPE_DEPENDENCY, "one adds %1$s, the other uses it",
	 "Apply the one that adds it first."},

	/* keys, labels, heirs */
	{M(DROP), M(READ), BESIDE, drops_key, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one drops %3$s, the key that the other leans on", ONE_FIRST},
	{M(DROP), M(READ), BESIDE, drops_some_key, CONFLICT_WARNING, CONFLICT_TYPE_DEPENDENCY,
	 "one drops %3$s, which may be the key that the other leans on", ONE_FIRST},
	{M(EXTEND), M(EXTEND), BESIDE, labels_at_one_place, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "both add a label at the same place of %1$s: which comes first depends on the order",
	 "Say BEFORE or AFTER which label each belongs."},
	{M(EXTEND), M(EXTEND), BESIDE, partitions_overlap, CONFLICT_ERROR, CONFLICT_TYPE_TABLE,
	 "both make partitions of %1$s for the same values", BOTH_ORDERS},
	{M(EXTEND), STRUCT, BESIDE, heir_comes_to, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one makes a table an heir of %1$s, whose columns or constraints the other changes",
	 "Change the parent first, and the heir in the same way."},
	{M(EXTEND), STRUCT, BESIDE, becomes_heir, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one makes %1$s an heir of another table, the other changes its columns",
	 "Change it first, so that it still fits its parent."},

	/* privileges */
	{M(GRANT), M(GRANT), SAME | WHOLE, same_grants, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both give or take the same privilege on %1$s", "Keep it in one of the two only."},
	{M(GRANT), M(GRANT), SAME | WHOLE, opposite_grants, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one gives a privilege on %1$s that the other takes", BOTH_ORDERS},
	{M(GRANT), M(GRANT), SCHEMA, opposite_grants_in_schema, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one gives a privilege on all of %1$s that the other takes on %4$s", BOTH_ORDERS},
	{M(GRANT), M(CREATE), SCHEMA, in_class_of, CONFLICT_WARNING, CONFLICT_TYPE_ORDER,
	 "one gives privileges on all that there is in %1$s, where the other makes %4$s",
	 "Apply the grant last, or grant on the new object too."},
	{M(GRANT), M(READ), SAME, second_takes_defaults, CONFLICT_WARNING, CONFLICT_TYPE_ORDER,
	 "one changes %1$s, with which the other makes an object",
	 "Agree on the order, or grant on the new object itself."},
	{M(ALTER), M(GRANT), SAME | WHOLE, owner_is_grantee, CONFLICT_WARNING, CONFLICT_TYPE_ORDER,
	 "one makes the other's grantee the owner of %1$s, who has all privileges by that",
	 "Change the owner first."},
	{M(GRANT), ANY, SAME | WHOLE | BESIDE, NULL, CONFLICT_NONE, 0, NULL, NULL},

	/* what roles own */
	{M(ALTER), M(READ), SAME, reassigns_from, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one gives away what %1$s owns, the other gives it something", BOTH_ORDERS},
	{M(READ), M(DROP), WHOLE, drops_owned_of, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one drops what %1$s owns and may, the other gives it something", BOTH_ORDERS},

	/* neighbours */
	{STRUCT, STRUCT, SAME | WHOLE | BESIDE, NULL, CONFLICT_WARNING, CONFLICT_TYPE_TABLE,
	 "both change %1$s, in different places", "Tell each other; either order should do."},
};

/* ---- meeting ---- */

static bool
text_is(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
same_object(const struct sql_access *a, const struct sql_access *b)
{
	bool schemas = a->schema == b->schema || text_is(a->schema, b->schema);

	return schemas && strcmp(a->name, b->name) == 0 &&
	       strcmp(sql_kind_space(a->kind), sql_kind_space(b->kind)) == 0;
}

static size_t
count_arguments(const char *signature)
{
	size_t n = strcmp(signature, "()") != 0;

	for (const char *c = signature; *c != '\0'; c++)
		n += *c == ',';
	return n;
}

/* "#2" stands for any signature of two arguments. */
static bool
signatures_meet(const char *a, const char *b)
{
	if (*a == '#' && *b == '#')
		return strcmp(a, b) == 0;
	if (*b == '#')
		return signatures_meet(b, a);
	if (*a != '#')
		return strcmp(a, b) == 0;
	return (size_t)(a[1] - '0') == count_arguments(b) && a[2] == '\0';
}

static enum conflict_meeting
parts_meet(const struct sql_access *a, const struct sql_access *b)
{
	if (a->part_kind != b->part_kind)
		return MEET_BESIDE;
	if (strcmp(a->part, b->part) == 0 || strcmp(a->part, "*") == 0 || strcmp(b->part, "*") == 0)
		return MEET_SAME;
	if (a->part_kind == SQL_PART_SIGNATURE)
		return signatures_meet(a->part, b->part) ? MEET_SAME : MEET_NONE;
	return MEET_BESIDE;
}

enum conflict_meeting
conflict_meet(const struct sql_access *a, const struct sql_access *b)
{
	if (a->kind == SQL_KIND_SCHEMA && b->schema != NULL && b->kind != SQL_KIND_SCHEMA)
		return strcmp(a->name, b->schema) == 0 ? MEET_SCHEMA : MEET_NONE;
	if (!same_object(a, b))
		return MEET_NONE;
	if (a->part == NULL)
		return b->part == NULL || b->part_kind == SQL_PART_SIGNATURE ? MEET_SAME
									     : MEET_WHOLE;
	if (b->part == NULL)
		return a->part_kind == SQL_PART_SIGNATURE ? MEET_SAME : MEET_NONE;
	return parts_meet(a, b);
}

static const struct conflict_rule *
rule_one_way(const struct sql_access *a, const struct sql_access *b, size_t limit, size_t *at)
{
	enum conflict_meeting meet = conflict_meet(a, b);

	if (meet == MEET_NONE)
		return NULL;
	for (size_t i = 0; i < limit; i++) {
		const struct conflict_rule *r = &rules[i];
		if ((r->a & (1U << a->mode)) == 0 || (r->b & (1U << b->mode)) == 0 ||
		    (r->meet & (1U << (unsigned)meet)) == 0)
			continue;
		if (r->when == NULL || r->when(a, b)) {
			*at = i;
			return r;
		}
	}
	return NULL;
}

const struct conflict_rule *
conflict_rule_of(const struct sql_access *a, const struct sql_access *b, bool *swapped)
{
	size_t at = ARRAY_LEN(rules);
	const struct conflict_rule *r = rule_one_way(a, b, at, &at);
	const struct conflict_rule *other = rule_one_way(b, a, at, &at);

	*swapped = other != NULL;
	return other != NULL ? other : r;
}
