/*
 * What takes its name from a table or a column: keys, checks, indexes, the sequence of a serial
 * column. When those are renamed, and such a thing has another name on the other side and differs
 * in nothing else, it is renamed too: dropping it and making it anew would come to the same,
 * slower, and a sequence would forget how far it has counted.
 */
#include "shared/schema/rename_work.h"

#include <string.h>

#include "shared/base/banned.h"

static bool
can_follow(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_constraint || kind == SCHEMA_KIND_index ||
	       kind == SCHEMA_KIND_sequence;
}

/* The table that it belongs to; NULL: none, or it is not called after it. */
static const struct schema_object *
table_of(const struct schema_model *m, const struct schema_object *o)
{
	if (o->kind != SCHEMA_KIND_sequence)
		return rename_whole(m, o);
	for (uint32_t k = 0; o->values[SCHEMA_sequence_owned_by] != NULL && k < o->needs_count; k++)
		if (m->objects[o->needs[k]].kind == SCHEMA_KIND_column)
			return rename_whole(m, &m->objects[o->needs[k]]);
	return NULL;
}

/* The table is renamed, or a column of it. */
static bool
is_touched(const struct renaming *r, const struct schema_object *table)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].before == table ||
		    (r->items[i].before->kind == SCHEMA_KIND_column && r->items[i].whole == table))
			return true;
	return false;
}

/* CREATE INDEX name …, with another name. */
static const char *
definition_as(struct arena *arena, const char *definition, const char *word)
{
	struct token *t;
	size_t n = tokens_of(arena, definition, &t), i = 0;

	while (i < n && !token_is(&t[i], "INDEX"))
		i++;
	if (i + 1 >= n)
		return definition;
	return arena_printf(arena, "%.*s%s%s", (int)(t[i + 1].at - definition), definition, word,
			    t[i + 1].at + t[i + 1].len);
}

/* `a` of the old structure, with all that was said done, and `b` of the new one. */
static bool
is_alike(struct arena *arena, const struct schema_object *a, const struct schema_object *b)
{
	const struct schema_kind_info *info = schema_kind_info(a->kind);

	if (a->kind != b->kind || a->parent != b->parent || a->schema != b->schema)
		return false;
	for (size_t i = 0; i < info->count; i++) {
		bool own = a->kind == SCHEMA_KIND_index && i == SCHEMA_index_definition;
		if (own && strcmp(definition_as(arena, a->values[i], rename_own_word(arena, b)),
				  b->values[i]) != 0)
			return false;
		if (!own && info->attributes[i].use != SCHEMA_TOLD && a->values[i] != b->values[i])
			return false;
	}
	return true;
}

/* The one object of `in` that is alike and has nobody in `against`; NULL: none, or several. */
static const struct schema_object *
only_alike(struct arena *arena, const struct schema_object *o, const struct schema_model *in,
	   const struct schema_model *against, bool in_is_new)
{
	const struct schema_object *found = NULL;

	for (size_t i = 0; i < in->count; i++) {
		const struct schema_object *n = &in->objects[i];
		if (n->kind != o->kind || n->parent != o->parent ||
		    schema_model_find(against, n->kind, n->address) != NULL ||
		    !(in_is_new ? is_alike(arena, o, n) : is_alike(arena, n, o)))
			continue;
		if (found != NULL)
			return NULL;
		found = n;
	}
	return found;
}

/* Something else has that name and keeps it. */
static bool
is_taken(const struct renaming *r, const struct schema_object *old, const char *name)
{
	const struct schema_object *other = rename_relation(r, old->schema, name);

	return other != NULL && rename_of(r, other) == NULL;
}

bool
rename_follow(struct renaming *r, const struct schema_model *done, const uint32_t *place)
{
	size_t before = r->count;

	for (size_t i = 0; i < r->from->count; i++) {
		const struct schema_object *old = &r->from->objects[i], *o, *n;
		if (!can_follow(old->kind) || rename_of(r, old) != NULL ||
		    !is_touched(r, table_of(r->from, old)) ||
		    (old->kind == SCHEMA_KIND_constraint &&
		     rename_from_above(r, old, rename_whole(r->from, old)) != NULL))
			continue;
		o = &done->objects[place[i]];
		if (schema_model_find(r->to, o->kind, o->address) != NULL)
			continue;
		n = only_alike(r->arena, o, r->to, done, true);
		if (n == NULL || is_taken(r, old, n->name) ||
		    only_alike(r->arena, n, done, r->to, false) != o)
			continue;
		r->items = arena_grow(r->arena, r->items, r->count, &r->cap, sizeof(*r->items));
		r->items[r->count++] = (struct name_change){
			.said = r->items[0].said,
			.before = old,
			.whole = old->kind == SCHEMA_KIND_constraint ? rename_whole(r->from, old)
								     : NULL,
			.old = old->name,
			.new = n->name,
			.word = rename_own_word(r->arena, n),
			.follows = true,
		};
	}
	return r->count > before;
}
