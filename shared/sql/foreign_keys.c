/*
 * Foreign keys out of CREATE TABLE. The parser says which constraints are foreign keys and where
 * they begin; it does not say where they end. That is found by walking the few words that the
 * grammar allows in one, token by token. A statement in which anything else stands is left alone.
 */
#include "shared/sql/foreign_keys.h"

#include <stdlib.h>
#include <string.h>

#include "shared/sql/classify.h"
#include "shared/sql/foreign_key_place.h"
#include "shared/sql/tree.h"

#include "shared/base/banned.h"

enum { NAME_BYTES = 63 };

struct keys {
	struct arena *arena;
	struct key_tokens t;
	bool *gone; /* elements that are keys, by number */
	struct sql_foreign_keys *out;
	size_t key_cap, cut_cap;
};

static void
add_cut(struct keys *k, size_t start, size_t end)
{
	struct sql_foreign_keys *o = k->out;

	o->cuts = arena_grow(k->arena, o->cuts, o->cut_count, &k->cut_cap, sizeof(*o->cuts));
	o->cuts[o->cut_count++] = (struct sql_cut){start, end};
}

/* From a token to the key's last, without NOT VALID. */
static const char *
as_written(const struct keys *k, const struct key_place *p, size_t from)
{
	const struct key_token *t = k->t.items;
	const char *text = k->t.text.ptr;
	size_t start = t[from].start, end = t[p->last].end;

	if (p->valid == 0)
		return arena_span(k->arena, span_of(text + start, end - start));
	size_t cut = t[p->valid].start, on = t[p->valid_end - 1].end;
	while (cut > start && (text[cut - 1] == ' ' || text[cut - 1] == '\t'))
		cut--;
	return arena_printf(k->arena, "%.*s%.*s", (int)(cut - start), text + start, (int)(end - on),
			    text + on);
}

/* What the server calls a key without a name, unless somebody has that name. */
static const char *
chosen_name(const struct keys *k, const char *table, const char *const *columns, size_t count)
{
	const char *name = table;

	for (size_t i = 0; i < count; i++)
		name = arena_printf(k->arena, "%s_%s", name, columns[i]);
	name = arena_printf(k->arena, "%s_fkey", name);
	return strlen(name) <= NAME_BYTES ? name : NULL;
}

/* It ends in _fkey, so it is no keyword. */
static const char *
quoted_where_needed(const struct keys *k, const char *name)
{
	size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");

	if (name[plain] == '\0' && (*name < '0' || *name > '9'))
		return name;
	return sql_quote_name(k->arena, NULL, name);
}

/* `chosen` as the server would store it. */
static void
put_key(struct keys *k, const struct key_place *p, const PgQuery__Constraint *c, const char *clause,
	const char *chosen)
{
	struct sql_foreign_keys *o = k->out;
	struct sql_foreign_key key = {.clause = clause, .start = k->t.items[p->first].start};

	if (p->name > 0) {
		key.name = key_name_text(k->arena, &k->t, p->name, c->conname);
		key.plain = arena_str(k->arena, c->conname);
	} else if (chosen != NULL) {
		key.chosen = quoted_where_needed(k, chosen);
		key.plain = chosen;
	}
	o->items = arena_grow(k->arena, o->items, o->count, &k->key_cap, sizeof(*o->items));
	o->items[o->count++] = key;
	add_cut(k, key.start, k->t.items[p->last].end);
}

/* ---- keys of columns, keys of the table ---- */

static bool
is_foreign_key(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
	       node->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
}

static bool
take_column(struct keys *k, const char *table, const PgQuery__ColumnDef *column)
{
	size_t name, first;
	struct key_place p;

	for (size_t i = 0; i < column->n_constraints; i++) {
		const PgQuery__Node *node = column->constraints[i];
		if (!is_foreign_key(node))
			continue;
		const PgQuery__Constraint *c = node->constraint;
		if (!key_token_at(&k->t, (size_t)c->location, &first) ||
		    !key_token_at(&k->t, (size_t)column->location, &name) ||
		    !key_place_find(&k->t, first, true, &p))
			return false;
		const char *columns[] = {column->colname};
		const char *clause =
			arena_printf(k->arena, "FOREIGN KEY (%s) %s",
				     key_name_text(k->arena, &k->t, name, column->colname),
				     as_written(k, &p, p.references));
		put_key(k, &p, c, clause, chosen_name(k, table, columns, 1));
	}
	return true;
}

static size_t
element_of(const struct keys *k, size_t token)
{
	size_t element = 0;

	while (element < k->t.comma_count && k->t.commas[element] < token)
		element++;
	return element;
}

static bool
take_table_key(struct keys *k, const char *table, const PgQuery__Constraint *c)
{
	const char **columns = arena_array(k->arena, c->n_fk_attrs + 1, sizeof(*columns));
	size_t first;
	struct key_place p;

	if (!key_token_at(&k->t, (size_t)c->location, &first) ||
	    !key_place_find(&k->t, first, false, &p))
		return false;
	for (size_t i = 0; i < c->n_fk_attrs; i++)
		columns[i] = tree_string(c->fk_attrs[i]);
	put_key(k, &p, c, as_written(k, &p, p.foreign),
		chosen_name(k, table, columns, c->n_fk_attrs));
	k->gone[element_of(k, first)] = true;
	return true;
}

/* A key goes with the comma after it; keys that nothing follows, with the comma before each. */
static void
cut_commas(struct keys *k)
{
	size_t last = k->t.comma_count;

	while (last > 0 && k->gone[last])
		last--;
	for (size_t i = 0; i < k->t.comma_count; i++) {
		const struct key_token *comma = &k->t.items[k->t.commas[i]];
		if (k->gone[i] || i >= last)
			add_cut(k, comma->start, comma->end);
	}
}

/* CREATE TABLE t () is one; with OF and PARTITION OF an empty list is none. */
static void
cut_parentheses(struct keys *k, const PgQuery__CreateStmt *create)
{
	const struct key_token *items = k->t.items;
	bool typed = create->of_typename != NULL || create->partbound != NULL;

	for (size_t i = 0; i <= k->t.comma_count; i++)
		typed = typed && k->gone[i];
	if (!typed)
		return;
	add_cut(k, items[k->t.open].start, items[k->t.open].end);
	add_cut(k, items[k->t.close].start, items[k->t.close].end);
}

static int
by_start(const void *a, const void *b)
{
	const struct sql_cut *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* ---- the statement ---- */

static bool
take_elements(struct keys *k, const PgQuery__CreateStmt *create)
{
	const char *table = create->relation->relname;

	for (size_t i = 0; i < create->n_table_elts; i++) {
		const PgQuery__Node *node = create->table_elts[i];
		if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF &&
		    !take_column(k, table, node->column_def))
			return false;
		if (is_foreign_key(node) && !take_table_key(k, table, node->constraint))
			return false;
	}
	return true;
}

static const char *
table_text(const struct keys *k, const PgQuery__RangeVar *table)
{
	size_t first, i;

	if (key_token_at(&k->t, (size_t)table->location, &first)) {
		i = first;
		if (key_pass_name(&k->t, &i) && i <= k->t.open) {
			size_t start = k->t.items[first].start, end = k->t.items[i - 1].end;
			return arena_span(k->arena, span_of(k->t.text.ptr + start, end - start));
		}
	}
	return sql_quote_name(k->arena, tree_text(table->schemaname), table->relname);
}

static enum sql_keys_found
take_create(struct arena *arena, struct span statement, const PgQuery__CreateStmt *create,
	    struct sql_foreign_keys *out)
{
	struct keys k = {.arena = arena, .out = out};

	if (strcmp(create->relation->relpersistence, "t") == 0 || create->n_table_elts == 0)
		return SQL_KEYS_NONE;
	key_tokens_read(arena, statement, &k.t);
	k.gone = arena_array(arena, k.t.comma_count + 1, sizeof(*k.gone));
	if (!take_elements(&k, create))
		return SQL_KEYS_UNREAD;
	if (out->count == 0)
		return SQL_KEYS_NONE;
	out->table = table_text(&k, create->relation);
	cut_commas(&k);
	cut_parentheses(&k, create);
	qsort(out->cuts, out->cut_count, sizeof(*out->cuts), by_start);
	return SQL_KEYS_FOUND;
}

/* Whether it is CREATE … TABLE (…, and neither a function nor a view that says the word. */
static bool
creates_table(struct span statement)
{
	struct sql_window w;
	struct scan_token token;

	window_over(&w, statement);
	for (int i = 0; i < 4 && scan_trivia(&w, &token) == SCAN_OTHER; i++) {
		scan_token(&w, &token);
		if (token.kind != SCAN_WORD || scan_word_is(token.word, "foreign"))
			return false;
		if (scan_word_is(token.word, "table"))
			return true;
	}
	return false;
}

enum sql_keys_found
sql_foreign_keys_of(struct arena *arena, struct span statement, struct sql_foreign_keys *out)
{
	enum sql_keys_found found = SQL_KEYS_NONE;
	struct sql_tree tree;

	*out = (struct sql_foreign_keys){0};
	if (!key_begins_with(statement, "create") || !creates_table(statement) ||
	    !key_mentions(statement, "references"))
		return SQL_KEYS_NONE;
	if (!sql_tree_parse(&tree, statement))
		return SQL_KEYS_UNREAD;
	if (tree.statement->node_case == PG_QUERY__NODE__NODE_CREATE_STMT)
		found = take_create(arena, statement, tree.statement->create_stmt, out);
	sql_tree_free(&tree);
	return found;
}
