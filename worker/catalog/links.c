/*
 * What belongs to what. pg_depend speaks of rows that are no objects of a model (the rule behind a
 * view, the row type of a table, the index of a constraint, a column's default): each is a part of
 * another, by an internal ("i") or automatic ("a") dependency, and stands for it. What an extension
 * has ("e") is left out with all its parts, and so are the tables that the caller does not want.
 */
#include <stdlib.h>
#include <string.h>

#include "worker/catalog/builder.h"

#include "shared/base/banned.h"

enum { CHAIN = 16 }; /* parts of parts: a sane catalogue has three or four */

struct links {
	struct builder *b;
	struct reference_map whole; /* part -> place of its edge, "i" before "P" before "a" */
	uint32_t *brought_by;	    /* the extension that has the object, by place */
};

static void
find_wholes(struct links *l, char type)
{
	struct builder *b = l->b;

	for (size_t i = 0; i < b->edge_count; i++) {
		struct edge *e = &b->edges[i];
		struct reference to = e->to;

		to.subid = e->from.subid;
		if (e->type == type && !reference_same(e->from, to))
			reference_map_put(&l->whole, e->from, (uint32_t)i);
	}
}

/* The object that a name stands for. */
static uint32_t
object_of(const struct links *l, struct reference r)
{
	for (int i = 0; i < CHAIN; i++) {
		uint32_t at = reference_map_get(&l->b->places, r);

		if (at != REFERENCE_NOTHING)
			return at;
		uint32_t edge = reference_map_get(&l->whole, r);
		if (edge != REFERENCE_NOTHING)
			r = l->b->edges[edge].to;
		else if (r.subid != 0)
			r.subid = 0;
		else
			return REFERENCE_NOTHING;
	}
	return REFERENCE_NOTHING;
}

/* ---- what is left out ---- */

static void
drop_members(struct links *l)
{
	struct builder *b = l->b;

	for (size_t i = 0; i < b->edge_count; i++) {
		if (b->edges[i].type != 'e')
			continue;
		uint32_t at = object_of(l, b->edges[i].from);
		if (at == REFERENCE_NOTHING)
			continue;
		b->dropped[at] = true;
		l->brought_by[at] = object_of(l, b->edges[i].to);
	}
}

static void
drop_unwanted(struct builder *b, const struct catalog_options *options)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->objects[i].kind != SCHEMA_KIND_table)
			continue;
		for (size_t k = 0; options != NULL && k < options->leave_out_count; k++) {
			if (strcmp(options->leave_out[k], b->objects[i].address) == 0)
				b->dropped[i] = true;
		}
	}
}

static int
by_pointer(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return *x == *y ? 0 : (uintptr_t)*x < (uintptr_t)*y ? -1 : 1;
}

/* Addresses are the pool's, so a parent is found by its pointer. */
static void
drop_children(struct builder *b)
{
	const char **gone = calloc(b->count + 1, sizeof(*gone));
	size_t count = 0;

	if (gone == NULL)
		abort();
	for (size_t i = 0; i < b->count; i++)
		if (b->dropped[i] && !schema_kind_is_part(b->objects[i].kind))
			gone[count++] = b->objects[i].address;
	qsort((void *)gone, count, sizeof(*gone), by_pointer);
	for (size_t i = 0; i < b->count; i++) {
		const char *parent = b->objects[i].parent;
		if (parent != NULL && bsearch((const void *)&parent, (const void *)gone, count,
					      sizeof(*gone), by_pointer) != NULL)
			b->dropped[i] = true;
	}
	free((void *)gone);
}

/* What the server made as a part of another object (the constructor of a multirange), and sequences
 * that go with a table which is left out. */
static void
drop_parts(struct links *l)
{
	struct builder *b = l->b;

	for (size_t i = 0; i < b->edge_count; i++) {
		const struct edge *e = &b->edges[i];
		uint32_t from = reference_map_get(&b->places, e->from), to = object_of(l, e->to);

		if (from == REFERENCE_NOTHING || to == REFERENCE_NOTHING || from == to ||
		    schema_kind_is_part(b->objects[from].kind))
			continue;
		if (e->type == 'i' || (e->type == 'a' && b->dropped[to] &&
				       b->objects[from].kind == SCHEMA_KIND_sequence))
			b->dropped[from] = true;
	}
}

/* ---- order ---- */

struct ranked {
	const struct schema_object *object;
	uint32_t place;
};

static int
by_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return schema_object_compare(x->object, y->object);
}

/* The objects that stay, sorted, in the pool's arena; `moved` says where each went. */
static void
sort_objects(const struct builder *b, struct schema_model *m, uint32_t *moved)
{
	struct ranked *ranked = calloc(b->count + 1, sizeof(*ranked));

	if (ranked == NULL)
		abort();
	for (size_t i = 0; i < b->count; i++) {
		if (!b->dropped[i])
			ranked[m->count++] = (struct ranked){&b->objects[i], (uint32_t)i};
	}
	qsort(ranked, m->count, sizeof(*ranked), by_order);
	m->objects = arena_array(schema_pool_arena(b->pool), m->count + 1, sizeof(*m->objects));
	for (size_t i = 0; i < m->count; i++) {
		m->objects[i] = *ranked[i].object;
		moved[ranked[i].place] = (uint32_t)i;
	}
	free(ranked);
}

/* ---- who needs whom ---- */

struct needs {
	uint32_t (*pairs)[2];
	size_t count, cap;
};

static void
add_pair(struct needs *n, uint32_t from, uint32_t to)
{
	if (from == to || from == REFERENCE_NOTHING || to == REFERENCE_NOTHING)
		return;
	if (n->count == n->cap) {
		n->cap = n->cap == 0 ? 1024 : n->cap * 2;
		n->pairs = realloc(n->pairs, n->cap * sizeof(*n->pairs));
		if (n->pairs == NULL)
			abort();
	}
	n->pairs[n->count][0] = from;
	n->pairs[n->count++][1] = to;
}

static int
by_pair(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	if (x[0] != y[0])
		return x[0] < y[0] ? -1 : 1;
	return x[1] == y[1] ? 0 : x[1] < y[1] ? -1 : 1;
}

/* Who needs what an extension brought needs the extension. */
static uint32_t
moved_to(const struct links *l, const uint32_t *moved, struct reference r)
{
	uint32_t at = object_of(l, r);

	if (at != REFERENCE_NOTHING && l->brought_by[at] != REFERENCE_NOTHING)
		at = l->brought_by[at];
	return at == REFERENCE_NOTHING ? at : moved[at];
}

static const enum schema_kind parents[] = {
	SCHEMA_KIND_table,  SCHEMA_KIND_composite, SCHEMA_KIND_view, SCHEMA_KIND_materialized_view,
	SCHEMA_KIND_domain, SCHEMA_KIND_server,
};

static void
need_parent(struct needs *n, const struct schema_model *m, uint32_t at)
{
	const struct schema_object *o = &m->objects[at], *parent = NULL;

	for (size_t i = 0; o->parent != NULL && parent == NULL && i < ARRAY_LEN(parents); i++)
		parent = schema_model_find(m, parents[i], o->parent);
	if (parent != NULL)
		add_pair(n, at, (uint32_t)(parent - m->objects));
}

static void
spread(struct needs *n, struct schema_model *m, struct arena *arena)
{
	qsort(n->pairs, n->count, sizeof(*n->pairs), by_pair);
	uint32_t *all = arena_array(arena, n->count + 1, sizeof(*all));
	for (size_t i = 0, used = 0; i < n->count; i++) {
		struct schema_object *o = &m->objects[n->pairs[i][0]];
		if (i > 0 && by_pair(n->pairs[i], n->pairs[i - 1]) == 0)
			continue;
		if (o->needs == NULL)
			o->needs = all + used;
		o->needs[o->needs_count++] = n->pairs[i][1];
		used++;
	}
}

/* What a partition has of its parent's foreign key stands on the partition, which the key itself
 * does not need. */
static bool
is_of_a_copy(const struct links *l, const struct edge *e)
{
	uint32_t whole = reference_map_get(&l->whole, e->from), to = object_of(l, e->to);

	if (reference_map_get(&l->b->places, e->from) != REFERENCE_NOTHING ||
	    whole == REFERENCE_NOTHING || l->b->edges[whole].type != 'P' || to == REFERENCE_NOTHING)
		return false;
	enum schema_kind kind = l->b->objects[to].kind;
	return kind == SCHEMA_KIND_table || kind == SCHEMA_KIND_column;
}

static void
find_needs(const struct links *l, struct schema_model *m, const uint32_t *moved)
{
	struct needs n = {0};

	for (size_t i = 0; i < l->b->edge_count; i++) {
		const struct edge *e = &l->b->edges[i];
		if (e->type != 'e' && !is_of_a_copy(l, e))
			add_pair(&n, moved_to(l, moved, e->from), moved_to(l, moved, e->to));
	}
	for (uint32_t i = 0; i < m->count; i++)
		need_parent(&n, m, i);
	if (n.count > 0)
		spread(&n, m, schema_pool_arena(l->b->pool));
	free(n.pairs);
}

static uint32_t *
numbers(size_t count)
{
	uint32_t *all = malloc((count + 1) * sizeof(*all));

	if (all == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		all[i] = REFERENCE_NOTHING;
	return all;
}

struct schema_model *
builder_finish(struct builder *b, const struct catalog_options *options)
{
	struct arena *arena = schema_pool_arena(b->pool);
	struct schema_model *m = arena_new(arena, struct schema_model);
	struct links l = {.b = b};
	uint32_t *moved = numbers(b->count);

	l.brought_by = numbers(b->count);
	reference_map_init(&l.whole);
	find_wholes(&l, 'i');
	find_wholes(&l, 'P'); /* what a partition has of its parent's foreign key */
	find_wholes(&l, 'a');
	drop_members(&l);
	drop_unwanted(b, options);
	drop_children(b);
	drop_parts(&l);
	sort_objects(b, m, moved);
	find_needs(&l, m, moved);
	m->role = b->role;
	m->unmodelled_count = b->unmodelled_count;
	m->unmodelled = arena_array(arena, b->unmodelled_count + 1, sizeof(*m->unmodelled));
	for (size_t i = 0; i < b->unmodelled_count; i++)
		m->unmodelled[i] = b->unmodelled[i];
	reference_map_fini(&l.whole);
	free(l.brought_by);
	free(moved);
	return m;
}
