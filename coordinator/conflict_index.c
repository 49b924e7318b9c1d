#include "coordinator/conflict_index.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

/* FNV-1a, the end of each word included */
static uint64_t
mix(uint64_t hash, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (hash ^ (s == NULL ? 1U : 0U)) * UINT64_C(0x100000001b3);
}

static uint64_t
key_of(const char *role, const char *space, const char *schema, const char *name)
{
	return mix(mix(mix(mix(UINT64_C(0xcbf29ce484222325), role), space), schema), name);
}

static uint64_t
object_key(const struct sql_access *a)
{
	return key_of("object", sql_kind_space(a->kind), a->schema, a->name);
}

static uint64_t
schema_key(const char *schema)
{
	return key_of("object", sql_kind_space(SQL_KIND_SCHEMA), NULL, schema);
}

static uint64_t
inside_key(const char *schema)
{
	return key_of("inside", "", NULL, schema);
}

static int
by_key(const void *a, const void *b)
{
	const struct conflict_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void
conflict_index_make(struct arena *arena, const struct sql_footprint *f, struct conflict_index *out)
{
	*out = (struct conflict_index){0};
	out->entries = arena_array(arena, 2 * f->count + 1, sizeof(*out->entries));
	for (size_t i = 0; i < f->count; i++) {
		const struct sql_access *a = &f->items[i];
		out->entries[out->count++] = (struct conflict_entry){object_key(a), i};
		if (a->schema != NULL)
			out->entries[out->count++] =
				(struct conflict_entry){inside_key(a->schema), i};
	}
	qsort(out->entries, out->count, sizeof(*out->entries), by_key);
}

static struct conflict_run
run_of(const struct conflict_index *index, uint64_t key)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low;
	while (end < index->count && index->entries[end].key == key)
		end++;
	return (struct conflict_run){index->entries + low, end - low};
}

void
conflict_index_find(const struct conflict_index *index, const struct sql_access *a,
		    struct conflict_run runs[CONFLICT_RUNS])
{
	static const struct conflict_run nothing;

	runs[0] = run_of(index, object_key(a));
	runs[1] = a->schema != NULL ? run_of(index, schema_key(a->schema)) : nothing;
	runs[2] = a->kind == SQL_KIND_SCHEMA ? run_of(index, inside_key(a->name)) : nothing;
}
