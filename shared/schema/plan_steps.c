/*
 * The steps that the fates take. Most objects take one; what PostgreSQL does in parts, or what two
 * things that point at each other ask for, takes more.
 */
#include "shared/schema/plan_work.h"

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

/* ---- which steps there are ---- */

uint32_t
plan_attribute_of(const struct plan_work *w, const struct plan_side *s, uint32_t i)
{
	const struct schema_object *o = &s->m->objects[i], *attribute;
	const char *type = ddl_type_of_column(&w->ddl, o);

	if (type == NULL)
		return NONE;
	attribute = schema_model_find(
		s->m, o->kind,
		arena_printf(w->arena, "%s%s", type, o->address + strlen(o->parent)));
	return attribute != NULL ? (uint32_t)(attribute - s->m->objects) : NONE;
}

/* A partition of it, or of its partitions, leaves it: that would keep the foreign key as its own.
 */
static bool
partition_leaves(const struct plan_work *w, uint32_t table)
{
	for (uint32_t i = w->old.first_user[table]; i < w->old.first_user[table + 1]; i++) {
		uint32_t user = w->old.users[i];
		if (plan_is_partition(plan_old(w, user)) &&
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

	if (!plan_is_foreign_key(o))
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
	    goes_with_parent(w, old) || plan_attribute_of(w, &w->old, old) != NONE)
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
		go_with(w, i, plan_attribute_of(w, &w->old, i));
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
		    w->old.fate[i] == FATE_ALTER && plan_value(o, SCHEMA_column_default) != NULL)
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
		return plan_value(plan_new(w, new), SCHEMA_sequence_owned_by) != NULL;
	return w->again[new] || (c != NULL && !ddl_same(c, SCHEMA_sequence_owned_by));
}

static void
steps_of_table(struct plan_work *w, uint32_t i)
{
	const struct schema_object *o = plan_new(w, i);
	enum fate fate = w->new.fate[i];

	if ((plan_is_partition(o) && fate_comes(fate)) || (fate == FATE_ALTER && plan_moves(w, i)))
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
}
