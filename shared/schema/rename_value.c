/* Which names stand where, by kind and attribute. */
#include "shared/schema/rename_work.h"

#include <string.h>

#include "shared/base/banned.h"

/* ---- parts ---- */

static size_t
find_word(const struct rewrite *w, const char *raw, size_t from)
{
	while (from < w->n && !token_is(&w->t[from], raw))
		from++;
	return from;
}

/* The name of its own that stands behind a keyword: CREATE UNIQUE INDEX i, CREATE RULE r. */
static void
put_own_name(struct rewrite *w, const char *keyword)
{
	size_t at = find_word(w, keyword, 0) + 1;
	const struct name_change *c = rename_of(w->r, w->object);

	if (c != NULL && at < w->n)
		w->put[at] = c->word;
}

/* "c ON public.t": of a part of the table that stands there. */
static void
put_part(struct rewrite *w, enum schema_kind kind)
{
	size_t on = find_word(w, "ON", 1);

	if (on + 3 >= w->n)
		return;
	const struct token *t = &w->t[on];
	const struct name_change *c =
		rename_of_part(w->r, kind, t[1].bare, t[3].bare, w->t[0].bare);
	if (c != NULL)
		w->put[0] = c->word;
}

/* An index or a constraint's index of the table that is called by its bare name. */
static void
put_index(struct rewrite *w, const struct schema_object *table)
{
	for (size_t i = 0; i < w->r->count; i++) {
		const struct name_change *c = &w->r->items[i];
		if ((c->before->kind != SCHEMA_KIND_index &&
		     c->before->kind != SCHEMA_KIND_constraint) ||
		    c->before->parent != table->address)
			continue;
		for (size_t k = 0; k < w->n; k++)
			if (w->t[k].type == TOKEN_WORD && strcmp(w->t[k].bare, c->old) == 0)
				w->put[k] = c->word;
	}
}

static void
put_schemas(struct rewrite *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct name_change *c =
			w->t[i].type == TOKEN_WORD ? rename_of_schema(w->r, w->t[i].bare) : NULL;
		if (c != NULL)
			w->put[i] = c->word;
	}
}

static void
put_labels(struct rewrite *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->r->count; k++)
			if (w->r->items[k].label && w->r->items[k].before == w->object &&
			    token_is(&w->t[i], w->r->items[k].old))
				w->put[i] = w->r->items[k].word;
}

/* ---- definitions ---- */

static const struct schema_object *
relation_at(const struct rewrite *w, size_t i)
{
	return i + 2 < w->n ? rename_relation(w->r, w->t[i].bare, w->t[i + 2].bare) : NULL;
}

/* FOREIGN KEY (a) REFERENCES public.t(b) ON DELETE SET NULL (a) */
static void
put_constraint(struct rewrite *w)
{
	size_t key = find_word(w, "REFERENCES", 0), end = find_word(w, ")", key);

	rewrite_columns(w, w->own, 0, key);
	rewrite_columns(w, relation_at(w, key + 1), key + 4, end);
	rewrite_columns(w, w->own, end, w->n);
}

/* INSERT INTO public.t (a, b) */
static void
put_inserted(struct rewrite *w)
{
	for (size_t i = find_word(w, "INTO", 0); i < w->n; i = find_word(w, "INTO", i + 1))
		if (i + 4 < w->n && token_is(&w->t[i + 4], "("))
			rewrite_columns(w, relation_at(w, i + 1), i + 4, find_word(w, ")", i));
}

static void
put_trigger(struct rewrite *w)
{
	size_t of = find_word(w, "OF", 0);

	put_own_name(w, "TRIGGER");
	rewrite_mention(w, w->own, NULL);
	rewrite_queries(w);
	if (of < w->n)
		rewrite_columns(w, w->own, of, find_word(w, "ON", of));
}

static void
put_statistics(struct rewrite *w)
{
	size_t on = find_word(w, "ON", 0), from = find_word(w, "FROM", on);

	rewrite_columns(w, relation_at(w, from + 1), on, from);
}

/* One line a table: public.t (a, b) WHERE (c > 0) */
static void
put_published(struct rewrite *w)
{
	const struct schema_object *table = NULL;
	size_t first = 0;

	for (size_t i = 0; i <= w->n; i++) {
		bool begins = i < w->n && (i == 0 || memchr(w->t[i - 1].at, '\n',
							    (size_t)(w->t[i].at - w->t[i - 1].at)));
		if (!begins && i < w->n)
			continue;
		rewrite_columns(w, table, first, i);
		table = relation_at(w, i);
		first = i + 3;
	}
}

static void
put_definition(struct rewrite *w)
{
	switch (w->object->kind) {
	case SCHEMA_KIND_constraint:
		put_constraint(w);
		break;
	case SCHEMA_KIND_index:
		put_own_name(w, "INDEX");
		rewrite_columns(w, w->own, find_word(w, "USING", 0), w->n);
		break;
	case SCHEMA_KIND_trigger:
		put_trigger(w);
		break;
	case SCHEMA_KIND_rule:
		put_own_name(w, "RULE");
		rewrite_mention(w, w->own, NULL);
		rewrite_queries(w);
		put_inserted(w);
		break;
	case SCHEMA_KIND_statistics:
		put_statistics(w);
		break;
	case SCHEMA_KIND_view:
	case SCHEMA_KIND_materialized_view:
	case SCHEMA_KIND_function:
		w->own = NULL;
		rewrite_queries(w);
		break;
	default:
		break;
	}
}

static void
put_table(struct rewrite *w, size_t place)
{
	if (place == SCHEMA_table_partition_key)
		rewrite_columns(w, w->object, 0, w->n);
	if (place == SCHEMA_table_replica_identity || place == SCHEMA_table_clustered_on)
		put_index(w, w->object);
}

static void
put_policy(struct rewrite *w, size_t place)
{
	if (place != SCHEMA_policy_using && place != SCHEMA_policy_check)
		return;
	rewrite_mention(w, w->own, NULL);
	rewrite_queries(w);
	rewrite_columns(w, w->own, 0, w->n);
}

/* ---- one attribute ---- */

static bool
is_definition(enum schema_kind kind, size_t place)
{
	const struct schema_kind_info *info = schema_kind_info(kind);

	return place >= SCHEMA_COMMON && place < info->count &&
	       strcmp(info->attributes[place].name, "definition") == 0;
}

static void
put_attribute(struct rewrite *w, size_t place)
{
	const struct schema_object *o = w->object;

	if (is_definition(o->kind, place))
		put_definition(w);
	else if (o->kind == SCHEMA_KIND_enum)
		put_labels(w);
	else if (o->kind == SCHEMA_KIND_table)
		put_table(w, place);
	else if (o->kind == SCHEMA_KIND_policy)
		put_policy(w, place);
	else if (o->kind == SCHEMA_KIND_column && place == SCHEMA_column_default &&
		 o->values[SCHEMA_column_generated] != NULL)
		rewrite_columns(w, w->own, 0, w->n);
	else if (o->kind == SCHEMA_KIND_constraint && place == SCHEMA_constraint_part_of)
		put_part(w, SCHEMA_KIND_constraint);
	else if (o->kind == SCHEMA_KIND_materialized_view &&
		 place == SCHEMA_materialized_view_clustered_on)
		put_index(w, o);
	else if (o->kind == SCHEMA_KIND_publication && place == SCHEMA_publication_tables)
		put_published(w);
	else if ((o->kind == SCHEMA_KIND_publication && place == SCHEMA_publication_schemas) ||
		 (o->kind == SCHEMA_KIND_extension && place == SCHEMA_extension_in_schema))
		put_schemas(w);
}

/* Most texts hold none of the names. */
static bool
holds_a_name(const struct renaming *r, const char *text)
{
	for (size_t i = 0; i < r->count; i++)
		if (strchr(r->items[i].old, '"') != NULL || strstr(text, r->items[i].old) != NULL)
			return true;
	return false;
}

const char *
rename_value(const struct renaming *r, const struct schema_object *o, size_t place)
{
	const char *value = o->values[place];
	struct rewrite w;

	if (value == NULL || place < SCHEMA_COMMON || !holds_a_name(r, value))
		return value;
	rewrite_start(&w, r, o, value);
	w.own = rename_whole(r->from, o);
	rewrite_qualified(&w);
	put_attribute(&w, place);
	return rewrite_end(&w);
}

const char *
rename_address(const struct renaming *r, const struct schema_object *o)
{
	const struct name_change *own = rename_of(r, o);
	struct rewrite w;

	if (!holds_a_name(r, o->address))
		return o->address;
	rewrite_start(&w, r, o, o->address);
	rewrite_qualified(&w);
	if (own != NULL && rename_own_token(o->kind) < w.n)
		w.put[rename_own_token(o->kind)] = own->word;
	if (o->kind == SCHEMA_KIND_default_privileges && find_word(&w, "SCHEMA", 0) + 1 < w.n) {
		size_t at = find_word(&w, "SCHEMA", 0) + 1;
		const struct name_change *c = rename_of_schema(r, w.t[at].bare);
		w.put[at] = c != NULL ? c->word : w.put[at];
	}
	return rewrite_end(&w);
}
