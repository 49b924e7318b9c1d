/*
 * The conditions of the rules: small questions about two accesses, by what they set, depend on and
 * would put up with.
 */
#include "coordinator/conflict_conditions.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/conflict_rules.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

enum { NAME_ROOM = 256 }; /* names are 63 bytes at most */

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

bool
same_aspect(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, b->aspect);
}

bool
same_setting(const struct sql_access *a, const struct sql_access *b)
{
	return same_aspect(a, b) && equal_values(a, b);
}

bool
both_tolerant_and_equal(const struct sql_access *a, const struct sql_access *b)
{
	return a->tolerant && b->tolerant && equal_values(a, b);
}

bool
both_tolerant(const struct sql_access *a, const struct sql_access *b)
{
	return a->tolerant && b->tolerant;
}

bool
plain_keys(const struct sql_access *a, const struct sql_access *b)
{
	return a->part_kind == SQL_PART_KEY && b->part_kind == SQL_PART_KEY &&
	       strcmp(a->part, "PRIMARY") != 0;
}

bool
both_named_by_server(const struct sql_access *a, const struct sql_access *b)
{
	return a->named_by_server && b->named_by_server;
}

bool
both_named_by_server_and_equal(const struct sql_access *a, const struct sql_access *b)
{
	return both_named_by_server(a, b) && equal_values(a, b);
}

bool
second_may_lack(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->object_may_lack || (b->mode == SQL_MODE_DROP && b->part == NULL && b->tolerant);
}

bool
second_is_late(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->mode == SQL_MODE_READ && b->bond == SQL_BOND_LATE;
}

bool
second_reads(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->mode == SQL_MODE_READ;
}

bool
first_finds_it(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->tolerant && !a->replaces;
}

bool
first_tolerant(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->tolerant;
}

bool
keeps_through_replace(const struct sql_access *a, const struct sql_access *b)
{
	return a->replaces && b->mode == SQL_MODE_ALTER &&
	       (text_is(b->aspect, "owner") || text_is(b->aspect, "comment"));
}

bool
first_replaces(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return a->replaces;
}

bool
retypes_firm(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "type") && b->bond == SQL_BOND_FIRM;
}

bool
changes_copied(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->bond == SQL_BOND_COPY;
}

bool
retypes(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return text_is(a->aspect, "type");
}

/* ---- rows ---- */

static bool
is_insert(const struct sql_access *a)
{
	return text_is(a->aspect, "insert");
}

bool
insert_meets_new_column(const struct sql_access *a, const struct sql_access *b)
{
	return is_insert(a) && b->mode == SQL_MODE_EXTEND && b->refuses_rows;
}

/* A column that the insert leaves out, and that must not be null any more. */
bool
insert_leaves_null(const struct sql_access *a, const struct sql_access *b)
{
	char column[NAME_ROOM];

	if (!is_insert(a) || a->value == NULL || b->part == NULL || !b->refuses_rows ||
	    !text_is(b->aspect, "not null"))
		return false;
	snprintf(column, sizeof(column), ",%s,", b->part);
	return strstr(a->value, column) == NULL;
}

bool
second_refuses_rows(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->refuses_rows;
}

bool
truncates_target(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "truncate") && !a->cascade && text_is(b->aspect, "foreign key");
}

bool
unlogs_target(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "persistence") && text_is(b->aspect, "foreign key");
}

/* Numbers go with numbers in a foreign key; what else a new type goes with is not seen here. */
bool
retypes_foreign_key(const struct sql_access *a, const struct sql_access *b)
{
	static const char *const numbers[] = {"integer ", "bigint ", "smallint ", "numeric "};

	if (!text_is(a->aspect, "type") || !text_is(b->aspect, "foreign key") || a->value == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (strncmp(a->value, numbers[i], strlen(numbers[i])) == 0)
			return false;
	}
	return true;
}

bool
reads_star(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return text_is(b->part, "*") && (b->bond == SQL_BOND_FIRM || b->bond == SQL_BOND_COPY);
}

/* ---- types ---- */

bool
retypes_attribute_of(const struct sql_access *a, const struct sql_access *b)
{
	return a->bond == SQL_BOND_FIRM && b->part_kind == SQL_PART_COLUMN &&
	       text_is(b->aspect, "type") && text_is(sql_kind_space(b->kind), "type");
}

bool
changes_row_type_of(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "row type") && b->part_kind == SQL_PART_COLUMN;
}

bool
labels_at_one_place(const struct sql_access *a, const struct sql_access *b)
{
	return a->part_kind == SQL_PART_LABEL && b->part_kind == SQL_PART_LABEL &&
	       equal_values(a, b);
}

/* ---- keys ---- */

/* Whether the constraint is, by its name, the key that the other leans on: PostgreSQL calls it
 * table_pkey or table_a_b_key. */
bool
drops_key(const struct sql_access *a, const struct sql_access *b)
{
	char name[NAME_ROOM];

	if (a->part_kind != SQL_PART_CONSTRAINT || b->part_kind != SQL_PART_KEY)
		return false;
	snprintf(name, sizeof(name), "%s_pkey", a->name);
	if (strcmp(a->part, name) == 0)
		return true;
	snprintf(name, sizeof(name), "%s_%s_key", a->name, b->part);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == ',' ? '_' : *c;
	return strcmp(a->part, name) == 0;
}

bool
drops_some_key(const struct sql_access *a, const struct sql_access *b)
{
	return a->part_kind == SQL_PART_CONSTRAINT && b->part_kind == SQL_PART_KEY;
}

/* ---- heirs ---- */

static bool
is_shape(const struct sql_access *a)
{
	if (a->part_kind == SQL_PART_CONSTRAINT)
		return a->mode == SQL_MODE_CONSTRAIN || a->mode == SQL_MODE_DROP;
	if (a->part_kind != SQL_PART_COLUMN)
		return false;
	return a->mode != SQL_MODE_ALTER || text_is(a->aspect, "type") ||
	       text_is(a->aspect, "not null") || text_is(a->aspect, "expression");
}

/* A table that becomes the parent of one that is there: both must have the same columns then. */
bool
heir_comes_to(const struct sql_access *a, const struct sql_access *b)
{
	bool inherits = text_is(a->aspect, "inherits");

	if (a->part_kind != SQL_PART_PARTITION || (!inherits && !text_is(a->aspect, "attached")))
		return false;
	return is_shape(b) &&
	       !(b->mode == SQL_MODE_DROP && (inherits || b->part_kind == SQL_PART_CONSTRAINT));
}

/* And the same seen from the heir, which an inheriting table may add to. */
bool
becomes_heir(const struct sql_access *a, const struct sql_access *b)
{
	if (a->part_kind != SQL_PART_PARENT || b->part_kind != SQL_PART_COLUMN || !is_shape(b))
		return false;
	if (text_is(a->aspect, "inherits"))
		return b->mode != SQL_MODE_EXTEND && !text_is(b->aspect, "not null");
	return text_is(a->aspect, "attached") &&
	       !(text_is(b->aspect, "not null") && text_is(b->value, "yes"));
}

bool
partitions_overlap(const struct sql_access *a, const struct sql_access *b)
{
	return a->part_kind == SQL_PART_PARTITION && b->part_kind == SQL_PART_PARTITION &&
	       a->value != NULL && b->value != NULL && bounds_overlap(a->value, b->value);
}

/* ---- privileges ---- */

/* "SELECT for bob": the same grantee, and the same privilege or all of them. */
static bool
same_privilege(const struct sql_access *a, const struct sql_access *b)
{
	const char *x = a->aspect != NULL ? strstr(a->aspect, " for ") : NULL;
	const char *y = b->aspect != NULL ? strstr(b->aspect, " for ") : NULL;

	if (x == NULL || y == NULL || strcmp(x, y) != 0)
		return false;
	return strcmp(a->aspect, b->aspect) == 0 || strncmp(a->aspect, "ALL ", 4) == 0 ||
	       strncmp(b->aspect, "ALL ", 4) == 0;
}

static bool
gives(const struct sql_access *a)
{
	return a->value != NULL && strncmp(a->value, "given", 5) == 0;
}

bool
opposite_grants(const struct sql_access *a, const struct sql_access *b)
{
	if (!same_privilege(a, b) || gives(a) == gives(b))
		return false;
	const struct sql_access *giver = gives(a) ? a : b, *taker = gives(a) ? b : a;
	return text_is(taker->value, "taken") || text_is(giver->value, "given with grant option");
}

bool
same_grants(const struct sql_access *a, const struct sql_access *b)
{
	return same_privilege(a, b) && gives(a) == gives(b);
}

/* GRANT … ON ALL TABLES IN SCHEMA reaches what is there at that moment. */
bool
in_class_of(const struct sql_access *a, const struct sql_access *b)
{
	const char *space = sql_kind_space(b->kind);

	if (a->part == NULL)
		return false;
	if (strcmp(a->part, "routines") == 0)
		return strcmp(space, "routine") == 0;
	if (strcmp(space, "relation") != 0 || b->kind == SQL_KIND_INDEX)
		return false;
	return (strcmp(a->part, "sequences") == 0) == (b->kind == SQL_KIND_SEQUENCE);
}

bool
opposite_grants_in_schema(const struct sql_access *a, const struct sql_access *b)
{
	return in_class_of(a, b) && opposite_grants(a, b);
}

bool
second_takes_defaults(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return b->kind == SQL_KIND_DEFAULT_PRIVILEGES;
}

/* ---- owners ---- */

bool
reassigns_from(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "owned") && text_is(b->aspect, "owner");
}

bool
drops_owned_of(const struct sql_access *a, const struct sql_access *b)
{
	(void)a;
	return text_is(b->aspect, "owned");
}

bool
type_and_default(const struct sql_access *a, const struct sql_access *b)
{
	return text_is(a->aspect, "type") &&
	       (text_is(b->aspect, "default") || text_is(b->aspect, "identity"));
}

bool
identity_and_default(const struct sql_access *a, const struct sql_access *b)
{
	if (!text_is(a->aspect, "identity"))
		return false;
	return text_is(b->aspect, "default") ||
	       (text_is(b->aspect, "not null") && text_is(b->value, "no"));
}

bool
copies_all_of(const struct sql_access *a, const struct sql_access *b)
{
	(void)b;
	return text_is(a->aspect, "like");
}

/* "owner" becomes bob, and "SELECT for bob" is given or taken. */
bool
owner_is_grantee(const struct sql_access *a, const struct sql_access *b)
{
	const char *grantee = b->aspect != NULL ? strstr(b->aspect, " for ") : NULL;

	return text_is(a->aspect, "owner") && grantee != NULL && text_is(grantee + 5, a->value);
}

/* It reaches the second through its parent, by whatever name. */
bool
second_follows(const struct sql_access *a, const struct sql_access *b)
{
	return a->part == NULL && b->implied && b->object_may_lack;
}
