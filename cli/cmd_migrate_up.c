/* confiture migrate up: applies what is pending, in version order. */
#include "cli/cmds.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static bool
check_flags(const struct args *args, struct error *err)
{
	bool shows = args_flag(args, "dry-run"), executes = args_flag(args, "dry-run-execute");

	if ((shows || executes) && args_flag(args, "structural-diff"))
		return error_set(err, E_USAGE_001,
				 "--structural-diff tells what a run changed, and a dry run "
				 "changes nothing: confiture migrate preflight tells it before");
	if (shows && executes)
		return error_set(err, E_USAGE_001,
				 "--dry-run and --dry-run-execute exclude each other");
	if ((shows || executes) && args_flag(args, "force"))
		return error_set(err, E_USAGE_001, "a dry run with --force would tell nothing");
	return true;
}

static void
fill(struct job_options *o, const struct args *args, const struct connections *connections)
{
	bool verify = args_flag(args, "verify-checksums") && !args_flag(args, "force");

	o->target_version = args_text(args, "target");
	o->strict = args_flag(args, "strict") || connections->strict_mode;
	o->force = args_flag(args, "force");
	o->structural_diff = args_flag(args, "structural-diff");
	o->dry_run_execute = args_flag(args, "dry-run-execute");
	o->require_reversible = args_flag(args, "require-reversible");
	o->on_checksum_mismatch = verify ? args_text(args, "on-checksum-mismatch") : "ignore";
}

static bool
prepare(struct cli *cli, const struct args *args, struct connections *connections,
	struct job_request *request, struct error *err)
{
	struct migration_set set;

	if (!check_flags(args, err) || !request_bundle(cli, args, true, request, err))
		return false;
	migration_set_build(&cli->arena, request->bundle, &set);
	return migration_set_unique(&set, err) &&
	       connections_resolve(cli, args, CONNECTION_CHANGES, connections, err);
}

int
cmd_migrate_up(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "apply", &request);
	if (!prepare(cli, args, &connections, &request, &err))
		return cli_fail(cli, &err);
	fill(&request.options, args, &connections);
	request.lines = !request.options.dry_run && !request.options.dry_run_execute;
	return targets_run(cli, &connections, &request);
}
