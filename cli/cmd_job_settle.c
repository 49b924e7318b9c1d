/*
 * confiture job settle: ends a job whose outcome is unknown. Usually by asking the database: a job
 * of kind "settle" takes the lock as every changing job does and reads the step table. By hand only
 * with --state, and then with a reason that stays in the journal.
 */
#include <string.h>

#include "cli/cmds.h"
#include "cli/connection.h"
#include "cli/job_ids.h"
#include "cli/render.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static int
show(struct cli *cli, struct job_info *info)
{
	struct error err = {0};

	if (strcmp(info->state, "unknown") == 0) {
		error_set(&err, E_JOB_003, "the database could not tell what became of job %s",
			  info->id);
		error_hint(&err,
			   "look at the database, then:\n"
			   "confiture job settle %s --state succeeded --note \"what you saw\"",
			   info->id);
		return cli_fail(cli, &err);
	}
	cli_document(cli, &record_job_info, info);
	if (!cli->json)
		render_job_info(cli, info);
	return 0;
}

static bool
by_hand(struct cli *cli, const struct args *args, const char *job, struct job_info **out,
	struct error *err)
{
	struct job_settle request = {
		.job = job, .state = args_text(args, "state"), .note = args_text(args, "note")};
	void *reply;

	if (request.note == NULL)
		return error_set(err, E_USAGE_001,
				 "--state needs --note: say what you saw in the database");
	if (!session_call(cli_session(cli), MESSAGE_job_settle, &request, &reply, err))
		return false;
	*out = ((struct job_changed *)reply)->info;
	return true;
}

static bool
source_given(const struct args *args)
{
	static const char *const options[] = {"config", "env", "group", "database-url",
					      "no-config"};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (args_given(args, options[i]))
			return true;
	}
	return false;
}

/* By its address where that is known here; the names of a coordinator elsewhere are its own. */
static bool
is_database_of(struct cli *cli, const struct connection_target *t, const struct job_spec *spec)
{
	if (session_remote(cli_session(cli)) != NULL)
		return strcmp(t->name, spec->target) == 0;
	return spec->target_key == NULL ||
	       strcmp(session_target_key(cli_session(cli), t->name), spec->target_key) == 0;
}

/* The database that the job ran on: the one named now, else the one its environment names. */
static bool
find_database(struct cli *cli, const struct args *args, const struct job_spec *spec,
	      struct connection_target *out, struct error *err)
{
	struct connections c;

	if (!source_given(args) && spec->environment != NULL) {
		if (!connections_of_environment(cli, spec->target, &c, err))
			return false;
	} else if (!connections_resolve(cli, args, CONNECTION_CHANGES, &c, err)) {
		return false;
	}
	for (size_t i = 0; i < c.count; i++) {
		*out = c.items[i];
		if (is_database_of(cli, &c.items[i], spec))
			return true;
	}
	error_set(err, E_CONFIG_011, "the job ran on %s, and no database named here is that one",
		  cli_safe(cli, spec->target_key ? spec->target_key : spec->target));
	error_hint(err, "confiture job settle JOB --env NAME");
	return false;
}

static bool
by_asking(struct cli *cli, const struct args *args, const struct job_shown *shown,
	  struct job_info **out, struct error *err)
{
	struct session *s = cli_session(cli);
	struct job_options options = {.lock_timeout_ms = 30000, .command = cli->command_line};
	struct connection_target target;
	struct job_outcome outcome;
	char job[ID_TEXT];
	void *reply;

	if (!find_database(cli, args, shown->spec, &target, err))
		return false;
	/* The worker that is there knows no database yet. */
	session_end(s);
	struct job_spec spec = {
		.kind = "settle",
		.target = target.name,
		.environment = target.environment,
		.options = &options,
		.agent = agent_name(cli),
		.target_key = session_target_key(s, target.name),
	};
	if (!session_run_job(s, &spec, NULL, job, &outcome, err))
		return false;
	if (outcome.error != NULL) {
		error_from_issue(outcome.error, err);
		return false;
	}
	struct job_show request = {.job = shown->info->id};
	if (!session_call(s, MESSAGE_job_show, &request, &reply, err))
		return false;
	*out = ((struct job_shown *)reply)->info;
	return true;
}

int
cmd_job_settle(struct cli *cli, const struct args *args)
{
	struct job_shown *shown;
	struct job_info *info;
	struct error err = {0};

	session_set_limits(cli_session(cli), NULL,
			   args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	if (!job_find(cli, args_argument(args, 0), &shown, &err))
		return cli_fail(cli, &err);
	info = shown->info;
	if (job_has_ended(info->state)) {
		error_set(&err, E_JOB_002, "job %s has ended already: %s", info->id, info->state);
		error_hint(&err, "confiture job show %s", info->id);
		return cli_fail(cli, &err);
	}
	bool ok = args_text(args, "state") != NULL ? by_hand(cli, args, info->id, &info, &err)
						   : by_asking(cli, args, shown, &info, &err);
	return ok ? show(cli, info) : cli_fail(cli, &err);
}
