/*
 * One order for all steps: Kahn's algorithm with a heap, so that of what could come next the lowest
 * rank does, and the same input gives the same order. What is left when nothing can come next needs
 * itself; the way round is told.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/schema/plan_work.h"

#include "shared/base/banned.h"

struct heap {
	const struct plan_work *w;
	uint32_t *items;
	size_t count;
};

static long
position_of(const struct schema_object *column)
{
	return strtol(column->values[SCHEMA_column_position], NULL, 10);
}

static bool
comes_first(const struct plan_work *w, uint32_t a, uint32_t b)
{
	const struct step *x = &w->steps[a], *y = &w->steps[b];

	if (x->rank != y->rank)
		return x->rank < y->rank;
	/* New columns in the order in which they stand in their table. */
	if (x->type == STEP_MAKE && y->type == STEP_MAKE) {
		const struct schema_object *m = plan_new(w, x->object), *n = plan_new(w, y->object);
		long order = m->kind == SCHEMA_KIND_column && n->kind == SCHEMA_KIND_column &&
					     m->parent == n->parent
				     ? position_of(m) - position_of(n)
				     : 0;
		if (order != 0)
			return order < 0;
	}
	return x->object != y->object ? x->object < y->object : a < b;
}

static void
heap_put(struct heap *h, uint32_t step)
{
	size_t at = h->count++;

	while (at > 0 && comes_first(h->w, step, h->items[(at - 1) / 2])) {
		h->items[at] = h->items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	h->items[at] = step;
}

static uint32_t
heap_take(struct heap *h)
{
	uint32_t first = h->items[0], last = h->items[--h->count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= h->count)
			break;
		if (child + 1 < h->count && comes_first(h->w, h->items[child + 1], h->items[child]))
			child++;
		if (!comes_first(h->w, h->items[child], last))
			break;
		h->items[at] = h->items[child];
		at = child;
	}
	h->items[at] = last;
	return first;
}

/* Edges by the step that comes before. */
static uint32_t *
spread(const struct plan_work *w, uint32_t **first)
{
	uint32_t *after = arena_array(w->arena, w->edge_count + 1, sizeof(*after));
	uint32_t *at = arena_array(w->arena, w->step_count + 2, sizeof(*at));

	for (size_t i = 0; i < w->edge_count; i++)
		at[w->edges[i].before + 2]++;
	for (size_t i = 2; i < w->step_count + 2; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < w->edge_count; i++)
		after[at[w->edges[i].before + 1]++] = w->edges[i].after;
	*first = at;
	return after;
}

static const struct schema_object *
object_of(const struct plan_work *w, const struct step *s)
{
	return step_is_of_old(s->type) ? plan_old(w, s->object) : plan_new(w, s->object);
}

/* From any step that is left, backwards along steps that are left, one meets itself. */
static bool
tell_circle(const struct plan_work *w, const bool *done, struct error *err)
{
	uint32_t *seen = arena_array(w->arena, w->step_count + 1, sizeof(*seen)), at = 0, place = 1;
	static const char *const words[STEP_TYPES] = {
		[STEP_UNSET] = "unset",	 [STEP_DETACH] = "detach", [STEP_DROP] = "drop",
		[STEP_ASIDE] = "rename", [STEP_SHELL] = "declare", [STEP_MAKE] = "make",
		[STEP_DEFAULT] = "set",	 [STEP_ATTACH] = "attach", [STEP_OWNED] = "own",
		[STEP_LATE] = "finish",	 [STEP_FORGET] = "forget",
	};

	const char *list = "";

	while (done[at])
		at++;
	error_set(err, E_SCHEMA_202,
		  "no order of the changes works: each of these must come before the "
		  "next, and the last before the first");
	while (seen[at] == 0) {
		seen[at] = place++;
		for (size_t i = 0; i < w->edge_count; i++)
			if (w->edges[i].after == at && !done[w->edges[i].before]) {
				at = w->edges[i].before;
				break;
			}
	}
	for (uint32_t step = place; step-- > seen[at];)
		for (uint32_t i = 0; i < w->step_count; i++)
			if (seen[i] == step) {
				const struct schema_object *o = object_of(w, &w->steps[i]);
				char item[200];
				snprintf(item, sizeof(item), "%s %s %s", words[w->steps[i].type],
					 schema_kind_info(o->kind)->name, o->address);
				error_detail_item(err, "circle", item);
				list = arena_printf(w->arena, "%s%s%s", list,
						    list[0] != '\0' ? "\n" : "", item);
			}
	error_cause(err, "%s", list);
	return false;
}

bool
plan_order(struct plan_work *w, struct error *err)
{
	struct heap h = {w, arena_array(w->arena, w->step_count + 1, sizeof(uint32_t)), 0};
	uint32_t *first, *after = spread(w, &first);
	bool *done = arena_array(w->arena, w->step_count + 1, sizeof(*done));
	size_t count = 0;

	w->order = arena_array(w->arena, w->step_count + 1, sizeof(*w->order));
	for (uint32_t i = 0; i < w->step_count; i++)
		if (w->steps[i].blocked == 0)
			heap_put(&h, i);
	while (h.count > 0) {
		uint32_t step = heap_take(&h);
		done[step] = true;
		w->order[count++] = step;
		for (uint32_t i = first[step]; i < first[step + 1]; i++)
			if (--w->steps[after[i]].blocked == 0)
				heap_put(&h, after[i]);
	}
	return count == w->step_count || tell_circle(w, done, err);
}
