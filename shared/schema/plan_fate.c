/*
 * What becomes of each object. What differs is altered where PostgreSQL can do that, else made
 * anew; and whoever needs something that goes away, or whose columns change their type, is made
 * anew with it, and so on until nothing more follows. Tables and columns are spared as long as
 * possible: they hold rows.
 */
#include "shared/schema/plan_work.h"

#include "shared/base/banned.h"

bool
plan_is_type(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_enum || kind == SCHEMA_KIND_domain ||
	       kind == SCHEMA_KIND_composite || kind == SCHEMA_KIND_range ||
	       kind == SCHEMA_KIND_base_type;
}

uint32_t
plan_attached_to(const struct plan_side *s, uint32_t i)
{
	const struct schema_object *o = &s->m->objects[i];
	const char *parent = o->kind == SCHEMA_KIND_index ? o->values[SCHEMA_index_part_of]
			     : o->kind == SCHEMA_KIND_constraint
				     ? o->values[SCHEMA_constraint_part_of]
				     : NULL;

	for (uint32_t k = 0; parent != NULL && k < o->needs_count; k++) {
		const struct schema_object *used = &s->m->objects[o->needs[k]];
		if ((used->kind == SCHEMA_KIND_index || used->kind == SCHEMA_KIND_constraint) &&
		    strcmp(used->address, parent) == 0)
			return o->needs[k];
	}
	return NONE;
}

bool
plan_moves(const struct plan_work *w, uint32_t new)
{
	const struct schema_change *c = w->change[new];

	return w->again[new] || (c != NULL && (!ddl_same(c, SCHEMA_table_bound) ||
					       !ddl_same(c, SCHEMA_table_parents) ||
					       !ddl_same(c, SCHEMA_table_of_type)));
}

uint32_t
plan_partition_of(const struct plan_work *w, uint32_t old)
{
	const struct schema_object *o = plan_old(w, old);

	for (uint32_t k = 0; plan_is_partition(o) && k < o->needs_count; k++) {
		const struct schema_object *used = plan_old(w, o->needs[k]);
		if (used->kind == SCHEMA_KIND_table &&
		    strcmp(used->address, plan_value(o, SCHEMA_table_parents)) == 0)
			return o->needs[k];
	}
	return NONE;
}

/* ---- both sides ---- */

static uint32_t *
numbers(struct arena *arena, size_t count)
{
	uint32_t *all = arena_array(arena, count + 1, sizeof(*all));

	for (size_t i = 0; i < count; i++)
		all[i] = NONE;
	return all;
}

static void
find_users(struct arena *arena, struct plan_side *s)
{
	size_t total = 0;

	s->first_user = arena_array(arena, s->m->count + 2, sizeof(*s->first_user));
	for (size_t i = 0; i < s->m->count; i++) {
		for (uint32_t k = 0; k < s->m->objects[i].needs_count; k++)
			s->first_user[s->m->objects[i].needs[k] + 2]++;
		total += s->m->objects[i].needs_count;
	}
	for (size_t i = 2; i < s->m->count + 2; i++)
		s->first_user[i] += s->first_user[i - 1];
	s->users = arena_array(arena, total + 1, sizeof(*s->users));
	for (uint32_t i = 0; i < s->m->count; i++)
		for (uint32_t k = 0; k < s->m->objects[i].needs_count; k++)
			s->users[s->first_user[s->m->objects[i].needs[k] + 1]++] = i;
}

static void
find_wholes(struct plan_side *s)
{
	for (uint32_t i = 0; i < s->m->count; i++) {
		const struct schema_object *o = &s->m->objects[i];
		for (uint32_t k = 0; schema_kind_is_part(o->kind) && k < o->needs_count; k++)
			if (s->m->objects[o->needs[k]].address == o->parent)
				s->whole[i] = o->needs[k];
	}
}

static void
side_init(struct arena *arena, struct plan_side *s, const struct schema_model *m)
{
	s->m = m;
	s->pair = numbers(arena, m->count);
	s->whole = numbers(arena, m->count);
	s->fate = arena_array(arena, m->count + 1, sizeof(*s->fate));
	find_users(arena, s);
	find_wholes(s);
}

static void
pair_up(struct plan_work *w)
{
	uint32_t i = 0, k = 0;

	while (i < w->old.m->count && k < w->new.m->count) {
		int order = schema_object_compare(plan_old(w, i), plan_new(w, k));
		if (order == 0) {
			w->old.pair[i] = k;
			w->new.pair[k] = i;
		}
		i += order <= 0 ? 1 : 0;
		k += order >= 0 ? 1 : 0;
	}
}

static void
set(struct plan_work *w, uint32_t old, enum fate fate)
{
	w->old.fate[old] = fate;
	if (w->old.pair[old] != NONE)
		w->new.fate[w->old.pair[old]] = fate;
}

/* Whether it can be altered is seen by doing so, for nothing. */
static bool
can_alter(struct plan_work *w, const struct schema_change *c)
{
	struct ddl trial = w->ddl;

	trial.items = NULL;
	trial.count = trial.cap = 0;
	return ddl_alter(&trial, c);
}

static void
first_fates(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->old.m->count; i++)
		w->old.fate[i] = w->old.pair[i] == NONE ? FATE_DROP : FATE_KEEP;
	for (uint32_t i = 0; i < w->new.m->count; i++)
		w->new.fate[i] = w->new.pair[i] == NONE ? FATE_MAKE : FATE_KEEP;
	for (size_t i = 0; i < w->diff->count; i++) {
		const struct schema_change *c = &w->diff->changes[i];
		if (c->before == NULL || c->after == NULL)
			continue;
		w->change[c->after - w->new.m->objects] = c;
		set(w, (uint32_t)(c->before - w->old.m->objects),
		    can_alter(w, c) ? FATE_ALTER : FATE_REPLACE);
	}
}

/* ---- what follows ---- */

struct pending {
	uint32_t *items;
	size_t count, cap;
};

static void
push(struct plan_work *w, struct pending *p, uint32_t old)
{
	p->items = arena_grow(w->arena, p->items, p->count, &p->cap, sizeof(*p->items));
	p->items[p->count++] = old;
}

static bool
type_changes(const struct plan_work *w, uint32_t old)
{
	uint32_t pair = w->old.pair[old];

	if (plan_old(w, old)->kind != SCHEMA_KIND_column || pair == NONE)
		return false;
	const struct schema_change *c = w->change[pair];
	return w->retype[pair] || (c != NULL && (!ddl_same(c, SCHEMA_column_type) ||
						 !ddl_same(c, SCHEMA_column_collation)));
}

static bool
is_generated(const struct schema_object *column)
{
	return column->values[SCHEMA_column_generated] != NULL;
}

static void
replace(struct plan_work *w, struct pending *p, uint32_t old)
{
	set(w, old, FATE_REPLACE);
	push(w, p, old);
}

static void
spare(struct plan_work *w, uint32_t old, bool *mark)
{
	mark[w->old.pair[old]] = true;
	if (w->old.fate[old] == FATE_KEEP)
		set(w, old, FATE_ALTER);
}

/* A column whose type, default or expression uses `n`, which goes away or is made anew. */
static void
column_follows(struct plan_work *w, struct pending *p, uint32_t user, uint32_t n)
{
	const struct schema_object *used = plan_old(w, n);

	if (is_generated(plan_old(w, user))) {
		replace(w, p, user);
	} else if (plan_is_type(used->kind) || used->kind == SCHEMA_KIND_collation) {
		if (w->old.fate[n] == FATE_REPLACE) {
			w->aside[n] = true;
			spare(w, user, w->retype);
			push(w, p, user);
		}
	} else if (w->old.fate[n] == FATE_REPLACE) {
		spare(w, user, w->unset);
	}
}

static void
follow_gone(struct plan_work *w, struct pending *p, uint32_t user, uint32_t n)
{
	enum schema_kind kind = plan_old(w, user)->kind;

	if (w->old.whole[user] == n)
		replace(w, p, user);
	else if (kind == SCHEMA_KIND_column)
		column_follows(w, p, user, n);
	else if (kind == SCHEMA_KIND_sequence || kind == SCHEMA_KIND_publication)
		spare(w, user, w->again);
	else if (kind == SCHEMA_KIND_table && (plan_old(w, n)->kind == SCHEMA_KIND_table ||
					       plan_old(w, n)->kind == SCHEMA_KIND_composite))
		spare(w, user, w->again);
	else if (kind == SCHEMA_KIND_table &&
		 plan_old(w, user)->values[SCHEMA_table_server] != NULL)
		replace(w, p, user);
	else if (kind != SCHEMA_KIND_table && kind != SCHEMA_KIND_schema &&
		 kind != SCHEMA_KIND_composite)
		replace(w, p, user);
}

/* PostgreSQL makes the index anew for another type, and those of the partitions with it, under
 * names of its own choice. */
static bool
loses_its_parts(const struct plan_work *w, uint32_t index, uint32_t column)
{
	const char *old = plan_value(plan_old(w, column), SCHEMA_column_type);
	const char *new = plan_value(plan_new(w, w->old.pair[column]), SCHEMA_column_type);
	uint32_t whole = w->old.whole[index];
	size_t n = strcspn(old, "(");

	return whole != NONE && plan_old(w, whole)->kind == SCHEMA_KIND_table &&
	       plan_value(plan_old(w, whole), SCHEMA_table_partition_key) != NULL &&
	       (n != strcspn(new, "(") || strncmp(old, new, n) != 0);
}

static void
follow_retyped(struct plan_work *w, struct pending *p, uint32_t user, uint32_t column)
{
	switch (plan_old(w, user)->kind) {
	case SCHEMA_KIND_view:
	case SCHEMA_KIND_materialized_view:
	case SCHEMA_KIND_rule:
	case SCHEMA_KIND_policy:
	case SCHEMA_KIND_trigger:
	case SCHEMA_KIND_function:
		replace(w, p, user);
		break;
	case SCHEMA_KIND_column:
		if (is_generated(plan_old(w, user)))
			replace(w, p, user);
		break;
	case SCHEMA_KIND_index:
		if (loses_its_parts(w, user, column))
			replace(w, p, user);
		break;
	default:
		break;
	}
}

/* PostgreSQL lets an attached index go only with its parent's. */
static void
follow_to_parent(struct plan_work *w, struct pending *p, uint32_t n)
{
	uint32_t parent = plan_attached_to(&w->old, n), whole = w->old.whole[n];

	if (parent == NONE || whole == NONE || fate_goes(w->old.fate[parent]) ||
	    fate_goes(w->old.fate[whole]) || plan_moves(w, w->old.pair[whole]))
		return;
	replace(w, p, parent);
}

static void
follow(struct plan_work *w, struct pending *p, uint32_t n)
{
	if (fate_goes(w->old.fate[n]))
		follow_to_parent(w, p, n);
	for (uint32_t i = w->old.first_user[n]; i < w->old.first_user[n + 1]; i++) {
		uint32_t user = w->old.users[i];
		if (fate_goes(w->old.fate[user]))
			continue;
		if (fate_goes(w->old.fate[n]))
			follow_gone(w, p, user, n);
		else
			follow_retyped(w, p, user, n);
	}
}

/* ---- indexes that can be built while the old ones still serve ---- */

static bool
stays_as_it_is(const struct plan_work *w, uint32_t old)
{
	return (w->old.fate[old] == FATE_KEEP || w->old.fate[old] == FATE_ALTER) &&
	       !type_changes(w, old);
}

/* Only it changes, nothing that it stands on, and no foreign key stands on it. */
static bool
can_swap(const struct plan_work *w, uint32_t new)
{
	uint32_t old = w->new.pair[new];
	const struct schema_object *o = plan_new(w, new);

	if (o->kind != SCHEMA_KIND_index || w->new.fate[new] != FATE_REPLACE ||
	    w->old.first_user[old] < w->old.first_user[old + 1] ||
	    !ddl_index_can_swap(&w->ddl, plan_old(w, old), o))
		return false;
	for (uint32_t k = 0; k < plan_old(w, old)->needs_count; k++)
		if (!stays_as_it_is(w, plan_old(w, old)->needs[k]))
			return false;
	return true;
}

/* ---- composite types that columns are of ---- */

/* PostgreSQL changes the type of an attribute only while no column has it; a new type can take the
 * old one's place, and the values come over attribute by attribute. */
static void
replace_used_composites(struct plan_work *w, struct pending *p)
{
	for (uint32_t i = 0; i < w->old.m->count; i++) {
		uint32_t type = w->old.whole[i];
		if (plan_old(w, i)->kind != SCHEMA_KIND_column || !type_changes(w, i) ||
		    type == NONE || plan_old(w, type)->kind != SCHEMA_KIND_composite ||
		    fate_goes(w->old.fate[type]))
			continue;
		for (uint32_t k = w->old.first_user[type]; k < w->old.first_user[type + 1]; k++) {
			uint32_t user = w->old.users[k];
			enum schema_kind kind = plan_old(w, user)->kind;
			bool keeps = kind == SCHEMA_KIND_domain || kind == SCHEMA_KIND_range ||
				     (kind == SCHEMA_KIND_column && w->old.whole[user] != type);
			if (keeps && !fate_goes(w->old.fate[type]))
				replace(w, p, type);
		}
	}
}

static void
last_marks(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->new.m->count; i++) {
		w->made[i] = fate_comes(w->new.fate[i]);
		w->swap[i] = can_swap(w, i);
	}
	w->ddl.made = w->made;
}

void
plan_fates(struct plan_work *w)
{
	struct pending p = {0};
	size_t news = w->diff->to->count, olds = w->diff->from->count;

	w->change = arena_array(w->arena, news + 1, sizeof(*w->change));
	w->retype = arena_array(w->arena, news + 1, sizeof(*w->retype));
	w->unset = arena_array(w->arena, news + 1, sizeof(*w->unset));
	w->again = arena_array(w->arena, news + 1, sizeof(*w->again));
	w->aside = arena_array(w->arena, olds + 1, sizeof(*w->aside));
	w->made = arena_array(w->arena, news + 1, sizeof(*w->made));
	w->swap = arena_array(w->arena, news + 1, sizeof(*w->swap));
	side_init(w->arena, &w->old, w->diff->from);
	side_init(w->arena, &w->new, w->diff->to);
	pair_up(w);
	first_fates(w);
	for (uint32_t i = 0; i < olds; i++)
		if (fate_goes(w->old.fate[i]) || type_changes(w, i))
			push(w, &p, i);
	replace_used_composites(w, &p);
	while (p.count > 0)
		follow(w, &p, p.items[--p.count]);
	last_marks(w);
}

bool
plan_in_use(const struct plan_work *w, uint32_t new_object)
{
	uint32_t whole = w->new.whole[new_object];

	if (whole == NONE)
		whole = new_object;
	return !fate_comes(w->new.fate[whole]);
}
