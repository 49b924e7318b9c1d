/*
 * Names of what a statement replaces or drops, from the parsed statement. The catalogue knows what
 * depends on them; the text alone knows which of several functions of one name is meant, by its
 * argument types.
 */
#include "shared/sql/replaced.h"

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/classify.h"
#include "shared/sql/tree.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

struct sink {
	struct arena *arena;
	struct sql_objects *out;
};

static struct sql_object *
put(struct sink *sink, const char *kind, struct tree_name name)
{
	struct sql_objects *out = sink->out;

	if (name.name == NULL)
		return NULL;
	out->items =
		arena_grow(sink->arena, out->items, out->count, &out->cap, sizeof(*out->items));
	out->items[out->count] = (struct sql_object){.kind = kind,
						     .schema = arena_str(sink->arena, name.schema),
						     .name = arena_str(sink->arena, name.name)};
	return &out->items[out->count++];
}

/* ---- argument types ---- */

/* "schema"."name"[]; NULL for table.column%TYPE. */
static const char *
type_text(struct arena *arena, const PgQuery__TypeName *type)
{
	if (type == NULL || type->pct_type)
		return NULL;
	struct tree_name name = tree_name_of(type->names, type->n_names);
	if (name.name == NULL)
		return NULL;
	const char *text = sql_quote_name(arena, name.schema, name.name);
	return type->n_array_bounds > 0 ? arena_printf(arena, "%s[]", text) : text;
}

static bool
is_input(const PgQuery__FunctionParameter *p)
{
	return p->mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT &&
	       p->mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
}

/* Nodes are types, or parameters with a type. */
static void
put_arguments(struct sink *sink, struct sql_object *o, PgQuery__Node *const *nodes, size_t count)
{
	const char **types = arena_array(sink->arena, count + 1, sizeof(*types));
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const PgQuery__TypeName *type = NULL;
		if (nodes[i]->node_case == N(TYPE_NAME))
			type = nodes[i]->type_name;
		else if (nodes[i]->node_case == N(FUNCTION_PARAMETER)) {
			if (!is_input(nodes[i]->function_parameter))
				continue;
			type = nodes[i]->function_parameter->arg_type;
		}
		types[n] = type_text(sink->arena, type);
		if (types[n++] == NULL)
			return;
	}
	o->arguments = types;
	o->argument_count = n;
}

/* ---- CREATE OR REPLACE ---- */

static void
put_function(struct sink *sink, const PgQuery__CreateFunctionStmt *st)
{
	struct sql_object *o = put(sink, st->is_procedure ? "procedure" : "function",
				   tree_name_of(st->funcname, st->n_funcname));

	if (o == NULL)
		return;
	o->created = true;
	put_arguments(sink, o, st->parameters, st->n_parameters);
}

static void
put_view(struct sink *sink, const PgQuery__ViewStmt *st)
{
	struct sql_object *o = put(sink, "view", tree_name_of_table(st->view));

	if (o != NULL)
		o->created = true;
}

/* The arguments come as a list of two: the list itself, and how many of them are ordered by. */
static void
put_aggregate(struct sink *sink, const PgQuery__DefineStmt *st)
{
	struct sql_object *o = put(sink, "aggregate", tree_name_of(st->defnames, st->n_defnames));

	if (o == NULL)
		return;
	o->created = true;
	if (st->n_args > 0 && st->args[0]->node_case == N(LIST))
		put_arguments(sink, o, st->args[0]->list->items, st->args[0]->list->n_items);
}

/* ---- DROP ---- */

static const struct {
	PgQuery__ObjectType type;
	const char *kind;
} dropped[] = {
	{O(TABLE), "table"},
	{O(VIEW), "view"},
	{O(MATVIEW), "materialized_view"},
	{O(FOREIGN_TABLE), "foreign_table"},
	{O(INDEX), "index"},
	{O(SEQUENCE), "sequence"},
	{O(FUNCTION), "function"},
	{O(PROCEDURE), "procedure"},
	{O(ROUTINE), "routine"},
	{O(AGGREGATE), "aggregate"},
	{O(TYPE), "type"},
	{O(DOMAIN), "domain"},
	{O(SCHEMA), "schema"},
	{O(EXTENSION), "extension"},
};

static void
put_drop(struct sink *sink, const PgQuery__DropStmt *st)
{
	const char *kind = NULL;

	for (size_t i = 0; i < ARRAY_LEN(dropped); i++) {
		if (dropped[i].type == st->remove_type)
			kind = dropped[i].kind;
	}
	for (size_t i = 0; kind != NULL && i < st->n_objects; i++) {
		const PgQuery__Node *object = st->objects[i];
		struct sql_object *o = put(sink, kind, tree_name_of_node(object));
		if (o == NULL)
			continue;
		o->dropped = true;
		if (object->node_case == N(OBJECT_WITH_ARGS) &&
		    !object->object_with_args->args_unspecified)
			put_arguments(sink, o, object->object_with_args->objargs,
				      object->object_with_args->n_objargs);
	}
}

/* ---- ALTER TABLE ---- */

static const struct {
	PgQuery__AlterTableType action;
	const char *kind;
	bool dropped;
} altered[] = {
	{PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, "column", true},
	{PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType, "column", false},
	{PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint, "constraint", true},
};

static void
put_alter(struct sink *sink, const PgQuery__AlterTableStmt *st)
{
	for (size_t i = 0; i < st->n_cmds; i++) {
		const PgQuery__AlterTableCmd *cmd = st->cmds[i]->alter_table_cmd;
		for (size_t k = 0; k < ARRAY_LEN(altered); k++) {
			if (altered[k].action != cmd->subtype)
				continue;
			struct sql_object *o =
				put(sink, altered[k].kind, tree_name_of_table(st->relation));
			if (o == NULL)
				continue;
			o->part = arena_str(sink->arena, cmd->name);
			o->dropped = altered[k].dropped;
		}
	}
}

void
sql_replaced_of(struct arena *arena, struct span statement, struct sql_objects *out)
{
	struct sink sink = {arena, out};
	struct sql_tree tree;

	if (!sql_tree_parse(&tree, statement))
		return;
	const PgQuery__Node *n = tree.statement;
	if (n->node_case == N(DROP_STMT))
		put_drop(&sink, n->drop_stmt);
	else if (n->node_case == N(ALTER_TABLE_STMT))
		put_alter(&sink, n->alter_table_stmt);
	else if (n->node_case == N(CREATE_FUNCTION_STMT) && n->create_function_stmt->replace)
		put_function(&sink, n->create_function_stmt);
	else if (n->node_case == N(VIEW_STMT) && n->view_stmt->replace)
		put_view(&sink, n->view_stmt);
	else if (n->node_case == N(DEFINE_STMT) && n->define_stmt->replace &&
		 n->define_stmt->kind == O(AGGREGATE))
		put_aggregate(&sink, n->define_stmt);
	sql_tree_free(&tree);
}
