/*
 * The change set: what a statement changes and how risky that is. The tiers are those of the Python
 * confiture, from one table where the kind of statement decides and from small functions where
 * details do. Statements that change nothing lasting give no change; what cannot be judged gives
 * one without a tier, which its readers take for a no.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/change.h"
#include "shared/sql/tag.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* ---- the sink ---- */

void
change_put(struct change_sink *sink, const char *kind, const char *tier, const char *object,
	   const char *detail)
{
	struct sql_changes *out = sink->out;

	out->items =
		arena_grow(sink->arena, out->items, out->count, &out->cap, sizeof(*out->items));
	out->items[out->count++] = (struct sql_change){
		.kind = kind,
		.object = arena_str(sink->arena, object ? object : ""),
		.tier = tier,
		.detail = arena_str(sink->arena, detail),
	};
}

const char *
change_object(struct change_sink *sink, struct tree_name name)
{
	if (name.name == NULL)
		return "";
	if (name.schema == NULL)
		return name.name;
	return arena_printf(sink->arena, "%s.%s", name.schema, name.name);
}

const char *
change_part(struct change_sink *sink, struct tree_name of, const char *part)
{
	const char *object = change_object(sink, of);

	if (part == NULL || *object == '\0')
		return part != NULL ? part : object;
	return arena_printf(sink->arena, "%s.%s", object, part);
}

const char *
change_kind(struct change_sink *sink, const char *verb, const char *words)
{
	char *kind = arena_printf(sink->arena, "%s%s%s", verb, *verb ? "_" : "", words);

	for (char *c = kind; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + ('a' - 'A'));
		else if (*c == ' ')
			*c = '_';
	}
	return kind;
}

static const char *
on_table(struct change_sink *sink, const PgQuery__RangeVar *table)
{
	return arena_printf(sink->arena, "on %s", change_object(sink, tree_name_of_table(table)));
}

static void
put_table(struct change_sink *sink, const char *kind, const char *tier,
	  const PgQuery__RangeVar *table, const char *detail)
{
	change_put(sink, kind, tier, change_object(sink, tree_name_of_table(table)), detail);
}

/* ---- CREATE ---- */

/* With OR REPLACE the kind and the tier are others, since the object may have been there. */
static void
put_replaceable(struct change_sink *sink, bool replace, const char *words, struct tree_name name,
		const char *detail)
{
	change_put(sink, change_kind(sink, replace ? "replace" : "create", words),
		   replace ? TIER_REVERSIBLE : TIER_ADDITIVE, change_object(sink, name), detail);
}

static void
create_index(struct change_sink *sink, const PgQuery__IndexStmt *st)
{
	struct tree_name index = {tree_name_of_table(st->relation).schema, tree_text(st->idxname)};

	change_put(sink, "create_index", st->concurrent ? TIER_ADDITIVE : TIER_LOCK_RISKY,
		   change_object(sink, index), on_table(sink, st->relation));
}

static void
create_table_as(struct change_sink *sink, const PgQuery__CreateTableAsStmt *st)
{
	put_table(sink, st->objtype == O(MATVIEW) ? "create_materialized_view" : "create_table_as",
		  TIER_ADDITIVE, st->into ? st->into->rel : NULL, NULL);
}

static bool
put_create_part(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(CREATE_TRIG_STMT):
		put_replaceable(sink, n->create_trig_stmt->replace, "trigger",
				(struct tree_name){NULL, n->create_trig_stmt->trigname},
				on_table(sink, n->create_trig_stmt->relation));
		return true;
	case N(CREATE_POLICY_STMT):
		change_put(sink, "create_policy", TIER_ADDITIVE, n->create_policy_stmt->policy_name,
			   on_table(sink, n->create_policy_stmt->table));
		return true;
	case N(RULE_STMT):
		put_replaceable(sink, n->rule_stmt->replace, "rule",
				(struct tree_name){NULL, n->rule_stmt->rulename},
				on_table(sink, n->rule_stmt->relation));
		return true;
	case N(INDEX_STMT):
		create_index(sink, n->index_stmt);
		return true;
	default:
		return false;
	}
}

static void
put_type(struct change_sink *sink, PgQuery__Node *const *names, size_t count, const char *kind)
{
	change_put(sink, kind, TIER_ADDITIVE, change_object(sink, tree_name_of(names, count)),
		   NULL);
}

static bool
put_create_type(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(CREATE_ENUM_STMT):
		put_type(sink, n->create_enum_stmt->type_name, n->create_enum_stmt->n_type_name,
			 "create_type");
		return true;
	case N(CREATE_RANGE_STMT):
		put_type(sink, n->create_range_stmt->type_name, n->create_range_stmt->n_type_name,
			 "create_type");
		return true;
	case N(COMPOSITE_TYPE_STMT):
		put_table(sink, "create_type", TIER_ADDITIVE, n->composite_type_stmt->typevar,
			  NULL);
		return true;
	case N(CREATE_DOMAIN_STMT):
		put_type(sink, n->create_domain_stmt->domainname,
			 n->create_domain_stmt->n_domainname, "create_domain");
		return true;
	case N(DEFINE_STMT):
		put_replaceable(
			sink, n->define_stmt->replace, sql_object_words(n->define_stmt->kind),
			tree_name_of(n->define_stmt->defnames, n->define_stmt->n_defnames), NULL);
		return true;
	default:
		return false;
	}
}

static bool
put_create(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(CREATE_STMT):
		put_table(sink, "create_table", TIER_ADDITIVE, n->create_stmt->relation, NULL);
		return true;
	case N(CREATE_FOREIGN_TABLE_STMT):
		put_table(sink, "create_foreign_table", TIER_ADDITIVE,
			  n->create_foreign_table_stmt->base_stmt->relation, NULL);
		return true;
	case N(CREATE_TABLE_AS_STMT):
		create_table_as(sink, n->create_table_as_stmt);
		return true;
	case N(VIEW_STMT):
		put_replaceable(sink, n->view_stmt->replace, "view",
				tree_name_of_table(n->view_stmt->view), NULL);
		return true;
	case N(CREATE_SEQ_STMT):
		put_table(sink, "create_sequence", TIER_ADDITIVE, n->create_seq_stmt->sequence,
			  NULL);
		return true;
	case N(CREATE_EXTENSION_STMT):
		change_put(sink, "create_extension", TIER_ADDITIVE,
			   n->create_extension_stmt->extname, NULL);
		return true;
	case N(CREATE_FUNCTION_STMT):
		put_replaceable(sink, n->create_function_stmt->replace,
				n->create_function_stmt->is_procedure ? "procedure" : "function",
				tree_name_of(n->create_function_stmt->funcname,
					     n->create_function_stmt->n_funcname),
				NULL);
		return true;
	default:
		return put_create_part(sink, n) || put_create_type(sink, n);
	}
}

/* ---- DROP ---- */

static const char *
drop_tier(PgQuery__ObjectType type)
{
	bool holds_data = type == O(TABLE) || type == O(SCHEMA) || type == O(SEQUENCE);

	return holds_data ? TIER_IRREVERSIBLE : TIER_DESTRUCTIVE;
}

/* Triggers, policies and rules are named by their table and, last, by their own name. */
static void
drop_part(struct change_sink *sink, const char *kind, const PgQuery__List *names)
{
	struct tree_name table = tree_name_of(names->items, names->n_items - 1);
	const char *name = tree_string(names->items[names->n_items - 1]);

	change_put(sink, kind, TIER_DESTRUCTIVE, name,
		   arena_printf(sink->arena, "on %s", change_object(sink, table)));
}

static void
put_drop(struct change_sink *sink, const PgQuery__DropStmt *st)
{
	const char *kind = change_kind(sink, "drop", sql_object_words(st->remove_type));
	bool part = st->remove_type == O(TRIGGER) || st->remove_type == O(POLICY) ||
		    st->remove_type == O(RULE);

	for (size_t i = 0; i < st->n_objects; i++) {
		const PgQuery__Node *object = st->objects[i];
		if (part && object->node_case == N(LIST) && object->list->n_items > 1)
			drop_part(sink, kind, object->list);
		else
			change_put(sink, kind, drop_tier(st->remove_type),
				   change_object(sink, tree_name_of_node(object)), NULL);
	}
}

/* ---- ALTER ---- */

static struct tree_name
name_of_either(const PgQuery__RangeVar *relation, const PgQuery__Node *object)
{
	return relation ? tree_name_of_table(relation) : tree_name_of_node(object);
}

static void
put_rename(struct change_sink *sink, const PgQuery__RenameStmt *st)
{
	const char *words = st->rename_type == O(COLUMN)      ? "column"
			    : st->rename_type == O(ATTRIBUTE) ? "attribute"
			    : st->rename_type == O(TABCONSTRAINT)
				    ? "constraint"
				    : sql_object_words(st->rename_type);
	struct tree_name name = name_of_either(st->relation, st->object);

	change_put(sink, change_kind(sink, "rename", words), TIER_REVERSIBLE,
		   change_part(sink, name, tree_text(st->subname)),
		   arena_printf(sink->arena, "to %s", st->newname));
}

static bool
put_alter(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(ALTER_TABLE_STMT):
		change_alter_table(sink, n->alter_table_stmt);
		return true;
	case N(RENAME_STMT):
		put_rename(sink, n->rename_stmt);
		return true;
	case N(ALTER_OWNER_STMT):
		change_put(sink, "change_owner", TIER_REVERSIBLE,
			   change_object(sink, name_of_either(n->alter_owner_stmt->relation,
							      n->alter_owner_stmt->object)),
			   NULL);
		return true;
	case N(ALTER_OBJECT_SCHEMA_STMT):
		change_put(
			sink, "change_schema", TIER_REVERSIBLE,
			change_object(sink, name_of_either(n->alter_object_schema_stmt->relation,
							   n->alter_object_schema_stmt->object)),
			arena_printf(sink->arena, "to %s", n->alter_object_schema_stmt->newschema));
		return true;
	case N(ALTER_ENUM_STMT):
		change_put(sink, "alter_type", TIER_ADDITIVE,
			   change_object(sink, tree_name_of(n->alter_enum_stmt->type_name,
							    n->alter_enum_stmt->n_type_name)),
			   tree_text(n->alter_enum_stmt->old_val) ? "rename value" : "add value");
		return true;
	case N(ALTER_TYPE_STMT):
		put_type(sink, n->alter_type_stmt->type_name, n->alter_type_stmt->n_type_name,
			 "alter_type");
		return true;
	case N(ALTER_SEQ_STMT):
		put_table(sink, "alter_sequence", TIER_REVERSIBLE, n->alter_seq_stmt->sequence,
			  NULL);
		return true;
	case N(ALTER_DEFAULT_PRIVILEGES_STMT):
		change_put(sink, "alter_default_privileges", TIER_REVERSIBLE, "", NULL);
		return true;
	default:
		return false;
	}
}

/* ---- rights ---- */

static void
put_grant(struct change_sink *sink, const PgQuery__GrantStmt *st)
{
	const char *kind = st->is_grant ? "grant" : "revoke";
	bool all = st->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA;

	for (size_t i = 0; i < st->n_objects; i++)
		change_put(sink, kind, TIER_REVERSIBLE,
			   change_object(sink, tree_name_of_node(st->objects[i])),
			   all ? "all in schema" : NULL);
}

static void
put_grant_role(struct change_sink *sink, const PgQuery__GrantRoleStmt *st)
{
	for (size_t i = 0; i < st->n_granted_roles; i++)
		change_put(sink, st->is_grant ? "grant" : "revoke", TIER_REVERSIBLE,
			   st->granted_roles[i]->access_priv->priv_name, "role");
}

/* All parts of the name: a column's are its table's and its own. */
static const char *
commented(struct change_sink *sink, const PgQuery__Node *object)
{
	const char *name = "";

	if (object == NULL || object->node_case != N(LIST))
		return change_object(sink, tree_name_of_node(object));
	for (size_t i = 0; i < object->list->n_items; i++)
		name = change_part(sink, (struct tree_name){NULL, name},
				   change_object(sink, tree_name_of_node(object->list->items[i])));
	return name;
}

static bool
put_rights(struct change_sink *sink, const PgQuery__Node *n)
{
	if (n->node_case == N(GRANT_STMT))
		put_grant(sink, n->grant_stmt);
	else if (n->node_case == N(GRANT_ROLE_STMT))
		put_grant_role(sink, n->grant_role_stmt);
	else if (n->node_case == N(COMMENT_STMT))
		change_put(sink, "comment", TIER_REVERSIBLE,
			   commented(sink, n->comment_stmt->object), NULL);
	else
		return false;
	return true;
}

/* ---- rows ---- */

static void
put_insert(struct change_sink *sink, const PgQuery__InsertStmt *st)
{
	const PgQuery__OnConflictClause *c = st->on_conflict_clause;
	bool updates = c != NULL && c->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;

	put_table(sink, "insert", updates ? TIER_DESTRUCTIVE : TIER_ADDITIVE, st->relation,
		  updates ? "on conflict do update" : NULL);
}

/* Changes of rows hide in WITH too, so every node is looked at. */
static void
put_rows(void *self, const ProtobufCMessage *m)
{
	struct change_sink *sink = self;

	if (m->descriptor == &pg_query__insert_stmt__descriptor)
		put_insert(sink, (const PgQuery__InsertStmt *)m);
	else if (m->descriptor == &pg_query__update_stmt__descriptor)
		put_table(sink, "update", TIER_DESTRUCTIVE,
			  ((const PgQuery__UpdateStmt *)m)->relation, NULL);
	else if (m->descriptor == &pg_query__delete_stmt__descriptor)
		put_table(sink, "delete", TIER_DESTRUCTIVE,
			  ((const PgQuery__DeleteStmt *)m)->relation, NULL);
	else if (m->descriptor == &pg_query__merge_stmt__descriptor)
		put_table(sink, "merge", TIER_DESTRUCTIVE,
			  ((const PgQuery__MergeStmt *)m)->relation, NULL);
	else if (m->descriptor == &pg_query__into_clause__descriptor &&
		 ((const PgQuery__IntoClause *)m)->view_query == NULL)
		put_table(sink, "create_table_as", TIER_ADDITIVE,
			  ((const PgQuery__IntoClause *)m)->rel, NULL);
}

/* A function may do anything; a query that calls one is named and not judged. */
static void
put_calls(void *self, const ProtobufCMessage *m)
{
	struct change_sink *sink = self;

	if (m->descriptor == &pg_query__func_call__descriptor) {
		const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)m;
		change_put(sink, "select", NULL,
			   change_object(sink, tree_name_of(call->funcname, call->n_funcname)),
			   "calls a function");
	}
}

static bool
put_data(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(SELECT_STMT):
		sql_tree_walk(&n->base, put_rows, sink);
		sql_tree_walk(&n->base, put_calls, sink);
		return true;
	case N(INSERT_STMT):
	case N(UPDATE_STMT):
	case N(DELETE_STMT):
	case N(MERGE_STMT):
		sql_tree_walk(&n->base, put_rows, sink);
		return true;
	case N(EXPLAIN_STMT):
		if (tree_option_bool(n->explain_stmt->options, n->explain_stmt->n_options,
				     "analyze", false))
			sql_tree_walk(&n->base, put_rows, sink);
		return true;
	case N(COPY_STMT):
		if (n->copy_stmt->is_from)
			put_table(sink, "copy", TIER_ADDITIVE, n->copy_stmt->relation, NULL);
		sql_tree_walk(&n->base, put_rows, sink);
		return true;
	case N(TRUNCATE_STMT):
		for (size_t i = 0; i < n->truncate_stmt->n_relations; i++)
			put_table(sink, "truncate", TIER_DESTRUCTIVE,
				  n->truncate_stmt->relations[i]->range_var, NULL);
		return true;
	default:
		return false;
	}
}

/* ---- upkeep ---- */

static bool
put_upkeep(struct change_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(CLUSTER_STMT):
		put_table(sink, "cluster", TIER_LOCK_RISKY, n->cluster_stmt->relation, NULL);
		return true;
	case N(REFRESH_MAT_VIEW_STMT):
		put_table(sink, "refresh_materialized_view", TIER_LOCK_RISKY,
			  n->refresh_mat_view_stmt->relation, NULL);
		return true;
	case N(REINDEX_STMT):
		change_put(
			sink, "reindex", TIER_LOCK_RISKY,
			n->reindex_stmt->relation
				? change_object(sink, tree_name_of_table(n->reindex_stmt->relation))
				: n->reindex_stmt->name,
			NULL);
		return true;
	case N(LOCK_STMT):
		for (size_t i = 0; i < n->lock_stmt->n_relations; i++)
			put_table(sink, "lock", TIER_LOCK_RISKY,
				  n->lock_stmt->relations[i]->range_var, NULL);
		return true;
	case N(VACUUM_STMT):
		if (tree_option_bool(n->vacuum_stmt->options, n->vacuum_stmt->n_options, "full",
				     false))
			change_put(sink, "vacuum", TIER_LOCK_RISKY, "", "full");
		return true;
	default:
		return false;
	}
}

/* What changes nothing that lasts beyond the session, or nothing but statistics. */
static bool
is_passing(const PgQuery__Node *n)
{
	static const PgQuery__Node__NodeCase passing[] = {
		N(TRANSACTION_STMT),	 N(VARIABLE_SET_STMT), N(VARIABLE_SHOW_STMT),
		N(CONSTRAINTS_SET_STMT), N(LISTEN_STMT),       N(UNLISTEN_STMT),
		N(NOTIFY_STMT),		 N(PREPARE_STMT),      N(DEALLOCATE_STMT),
		N(DECLARE_CURSOR_STMT),	 N(FETCH_STMT),	       N(CLOSE_PORTAL_STMT),
		N(DISCARD_STMT),	 N(CHECK_POINT_STMT),  N(LOAD_STMT),
	};

	for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
		if (passing[i] == n->node_case)
			return true;
	}
	return false;
}

static void
put_statement(struct change_sink *sink, const PgQuery__Node *n)
{
	bool known = put_create(sink, n) || put_alter(sink, n) || put_rights(sink, n) ||
		     put_data(sink, n) || put_upkeep(sink, n) || is_passing(n);

	if (n->node_case == N(DROP_STMT)) {
		put_drop(sink, n->drop_stmt);
	} else if (n->node_case == N(CREATE_SCHEMA_STMT)) {
		change_put(sink, "create_schema", TIER_ADDITIVE, n->create_schema_stmt->schemaname,
			   NULL);
		for (size_t i = 0; i < n->create_schema_stmt->n_schema_elts; i++)
			put_statement(sink, n->create_schema_stmt->schema_elts[i]);
	} else if (!known) {
		change_put(sink, change_kind(sink, "", sql_tag_of(sink->arena, n)), NULL, "", NULL);
	}
}

void
sql_changes_of(struct arena *arena, struct span statement, struct sql_changes *out)
{
	struct change_sink sink = {arena, out};
	struct sql_facts facts;
	struct sql_tree tree;

	if (sql_tree_parse(&tree, statement)) {
		put_statement(&sink, tree.statement);
		sql_tree_free(&tree);
		return;
	}
	sql_classify(arena, statement, &facts);
	if (*facts.tag != '\0')
		change_put(&sink, "unknown", NULL, "", facts.tag);
}
