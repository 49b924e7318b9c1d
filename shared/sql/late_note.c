/* Statements that matter to keys which come later than their tables: see foreign_keys.h. */
#include <string.h>

#include "shared/sql/foreign_key_place.h"
#include "shared/sql/foreign_keys.h"
#include "shared/sql/tree.h"

#include "shared/base/banned.h"

static bool
calls_set_config(const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__Node *value = select->target_list[i]->res_target->val;
		if (value == NULL || value->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
			continue;
		const PgQuery__FuncCall *call = value->func_call;
		struct tree_name name = tree_name_of(call->funcname, call->n_funcname);
		if (name.name != NULL && strcmp(name.name, "set_config") == 0)
			return true;
	}
	return false;
}

static enum sql_late_note
note_of(struct arena *arena, const PgQuery__Node *node, const char **constraint)
{
	if (node->node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT)
		return node->variable_set_stmt->name != NULL &&
				       (strcmp(node->variable_set_stmt->name, "search_path") == 0)
			       ? SQL_LATE_PATH
			       : SQL_LATE_NOTHING;
	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return calls_set_config(node->select_stmt) ? SQL_LATE_PATH : SQL_LATE_NOTHING;
	if (node->node_case == PG_QUERY__NODE__NODE_COMMENT_STMT &&
	    node->comment_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT) {
		const PgQuery__List *names = node->comment_stmt->object->list;
		const char *name = tree_string(names->items[names->n_items - 1]);
		*constraint = arena_str(arena, name);
		return SQL_LATE_COMMENT;
	}
	return SQL_LATE_NOTHING;
}

enum sql_late_note
sql_late_note_of(struct arena *arena, struct span statement, const char **constraint)
{
	enum sql_late_note note = SQL_LATE_NOTHING;
	struct sql_tree tree;
	bool path = (key_begins_with(statement, "set") || key_begins_with(statement, "reset") ||
		     key_begins_with(statement, "select")) &&
		    (key_mentions(statement, "search_path") || key_mentions(statement, "schema"));

	*constraint = NULL;
	if (!path &&
	    !(key_begins_with(statement, "comment") && key_mentions(statement, "constraint")))
		return SQL_LATE_NOTHING;
	if (!sql_tree_parse(&tree, statement))
		return SQL_LATE_NOTHING;
	note = note_of(arena, tree.statement, constraint);
	sql_tree_free(&tree);
	return note;
}
