/*
 * confiture migrate preflight: the pending migrations on trial. Whose ledger says what is pending
 * comes from the connection options; where it is tried, from --against, --clone or --throwaway.
 */
#include <string.h>

#include "cli/cmds.h"
#include "cli/connection.h"
#include "cli/preflight_files.h"
#include "cli/session.h"
#include "cli/source_lines.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

#define REPLAY_TARGET "against"
#define FILES_TARGET  "files"

static void
complete(struct cli *cli, const struct job_request *request, struct job_outcome *outcome)
{
	struct migration_set set;

	if (outcome->result.of != &record_preflight_result || outcome->result.ptr == NULL)
		return;
	migration_set_build(&cli->arena, request->bundle, &set);
	preflight_fill_sql(&cli->arena, request->migrations_dir, &set, outcome->result.ptr);
}

static bool
choose_replay(const struct args *args, struct job_options *options, struct error *err)
{
	bool against = args_text(args, "against") != NULL;
	bool clone = args_flag(args, "clone"), throwaway = args_flag(args, "throwaway");

	if (against + clone + throwaway > 1)
		return error_set(err, E_USAGE_001,
				 "--against, --clone and --throwaway exclude each other");
	options->replay = against     ? "against"
			  : clone     ? "clone"
			  : throwaway ? "throwaway"
				      : "static";
	return true;
}

/* Without a ledger every file counts (from --since on), and no database is asked. */
static bool
without_ledger(struct cli *cli, const struct job_options *options, struct connections *connections,
	       struct error *err)
{
	bool against = options->replay_target != NULL;

	if (strcmp(options->replay, "clone") == 0 || strcmp(options->replay, "throwaway") == 0) {
		error_set(err, E_CONFIG_010, "--%s copies a database: say which one",
			  options->replay);
		error_hint(err, "confiture migrate preflight --%s --env NAME", options->replay);
		return false;
	}
	connections->items = arena_new(&cli->arena, struct connection_target);
	connections->items[0].name = against ? options->replay_target : FILES_TARGET;
	connections->count = 1;
	if (!against) {
		/* Only files are looked at, and they are here. */
		session_stay_here(cli_session(cli));
		session_add_target(cli_session(cli), FILES_TARGET, secret_of(NULL), NULL);
	}
	return true;
}

static bool
prepare(struct cli *cli, const struct args *args, struct connections *connections,
	struct job_request *request, struct error *err)
{
	struct job_options *o = &request->options;
	const char *against = args_text(args, "against");

	if (!choose_replay(args, o, err) ||
	    !connections_resolve(cli, args, CONNECTION_READS, connections, err) ||
	    !request_bundle(cli, args, true, request, err))
		return false;
	if (against != NULL && !connection_add_other(cli, REPLAY_TARGET, "--against", against, NULL,
						     &o->replay_target, err))
		return false;
	if (!preflight_files(cli, args, request, err))
		return false;
	o->replicas = connections->replicas;
	o->all_files = connections->count == 0;
	return !o->all_files || without_ledger(cli, o, connections, err);
}

int
cmd_migrate_preflight(struct cli *cli, const struct args *args)
{
	struct connections connections;
	struct job_request request;
	struct error err = {0};

	request_init(cli, args, "preflight", &request);
	request.reads = true;
	request.complete = complete;
	request.options.since = args_text(args, "since");
	request.options.strict = args_flag(args, "strict");
	request.options.check_dependents = args_text(args, "check-dependents");
	request.options.check_down = args_flag(args, "check-down");
	request.options.allow_non_transactional = args_flag(args, "allow-non-transactional");
	if (!prepare(cli, args, &connections, &request, &err))
		return cli_fail(cli, &err);
	return targets_run(cli, &connections, &request);
}
