/*
 * A text with other names in it. What the server prints is regular: objects stand behind their
 * schema, columns in queries behind the table's name or alias, columns of one relation alone where
 * there is no other.
 */
#include "shared/schema/rename_work.h"

#include <string.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

struct mention {
	const struct schema_object *relation;
	const char *name; /* what stands before its columns */
	bool by_alias;
};

enum { DEPTH_MOST = 100 };

/* ---- what is renamed ---- */

const struct name_change *
rename_of(const struct renaming *r, const struct schema_object *o)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].before == o && !r->items[i].label)
			return &r->items[i];
	return NULL;
}

const struct name_change *
rename_of_schema(const struct renaming *r, const char *schema)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].before->kind == SCHEMA_KIND_schema &&
		    strcmp(r->items[i].old, schema) == 0)
			return &r->items[i];
	return NULL;
}

const struct name_change *
rename_of_part(const struct renaming *r, enum schema_kind kind, const char *schema,
	       const char *whole, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct name_change *c = &r->items[i];
		if (c->before->kind == kind && c->whole != NULL && strcmp(c->old, name) == 0 &&
		    strcmp(c->whole->name, whole) == 0 && strcmp(c->whole->schema, schema) == 0)
			return c;
	}
	return NULL;
}

/* Of routines of one name, which one is meant is not seen; then none is. */
static const struct name_change *
routine_change(const struct rewrite *w, const char *schema, const char *name)
{
	size_t count;
	const struct schema_object *only = rename_routine(w->r, schema, name, &count);

	return count == 1 ? rename_of(w->r, only) : NULL;
}

static const struct name_change *
other_change(const struct rewrite *w, const char *schema, const char *name)
{
	for (size_t i = 0; i < w->r->count; i++) {
		const struct name_change *c = &w->r->items[i];
		if (c->whole == NULL && c->before->schema != NULL && !c->label &&
		    !rename_is_relation(c->before->kind) && !rename_is_routine(c->before->kind) &&
		    strcmp(c->old, name) == 0 && strcmp(c->before->schema, schema) == 0)
			return c;
	}
	return NULL;
}

/* ---- beginning and end ---- */

void
rewrite_start(struct rewrite *w, const struct renaming *r, const struct schema_object *object,
	      const char *text)
{
	*w = (struct rewrite){.r = r, .object = object, .text = text};
	w->n = tokens_of(r->arena, text, &w->t);
	w->put = arena_array(r->arena, w->n + 1, sizeof(*w->put));
	w->behind = arena_array(r->arena, w->n + 1, sizeof(*w->behind));
}

const char *
rewrite_end(struct rewrite *w)
{
	const char *from = w->text;
	struct text out;

	text_init(&out, 0);
	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		bool gone = w->put[i] != NULL && w->put[i][0] == '\0';

		if (!gone)
			text_put_span(&out, span_of(from, (size_t)(t->at - from)));
		if (w->put[i] != NULL)
			text_put(&out, w->put[i]);
		else
			text_put_span(&out, span_of(t->at, t->len));
		if (w->behind[i] != NULL)
			text_put(&out, w->behind[i]);
		from = t->at + t->len;
	}
	text_put(&out, from);
	const char *done = schema_pool_span(w->r->pool, out.ptr, out.len);
	text_fini(&out);
	return done;
}

/* ---- schema.name ---- */

static bool
is_after(const struct rewrite *w, size_t i, const char *raw)
{
	return i > 0 && token_is(&w->t[i - 1], raw);
}

static bool
begins_name(const struct rewrite *w, size_t i)
{
	return w->t[i].type == TOKEN_WORD && !is_after(w, i, ".") && token_is(&w->t[i + 1], ".");
}

/* Of a routine's own text the first name is its own, whatever others are called. */
static bool
is_own_routine(const struct rewrite *w, size_t i, const char *schema, const char *name)
{
	const struct schema_object *o = w->object;

	if (!rename_is_routine(o->kind) || strcmp(o->schema, schema) != 0 ||
	    strcmp(o->name, name) != 0)
		return false;
	for (size_t k = 0; k < i; k++)
		if (token_is(&w->t[k], "("))
			return false;
	return true;
}

static const struct name_change *
qualified_change(const struct rewrite *w, size_t i)
{
	const char *schema = w->t[i].bare, *name = w->t[i + 2].bare;
	bool call = token_is(&w->t[i + 3], "(") && !is_after(w, i, "REFERENCES") &&
		    !is_after(w, i, "INTO");
	const struct schema_object *relation;
	const struct name_change *c;
	size_t count = 0;

	if (is_own_routine(w, i, schema, name))
		return rename_of(w->r, w->object);
	c = call ? routine_change(w, schema, name) : NULL;
	if (c != NULL || (call && rename_routine(w->r, schema, name, &count) != NULL))
		return c;
	relation = rename_relation(w->r, schema, name);
	c = relation != NULL ? rename_of(w->r, relation) : other_change(w, schema, name);
	return c != NULL || relation != NULL ? c : routine_change(w, schema, name);
}

static void
put_qualified(struct rewrite *w, size_t i)
{
	const struct token *t = w->t;
	const struct name_change *schema = rename_of_schema(w->r, t[i].bare);

	if (schema != NULL)
		w->put[i] = schema->word;
	if (t[i + 2].type != TOKEN_WORD)
		return;
	const struct name_change *c = qualified_change(w, i);
	if (c != NULL)
		w->put[i + 2] = c->word;
	if (!token_is(&t[i + 3], ".") || t[i + 4].type != TOKEN_WORD)
		return;
	c = rename_of_part(w->r, SCHEMA_KIND_column, t[i].bare, t[i + 2].bare, t[i + 4].bare);
	if (c != NULL)
		w->put[i + 4] = c->word;
}

/* 'public.s'::regclass follows its object; 'sad'::public.mood its label. */
static void
put_constant(struct rewrite *w, size_t i)
{
	const struct token *t = &w->t[i];
	struct rewrite inner;

	if (!token_is(t + 1, "::") || t[2].type != TOKEN_WORD)
		return;
	if (strncmp(t[2].bare, "reg", 3) == 0 && !token_is(t + 3, ".")) {
		rewrite_start(&inner, w->r, w->object, t->bare);
		rewrite_qualified(&inner);
		w->put[i] = rename_literal(w->r->arena, rewrite_end(&inner));
		return;
	}
	for (size_t k = 0; k < w->r->count; k++) {
		const struct name_change *c = &w->r->items[k];
		if (c->label && token_is(t, c->old) && token_is(t + 3, ".") &&
		    strcmp(t[2].bare, c->before->schema) == 0 &&
		    strcmp(t[4].bare, c->before->name) == 0)
			w->put[i] = c->word;
	}
}

void
rewrite_qualified(struct rewrite *w)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->t[i].type == TOKEN_STRING)
			put_constant(w, i);
		else if (begins_name(w, i))
			put_qualified(w, i);
	}
}

/* ---- queries ---- */

static bool
is_keyword(const struct token *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->at[i] < 'A' || t->at[i] > 'Z')
			return false;
	return t->len > 0;
}

void
rewrite_mention(struct rewrite *w, const struct schema_object *relation, const char *alias)
{
	w->mentions = arena_grow(w->r->arena, w->mentions, w->mention_count, &w->mention_cap,
				 sizeof(*w->mentions));
	w->mentions[w->mention_count++] =
		(struct mention){relation, alias != NULL ? alias : relation->name, alias != NULL};
}

/* Keywords are printed large, and a name that has capitals is quoted. */
static void
find_mentions(struct rewrite *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		if (!begins_name(w, i) || t[2].type != TOKEN_WORD || token_is(&t[3], "."))
			continue;
		const struct schema_object *o = rename_relation(w->r, t[0].bare, t[2].bare);
		if (o == NULL)
			continue;
		bool alias = t[3].type == TOKEN_WORD && !is_keyword(&t[3]);
		rewrite_mention(w, o, alias ? t[3].bare : NULL);
	}
}

/* NULL: none, or not surely one. */
static const struct mention *
mention_of(const struct rewrite *w, const char *name)
{
	const struct mention *found = NULL;

	for (size_t i = 0; i < w->mention_count; i++) {
		const struct mention *m = &w->mentions[i];
		if (strcmp(m->name, name) != 0)
			continue;
		if (found != NULL &&
		    (found->relation != m->relation || found->by_alias != m->by_alias))
			return NULL;
		found = m;
	}
	return found;
}

/* Which tokens begin an item of a SELECT's list. */
static bool *
find_items(struct rewrite *w)
{
	bool *item = arena_array(w->r->arena, w->n + 2, sizeof(*item));
	bool in_list[DEPTH_MOST] = {false};
	size_t depth = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		if (token_is(t, "(") || token_is(t, "[")) {
			depth += depth + 1 < DEPTH_MOST;
			in_list[depth] = false;
		} else if (token_is(t, ")") || token_is(t, "]")) {
			depth -= depth > 0;
		} else if (token_is(t, "SELECT")) {
			in_list[depth] = true;
			item[i + 1] = true;
		} else if (token_is(t, "DISTINCT") && in_list[depth]) {
			item[i + 1] = true;
		} else if (token_is(t, ",") && in_list[depth]) {
			item[i + 1] = true;
		} else if (t->type == TOKEN_WORD && is_keyword(t) && !token_is(t, "AS")) {
			in_list[depth] = in_list[depth] && !token_is(t, "FROM");
		}
	}
	return item;
}

static bool
ends_item(const struct token *t)
{
	return t->type == TOKEN_END || token_is(t, ",") || token_is(t, ")") || token_is(t, ";") ||
	       (t->type == TOKEN_WORD && is_keyword(t) && !token_is(t, "AS") &&
		!token_is(t, "COLLATE") && !token_is(t, "AND") && !token_is(t, "OR") &&
		!token_is(t, "IS") && !token_is(t, "AT"));
}

/* The query's own columns keep their names: "u.mail" becomes "u.email AS mail". */
static void
keep_name(struct rewrite *w, size_t column, const struct name_change *c)
{
	const struct token *t = &w->t[column];

	if (token_is(t + 1, "AS") && strcmp(t[2].bare, c->new) == 0) {
		w->put[column + 1] = "";
		w->put[column + 2] = "";
	} else if (ends_item(t + 1)) {
		w->behind[column] = arena_printf(w->r->arena, " AS %.*s", (int)t->len, t->at);
	}
}

void
rewrite_queries(struct rewrite *w)
{
	const bool *item = find_items(w);

	find_mentions(w);
	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		if (!begins_name(w, i) || w->put[i + 2] != NULL)
			continue;
		bool row = w->own != NULL && (token_is(t, "old") || token_is(t, "new"));
		const struct mention *m = row ? NULL : mention_of(w, t->bare);
		const struct schema_object *relation = row ? w->own : m ? m->relation : NULL;
		if (relation == NULL || (t[2].type == TOKEN_WORD && token_is(&t[3], ".")))
			continue;
		const struct name_change *c = rename_of(w->r, relation);
		if (!row && !m->by_alias && c != NULL)
			w->put[i] = c->word;
		c = t[2].type == TOKEN_WORD
			    ? rename_of_part(w->r, SCHEMA_KIND_column, relation->schema,
					     relation->name, t[2].bare)
			    : NULL;
		if (c == NULL)
			continue;
		w->put[i + 2] = c->word;
		if (item[i])
			keep_name(w, i + 2, c);
	}
}

/* ---- columns alone ---- */

static bool
is_in_type(const struct rewrite *w, size_t i)
{
	static const char *const words[] = {"double",  "precision", "character", "varying",
					    "bit",     "timestamp", "time",	 "with",
					    "without", "zone",	    "interval"};

	if (is_after(w, i, "::"))
		return true;
	for (size_t k = 0; i > 0 && k < ARRAY_LEN(words); k++)
		if (token_is(&w->t[i - 1], words[k]))
			return is_in_type(w, i - 1);
	return false;
}

void
rewrite_columns(struct rewrite *w, const struct schema_object *relation, size_t first, size_t last)
{
	for (size_t i = first; i < last && relation != NULL; i++) {
		const struct token *t = &w->t[i];
		if (t->type != TOKEN_WORD || w->put[i] != NULL || is_after(w, i, ".") ||
		    token_is(t + 1, ".") || token_is(t + 1, "(") || is_after(w, i, "USING") ||
		    is_after(w, i, "COLLATE") || is_after(w, i, "AS") || is_in_type(w, i))
			continue;
		const struct name_change *c = rename_of_part(
			w->r, SCHEMA_KIND_column, relation->schema, relation->name, t->bare);
		if (c != NULL)
			w->put[i] = c->word;
	}
}
