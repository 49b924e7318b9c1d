/*
 * Sequences, extended statistics and schemas.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

/* ---- sequences ---- */

/* OWNED BY schema.table.column; NONE is a list of one. */
static void
put_owner(struct footprint_walk *w, const PgQuery__Node *arg)
{
	PgQuery__RangeVar table;
	struct tree_name name;

	if (arg == NULL || arg->node_case != N(LIST) || arg->list->n_items < 2)
		return;
	name = tree_name_of(arg->list->items, arg->list->n_items - 1);
	if (name.name == NULL)
		return;
	pg_query__range_var__init(&table);
	table.relname = arena_str(w->arena, name.name);
	table.schemaname = arena_str(w->arena, name.schema);
	footprint_read(w, SQL_BOND_KEY, SQL_KIND_TABLE, name);
	footprint_column(w, SQL_BOND_KEY, &table,
			 tree_string(arg->list->items[arg->list->n_items - 1]));
}

static void
read_options(struct footprint_walk *w, PgQuery__Node *const *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = options[i]->def_elem;
		if (strcmp(e->defname, "owned_by") == 0)
			put_owner(w, e->arg);
	}
}

void
footprint_create_sequence(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateSeqStmt *st = statement;
	bool temporary = st->sequence->relpersistence != NULL &&
			 strcmp(st->sequence->relpersistence, "t") == 0;
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a =
		footprint_make(w, SQL_KIND_SEQUENCE, tree_name_of_table(st->sequence), temporary);

	a->tolerant = st->if_not_exists;
	a->value = value;
	footprint_own(w, a);
	read_options(w, st->options, st->n_options);
}

void
footprint_alter_sequence(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterSeqStmt *st = statement;

	for (size_t i = 0; i < st->n_options; i++) {
		if (st->options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = st->options[i]->def_elem;
		bool restart = strcmp(e->defname, "restart") == 0;
		struct sql_access *a =
			footprint_put(w, restart ? SQL_MODE_DATA : SQL_MODE_ALTER,
				      SQL_KIND_SEQUENCE, tree_name_of_table(st->sequence));
		a->aspect = arena_printf(w->arena, "option %s", e->defname);
		a->value = e->arg != NULL ? footprint_value(w, &e->arg->base) : "";
		a->object_may_lack = st->missing_ok;
	}
	read_options(w, st->options, st->n_options);
}

/* ---- statistics ---- */

static const char *
statistics_columns(struct footprint_walk *w, const PgQuery__CreateStatsStmt *st)
{
	const char *text = "";

	for (size_t i = 0; i < st->n_exprs; i++) {
		const char *name = "expr";
		if (st->exprs[i]->node_case == N(STATS_ELEM) &&
		    tree_text(st->exprs[i]->stats_elem->name) != NULL)
			name = st->exprs[i]->stats_elem->name;
		text = arena_printf(w->arena, "%s%s%s", text, i > 0 ? "_" : "", name);
	}
	return text;
}

void
footprint_create_statistics(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateStatsStmt *st = statement;
	struct tree_name name = tree_name_of(st->defnames, st->n_defnames);
	const PgQuery__RangeVar *table = NULL;
	const char *value = footprint_value(w, &st->base);

	if (st->n_relations > 0 && st->relations[0]->node_case == N(RANGE_VAR))
		table = st->relations[0]->range_var;
	bool by_server = name.name == NULL && table != NULL;
	if (by_server)
		name = (struct tree_name){tree_text(table->schemaname),
					  footprint_server_name(w, table->relname,
								statistics_columns(w, st), "stat")};
	struct sql_access *a = footprint_make(w, SQL_KIND_STATISTICS, name, false);
	a->tolerant = st->if_not_exists;
	a->value = value;
	a->named_by_server = by_server;
	footprint_own(w, a);
	if (table == NULL)
		return;
	a = footprint_part(w, SQL_MODE_INDEX, SQL_KIND_RELATION, tree_name_of_table(table),
			   SQL_PART_INDEX, name.name);
	a->tolerant = st->if_not_exists;
	a->value = value;
	a->named_by_server = by_server;
	for (size_t i = 0; i < st->n_exprs; i++) {
		if (st->exprs[i]->node_case != N(STATS_ELEM))
			continue;
		footprint_column(w, SQL_BOND_KEY, table, tree_text(st->exprs[i]->stats_elem->name));
		if (st->exprs[i]->stats_elem->expr != NULL)
			footprint_expression(w, SQL_BOND_KEY, table,
					     &st->exprs[i]->stats_elem->expr->base);
	}
}

void
footprint_alter_statistics(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterStatsStmt *st = statement;
	struct sql_access *a =
		footprint_alter(w, SQL_KIND_STATISTICS, tree_name_of(st->defnames, st->n_defnames),
				"target", arena_printf(w->arena, "%d", (int)st->stxstattarget));

	a->object_may_lack = st->missing_ok;
}

/* ---- schemas ---- */

void
footprint_create_schema(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateSchemaStmt *st = statement;
	const char *name = tree_text(st->schemaname);
	const char *const *path = w->path;
	size_t path_count = w->path_count;

	if (name == NULL)
		name = footprint_role_name(w, st->authrole);
	if (name == NULL)
		return;
	struct sql_access *a = footprint_make(w, SQL_KIND_SCHEMA, bare_name(name), false);
	a->tolerant = st->if_not_exists;
	a->value = st->authrole != NULL ? footprint_value(w, &st->authrole->base) : "";
	footprint_own(w, a);
	footprint_owner(w, st->authrole);
	const char **inside = arena_array(w->arena, 1, sizeof(*inside));
	inside[0] = arena_str(w->arena, name);
	w->path = inside;
	w->path_count = 1;
	for (size_t i = 0; i < st->n_schema_elts; i++)
		footprint_statement(w, st->schema_elts[i]);
	w->path = path;
	w->path_count = path_count;
}
