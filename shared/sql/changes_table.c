/*
 * The actions of ALTER TABLE, each a change of its own with its own risk: one statement may add a
 * column, which costs nothing, and drop another, which cannot be undone. Beyond the table of plain
 * actions only two look closer: what a new column brings along, and what a constraint must check.
 */
#include "shared/base/compiler.h"
#include "shared/sql/change.h"
#include "shared/sql/effects_sink.h"
#include "shared/sql/tag.h"

#include "shared/base/banned.h"

#define AT(name)     PG_QUERY__ALTER_TABLE_TYPE__AT_##name
#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

/* What the action names belongs to the table: the object is table.name. */
/* clang-format off */
static const struct {
	PgQuery__AlterTableType action;
	const char *kind, *tier;
	bool elsewhere; /* what the action names is no part of the table */
} plain[] = {
	{AT(DropNotNull), "drop_not_null", TIER_REVERSIBLE, false},
	{AT(SetNotNull), "set_not_null", TIER_LOCK_RISKY, false},
	{AT(DropExpression), "drop_expression", TIER_DESTRUCTIVE, false},
	{AT(SetStatistics), "set_statistics", TIER_REVERSIBLE, false},
	{AT(SetOptions), "set_options", TIER_REVERSIBLE, false},
	{AT(ResetOptions), "set_options", TIER_REVERSIBLE, false},
	{AT(SetStorage), "set_storage", TIER_REVERSIBLE, false},
	{AT(SetCompression), "set_compression", TIER_REVERSIBLE, false},
	{AT(DropColumn), "drop_column", TIER_IRREVERSIBLE, false},
	{AT(AlterConstraint), "alter_constraint", TIER_REVERSIBLE, false},
	/* Reads the rows, but blocks neither readers nor writers. */
	{AT(ValidateConstraint), "validate_constraint", TIER_REVERSIBLE, false},
	{AT(DropConstraint), "drop_constraint", TIER_DESTRUCTIVE, false},
	{AT(AlterColumnGenericOptions), "set_options", TIER_REVERSIBLE, false},
	{AT(ChangeOwner), "change_owner", TIER_REVERSIBLE, false},
	{AT(ClusterOn), "set_cluster", TIER_REVERSIBLE, true},
	{AT(DropCluster), "set_cluster", TIER_REVERSIBLE, false},
	{AT(SetLogged), "set_logged", TIER_LOCK_RISKY, false},
	{AT(SetUnLogged), "set_unlogged", TIER_LOCK_RISKY, false},
	{AT(SetAccessMethod), "set_access_method", TIER_LOCK_RISKY, true},
	{AT(SetTableSpace), "set_tablespace", TIER_LOCK_RISKY, true},
	{AT(SetRelOptions), "set_options", TIER_REVERSIBLE, false},
	{AT(ResetRelOptions), "set_options", TIER_REVERSIBLE, false},
	{AT(EnableTrig), "enable_trigger", TIER_REVERSIBLE, false},
	{AT(EnableAlwaysTrig), "enable_trigger", TIER_REVERSIBLE, false},
	{AT(EnableReplicaTrig), "enable_trigger", TIER_REVERSIBLE, false},
	{AT(EnableTrigAll), "enable_trigger", TIER_REVERSIBLE, false},
	{AT(EnableTrigUser), "enable_trigger", TIER_REVERSIBLE, false},
	{AT(DisableTrig), "disable_trigger", TIER_REVERSIBLE, false},
	{AT(DisableTrigAll), "disable_trigger", TIER_REVERSIBLE, false},
	{AT(DisableTrigUser), "disable_trigger", TIER_REVERSIBLE, false},
	{AT(EnableRule), "enable_rule", TIER_REVERSIBLE, false},
	{AT(EnableAlwaysRule), "enable_rule", TIER_REVERSIBLE, false},
	{AT(EnableReplicaRule), "enable_rule", TIER_REVERSIBLE, false},
	{AT(DisableRule), "disable_rule", TIER_REVERSIBLE, false},
	{AT(AddInherit), "add_inheritance", TIER_REVERSIBLE, false},
	{AT(DropInherit), "drop_inheritance", TIER_REVERSIBLE, false},
	{AT(AddOf), "set_type", TIER_REVERSIBLE, false},
	{AT(DropOf), "set_type", TIER_REVERSIBLE, false},
	{AT(ReplicaIdentity), "set_replica_identity", TIER_REVERSIBLE, false},
	{AT(EnableRowSecurity), "enable_row_security", TIER_REVERSIBLE, false},
	{AT(DisableRowSecurity), "disable_row_security", TIER_REVERSIBLE, false},
	{AT(ForceRowSecurity), "force_row_security", TIER_REVERSIBLE, false},
	{AT(NoForceRowSecurity), "force_row_security", TIER_REVERSIBLE, false},
	{AT(GenericOptions), "set_options", TIER_REVERSIBLE, false},
	/* Reads every row of the partition, unless a constraint proves what it would find. */
	{AT(AttachPartition), "attach_partition", TIER_LOCK_RISKY, false},
	{AT(DetachPartition), "detach_partition", TIER_REVERSIBLE, false},
	{AT(DetachPartitionFinalize), "detach_partition", TIER_REVERSIBLE, false},
	{AT(AddIdentity), "add_identity", TIER_REVERSIBLE, false},
	{AT(SetIdentity), "set_identity", TIER_REVERSIBLE, false},
	{AT(DropIdentity), "drop_identity", TIER_REVERSIBLE, false},
};

static const struct {
	PgQuery__ConstrType type;
	const char *words, *not_valid;
} constraints[] = {
	{CONSTR(CHECK), "check", "check, not valid"},
	{CONSTR(PRIMARY), "primary key", "primary key"},
	{CONSTR(UNIQUE), "unique", "unique"},
	{CONSTR(EXCLUSION), "exclusion", "exclusion"},
	{CONSTR(FOREIGN), "foreign key", "foreign key, not valid"},
};
/* clang-format on */

struct action {
	struct change_sink *sink;
	struct tree_name table;
	const char *name;
	const PgQuery__Node *def;
};

static void
put(const struct action *a, const char *kind, const char *tier, const char *name,
    const char *detail)
{
	change_put(a->sink, kind, tier, change_part(a->sink, a->table, name), detail);
}

/* ---- ADD COLUMN ---- */

struct column {
	bool not_null, has_default;
	const char *heavy; /* what makes it more than a note in the catalogue */
};

static void
column_constraint(const PgQuery__Constraint *c, struct column *out)
{
	switch (c->contype) {
	case CONSTR(NOTNULL):
		out->not_null = true;
		break;
	case CONSTR(DEFAULT):
		out->has_default = true;
		if (effect_is_volatile(c->raw_expr) != SQL_NO)
			out->heavy = "default is computed for every row";
		break;
	case CONSTR(IDENTITY):
	case CONSTR(GENERATED):
		out->heavy = "value is computed for every row";
		break;
	case CONSTR(CHECK):
	case CONSTR(PRIMARY):
	case CONSTR(UNIQUE):
	case CONSTR(EXCLUSION):
	case CONSTR(FOREIGN):
		out->heavy = "with a constraint";
		break;
	default:
		break;
	}
}

static void
add_column(const struct action *a)
{
	const PgQuery__ColumnDef *def = a->def->column_def;
	struct column c = {0};

	if (effect_is_serial(def->type_name))
		c.heavy = "value is computed for every row";
	for (size_t i = 0; i < def->n_constraints; i++)
		column_constraint(def->constraints[i]->constraint, &c);
	if (c.heavy == NULL && c.not_null && !c.has_default)
		c.heavy = "not null without a default";
	put(a, "add_column", c.heavy != NULL ? TIER_LOCK_RISKY : TIER_ADDITIVE, def->colname,
	    c.heavy);
}

/* ---- the rest ---- */

static void
add_constraint(const struct action *a)
{
	const PgQuery__Constraint *c = a->def->constraint;
	const char *detail = NULL;

	for (size_t i = 0; i < ARRAY_LEN(constraints); i++) {
		if (constraints[i].type == c->contype)
			detail = c->skip_validation ? constraints[i].not_valid
						    : constraints[i].words;
	}
	put(a, "add_constraint", c->skip_validation ? TIER_REVERSIBLE : TIER_LOCK_RISKY,
	    tree_text(c->conname), detail);
}

/* Whether rows are rewritten, or lost, depends on the type it had, which the text does not say. */
static void
change_type(const struct action *a)
{
	const PgQuery__ColumnDef *def = a->def->column_def;
	struct tree_name type = {0};

	if (def->type_name != NULL)
		type = tree_name_of(def->type_name->names, def->type_name->n_names);
	put(a, "change_column_type", NULL, a->name,
	    arena_printf(a->sink->arena, "to %s", type.name ? type.name : "another type"));
}

static void
put_plain(const struct action *a, PgQuery__AlterTableType subtype, const char *object_kind)
{
	const char *name = a->name;

	if (a->def != NULL && a->def->node_case == PG_QUERY__NODE__NODE_PARTITION_CMD)
		name = NULL;
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		if (plain[i].action == subtype) {
			put(a, plain[i].kind, plain[i].tier, plain[i].elsewhere ? NULL : name,
			    NULL);
			return;
		}
	}
	put(a, change_kind(a->sink, "alter", object_kind), NULL, name, NULL);
}

void
change_alter_table(struct change_sink *sink, const PgQuery__AlterTableStmt *st)
{
	/* The columns of a composite type: what its users keep in rows is not touched by adding. */
	for (size_t i = 0; i < st->n_cmds; i++) {
		const PgQuery__AlterTableCmd *cmd = st->cmds[i]->alter_table_cmd;
		struct action a = {sink, tree_name_of_table(st->relation), tree_text(cmd->name),
				   cmd->def};
		if (st->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE)
			put(&a, "alter_type", TIER_ADDITIVE, NULL, NULL);
		else if (cmd->subtype == AT(AddColumn))
			add_column(&a);
		else if (cmd->subtype == AT(AddConstraint))
			add_constraint(&a);
		else if (cmd->subtype == AT(AlterColumnType))
			change_type(&a);
		else if (cmd->subtype == AT(ColumnDefault))
			put(&a, cmd->def != NULL ? "set_default" : "drop_default", TIER_REVERSIBLE,
			    a.name, NULL);
		else
			put_plain(&a, cmd->subtype, sql_altered_words(st->objtype));
	}
}
