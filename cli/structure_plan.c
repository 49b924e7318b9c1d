#include "cli/structure_plan.h"

#include <string.h>

#include "cli/structure_locks.h"

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

/* A part that comes or goes with the change's object: its kind and address. */
static bool
is_part(const struct diff_change *c, const struct schema_statement *s)
{
	const char *kind = schema_kind_info(s->kind)->name;
	size_t len = strlen(kind);

	for (size_t i = 0; i < c->parts.count; i++) {
		const char *part = c->parts.items[i];
		if (strncmp(part, kind, len) == 0 && part[len] == ' ' &&
		    strcmp(part + len + 1, s->address) == 0)
			return true;
	}
	return false;
}

static bool
is_about(const struct diff_change *c, const struct schema_statement *s)
{
	return (strcmp(s->action, "rename") == 0) == (strcmp(c->action, "rename") == 0) &&
	       strcmp(s->address, c->object) == 0 &&
	       strcmp(schema_kind_info(s->kind)->name, c->kind) == 0;
}

static void
add_locks(struct statement_locks *most, const struct statement_locks *one)
{
	most->lock = one->lock > most->lock ? one->lock : most->lock;
	most->rewrite = one->rewrite > most->rewrite ? one->rewrite : most->rewrite;
}

/* What is about the change's object, joined; an object has one change for each attribute, and the
 * first of them tells it all. What its parts lock counts too. */
static void
fill_change(struct arena *arena, const struct schema_plan *plan,
	    const struct statement_locks *locks, struct diff_change *c)
{
	struct statement_locks most = {SQL_LOCK_NONE, SQL_NO};
	unsigned hazards = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];
		if (is_about(c, s)) {
			c->sql = c->sql ? arena_printf(arena, "%s\n%s;", c->sql, s->sql)
					: arena_printf(arena, "%s;", s->sql);
			hazards |= s->hazards;
			add_locks(&most, &locks[i]);
		} else if (is_part(c, s)) {
			add_locks(&most, &locks[i]);
		}
	}
	c->lock = sql_lock_words(most.lock);
	c->rewrite = structure_locks_truth(most.rewrite);
	put_hazards(arena, hazards, &c->hazards.items, &c->hazards.count);
}

void
structure_plan_fill(struct arena *arena, const struct schema_diff *diff, struct schema_plan *plan,
		    struct diff_result *out)
{
	const struct statement_locks *locks = structure_locks(arena, diff, plan);

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
			.lock = sql_lock_words(locks[i].lock),
			.rewrite = structure_locks_truth(locks[i].rewrite),
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
			fill_change(arena, plan, locks, c);
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
structure_plan_show(struct cli *cli, const struct args *args, const struct schema_diff *diff,
		    struct schema_plan *plan, struct error *err)
{
	struct text script;

	if (!args_flag(args, "allow-data-loss") && !structure_plan_keeps(&cli->arena, plan, err))
		return false;
	if (plan->count == 0)
		return true;
	structure_locks(&cli->arena, diff, plan);
	text_init(&script, 0);
	schema_plan_script(plan, &script);
	/* As it is: psql reads it, and not a person's terminal. */
	fwrite(script.ptr, 1, script.len, cli->out);
	text_fini(&script);
	structure_plan_warn(cli, plan);
	return true;
}
