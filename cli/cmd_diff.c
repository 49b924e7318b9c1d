/* `confiture diff`: what differs between two structures, and the script that takes one to the
 * other. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/comparison.h"
#include "cli/render_structure.h"
#include "shared/snapshot/structure_changes.h"
#include "cli/structure_plan.h"

#include "shared/base/banned.h"

/* The differences are told whether there is a way from the one to the other or not. */
static bool
show(struct cli *cli, const struct args *args, const struct comparison *c, struct error *err)
{
	bool script = strcmp(args_text(args, "format"), "sql") == 0;
	struct schema_plan plan = {0};
	struct error none = {0};

	if (!comparison_plan(c, args, &plan, script ? err : &none)) {
		if (script)
			return false;
		cli_warn(cli, "no plan: %s", none.message);
	}
	if (script && !structure_plan_show(cli, args, &c->diff, &plan, err))
		return false;
	if (!script && !cli->json)
		render_structure_diff(cli, &c->diff, c->sources[0].shown, c->sources[1].shown);
	if (!cli->json && cli->output_file == NULL)
		return true;
	struct diff_result *result = structure_changes(&cli->arena, &c->diff);
	structure_plan_fill(&cli->arena, &c->diff, &plan, result);
	cli_document(cli, &record_diff_result, result);
	return true;
}

int
cmd_diff(struct cli *cli, const struct args *args)
{
	struct comparison c = {.sources = {
				       {.option = "--from", .word = args_text(args, "from")},
				       {.option = "--to", .word = args_text(args, "to")},
			       }};
	struct error err = {0};

	bool ok = comparison_open(&c, cli, args, &err) && show(cli, args, &c, &err);
	comparison_close(&c);
	if (!ok)
		return cli_fail(cli, &err);
	return comparison_differs(&c) ? 1 : 0;
}
