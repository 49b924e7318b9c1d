/* confiture migrate status and current: what is applied, what is pending. They write nothing. */
#include "cli/cmds.h"
#include "cli/render.h"
#include "cli/status_files.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static void
complete(struct cli *cli, const struct job_request *request, struct job_outcome *outcome)
{
	(void)request;
	if (outcome->result.of == &record_status_result && outcome->result.ptr != NULL)
		status_add_hints(&cli->arena, outcome->result.ptr, true);
}

static int
show_files(struct cli *cli, const struct job_request *request)
{
	struct status_result result;

	status_of_files(&cli->arena, request->bundle, &result);
	status_add_hints(&cli->arena, &result, false);
	cli_document(cli, &record_status_result, &result);
	if (!cli->json)
		render_status(cli, &result);
	return 0;
}

int
cmd_migrate_status(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "status", &request);
	request.reads = true;
	request.pending_is_fine = true;
	request.complete = complete;
	request.options.check_structure = args_flag(args, "check-structure");
	/* The connection first: a file that is named and missing must not pass for "unknown". */
	if (!connections_resolve(cli, args, CONNECTION_INTENTIONAL, &connections, &err) ||
	    !request_bundle(cli, args, false, &request, &err))
		return cli_fail(cli, &err);
	if (connections.count == 0)
		return show_files(cli, &request);
	if (cli->csv && connections.several) {
		error_set(&err, E_USAGE_001, "--format csv shows one database at a time");
		return cli_fail(cli, &err);
	}
	return targets_run(cli, &connections, &request);
}

int
cmd_migrate_current(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "current", &request);
	request.reads = true;
	if (!connections_resolve(cli, args, CONNECTION_READS, &connections, &err))
		return cli_fail(cli, &err);
	return targets_run(cli, &connections, &request);
}
