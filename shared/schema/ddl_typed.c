/*
 * Tables that have their columns from a composite type. As long as the type stays, its attributes
 * are changed and the columns follow; a table that comes to a type must have its columns already,
 * in the same order.
 */
#include "shared/schema/ddl.h"

#include <stdlib.h>

#include "shared/base/banned.h"

#define T(o, name) ((o)->values[SCHEMA_table_##name])

static bool
is_made(const struct ddl *d, const char *type)
{
	const struct schema_object *o = schema_model_find(d->to, SCHEMA_KIND_composite, type);

	return o == NULL || (d->made != NULL && d->made[o - d->to->objects]);
}

bool
ddl_keeps_type(const struct ddl *d, const struct schema_object *before,
	       const struct schema_object *after)
{
	return T(after, of_type) == NULL
		       ? T(before, of_type) == NULL
		       : T(after, of_type) == T(before, of_type) && !is_made(d, T(after, of_type));
}

const char *
ddl_type_of_column(const struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *before, *after;

	if (o->kind != SCHEMA_KIND_column)
		return NULL;
	before = schema_model_find(d->from, SCHEMA_KIND_table, o->parent);
	after = schema_model_find(d->to, SCHEMA_KIND_table, o->parent);
	return before != NULL && after != NULL && ddl_keeps_type(d, before, after)
		       ? T(after, of_type)
		       : NULL;
}

bool
ddl_has_typed_tables(const struct ddl *d, const char *type)
{
	size_t i = schema_model_from(d->from, SCHEMA_KIND_table, "");

	for (; i < d->from->count && d->from->objects[i].kind == SCHEMA_KIND_table; i++)
		if (T(&d->from->objects[i], of_type) != NULL &&
		    strcmp(T(&d->from->objects[i], of_type), type) == 0)
			return true;
	return false;
}

/* ---- coming to a type ---- */

static long
position(const struct schema_object *o)
{
	return strtol(o->values[SCHEMA_column_position], NULL, 10);
}

/* Where the column will stand: those that stay in their order, the new ones in theirs behind. */
static long
comes_at(const struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *before = schema_model_find(d->from, o->kind, o->address);

	return before != NULL ? position(before) : 10000 + position(o);
}

bool
ddl_fits_type(const struct ddl *d, const struct schema_object *after)
{
	size_t first = schema_model_from(d->to, SCHEMA_KIND_column, "");

	for (size_t i = first; i < d->to->count; i++)
		for (size_t k = first; k < d->to->count; k++) {
			const struct schema_object *a = &d->to->objects[i];
			const struct schema_object *b = &d->to->objects[k];
			if (a->kind != SCHEMA_KIND_column || b->kind != SCHEMA_KIND_column)
				break;
			if (a->parent != after->address || b->parent != after->address)
				continue;
			if ((position(a) < position(b)) != (comes_at(d, a) < comes_at(d, b)))
				return false;
		}
	return true;
}
