/* Workers as text. */
#include "cli/render.h"

#include <string.h>

#include "cli/table.h"

#include "shared/base/banned.h"

static const char *
joined(struct cli *cli, const char *const *items, size_t count)
{
	const char *all = "";

	for (size_t i = 0; i < count; i++)
		all = arena_printf(&cli->arena, "%s%s%s", all, i > 0 ? ", " : "", items[i]);
	return all;
}

void
render_worker_list(struct cli *cli, const struct worker_list *r)
{
	static const char *const heads[] = {"worker",  "state",	    "targets", "jobs",
					    "version", "last seen", NULL};
	struct table t;

	if (r->workers.count == 0) {
		cli_say(cli, "no workers");
		return;
	}
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->workers.count; i++) {
		const struct worker_info *w = &r->workers.items[i];
		enum style style = strcmp(w->state, "online") == 0     ? STYLE_GREEN
				   : strcmp(w->state, "draining") == 0 ? STYLE_YELLOW
								       : STYLE_RED;
		const char *cells[] = {
			w->name,
			w->state,
			joined(cli, w->targets.items, w->targets.count),
			arena_printf(&cli->arena, "%lld", (long long)w->jobs),
			w->version,
			render_time(cli, w->last_seen),
		};
		table_add(&t, style, cells);
	}
	table_print(&t);
}
