/*
 * Statements about rows and storage: COPY, TRUNCATE, VACUUM, LOCK …, and those that carry another
 * statement inside.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

static struct sql_access *
put_data(struct footprint_walk *w, const PgQuery__RangeVar *table, const char *how)
{
	struct sql_access *a =
		footprint_put(w, SQL_MODE_DATA, SQL_KIND_RELATION, tree_name_of_table(table));

	a->aspect = how;
	return a;
}

static void
put_needed(struct footprint_walk *w, const PgQuery__RangeVar *table)
{
	if (table != NULL)
		footprint_read(w, SQL_BOND_NAME, SQL_KIND_RELATION, tree_name_of_table(table));
}

void
footprint_copy(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CopyStmt *st = statement;

	if (st->is_program)
		footprint_opaque(w, "COPY … PROGRAM runs a program");
	if (st->query != NULL)
		footprint_statement(w, st->query);
	if (st->relation == NULL)
		return;
	if (st->is_from)
		put_data(w, st->relation, "insert");
	else
		put_needed(w, st->relation);
	for (size_t i = 0; i < st->n_attlist; i++)
		footprint_column(w, SQL_BOND_NAME, st->relation, tree_string(st->attlist[i]));
	if (st->n_attlist == 0)
		footprint_column(w, SQL_BOND_NAME, st->relation, "*");
	if (st->where_clause != NULL)
		footprint_expression(w, SQL_BOND_NAME, st->relation, &st->where_clause->base);
}

void
footprint_truncate(struct footprint_walk *w, const void *statement)
{
	const PgQuery__TruncateStmt *st = statement;

	for (size_t i = 0; i < st->n_relations; i++) {
		if (st->relations[i]->node_case == N(RANGE_VAR))
			put_data(w, st->relations[i]->range_var, "truncate")->cascade =
				st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	}
}

void
footprint_lock(struct footprint_walk *w, const void *statement)
{
	const PgQuery__LockStmt *st = statement;

	for (size_t i = 0; i < st->n_relations; i++) {
		if (st->relations[i]->node_case == N(RANGE_VAR))
			put_needed(w, st->relations[i]->range_var);
	}
}

void
footprint_vacuum(struct footprint_walk *w, const void *statement)
{
	const PgQuery__VacuumStmt *st = statement;

	for (size_t i = 0; i < st->n_rels; i++) {
		if (st->rels[i]->node_case != N(VACUUM_RELATION))
			continue;
		const PgQuery__VacuumRelation *r = st->rels[i]->vacuum_relation;
		put_needed(w, r->relation);
		for (size_t c = 0; c < r->n_va_cols; c++)
			footprint_column(w, SQL_BOND_NAME, r->relation, tree_string(r->va_cols[c]));
	}
}

void
footprint_cluster(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ClusterStmt *st = statement;

	if (st->relation == NULL)
		return;
	put_needed(w, st->relation);
	if (tree_text(st->indexname) == NULL)
		return;
	footprint_alter(w, SQL_KIND_TABLE, tree_name_of_table(st->relation), "cluster",
			st->indexname);
	footprint_read(w, SQL_BOND_KEY, SQL_KIND_INDEX,
		       (struct tree_name){tree_text(st->relation->schemaname), st->indexname});
}

void
footprint_reindex(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ReindexStmt *st = statement;

	put_needed(w, st->relation);
	if (tree_text(st->name) != NULL &&
	    st->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA)
		footprint_read(w, SQL_BOND_NAME, SQL_KIND_SCHEMA, bare_name(st->name));
}

/* ---- statements with statements inside ---- */

void
footprint_explain(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ExplainStmt *st = statement;

	if (st->query == NULL)
		return;
	if (tree_option_bool(st->options, st->n_options, "analyze", false))
		footprint_statement(w, st->query);
	else
		footprint_query(w, SQL_BOND_NAME, &st->query->base);
}

void
footprint_prepare(struct footprint_walk *w, const void *statement)
{
	const PgQuery__PrepareStmt *st = statement;

	for (size_t i = 0; i < st->n_argtypes; i++) {
		if (st->argtypes[i]->node_case == N(TYPE_NAME))
			footprint_type(w, SQL_BOND_NAME, st->argtypes[i]->type_name);
	}
	/* What it does is done by EXECUTE, which comes later in the same text. */
	if (st->query != NULL)
		footprint_statement(w, st->query);
	struct footprint_made *prepared = arena_new(w->arena, struct footprint_made);
	prepared->name = arena_str(w->arena, st->name);
	prepared->next = w->prepared;
	w->prepared = prepared;
}

static bool
is_prepared(const struct footprint_walk *w, const char *name)
{
	for (const struct footprint_made *p = w->prepared; p != NULL; p = p->next) {
		if (strcmp(p->name, name) == 0)
			return true;
	}
	return false;
}

void
footprint_execute(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ExecuteStmt *st = statement;

	footprint_query(w, SQL_BOND_NAME, statement);
	if (!is_prepared(w, st->name))
		footprint_opaque(w, "EXECUTE runs a statement that was prepared elsewhere");
}

void
footprint_cursor(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DeclareCursorStmt *st = statement;

	if (st->query != NULL)
		footprint_statement(w, st->query);
}

void
footprint_load(struct footprint_walk *w, const void *statement)
{
	(void)statement;
	footprint_opaque(w, "LOAD runs code of a library");
}
