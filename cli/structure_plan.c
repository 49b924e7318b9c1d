#include "cli/structure_plan.h"

#include <string.h>

#include "shared/base/banned.h"

/* ---- the document ---- */

static void
put_hazards(struct arena *arena, unsigned hazards, const char ***items, size_t *count)
{
	const char *words[8];

	*count = schema_hazard_words(hazards, words);
	*items = arena_array(arena, *count + 1, sizeof(**items));
	for (size_t i = 0; i < *count; i++)
		(*items)[i] = words[i];
}

/* What is about the change's object, joined; an object has one change for each attribute, and the
 * first of them tells it all. */
static void
fill_change(struct arena *arena, const struct schema_plan *plan, struct diff_change *c)
{
	unsigned hazards = 0;
	bool rename = strcmp(c->action, "rename") == 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];
		if ((strcmp(s->action, "rename") == 0) != rename ||
		    strcmp(s->address, c->object) != 0 ||
		    strcmp(schema_kind_info(s->kind)->name, c->kind) != 0)
			continue;
		c->sql = c->sql ? arena_printf(arena, "%s\n%s;", c->sql, s->sql)
				: arena_printf(arena, "%s;", s->sql);
		hazards |= s->hazards;
	}
	c->rewrite = (hazards & HAZARD_REWRITE) != 0;
	put_hazards(arena, hazards, &c->hazards.items, &c->hazards.count);
}

void
structure_plan_fill(struct arena *arena, const struct schema_plan *plan, struct diff_result *out)
{
	out->statements.count = plan->count;
	out->statements.items = arena_array(arena, plan->count + 1, sizeof(*out->statements.items));
	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];
		struct diff_statement *to = &out->statements.items[i];

		*to = (struct diff_statement){
			.sql = s->sql,
			.kind = schema_kind_info(s->kind)->name,
			.object = s->address,
			.action = s->action,
			.transaction = !s->alone,
		};
		put_hazards(arena, s->hazards, &to->hazards.items, &to->hazards.count);
	}
	for (size_t i = 0; i < out->changes.count; i++) {
		struct diff_change *c = &out->changes.items[i];
		bool same =
			i > 0 && strcmp(c->object, c[-1].object) == 0 &&
			strcmp(c->kind, c[-1].kind) == 0 &&
			(strcmp(c->action, "rename") == 0) == (strcmp(c[-1].action, "rename") == 0);
		if (!same)
			fill_change(arena, plan, c);
	}
}

/* ---- the script ---- */

bool
structure_plan_keeps(struct arena *arena, const struct schema_plan *plan, struct error *err)
{
	const char *list = "";
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		count += (plan->statements[i].hazards & HAZARD_DATA_LOSS) != 0 ? 1 : 0;
	if (count == 0)
		return true;
	error_set(err, E_DIFFER_403, "%zu statement%s would lose rows or values", count,
		  count == 1 ? "" : "s");
	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];
		if ((s->hazards & HAZARD_DATA_LOSS) == 0)
			continue;
		list = arena_printf(arena, "%s%s%s", list, list[0] != '\0' ? "\n" : "", s->sql);
		error_detail_item(err, "statements", s->sql);
	}
	error_cause(err, "%s", list);
	return false;
}

void
structure_plan_warn(struct cli *cli, const struct schema_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if ((plan->statements[i].hazards & HAZARD_INCOMPLETE) != 0)
			cli_warn(cli, "%s %s: a secret was not read; fill it in by hand",
				 schema_kind_info(plan->statements[i].kind)->name,
				 cli_safe(cli, plan->statements[i].address));
}

bool
structure_plan_show(struct cli *cli, const struct args *args, const struct schema_plan *plan,
		    struct error *err)
{
	struct text script;

	if (!args_flag(args, "allow-data-loss") && !structure_plan_keeps(&cli->arena, plan, err))
		return false;
	if (plan->count == 0)
		return true;
	text_init(&script, 0);
	schema_plan_script(plan, &script);
	/* As it is: psql reads it, and not a person's terminal. */
	fwrite(script.ptr, 1, script.len, cli->out);
	text_fini(&script);
	structure_plan_warn(cli, plan);
	return true;
}
