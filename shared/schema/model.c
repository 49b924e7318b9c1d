#include "shared/schema/model.h"

#include <string.h>

#include "shared/base/banned.h"

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
