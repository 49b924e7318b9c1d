/*
 * Functions, procedures, DO and CALL. A body in SQL is checked when the function is made, so what
 * it names must be there then; a body in PL/pgSQL is not, so what it uses is late. DO runs at once:
 * what it plainly does counts, and it stays opaque for the rest.
 */
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define P(name) PG_QUERY__FUNCTION_PARAMETER_MODE__##name

/* ---- signatures ---- */

static bool
is_input(const PgQuery__FunctionParameter *p)
{
	return p->mode != P(FUNC_PARAM_OUT) && p->mode != P(FUNC_PARAM_TABLE);
}

static const char *
signature(struct footprint_walk *w, const PgQuery__CreateFunctionStmt *st)
{
	const char *text = "";

	for (size_t i = 0; i < st->n_parameters; i++) {
		const PgQuery__Node *n = st->parameters[i];
		if (n->node_case != N(FUNCTION_PARAMETER) || !is_input(n->function_parameter))
			continue;
		text = arena_printf(w->arena, "%s%s%s", text, *text != '\0' ? ", " : "",
				    footprint_type_text(w, n->function_parameter->arg_type));
	}
	return arena_printf(w->arena, "(%s)", text);
}

static void
put_types(struct footprint_walk *w, const PgQuery__CreateFunctionStmt *st)
{
	footprint_type(w, SQL_BOND_FIRM, st->return_type);
	for (size_t i = 0; i < st->n_parameters; i++) {
		const PgQuery__Node *n = st->parameters[i];
		if (n->node_case != N(FUNCTION_PARAMETER))
			continue;
		footprint_type(w, SQL_BOND_FIRM, n->function_parameter->arg_type);
		if (n->function_parameter->defexpr != NULL)
			footprint_expression(w, SQL_BOND_FIRM, NULL,
					     &n->function_parameter->defexpr->base);
	}
}

/* ---- bodies ---- */

static const char *
option_text(PgQuery__Node *const *options, size_t count, const char *name)
{
	const PgQuery__DefElem *e = tree_option(options, count, name);

	if (e == NULL || e->arg == NULL)
		return NULL;
	if (e->arg->node_case == N(LIST))
		return e->arg->list->n_items > 0 ? tree_string(e->arg->list->items[0]) : NULL;
	return tree_string(e->arg);
}

static void
put_sql_body(struct footprint_walk *w, const char *body)
{
	size_t from = w->out->count;

	if (!footprint_text(w, span_str(body)))
		return;
	/* nothing of it happens now: it is only checked */
	for (size_t i = from; i < w->out->count; i++) {
		struct sql_access *a = &w->out->items[i];
		if (a->mode != SQL_MODE_READ) {
			a->mode = SQL_MODE_READ;
			a->bond = SQL_BOND_NAME;
			a->aspect = NULL;
		}
	}
}

static void
put_body(struct footprint_walk *w, const PgQuery__CreateFunctionStmt *st)
{
	const char *language = option_text(st->options, st->n_options, "language");
	const char *body = option_text(st->options, st->n_options, "as");

	if (st->sql_body != NULL) {
		footprint_query(w, SQL_BOND_FIRM, &st->sql_body->base);
		return;
	}
	if (body == NULL || language == NULL)
		return;
	if (strcasecmp(language, "sql") == 0)
		put_sql_body(w, body);
	else if (strcasecmp(language, "plpgsql") == 0)
		footprint_plpgsql(w, PLPGSQL_LATE);
	else if (strcasecmp(language, "c") != 0 && strcasecmp(language, "internal") != 0)
		footprint_opaque(w, "a function body in a language that is not read");
	if (strcasecmp(language, "sql") != 0)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_LANGUAGE, bare_name(language));
}

void
footprint_create_function(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateFunctionStmt *st = statement;
	struct tree_name name = tree_name_of(st->funcname, st->n_funcname);
	enum sql_kind kind = st->is_procedure ? SQL_KIND_PROCEDURE : SQL_KIND_FUNCTION;
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a = footprint_make(w, kind, name, false);

	a->tolerant = a->replaces = st->replace;
	a->value = value;
	a->part_kind = SQL_PART_SIGNATURE;
	a->part = signature(w, st);
	put_types(w, st);
	put_body(w, st);
}

/* ---- ALTER ---- */

void
footprint_alter_function(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterFunctionStmt *st = statement;

	for (size_t i = 0; st->func != NULL && i < st->n_actions; i++) {
		if (st->actions[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = st->actions[i]->def_elem;
		const char *aspect = e->defname;
		if (e->arg != NULL && e->arg->node_case == N(VARIABLE_SET_STMT))
			aspect = arena_printf(w->arena, "setting %s",
					      e->arg->variable_set_stmt->name);
		struct sql_access *a =
			footprint_part(w, SQL_MODE_ALTER, footprint_kind(st->objtype),
				       tree_name_of(st->func->objname, st->func->n_objname),
				       SQL_PART_SIGNATURE, footprint_signature(w, st->func));
		a->aspect = arena_str(w->arena, aspect);
		a->value = e->arg != NULL ? footprint_value(w, &e->arg->base) : "";
	}
}

/* ---- DO and CALL ---- */

void
footprint_do(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DoStmt *st = statement;
	const char *language = option_text(st->args, st->n_args, "language");

	footprint_opaque(w, "DO runs code");
	if (language == NULL || strcasecmp(language, "plpgsql") == 0)
		footprint_plpgsql(w, PLPGSQL_NOW);
	else
		footprint_read(w, SQL_BOND_NAME, SQL_KIND_LANGUAGE, bare_name(language));
}

void
footprint_call(struct footprint_walk *w, const void *statement)
{
	footprint_opaque(w, "CALL runs code that is not in this text");
	footprint_query(w, SQL_BOND_NAME, statement);
}
