/* confiture job list|show|attach|cancel: jobs of this project's journal. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/job_ids.h"
#include "cli/live.h"
#include "cli/render.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static void
set_limits(struct cli *cli, const struct args *args)
{
	session_set_limits(cli_session(cli), NULL,
			   args_given(args, "timeout") ? args_int(args, "timeout") : 0);
}

static int
show(struct cli *cli, const struct record *of, void *ptr)
{
	struct any result = {of, ptr};

	cli_document(cli, of, ptr);
	if (!cli->json)
		render_result(cli, &result);
	return 0;
}

int
cmd_job_list(struct cli *cli, const struct args *args)
{
	struct job_list_request request = {.limit = args_int(args, "limit"),
					   .open_only = args_flag(args, "open")};
	struct job_list none = {0};
	struct error err = {0};
	void *reply = &none;

	set_limits(cli, args);
	if (!session_has_journal(cli_session(cli)))
		cli_note(cli, "there is no journal here yet: nothing was ever changed from here");
	else if (!session_call(cli_session(cli), MESSAGE_job_list_request, &request, &reply, &err))
		return cli_fail(cli, &err);
	return show(cli, &record_job_list, reply);
}

int
cmd_job_show(struct cli *cli, const struct args *args)
{
	struct job_shown *shown;
	struct error err = {0};

	set_limits(cli, args);
	if (!job_find(cli, args_argument(args, 0), &shown, &err))
		return cli_fail(cli, &err);
	return show(cli, &record_job_shown, shown);
}

int
cmd_job_attach(struct cli *cli, const struct args *args)
{
	int64_t since = args_int(args, "since");
	struct job_shown *shown;
	struct job_outcome out;
	struct error err = {0};
	struct live live;

	set_limits(cli, args);
	if (!job_find(cli, args_argument(args, 0), &shown, &err))
		return cli_fail(cli, &err);
	bool lines = shown->spec->options == NULL || !shown->spec->options->dry_run;
	live_init(&live, cli, NULL, lines, false);
	bool ok = session_follow(cli_session(cli), shown->info->id,
				 since > 0 ? shown->info->attempt : 0, since, live_view(&live),
				 &out, &err);
	live_fini(&live);
	return ok ? outcome_show(cli, NULL, &out) : cli_fail(cli, &err);
}

int
cmd_job_cancel(struct cli *cli, const struct args *args)
{
	struct job_cancel request = {.reason = args_text(args, "reason")};
	struct job_shown *shown;
	struct error err = {0};
	void *reply;

	set_limits(cli, args);
	if (!job_find(cli, args_argument(args, 0), &shown, &err))
		return cli_fail(cli, &err);
	request.job = shown->info->id;
	if (!session_call(cli_session(cli), MESSAGE_job_cancel, &request, &reply, &err))
		return cli_fail(cli, &err);
	struct job_info *info = ((struct job_changed *)reply)->info;
	return show(cli, &record_job_info, info);
}
