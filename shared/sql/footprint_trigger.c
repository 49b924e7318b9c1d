/*
 * Triggers and policies of tables, and event triggers.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

/* A function that is called without arguments, whatever it is given. */
static void
put_function(struct footprint_walk *w, PgQuery__Node *const *names, size_t count)
{
	struct sql_access *a =
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_FUNCTION, tree_name_of(names, count));

	a->part_kind = SQL_PART_SIGNATURE;
	a->part = "()";
}

void
footprint_create_trigger(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateTrigStmt *st = statement;
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a =
		footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_RELATION,
			       tree_name_of_table(st->relation), SQL_PART_TRIGGER, st->trigname);

	a->tolerant = a->replaces = st->replace;
	a->value = value;
	if (st->isconstraint)
		footprint_part(w, SQL_MODE_CONSTRAIN, SQL_KIND_RELATION,
			       tree_name_of_table(st->relation), SQL_PART_CONSTRAINT, st->trigname)
			->implied = true;
	put_function(w, st->funcname, st->n_funcname);
	for (size_t i = 0; i < st->n_columns; i++)
		footprint_column(w, SQL_BOND_FIRM, st->relation, tree_string(st->columns[i]));
	if (st->when_clause != NULL)
		footprint_expression(w, SQL_BOND_FIRM, st->relation, &st->when_clause->base);
	if (st->constrrel != NULL)
		footprint_read(w, SQL_BOND_KEY, SQL_KIND_TABLE, tree_name_of_table(st->constrrel));
}

void
footprint_create_event_trigger(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateEventTrigStmt *st = statement;
	struct sql_access *a =
		footprint_make(w, SQL_KIND_EVENT_TRIGGER, bare_name(st->trigname), false);

	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	put_function(w, st->funcname, st->n_funcname);
}

void
footprint_alter_event_trigger(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterEventTrigStmt *st = statement;

	footprint_alter(w, SQL_KIND_EVENT_TRIGGER, bare_name(st->trigname), "enabled",
			st->tgenabled);
}

/* ---- policies ---- */

static void
put_roles(struct footprint_walk *w, PgQuery__Node *const *roles, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (roles[i]->node_case == N(ROLE_SPEC))
			footprint_role(w, roles[i]->role_spec);
	}
}

static void
put_policy_expression(struct footprint_walk *w, const PgQuery__RangeVar *table,
		      const PgQuery__Node *expression)
{
	if (expression != NULL)
		footprint_expression(w, SQL_BOND_FIRM, table, &expression->base);
}

void
footprint_create_policy(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreatePolicyStmt *st = statement;

	footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_TABLE, tree_name_of_table(st->table),
		       SQL_PART_POLICY, st->policy_name)
		->value = footprint_value(w, &st->base);
	put_roles(w, st->roles, st->n_roles);
	put_policy_expression(w, st->table, st->qual);
	put_policy_expression(w, st->table, st->with_check);
}

static void
alter_policy(struct footprint_walk *w, const PgQuery__AlterPolicyStmt *st, const char *aspect,
	     const char *value)
{
	struct sql_access *a =
		footprint_part(w, SQL_MODE_ALTER, SQL_KIND_TABLE, tree_name_of_table(st->table),
			       SQL_PART_POLICY, st->policy_name);

	a->aspect = aspect;
	a->value = value;
}

void
footprint_alter_policy(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterPolicyStmt *st = statement;

	if (st->n_roles > 0)
		alter_policy(w, st, "roles", footprint_values(w, st->roles, st->n_roles));
	if (st->qual != NULL)
		alter_policy(w, st, "using", footprint_value(w, &st->qual->base));
	if (st->with_check != NULL)
		alter_policy(w, st, "check", footprint_value(w, &st->with_check->base));
	put_roles(w, st->roles, st->n_roles);
	put_policy_expression(w, st->table, st->qual);
	put_policy_expression(w, st->table, st->with_check);
}
