/*
 * Views, materialized views, tables made from queries, and rules: what is made, and what its query
 * leans on. A view holds on to its columns; a table made from a query copies and lets go.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

static bool
is_temporary(const PgQuery__RangeVar *name)
{
	return name->relpersistence != NULL && strcmp(name->relpersistence, "t") == 0;
}

void
footprint_create_view(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ViewStmt *st = statement;
	struct tree_name name = tree_name_of_table(st->view);
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a = footprint_make(w, SQL_KIND_VIEW, name, is_temporary(st->view));

	a->tolerant = a->replaces = st->replace;
	a->value = value;
	footprint_own(w, a);
	footprint_row_type(w, a);
	if (st->query != NULL)
		footprint_query(w, SQL_BOND_FIRM, &st->query->base);
}

void
footprint_create_table_as(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateTableAsStmt *st = statement;
	bool view = st->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a;

	if (st->into == NULL || st->into->rel == NULL)
		return;
	struct tree_name name = tree_name_of_table(st->into->rel);
	a = footprint_make(w, view ? SQL_KIND_MATERIALIZED_VIEW : SQL_KIND_TABLE, name,
			   is_temporary(st->into->rel));
	a->tolerant = st->if_not_exists;
	a->value = value;
	footprint_own(w, a);
	footprint_row_type(w, a);
	if (st->query == NULL)
		return;
	if (st->query->node_case == N(EXECUTE_STMT))
		footprint_statement(w, st->query);
	else
		footprint_query(w, view ? SQL_BOND_FIRM : SQL_BOND_COPY, &st->query->base);
}

/* SELECT, which may make a table as well: SELECT … INTO. */
void
footprint_select(struct footprint_walk *w, const void *statement)
{
	const PgQuery__SelectStmt *st = statement;
	const PgQuery__SelectStmt *first = st;

	while (first->larg != NULL)
		first = first->larg;
	if (first->into_clause != NULL && first->into_clause->rel != NULL) {
		const PgQuery__RangeVar *into = first->into_clause->rel;
		struct sql_access *a = footprint_make(w, SQL_KIND_TABLE, tree_name_of_table(into),
						      is_temporary(into));
		footprint_own(w, a);
		footprint_row_type(w, a);
		footprint_query(w, SQL_BOND_COPY, statement);
	} else {
		footprint_query(w, SQL_BOND_NAME, statement);
	}
}

void
footprint_refresh(struct footprint_walk *w, const void *statement)
{
	const PgQuery__RefreshMatViewStmt *st = statement;

	footprint_put(w, SQL_MODE_DATA, SQL_KIND_MATERIALIZED_VIEW,
		      tree_name_of_table(st->relation))
		->aspect = "refresh";
}

void
footprint_create_rule(struct footprint_walk *w, const void *statement)
{
	const PgQuery__RuleStmt *st = statement;
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a =
		footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_RELATION,
			       tree_name_of_table(st->relation), SQL_PART_RULE, st->rulename);

	a->tolerant = a->replaces = st->replace;
	a->value = value;
	if (st->where_clause != NULL)
		footprint_expression(w, SQL_BOND_FIRM, st->relation, &st->where_clause->base);
	for (size_t i = 0; i < st->n_actions; i++)
		footprint_expression(w, SQL_BOND_FIRM, st->relation, &st->actions[i]->base);
}
