/*
 * Heirs that stay while their parents change. What a child has of its parents alone ("inherited")
 * PostgreSQL keeps so only as long as some parent gives it: NO INHERIT makes it the child's own,
 * and INHERIT wants it to be there already. So a helper, an empty parent, gives it meanwhile: it
 * comes before the old parents go, gains what the child lacks, and leaves when the new ones are
 * there. Partitions need none: ATTACH PARTITION says of all columns that they are inherited.
 */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

#define T(o, name) ((o)->values[SCHEMA_table_##name])

static size_t
inherited_place(const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_column ? (size_t)SCHEMA_column_inherited
					     : (size_t)SCHEMA_constraint_inherited;
}

static bool
is_inherited(const struct schema_object *o)
{
	return o->values[inherited_place(o)] != NULL;
}

/* What `table` has under the bare name of `o`. */
static const struct schema_object *
same_of(struct ddl *d, const struct schema_model *m, const char *table,
	const struct schema_object *o)
{
	const char *name = ddl_own_name(d, o);

	return schema_model_find(m, o->kind,
				 o->kind == SCHEMA_KIND_column
					 ? ddl_say(d, "%s.%s", table, name)
					 : ddl_say(d, "%s ON %s", name, table));
}

bool
ddl_has_heirs(const struct ddl *d, const char *table)
{
	size_t i = schema_model_from(d->from, SCHEMA_KIND_table, "");

	for (; i < d->from->count && d->from->objects[i].kind == SCHEMA_KIND_table; i++)
		if (ddl_has_line(T(&d->from->objects[i], parents), table, strlen(table)))
			return true;
	return false;
}

bool
ddl_parent_stays(const struct ddl *d, const struct schema_object *before,
		 const struct schema_object *after, const char *parent)
{
	const struct schema_object *o = schema_model_find(d->to, SCHEMA_KIND_table, parent);

	return T(before, bound) == NULL && T(after, bound) == NULL && o != NULL &&
	       (d->made == NULL || !d->made[o - d->to->objects]) &&
	       ddl_has_line(T(before, parents), parent, strlen(parent)) &&
	       ddl_has_line(T(after, parents), parent, strlen(parent));
}

/* Whether a parent that it has before and after has this, too. */
static bool
staying_parent_has(struct ddl *d, const struct schema_model *m, const struct schema_object *o)
{
	const struct schema_object *before =
		schema_model_find(d->from, SCHEMA_KIND_table, o->parent);
	const struct schema_object *after = schema_model_find(d->to, SCHEMA_KIND_table, o->parent);
	const char **parents;

	if (before == NULL || after == NULL)
		return false;
	size_t count = ddl_lines(d, T(before, parents), &parents);
	for (size_t i = 0; i < count; i++)
		if (ddl_parent_stays(d, before, after, parents[i]) &&
		    same_of(d, m, parents[i], o) != NULL)
			return true;
	return false;
}

bool
ddl_follows_parent(struct ddl *d, const struct schema_object *o)
{
	return is_inherited(o) && (!d->attached || staying_parent_has(d, d->to, o));
}

bool
ddl_goes_with_parent(struct ddl *d, const struct schema_object *o)
{
	return is_inherited(o) && (!d->detached || staying_parent_has(d, d->from, o));
}

static bool
is_plain_heir(const struct schema_object *table)
{
	return table != NULL && T(table, bound) == NULL && T(table, parents) != NULL;
}

/* Of what is inherited in the end: given by the helper, until the new parents do. */
static bool
is_helped(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *had = schema_model_find(d->from, o->kind, o->address);
	size_t what = o->kind == SCHEMA_KIND_column ? (size_t)SCHEMA_column_type
						    : (size_t)SCHEMA_constraint_definition;

	if (!is_inherited(o) || staying_parent_has(d, d->to, o))
		return false;
	return had == NULL || (is_inherited(had) && had->values[what] == o->values[what]);
}

static const char *
helper_of(struct ddl *d, const struct schema_object *before)
{
	return ddl_say(d, "%s.confiture_heir_%zu", ddl_name(d, before->schema),
		       (size_t)(before - d->from->objects));
}

const char *
ddl_heir_helper(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *before =
		schema_model_find(d->from, SCHEMA_KIND_table, o->parent);
	const struct schema_object *after = schema_model_find(d->to, SCHEMA_KIND_table, o->parent);

	if (!d->attached || before == NULL || T(before, bound) != NULL || !is_plain_heir(after) ||
	    !is_helped(d, o))
		return NULL;
	return helper_of(d, before);
}

/* The next column or constraint of the child that the helper gives, from place `i` on; NULL: none.
 */
static const struct schema_object *
next_helped(struct ddl *d, const struct schema_object *before, size_t *i)
{
	while (*i < d->to->count) {
		const struct schema_object *o = &d->to->objects[(*i)++];
		bool kind = o->kind == SCHEMA_KIND_column || o->kind == SCHEMA_KIND_constraint;
		if (kind && o->parent == before->address && is_helped(d, o))
			return o;
	}
	return NULL;
}

bool
ddl_heir_has_helper(struct ddl *d, const struct schema_object *before,
		    const struct schema_object *after)
{
	size_t i = schema_model_from(d->to, SCHEMA_KIND_column, "");

	return T(before, bound) == NULL && is_plain_heir(after) &&
	       next_helped(d, before, &i) != NULL;
}

/* What the child has already, said once more, is joined with it. */
void
ddl_heir_help(struct ddl *d, const struct schema_object *before)
{
	const char *helper = helper_of(d, before);
	const struct schema_object *o;
	size_t i = schema_model_from(d->to, SCHEMA_KIND_column, "");

	ddl_put(d, "CREATE TABLE %s ()", helper);
	ddl_put(d, "ALTER TABLE %s INHERIT %s", before->address, helper);
	while ((o = next_helped(d, before, &i)) != NULL) {
		if (schema_model_find(d->from, o->kind, o->address) == NULL)
			continue;
		bool column = o->kind == SCHEMA_KIND_column;
		ddl_put(d, "ALTER TABLE %s ADD %s %s %s", helper, column ? "COLUMN" : "CONSTRAINT",
			ddl_own_name(d, o),
			o->values[column ? (size_t)SCHEMA_column_type
					 : (size_t)SCHEMA_constraint_definition]);
	}
}

void
ddl_heir_let_go(struct ddl *d, const struct schema_object *before)
{
	ddl_put(d, "ALTER TABLE %s NO INHERIT %s", before->address, helper_of(d, before));
	ddl_put(d, "DROP TABLE %s", helper_of(d, before));
}
