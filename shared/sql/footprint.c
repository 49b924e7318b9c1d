/*
 * From a text to its footprint: cut into statements, each parsed and handed to the handler of its
 * kind. footprint_handlers.h names every kind of statement that the parser knows, those without a
 * footprint too; what it does not name is opaque.
 */
#include "shared/sql/footprint.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/error.h"
#include "shared/sql/footprint_walk.h"
#include "shared/sql/split.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

enum { BODY_DEPTH = 4 };

/* ---- statements of every day ---- */

void
footprint_rows(struct footprint_walk *w, const void *statement)
{
	footprint_query(w, SQL_BOND_NAME, statement);
}

/* SET search_path moves where later names are found. */
void
footprint_set(struct footprint_walk *w, const void *statement)
{
	const PgQuery__VariableSetStmt *st = statement;
	const char **path;
	size_t count = 0;

	if (st->name == NULL || strcmp(st->name, "search_path") != 0 || st->n_args == 0)
		return;
	path = arena_array(w->arena, st->n_args, sizeof(*path));
	for (size_t i = 0; i < st->n_args; i++) {
		const PgQuery__Node *n = st->args[i];
		if (n->node_case != N(A_CONST) ||
		    n->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			continue;
		const char *schema = n->a_const->sval->sval;
		if (strcmp(schema, "$user") == 0)
			schema = w->user;
		if (tree_text(schema) != NULL)
			path[count++] = arena_str(w->arena, schema);
	}
	w->path = path;
	w->path_count = count;
}

/* ---- dispatch ---- */

static const struct {
	footprint_handler handle; /* NULL: it has no footprint */
	bool known;
} handlers[] = {
#define HANDLED(node, fn) [N(node)] = {fn, true},
#define NOTHING(node)	  [N(node)] = {NULL, true},
	FOOTPRINT_HANDLERS(HANDLED) FOOTPRINT_NOTHING(NOTHING) FOOTPRINT_INSIDE(NOTHING)};

bool
footprint_knows(PgQuery__Node__NodeCase kind)
{
	return (size_t)kind < ARRAY_LEN(handlers) && handlers[kind].known;
}

void
footprint_statement(struct footprint_walk *w, const PgQuery__Node *n)
{
	if (!footprint_knows(n->node_case))
		footprint_opaque(w, "a kind of statement that is not known");
	else if (handlers[n->node_case].handle != NULL)
		/* every member of the union is a pointer to the statement */
		handlers[n->node_case].handle(w, n->insert_stmt);
}

static void
one_statement(struct footprint_walk *w, struct span statement)
{
	struct sql_tree tree;

	if (!sql_tree_parse(&tree, statement)) {
		footprint_opaque(w, "it is not SQL that the parser of PostgreSQL 15 takes");
		return;
	}
	struct span outer = w->text;
	w->text = statement;
	footprint_statement(w, tree.statement);
	w->text = outer;
	sql_tree_free(&tree);
}

/* ---- text ---- */

struct memory {
	struct span rest;
};

static bool
read_memory(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct memory *m = self;
	size_t len = m->rest.len < size ? m->rest.len : size;

	(void)err;
	memcpy(buf, m->rest.ptr, len);
	m->rest.ptr += len;
	m->rest.len -= len;
	*got = len;
	return true;
}

static bool
each_statement(struct footprint_walk *w, struct span text, bool outermost)
{
	struct memory memory = {text};
	struct sql_splitter *s = sql_splitter_new("SQL", (struct sql_source){read_memory, &memory});
	struct error err = {0};
	bool end = false, good = true;

	while (good) {
		struct sql_piece piece;
		good = sql_splitter_next(s, &piece, &end, &err);
		if (!good || end)
			break;
		if (outermost) {
			w->out->statements++;
			w->statement = w->out->statements;
			w->line = piece.line;
		}
		one_statement(w, piece.text);
	}
	sql_splitter_free(s);
	if (!good)
		footprint_opaque(w, arena_printf(w->arena, "it cannot be cut into statements: %s",
						 err.message));
	return good;
}

bool
footprint_text(struct footprint_walk *w, struct span text)
{
	bool good;

	if (w->depth == BODY_DEPTH) {
		footprint_opaque(w, "bodies within bodies within bodies");
		return false;
	}
	w->depth++;
	good = each_statement(w, text, false);
	w->depth--;
	return good;
}

void
sql_footprint_of(struct arena *arena, struct span sql_text, const struct sql_search_path *path,
		 struct sql_footprint *out)
{
	static const char *const usual[] = {"public"};
	struct footprint_walk w = {
		.arena = arena,
		.out = out,
		.path = usual,
		.path_count = 1,
		.user = path != NULL ? path->user : NULL,
	};

	if (path != NULL && path->count > 0) {
		w.path = path->schemas;
		w.path_count = path->count;
	}
	if (sql_text.len > 0)
		each_statement(&w, sql_text, true);
}
