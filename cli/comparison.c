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

/* ---- renames ---- */

static bool
read_renames(struct comparison *c, struct cli *cli, const struct args *args, struct error *err)
{
	const char *const *said;
	size_t count = args_list(args, "rename", &said);

	c->said = arena_array(&cli->arena, count + 1, sizeof(*c->said));
	for (size_t i = 0; i < count; i++) {
		if (schema_rename_split(&cli->arena, said[i], &c->said[c->said_count])) {
			c->said_count++;
			continue;
		}
		error_set(err, E_USAGE_001, "--rename %s: there is no OLD=NEW in it", said[i]);
		error_hint(err, "--rename public.users=public.customers");
		return false;
	}
	return true;
}

static bool
compare(const struct comparison *c, const struct schema_model *from, const struct schema_model *to,
	const struct schema_rename *said, struct schema_renames *renames, struct schema_diff *out,
	struct error *err)
{
	struct arena *arena = &c->structures.cli->arena;

	if (c->said_count == 0) {
		schema_diff(arena, from, to, out);
		return true;
	}
	if (!schema_rename(c->structures.pool, from, to, said, c->said_count, renames, err))
		return false;
	schema_diff(arena, &renames->model, to, out);
	out->renames = renames;
	return true;
}

bool
comparison_open(struct comparison *c, struct cli *cli, const struct args *args, struct error *err)
{
	structures_open(&c->structures, cli, args);
	if (!read_renames(c, cli, args, err) ||
	    !structures_read(&c->structures, c->sources, ARRAY_LEN(c->sources), err))
		return false;
	if (args_flag(args, "strict-coverage") &&
	    !covered(&cli->arena, c->sources, ARRAY_LEN(c->sources), err))
		return false;
	return compare(c, c->sources[0].model, c->sources[1].model, c->said, &c->renames, &c->diff,
		       err);
}

bool
comparison_differs(const struct comparison *c)
{
	return c->diff.count > 0 || c->said_count > 0;
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
	struct arena *arena = &c->structures.cli->arena;
	struct schema_rename *back = arena_array(arena, c->said_count + 1, sizeof(*back));
	struct schema_renames *renames = arena_new(arena, struct schema_renames);
	struct schema_diff diff;

	for (size_t i = 0; i < c->said_count; i++)
		back[i] = schema_rename_back(arena, &c->renames.items[i]);
	return compare(c, c->sources[1].model, c->sources[0].model, back, renames, &diff, err) &&
	       plan_of(c, args, &diff, out, err);
}
