/*
 * The object that a statement speaks of by an ObjectType and a node: DROP, RENAME, COMMENT, OWNER …
 * all use the same few shapes, which this file reads.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* ---- kinds ---- */

static const struct {
	PgQuery__ObjectType type;
	enum sql_kind kind;
	enum sql_part part;
} kinds[] = {
	{O(ACCESS_METHOD), SQL_KIND_ACCESS_METHOD, SQL_PART_NONE},
	{O(AGGREGATE), SQL_KIND_AGGREGATE, SQL_PART_SIGNATURE},
	{O(AMOP), SQL_KIND_OPERATOR_FAMILY, SQL_PART_MEMBER},
	{O(AMPROC), SQL_KIND_OPERATOR_FAMILY, SQL_PART_MEMBER},
	{O(ATTRIBUTE), SQL_KIND_TYPE, SQL_PART_COLUMN},
	{O(CAST), SQL_KIND_CAST, SQL_PART_NONE},
	{O(COLUMN), SQL_KIND_RELATION, SQL_PART_COLUMN},
	{O(COLLATION), SQL_KIND_COLLATION, SQL_PART_NONE},
	{O(CONVERSION), SQL_KIND_CONVERSION, SQL_PART_NONE},
	{O(DATABASE), SQL_KIND_DATABASE, SQL_PART_NONE},
	{O(DEFAULT), SQL_KIND_RELATION, SQL_PART_COLUMN},
	{O(DEFACL), SQL_KIND_DEFAULT_PRIVILEGES, SQL_PART_NONE},
	{O(DOMAIN), SQL_KIND_DOMAIN, SQL_PART_NONE},
	{O(DOMCONSTRAINT), SQL_KIND_DOMAIN, SQL_PART_CONSTRAINT},
	{O(EVENT_TRIGGER), SQL_KIND_EVENT_TRIGGER, SQL_PART_NONE},
	{O(EXTENSION), SQL_KIND_EXTENSION, SQL_PART_NONE},
	{O(FDW), SQL_KIND_FOREIGN_DATA_WRAPPER, SQL_PART_NONE},
	{O(FOREIGN_SERVER), SQL_KIND_SERVER, SQL_PART_NONE},
	{O(FOREIGN_TABLE), SQL_KIND_FOREIGN_TABLE, SQL_PART_NONE},
	{O(FUNCTION), SQL_KIND_FUNCTION, SQL_PART_SIGNATURE},
	{O(INDEX), SQL_KIND_INDEX, SQL_PART_NONE},
	{O(LANGUAGE), SQL_KIND_LANGUAGE, SQL_PART_NONE},
	{O(LARGEOBJECT), SQL_KIND_LARGE_OBJECT, SQL_PART_NONE},
	{O(MATVIEW), SQL_KIND_MATERIALIZED_VIEW, SQL_PART_NONE},
	{O(OPCLASS), SQL_KIND_OPERATOR_CLASS, SQL_PART_NONE},
	{O(OPERATOR), SQL_KIND_OPERATOR, SQL_PART_SIGNATURE},
	{O(OPFAMILY), SQL_KIND_OPERATOR_FAMILY, SQL_PART_NONE},
	{O(PARAMETER_ACL), SQL_KIND_SETTING, SQL_PART_NONE},
	{O(POLICY), SQL_KIND_TABLE, SQL_PART_POLICY},
	{O(PROCEDURE), SQL_KIND_PROCEDURE, SQL_PART_SIGNATURE},
	{O(PUBLICATION), SQL_KIND_PUBLICATION, SQL_PART_NONE},
	{O(PUBLICATION_NAMESPACE), SQL_KIND_PUBLICATION, SQL_PART_MEMBER},
	{O(PUBLICATION_REL), SQL_KIND_PUBLICATION, SQL_PART_MEMBER},
	{O(ROLE), SQL_KIND_ROLE, SQL_PART_NONE},
	{O(ROUTINE), SQL_KIND_ROUTINE, SQL_PART_SIGNATURE},
	{O(RULE), SQL_KIND_RELATION, SQL_PART_RULE},
	{O(SCHEMA), SQL_KIND_SCHEMA, SQL_PART_NONE},
	{O(SEQUENCE), SQL_KIND_SEQUENCE, SQL_PART_NONE},
	{O(SUBSCRIPTION), SQL_KIND_SUBSCRIPTION, SQL_PART_NONE},
	{O(STATISTIC_EXT), SQL_KIND_STATISTICS, SQL_PART_NONE},
	{O(TABCONSTRAINT), SQL_KIND_TABLE, SQL_PART_CONSTRAINT},
	{O(TABLE), SQL_KIND_TABLE, SQL_PART_NONE},
	{O(TABLESPACE), SQL_KIND_TABLESPACE, SQL_PART_NONE},
	{O(TRANSFORM), SQL_KIND_TRANSFORM, SQL_PART_NONE},
	{O(TRIGGER), SQL_KIND_RELATION, SQL_PART_TRIGGER},
	{O(TSCONFIGURATION), SQL_KIND_TS_CONFIGURATION, SQL_PART_NONE},
	{O(TSDICTIONARY), SQL_KIND_TS_DICTIONARY, SQL_PART_NONE},
	{O(TSPARSER), SQL_KIND_TS_PARSER, SQL_PART_NONE},
	{O(TSTEMPLATE), SQL_KIND_TS_TEMPLATE, SQL_PART_NONE},
	{O(TYPE), SQL_KIND_TYPE, SQL_PART_NONE},
	{O(USER_MAPPING), SQL_KIND_USER_MAPPING, SQL_PART_NONE},
	{O(VIEW), SQL_KIND_VIEW, SQL_PART_NONE},
};

static size_t
row_of(PgQuery__ObjectType type)
{
	size_t i = 0;

	while (i < ARRAY_LEN(kinds) && kinds[i].type != type)
		i++;
	return i;
}

enum sql_kind
footprint_kind(PgQuery__ObjectType type)
{
	size_t row = row_of(type);

	return row < ARRAY_LEN(kinds) ? kinds[row].kind : SQL_KIND_RELATION;
}

/* ---- shapes ---- */

static void
add_argument(struct footprint_walk *w, const char **text, const PgQuery__TypeName *type)
{
	const char *word = type != NULL ? footprint_type_text(w, type) : "none";

	*text = arena_printf(w->arena, "%s%s%s", *text, (*text)[1] != '\0' ? ", " : "", word);
}

const char *
footprint_signature(struct footprint_walk *w, const PgQuery__ObjectWithArgs *object)
{
	const char *text = "(";

	if (object->args_unspecified)
		return NULL;
	for (size_t i = 0; i < object->n_objargs; i++) {
		const PgQuery__Node *n = object->objargs[i];
		add_argument(w, &text,
			     n != NULL && n->node_case == N(TYPE_NAME) ? n->type_name : NULL);
	}
	return arena_printf(w->arena, "%s)", text);
}

/* schema.table.part as a list of strings */
static void
split_part(struct footprint_target *out, const PgQuery__List *list)
{
	size_t n = list->n_items;

	if (n == 0)
		return;
	out->part = tree_string(list->items[n - 1]);
	if (list->items[0]->node_case == N(TYPE_NAME))
		out->name = tree_name_of(list->items[0]->type_name->names,
					 list->items[0]->type_name->n_names);
	else
		out->name = tree_name_of(list->items, n - 1);
}

static const char *
pair_text(struct footprint_walk *w, const PgQuery__List *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->n_items; i++) {
		const PgQuery__Node *n = list->items[i];
		const char *word = n->node_case == N(TYPE_NAME)
					   ? footprint_type_text(w, n->type_name)
					   : tree_string(n);
		text = arena_printf(w->arena, "%s%s%s", text, i > 0 ? " " : "",
				    word != NULL ? word : "");
	}
	return text;
}

static void
read_list(struct footprint_walk *w, struct footprint_target *out, const PgQuery__List *list)
{
	if (out->kind == SQL_KIND_CAST || out->kind == SQL_KIND_TRANSFORM)
		out->name = bare_name(pair_text(w, list));
	else if (out->kind == SQL_KIND_OPERATOR_CLASS || out->kind == SQL_KIND_OPERATOR_FAMILY)
		out->name =
			tree_name_of(list->items + 1, list->n_items > 0 ? list->n_items - 1 : 0);
	else if (out->part_kind != SQL_PART_NONE)
		split_part(out, list);
	else
		out->name = tree_name_of(list->items, list->n_items);
}

bool
footprint_target_of(struct footprint_walk *w, PgQuery__ObjectType type,
		    const PgQuery__RangeVar *relation, const PgQuery__Node *object,
		    struct footprint_target *out)
{
	size_t row = row_of(type);

	*out = (struct footprint_target){0};
	if (row == ARRAY_LEN(kinds))
		return false;
	out->kind = kinds[row].kind;
	out->part_kind = kinds[row].part;
	if (object == NULL) {
		out->name = tree_name_of_table(relation);
	} else if (object->node_case == N(LIST)) {
		read_list(w, out, object->list);
	} else if (object->node_case == N(OBJECT_WITH_ARGS)) {
		out->name = tree_name_of_node(object);
		out->part = footprint_signature(w, object->object_with_args);
	} else {
		out->name = tree_name_of_node(object);
	}
	if (relation != NULL && out->name.schema == NULL && object != NULL && out->part == NULL &&
	    out->part_kind != SQL_PART_NONE) {
		out->part = out->name.name;
		out->name = tree_name_of_table(relation);
	}
	return out->name.name != NULL;
}

struct sql_access *
footprint_put_target(struct footprint_walk *w, enum sql_mode mode, const struct footprint_target *t)
{
	return footprint_part(w, mode, t->kind, t->name, t->part_kind, t->part);
}

/* ---- DROP ---- */

/* Tables, views and composite types have a row type of their own name. */
static bool
has_row_type(enum sql_kind kind)
{
	return kind == SQL_KIND_TABLE || kind == SQL_KIND_VIEW ||
	       kind == SQL_KIND_MATERIALIZED_VIEW || kind == SQL_KIND_FOREIGN_TABLE;
}

void
footprint_row_type(struct footprint_walk *w, const struct sql_access *of)
{
	struct sql_access row = *of;

	if (of->name == NULL || of->part != NULL || !has_row_type(of->kind))
		return;
	row.kind = SQL_KIND_TYPE;
	row.implied = true;
	footprint_again(w, &row);
}

/* A constraint's index goes with it, by its name. What its name says of an index is PostgreSQL's
 * habit, not a rule: without that it is a guess. */
static void
drop_index_of_constraint(struct footprint_walk *w, const struct sql_access *constraint)
{
	struct sql_access index = *constraint;

	index.kind = SQL_KIND_INDEX;
	index.name = constraint->part;
	index.part = NULL;
	index.part_kind = SQL_PART_NONE;
	index.implied = true;
	index.tolerant = true;
	index.guessed = !footprint_names_index(constraint->part);
	footprint_again(w, &index);
}

/* A constraint or its index: dropped or renamed, it takes the other along. */
void
footprint_constraint_index(struct footprint_walk *w, const struct sql_access *constraint)
{
	if (constraint->name != NULL && constraint->part != NULL &&
	    constraint->part_kind == SQL_PART_CONSTRAINT &&
	    strcmp(sql_kind_space(constraint->kind), "relation") == 0)
		drop_index_of_constraint(w, constraint);
}

bool
footprint_names_index(const char *constraint)
{
	static const char *const endings[] = {"_pkey", "_key", "_excl"};
	size_t len = strlen(constraint);

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		size_t end = strlen(endings[i]);
		if (len > end && strcmp(constraint + len - end, endings[i]) == 0)
			return true;
	}
	return false;
}

void
footprint_drop(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropStmt *st = statement;

	for (size_t i = 0; i < st->n_objects; i++) {
		struct footprint_target t;
		if (!footprint_target_of(w, st->remove_type, NULL, st->objects[i], &t)) {
			footprint_opaque(w, "it drops something that is not known");
			continue;
		}
		struct sql_access *a = footprint_put_target(w, SQL_MODE_DROP, &t);
		a->tolerant = st->missing_ok;
		a->cascade = st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
		footprint_row_type(w, a);
	}
}

/* ---- RENAME ---- */

struct sql_access *
footprint_rename_target(struct footprint_walk *w, const struct footprint_target *t,
			const char *new_schema, const char *new_name)
{
	size_t at = w->out->count;
	struct sql_access *a = footprint_rename(w, t->kind, t->name, new_schema, new_name);

	if (w->out->count < at + 2)
		return a;
	struct sql_access both[2] = {w->out->items[at], w->out->items[at + 1]};
	for (size_t i = 0; i < 2; i++) {
		if (t->part_kind == SQL_PART_SIGNATURE && t->part != NULL) {
			w->out->items[at + i].part_kind = t->part_kind;
			w->out->items[at + i].part = t->part;
		}
		footprint_row_type(w, &both[i]);
	}
	return &w->out->items[at];
}

void
footprint_rename_statement(struct footprint_walk *w, const void *statement)
{
	const PgQuery__RenameStmt *st = statement;
	struct footprint_target t;
	struct sql_access *a;

	if (st->rename_type == O(ROLE) || st->rename_type == O(SCHEMA) ||
	    st->rename_type == O(DATABASE) || st->rename_type == O(TABLESPACE)) {
		a = footprint_rename(w, footprint_kind(st->rename_type),
				     bare_name(tree_text(st->subname)), NULL, st->newname);
		a->tolerant = st->missing_ok;
		return;
	}
	if (st->rename_type == O(DOMCONSTRAINT)) {
		footprint_rename_part(w, SQL_KIND_DOMAIN, tree_name_of_node(st->object),
				      SQL_PART_CONSTRAINT, st->subname, st->newname);
		return;
	}
	if (!footprint_target_of(w, st->rename_type, st->relation, st->object, &t)) {
		footprint_opaque(w, "it renames something that is not known");
		return;
	}
	if (tree_text(st->subname) != NULL)
		t.part = st->subname;
	if (t.part != NULL && t.part_kind != SQL_PART_SIGNATURE) {
		a = footprint_rename_part(w, t.kind, t.name, t.part_kind, t.part, st->newname);
		a->tolerant = st->missing_ok;
		footprint_constraint_index(w, a);
	} else {
		footprint_rename_target(w, &t, NULL, st->newname)->tolerant = st->missing_ok;
	}
}
