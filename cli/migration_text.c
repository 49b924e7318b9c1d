#include "cli/migration_text.h"

#include <string.h>

#include "shared/base/text.h"
#include "shared/migration/migration.h"

#include "shared/base/banned.h"

/* ---- how the file runs ---- */

static bool
is_one_transaction(const struct schema_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->statements[i].alone ||
		    (plan->statements[i].then_commit && i + 1 < plan->count))
			return false;
	return true;
}

static bool
is_unsettled(struct arena *arena, const struct schema_statement *s)
{
	struct sql_facts facts;

	if (!s->alone)
		return false;
	sql_classify(arena, span_str(s->sql), &facts);
	return facts.settle == SQL_SETTLE_NEVER ||
	       (facts.settle == SQL_SETTLE_CATALOGUE && facts.goal.kind == SQL_GOAL_OTHER);
}

static void
put_directives(struct cli *cli, const struct schema_plan *plan, struct text *out)
{
	bool unsettled = false;

	for (size_t i = 0; i < plan->count; i++)
		unsettled = unsettled || is_unsettled(&cli->arena, &plan->statements[i]);
	if (!is_one_transaction(plan))
		text_put(out, "-- " BODY_NO_TRANSACTION "\n");
	if (unsettled)
		text_put(out, "-- " BODY_ALLOW_UNSETTLED "\n");
}

/* ---- what is lost ---- */

static bool
loses(const struct schema_statement *s)
{
	return (s->hazards & HAZARD_DATA_LOSS) != 0;
}

void
migration_text_losses(struct arena *arena, const struct schema_plan *plan, const char ***items,
		      size_t *count)
{
	const char **all = arena_array(arena, plan->count + 1, sizeof(*all));

	*count = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (loses(&plan->statements[i]))
			all[(*count)++] = plan->statements[i].sql;
	*items = all;
}

/* ---- the file ---- */

/* A name may hold a line end, which would end the comment. */
static void
put_remark(struct cli *cli, struct text *out, const struct schema_statement *s)
{
	if (loses(s))
		text_printf(out, "-- loses the %s of %s\n",
			    s->kind == SCHEMA_KIND_table ? "rows" : "values",
			    cli_safe(cli, s->address));
	if ((s->hazards & HAZARD_INCOMPLETE) != 0)
		text_printf(out, "-- incomplete: a secret of %s was not read\n",
			    cli_safe(cli, s->address));
}

const char *
migration_text(struct cli *cli, const struct schema_plan *plan, const char *head)
{
	const char **lost;
	size_t losses;
	struct text t;

	text_init(&t, 0);
	while (*head != '\0') {
		size_t n = strcspn(head, "\n");
		text_printf(&t, "-- %s\n",
			    cli_safe(cli, arena_span(&cli->arena, span_of(head, n))));
		head += n + (head[n] == '\n' ? 1 : 0);
	}
	migration_text_losses(&cli->arena, plan, &lost, &losses);
	if (losses > 0)
		text_printf(&t,
			    "-- %zu statement%s rows or values, and a remark above says which.\n",
			    losses, losses == 1 ? " loses" : "s lose");
	put_directives(cli, plan, &t);
	text_put(&t, "\nSET check_function_bodies = off;\nSET search_path = '';\n\n");
	for (size_t i = 0; i < plan->count; i++) {
		put_remark(cli, &t, &plan->statements[i]);
		text_printf(&t, "%s;\n", plan->statements[i].sql);
	}
	const char *text = arena_str(&cli->arena, t.ptr);
	text_fini(&t);
	return text;
}
