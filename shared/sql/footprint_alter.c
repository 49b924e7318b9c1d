/*
 * ALTER TABLE and its kin for views, indexes, sequences and composite types: one access, or a few,
 * for each action of the list. Most actions set one property; those are rows of a table.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name)	 PG_QUERY__NODE__NODE_##name
#define AT(name) PG_QUERY__ALTER_TABLE_TYPE__AT_##name

struct action {
	struct footprint_walk *w;
	enum sql_kind kind;
	const PgQuery__RangeVar *table;
	const PgQuery__AlterTableCmd *cmd;
	const char *part; /* cmd->name, NULL for "" */
	bool tolerant;	  /* ALTER TABLE IF EXISTS */
};

static struct tree_name
name_of(const struct action *a)
{
	return tree_name_of_table(a->table);
}

static struct sql_access *
put_part(const struct action *a, enum sql_mode mode, enum sql_part kind, const char *part)
{
	struct sql_access *access = footprint_part(a->w, mode, a->kind, name_of(a), kind, part);

	access->object_may_lack = a->tolerant;
	access->cascade = a->cmd->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	return access;
}

static struct sql_access *
put_aspect(const struct action *a, enum sql_part kind, const char *part, const char *aspect,
	   const char *value)
{
	struct sql_access *access = put_part(a, SQL_MODE_ALTER, kind, part);

	access->aspect = aspect;
	access->value = arena_str(a->w->arena, value);
	return access;
}

static const char *
value_of_def(const struct action *a)
{
	return a->cmd->def != NULL ? footprint_value(a->w, &a->cmd->def->base) : "";
}

/* ---- actions with something of their own ---- */

static void
add_column(const struct action *a)
{
	const PgQuery__ColumnDef *column;

	if (a->cmd->def == NULL || a->cmd->def->node_case != N(COLUMN_DEF))
		return;
	column = a->cmd->def->column_def;
	struct sql_access *access = footprint_add_column(a->w, a->kind, a->table, column);
	access->tolerant = a->cmd->missing_ok;
	access->object_may_lack = a->tolerant;
	footprint_column_def(a->w, a->table, column, true);
}

static void
drop_column(const struct action *a)
{
	put_part(a, SQL_MODE_DROP, SQL_PART_COLUMN, a->part)->tolerant = a->cmd->missing_ok;
}

static void
add_constraint(const struct action *a)
{
	if (a->cmd->def != NULL && a->cmd->def->node_case == N(CONSTRAINT))
		footprint_constraint(a->w, a->table, a->cmd->def->constraint, NULL);
}

static void
drop_constraint(const struct action *a)
{
	struct sql_access *access = put_part(a, SQL_MODE_DROP, SQL_PART_CONSTRAINT, a->part);

	access->tolerant = a->cmd->missing_ok;
	footprint_constraint_index(a->w, access);
}

static void
alter_constraint(const struct action *a)
{
	const PgQuery__Node *def = a->cmd->def;

	if (def != NULL && def->node_case == N(CONSTRAINT))
		put_aspect(a, SQL_PART_CONSTRAINT, def->constraint->conname, "deferrability",
			   value_of_def(a));
}

static void
alter_type(const struct action *a)
{
	const PgQuery__ColumnDef *column;

	if (a->cmd->def == NULL || a->cmd->def->node_case != N(COLUMN_DEF))
		return;
	column = a->cmd->def->column_def;
	/* the type in words comes first: whether it goes with a foreign key is judged by that */
	put_aspect(a, SQL_PART_COLUMN, a->part, "type",
		   arena_printf(a->w->arena, "%s %s", footprint_type_text(a->w, column->type_name),
				value_of_def(a)));
	footprint_type(a->w, SQL_BOND_FIRM, column->type_name);
	if (column->coll_clause != NULL)
		footprint_read(a->w, SQL_BOND_FIRM, SQL_KIND_COLLATION,
			       tree_name_of(column->coll_clause->collname,
					    column->coll_clause->n_collname));
	if (column->raw_default != NULL)
		footprint_expression(a->w, SQL_BOND_NAME, a->table, &column->raw_default->base);
}

static void
set_default(const struct action *a)
{
	put_aspect(a, SQL_PART_COLUMN, a->part, "default", value_of_def(a));
	if (a->cmd->def != NULL)
		footprint_expression(a->w, SQL_BOND_FIRM, a->table, &a->cmd->def->base);
}

static void
add_identity(const struct action *a)
{
	if (a->cmd->def != NULL && a->cmd->def->node_case == N(CONSTRAINT))
		footprint_constraint(a->w, a->table, a->cmd->def->constraint, a->part);
}

static void
change_owner(const struct action *a)
{
	put_aspect(a, SQL_PART_NONE, NULL, "owner", footprint_role_name(a->w, a->cmd->newowner));
	footprint_owner(a->w, a->cmd->newowner);
}

/* Storage parameters: each is a property of its own. */
static void
set_options(const struct action *a)
{
	if (a->cmd->def == NULL || a->cmd->def->node_case != N(LIST))
		return;
	for (size_t i = 0; i < a->cmd->def->list->n_items; i++) {
		const PgQuery__Node *n = a->cmd->def->list->items[i];
		if (n->node_case != N(DEF_ELEM))
			continue;
		put_aspect(a, a->part != NULL ? SQL_PART_COLUMN : SQL_PART_NONE, a->part,
			   arena_printf(a->w->arena, "option %s", n->def_elem->defname),
			   n->def_elem->arg != NULL ? footprint_value(a->w, &n->def_elem->arg->base)
						    : "");
	}
}

static void
names_index(const struct action *a)
{
	const char *name = a->part;
	bool cluster = a->cmd->subtype == AT(ClusterOn);

	if (a->cmd->def != NULL && a->cmd->def->node_case == N(REPLICA_IDENTITY_STMT))
		name = tree_text(a->cmd->def->replica_identity_stmt->name);
	put_aspect(a, SQL_PART_NONE, NULL, cluster ? "cluster" : "replica identity",
		   cluster ? name : value_of_def(a));
	if (name != NULL)
		footprint_read(a->w, SQL_BOND_KEY, SQL_KIND_INDEX,
			       (struct tree_name){tree_text(a->table->schemaname), name});
}

static void
heir(const struct action *a)
{
	bool added = a->cmd->subtype == AT(AddInherit);
	const PgQuery__RangeVar *parent;
	struct sql_access *access;

	if (a->cmd->def == NULL || a->cmd->def->node_case != N(RANGE_VAR))
		return;
	parent = a->cmd->def->range_var;
	put_part(a, added ? SQL_MODE_EXTEND : SQL_MODE_DROP, SQL_PART_PARENT, parent->relname)
		->aspect = "inherits";
	access = footprint_part(a->w, added ? SQL_MODE_EXTEND : SQL_MODE_DROP, SQL_KIND_TABLE,
				tree_name_of_table(parent), SQL_PART_PARTITION, a->table->relname);
	access->aspect = "inherits";
	access->implied = true;
	footprint_read(a->w, SQL_BOND_KEY, SQL_KIND_TABLE, tree_name_of_table(parent))->aspect =
		"parent";
}

static void
partition(const struct action *a)
{
	bool attach = a->cmd->subtype == AT(AttachPartition);
	const PgQuery__PartitionCmd *cmd;
	struct sql_access *access;

	if (a->cmd->def == NULL || a->cmd->def->node_case != N(PARTITION_CMD))
		return;
	cmd = a->cmd->def->partition_cmd;
	access = put_part(a, attach ? SQL_MODE_EXTEND : SQL_MODE_DROP, SQL_PART_PARTITION,
			  cmd->name->relname);
	access->value = cmd->bound != NULL ? footprint_bound(a->w, cmd->bound) : NULL;
	access->aspect = "attached";
	bool index = a->kind == SQL_KIND_INDEX;
	access = footprint_part(a->w, attach ? SQL_MODE_EXTEND : SQL_MODE_DROP,
				index ? SQL_KIND_INDEX : SQL_KIND_TABLE,
				tree_name_of_table(cmd->name), SQL_PART_PARENT, a->table->relname);
	access->implied = true;
	access->aspect = "attached";
}

/* ---- the table ---- */

struct action_row {
	void (*put)(const struct action *a); /* NULL: it only sets `aspect` */
	enum sql_part part;		     /* whose the property is; PART_NONE: the object's */
	const char *aspect;
	const char *value; /* NULL: from the definition */
};

static const struct action_row actions[] = {
	[AT(AddColumn)] = {.put = add_column},
	[AT(AddColumnToView)] = {.put = add_column},
	[AT(ColumnDefault)] = {.put = set_default},
	[AT(DropNotNull)] = {NULL, SQL_PART_COLUMN, "not null", "no"},
	[AT(SetNotNull)] = {NULL, SQL_PART_COLUMN, "not null", "yes"},
	[AT(DropExpression)] = {NULL, SQL_PART_COLUMN, "expression", "none"},
	[AT(SetStatistics)] = {NULL, SQL_PART_COLUMN, "statistics", NULL},
	[AT(SetOptions)] = {.put = set_options},
	[AT(ResetOptions)] = {.put = set_options},
	[AT(SetStorage)] = {NULL, SQL_PART_COLUMN, "storage", NULL},
	[AT(SetCompression)] = {NULL, SQL_PART_COLUMN, "compression", NULL},
	[AT(DropColumn)] = {.put = drop_column},
	[AT(AddConstraint)] = {.put = add_constraint},
	[AT(AlterConstraint)] = {.put = alter_constraint},
	[AT(ValidateConstraint)] = {NULL, SQL_PART_CONSTRAINT, "validity", "valid"},
	[AT(DropConstraint)] = {.put = drop_constraint},
	[AT(AlterColumnType)] = {.put = alter_type},
	[AT(AlterColumnGenericOptions)] = {.put = set_options},
	[AT(ChangeOwner)] = {.put = change_owner},
	[AT(ClusterOn)] = {.put = names_index},
	[AT(DropCluster)] = {NULL, SQL_PART_NONE, "cluster", "none"},
	[AT(SetLogged)] = {NULL, SQL_PART_NONE, "persistence", "logged"},
	[AT(SetUnLogged)] = {NULL, SQL_PART_NONE, "persistence", "unlogged"},
	[AT(DropOids)] = {NULL, SQL_PART_NONE, "oids", "none"},
	[AT(SetAccessMethod)] = {NULL, SQL_PART_NONE, "access method", NULL},
	[AT(SetTableSpace)] = {NULL, SQL_PART_NONE, "tablespace", NULL},
	[AT(SetRelOptions)] = {.put = set_options},
	[AT(ResetRelOptions)] = {.put = set_options},
	[AT(ReplaceRelOptions)] = {.put = set_options},
	[AT(EnableTrig)] = {NULL, SQL_PART_TRIGGER, "enabled", "origin"},
	[AT(EnableAlwaysTrig)] = {NULL, SQL_PART_TRIGGER, "enabled", "always"},
	[AT(EnableReplicaTrig)] = {NULL, SQL_PART_TRIGGER, "enabled", "replica"},
	[AT(DisableTrig)] = {NULL, SQL_PART_TRIGGER, "enabled", "no"},
	[AT(EnableTrigAll)] = {NULL, SQL_PART_TRIGGER, "enabled", "origin"},
	[AT(DisableTrigAll)] = {NULL, SQL_PART_TRIGGER, "enabled", "no"},
	[AT(EnableTrigUser)] = {NULL, SQL_PART_TRIGGER, "enabled", "origin"},
	[AT(DisableTrigUser)] = {NULL, SQL_PART_TRIGGER, "enabled", "no"},
	[AT(EnableRule)] = {NULL, SQL_PART_RULE, "enabled", "origin"},
	[AT(EnableAlwaysRule)] = {NULL, SQL_PART_RULE, "enabled", "always"},
	[AT(EnableReplicaRule)] = {NULL, SQL_PART_RULE, "enabled", "replica"},
	[AT(DisableRule)] = {NULL, SQL_PART_RULE, "enabled", "no"},
	[AT(AddInherit)] = {.put = heir},
	[AT(DropInherit)] = {.put = heir},
	[AT(AddOf)] = {NULL, SQL_PART_NONE, "row type", NULL},
	[AT(DropOf)] = {NULL, SQL_PART_NONE, "row type", "none"},
	[AT(ReplicaIdentity)] = {.put = names_index},
	[AT(EnableRowSecurity)] = {NULL, SQL_PART_NONE, "row security", "on"},
	[AT(DisableRowSecurity)] = {NULL, SQL_PART_NONE, "row security", "off"},
	[AT(ForceRowSecurity)] = {NULL, SQL_PART_NONE, "forced row security", "on"},
	[AT(NoForceRowSecurity)] = {NULL, SQL_PART_NONE, "forced row security", "off"},
	[AT(GenericOptions)] = {.put = set_options},
	[AT(AttachPartition)] = {.put = partition},
	[AT(DetachPartition)] = {.put = partition},
	[AT(DetachPartitionFinalize)] = {.put = partition},
	[AT(AddIdentity)] = {.put = add_identity},
	[AT(SetIdentity)] = {NULL, SQL_PART_COLUMN, "identity", NULL},
	[AT(DropIdentity)] = {NULL, SQL_PART_COLUMN, "identity", "none"},
};

static const char *
value_of(const struct action *a, const struct action_row *row)
{
	if (row->value != NULL)
		return row->value;
	if (a->cmd->def == NULL && row->part == SQL_PART_NONE && a->part != NULL)
		return a->part;
	return value_of_def(a);
}

static void
put_action(const struct action *a)
{
	size_t type = (size_t)a->cmd->subtype;
	const struct action_row *row = type < ARRAY_LEN(actions) ? &actions[type] : NULL;

	if (row != NULL && row->put != NULL) {
		row->put(a);
	} else if (row != NULL && row->aspect != NULL) {
		const char *part = row->part == SQL_PART_NONE ? NULL : a->part;
		if (row->part != SQL_PART_NONE && part == NULL)
			part = "*";
		struct sql_access *access =
			put_aspect(a, row->part, part, row->aspect, value_of(a, row));
		access->refuses_rows = a->cmd->subtype == AT(SetNotNull);
	} else {
		footprint_opaque(a->w, "an action of ALTER TABLE that is not known");
	}
}

void
footprint_alter_table(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTableStmt *st = statement;

	for (size_t i = 0; i < st->n_cmds; i++) {
		if (st->cmds[i]->node_case != N(ALTER_TABLE_CMD))
			continue;
		struct action a = {
			.w = w,
			.kind = footprint_kind(st->objtype),
			.table = st->relation,
			.cmd = st->cmds[i]->alter_table_cmd,
			.part = tree_text(st->cmds[i]->alter_table_cmd->name),
			.tolerant = st->missing_ok,
		};
		put_action(&a);
	}
}
