#include "shared/snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "shared/schema/check.h"
#include "shared/schema/fingerprint.h"
#include "shared/snapshot/inside.h"

#include "shared/base/banned.h"

/* ---- to a record ---- */

static void
put_attributes(struct arena *arena, const struct schema_object *o, struct structure_object *out)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);

	out->attributes.items = arena_array(arena, info->count + 1, sizeof(*out->attributes.items));
	for (size_t i = 0; i < info->count; i++) {
		if (o->values[i] == NULL)
			continue;
		out->attributes.items[out->attributes.count++] =
			(struct structure_attribute){info->attributes[i].name, o->values[i]};
	}
}

/* "table public.users" */
static const char *
name_in_full(struct arena *arena, const struct schema_object *o)
{
	return arena_printf(arena, "%s %s", schema_kind_info(o->kind)->name, o->address);
}

static void
put_needs(struct arena *arena, const struct schema_model *m, const struct schema_object *o,
	  struct structure_object *out)
{
	out->needs.count = o->needs_count;
	out->needs.items = arena_array(arena, o->needs_count + 1, sizeof(*out->needs.items));
	for (uint32_t i = 0; i < o->needs_count; i++)
		out->needs.items[i] = name_in_full(arena, &m->objects[o->needs[i]]);
}

void
snapshot_object(struct arena *arena, const struct schema_model *m, const struct schema_object *o,
		struct structure_object *out)
{
	char hash[SHA256_HEX];

	schema_fingerprint_object(o, hash);
	*out = (struct structure_object){
		.kind = schema_kind_info(o->kind)->name,
		.address = o->address,
		.schema = o->schema,
		.parent = o->parent,
		.name = o->name,
		.fingerprint = arena_str(arena, hash),
	};
	put_attributes(arena, o, out);
	put_needs(arena, m, o, out);
}

struct structure *
snapshot_head(struct arena *arena, const struct schema_model *m, const char *source)
{
	struct structure *s = RECORD_NEW(arena, structure);
	char hash[SHA256_HEX];

	s->source = source;
	s->server_version = m->server_version;
	s->role = m->role;
	schema_fingerprint(m, hash);
	s->fingerprint = arena_str(arena, hash);
	s->unmodelled.items = m->unmodelled;
	s->unmodelled.count = m->unmodelled_count;
	return s;
}

struct structure *
snapshot_of(struct arena *arena, const struct schema_model *m, const char *source)
{
	struct structure *s = snapshot_head(arena, m, source);

	s->objects.count = m->count;
	s->objects.items = arena_array(arena, m->count + 1, sizeof(*s->objects.items));
	for (size_t i = 0; i < m->count; i++)
		snapshot_object(arena, m, &m->objects[i], &s->objects.items[i]);
	return s;
}

/* ---- and back ---- */

static bool
take_attributes(struct schema_pool *pool, const struct structure_object *in,
		struct schema_object *out, struct error *err)
{
	const struct schema_kind_info *info = schema_kind_info(out->kind);

	out->values = arena_array(schema_pool_arena(pool), info->count, sizeof(*out->values));
	for (size_t i = 0; i < in->attributes.count; i++) {
		const struct structure_attribute *a = &in->attributes.items[i];
		size_t at = 0;

		while (at < info->count && strcmp(info->attributes[at].name, a->name) != 0)
			at++;
		if (at == info->count)
			return error_set(err, E_DIFFER_400,
					 "%s %s has an attribute \"%s\", which no %s has", in->kind,
					 in->address, a->name, in->kind);
		out->values[at] = schema_pool_text(pool, a->value);
	}
	return true;
}

static bool
take_object(struct schema_pool *pool, const struct structure_object *in, struct schema_object *out,
	    struct error *err)
{
	enum schema_kind kind = schema_kind_named(in->kind);

	if (kind == SCHEMA_KIND_COUNT)
		return error_set(err, E_DIFFER_400, "there is no kind of object called \"%s\"",
				 in->kind);
	*out = (struct schema_object){
		.kind = kind,
		.schema = schema_pool_text(pool, in->schema),
		.name = schema_pool_text(pool, in->name),
		.parent = schema_pool_text(pool, in->parent),
		.address = schema_pool_text(pool, in->address),
	};
	return take_attributes(pool, in, out, err) && schema_object_check(out, err);
}

static int
by_order(const void *a, const void *b)
{
	return schema_object_compare(a, b);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x == *y ? 0 : *x < *y ? -1 : 1;
}

static const struct schema_object *
named(const struct schema_model *m, struct schema_pool *pool, const char *full)
{
	const char *space = strchr(full, ' ');

	if (space == NULL)
		return NULL;
	enum schema_kind kind =
		schema_kind_named(schema_pool_span(pool, full, (size_t)(space - full)));
	return kind == SCHEMA_KIND_COUNT ? NULL : schema_model_find(m, kind, space + 1);
}

static bool
take_needs(struct schema_pool *pool, const struct schema_model *m,
	   const struct structure_object *in, struct error *err)
{
	enum schema_kind kind = schema_kind_named(in->kind);
	struct schema_object *o = &m->objects[schema_model_find(m, kind, in->address) - m->objects];

	o->needs = arena_array(schema_pool_arena(pool), in->needs.count + 1, sizeof(*o->needs));
	for (size_t i = 0; i < in->needs.count; i++) {
		const struct schema_object *other = named(m, pool, in->needs.items[i]);
		if (other == NULL)
			return error_set(err, E_DIFFER_400, "%s %s needs %s, which is not there",
					 in->kind, in->address, in->needs.items[i]);
		o->needs[o->needs_count++] = (uint32_t)(other - m->objects);
	}
	if (o->needs_count > 0)
		qsort(o->needs, o->needs_count, sizeof(*o->needs), by_number);
	return true;
}

bool
snapshot_model(struct schema_pool *pool, const struct structure *s, struct schema_model **out,
	       struct error *err)
{
	struct arena *arena = schema_pool_arena(pool);
	struct schema_model *m = arena_new(arena, struct schema_model);
	bool ok = true;

	m->server_version = schema_pool_text(pool, s->server_version);
	m->role = schema_pool_text(pool, s->role);
	m->count = s->objects.count;
	m->objects = arena_array(arena, m->count + 1, sizeof(*m->objects));
	for (size_t i = 0; ok && i < m->count; i++)
		ok = take_object(pool, &s->objects.items[i], &m->objects[i], err);
	if (!ok)
		return false;
	qsort(m->objects, m->count, sizeof(*m->objects), by_order);
	for (size_t i = 1; i < m->count; i++)
		if (schema_object_compare(&m->objects[i - 1], &m->objects[i]) == 0)
			return error_set(err, E_DIFFER_400, "%s %s is there twice",
					 schema_kind_info(m->objects[i].kind)->name,
					 m->objects[i].address);
	for (size_t i = 0; ok && i < m->count; i++)
		ok = take_needs(pool, m, &s->objects.items[i], err);
	m->unmodelled_count = s->unmodelled.count;
	m->unmodelled = arena_array(arena, s->unmodelled.count + 1, sizeof(*m->unmodelled));
	for (size_t i = 0; i < s->unmodelled.count; i++)
		m->unmodelled[i] = schema_pool_text(pool, s->unmodelled.items[i]);
	*out = m;
	return ok;
}
