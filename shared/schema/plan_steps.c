/*
 * The steps that the fates take, and what must come before what. Nearly all of that is what the two
 * models say of who needs whom: of the old one for what is dropped, of the new one for what is
 * made. The rest are the places where PostgreSQL has two things point at each other.
 */
#include "shared/schema/plan_work.h"

#include <stdlib.h>

#include "shared/base/banned.h"

/* In which order things of different kinds are made where nothing else decides. */
static const unsigned char make_rank[SCHEMA_KIND_COUNT] = {
	[SCHEMA_KIND_schema] = 1,
	[SCHEMA_KIND_extension] = 2,
	[SCHEMA_KIND_language] = 3,
	[SCHEMA_KIND_collation] = 4,
	[SCHEMA_KIND_base_type] = 5,
	[SCHEMA_KIND_enum] = 5,
	[SCHEMA_KIND_composite] = 6,
	[SCHEMA_KIND_domain] = 7,
	[SCHEMA_KIND_domain_constraint] = 8,
	[SCHEMA_KIND_range] = 8,
	[SCHEMA_KIND_access_method] = 9,
	[SCHEMA_KIND_sequence] = 10,
	[SCHEMA_KIND_function] = 11,
	[SCHEMA_KIND_aggregate] = 12,
	[SCHEMA_KIND_operator] = 13,
	[SCHEMA_KIND_operator_family] = 14,
	[SCHEMA_KIND_operator_class] = 15,
	[SCHEMA_KIND_cast] = 16,
	[SCHEMA_KIND_conversion] = 16,
	[SCHEMA_KIND_transform] = 17,
	[SCHEMA_KIND_text_search_parser] = 18,
	[SCHEMA_KIND_text_search_template] = 18,
	[SCHEMA_KIND_text_search_dictionary] = 19,
	[SCHEMA_KIND_text_search_configuration] = 20,
	[SCHEMA_KIND_foreign_data_wrapper] = 21,
	[SCHEMA_KIND_server] = 22,
	[SCHEMA_KIND_user_mapping] = 23,
	[SCHEMA_KIND_table] = 24,
	[SCHEMA_KIND_column] = 25,
	[SCHEMA_KIND_constraint] = 30,
	[SCHEMA_KIND_index] = 31,
	[SCHEMA_KIND_view] = 32,
	[SCHEMA_KIND_materialized_view] = 33,
	[SCHEMA_KIND_statistics] = 34,
	[SCHEMA_KIND_rule] = 35,
	[SCHEMA_KIND_trigger] = 36,
	[SCHEMA_KIND_policy] = 37,
	[SCHEMA_KIND_publication] = 40,
	[SCHEMA_KIND_subscription] = 41,
	[SCHEMA_KIND_event_trigger] = 42,
	[SCHEMA_KIND_default_privileges] = 60,
};

/* Before the drops, among them by what is dropped, behind them by what is made. */
static uint32_t
rank_of(enum step_type type, enum schema_kind kind)
{
	switch (type) {
	case STEP_UNSET:
	case STEP_DETACH:
		return 0;
	case STEP_DROP:
		/* What is made meanwhile has the old defaults. */
		return kind == SCHEMA_KIND_default_privileges ? 260 : 100 - make_rank[kind];
	case STEP_ASIDE:
	case STEP_SHELL:
		return 101;
	case STEP_ATTACH:
		return 240;
	case STEP_OWNED:
	case STEP_DEFAULT:
	case STEP_LATE:
		return 245;
	case STEP_FORGET:
		return 250;
	default:
		return 200 + make_rank[kind];
	}
}

static uint32_t
add_step(struct plan_work *w, enum step_type type, uint32_t object)
{
	enum schema_kind kind =
		step_is_of_old(type) ? plan_old(w, object)->kind : plan_new(w, object)->kind;

	w->steps = arena_grow(w->arena, w->steps, w->step_count, &w->step_cap, sizeof(*w->steps));
	w->steps[w->step_count] =
		(struct step){.type = type, .object = object, .rank = rank_of(type, kind)};
	w->at[type][object] = (uint32_t)w->step_count;
	return (uint32_t)w->step_count++;
}

static void
add_edge(struct plan_work *w, uint32_t before, uint32_t after)
{
	if (before == NONE || after == NONE || before == after)
		return;
	w->edges = arena_grow(w->arena, w->edges, w->edge_count, &w->edge_cap, sizeof(*w->edges));
	w->edges[w->edge_count++] = (struct step_edge){before, after};
	w->steps[after].blocked++;
}

static const char *
value(const struct schema_object *o, size_t place)
{
	return o->values[place];
}

/* ---- which steps there are ---- */

static bool
is_foreign_key(const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_constraint && value(o, SCHEMA_constraint_type)[0] == 'F';
}

static bool
is_partition(const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_table && value(o, SCHEMA_table_bound) != NULL;
}

/* A partition of it, or of its partitions, leaves it: that would keep the foreign key as its own.
 */
static bool
partition_leaves(const struct plan_work *w, uint32_t table)
{
	for (uint32_t i = w->old.first_user[table]; i < w->old.first_user[table + 1]; i++) {
		uint32_t user = w->old.users[i];
		if (is_partition(plan_old(w, user)) &&
		    (w->at[STEP_DETACH][user] != NONE || partition_leaves(w, user)))
			return true;
	}
	return false;
}

/* A table and what references it are both dropped: the key goes first, whatever the order. */
static bool
needs_own_drop(const struct plan_work *w, uint32_t old)
{
	const struct schema_object *o = plan_old(w, old);

	if (!is_foreign_key(o))
		return false;
	for (uint32_t k = 0; k < o->needs_count; k++) {
		uint32_t n = o->needs[k];
		enum schema_kind kind = plan_old(w, n)->kind;
		if ((kind == SCHEMA_KIND_constraint || kind == SCHEMA_KIND_index) &&
		    plan_old(w, n)->parent != o->parent && fate_goes(w->old.fate[n]))
			return true;
	}
	return partition_leaves(w, w->old.whole[old]);
}

/* The column that owns the sequence, or NONE. */
static uint32_t
owner_of(const struct plan_work *w, uint32_t old)
{
	const struct schema_object *o = plan_old(w, old);

	for (uint32_t k = 0; o->kind == SCHEMA_KIND_sequence && k < o->needs_count; k++)
		if (plan_old(w, o->needs[k])->kind == SCHEMA_KIND_column)
			return o->needs[k];
	return NONE;
}

/* An owned sequence goes with its column, and a column with its table. */
static bool
owner_goes(const struct plan_work *w, uint32_t old)
{
	uint32_t owner = owner_of(w, old);

	return owner != NONE && fate_goes(w->old.fate[owner]);
}

/* An index that is attached goes with its parent's, unless its table leaves before. */
static bool
goes_with_parent(const struct plan_work *w, uint32_t old)
{
	uint32_t parent = plan_attached_to(&w->old, old), whole = w->old.whole[old];

	return parent != NONE && fate_goes(w->old.fate[parent]) && whole != NONE &&
	       !fate_goes(w->old.fate[whole]) && w->at[STEP_DETACH][whole] == NONE;
}

static bool
is_dropped_alone(const struct plan_work *w, uint32_t old)
{
	const struct schema_object *o = plan_old(w, old);
	uint32_t whole = w->old.whole[old];

	if (!fate_goes(w->old.fate[old]) || owner_goes(w, old) || w->aside[old] ||
	    goes_with_parent(w, old))
		return false;
	if (o->kind == SCHEMA_KIND_default_privileges && o->needs_count > 0 &&
	    fate_goes(w->old.fate[o->needs[0]]))
		return false;
	return whole == NONE || !fate_goes(w->old.fate[whole]) || needs_own_drop(w, old);
}

static bool
is_inline(const struct plan_work *w, uint32_t new)
{
	const struct schema_object *o = plan_new(w, new);
	uint32_t whole = w->new.whole[new];

	return o->kind == SCHEMA_KIND_column && whole != NONE && fate_comes(w->new.fate[whole]) &&
	       (plan_new(w, whole)->kind == SCHEMA_KIND_table ||
		plan_new(w, whole)->kind == SCHEMA_KIND_composite);
}

/* It goes with the step that drops another object, which stands for its own. */
static void
go_with(struct plan_work *w, uint32_t old, uint32_t other)
{
	if (other != NONE && w->at[STEP_DROP][old] == NONE && fate_goes(w->old.fate[old]))
		w->at[STEP_DROP][old] = w->at[STEP_DROP][other];
}

static void
drops_of_others(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->old.m->count; i++)
		if (!goes_with_parent(w, i))
			go_with(w, i, w->old.whole[i]);
	for (uint32_t i = 0; i < w->old.m->count; i++)
		if (goes_with_parent(w, i)) {
			uint32_t top = plan_attached_to(&w->old, i);
			while (goes_with_parent(w, top))
				top = plan_attached_to(&w->old, top);
			go_with(w, i, top);
		}
	for (uint32_t i = 0; i < w->old.m->count; i++)
		if (owner_goes(w, i))
			go_with(w, i, owner_of(w, i));
}

static void
old_steps(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->old.m->count; i++)
		if (plan_old(w, i)->kind == SCHEMA_KIND_table && w->old.fate[i] == FATE_ALTER &&
		    plan_moves(w, w->old.pair[i]))
			add_step(w, STEP_DETACH, i);
	for (uint32_t i = 0; i < w->old.m->count; i++) {
		const struct schema_object *o = plan_old(w, i);
		uint32_t pair = w->old.pair[i];

		if (is_dropped_alone(w, i))
			add_step(w, STEP_DROP, i);
		if (w->aside[i] && w->old.fate[i] == FATE_REPLACE) {
			add_step(w, STEP_ASIDE, i);
			add_step(w, STEP_FORGET, i);
		}
		if (pair == NONE)
			continue;
		if (o->kind == SCHEMA_KIND_column && w->unset[pair] &&
		    w->old.fate[i] == FATE_ALTER && value(o, SCHEMA_column_default) != NULL)
			add_step(w, STEP_UNSET, i);
		if (o->kind == SCHEMA_KIND_sequence && w->again[pair])
			add_step(w, STEP_UNSET, i);
	}
	drops_of_others(w);
}

static bool
owner_changes(const struct plan_work *w, uint32_t new)
{
	const struct schema_change *c = w->change[new];

	if (fate_comes(w->new.fate[new]))
		return value(plan_new(w, new), SCHEMA_sequence_owned_by) != NULL;
	return w->again[new] || (c != NULL && !ddl_same(c, SCHEMA_sequence_owned_by));
}

static void
steps_of_table(struct plan_work *w, uint32_t i)
{
	const struct schema_object *o = plan_new(w, i);
	enum fate fate = w->new.fate[i];

	if ((is_partition(o) && fate_comes(fate)) || (fate == FATE_ALTER && plan_moves(w, i)))
		add_step(w, STEP_ATTACH, i);
}

/* What names an index of its own. */
static void
late_steps(struct plan_work *w, uint32_t i)
{
	const struct schema_object *o = plan_new(w, i), *before = NULL;

	if (!w->made[i] && w->new.pair[i] != NONE)
		before = plan_old(w, w->new.pair[i]);
	if (ddl_table_has_late(before, o) || ddl_table_names_made(&w->ddl, o, w->made))
		add_step(w, STEP_LATE, i);
}

static bool
is_attached(const struct plan_work *w, uint32_t new)
{
	const struct schema_change *c = w->change[new];

	if (plan_attached_to(&w->new, new) == NONE)
		return false;
	return fate_comes(w->new.fate[new]) ||
	       (c != NULL &&
		!ddl_same(c, c->kind == SCHEMA_KIND_index ? (size_t)SCHEMA_index_part_of
							  : (size_t)SCHEMA_constraint_part_of));
}

static void
new_steps(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->new.m->count; i++) {
		const struct schema_object *o = plan_new(w, i);
		enum fate fate = w->new.fate[i];

		if (o->kind == SCHEMA_KIND_table || o->kind == SCHEMA_KIND_materialized_view)
			late_steps(w, i);
		if (is_inline(w, i) || fate == FATE_KEEP)
			continue;
		add_step(w, STEP_MAKE, i);
		if (o->kind == SCHEMA_KIND_table)
			steps_of_table(w, i);
		if (is_attached(w, i))
			add_step(w, STEP_ATTACH, i);
		if (o->kind == SCHEMA_KIND_sequence && owner_changes(w, i))
			add_step(w, STEP_OWNED, i);
		if (o->kind == SCHEMA_KIND_base_type && fate_comes(fate))
			add_step(w, STEP_SHELL, i);
	}
	for (uint32_t i = 0; i < w->new.m->count; i++) {
		if (!is_inline(w, i))
			continue;
		w->at[STEP_MAKE][i] = w->at[STEP_MAKE][w->new.whole[i]];
		if (ddl_default_comes_later(&w->ddl, plan_new(w, i)))
			add_step(w, STEP_DEFAULT, i);
	}
}

/* ---- what comes before what ---- */

static bool
is_routine(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_function || kind == SCHEMA_KIND_operator;
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
	if ((o->kind == SCHEMA_KIND_table && used->kind == SCHEMA_KIND_table &&
	     w->at[STEP_ATTACH][i] != NONE) ||
	    plan_attached_to(&w->new, i) == n) {
		add_edge(w, first, w->at[STEP_ATTACH][i]);
		return;
	}
	if (o->kind == SCHEMA_KIND_function && w->at[STEP_SHELL][n] != NONE)
		first = w->at[STEP_SHELL][n];
	if (is_routine(used->kind) && w->at[STEP_DEFAULT][i] != NONE)
		make = w->at[STEP_DEFAULT][i];
	add_edge(w, first, make);
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
		    (o->kind != SCHEMA_KIND_index && o->kind != SCHEMA_KIND_constraint))
			continue;
		/* A partition brings what its parent's are to find, and is named by its index. */
		if (!is_foreign_key(o))
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
		if (used != NONE && w->old.fate[n] == FATE_ALTER)
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
		if (!is_partition(plan_old(w, user)))
			continue;
		add_edge(w, w->at[STEP_DROP][key], w->at[STEP_DETACH][user]);
		order_of_leaving(w, key, user);
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
		if (is_foreign_key(o) && fate_goes(w->old.fate[i]) && whole != NONE)
			order_of_leaving(w, i, whole);
		if (whole != NONE) {
			add_edge(w, w->at[STEP_DROP][i], w->at[STEP_DROP][whole]);
			add_edge(w, w->at[STEP_DETACH][whole], w->at[STEP_DROP][i]);
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
plan_steps(struct plan_work *w)
{
	size_t most = w->old.m->count > w->new.m->count ? w->old.m->count : w->new.m->count;

	for (int t = 0; t < STEP_TYPES; t++) {
		w->at[t] = arena_array(w->arena, most + 1, sizeof(*w->at[t]));
		for (size_t i = 0; i <= most; i++)
			w->at[t][i] = NONE;
	}
	old_steps(w);
	new_steps(w);
	order_of_new(w);
	order_of_old(w);
	order_of_names(w);
}
