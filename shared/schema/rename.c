/* What was said becomes a structure in which it is done, and is seen to be possible. */
#include <stdlib.h>
#include <string.h>

#include "shared/schema/ddl.h"
#include "shared/schema/rename_work.h"

#include "shared/base/banned.h"

/* ---- what follows: columns, checks and triggers of partitions and heirs ---- */

static bool
is_below(const struct schema_object *o, const struct schema_object *parent)
{
	if (o->kind != SCHEMA_KIND_table)
		return false;
	return ddl_has_line(o->values[SCHEMA_table_parents], parent->address,
			    strlen(parent->address)) ||
	       (o->values[SCHEMA_table_of_type] != NULL &&
		strcmp(o->values[SCHEMA_table_of_type], parent->address) == 0);
}

/* Whether a part of a table below has it from the one above. */
static bool
is_handed_down(const struct schema_object *o)
{
	switch (o->kind) {
	case SCHEMA_KIND_column:
		return true;
	case SCHEMA_KIND_constraint:
		return o->values[SCHEMA_constraint_type][0] == 'C' &&
		       strstr(o->values[SCHEMA_constraint_definition], " NO INHERIT") == NULL;
	case SCHEMA_KIND_trigger:
		return o->values[SCHEMA_trigger_definition] == NULL;
	default:
		return false;
	}
}

static const struct schema_object *
part_named(const struct renaming *r, enum schema_kind kind, const struct schema_object *whole,
	   const char *name)
{
	for (size_t i = 0; i < r->from->count; i++) {
		const struct schema_object *o = &r->from->objects[i];
		if (o->kind == kind && o->parent == whole->address && strcmp(o->name, name) == 0 &&
		    is_handed_down(o))
			return o;
	}
	return NULL;
}

const struct schema_object *
rename_from_above(const struct renaming *r, const struct schema_object *part,
		  const struct schema_object *whole)
{
	if (!is_handed_down(part))
		return NULL;
	for (size_t i = 0; i < r->from->count; i++) {
		const struct schema_object *above = &r->from->objects[i];
		if ((above->kind == SCHEMA_KIND_table || above->kind == SCHEMA_KIND_composite) &&
		    is_below(whole, above) &&
		    (part->kind == SCHEMA_KIND_trigger ||
		     part_named(r, part->kind, above, part->name) != NULL))
			return above;
	}
	return NULL;
}

static bool
refuse_handed_down(struct renaming *r, const struct name_change *c, struct error *err)
{
	const struct schema_object *above = rename_from_above(r, c->before, c->whole);

	if (above == NULL)
		return true;
	rename_refuse(c->said, err, "it comes from %s and is renamed there", above->address);
	error_hint(err, "--rename %s.…=…", above->address);
	return false;
}

/* Appends to the items that are walked. */
static bool
add_handed_down(struct renaming *r, struct error *err)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct name_change c = r->items[i];
		if (c.whole == NULL || c.label ||
		    (c.before->kind != SCHEMA_KIND_trigger && !is_handed_down(c.before)))
			continue;
		if (!c.implied && !refuse_handed_down(r, &c, err))
			return false;
		for (size_t k = 0; k < r->from->count; k++) {
			const struct schema_object *table = &r->from->objects[k], *part;
			if (!is_below(table, c.whole))
				continue;
			part = part_named(r, c.before->kind, table, c.old);
			if (part == NULL || rename_of(r, part) != NULL)
				continue;
			struct name_change below = c;
			below.before = part;
			below.whole = table;
			below.implied = true;
			r->items = arena_grow(r->arena, r->items, r->count, &r->cap,
					      sizeof(*r->items));
			r->items[r->count++] = below;
		}
	}
	return true;
}

/* ---- the structure ---- */

struct placed {
	struct schema_object object;
	uint32_t before;
};

static int
by_address(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return schema_object_compare(&x->object, &y->object);
}

static const char *
parent_of(const struct renaming *r, const struct schema_object *o)
{
	struct rewrite w;

	if (o->parent == NULL)
		return NULL;
	rewrite_start(&w, r, o, o->parent);
	rewrite_qualified(&w);
	return rewrite_end(&w);
}

static struct schema_object
renamed(const struct renaming *r, const struct schema_object *o)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);
	const struct name_change *own = rename_of(r, o);
	const struct name_change *schema = o->schema ? rename_of_schema(r, o->schema) : NULL;
	struct schema_object n = *o;

	n.address = rename_address(r, o);
	n.parent = parent_of(r, o);
	n.schema = schema != NULL ? schema->new : o->schema;
	n.name = own != NULL ? own->new : o->name;
	n.values = arena_array(r->arena, info->count, sizeof(*n.values));
	for (size_t i = 0; i < info->count; i++)
		n.values[i] = rename_value(r, o, i);
	return n;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
build(const struct renaming *r, struct schema_model *out, uint32_t *place)
{
	struct placed *all = arena_array(r->arena, r->from->count + 1, sizeof(*all));

	*out = *r->from;
	for (size_t i = 0; i < r->from->count; i++)
		all[i] = (struct placed){renamed(r, &r->from->objects[i]), (uint32_t)i};
	qsort(all, r->from->count, sizeof(*all), by_address);
	out->objects = arena_array(r->arena, r->from->count + 1, sizeof(*out->objects));
	for (size_t i = 0; i < r->from->count; i++) {
		out->objects[i] = all[i].object;
		place[all[i].before] = (uint32_t)i;
	}
	for (size_t i = 0; i < out->count; i++) {
		struct schema_object *o = &out->objects[i];
		uint32_t *needs = arena_array(r->arena, o->needs_count + 1, sizeof(*needs));
		for (uint32_t k = 0; k < o->needs_count; k++)
			needs[k] = place[o->needs[k]];
		if (o->needs_count > 0)
			qsort(needs, o->needs_count, sizeof(*needs), by_number);
		o->needs = needs;
	}
}

/* ---- whether it can be so ---- */

static bool
shares_name(const struct schema_object *a, const struct schema_object *b)
{
	if (a == b)
		return false;
	if (a->kind == b->kind && a->address == b->address)
		return true;
	return rename_is_relation(a->kind) && rename_is_relation(b->kind) &&
	       a->schema == b->schema && a->name == b->name;
}

static bool
is_free(const struct name_change *c, const struct schema_model *m, const struct schema_object *o,
	struct error *err)
{
	for (size_t i = 0; i < m->count; i++) {
		if (!shares_name(o, &m->objects[i]))
			continue;
		rename_refuse(c->said, err, "%s is there already in the old structure, a %s",
			      o->address, schema_kind_info(m->objects[i].kind)->name);
		error_hint(err, "rename that one too, or drop it first: --rename %s=…", o->address);
		return false;
	}
	return true;
}

static bool
label_is_there(const struct name_change *c, const struct schema_object *o,
	       const struct schema_object *after)
{
	const char *labels = o->values[SCHEMA_enum_labels], *at = strstr(labels, c->new);

	return ddl_has_line(after->values[SCHEMA_enum_labels], c->new, strlen(c->new)) &&
	       at != NULL && !ddl_has_line(at + strlen(c->new), c->new, strlen(c->new));
}

static bool
accept(struct renaming *r, const struct name_change *c, const struct schema_object *o,
       struct schema_renames *out, struct error *err)
{
	const struct schema_object *after = schema_model_find(r->to, o->kind, o->address);

	if (after == NULL || (c->label && !label_is_there(c, o, after))) {
		rename_refuse(c->said, err, "%s %s is not in the new structure",
			      c->label ? "the label" : schema_kind_info(o->kind)->name,
			      c->label ? c->new : o->address);
		error_hint(err, "say it as it stands in: confiture introspect SRC -f text");
		return false;
	}
	if (!c->follows && !rename_fits(r, c, after)) {
		rename_refuse(c->said, err,
			      "it becomes %s: a rename does not move it to another schema or table",
			      o->address);
		error_hint(err, "--rename %s=%s", c->said->old, o->address);
		return false;
	}
	out->items[out->count++] = (struct schema_renamed){
		.before = c->before,
		.after = after,
		.old = c->old,
		.new = c->new,
		.label = c->label,
		.follows = c->follows,
	};
	return true;
}

static bool
check(struct renaming *r, const uint32_t *place, struct schema_renames *out, struct error *err)
{
	out->items = arena_array(r->arena, r->count + 1, sizeof(*out->items));
	for (size_t i = 0; i < r->count; i++) {
		const struct name_change *c = &r->items[i];
		const struct schema_object *o =
			&out->model.objects[place[c->before - r->from->objects]];
		if (!is_free(c, &out->model, o, err) || (!c->implied && !accept(r, c, o, out, err)))
			return false;
	}
	return true;
}

static void
point_to_new(struct schema_renames *out, const struct renaming *r, const uint32_t *place)
{
	for (size_t i = 0; i < out->step_count; i++)
		out->steps[i].about =
			&out->model.objects[place[out->steps[i].about - r->from->objects]];
}

bool
schema_rename(struct schema_pool *pool, const struct schema_model *from,
	      const struct schema_model *to, const struct schema_rename *said, size_t count,
	      struct schema_renames *out, struct error *err)
{
	struct renaming r = {
		.pool = pool, .arena = schema_pool_arena(pool), .from = from, .to = to};
	uint32_t *place = arena_array(r.arena, from->count + 1, sizeof(*place));

	*out = (struct schema_renames){.origin = from};
	rename_index(&r);
	for (size_t i = 0; i < count; i++)
		if (!rename_find(&r, &said[i], err))
			return false;
	if (!add_handed_down(&r, err))
		return false;
	build(&r, &out->model, place);
	/* An index of a partition is called after one that follows itself. */
	while (rename_follow(&r, &out->model, place)) {
		if (!add_handed_down(&r, err))
			return false;
		build(&r, &out->model, place);
	}
	if (!check(&r, place, out, err))
		return false;
	rename_steps(&r, out);
	point_to_new(out, &r, place);
	return true;
}

/* By kind and address, which mean one thing; labels stand behind their enumeration. */
struct schema_rename
schema_rename_back(struct arena *arena, const struct schema_renamed *done)
{
	const char *kind = schema_kind_info(done->after->kind)->name;

	if (done->label)
		return (struct schema_rename){
			arena_printf(arena, "%s.%s", done->after->address, done->new),
			arena_printf(arena, "%s.%s", done->before->address, done->old)};
	return (struct schema_rename){arena_printf(arena, "%s %s", kind, done->after->address),
				      done->before->address};
}
