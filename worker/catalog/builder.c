#include "worker/catalog/builder.h"

#include <stdlib.h>

#include "worker/catalog/queries.h"

#include "shared/base/banned.h"

/* Doubles what is full; the arrays are larger than an arena is made for. */
static void *
grown(void *items, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	*cap = *cap == 0 ? 256 : *cap * 2;
	items = realloc(items, *cap * size);
	if (items == NULL)
		abort();
	return items;
}

void
builder_init(struct builder *b, struct schema_pool *pool)
{
	*b = (struct builder){.pool = pool};
	reference_map_init(&b->places);
}

void
builder_fini(struct builder *b)
{
	free(b->objects);
	free(b->names);
	free(b->dropped);
	free(b->edges);
	free((void *)b->unmodelled);
	reference_map_fini(&b->places);
}

static uint32_t
number(const char *s)
{
	return (uint32_t)strtoul(s, NULL, 10);
}

static struct reference
reference_of(char *const *fields)
{
	return (struct reference){number(fields[0]), number(fields[1]),
				  (int32_t)strtol(fields[2], NULL, 10)};
}

static void
make_room(struct builder *b)
{
	size_t cap = b->cap;

	b->objects = grown(b->objects, b->count, &cap, sizeof(*b->objects));
	cap = b->cap;
	b->names = grown(b->names, b->count, &cap, sizeof(*b->names));
	b->dropped = grown(b->dropped, b->count, &b->cap, sizeof(*b->dropped));
}

void
builder_object(struct builder *b, enum schema_kind kind, char *const *fields, size_t count)
{
	const struct schema_kind_info *info = schema_kind_info(kind);
	const char **values = arena_array(schema_pool_arena(b->pool), info->count, sizeof(*values));
	struct reference name = reference_of(fields);

	values[SCHEMA_owner] = schema_pool_text(b->pool, fields[CATALOG_OWNER]);
	for (size_t i = CATALOG_COLUMNS; i < count; i++)
		values[SCHEMA_COMMON + i - CATALOG_COLUMNS] = schema_pool_text(b->pool, fields[i]);
	make_room(b);
	b->objects[b->count] = (struct schema_object){
		.kind = kind,
		.schema = schema_pool_text(b->pool, fields[CATALOG_SCHEMA]),
		.name = schema_pool_text(b->pool, fields[CATALOG_NAME]),
		.parent = schema_pool_text(b->pool, fields[CATALOG_PARENT]),
		.address = schema_pool_text(b->pool, fields[CATALOG_ADDRESS]),
		.values = values,
	};
	b->names[b->count] = name;
	b->dropped[b->count] = false;
	reference_map_put(&b->places, name, (uint32_t)b->count++);
}

void
builder_edge(struct builder *b, char *const *fields)
{
	b->edges = grown(b->edges, b->edge_count, &b->edge_cap, sizeof(*b->edges));
	b->edges[b->edge_count++] =
		(struct edge){reference_of(fields), reference_of(fields + 3), fields[6][0]};
}

void
builder_unmodelled(struct builder *b, char *const *fields)
{
	b->unmodelled = grown((void *)b->unmodelled, b->unmodelled_count, &b->unmodelled_cap,
			      sizeof(*b->unmodelled));
	b->unmodelled[b->unmodelled_count++] = schema_pool_text(b->pool, fields[0]);
}

void
builder_common(struct builder *b, size_t place, char *const *fields)
{
	uint32_t at = reference_map_get(&b->places, reference_of(fields));

	if (at != REFERENCE_NOTHING)
		b->objects[at].values[place] = schema_pool_text(b->pool, fields[3]);
}
