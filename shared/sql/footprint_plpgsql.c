/*
 * Bodies in PL/pgSQL. libpg_query gives their statements as JSON; of that only the texts of queries
 * and the names of types matter here, so it is scanned for those two, and not read as a document.
 */
#include <stdlib.h>
#include <string.h>

#include <pg_query.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

struct body {
	struct footprint_walk *w;
	enum plpgsql_when when;
	const char *at;	       /* in the JSON */
	const char *statement; /* kind of the PL/pgSQL statement that was entered last */
	bool conditional;      /* a branch or loop was entered: what follows may not run */
};

/* ---- JSON strings ---- */

static unsigned
hex4(const char *s)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		char c = s[i];
		if (c == '\0')
			return value;
		value = value * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static char
escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	default:
		return c;
	}
}

/* The next string; NULL at the end. `at` is behind it afterwards. libpg_query escapes only what is
 * ASCII by \u. */
static const char *
next_string(struct body *b)
{
	const char *s = strchr(b->at, '"');
	const char *end;
	char *out;
	size_t len = 0;

	if (s == NULL)
		return NULL;
	for (end = ++s; *end != '\0' && *end != '"'; end++)
		end += *end == '\\' && end[1] != '\0';
	out = arena_alloc(b->w->arena, (size_t)(end - s) + 1);
	for (; s < end; s++) {
		if (*s != '\\') {
			out[len++] = *s;
		} else if (s[1] == 'u' && end - s > 5) {
			out[len++] = (char)hex4(s + 2);
			s += 5;
		} else {
			out[len++] = escaped(*++s);
		}
	}
	out[len] = '\0';
	b->at = *end == '"' ? end + 1 : end;
	return out;
}

/* ---- texts ---- */

/* A lone string constant's text; NULL for any other expression. */
static const char *
lone_constant(struct footprint_walk *w, const char *expression)
{
	struct sql_tree tree;
	const char *text = NULL;
	const char *query = arena_printf(w->arena, "SELECT %s", expression);

	if (!sql_tree_parse(&tree, span_str(query)))
		return NULL;
	const PgQuery__SelectStmt *st = tree.statement->select_stmt;
	if (tree.statement->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
	    st->n_target_list == 1 &&
	    st->target_list[0]->node_case == PG_QUERY__NODE__NODE_RES_TARGET) {
		const PgQuery__Node *n = st->target_list[0]->res_target->val;
		if (n != NULL && n->node_case == PG_QUERY__NODE__NODE_A_CONST &&
		    n->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)
			text = arena_str(w->arena, n->a_const->sval->sval);
	}
	sql_tree_free(&tree);
	return text;
}

static bool
statement_is(const struct body *b, const char *kind)
{
	return b->statement != NULL && strcmp(b->statement, kind) == 0;
}

static void
take_expression(struct body *b, const char *text)
{
	const char *assigned = statement_is(b, "PLpgSQL_stmt_assign") ? strstr(text, ":=") : NULL;
	struct sql_tree tree;

	text = assigned != NULL ? assigned + 2 : text;
	const char *query = arena_printf(b->w->arena, "SELECT %s", text);
	if (!sql_tree_parse(&tree, span_str(query)))
		return;
	/* names without a qualifier are variables more often than columns */
	footprint_query(b->w, SQL_BOND_NAME, &tree.statement->base);
	sql_tree_free(&tree);
}

static bool
is_statement(const char *text)
{
	static const char *const words[] = {"select ", "with ", "values ", "table "};

	while (*text == ' ' || *text == '\n' || *text == '\t' || *text == '(')
		text++;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strncasecmp(text, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

static void
take_query(struct body *b, const char *text)
{
	size_t from = b->w->out->count;

	if (statement_is(b, "PLpgSQL_stmt_dynexecute")) {
		const char *constant = lone_constant(b->w, text);
		if (constant != NULL)
			footprint_text(b->w, span_str(constant));
		else if (b->when == PLPGSQL_NOW)
			footprint_opaque(b->w, "it runs text that is made at run time");
	} else if (statement_is(b, "PLpgSQL_stmt_execsql") ||
		   statement_is(b, "PLpgSQL_stmt_call") ||
		   statement_is(b, "PLpgSQL_stmt_perform") || is_statement(text)) {
		footprint_text(b->w, span_str(text));
	} else {
		take_expression(b, text);
	}
	for (size_t i = from; b->conditional && i < b->w->out->count; i++)
		b->w->out->items[i].guessed = true;
}

/* Types of variables are looked up when the function is made: t%ROWTYPE, t.c%TYPE, a name. */
static void
take_type(struct body *b, const char *text)
{
	struct sql_tree tree;
	const char *percent = strchr(text, '%');
	bool late = b->w->late;

	if (strcmp(text, "UNKNOWN") == 0 || *text == '\0')
		return;
	b->w->late = false;
	if (percent != NULL && strncasecmp(percent, "%rowtype", 8) == 0) {
		footprint_regclass(
			b->w, SQL_BOND_NAME, SQL_KIND_RELATION,
			arena_span(b->w->arena, span_of(text, (size_t)(percent - text))));
	} else if (percent == NULL) {
		const char *query = arena_printf(b->w->arena, "SELECT NULL::%s", text);
		if (sql_tree_parse(&tree, span_str(query))) {
			footprint_query(b->w, SQL_BOND_NAME, &tree.statement->base);
			sql_tree_free(&tree);
		}
	}
	b->w->late = late;
}

static void
enter(struct body *b, const char *kind)
{
	static const char *const branching[] = {
		"PLpgSQL_stmt_if",	   "PLpgSQL_stmt_case",	   "PLpgSQL_stmt_loop",
		"PLpgSQL_stmt_while",	   "PLpgSQL_stmt_fori",	   "PLpgSQL_stmt_fors",
		"PLpgSQL_stmt_forc",	   "PLpgSQL_stmt_dynfors", "PLpgSQL_stmt_foreach_a",
		"PLpgSQL_exception_block",
	};

	b->statement = kind;
	for (size_t i = 0; i < ARRAY_LEN(branching); i++)
		b->conditional = b->conditional || strcmp(kind, branching[i]) == 0;
}

/* The string behind a key; NULL when the value is none. */
static const char *
value_string(struct body *b)
{
	return b->at[0] == ':' && b->at[1] == '"' ? next_string(b) : NULL;
}

static void
scan(struct body *b)
{
	const char *key, *value;

	while ((key = next_string(b)) != NULL) {
		bool query = strcmp(key, "query") == 0, type = strcmp(key, "typname") == 0;
		if (*b->at != ':')
			continue;
		if (strncmp(key, "PLpgSQL_stmt_", 13) == 0 ||
		    strcmp(key, "PLpgSQL_exception_block") == 0)
			enter(b, key);
		value = query || type ? value_string(b) : NULL;
		if (value != NULL && query)
			take_query(b, value);
		else if (value != NULL)
			take_type(b, value);
	}
}

void
footprint_plpgsql(struct footprint_walk *w, enum plpgsql_when when)
{
	bool late = w->late;

	if (w->text.ptr == NULL || w->depth > 0) {
		footprint_opaque(w, "a body within a body is not read");
		return;
	}
	PgQueryPlpgsqlParseResult raw = pg_query_parse_plpgsql(arena_span(w->arena, w->text));
	if (raw.error != NULL || raw.plpgsql_funcs == NULL) {
		footprint_opaque(w, "a body in PL/pgSQL that the parser does not take");
	} else {
		struct body b = {.w = w, .when = when, .at = raw.plpgsql_funcs};
		w->late = when == PLPGSQL_LATE;
		scan(&b);
		w->late = late;
	}
	pg_query_free_plpgsql_parse_result(raw);
}
