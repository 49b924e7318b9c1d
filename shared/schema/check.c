#include "shared/schema/check.h"

#include <string.h>

#include "shared/base/banned.h"

static bool
wrong(const struct schema_object *o, const char *what, struct error *err)
{
	return error_set(err, E_DIFFER_400, "%s %s: %s", schema_kind_info(o->kind)->name,
			 o->address, what);
}

static bool
ends_with(const char *s, const char *middle, const char *end)
{
	size_t n = strlen(s), m = strlen(middle), e = strlen(end);

	return n > m + e && strncmp(s + n - e - m, middle, m) == 0 && strcmp(s + n - e, end) == 0;
}

static bool
starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* The address of a part says what it is a part of: public.t.c, c ON public.t. */
static bool
fits_its_whole(const struct schema_object *o)
{
	size_t n = strlen(o->parent);

	switch (o->kind) {
	case SCHEMA_KIND_column:
		return strncmp(o->address, o->parent, n) == 0 && o->address[n] == '.' &&
		       o->address[n + 1] != '\0';
	case SCHEMA_KIND_domain_constraint:
		return ends_with(o->address, " ON DOMAIN ", o->parent);
	case SCHEMA_KIND_index:
		return true; /* it lies in the schema, not in the table */
	default:
		return ends_with(o->address, " ON ", o->parent);
	}
}

static bool
column_is_whole(const struct schema_object *o)
{
	const char *of = o->values[SCHEMA_column_of], *position = o->values[SCHEMA_column_position];

	return of != NULL && of[0] != '\0' && position != NULL &&
	       (o->values[SCHEMA_column_generated] == NULL ||
		o->values[SCHEMA_column_default] != NULL);
}

static bool
own_rule(const struct schema_object *o)
{
	switch (o->kind) {
	case SCHEMA_KIND_column:
		return column_is_whole(o);
	case SCHEMA_KIND_table:
		return o->values[SCHEMA_table_bound] == NULL ||
		       o->values[SCHEMA_table_parents] != NULL;
	case SCHEMA_KIND_default_privileges:
		return starts_with(o->address, "FOR ROLE ") && strstr(o->address, " ON ") != NULL;
	case SCHEMA_KIND_constraint:
	case SCHEMA_KIND_function:
		return o->schema != NULL && o->values[SCHEMA_COMMON][0] != '\0';
	default:
		return true;
	}
}

bool
schema_object_check(const struct schema_object *o, struct error *err)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);

	for (size_t i = 0; i < info->count; i++) {
		if (info->attributes[i].use != SCHEMA_ALWAYS || o->values[i] != NULL)
			continue;
		return error_set(err, E_DIFFER_400, "%s %s has no %s", info->name, o->address,
				 info->attributes[i].name);
	}
	if (schema_kind_is_part(o->kind) && (o->parent == NULL || !fits_its_whole(o)))
		return wrong(o, "does not say what it is a part of", err);
	if (schema_kind_has_schema(o->kind) && o->schema == NULL)
		return wrong(o, "lies in no schema", err);
	return own_rule(o) || wrong(o, "is not told in full", err);
}
