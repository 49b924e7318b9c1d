/*
 * Indexes: the index, the table that gets it, and what its keys, predicate and operator classes
 * lean on. Without a name PostgreSQL chooses one (indexcmds.c, ChooseIndexName).
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

void
footprint_index_element(struct footprint_walk *w, const PgQuery__RangeVar *table,
			const PgQuery__Node *n)
{
	const PgQuery__IndexElem *e;

	if (n->node_case != N(INDEX_ELEM))
		return;
	e = n->index_elem;
	footprint_column(w, SQL_BOND_KEY, table, tree_text(e->name));
	if (e->expr != NULL)
		footprint_expression(w, SQL_BOND_KEY, table, &e->expr->base);
	if (e->n_collation > 0)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_COLLATION,
			       tree_name_of(e->collation, e->n_collation));
	if (e->n_opclass > 0)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_OPERATOR_CLASS,
			       tree_name_of(e->opclass, e->n_opclass));
}

/* The part of a chosen name that one key gives. */
static const char *
key_word(const PgQuery__Node *n)
{
	const PgQuery__Node *e;

	if (n->node_case != N(INDEX_ELEM))
		return "expr";
	if (tree_text(n->index_elem->name) != NULL)
		return n->index_elem->name;
	e = n->index_elem->expr;
	if (e != NULL && e->node_case == N(FUNC_CALL)) {
		const char *name =
			tree_name_of(e->func_call->funcname, e->func_call->n_funcname).name;
		return name != NULL ? name : "expr";
	}
	return "expr";
}

static const char *
keys_text(struct footprint_walk *w, const PgQuery__IndexStmt *st, const char *between)
{
	const char *text = "";

	for (size_t i = 0; i < st->n_index_params; i++)
		text = arena_printf(w->arena, "%s%s%s", text, i > 0 ? between : "",
				    key_word(st->index_params[i]));
	return text;
}

/* Equal for indexes that differ in nothing but their name. */
static const char *
definition(struct footprint_walk *w, const PgQuery__IndexStmt *st)
{
	PgQuery__IndexStmt copy = *st;

	copy.concurrent = false;
	copy.if_not_exists = false;
	return footprint_value(w, &copy.base);
}

static void
put_unique(struct footprint_walk *w, const PgQuery__IndexStmt *st, const char *value)
{
	struct sql_access *a = footprint_part(w, SQL_MODE_CONSTRAIN, SQL_KIND_TABLE,
					      tree_name_of_table(st->relation), SQL_PART_KEY,
					      keys_text(w, st, ","));

	a->implied = true;
	a->tolerant = true;
	a->refuses_rows = true;
	a->value = value;
}

void
footprint_create_index(struct footprint_walk *w, const void *statement)
{
	const PgQuery__IndexStmt *st = statement;
	struct tree_name table = tree_name_of_table(st->relation);
	const char *name = tree_text(st->idxname);
	const char *value = definition(w, st);
	bool own, temporary;
	struct tree_name real = footprint_resolve(w, SQL_KIND_TABLE, table, &own, &temporary);

	if (name == NULL)
		name = footprint_server_name(w, st->relation->relname, keys_text(w, st, "_"),
					     "idx");
	struct sql_access *a =
		footprint_make(w, SQL_KIND_INDEX, (struct tree_name){real.schema, name}, temporary);
	a->tolerant = st->if_not_exists;
	a->value = value;
	a->named_by_server = tree_text(st->idxname) == NULL;
	struct sql_access made = *a;
	a = footprint_part(w, SQL_MODE_INDEX, SQL_KIND_RELATION, table, SQL_PART_INDEX, name);
	a->value = value;
	a->tolerant = st->if_not_exists;
	a->named_by_server = tree_text(st->idxname) == NULL;
	a->refuses_rows = st->unique;
	footprint_own(w, &made);
	if (st->unique && st->where_clause == NULL)
		put_unique(w, st, value);
	for (size_t i = 0; i < st->n_index_params; i++)
		footprint_index_element(w, st->relation, st->index_params[i]);
	for (size_t i = 0; i < st->n_index_including_params; i++)
		footprint_index_element(w, st->relation, st->index_including_params[i]);
	if (st->where_clause != NULL)
		footprint_expression(w, SQL_BOND_KEY, st->relation, &st->where_clause->base);
	if (tree_text(st->table_space) != NULL)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_TABLESPACE, bare_name(st->table_space));
}

/* ON CONFLICT: needs a key over just these columns, or that constraint. */
void
footprint_conflict_target(struct footprint_walk *w, const PgQuery__RangeVar *table,
			  const PgQuery__InferClause *infer)
{
	struct tree_name name = tree_name_of_table(table);
	struct sql_access *a;

	if (tree_text(infer->conname) != NULL)
		a = footprint_part(w, SQL_MODE_READ, SQL_KIND_TABLE, name, SQL_PART_CONSTRAINT,
				   infer->conname);
	else
		a = footprint_part(
			w, SQL_MODE_READ, SQL_KIND_TABLE, name, SQL_PART_KEY,
			footprint_joined(w, infer->index_elems, infer->n_index_elems, ","));
	a->bond = w->late ? SQL_BOND_LATE : SQL_BOND_NAME;
}
