/*
 * What queries read and write. Statements hide in WITH, in FROM and in each other, so every node is
 * looked at; the names that WITH gives are no relations.
 */
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/effects_sink.h"

#include "shared/base/banned.h"

/* ---- functions ---- */

/* Those of PostgreSQL that stand in defaults. Which else are volatile only the server knows. */
static const struct {
	const char *name;
	enum sql_certainty is_volatile;
} functions[] = {
	{"clock_timestamp", SQL_YES},
	{"gen_random_uuid", SQL_YES},
	{"lastval", SQL_YES},
	{"nextval", SQL_YES},
	{"currval", SQL_YES},
	{"random", SQL_YES},
	{"setval", SQL_YES},
	{"timeofday", SQL_YES},
	{"abs", SQL_NO},
	{"age", SQL_NO},
	{"array_fill", SQL_NO},
	{"array_length", SQL_NO},
	{"char_length", SQL_NO},
	{"chr", SQL_NO},
	{"concat", SQL_NO},
	{"convert_from", SQL_NO},
	{"convert_to", SQL_NO},
	{"count", SQL_NO},
	{"current_database", SQL_NO},
	{"current_schema", SQL_NO},
	{"current_setting", SQL_NO},
	{"date_part", SQL_NO},
	{"date_trunc", SQL_NO},
	{"decode", SQL_NO},
	{"encode", SQL_NO},
	{"extract", SQL_NO},
	{"format", SQL_NO},
	{"generate_series", SQL_NO},
	{"json_build_array", SQL_NO},
	{"json_build_object", SQL_NO},
	{"jsonb_build_array", SQL_NO},
	{"jsonb_build_object", SQL_NO},
	{"left", SQL_NO},
	{"length", SQL_NO},
	{"lower", SQL_NO},
	{"make_date", SQL_NO},
	{"make_interval", SQL_NO},
	{"max", SQL_NO},
	{"md5", SQL_NO},
	{"min", SQL_NO},
	{"now", SQL_NO},
	{"repeat", SQL_NO},
	{"replace", SQL_NO},
	{"right", SQL_NO},
	{"round", SQL_NO},
	{"sha256", SQL_NO},
	{"statement_timestamp", SQL_NO},
	{"substring", SQL_NO},
	{"sum", SQL_NO},
	{"timezone", SQL_NO},
	{"to_char", SQL_NO},
	{"to_date", SQL_NO},
	{"to_json", SQL_NO},
	{"to_jsonb", SQL_NO},
	{"to_timestamp", SQL_NO},
	{"transaction_timestamp", SQL_NO},
	{"trim", SQL_NO},
	{"btrim", SQL_NO},
	{"upper", SQL_NO},
};

static enum sql_certainty
call_is_volatile(const PgQuery__FuncCall *call)
{
	struct tree_name name = tree_name_of(call->funcname, call->n_funcname);

	if (name.name == NULL || (name.schema != NULL && strcmp(name.schema, "pg_catalog") != 0))
		return SQL_MAYBE;
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (strcmp(functions[i].name, name.name) == 0)
			return functions[i].is_volatile;
	return SQL_MAYBE;
}

static void
find_volatile(void *self, const ProtobufCMessage *m)
{
	enum sql_certainty *worst = self;

	if (m->descriptor == &pg_query__func_call__descriptor) {
		enum sql_certainty is = call_is_volatile((const PgQuery__FuncCall *)m);
		*worst = is > *worst ? is : *worst;
	}
}

enum sql_certainty
effect_is_volatile(const PgQuery__Node *expression)
{
	enum sql_certainty worst = SQL_NO;

	if (expression != NULL)
		sql_tree_walk(&expression->base, find_volatile, &worst);
	return worst;
}

/* ---- the walk ---- */

struct query {
	struct effect_sink *sink;
	enum sql_form_id reading;
	const char **withs; /* names that WITH gives */
	size_t with_count, with_cap;
	const PgQuery__RangeVar **known; /* told already, or no relation: a lock's alias … */
	size_t known_count, known_cap;
};

static bool
runs(const struct query *q)
{
	return q->reading != SQL_FORM_DEFINED_OVER;
}

static void
find_with(void *self, const ProtobufCMessage *m)
{
	struct query *q = self;

	if (m->descriptor != &pg_query__common_table_expr__descriptor)
		return;
	q->withs = arena_grow(q->sink->arena, q->withs, q->with_count, &q->with_cap,
			      sizeof(*q->withs));
	q->withs[q->with_count++] = ((const PgQuery__CommonTableExpr *)m)->ctename;
}

static bool
is_with(const struct query *q, const PgQuery__RangeVar *table)
{
	if (tree_text(table->schemaname) != NULL)
		return false;
	for (size_t i = 0; i < q->with_count; i++)
		if (strcmp(q->withs[i], table->relname) == 0)
			return true;
	return false;
}

static void
know(struct query *q, const PgQuery__RangeVar *table)
{
	q->known = arena_grow(q->sink->arena, q->known, q->known_count, &q->known_cap,
			      sizeof(*q->known));
	q->known[q->known_count++] = table;
}

static bool
is_known(const struct query *q, const PgQuery__RangeVar *table)
{
	for (size_t i = 0; i < q->known_count; i++)
		if (q->known[i] == table)
			return true;
	return false;
}

static void
put_source(struct query *q, enum sql_form_id form, const PgQuery__RangeVar *table)
{
	struct effect_of of = {.other = tree_name_of_table(table), .as = SQL_ROLE_SOURCE};

	if (!is_with(q, table) && of.other.name != NULL)
		effect_put(q->sink, form, &of);
}

static void
put_target(struct query *q, enum sql_form_id form, const PgQuery__RangeVar *table)
{
	struct effect_of of = effect_of_table(table);

	if (table == NULL)
		return;
	know(q, table);
	if (!runs(q)) {
		of = (struct effect_of){.other = of.self, .as = SQL_ROLE_TARGET};
		form = SQL_FORM_RULE_TARGET;
	}
	effect_put(q->sink, form, &of);
}

/* ---- SELECT … FOR UPDATE ---- */

struct locking {
	struct query *q;
	const PgQuery__LockingClause *clause;
};

static bool
is_locked(const PgQuery__LockingClause *clause, const PgQuery__RangeVar *table)
{
	const char *called = table->alias != NULL ? table->alias->aliasname : table->relname;

	for (size_t i = 0; i < clause->n_locked_rels; i++) {
		const PgQuery__RangeVar *named = clause->locked_rels[i]->range_var;
		if (strcmp(named->relname, called) == 0)
			return true;
	}
	return clause->n_locked_rels == 0;
}

static void
lock_source(void *self, const ProtobufCMessage *m)
{
	struct locking *l = self;

	if (m->descriptor == &pg_query__range_var__descriptor &&
	    is_locked(l->clause, (const PgQuery__RangeVar *)m))
		put_source(l->q, SQL_FORM_SELECT_FOR, (const PgQuery__RangeVar *)m);
}

static void
put_locking(struct query *q, const PgQuery__SelectStmt *st)
{
	for (size_t i = 0; i < st->n_locking_clause; i++) {
		struct locking l = {q, st->locking_clause[i]->locking_clause};
		for (size_t k = 0; k < l.clause->n_locked_rels; k++)
			know(q, l.clause->locked_rels[k]->range_var);
		for (size_t k = 0; k < st->n_from_clause; k++)
			sql_tree_walk(&st->from_clause[k]->base, lock_source, &l);
	}
}

/* ---- nextval('…') ---- */

/* A name as regclass reads it, where that is simple: without quotes. */
static bool
plain_name(struct arena *arena, const char *text, struct tree_name *out)
{
	char *copy = arena_str(arena, text);
	char *dot = strchr(copy, '.');

	if (strchr(copy, '"') != NULL || *copy == '\0')
		return false;
	for (char *c = copy; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	if (dot != NULL)
		*dot = '\0';
	*out = (struct tree_name){dot != NULL ? copy : NULL, dot != NULL ? dot + 1 : copy};
	return true;
}

static const PgQuery__Node *
without_casts(const PgQuery__Node *n)
{
	while (n->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		n = n->type_cast->arg;
	return n;
}

static void
put_call(struct query *q, const PgQuery__FuncCall *call)
{
	const char *name = tree_name_of(call->funcname, call->n_funcname).name;
	struct effect_of of = {0};

	if (!runs(q) || name == NULL)
		return;
	if ((strcmp(name, "nextval") == 0 || strcmp(name, "setval") == 0) && call->n_args > 0) {
		const PgQuery__Node *arg = without_casts(call->args[0]);
		if (arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
		    arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
		    plain_name(q->sink->arena, arg->a_const->sval->sval, &of.self)) {
			effect_put(q->sink, SQL_FORM_NEXTVAL, &of);
			return;
		}
	}
	if (call_is_volatile(call) == SQL_MAYBE)
		q->sink->out->calls = true;
}

static void
look(void *self, const ProtobufCMessage *m)
{
	struct query *q = self;

	if (m->descriptor == &pg_query__insert_stmt__descriptor) {
		const PgQuery__InsertStmt *st = (const PgQuery__InsertStmt *)m;
		put_target(q, st->on_conflict_clause != NULL ? SQL_FORM_UPDATE : SQL_FORM_INSERT,
			   st->relation);
	} else if (m->descriptor == &pg_query__update_stmt__descriptor) {
		put_target(q, SQL_FORM_UPDATE, ((const PgQuery__UpdateStmt *)m)->relation);
	} else if (m->descriptor == &pg_query__delete_stmt__descriptor) {
		put_target(q, SQL_FORM_DELETE, ((const PgQuery__DeleteStmt *)m)->relation);
	} else if (m->descriptor == &pg_query__merge_stmt__descriptor) {
		put_target(q, SQL_FORM_UPDATE, ((const PgQuery__MergeStmt *)m)->relation);
	} else if (m->descriptor == &pg_query__into_clause__descriptor) {
		know(q, ((const PgQuery__IntoClause *)m)->rel);
	} else if (m->descriptor == &pg_query__select_stmt__descriptor) {
		put_locking(q, (const PgQuery__SelectStmt *)m);
	} else if (m->descriptor == &pg_query__func_call__descriptor) {
		put_call(q, (const PgQuery__FuncCall *)m);
	} else if (m->descriptor == &pg_query__range_var__descriptor) {
		const PgQuery__RangeVar *table = (const PgQuery__RangeVar *)m;
		if (!is_known(q, table))
			put_source(q, q->reading, table);
	}
}

void
effect_query(struct effect_sink *sink, const ProtobufCMessage *top, enum sql_form_id reading)
{
	struct query q = {.sink = sink, .reading = reading};

	if (top == NULL)
		return;
	sql_tree_walk(top, find_with, &q);
	sql_tree_walk(top, look, &q);
}
