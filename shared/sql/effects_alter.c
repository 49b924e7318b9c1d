/*
 * ALTER TABLE and its kin: a form for each action, from one table. Closer looks are at what a new
 * column brings along, at constraints, at storage options (each has a lock of its own), and at
 * partitions, where a second relation is named.
 */
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/effects_sink.h"

#include "shared/base/banned.h"

#define AT(name)     PG_QUERY__ALTER_TABLE_TYPE__AT_##name
#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name
#define O(name)	     PG_QUERY__OBJECT_TYPE__OBJECT_##name
#define F(name)	     SQL_FORM_##name

/* clang-format off */
static const struct {
	PgQuery__AlterTableType action;
	enum sql_form_id form;
} actions[] = {
	{AT(ColumnDefault), F(COLUMN_DEFAULT)},
	{AT(DropNotNull), F(DROP_NOT_NULL)},
	{AT(SetNotNull), F(SET_NOT_NULL)},
	{AT(DropExpression), F(DROP_EXPRESSION)},
	{AT(SetStatistics), F(SET_STATISTICS)},
	{AT(SetOptions), F(COLUMN_OPTIONS)},
	{AT(ResetOptions), F(COLUMN_OPTIONS)},
	{AT(SetStorage), F(SET_STORAGE)},
	{AT(SetCompression), F(SET_COMPRESSION)},
	{AT(AlterConstraint), F(ALTER_CONSTRAINT)},
	{AT(ValidateConstraint), F(VALIDATE)},
	{AT(AlterColumnType), F(ALTER_TYPE)},
	{AT(AlterColumnGenericOptions), F(COLUMN_FDW_OPTIONS)},
	{AT(ChangeOwner), F(OWNER)},
	{AT(ClusterOn), F(SET_CLUSTER)},
	{AT(DropCluster), F(SET_CLUSTER)},
	{AT(SetLogged), F(SET_LOGGED)},
	{AT(SetUnLogged), F(SET_LOGGED)},
	{AT(SetAccessMethod), F(SET_ACCESS_METHOD)},
	{AT(SetTableSpace), F(SET_TABLESPACE)},
	{AT(EnableTrig), F(SET_TRIGGER)},
	{AT(EnableAlwaysTrig), F(SET_TRIGGER)},
	{AT(EnableReplicaTrig), F(SET_TRIGGER)},
	{AT(EnableTrigAll), F(SET_TRIGGER)},
	{AT(EnableTrigUser), F(SET_TRIGGER)},
	{AT(DisableTrig), F(SET_TRIGGER)},
	{AT(DisableTrigAll), F(SET_TRIGGER)},
	{AT(DisableTrigUser), F(SET_TRIGGER)},
	{AT(EnableRule), F(SET_RULE)},
	{AT(EnableAlwaysRule), F(SET_RULE)},
	{AT(EnableReplicaRule), F(SET_RULE)},
	{AT(DisableRule), F(SET_RULE)},
	{AT(AddOf), F(OF_TYPE)},
	{AT(DropOf), F(OF_TYPE)},
	{AT(ReplicaIdentity), F(REPLICA_IDENTITY)},
	{AT(EnableRowSecurity), F(ROW_SECURITY)},
	{AT(DisableRowSecurity), F(ROW_SECURITY)},
	{AT(ForceRowSecurity), F(ROW_SECURITY)},
	{AT(NoForceRowSecurity), F(ROW_SECURITY)},
	{AT(GenericOptions), F(FDW_OPTIONS)},
	{AT(AddIdentity), F(IDENTITY)},
	{AT(SetIdentity), F(IDENTITY)},
	{AT(DropIdentity), F(IDENTITY)},
};

/* Storage options that may change under writers; every other needs the relation for itself. */
static const char *const soft_options[] = {
	"deduplicate_items", "fillfactor", "log_autovacuum_min_duration", "parallel_workers",
	"toast_tuple_target", "vacuum_index_cleanup", "vacuum_truncate",
};

/* Types that are no domains, since they are PostgreSQL's own. The grammar's own words (int,
 * varchar …) come with pg_catalog before them. */
static const char *const plain_types[] = {
	"bigserial", "box", "bytea", "cidr", "circle", "citext", "date", "daterange", "datemultirange",
	"float4", "float8", "hstore", "inet", "int2", "int4", "int4range", "int8", "int8range", "json",
	"jsonb", "jsonpath", "line", "lseg", "macaddr", "macaddr8", "money", "name", "numrange", "oid",
	"path", "pg_lsn", "point", "polygon", "regclass", "regproc", "regtype", "serial", "serial2",
	"serial4", "serial8", "smallserial", "text", "timestamptz", "tsquery", "tsrange", "tstzrange",
	"tsvector", "uuid", "xml",
};

static const char *const serials[] = {
	"smallserial", "serial2", "serial", "serial4", "bigserial", "serial8",
};
/* clang-format on */

static bool
is_among(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(list[i], word) == 0)
			return true;
	return false;
}
#define IS_AMONG(word, list) is_among((word), (list), ARRAY_LEN(list))

/* ---- constraints ---- */

static void
put_foreign_key(struct effect_sink *sink, const struct effect_of *table,
		const PgQuery__Constraint *c, bool validated)
{
	struct effect_of of = *table;

	of.other = tree_name_of_table(c->pktable);
	of.as = SQL_ROLE_REFERENCED;
	effect_put(sink, validated ? F(ADD_FOREIGN_KEY) : F(ADD_FOREIGN_KEY_NOT_VALID), &of);
}

static void
add_constraint(struct effect_sink *sink, const struct effect_of *of, const PgQuery__Constraint *c)
{
	bool by_index = tree_text(c->indexname) != NULL;

	switch (c->contype) {
	case CONSTR(CHECK):
		effect_put(sink, c->skip_validation ? F(ADD_CHECK_NOT_VALID) : F(ADD_CHECK), of);
		break;
	case CONSTR(FOREIGN):
		put_foreign_key(sink, of, c, !c->skip_validation);
		break;
	case CONSTR(PRIMARY):
		effect_put(sink, by_index ? F(ADD_PRIMARY_USING) : F(ADD_KEY), of);
		break;
	case CONSTR(UNIQUE):
	case CONSTR(EXCLUSION):
		effect_put(sink, by_index ? F(ADD_KEY_USING) : F(ADD_KEY), of);
		break;
	default:
		effect_put(sink, F(ALTER_OTHER), of);
		break;
	}
}

/* ---- ADD COLUMN ---- */

static bool
is_plain_type(const PgQuery__TypeName *type)
{
	struct tree_name name = tree_name_of(type->names, type->n_names);

	if (name.name == NULL || type->pct_type)
		return false;
	if (type->n_array_bounds > 0)
		return true;
	if (name.schema != NULL)
		return strcmp(name.schema, "pg_catalog") == 0;
	return IS_AMONG(name.name, plain_types);
}

bool
effect_is_serial(const PgQuery__TypeName *type)
{
	const char *name = type ? tree_name_of(type->names, type->n_names).name : NULL;

	return name != NULL && IS_AMONG(name, serials);
}

struct column {
	struct effect_sink *sink;
	struct effect_of of;
	bool not_null, valued; /* has a value for the rows that are there */
	const PgQuery__Constraint *foreign;
};

static void
take_default(struct column *c, const PgQuery__Node *value)
{
	static const enum sql_form_id forms[] = {
		[SQL_NO] = F(ADD_COLUMN),
		[SQL_MAYBE] = F(ADD_COLUMN_DEFAULT),
		[SQL_YES] = F(ADD_COLUMN_COMPUTED),
	};

	c->valued = true;
	effect_put(c->sink, forms[effect_is_volatile(value)], &c->of);
	if (value != NULL)
		effect_query(c->sink, &value->base, F(SELECT));
}

static void
take_constraint(struct column *c, const PgQuery__Constraint *constraint)
{
	switch (constraint->contype) {
	case CONSTR(NOTNULL):
		c->not_null = true;
		break;
	case CONSTR(DEFAULT):
		take_default(c, constraint->raw_expr);
		break;
	case CONSTR(IDENTITY):
	case CONSTR(GENERATED):
		c->valued = true;
		effect_put(c->sink, F(ADD_COLUMN_COMPUTED), &c->of);
		break;
	case CONSTR(CHECK):
	case CONSTR(PRIMARY):
	case CONSTR(UNIQUE):
	case CONSTR(EXCLUSION):
		effect_put(c->sink, F(ADD_COLUMN_CHECK), &c->of);
		break;
	case CONSTR(FOREIGN):
		c->foreign = constraint;
		break;
	default:
		break;
	}
}

static void
add_column(struct effect_sink *sink, const struct effect_of *of, const PgQuery__ColumnDef *def,
	   bool may_be_there)
{
	struct column c = {.sink = sink, .of = *of};

	c.of.may_be_done = may_be_there;
	effect_put(sink, F(ADD_COLUMN), &c.of);
	if (effect_is_serial(def->type_name)) {
		c.valued = true;
		effect_put(sink, F(ADD_COLUMN_COMPUTED), &c.of);
	} else if (def->type_name != NULL && !is_plain_type(def->type_name)) {
		effect_put(sink, F(ADD_COLUMN_TYPED), &c.of);
	}
	for (size_t i = 0; i < def->n_constraints; i++)
		take_constraint(&c, def->constraints[i]->constraint);
	if (c.not_null && !c.valued)
		effect_put(sink, F(ADD_COLUMN_NOT_NULL), &c.of);
	/* Nothing but nulls needs no look. */
	if (c.foreign != NULL)
		put_foreign_key(sink, &c.of, c.foreign, c.valued);
}

/* ---- options ---- */

static bool
are_soft(const PgQuery__Node *list)
{
	static const char autovacuum[] = "autovacuum_";

	if (list == NULL || list->node_case != PG_QUERY__NODE__NODE_LIST)
		return false;
	for (size_t i = 0; i < list->list->n_items; i++) {
		const char *name = list->list->items[i]->def_elem->defname;
		if (strncasecmp(name, autovacuum, sizeof(autovacuum) - 1) != 0 &&
		    !IS_AMONG(name, soft_options))
			return false;
	}
	return true;
}

/* ---- one action ---- */

static struct effect_of
of_partition(const struct effect_of *table, const PgQuery__AlterTableCmd *cmd)
{
	struct effect_of of = *table;

	of.other = tree_name_of_table(cmd->def->partition_cmd->name);
	of.as = SQL_ROLE_PARTITION;
	return of;
}

static void
put_partition(struct effect_sink *sink, const struct effect_of *table,
	      const PgQuery__AlterTableCmd *cmd, bool of_index)
{
	struct effect_of of = of_partition(table, cmd);
	bool concurrent =
		cmd->def->partition_cmd->concurrent || cmd->subtype == AT(DetachPartitionFinalize);

	if (cmd->subtype == AT(AttachPartition))
		effect_put(sink, of_index ? F(ATTACH_INDEX) : F(ATTACH), &of);
	else
		effect_put(sink, concurrent ? F(DETACH_CONCURRENTLY) : F(DETACH), &of);
}

static void
put_inherit(struct effect_sink *sink, const struct effect_of *table,
	    const PgQuery__AlterTableCmd *cmd)
{
	struct effect_of of = *table;

	of.other = tree_name_of_table(cmd->def->range_var);
	of.as = SQL_ROLE_PARENT;
	effect_put(sink, cmd->subtype == AT(AddInherit) ? F(INHERIT) : F(NO_INHERIT), &of);
}

static void
put_dropping(struct effect_sink *sink, const struct effect_of *of,
	     const PgQuery__AlterTableCmd *cmd, enum sql_form_id form)
{
	effect_put(sink, form, of);
	if (cmd->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
		effect_put(sink, F(CASCADE), of);
}

static void
put_plain(struct effect_sink *sink, const struct effect_of *of, PgQuery__AlterTableType action)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (actions[i].action == action) {
			effect_put(sink, actions[i].form, of);
			return;
		}
	}
	effect_put(sink, F(ALTER_OTHER), of);
}

static void
put_action(struct effect_sink *sink, const struct effect_of *of, PgQuery__ObjectType type,
	   const PgQuery__AlterTableCmd *cmd)
{
	switch (cmd->subtype) {
	case AT(AddColumn):
		add_column(sink, of, cmd->def->column_def, cmd->missing_ok);
		break;
	case AT(AddConstraint):
		add_constraint(sink, of, cmd->def->constraint);
		break;
	case AT(DropColumn):
		put_dropping(sink, of, cmd, F(DROP_COLUMN));
		break;
	case AT(DropConstraint):
		put_dropping(sink, of, cmd, F(DROP_CONSTRAINT));
		break;
	case AT(SetRelOptions):
	case AT(ResetRelOptions):
		effect_put(sink, are_soft(cmd->def) ? F(SET_OPTIONS) : F(SET_HARD_OPTIONS), of);
		break;
	case AT(AttachPartition):
	case AT(DetachPartition):
	case AT(DetachPartitionFinalize):
		put_partition(sink, of, cmd, type == O(INDEX));
		break;
	case AT(AddInherit):
	case AT(DropInherit):
		put_inherit(sink, of, cmd);
		break;
	default:
		put_plain(sink, of, cmd->subtype);
		break;
	}
}

void
effect_alter_table(struct effect_sink *sink, const PgQuery__AlterTableStmt *st)
{
	struct effect_of of = effect_of_table(st->relation);

	of.may_lack = st->missing_ok;
	/* None but tables are parents. */
	of.only |= st->objtype != O(TABLE) && st->objtype != O(FOREIGN_TABLE);
	for (size_t i = 0; i < st->n_cmds; i++) {
		const PgQuery__AlterTableCmd *cmd = st->cmds[i]->alter_table_cmd;
		if (st->objtype == O(TYPE))
			effect_put(sink,
				   cmd->subtype == AT(AlterColumnType) ? F(ALTER_ATTRIBUTE_TYPE)
								       : F(ALTER_ATTRIBUTE),
				   &of);
		else if (st->objtype == O(SEQUENCE) &&
			 (cmd->subtype == AT(SetLogged) || cmd->subtype == AT(SetUnLogged)))
			effect_put(sink, F(SEQUENCE_LOGGED), &of);
		else
			put_action(sink, &of, st->objtype, cmd);
	}
}

/* ---- CREATE TABLE ---- */

static void
put_references(struct effect_sink *sink, const PgQuery__Constraint *c, bool may_lack)
{
	struct effect_of of = {.as = SQL_ROLE_REFERENCED, .may_lack = may_lack};

	if (c == NULL || c->contype != CONSTR(FOREIGN))
		return;
	of.other = tree_name_of_table(c->pktable);
	effect_put(sink, F(CREATE_REFERENCES), &of);
}

static void
put_element(struct effect_sink *sink, const PgQuery__Node *n, bool may_lack)
{
	struct effect_of like = {.as = SQL_ROLE_SOURCE, .may_lack = may_lack};

	if (n->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
		for (size_t i = 0; i < n->column_def->n_constraints; i++)
			put_references(sink, n->column_def->constraints[i]->constraint, may_lack);
	if (n->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
		put_references(sink, n->constraint, may_lack);
	if (n->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE) {
		like.other = tree_name_of_table(n->table_like_clause->relation);
		effect_put(sink, F(CREATE_LIKE), &like);
	}
}

void
effect_create_table(struct effect_sink *sink, const PgQuery__CreateStmt *st)
{
	effect_put(sink, F(CREATE_TABLE), &(struct effect_of){0});
	for (size_t i = 0; i < st->n_inh_relations; i++) {
		struct effect_of of = {.as = SQL_ROLE_PARENT, .may_lack = st->if_not_exists};
		of.self = of.other = tree_name_of_table(st->inh_relations[i]->range_var);
		effect_put(sink, st->partbound != NULL ? F(PARTITION_OF) : F(CREATE_INHERITS), &of);
	}
	for (size_t i = 0; i < st->n_table_elts; i++)
		put_element(sink, st->table_elts[i], st->if_not_exists);
	for (size_t i = 0; i < st->n_constraints; i++)
		put_element(sink, st->constraints[i], st->if_not_exists);
}
