/*
 * What queries and expressions name. One walk collects which tables a statement speaks of and under
 * which aliases, a second one finds columns, functions, types and collations. Scopes within one
 * statement are not told apart: a column that may belong to several tables is read in each of them,
 * and marked as a guess.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

enum { SCOPE_LIMIT = 2000 };

enum table_use { USE_READ, USE_WRITE, USE_INTO };

struct scope_table {
	const PgQuery__RangeVar *table;
	enum table_use use;
	const char *how; /* of writes: insert, update … */
	bool common;	 /* a WITH query's name, no table */
};

struct scope {
	struct footprint_walk *w;
	enum sql_bond bond;
	const PgQuery__RangeVar *over;
	struct scope_table *tables;
	size_t count, cap;
	const char **commons; /* names of WITH queries */
	size_t common_count, common_cap;
	size_t derived; /* subqueries and functions in FROM: their columns are no table's */
};

/* ---- tables ---- */

static void
add_table(struct scope *s, const PgQuery__RangeVar *table, enum table_use use, const char *how)
{
	if (table == NULL || s->count == SCOPE_LIMIT)
		return;
	for (size_t i = 0; i < s->count; i++) {
		if (s->tables[i].table == table)
			return;
	}
	s->tables = arena_grow(s->w->arena, s->tables, s->count, &s->cap, sizeof(*s->tables));
	s->tables[s->count++] = (struct scope_table){table, use, how, false};
}

static void
add_common(struct scope *s, const char *name)
{
	if (s->common_count == SCOPE_LIMIT)
		return;
	s->commons = arena_grow(s->w->arena, s->commons, s->common_count, &s->common_cap,
				sizeof(*s->commons));
	s->commons[s->common_count++] = name;
}

static void
collect(void *self, const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;
	struct scope *s = self;

	if (d == &pg_query__insert_stmt__descriptor)
		add_table(s, ((const PgQuery__InsertStmt *)m)->relation, USE_WRITE, "insert");
	else if (d == &pg_query__update_stmt__descriptor)
		add_table(s, ((const PgQuery__UpdateStmt *)m)->relation, USE_WRITE, "update");
	else if (d == &pg_query__delete_stmt__descriptor)
		add_table(s, ((const PgQuery__DeleteStmt *)m)->relation, USE_WRITE, "delete");
	else if (d == &pg_query__merge_stmt__descriptor)
		add_table(s, ((const PgQuery__MergeStmt *)m)->relation, USE_WRITE, "merge");
	else if (d == &pg_query__into_clause__descriptor)
		add_table(s, ((const PgQuery__IntoClause *)m)->rel, USE_INTO, NULL);
	else if (d == &pg_query__range_var__descriptor)
		add_table(s, (const PgQuery__RangeVar *)m, USE_READ, NULL);
	else if (d == &pg_query__common_table_expr__descriptor)
		add_common(s, ((const PgQuery__CommonTableExpr *)m)->ctename);
	else if (d == &pg_query__range_subselect__descriptor ||
		 d == &pg_query__range_function__descriptor ||
		 d == &pg_query__range_table_func__descriptor)
		s->derived++;
}

static bool
is_common(const struct scope *s, const PgQuery__RangeVar *table)
{
	if (tree_text(table->schemaname) != NULL)
		return false;
	for (size_t i = 0; i < s->common_count; i++) {
		if (strcmp(s->commons[i], table->relname) == 0)
			return true;
	}
	return false;
}

static void
put_tables(struct scope *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct scope_table *t = &s->tables[i];
		t->common = t->use == USE_INTO || (t->use == USE_READ && is_common(s, t->table));
		if (t->common) {
			s->derived += t->use == USE_READ;
			continue;
		}
		if (t->use == USE_WRITE)
			footprint_put(s->w, SQL_MODE_DATA, SQL_KIND_RELATION,
				      tree_name_of_table(t->table))
				->aspect = t->how;
		else
			footprint_read(s->w, s->bond, SQL_KIND_RELATION,
				       tree_name_of_table(t->table));
	}
}

/* ---- columns ---- */

void
footprint_column(struct footprint_walk *w, enum sql_bond bond, const PgQuery__RangeVar *table,
		 const char *column)
{
	struct sql_access *a;

	if (table == NULL || column == NULL)
		return;
	a = footprint_part(w, SQL_MODE_READ, SQL_KIND_RELATION, tree_name_of_table(table),
			   SQL_PART_COLUMN, column);
	a->bond = w->late ? SQL_BOND_LATE : bond;
	if (strcmp(column, "*") == 0 && bond == SQL_BOND_NAME && !w->late)
		a->bond = SQL_BOND_NAME;
}

static const char *
table_alias(const PgQuery__RangeVar *table)
{
	return table->alias != NULL ? table->alias->aliasname : table->relname;
}

static void
mark_guessed(struct scope *s, size_t from)
{
	for (size_t i = from; i < s->w->out->count; i++)
		s->w->out->items[i].guessed = true;
}

/* A column without a qualifier. */
static void
put_bare_column(struct scope *s, const char *column)
{
	size_t from = s->w->out->count, candidates = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (s->tables[i].common)
			continue;
		footprint_column(s->w, s->bond, s->tables[i].table, column);
		candidates++;
	}
	if (s->over != NULL && candidates == 0)
		footprint_column(s->w, s->bond, s->over, column);
	/* With one star, every table is really meant. */
	if (strcmp(column, "*") != 0 && candidates + s->derived + (s->over != NULL) > 1)
		mark_guessed(s, from);
}

static void
put_qualified_column(struct scope *s, const char *qualifier, const char *column)
{
	bool found = false;

	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(table_alias(s->tables[i].table), qualifier) != 0)
			continue;
		found = true;
		if (!s->tables[i].common)
			footprint_column(s->w, s->bond, s->tables[i].table, column);
	}
	if (found)
		return;
	bool row = strcmp(qualifier, "new") == 0 || strcmp(qualifier, "old") == 0;
	if (s->over != NULL && (row || strcmp(qualifier, s->over->relname) == 0))
		footprint_column(s->w, s->bond, s->over, column);
	else if (strcmp(qualifier, "excluded") == 0)
		put_bare_column(s, column);
}

static void
put_column_ref(struct scope *s, const PgQuery__ColumnRef *ref)
{
	size_t n = ref->n_fields;
	const PgQuery__Node *last;
	const char *column;

	if (n == 0)
		return;
	last = ref->fields[n - 1];
	column = last->node_case == N(A_STAR) ? "*" : tree_string(last);
	if (column == NULL)
		return;
	if (n == 1)
		put_bare_column(s, column);
	else if (tree_string(ref->fields[n - 2]) != NULL)
		put_qualified_column(s, tree_string(ref->fields[n - 2]), column);
}

/* Columns that INSERT and UPDATE name. */
static void
put_targets(struct scope *s, const PgQuery__RangeVar *table, PgQuery__Node *const *targets,
	    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (targets[i]->node_case == N(RES_TARGET))
			footprint_column(s->w, s->bond, table,
					 tree_text(targets[i]->res_target->name));
	}
}

static void
put_insert(struct scope *s, const PgQuery__InsertStmt *st)
{
	put_targets(s, st->relation, st->cols, st->n_cols);
	if (st->n_cols == 0 && st->select_stmt != NULL)
		footprint_column(s->w, s->bond, st->relation, "*");
	if (st->on_conflict_clause != NULL)
		put_targets(s, st->relation, st->on_conflict_clause->target_list,
			    st->on_conflict_clause->n_target_list);
	if (st->on_conflict_clause != NULL && st->on_conflict_clause->infer != NULL)
		footprint_conflict_target(s->w, st->relation, st->on_conflict_clause->infer);
}

/* ---- functions, types, collations ---- */

/* 'name' or 'name'::regclass */
static const char *
constant_text(const PgQuery__Node *n)
{
	if (n != NULL && n->node_case == N(TYPE_CAST))
		n = n->type_cast->arg;
	if (n == NULL || n->node_case != N(A_CONST) ||
	    n->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
		return NULL;
	return n->a_const->sval->sval;
}

static void
put_call(struct scope *s, const PgQuery__FuncCall *call)
{
	static const char *const of_sequences[] = {"nextval", "currval", "setval"};
	struct tree_name name = tree_name_of(call->funcname, call->n_funcname);
	struct sql_access *a;

	if (name.name == NULL)
		return;
	a = footprint_read(s->w, s->bond, SQL_KIND_ROUTINE, name);
	a->part_kind = SQL_PART_SIGNATURE;
	a->part = arena_printf(s->w->arena, "#%zu", call->n_args);
	for (size_t i = 0; i < ARRAY_LEN(of_sequences); i++) {
		if (strcmp(name.name, of_sequences[i]) == 0 && call->n_args > 0)
			footprint_regclass(s->w, s->bond, SQL_KIND_SEQUENCE,
					   constant_text(call->args[0]));
	}
}

static void
put_cast(struct scope *s, const PgQuery__TypeCast *cast)
{
	struct tree_name type;

	if (cast->type_name == NULL)
		return;
	type = tree_name_of(cast->type_name->names, cast->type_name->n_names);
	if (type.name != NULL && strcmp(type.name, "regclass") == 0)
		footprint_regclass(s->w, s->bond, SQL_KIND_RELATION, constant_text(cast->arg));
}

static void
put_join(struct scope *s, const PgQuery__JoinExpr *join)
{
	for (size_t i = 0; i < join->n_using_clause; i++) {
		if (tree_string(join->using_clause[i]) != NULL)
			put_bare_column(s, tree_string(join->using_clause[i]));
	}
	if (join->is_natural)
		put_bare_column(s, "*");
}

static void
find(void *self, const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;
	struct scope *s = self;

	if (d == &pg_query__column_ref__descriptor) {
		put_column_ref(s, (const PgQuery__ColumnRef *)m);
	} else if (d == &pg_query__func_call__descriptor) {
		put_call(s, (const PgQuery__FuncCall *)m);
	} else if (d == &pg_query__type_name__descriptor) {
		footprint_type(s->w, s->bond, (const PgQuery__TypeName *)m);
	} else if (d == &pg_query__type_cast__descriptor) {
		put_cast(s, (const PgQuery__TypeCast *)m);
	} else if (d == &pg_query__collate_clause__descriptor) {
		const PgQuery__CollateClause *c = (const PgQuery__CollateClause *)m;
		footprint_read(s->w, s->bond, SQL_KIND_COLLATION,
			       tree_name_of(c->collname, c->n_collname));
	} else if (d == &pg_query__join_expr__descriptor) {
		put_join(s, (const PgQuery__JoinExpr *)m);
	} else if (d == &pg_query__insert_stmt__descriptor) {
		put_insert(s, (const PgQuery__InsertStmt *)m);
	} else if (d == &pg_query__update_stmt__descriptor) {
		const PgQuery__UpdateStmt *u = (const PgQuery__UpdateStmt *)m;
		put_targets(s, u->relation, u->target_list, u->n_target_list);
	}
}

void
footprint_expression(struct footprint_walk *w, enum sql_bond bond, const PgQuery__RangeVar *over,
		     const ProtobufCMessage *expression)
{
	struct scope s = {.w = w, .bond = bond, .over = over};

	if (expression == NULL)
		return;
	sql_tree_walk(expression, collect, &s);
	put_tables(&s);
	sql_tree_walk(expression, find, &s);
}

void
footprint_query(struct footprint_walk *w, enum sql_bond bond, const ProtobufCMessage *query)
{
	footprint_expression(w, bond, NULL, query);
}
