/*
 * `migrate status` without a database: it must not guess one, and it must not look as if nothing
 * were pending. The files are listed as unknown, and a hint says how to ask.
 */
#include "cli/status_files.h"

#include "shared/base/banned.h"

void
status_of_files(struct arena *arena, const struct bundle_info *bundle, struct status_result *out)
{
	struct migration_set set;

	migration_set_build(arena, bundle, &set);
	*out = (struct status_result){.tracking_table = "tb_confiture",
				      .total = (int64_t)set.count};
	out->summary = arena_new(arena, struct status_summary);
	out->summary->total = out->total;
	out->migrations.items = arena_array(arena, set.count + 1, sizeof(*out->migrations.items));
	out->migrations.count = set.count;
	for (size_t i = 0; i < set.count; i++)
		out->migrations.items[i] = (struct status_migration){
			.version = set.items[i].version,
			.name = set.items[i].name,
			.status = "unknown",
		};
	migration_set_problems(arena, &set, out);
}

static void
add(struct arena *arena, struct status_result *r, const char *code, const char *message)
{
	struct hint *items = arena_array(arena, r->hints.count + 1, sizeof(*items));

	for (size_t i = 0; i < r->hints.count; i++)
		items[i] = r->hints.items[i];
	items[r->hints.count] = (struct hint){code, message};
	r->hints.items = items;
	r->hints.count++;
}

void
status_add_hints(struct arena *arena, struct status_result *r, bool asked)
{
	if (r->total == 0)
		add(arena, r, "NO_MIGRATIONS",
		    "there are no migrations: is --migrations-dir right? A new one: confiture "
		    "migrate generate NAME");
	if (!asked)
		add(arena, r, "NO_DATABASE",
		    "no database was named, so every status is unknown; ask one with --env NAME, "
		    "--config FILE or --database-url URL");
}
