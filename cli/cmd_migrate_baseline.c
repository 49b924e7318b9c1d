/* confiture migrate baseline: adopts a database whose migrations were applied by other means. */
#include "cli/cmds.h"
#include "cli/connection.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

#define SOURCE_TARGET "from-db"

static bool
take_source(struct cli *cli, const struct args *args, struct job_options *options,
	    struct error *err)
{
	const char *url = args_text(args, "from-db");

	if (url == NULL && args_text(args, "source-table") != NULL)
		return error_set(err, E_USAGE_001, "--source-table needs --from-db");
	if (url == NULL)
		return true;
	options->source_table = args_text(args, "source-table");
	return connection_add_other(cli, SOURCE_TARGET, "--from-db", url, options->source_table,
				    &options->source_target, err);
}

static bool
prepare(struct cli *cli, const struct args *args, struct connections *connections,
	struct job_request *request, struct error *err)
{
	struct migration_set set;

	request->options.target_version = args_text(args, "through");
	if (request->options.target_version == NULL && args_text(args, "from-db") == NULL) {
		error_set(err, E_CONFIG_001, "either --through or --from-db is needed");
		error_hint(err, "confiture migrate baseline --through VERSION");
		return false;
	}
	if (!request_bundle(cli, args, true, request, err))
		return false;
	migration_set_build(&cli->arena, request->bundle, &set);
	return migration_set_unique(&set, err) &&
	       connections_resolve(cli, args, CONNECTION_CHANGES, connections, err) &&
	       take_source(cli, args, &request->options, err);
}

int
cmd_migrate_baseline(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "baseline", &request);
	if (!prepare(cli, args, &connections, &request, &err))
		return cli_fail(cli, &err);
	return targets_run(cli, &connections, &request);
}
