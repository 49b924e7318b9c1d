/*
 * Casts, conversions, transforms, operator classes and families, languages, access methods: what
 * extends PostgreSQL itself.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

static void
put_routine(struct footprint_walk *w, const PgQuery__ObjectWithArgs *o)
{
	if (o == NULL)
		return;
	const char *signature = footprint_signature(w, o);
	struct sql_access *a = footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROUTINE,
					      tree_name_of(o->objname, o->n_objname));
	if (signature != NULL) {
		a->part_kind = SQL_PART_SIGNATURE;
		a->part = signature;
	}
}

static void
put_routine_named(struct footprint_walk *w, PgQuery__Node *const *names, size_t count)
{
	if (count > 0)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROUTINE, tree_name_of(names, count));
}

void
footprint_create_cast(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateCastStmt *st = statement;
	struct sql_access *a = footprint_make(
		w, SQL_KIND_CAST,
		bare_name(arena_printf(w->arena, "%s %s", footprint_type_text(w, st->sourcetype),
				       footprint_type_text(w, st->targettype))),
		false);

	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	footprint_type(w, SQL_BOND_FIRM, st->sourcetype);
	footprint_type(w, SQL_BOND_FIRM, st->targettype);
	put_routine(w, st->func);
}

void
footprint_create_conversion(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateConversionStmt *st = statement;
	struct sql_access *a =
		footprint_make(w, SQL_KIND_CONVERSION,
			       tree_name_of(st->conversion_name, st->n_conversion_name), false);

	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	put_routine_named(w, st->func_name, st->n_func_name);
}

void
footprint_create_transform(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateTransformStmt *st = statement;
	struct sql_access *a = footprint_make(
		w, SQL_KIND_TRANSFORM,
		bare_name(arena_printf(w->arena, "%s %s", footprint_type_text(w, st->type_name),
				       st->lang)),
		false);

	a->value = footprint_value(w, &st->base);
	a->tolerant = a->replaces = st->replace;
	footprint_own(w, a);
	footprint_type(w, SQL_BOND_FIRM, st->type_name);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_LANGUAGE, bare_name(st->lang));
	put_routine(w, st->fromsql);
	put_routine(w, st->tosql);
}

/* ---- operator classes and families ---- */

static void
put_items(struct footprint_walk *w, PgQuery__Node *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (items[i]->node_case != N(CREATE_OP_CLASS_ITEM))
			continue;
		const PgQuery__CreateOpClassItem *item = items[i]->create_op_class_item;
		if (item->name != NULL && item->itemtype == 1)
			footprint_read(w, SQL_BOND_FIRM, SQL_KIND_OPERATOR,
				       tree_name_of(item->name->objname, item->name->n_objname));
		else
			put_routine(w, item->name);
		footprint_type(w, SQL_BOND_FIRM, item->storedtype);
	}
}

void
footprint_create_operator_class(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateOpClassStmt *st = statement;
	struct tree_name name = tree_name_of(st->opclassname, st->n_opclassname);
	struct sql_access *a = footprint_make(w, SQL_KIND_OPERATOR_CLASS, name, false);

	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	if (st->n_opfamilyname > 0)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_OPERATOR_FAMILY,
			       tree_name_of(st->opfamilyname, st->n_opfamilyname));
	else
		footprint_make(w, SQL_KIND_OPERATOR_FAMILY, name, false)->implied = true;
	if (st->is_default)
		footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_ACCESS_METHOD, bare_name(st->amname),
			       SQL_PART_MEMBER,
			       arena_printf(w->arena, "default class for %s",
					    footprint_type_text(w, st->datatype)));
	footprint_type(w, SQL_BOND_FIRM, st->datatype);
	put_items(w, st->items, st->n_items);
}

void
footprint_create_operator_family(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateOpFamilyStmt *st = statement;

	footprint_own(w, footprint_make(w, SQL_KIND_OPERATOR_FAMILY,
					tree_name_of(st->opfamilyname, st->n_opfamilyname), false));
}

/* OPERATOR 1 (int, int) or FUNCTION 1 (int, int), as the family calls them */
static const char *
member_text(struct footprint_walk *w, const PgQuery__CreateOpClassItem *item)
{
	const char *text =
		arena_printf(w->arena, "%d %d", (int)item->itemtype % 2, (int)item->number);

	for (size_t i = 0; i < item->n_class_args; i++) {
		if (item->class_args[i]->node_case == N(TYPE_NAME))
			text = arena_printf(w->arena, "%s %s", text,
					    footprint_type_text(w, item->class_args[i]->type_name));
	}
	return text;
}

void
footprint_alter_operator_family(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterOpFamilyStmt *st = statement;

	for (size_t i = 0; i < st->n_items; i++) {
		if (st->items[i]->node_case == N(CREATE_OP_CLASS_ITEM))
			footprint_part(w, st->is_drop ? SQL_MODE_DROP : SQL_MODE_EXTEND,
				       SQL_KIND_OPERATOR_FAMILY,
				       tree_name_of(st->opfamilyname, st->n_opfamilyname),
				       SQL_PART_MEMBER,
				       member_text(w, st->items[i]->create_op_class_item));
	}
	put_items(w, st->items, st->is_drop ? 0 : st->n_items);
}

/* ---- languages and access methods ---- */

void
footprint_create_language(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreatePLangStmt *st = statement;
	struct sql_access *a = footprint_make(w, SQL_KIND_LANGUAGE, bare_name(st->plname), false);

	a->tolerant = a->replaces = st->replace;
	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	put_routine_named(w, st->plhandler, st->n_plhandler);
	put_routine_named(w, st->plinline, st->n_plinline);
	put_routine_named(w, st->plvalidator, st->n_plvalidator);
}

void
footprint_create_access_method(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateAmStmt *st = statement;

	footprint_own(w, footprint_make(w, SQL_KIND_ACCESS_METHOD, bare_name(st->amname), false));
	put_routine_named(w, st->handler_name, st->n_handler_name);
}
