/*
 * Types, domains, and what is defined by a list of options: aggregates, operators, collations,
 * text search, casts, operator classes.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

static struct tree_name
list_name(PgQuery__Node *const *names, size_t count)
{
	return tree_name_of(names, count);
}

static struct sql_access *
make_type(struct footprint_walk *w, enum sql_kind kind, struct tree_name name, const char *value)
{
	struct sql_access *a = footprint_make(w, kind, name, false);

	a->value = value;
	footprint_own(w, a);
	return a;
}

/* ---- CREATE TYPE, CREATE DOMAIN ---- */

void
footprint_create_enum(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateEnumStmt *st = statement;

	make_type(w, SQL_KIND_TYPE, list_name(st->type_name, st->n_type_name),
		  footprint_value(w, &st->base));
}

void
footprint_create_composite(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CompositeTypeStmt *st = statement;
	struct tree_name name = tree_name_of_table(st->typevar);

	make_type(w, SQL_KIND_TYPE, name, footprint_value(w, &st->base));
	footprint_make(w, SQL_KIND_RELATION, name, false)->implied = true;
	for (size_t i = 0; i < st->n_coldeflist; i++) {
		if (st->coldeflist[i]->node_case == N(COLUMN_DEF))
			footprint_type(w, SQL_BOND_FIRM, st->coldeflist[i]->column_def->type_name);
	}
}

void
footprint_create_range(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateRangeStmt *st = statement;

	make_type(w, SQL_KIND_TYPE, list_name(st->type_name, st->n_type_name),
		  footprint_value(w, &st->base));
	footprint_definition(w, st->params, st->n_params);
}

static const char *
domain_constraint_name(struct footprint_walk *w, struct tree_name domain,
		       const PgQuery__Constraint *c)
{
	if (tree_text(c->conname) != NULL)
		return c->conname;
	return footprint_server_name(w, domain.name, NULL, "check");
}

void
footprint_create_domain(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateDomainStmt *st = statement;

	make_type(w, SQL_KIND_DOMAIN, list_name(st->domainname, st->n_domainname),
		  footprint_value(w, &st->base));
	footprint_type(w, SQL_BOND_FIRM, st->type_name);
	if (st->coll_clause != NULL)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_COLLATION,
			       list_name(st->coll_clause->collname, st->coll_clause->n_collname));
	for (size_t i = 0; i < st->n_constraints; i++)
		footprint_expression(w, SQL_BOND_FIRM, NULL, &st->constraints[i]->base);
}

/* ---- ALTER TYPE, ALTER DOMAIN ---- */

void
footprint_alter_enum(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterEnumStmt *st = statement;
	struct tree_name name = list_name(st->type_name, st->n_type_name);
	const char *neighbour = tree_text(st->new_val_neighbor);
	struct sql_access *a;

	if (tree_text(st->old_val) != NULL) {
		footprint_rename_part(w, SQL_KIND_TYPE, name, SQL_PART_LABEL, st->old_val,
				      st->new_val);
		return;
	}
	a = footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_TYPE, name, SQL_PART_LABEL, st->new_val);
	a->tolerant = st->skip_if_new_val_exists;
	a->value = neighbour == NULL
			   ? "at the end"
			   : arena_printf(w->arena, "%s %s",
					  st->new_val_is_after ? "after" : "before", neighbour);
	a->aspect = "place";
	if (neighbour != NULL) {
		a = footprint_part(w, SQL_MODE_READ, SQL_KIND_TYPE, name, SQL_PART_LABEL,
				   neighbour);
		a->bond = SQL_BOND_NAME;
	}
}

static void
put_options(struct footprint_walk *w, enum sql_kind kind, struct tree_name name,
	    PgQuery__Node *const *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = options[i]->def_elem;
		footprint_alter(w, kind, name, arena_printf(w->arena, "option %s", e->defname),
				e->arg != NULL ? footprint_value(w, &e->arg->base) : "");
	}
}

void
footprint_alter_type(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTypeStmt *st = statement;

	put_options(w, SQL_KIND_TYPE, list_name(st->type_name, st->n_type_name), st->options,
		    st->n_options);
	footprint_definition(w, st->options, st->n_options);
}

void
footprint_alter_domain(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterDomainStmt *st = statement;
	struct tree_name name = list_name(st->type_name, st->n_type_name);
	const char kind = st->subtype != NULL ? st->subtype[0] : '\0';
	const char *value = st->def != NULL ? footprint_value(w, &st->def->base) : "";
	struct sql_access *a;

	if (kind == 'C' && st->def != NULL && st->def->node_case == N(CONSTRAINT)) {
		a = footprint_part(w, SQL_MODE_CONSTRAIN, SQL_KIND_DOMAIN, name,
				   SQL_PART_CONSTRAINT,
				   domain_constraint_name(w, name, st->def->constraint));
		a->value = value;
		a->named_by_server = tree_text(st->def->constraint->conname) == NULL;
		footprint_expression(w, SQL_BOND_FIRM, NULL, &st->def->base);
	} else if (kind == 'X') {
		a = footprint_part(w, SQL_MODE_DROP, SQL_KIND_DOMAIN, name, SQL_PART_CONSTRAINT,
				   st->name);
		a->tolerant = st->missing_ok;
	} else if (kind == 'V') {
		a = footprint_part(w, SQL_MODE_ALTER, SQL_KIND_DOMAIN, name, SQL_PART_CONSTRAINT,
				   st->name);
		a->aspect = "validity";
		a->value = "valid";
	} else {
		footprint_alter(w, SQL_KIND_DOMAIN, name, kind == 'T' ? "default" : "not null",
				kind == 'T'   ? value
				: kind == 'O' ? "yes"
					      : "no");
		if (st->def != NULL)
			footprint_expression(w, SQL_BOND_FIRM, NULL, &st->def->base);
	}
}

/* ---- definitions by options ---- */

/* What an option's value names. */
static const struct {
	const char *option;
	enum sql_kind kind;
} named[] = {
	{"sfunc", SQL_KIND_ROUTINE},
	{"finalfunc", SQL_KIND_ROUTINE},
	{"combinefunc", SQL_KIND_ROUTINE},
	{"serialfunc", SQL_KIND_ROUTINE},
	{"deserialfunc", SQL_KIND_ROUTINE},
	{"msfunc", SQL_KIND_ROUTINE},
	{"minvfunc", SQL_KIND_ROUTINE},
	{"mfinalfunc", SQL_KIND_ROUTINE},
	{"procedure", SQL_KIND_ROUTINE},
	{"function", SQL_KIND_ROUTINE},
	{"input", SQL_KIND_ROUTINE},
	{"output", SQL_KIND_ROUTINE},
	{"receive", SQL_KIND_ROUTINE},
	{"send", SQL_KIND_ROUTINE},
	{"typmod_in", SQL_KIND_ROUTINE},
	{"typmod_out", SQL_KIND_ROUTINE},
	{"analyze", SQL_KIND_ROUTINE},
	{"subscript", SQL_KIND_ROUTINE},
	{"restrict", SQL_KIND_ROUTINE},
	{"join", SQL_KIND_ROUTINE},
	{"start", SQL_KIND_ROUTINE},
	{"gettoken", SQL_KIND_ROUTINE},
	{"end", SQL_KIND_ROUTINE},
	{"headline", SQL_KIND_ROUTINE},
	{"lextypes", SQL_KIND_ROUTINE},
	{"init", SQL_KIND_ROUTINE},
	{"lexize", SQL_KIND_ROUTINE},
	{"subtype_diff", SQL_KIND_ROUTINE},
	{"canonical", SQL_KIND_ROUTINE},
	{"stype", SQL_KIND_TYPE},
	{"mstype", SQL_KIND_TYPE},
	{"basetype", SQL_KIND_TYPE},
	{"leftarg", SQL_KIND_TYPE},
	{"rightarg", SQL_KIND_TYPE},
	{"subtype", SQL_KIND_TYPE},
	{"element", SQL_KIND_TYPE},
	{"like", SQL_KIND_TYPE},
	{"template", SQL_KIND_TS_TEMPLATE},
	{"parser", SQL_KIND_TS_PARSER},
	{"copy", SQL_KIND_TS_CONFIGURATION},
	{"dictionary", SQL_KIND_TS_DICTIONARY},
	{"from", SQL_KIND_COLLATION},
	{"collation", SQL_KIND_COLLATION},
	{"sortop", SQL_KIND_OPERATOR},
	{"handler", SQL_KIND_ROUTINE},
	{"validator", SQL_KIND_ROUTINE},
};

void
footprint_definition(struct footprint_walk *w, PgQuery__Node *const *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__DefElem *e =
			options[i]->node_case == N(DEF_ELEM) ? options[i]->def_elem : NULL;
		for (size_t k = 0; e != NULL && e->arg != NULL && k < ARRAY_LEN(named); k++) {
			if (strcmp(named[k].option, e->defname) != 0)
				continue;
			if (named[k].kind == SQL_KIND_TYPE && e->arg->node_case == N(TYPE_NAME))
				footprint_type(w, SQL_BOND_FIRM, e->arg->type_name);
			else
				footprint_read(w, SQL_BOND_FIRM, named[k].kind,
					       tree_name_of_node(e->arg));
		}
	}
}

static const char *
option_type(struct footprint_walk *w, const PgQuery__DefineStmt *st, const char *option)
{
	const PgQuery__DefElem *e = tree_option(st->definition, st->n_definition, option);

	if (e == NULL || e->arg == NULL || e->arg->node_case != N(TYPE_NAME))
		return "none";
	return footprint_type_text(w, e->arg->type_name);
}

/* The first of an aggregate's `args` is its list of parameters. */
static const char *
aggregate_signature(struct footprint_walk *w, const PgQuery__DefineStmt *st)
{
	const char *text = "";

	if (st->n_args == 0 || st->args[0]->node_case != N(LIST))
		return st->oldstyle ? arena_printf(w->arena, "(%s)", option_type(w, st, "basetype"))
				    : "()";
	const PgQuery__List *list = st->args[0]->list;
	for (size_t i = 0; i < list->n_items; i++) {
		if (list->items[i]->node_case != N(FUNCTION_PARAMETER))
			continue;
		footprint_type(w, SQL_BOND_FIRM, list->items[i]->function_parameter->arg_type);
		text = arena_printf(
			w->arena, "%s%s%s", text, *text != '\0' ? ", " : "",
			footprint_type_text(w, list->items[i]->function_parameter->arg_type));
	}
	return arena_printf(w->arena, "(%s)", text);
}

void
footprint_define(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DefineStmt *st = statement;
	const char *value = footprint_value(w, &st->base);
	const char *part = NULL;
	struct sql_access *a;

	if (st->kind == O(AGGREGATE))
		part = aggregate_signature(w, st);
	else if (st->kind == O(OPERATOR))
		part = arena_printf(w->arena, "(%s, %s)", option_type(w, st, "leftarg"),
				    option_type(w, st, "rightarg"));
	a = footprint_make(w, footprint_kind(st->kind), list_name(st->defnames, st->n_defnames),
			   false);
	a->value = value;
	a->replaces = st->replace;
	a->tolerant = st->replace || st->if_not_exists;
	if (part != NULL) {
		a->part_kind = SQL_PART_SIGNATURE;
		a->part = part;
	} else {
		footprint_own(w, a);
	}
	footprint_definition(w, st->definition, st->n_definition);
}

void
footprint_alter_operator(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterOperatorStmt *st = statement;

	if (st->opername == NULL)
		return;
	for (size_t i = 0; i < st->n_options; i++) {
		if (st->options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = st->options[i]->def_elem;
		struct sql_access *a =
			footprint_part(w, SQL_MODE_ALTER, SQL_KIND_OPERATOR,
				       list_name(st->opername->objname, st->opername->n_objname),
				       SQL_PART_SIGNATURE, footprint_signature(w, st->opername));
		a->aspect = arena_printf(w->arena, "option %s", e->defname);
		a->value = e->arg != NULL ? footprint_value(w, &e->arg->base) : "";
	}
	footprint_definition(w, st->options, st->n_options);
}

void
footprint_alter_collation(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterCollationStmt *st = statement;

	footprint_alter(w, SQL_KIND_COLLATION, list_name(st->collname, st->n_collname), "version",
			"refreshed");
}

/* ---- text search ---- */

void
footprint_alter_ts_dictionary(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTSDictionaryStmt *st = statement;

	put_options(w, SQL_KIND_TS_DICTIONARY, list_name(st->dictname, st->n_dictname), st->options,
		    st->n_options);
}

void
footprint_alter_ts_configuration(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTSConfigurationStmt *st = statement;
	struct tree_name name = list_name(st->cfgname, st->n_cfgname);

	for (size_t i = 0; i < st->n_tokentype + (st->n_tokentype == 0); i++) {
		const char *token = st->n_tokentype > 0 ? tree_string(st->tokentype[i]) : "*";
		footprint_alter(w, SQL_KIND_TS_CONFIGURATION, name,
				arena_printf(w->arena, "mapping of %s", token ? token : "*"),
				footprint_value(w, &st->base));
	}
	for (size_t i = 0; i < st->n_dicts; i++)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_TS_DICTIONARY,
			       tree_name_of_node(st->dicts[i]));
}
