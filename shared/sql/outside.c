/*
 * Statements that run outside transactions are where a crash can leave a doubt. This is the one
 * table of them: which they are (PreventInTransactionBlock in PostgreSQL's sources), and how the
 * doubt is settled: running again, looking into the catalogue, or not at all.
 */
#include "shared/sql/outside.h"

#include <strings.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

/* What a row of the table says when its statement is one of them: nothing (NULL) otherwise. */
struct verdict {
	enum sql_settle settle;
	struct sql_goal goal; /* names still belong to the tree */
};
typedef bool (*judge)(const PgQuery__Node *n, struct verdict *v);

static struct verdict
catalogue(enum sql_goal_kind kind)
{
	return (struct verdict){SQL_SETTLE_CATALOGUE, {.kind = kind}};
}

static const struct verdict again = {.settle = SQL_SETTLE_AGAIN};
/* Readable in principle, not by us: as good as not at all. */
static const struct verdict never = {SQL_SETTLE_NEVER, {.kind = SQL_GOAL_OTHER}};

static bool
create_index(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__IndexStmt *st = n->index_stmt;
	struct tree_name table = tree_name_of_table(st->relation);

	*v = catalogue(SQL_GOAL_INDEX_CREATED);
	/* An index lies in the schema of its table. */
	v->goal.schema = table.schema;
	v->goal.name = tree_text(st->idxname);
	v->goal.table_schema = table.schema;
	v->goal.table = table.name;
	v->goal.if_exists = st->if_not_exists;
	return st->concurrent;
}

static bool
drop_objects(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__DropStmt *st = n->drop_stmt;

	*v = catalogue(SQL_GOAL_INDEX_DROPPED);
	if (st->n_objects > 0) {
		struct tree_name index = tree_name_of_node(st->objects[0]);
		v->goal.schema = index.schema;
		v->goal.name = index.name;
	}
	v->goal.if_exists = st->missing_ok;
	/* The grammar has CONCURRENTLY for indexes only, and the server takes one at a time. */
	return st->concurrent;
}

static bool
reindex(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__ReindexStmt *st = n->reindex_stmt;
	bool concurrent = tree_option_bool(st->params, st->n_params, "concurrently", false);
	struct tree_name of = tree_name_of_table(st->relation);

	*v = again;
	if (st->kind >= PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA)
		return true;
	*v = catalogue(SQL_GOAL_INDEX_REBUILT);
	if (st->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX) {
		v->goal.schema = of.schema;
		v->goal.name = of.name;
	} else {
		v->goal.table_schema = of.schema;
		v->goal.table = of.name;
	}
	return concurrent;
}

static bool
detach_partition(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__AlterTableStmt *st = n->alter_table_stmt;
	struct tree_name parent = tree_name_of_table(st->relation);

	for (size_t i = 0; i < st->n_cmds; i++) {
		const PgQuery__Node *def = st->cmds[i]->alter_table_cmd->def;
		if (def == NULL || def->node_case != N(PARTITION_CMD) ||
		    !def->partition_cmd->concurrent)
			continue;
		struct tree_name part = tree_name_of_table(def->partition_cmd->name);
		*v = catalogue(SQL_GOAL_PARTITION_DETACHED);
		v->goal.schema = part.schema;
		v->goal.name = part.name;
		v->goal.table_schema = parent.schema;
		v->goal.table = parent.name;
		return true;
	}
	return false;
}

static bool
create_database(const PgQuery__Node *n, struct verdict *v)
{
	*v = catalogue(SQL_GOAL_DATABASE_CREATED);
	v->goal.name = tree_text(n->createdb_stmt->dbname);
	return true;
}

static bool
drop_database(const PgQuery__Node *n, struct verdict *v)
{
	*v = catalogue(SQL_GOAL_DATABASE_DROPPED);
	v->goal.name = tree_text(n->dropdb_stmt->dbname);
	v->goal.if_exists = n->dropdb_stmt->missing_ok;
	return true;
}

static bool
alter_database(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__AlterDatabaseStmt *st = n->alter_database_stmt;

	*v = again;
	return tree_option(st->options, st->n_options, "tablespace") != NULL;
}

static bool
vacuum(const PgQuery__Node *n, struct verdict *v)
{
	*v = again;
	return n->vacuum_stmt->is_vacuumcmd;
}

static bool
cluster(const PgQuery__Node *n, struct verdict *v)
{
	*v = again;
	return n->cluster_stmt->relation == NULL;
}

static bool
discard(const PgQuery__Node *n, struct verdict *v)
{
	*v = again;
	return n->discard_stmt->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL;
}

static bool
always_again(const PgQuery__Node *n, struct verdict *v)
{
	(void)n;
	*v = again;
	return true;
}

static bool
always_never(const PgQuery__Node *n, struct verdict *v)
{
	(void)n;
	*v = never;
	return true;
}

/* A slot is created unless it is declined in one of three ways. */
static bool
create_subscription(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__CreateSubscriptionStmt *st = n->create_subscription_stmt;
	bool connect = tree_option_bool(st->options, st->n_options, "connect", true);
	const PgQuery__DefElem *slot = tree_option(st->options, st->n_options, "slot_name");
	const char *name = slot != NULL ? tree_name_of_node(slot->arg).name : NULL;

	*v = never;
	if (name != NULL && strcasecmp(name, "none") == 0)
		connect = false;
	return tree_option_bool(st->options, st->n_options, "create_slot", connect);
}

static bool
alter_subscription(const PgQuery__Node *n, struct verdict *v)
{
	const PgQuery__AlterSubscriptionStmt *st = n->alter_subscription_stmt;

	switch (st->kind) {
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH:
		*v = again;
		return true;
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION:
		*v = again;
		return tree_option_bool(st->options, st->n_options, "refresh", true);
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION:
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION:
		*v = never;
		return tree_option_bool(st->options, st->n_options, "refresh", true);
	default:
		return false;
	}
}

static bool
two_phase(const PgQuery__Node *n, struct verdict *v)
{
	*v = never;
	return n->transaction_stmt->kind >=
	       PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED;
}

static const struct {
	PgQuery__Node__NodeCase kind;
	judge judge;
} table[] = {
	{N(INDEX_STMT), create_index},
	{N(DROP_STMT), drop_objects},
	{N(REINDEX_STMT), reindex},
	{N(ALTER_TABLE_STMT), detach_partition},
	{N(CREATEDB_STMT), create_database},
	{N(DROPDB_STMT), drop_database},
	{N(ALTER_DATABASE_STMT), alter_database},
	{N(VACUUM_STMT), vacuum},
	{N(CLUSTER_STMT), cluster},
	{N(DISCARD_STMT), discard},
	{N(ALTER_SYSTEM_STMT), always_again},
	{N(CREATE_TABLE_SPACE_STMT), always_never},
	{N(DROP_TABLE_SPACE_STMT), always_never},
	{N(CREATE_SUBSCRIPTION_STMT), create_subscription},
	{N(ALTER_SUBSCRIPTION_STMT), alter_subscription},
	{N(DROP_SUBSCRIPTION_STMT), always_never},
	{N(TRANSACTION_STMT), two_phase},
};

static void
copy_goal(struct arena *arena, const struct sql_goal *from, struct sql_goal *to)
{
	*to = *from;
	to->schema = arena_str(arena, from->schema);
	to->name = arena_str(arena, from->name);
	to->table_schema = arena_str(arena, from->table_schema);
	to->table = arena_str(arena, from->table);
}

void
sql_judge_outside(struct arena *arena, const PgQuery__Node *statement, struct sql_facts *out)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct verdict v = {0};
		if (table[i].kind != statement->node_case || !table[i].judge(statement, &v))
			continue;
		out->transactional = false;
		out->settle = v.settle;
		copy_goal(arena, &v.goal, &out->goal);
	}
}
