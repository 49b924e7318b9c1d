/*
 * What queries and expressions name. One walk collects which tables a statement speaks of and under
 * which aliases in each of its queries, a second one finds columns, functions, types and
 * collations. A bare column belongs to the nearest query around it; when that has several tables,
 * or when it may be a table's further out, it is read in each of them and marked as a guess.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

enum { SCOPE_LIMIT = 2000 };

enum table_use { USE_READ, USE_WRITE, USE_INTO };

struct scope_table {
	const PgQuery__RangeVar *table; /* NULL: a subquery or function in FROM */
	uint32_t query;
	enum table_use use;
	const char *how; /* of writes: insert, update … */
	const PgQuery__InsertStmt *insert;
	bool common; /* a WITH query's name, no table */
};

struct scope {
	struct footprint_walk *w;
	enum sql_bond bond;
	const PgQuery__RangeVar *over;
	struct scope_table *tables;
	size_t count, cap;
	const char **commons; /* names of WITH queries */
	size_t common_count, common_cap;
	uint32_t queries; /* entered so far: each walk numbers them alike */
	uint32_t *around; /* those that are open, outermost first */
	size_t depth, depth_cap;
};

/* ---- queries within queries ---- */

static bool
is_query(const ProtobufCMessage *m)
{
	static const ProtobufCMessageDescriptor *const queries[] = {
		&pg_query__select_stmt__descriptor, &pg_query__insert_stmt__descriptor,
		&pg_query__update_stmt__descriptor, &pg_query__delete_stmt__descriptor,
		&pg_query__merge_stmt__descriptor,
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		if (m->descriptor == queries[i])
			return true;
	}
	return false;
}

static uint32_t
current_query(const struct scope *s)
{
	return s->depth > 0 ? s->around[s->depth - 1] : 0;
}

static void
enter_query(struct scope *s, const ProtobufCMessage *m)
{
	if (!is_query(m))
		return;
	s->around = arena_grow(s->w->arena, s->around, s->depth, &s->depth_cap, sizeof(*s->around));
	s->around[s->depth++] = ++s->queries;
}

static void
leave_query(void *self, const ProtobufCMessage *m)
{
	struct scope *s = self;

	s->depth -= is_query(m);
}

/* ---- tables ---- */

static void
add_table(struct scope *s, const PgQuery__RangeVar *table, enum table_use use, const char *how)
{
	if (s->count == SCOPE_LIMIT)
		return;
	for (size_t i = 0; table != NULL && i < s->count; i++) {
		if (s->tables[i].table == table)
			return;
	}
	s->tables = arena_grow(s->w->arena, s->tables, s->count, &s->cap, sizeof(*s->tables));
	s->tables[s->count++] = (struct scope_table){
		.table = table,
		.query = current_query(s),
		.use = use,
		.how = how,
		.common = table == NULL,
	};
}

static void
add_insert(struct scope *s, const PgQuery__InsertStmt *st)
{
	size_t at = s->count;

	add_table(s, st->relation, USE_WRITE, "insert");
	if (s->count > at)
		s->tables[at].insert = st;
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

	enter_query(s, m);
	if (d == &pg_query__insert_stmt__descriptor)
		add_insert(s, (const PgQuery__InsertStmt *)m);
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
		add_table(s, NULL, USE_READ, NULL);
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

/* Rows written. The value of an insert is the list of columns that it fills: ",a,b,". */
static void
put_write(struct scope *s, const struct scope_table *t)
{
	struct sql_access *a =
		footprint_put(s->w, SQL_MODE_DATA, SQL_KIND_RELATION, tree_name_of_table(t->table));
	const char *columns = ",";

	a->aspect = t->how;
	if (t->insert == NULL || t->insert->n_cols == 0)
		return;
	for (size_t i = 0; i < t->insert->n_cols; i++) {
		const PgQuery__Node *n = t->insert->cols[i];
		if (n->node_case == N(RES_TARGET))
			columns = arena_printf(s->w->arena, "%s%s,", columns, n->res_target->name);
	}
	a->value = columns;
}

static void
put_tables(struct scope *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct scope_table *t = &s->tables[i];
		if (t->table != NULL)
			t->common = t->use == USE_INTO ||
				    (t->use == USE_READ && is_common(s, t->table));
		if (t->common)
			continue;
		if (t->use == USE_WRITE)
			put_write(s, t);
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

/* The column in each table of one query. How many tables and subqueries that has. */
static size_t
put_in_query(struct scope *s, uint32_t query, const char *column, bool guessed)
{
	size_t from = s->w->out->count, members = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct scope_table *t = &s->tables[i];
		if (t->query != query || t->use == USE_INTO)
			continue;
		members++;
		if (!t->common)
			footprint_column(s->w, s->bond, t->table, column);
	}
	for (size_t i = from; (guessed || members > 1) && i < s->w->out->count; i++)
		s->w->out->items[i].guessed = true;
	return members;
}

/* A column without a qualifier: of the nearest query, or of one around it. */
static void
put_bare_column(struct scope *s, const char *column)
{
	bool star = strcmp(column, "*") == 0, found = false;

	for (size_t d = s->depth + 1; d-- > 0;) {
		uint32_t query = d > 0 ? s->around[d - 1] : 0;
		size_t from = s->w->out->count;
		size_t members = put_in_query(s, query, column, found);
		/* with a star, every table of the query is really meant */
		for (size_t i = from; star && i < s->w->out->count; i++)
			s->w->out->items[i].guessed = false;
		found = found || members > 0;
		if (star && found)
			return;
	}
	if (s->over != NULL) {
		size_t from = s->w->out->count;
		footprint_column(s->w, s->bond, s->over, column);
		for (size_t i = from; found && i < s->w->out->count; i++)
			s->w->out->items[i].guessed = true;
	}
}

static void
put_qualified_column(struct scope *s, const char *qualifier, const char *column)
{
	bool found = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct scope_table *t = &s->tables[i];
		if (t->table == NULL || strcmp(table_alias(t->table), qualifier) != 0)
			continue;
		found = true;
		if (!t->common)
			footprint_column(s->w, s->bond, t->table, column);
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
const char *
footprint_constant(const PgQuery__Node *n)
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
	static const struct {
		const char *function;
		size_t arguments; /* at least */
		enum sql_kind kind;
	} by_name[] = {
		{"nextval", 1, SQL_KIND_SEQUENCE},
		{"currval", 1, SQL_KIND_SEQUENCE},
		{"setval", 2, SQL_KIND_SEQUENCE},
		{"to_tsvector", 2, SQL_KIND_TS_CONFIGURATION},
		{"to_tsquery", 2, SQL_KIND_TS_CONFIGURATION},
		{"plainto_tsquery", 2, SQL_KIND_TS_CONFIGURATION},
		{"phraseto_tsquery", 2, SQL_KIND_TS_CONFIGURATION},
		{"websearch_to_tsquery", 2, SQL_KIND_TS_CONFIGURATION},
		{"ts_headline", 3, SQL_KIND_TS_CONFIGURATION},
	};
	struct tree_name name = tree_name_of(call->funcname, call->n_funcname);
	struct sql_access *a;

	if (name.name == NULL)
		return;
	a = footprint_read(s->w, s->bond, SQL_KIND_ROUTINE, name);
	a->part_kind = SQL_PART_SIGNATURE;
	a->part = arena_printf(s->w->arena, "#%zu", call->n_args);
	for (size_t i = 0; i < ARRAY_LEN(by_name); i++) {
		if (strcmp(name.name, by_name[i].function) == 0 &&
		    call->n_args >= by_name[i].arguments)
			footprint_regclass(s->w, s->bond, by_name[i].kind,
					   footprint_constant(call->args[0]));
	}
}

static void
put_cast(struct scope *s, const PgQuery__TypeCast *cast)
{
	struct tree_name type;

	if (cast->type_name == NULL)
		return;
	footprint_label_of(s->w, cast->type_name, footprint_constant(cast->arg));
	type = tree_name_of(cast->type_name->names, cast->type_name->n_names);
	if (type.name != NULL && strcmp(type.name, "regclass") == 0)
		footprint_regclass(s->w, s->bond, SQL_KIND_RELATION, footprint_constant(cast->arg));
	if (type.name != NULL && strcmp(type.name, "regconfig") == 0)
		footprint_regclass(s->w, s->bond, SQL_KIND_TS_CONFIGURATION,
				   footprint_constant(cast->arg));
}

/* Operators that nobody in their right mind makes anew are left out. */
static void
put_operator(struct scope *s, const PgQuery__AExpr *e)
{
	static const char *const usual[] = {
		"=",  "<>",  "<",   ">",   "<=",  ">=", "+",   "-",   "*",    "/",  "%",   "^",
		"||", "~",   "!~",  "~*",  "!~*", "~~", "!~~", "~~*", "!~~*", "@>", "<@",  "&&",
		"->", "->>", "#>",  "#>>", "?",	  "?|", "?&",  "@@",  "@?",   "<<", ">>",  "&",
		"|",  "#",   "<->", "-|-", "&<",  "&>", "!",   "!!",  "@",    "|/", "||/", "#-",
	};
	struct tree_name name = tree_name_of(e->name, e->n_name);

	if (name.name == NULL)
		return;
	for (size_t i = 0; name.schema == NULL && i < ARRAY_LEN(usual); i++) {
		if (strcmp(usual[i], name.name) == 0)
			return;
	}
	footprint_read(s->w, s->bond, SQL_KIND_OPERATOR, name);
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

	enter_query(s, m);
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
	} else if (d == &pg_query__a__expr__descriptor) {
		put_operator(s, (const PgQuery__AExpr *)m);
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
	sql_tree_walk_through(expression, collect, leave_query, &s);
	put_tables(&s);
	s.queries = 0;
	sql_tree_walk_through(expression, find, leave_query, &s);
}

void
footprint_query(struct footprint_walk *w, enum sql_bond bond, const ProtobufCMessage *query)
{
	footprint_expression(w, bond, NULL, query);
}
