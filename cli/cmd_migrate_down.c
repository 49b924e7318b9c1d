/* confiture migrate down and down-to: undo what was applied last, or all after a revision. */
#include "cli/cmds.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static int
roll_back(struct cli *cli, const struct args *args, struct job_request *request)
{
	struct connections connections;
	struct error err = {0};

	request->lines = !request->options.dry_run;
	if (!request_bundle(cli, args, true, request, &err) ||
	    !connections_resolve(cli, args, CONNECTION_CHANGES, &connections, &err))
		return cli_fail(cli, &err);
	return targets_run(cli, &connections, request);
}

int
cmd_migrate_down(struct cli *cli, const struct args *args)
{
	struct job_request request;

	request_init(cli, args, "rollback", &request);
	request.options.steps = args_int(args, "steps");
	return roll_back(cli, args, &request);
}

int
cmd_migrate_down_to(struct cli *cli, const struct args *args)
{
	struct job_request request;

	request_init(cli, args, "rollback_to", &request);
	request.options.target_version = args_argument(args, 0);
	return roll_back(cli, args, &request);
}
