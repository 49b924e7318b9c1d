#include "shared/schema/model.h"

#include <string.h>

#include "shared/base/banned.h"

static void
copy_object(struct schema_pool *pool, const struct schema_object *in, struct schema_object *out)
{
	struct arena *arena = schema_pool_arena(pool);
	size_t count = schema_kind_info(in->kind)->count;

	*out = (struct schema_object){
		.kind = in->kind,
		.schema = schema_pool_text(pool, in->schema),
		.name = schema_pool_text(pool, in->name),
		.parent = schema_pool_text(pool, in->parent),
		.address = schema_pool_text(pool, in->address),
		.values = arena_array(arena, count, sizeof(*out->values)),
		.needs_count = in->needs_count,
	};
	for (size_t i = 0; i < count; i++)
		out->values[i] = schema_pool_text(pool, in->values[i]);
	if (in->needs_count > 0)
		out->needs = arena_bytes(arena, in->needs, in->needs_count * sizeof(*in->needs));
}

struct schema_model *
schema_model_copy(struct schema_pool *pool, const struct schema_model *m)
{
	struct arena *arena = schema_pool_arena(pool);
	struct schema_model *out = arena_new(arena, struct schema_model);

	*out = (struct schema_model){
		.count = m->count,
		.server_version = schema_pool_text(pool, m->server_version),
		.role = schema_pool_text(pool, m->role),
		.unmodelled_count = m->unmodelled_count,
	};
	out->objects = arena_array(arena, m->count + 1, sizeof(*out->objects));
	for (size_t i = 0; i < m->count; i++)
		copy_object(pool, &m->objects[i], &out->objects[i]);
	out->unmodelled = arena_array(arena, m->unmodelled_count + 1, sizeof(*out->unmodelled));
	for (size_t i = 0; i < m->unmodelled_count; i++)
		out->unmodelled[i] = schema_pool_text(pool, m->unmodelled[i]);
	return out;
}

int
schema_object_compare(const struct schema_object *a, const struct schema_object *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->address == b->address ? 0 : strcmp(a->address, b->address);
}

size_t
schema_model_from(const struct schema_model *m, enum schema_kind kind, const char *address)
{
	const struct schema_object wanted = {.kind = kind, .address = address};
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (schema_object_compare(&m->objects[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct schema_object *
schema_model_find(const struct schema_model *m, enum schema_kind kind, const char *address)
{
	const struct schema_object wanted = {.kind = kind, .address = address};
	size_t at = schema_model_from(m, kind, address);

	return at < m->count && schema_object_compare(&m->objects[at], &wanted) == 0
		       ? &m->objects[at]
		       : NULL;
}

bool
schema_kind_is_part(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_domain_constraint:
	case SCHEMA_KIND_column:
	case SCHEMA_KIND_constraint:
	case SCHEMA_KIND_index:
	case SCHEMA_KIND_rule:
	case SCHEMA_KIND_trigger:
	case SCHEMA_KIND_policy:
		return true;
	default:
		return false;
	}
}

bool
schema_kind_has_schema(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_base_type:
	case SCHEMA_KIND_enum:
	case SCHEMA_KIND_domain:
	case SCHEMA_KIND_composite:
	case SCHEMA_KIND_range:
	case SCHEMA_KIND_sequence:
	case SCHEMA_KIND_table:
	case SCHEMA_KIND_constraint:
	case SCHEMA_KIND_index:
	case SCHEMA_KIND_view:
	case SCHEMA_KIND_materialized_view:
	case SCHEMA_KIND_function:
	case SCHEMA_KIND_aggregate:
		return true;
	default:
		return false;
	}
}
