/*
 * What two accesses come to: one table, read from the top, the first row that fits decides. Each
 * row was found or confirmed by applying both orders on PostgreSQL (tests/db/conflict_test.c).
 */
#include "coordinator/conflict_rules.h"

#include <string.h>

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

/* ---- conditions ---- */

static bool
text_is(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
equal_values(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->value, b->value);
}

static bool
same_aspect(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, b->aspect);
}

static bool
same_setting(const struct sql_access *a, const struct sql_access *b)
{
	return same_aspect(a, b) && equal_values(a, b);
}

static bool
both_tolerant_and_equal(const struct sql_access *a, const struct sql_access *b)
{
	return a->tolerant && b->tolerant && equal_values(a, b);
}

static bool
both_tolerant(const struct sql_access *a, const struct sql_access *b)
{
	return a->tolerant && b->tolerant;
}

static bool
plain_keys(const struct sql_access *a, const struct sql_access *b)
{
	return a->part_kind == SQL_PART_KEY && b->part_kind == SQL_PART_KEY &&
	       strcmp(a->part, "PRIMARY") != 0;
}

static bool
both_named_by_server(const struct sql_access *a, const struct sql_access *b)
{
	return a->named_by_server && b->named_by_server;
}

static bool
both_named_by_server_and_equal(const struct sql_access *a, const struct sql_access *b)
{
	return both_named_by_server(a, b) && equal_values(a, b);
}

static bool
second_may_lack(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->object_may_lack || (b->mode == SQL_MODE_DROP && b->part == NULL && b->tolerant);
}

static bool
second_is_late(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->mode == SQL_MODE_READ && b->bond == SQL_BOND_LATE;
}

static bool
second_reads(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->mode == SQL_MODE_READ;
}

static bool
first_finds_it(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->tolerant && !a->replaces;
}

static bool
first_tolerant(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->tolerant;
}

static bool
keeps_through_replace(const struct sql_access *a, const struct sql_access *b)
{
	return a->replaces && b->mode == SQL_MODE_ALTER &&
	       (text_is(b->aspect, "owner") || text_is(b->aspect, "comment"));
}

static bool
first_replaces(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->replaces;
}

static bool
retypes_firm(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "type") && b->bond == SQL_BOND_FIRM;
}

static bool
changes_copied(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->bond == SQL_BOND_COPY;
}

static bool
retypes(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return text_is(a->aspect, "type");
}

static bool
refuses_insert(const struct sql_access *a, const struct sql_access *b)
{
	return a->refuses_rows && text_is(b->aspect, "insert");
}

static bool
refuses_rows(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->refuses_rows;
}

static bool
truncates_target(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "truncate") && !a->cascade && text_is(b->aspect, "foreign key");
}

static bool
type_and_default(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "type") &&
	       (text_is(b->aspect, "default") || text_is(b->aspect, "identity"));
}

static bool
identity_and_default(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "identity") &&
	       (text_is(b->aspect, "default") || text_is(b->aspect, "not null"));
}

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
	{M(EXTEND), M(DATA), BESIDE | SAME | WHOLE, refuses_insert, CONFLICT_ERROR,
	 CONFLICT_TYPE_TIMING, "one adds %1$s without a value for rows, the other inserts rows",
	 "Give the column a default, or fill it before it must not be null."},
	{MAKES | M(ALTER), M(DATA), BESIDE | SAME | WHOLE, refuses_rows, CONFLICT_WARNING,
	 CONFLICT_TYPE_TIMING, "one checks all rows for %1$s, the other writes rows",
	 "Write the rows first, and so that they pass the check."},
	{M(DATA), M(READ), SAME, truncates_target, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one truncates %1$s, which a new foreign key of the other refers to: that refuses it",
	 "Truncate first, or both tables together."},
	{M(DATA), M(DATA) | M(READ), SAME | WHOLE | BESIDE, NULL, CONFLICT_NONE, 0, NULL, NULL},
	{M(DATA), STRUCT, SAME | WHOLE | BESIDE, NULL, CONFLICT_INFO, CONFLICT_TYPE_TIMING,
	 "one writes rows of %1$s, the other changes it", ONE_FIRST},

	/* properties */
	{M(ALTER), M(ALTER), SAME, same_setting, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both set the same property of %1$s to the same", "Keep it in one of the two only."},
	{M(ALTER), M(ALTER), SAME, same_aspect, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "both set the same property of %1$s: the later one wins", BOTH_ORDERS},
	{M(ALTER), M(ALTER), SAME, type_and_default, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "one changes the type of %1$s, the other the default that must fit it", BOTH_ORDERS},
	{M(ALTER), M(ALTER), SAME, identity_and_default, CONFLICT_ERROR, CONFLICT_BY_OBJECT,
	 "one changes the identity of %1$s, the other what does not go with it", BOTH_ORDERS},
	{M(ALTER), M(READ), SAME, retypes_firm, CONFLICT_ERROR, CONFLICT_TYPE_DEPENDENCY,
	 "one changes the type of %1$s, which PostgreSQL refuses once the other depends on it",
	 "Change the type first."},
	{M(ALTER) | M(EXTEND), M(READ), SAME | WHOLE, changes_copied, CONFLICT_WARNING,
	 CONFLICT_TYPE_ORDER, "one changes %1$s, the other copies it as it is at that moment",
	 "Agree on the order, or write the columns out."},
	{M(ALTER), M(READ), SAME, retypes, CONFLICT_WARNING, CONFLICT_TYPE_DEPENDENCY,
	 "one changes the type of %1$s, which the other uses", ONE_FIRST},
	{M(EXTEND) | M(CONSTRAIN) | M(INDEX), M(READ), SAME, second_reads, CONFLICT_INFO,
	 CONFLICT_TYPE_DEPENDENCY, "one adds %1$s, the other uses it",
	 "Apply the one that adds it first."},

	/* privileges */
	{M(GRANT), M(GRANT), SAME | WHOLE, same_setting, CONFLICT_INFO, CONFLICT_BY_OBJECT,
	 "both give or take the same privilege on %1$s", "Keep it in one of the two only."},
	{M(GRANT), M(GRANT), SAME | WHOLE, same_aspect, CONFLICT_ERROR, CONFLICT_TYPE_ORDER,
	 "one gives a privilege on %1$s that the other takes", BOTH_ORDERS},
	{M(GRANT), ANY, SAME | WHOLE | BESIDE, NULL, CONFLICT_NONE, 0, NULL, NULL},

	/* neighbours */
	{STRUCT, STRUCT, SAME | WHOLE | BESIDE, NULL, CONFLICT_WARNING, CONFLICT_TYPE_TABLE,
	 "both change %1$s, in different places", "Tell each other; either order should do."},
};

/* ---- meeting ---- */

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
		    (r->meet & (1U << meet)) == 0)
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
