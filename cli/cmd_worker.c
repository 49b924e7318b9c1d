/* confiture worker list|drain|forget: the workers of a coordinator elsewhere. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/documents.h"
#include "cli/remote.h"
#include "cli/render.h"
#include "cli/session.h"

#include "shared/base/banned.h"

static bool
ask(struct cli *cli, const struct args *args, enum message_kind kind, const void *request,
    void **reply, struct error *err)
{
	struct session *s = cli_session(cli);

	session_set_limits(s, NULL, args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	if (session_remote(s) != NULL)
		return session_call(s, kind, request, reply, err);
	error_set(
		err, E_USAGE_001,
		"workers belong to a coordinator, and none is named: without one, each command is "
		"its own worker");
	error_hint(err, "give --coordinator URL, or set CONFITURE_COORDINATOR");
	return false;
}

int
cmd_worker_list(struct cli *cli, const struct args *args)
{
	struct worker_list_request request = {0};
	struct error err = {0};
	void *reply;

	if (!ask(cli, args, MESSAGE_worker_list_request, &request, &reply, &err))
		return cli_fail(cli, &err);
	cli_document(cli, &record_worker_list, reply);
	if (!cli->json)
		render_worker_list(cli, reply);
	return 0;
}

static int
show_change(struct cli *cli, const char *name, const char *action, const char *words)
{
	struct worker_change change = {.name = name, .action = action};

	cli_document(cli, &record_worker_change, &change);
	cli_say(cli, "%s %s", cli_safe(cli, name), words);
	return 0;
}

int
cmd_worker_drain(struct cli *cli, const struct args *args)
{
	struct worker_drain request = {.worker = args_argument(args, 0),
				       .undo = args_flag(args, "undo")};
	struct error err = {0};
	void *reply;

	if (!ask(cli, args, MESSAGE_worker_drain, &request, &reply, &err))
		return cli_fail(cli, &err);
	return request.undo ? show_change(cli, request.worker, "undrained", "takes jobs again")
			    : show_change(cli, request.worker, "drained",
					  "takes no new job; what it runs goes on");
}

int
cmd_worker_forget(struct cli *cli, const struct args *args)
{
	struct worker_forget request = {.name = args_argument(args, 0)};
	struct error err = {0};
	void *reply;

	if (!ask(cli, args, MESSAGE_worker_forget, &request, &reply, &err))
		return cli_fail(cli, &err);
	return show_change(cli, request.name, "forgotten",
			   "is forgotten; it is known again if it comes back");
}
