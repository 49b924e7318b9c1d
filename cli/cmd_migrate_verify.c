/* confiture migrate verify and verify-checksums: is what was applied still what it should be? */
#include "cli/cmds.h"
#include "cli/targets.h"
#include "shared/net/net.h"

#include "shared/base/banned.h"

/* --allow-uninitialized: no ledger is an answer (ledger_present false), not an error. */
static void
allow_no_ledger(struct cli *cli, const struct job_request *request, struct job_outcome *outcome)
{
	struct error err = {0};

	(void)cli;
	(void)request;
	if (outcome->error == NULL || outcome->result.ptr == NULL)
		return;
	error_from_issue(outcome->error, &err);
	if (!error_is(&err, E_PRECON_1001))
		return;
	outcome->error = NULL;
	outcome->exit_code = 0;
}

int
cmd_migrate_verify(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "verify", &request);
	request.reads = true;
	request.options.version = args_text(args, "version");
	if (args_flag(args, "allow-uninitialized"))
		request.complete = allow_no_ledger;
	if (!connections_resolve(cli, args, CONNECTION_INTENTIONAL, &connections, &err) ||
	    !request_bundle(cli, args, true, &request, &err))
		return cli_fail(cli, &err);
	if (connections.count == 0) {
		error_set(&err, E_CONFIG_010, "no database was named to verify");
		error_hint(&err, "confiture migrate verify --env NAME");
		return cli_fail(cli, &err);
	}
	return targets_run(cli, &connections, &request);
}

int
cmd_verify_checksums(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "checksums", &request);
	request.options.fix = args_flag(args, "fix");
	request.reads = !request.options.fix;
	if (args_flag(args, "allow-uninitialized"))
		request.complete = allow_no_ledger;
	if (!connections_resolve(cli, args,
				 request.options.fix ? CONNECTION_CHANGES : CONNECTION_READS,
				 &connections, &err) ||
	    !request_bundle(cli, args, true, &request, &err))
		return cli_fail(cli, &err);
	return targets_run(cli, &connections, &request);
}
