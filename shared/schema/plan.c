/* From steps in their order to statements, and to a script. */
#include "shared/schema/plan.h"

#include "shared/schema/plan_work.h"
#include "shared/schema/rename.h"

#include "shared/base/banned.h"

/* A column whose type is made anew keeps its values by way of their text. */
static void
write_retyped(struct plan_work *w, uint32_t new)
{
	const struct schema_object *b = plan_new(w, new), *a = plan_old(w, w->new.pair[new]);
	const struct schema_change *c = w->change[new];

	ddl_about(&w->ddl, b, "alter");
	if (c == NULL || ddl_same(c, SCHEMA_column_type)) {
		if (a->values[SCHEMA_column_default] != NULL)
			ddl_column_unset_default(&w->ddl, a);
		if (!ddl_column_follows(&w->ddl, a, b))
			ddl_column_retype(&w->ddl, a, b, true);
		if (b->values[SCHEMA_column_default] != NULL)
			ddl_column_set_default(&w->ddl, b);
	}
	if (c != NULL)
		(void)ddl_alter(&w->ddl, c);
}

static void
write_altered(struct plan_work *w, uint32_t new)
{
	const struct schema_object *o = plan_new(w, new);
	const struct schema_change *c = w->change[new];

	ddl_about(&w->ddl, o, "alter");
	if (o->kind == SCHEMA_KIND_column && w->retype[new]) {
		write_retyped(w, new);
		return;
	}
	if (c != NULL)
		(void)ddl_alter(&w->ddl, c);
	if (o->kind == SCHEMA_KIND_column && w->unset[new] &&
	    o->values[SCHEMA_column_default] != NULL &&
	    (c == NULL || ddl_same(c, SCHEMA_column_default)))
		ddl_column_set_default(&w->ddl, o);
	if (o->kind == SCHEMA_KIND_publication && w->again[new] && c == NULL)
		ddl_publication_again(&w->ddl, o);
}

static void
write_attach(struct plan_work *w, const struct schema_object *before, const struct schema_object *o)
{
	ddl_about(&w->ddl, o, "alter");
	if (o->kind == SCHEMA_KIND_table)
		ddl_table_attach(&w->ddl, before, o);
	else if (o->kind == SCHEMA_KIND_index)
		ddl_index_attach(&w->ddl, o);
	else
		ddl_constraint_attach(&w->ddl, o);
}

static void
write_new(struct plan_work *w, const struct step *s)
{
	const struct schema_object *o = plan_new(w, s->object);
	bool stays = !w->made[s->object] && w->new.pair[s->object] != NONE;
	const struct schema_object *before = stays ? plan_old(w, w->new.pair[s->object]) : NULL;
	uint32_t whole = w->new.whole[s->object];

	w->ddl.in_use = plan_in_use(w, s->object);
	w->ddl.attached = whole != NONE && w->at[STEP_ATTACH][whole] != NONE;
	ddl_about(&w->ddl, o, "alter");
	switch (s->type) {
	case STEP_SHELL:
		ddl_base_type_shell(&w->ddl, o);
		break;
	case STEP_DEFAULT:
		ddl_column_set_default(&w->ddl, o);
		break;
	case STEP_ATTACH:
		write_attach(w, before, o);
		break;
	case STEP_OWNED:
		ddl_sequence_owned(&w->ddl, o);
		break;
	case STEP_LATE:
		ddl_table_late(&w->ddl, before, o, ddl_table_names_made(&w->ddl, o, w->made));
		break;
	default:
		if (before != NULL)
			write_altered(w, s->object);
		else if (w->swap[s->object])
			ddl_index_swap(&w->ddl, plan_old(w, w->new.pair[s->object]), o);
		else
			ddl_create(&w->ddl, o);
		break;
	}
}

/* The new one is built first, and then takes its place. */
static bool
is_swapped(const struct plan_work *w, uint32_t old)
{
	return w->old.pair[old] != NONE && w->swap[w->old.pair[old]];
}

/* A partition that leaves keeps copies of the foreign keys that its parents keep. */
static void
write_detach(struct plan_work *w, uint32_t old)
{
	const struct schema_object *o = plan_old(w, old);

	ddl_table_detach(&w->ddl, o, plan_new(w, w->old.pair[old]));
	for (uint32_t p = plan_partition_of(w, old); p != NONE; p = plan_partition_of(w, p)) {
		for (uint32_t i = w->old.first_user[p]; i < w->old.first_user[p + 1]; i++) {
			uint32_t key = w->old.users[i];
			if (w->old.whole[key] == p && plan_is_foreign_key(plan_old(w, key)) &&
			    !fate_goes(w->old.fate[key]))
				ddl_put(&w->ddl, "ALTER TABLE %s DROP CONSTRAINT %s", o->address,
					ddl_own_name(&w->ddl, plan_old(w, key)));
		}
	}
}

static void
write_old(struct plan_work *w, const struct step *s)
{
	const struct schema_object *o = plan_old(w, s->object);
	uint32_t whole = w->old.whole[s->object];
	size_t first = w->ddl.count;

	w->ddl.in_use = whole != NONE && !fate_goes(w->old.fate[whole]);
	w->ddl.detached = whole != NONE && w->at[STEP_DETACH][whole] != NONE;
	ddl_about(&w->ddl, o, "alter");
	switch (s->type) {
	case STEP_UNSET:
		if (o->kind == SCHEMA_KIND_sequence)
			ddl_put(&w->ddl, "ALTER SEQUENCE %s OWNED BY NONE", o->address);
		else
			ddl_column_unset_default(&w->ddl, o);
		break;
	case STEP_DETACH:
		write_detach(w, s->object);
		break;
	case STEP_ASIDE:
		ddl_type_step_aside(&w->ddl, o);
		break;
	case STEP_FORGET:
		ddl_type_drop_aside(&w->ddl, o);
		break;
	default:
		if (!is_swapped(w, s->object))
			ddl_drop(&w->ddl, o);
		break;
	}
	if (s->type == STEP_DROP && o->kind == SCHEMA_KIND_table)
		w->ddl.items[first].hazards |=
			o->values[SCHEMA_table_server] == NULL ? HAZARD_DATA_LOSS : 0;
}

static bool
makes_functions(const struct plan_work *w)
{
	for (size_t i = 0; i < w->step_count; i++)
		if (w->steps[i].type == STEP_MAKE &&
		    plan_new(w, w->steps[i].object)->kind == SCHEMA_KIND_function)
			return true;
	return false;
}

/* What was said comes first: all that follows has the new names. */
static void
write_renames(struct plan_work *w)
{
	const struct schema_renames *r = w->diff->renames;

	for (size_t i = 0; r != NULL && i < r->step_count; i++) {
		const struct schema_object *o = r->steps[i].about;
		bool blocks = o->kind == SCHEMA_KIND_table || o->kind == SCHEMA_KIND_column ||
			      o->kind == SCHEMA_KIND_constraint || o->kind == SCHEMA_KIND_view ||
			      o->kind == SCHEMA_KIND_materialized_view;

		ddl_about(&w->ddl, o, "rename");
		ddl_put(&w->ddl, "%s", r->steps[i].sql)->hazards = blocks ? HAZARD_BLOCKS_READS : 0;
	}
}

bool
schema_plan(struct arena *arena, const struct schema_diff *diff,
	    const struct schema_plan_options *options, struct schema_plan *out, struct error *err)
{
	struct plan_work w = {
		.arena = arena,
		.diff = diff,
		.ddl = {.arena = arena,
			.from = diff->from,
			.to = diff->to,
			.online = options->online},
	};

	plan_fates(&w);
	plan_steps(&w);
	plan_edges(&w);
	if (!plan_order(&w, err))
		return false;
	write_renames(&w);
	w.ddl.fill_later = makes_functions(&w);
	for (size_t i = 0; i < w.step_count; i++) {
		const struct step *s = &w.steps[w.order[i]];
		if (step_is_of_old(s->type))
			write_old(&w, s);
		else
			write_new(&w, s);
	}
	for (size_t i = 0; i < w.ddl.fill_count; i++)
		ddl_put(&w.ddl, "REFRESH MATERIALIZED VIEW %s", w.ddl.to_fill[i]);
	*out = (struct schema_plan){w.ddl.items, w.ddl.count};
	return true;
}

size_t
schema_hazard_words(unsigned hazards, const char *words[8])
{
	static const char *const all[] = {"data_loss", "rewrite", "scan", "blocks_reads",
					  "incomplete"};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if ((hazards & (1U << i)) != 0)
			words[count++] = all[i];
	return count;
}

/* ---- a script ---- */

static void
put_statement(struct text *out, const struct schema_statement *s)
{
	if (s->remark != NULL)
		text_printf(out, "-- %s\n", s->remark);
	text_put(out, s->sql);
	text_put(out, ";\n");
}

void
schema_plan_script(const struct schema_plan *plan, struct text *out)
{
	bool open = false;

	text_put(out, "SET check_function_bodies = off;\n"
		      "SET search_path = '';\n");
	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];

		if (open == s->alone)
			text_put(out, open ? "COMMIT;\n" : s->alone ? "" : "BEGIN;\n");
		open = !s->alone;
		put_statement(out, s);
		if (open && s->then_commit) {
			text_put(out, "COMMIT;\n");
			open = false;
		}
	}
	if (open)
		text_put(out, "COMMIT;\n");
}
