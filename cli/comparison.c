#include "cli/comparison.h"

#include "shared/base/banned.h"

/* ---- what no comparison knows ---- */

static bool
covered(struct arena *arena, const struct structure_source *sources, size_t count,
	struct error *err)
{
	const char *list = "";
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += sources[i].model->unmodelled_count;
	if (left == 0)
		return true;
	error_set(err, E_DIFFER_404, "%zu thing%s not compared", left, left == 1 ? " is" : "s are");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sources[i].model->unmodelled_count; k++) {
			const char *what = sources[i].model->unmodelled[k];
			list = arena_printf(arena, "%s%s%s", list, list[0] != '\0' ? "\n" : "",
					    what);
			error_detail_item(err, "unmodelled", what);
		}
	error_cause(err, "%s", list);
	return false;
}

bool
comparison_open(struct comparison *c, struct cli *cli, const struct args *args, struct error *err)
{
	structures_open(&c->structures, cli, args);
	if (!structures_read(&c->structures, c->sources, ARRAY_LEN(c->sources), err))
		return false;
	if (args_flag(args, "strict-coverage") &&
	    !covered(&cli->arena, c->sources, ARRAY_LEN(c->sources), err))
		return false;
	schema_diff(&cli->arena, c->sources[0].model, c->sources[1].model, &c->diff);
	return true;
}

void
comparison_close(struct comparison *c)
{
	structures_close(&c->structures);
}

/* ---- ways ---- */

static bool
plan_of(const struct comparison *c, const struct args *args, const struct schema_diff *d,
	struct schema_plan *out, struct error *err)
{
	const struct schema_plan_options options = {.online = !args_flag(args, "no-online")};

	return schema_plan(&c->structures.cli->arena, d, &options, out, err);
}

bool
comparison_plan(const struct comparison *c, const struct args *args, struct schema_plan *out,
		struct error *err)
{
	return plan_of(c, args, &c->diff, out, err);
}

bool
comparison_plan_back(const struct comparison *c, const struct args *args, struct schema_plan *out,
		     struct error *err)
{
	struct schema_diff back;

	schema_diff(&c->structures.cli->arena, c->sources[1].model, c->sources[0].model, &back);
	return plan_of(c, args, &back, out, err);
}
