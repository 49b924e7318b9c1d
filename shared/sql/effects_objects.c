/*
 * Objects that go, get another name, owner, place or remark: of a relation each form has its lock,
 * of the others most have none, and with CASCADE the catalogue alone knows whom they reach.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/effects_sink.h"

#include "shared/base/banned.h"

#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name
#define F(name) SQL_FORM_##name
#define N(name) PG_QUERY__NODE__NODE_##name

/* What kind of thing an object is, as far as locks go. */
enum make {
	MAKE_OTHER, /* no relation */
	MAKE_RELATION,
	MAKE_INDEX,
	MAKE_TYPE, /* of a composite type there is a relation */
	MAKE_PART  /* is named by its table */
};

static enum make
make_of(PgQuery__ObjectType type)
{
	switch (type) {
	case O(TABLE):
	case O(FOREIGN_TABLE):
	case O(VIEW):
	case O(MATVIEW):
	case O(SEQUENCE):
	case O(COLUMN):
		return MAKE_RELATION;
	case O(INDEX):
		return MAKE_INDEX;
	case O(TYPE):
	case O(DOMAIN):
	case O(ATTRIBUTE):
		return MAKE_TYPE;
	case O(TRIGGER):
	case O(RULE):
	case O(POLICY):
	case O(TABCONSTRAINT):
		return MAKE_PART;
	default:
		return MAKE_OTHER;
	}
}

/* The table of what is named by its table and, last, by its own name. */
static struct tree_name
owner_of(const PgQuery__Node *object)
{
	if (object == NULL || object->node_case != N(LIST) || object->list->n_items < 2)
		return (struct tree_name){0};
	return tree_name_of(object->list->items, object->list->n_items - 1);
}

/* ---- DROP ---- */

static void
drop_index(struct effect_sink *sink, const struct effect_of *of, bool concurrent)
{
	effect_put(sink, concurrent ? F(DROP_INDEX_CONCURRENTLY) : F(DROP_INDEX), of);
}

static enum sql_form_id
drop_form(PgQuery__ObjectType type, bool cascade)
{
	switch (type) {
	case O(TABLE):
	case O(FOREIGN_TABLE):
		return F(DROP_TABLE);
	case O(VIEW):
	case O(MATVIEW):
	case O(SEQUENCE):
		return F(DROP_RELATION);
	case O(TRIGGER):
	case O(RULE):
	case O(POLICY):
		return F(DROP_PART);
	case O(TYPE):
		return F(TYPE);
	case O(STATISTIC_EXT):
		return F(DROP_STATISTICS);
	case O(EXTENSION):
		return F(DROP_SCHEMA);
	case O(SCHEMA):
		return cascade ? F(DROP_SCHEMA) : F(NOTHING);
	default:
		return F(NOTHING);
	}
}

static void
put_cascade(struct effect_sink *sink, const struct effect_of *of, PgQuery__ObjectType type)
{
	switch (make_of(type)) {
	case MAKE_RELATION:
		effect_put(sink, F(CASCADE), of);
		break;
	case MAKE_TYPE:
		effect_put(sink, F(DROP_TYPE_CASCADE), of);
		break;
	default:
		effect_put(sink, F(DROP_CASCADE), of);
		break;
	}
}

void
effect_drop(struct effect_sink *sink, const PgQuery__DropStmt *st)
{
	bool cascade = st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	for (size_t i = 0; i < st->n_objects; i++) {
		struct effect_of of = {.self = tree_name_of_node(st->objects[i]),
				       .may_lack = st->missing_ok};

		if (make_of(st->remove_type) == MAKE_PART)
			of.self = owner_of(st->objects[i]);
		if (st->remove_type == O(INDEX))
			drop_index(sink, &of, st->concurrent);
		else
			effect_put(sink, drop_form(st->remove_type, cascade), &of);
		if (cascade)
			put_cascade(sink, &of, st->remove_type);
	}
}

/* ---- RENAME ---- */

static enum sql_form_id
rename_form(const PgQuery__RenameStmt *st)
{
	switch (make_of(st->rename_type)) {
	case MAKE_RELATION:
		return st->rename_type == O(COLUMN) ? F(RENAME_PART) : F(RENAME);
	case MAKE_INDEX:
		return F(RENAME_INDEX);
	case MAKE_TYPE:
		return st->rename_type == O(ATTRIBUTE) ? F(ALTER_ATTRIBUTE)
		       : st->rename_type == O(TYPE)    ? F(TYPE)
						       : F(NOTHING);
	case MAKE_PART:
		/* Rules and policies have no counterpart in partitions. */
		return st->rename_type == O(RULE) || st->rename_type == O(POLICY) ? F(RENAME)
										  : F(RENAME_PART);
	default:
		return F(NOTHING);
	}
}

void
effect_rename(struct effect_sink *sink, const PgQuery__RenameStmt *st)
{
	struct effect_of of = effect_of_table(st->relation);

	if (st->relation == NULL)
		of.self = tree_name_of_node(st->object);
	of.may_lack = st->missing_ok;
	of.only |= st->rename_type == O(COLUMN) && st->relation_type == O(VIEW);
	effect_put(sink, rename_form(st), &of);
}

/* ---- properties and remarks ---- */

void
effect_property(struct effect_sink *sink, enum sql_form_id form, PgQuery__ObjectType type,
		const PgQuery__RangeVar *relation, const PgQuery__Node *object)
{
	struct effect_of of = effect_of_table(relation);
	enum make make = make_of(type);

	if (relation == NULL)
		of.self = tree_name_of_node(object);
	if (make == MAKE_OTHER)
		form = F(NOTHING);
	else if (make == MAKE_PART)
		form = F(COMMENT_PART);
	else if (make == MAKE_TYPE)
		form = type == O(DOMAIN) ? F(NOTHING) : F(TYPE);
	effect_put(sink, form, &of);
}

void
effect_comment(struct effect_sink *sink, PgQuery__ObjectType type, const PgQuery__Node *object)
{
	struct effect_of of = {.self = tree_name_of_node(object)};

	switch (make_of(type)) {
	case MAKE_RELATION:
	case MAKE_INDEX:
		if (type == O(COLUMN))
			of.self = owner_of(object);
		effect_put(sink, F(COMMENT_RELATION), &of);
		break;
	case MAKE_PART:
		of.self = owner_of(object);
		effect_put(sink, F(COMMENT_PART), &of);
		break;
	default:
		effect_put(sink, F(NOTHING), &of);
		break;
	}
}
