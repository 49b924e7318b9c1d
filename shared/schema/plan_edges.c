/*
 * What must come before what. Nearly all of that is what the two models say of who needs whom: of
 * the old one for what is dropped, of the new one for what is made. The rest are the places where
 * PostgreSQL has two things point at each other.
 */
#include "shared/schema/plan_work.h"

#include <stdlib.h>

#include "shared/base/banned.h"

static void
add_edge(struct plan_work *w, uint32_t before, uint32_t after)
{
	if (before == NONE || after == NONE || before == after)
		return;
	w->edges = arena_grow(w->arena, w->edges, w->edge_count, &w->edge_cap, sizeof(*w->edges));
	w->edges[w->edge_count++] = (struct step_edge){before, after};
	w->steps[after].blocked++;
}

static bool
is_routine(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_function || kind == SCHEMA_KIND_operator;
}

/* A table comes to its parent when that has all that the child brings, or is to get of it. */
static void
need_parent(struct plan_work *w, uint32_t child, uint32_t parent)
{
	uint32_t comes = w->at[STEP_ATTACH][child];

	comes = comes != NONE ? comes : w->at[STEP_MAKE][child];
	add_edge(w, w->at[STEP_MAKE][parent], comes);
	for (uint32_t i = w->new.first_user[parent]; i < w->new.first_user[parent + 1]; i++) {
		uint32_t part = w->new.users[i];
		const struct schema_object *o = plan_new(w, part);
		if (w->new.whole[part] == parent &&
		    (o->kind == SCHEMA_KIND_column ||
		     (o->kind == SCHEMA_KIND_constraint &&
		      plan_value(o, SCHEMA_constraint_type)[0] == 'C')))
			add_edge(w, w->at[STEP_MAKE][part], comes);
	}
}

/* A key of a partitioned table can be referenced when those of all its partitions are attached. */
static void
order_of_reference(struct plan_work *w, uint32_t foreign, uint32_t key)
{
	for (uint32_t i = w->new.first_user[key]; i < w->new.first_user[key + 1]; i++) {
		uint32_t part = w->new.users[i];
		if (plan_attached_to(&w->new, part) != key)
			continue;
		add_edge(w, w->at[STEP_ATTACH][part], w->at[STEP_MAKE][foreign]);
		order_of_reference(w, foreign, part);
	}
}

/* The step that must be done before `o` can be made, because it needs `n`. */
static void
need(struct plan_work *w, uint32_t i, uint32_t n)
{
	const struct schema_object *o = plan_new(w, i), *used = plan_new(w, n);
	uint32_t make = w->at[STEP_MAKE][i], first = w->at[STEP_MAKE][n];

	if (o->kind == SCHEMA_KIND_sequence && used->kind == SCHEMA_KIND_column) {
		add_edge(w, first, w->at[STEP_OWNED][i]);
		return;
	}
	if (o->kind == SCHEMA_KIND_table &&
	    (used->kind == SCHEMA_KIND_table || used->kind == SCHEMA_KIND_composite)) {
		need_parent(w, i, n);
		return;
	}
	if (plan_is_foreign_key(o) && used->parent != o->parent)
		order_of_reference(w, i, n);
	if (plan_attached_to(&w->new, i) == n) {
		add_edge(w, first, w->at[STEP_ATTACH][i]);
		return;
	}
	if (o->kind == SCHEMA_KIND_function && w->at[STEP_SHELL][n] != NONE)
		first = w->at[STEP_SHELL][n];
	if (is_routine(used->kind) && w->at[STEP_DEFAULT][i] != NONE)
		make = w->at[STEP_DEFAULT][i];
	add_edge(w, first, make);
}

/* A partition that comes while its parent's index is there gets a part of it. One that is to have
 * none comes before that index. */
static void
order_of_bare_partitions(struct plan_work *w, uint32_t index, uint32_t table)
{
	for (uint32_t i = w->new.first_user[table]; i < w->new.first_user[table + 1]; i++) {
		uint32_t partition = w->new.users[i];
		bool covered = false;
		if (w->at[STEP_ATTACH][partition] == NONE ||
		    !plan_is_partition(plan_new(w, partition)))
			continue;
		for (uint32_t k = w->new.first_user[index]; k < w->new.first_user[index + 1]; k++)
			covered = covered ||
				  (w->new.whole[w->new.users[k]] ==
				   partition &&plan_attached_to(&w->new, w->new.users[k]) == index);
		if (!covered)
			add_edge(w, w->at[STEP_ATTACH][partition], w->at[STEP_MAKE][index]);
	}
}

static void
order_of_new(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->new.m->count; i++) {
		const struct schema_object *o = plan_new(w, i);
		uint32_t make = w->at[STEP_MAKE][i], whole = w->new.whole[i];

		for (uint32_t k = 0; make != NONE && k < o->needs_count; k++)
			need(w, i, o->needs[k]);
		for (int t = STEP_SHELL; t <= STEP_LATE; t++)
			if (t != STEP_MAKE)
				add_edge(w, t == STEP_SHELL ? w->at[t][i] : make,
					 t == STEP_SHELL ? make : w->at[t][i]);
		if (whole == NONE ||
		    (o->kind != SCHEMA_KIND_index && o->kind != SCHEMA_KIND_constraint &&
		     o->kind != SCHEMA_KIND_column))
			continue;
		if (w->new.pair[whole] != NONE)
			add_edge(w, w->at[STEP_DETACH][w->new.pair[whole]], make);
		uint32_t attribute = plan_attribute_of(w, &w->new, i);
		if (attribute != NONE)
			add_edge(w, w->at[STEP_MAKE][attribute], make);
		if (o->kind == SCHEMA_KIND_index && make != NONE)
			order_of_bare_partitions(w, i, whole);
		/* A partition brings what its parent's are to find, and is named by its index. */
		if (!plan_is_foreign_key(o))
			add_edge(w, make, w->at[STEP_ATTACH][whole]);
		add_edge(w, w->at[STEP_ATTACH][whole], w->at[STEP_ATTACH][i]);
		add_edge(w, make, w->at[STEP_LATE][whole]);
	}
}

static void
order_of_one_old(struct plan_work *w, uint32_t i, uint32_t n)
{
	uint32_t drop = w->at[STEP_DROP][i], pair = w->old.pair[i], used = w->old.pair[n];
	bool owned = plan_old(w, i)->kind == SCHEMA_KIND_sequence &&
		     plan_old(w, n)->kind == SCHEMA_KIND_column;

	if (fate_goes(w->old.fate[i]) && !owned) {
		add_edge(w, drop, w->at[STEP_DROP][n]);
		add_edge(w, drop, w->at[STEP_ASIDE][n]);
		/* Of a schema nothing changes that anybody in it would stand on. */
		if (used != NONE && w->old.fate[n] == FATE_ALTER &&
		    plan_old(w, n)->kind != SCHEMA_KIND_schema)
			add_edge(w, drop, w->at[STEP_MAKE][used]);
		return;
	}
	if (pair == NONE || !fate_goes(w->old.fate[n]))
		return;
	add_edge(w, w->at[STEP_UNSET][i], w->at[STEP_DROP][n]);
	add_edge(w, w->at[STEP_DETACH][i], w->at[STEP_DROP][n]);
	add_edge(w, w->at[STEP_MAKE][pair], w->at[STEP_FORGET][n]);
	if (!owned && w->old.fate[n] == FATE_DROP)
		add_edge(w, w->at[STEP_MAKE][pair], w->at[STEP_DROP][n]);
}

/* A foreign key goes before a partition leaves with it. */
static void
order_of_leaving(struct plan_work *w, uint32_t key, uint32_t table)
{
	for (uint32_t i = w->old.first_user[table]; i < w->old.first_user[table + 1]; i++) {
		uint32_t user = w->old.users[i];
		if (!plan_is_partition(plan_old(w, user)))
			continue;
		add_edge(w, w->at[STEP_DROP][key], w->at[STEP_DETACH][user]);
		order_of_leaving(w, key, user);
	}
}

/* What changes in a table changes in its partitions too: those that leave do so before. */
static void
order_of_part(struct plan_work *w, uint32_t part, uint32_t table)
{
	uint32_t drop = w->at[STEP_DROP][part], pair = w->old.pair[part];
	uint32_t make = pair != NONE ? w->at[STEP_MAKE][pair] : NONE;

	if ((drop == NONE && make == NONE) || plan_is_foreign_key(plan_old(w, part)))
		return;
	for (uint32_t i = w->old.first_user[table]; i < w->old.first_user[table + 1]; i++) {
		uint32_t user = w->old.users[i];
		if (plan_old(w, user)->kind != SCHEMA_KIND_table)
			continue;
		add_edge(w, w->at[STEP_DETACH][user], drop);
		add_edge(w, w->at[STEP_DETACH][user], make);
	}
}

static void
order_of_old(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->old.m->count; i++) {
		const struct schema_object *o = plan_old(w, i);
		uint32_t pair = w->old.pair[i], whole = w->old.whole[i];

		for (uint32_t k = 0; k < o->needs_count; k++)
			order_of_one_old(w, i, o->needs[k]);
		if (plan_is_foreign_key(o) && fate_goes(w->old.fate[i]) && whole != NONE)
			order_of_leaving(w, i, whole);
		if (whole != NONE) {
			add_edge(w, w->at[STEP_DROP][i], w->at[STEP_DROP][whole]);
			add_edge(w, w->at[STEP_DETACH][whole], w->at[STEP_DROP][i]);
			order_of_part(w, i, whole);
			if (w->old.pair[whole] != NONE)
				add_edge(w, w->at[STEP_DROP][i],
					 w->at[STEP_ATTACH][w->old.pair[whole]]);
		}
		if (pair == NONE)
			continue;
		if (fate_goes(w->old.fate[i]))
			add_edge(w, w->at[STEP_DROP][i], w->at[STEP_MAKE][pair]);
		add_edge(w, w->at[STEP_ASIDE][i], w->at[STEP_MAKE][pair]);
		add_edge(w, w->at[STEP_UNSET][i], w->at[STEP_MAKE][pair]);
		add_edge(w, w->at[STEP_DETACH][i], w->at[STEP_MAKE][pair]);
		add_edge(w, w->at[STEP_DETACH][i], w->at[STEP_ATTACH][pair]);
		add_edge(w, w->at[STEP_MAKE][pair], w->at[STEP_FORGET][i]);
	}
}

/* ---- names that are free only once something else is gone ---- */

static bool
takes_a_name(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_table:
	case SCHEMA_KIND_view:
	case SCHEMA_KIND_materialized_view:
	case SCHEMA_KIND_sequence:
	case SCHEMA_KIND_index:
	case SCHEMA_KIND_constraint:
		return true;
	default:
		return plan_is_type(kind);
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct schema_object *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order != 0 ? order : strcmp((*x)->schema, (*y)->schema);
}

static void
order_of_names(struct plan_work *w)
{
	const struct schema_object **gone =
		arena_array(w->arena, w->old.m->count + 1, sizeof(*gone));
	size_t count = 0;

	for (uint32_t i = 0; i < w->old.m->count; i++)
		if (w->at[STEP_DROP][i] != NONE && takes_a_name(plan_old(w, i)->kind))
			gone[count++] = plan_old(w, i);
	if (count > 0)
		qsort((void *)gone, count, sizeof(*gone), by_name);
	for (uint32_t i = 0; i < w->new.m->count &&count > 0; i++) {
		const struct schema_object *o = plan_new(w, i);
		if (!fate_comes(w->new.fate[i]) || !takes_a_name(o->kind))
			continue;
		const struct schema_object **at =
			bsearch((const void *)&o, (void *)gone, count, sizeof(*gone), by_name);
		while (at != NULL && at > gone && by_name(at - 1, &o) == 0)
			at--;
		for (; at != NULL && at < gone + count && by_name(at, &o) == 0; at++)
			add_edge(w, w->at[STEP_DROP][*at - w->old.m->objects], w->at[STEP_MAKE][i]);
	}
}

void
plan_edges(struct plan_work *w)
{
	order_of_new(w);
	order_of_old(w);
	order_of_names(w);
}
