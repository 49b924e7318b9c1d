/* confiture audit show|verify: the journal's chain of events. */
#include "cli/cmds.h"
#include "cli/render.h"
#include "cli/session.h"

#include "shared/base/banned.h"

static bool
ask(struct cli *cli, const struct args *args, enum message_kind kind, const void *request,
    void **reply, struct error *err)
{
	struct session *s = cli_session(cli);

	session_set_limits(s, NULL, args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	if (session_has_journal(s))
		return session_call(s, kind, request, reply, err);
	cli_note(cli, "there is no journal here yet: nothing was ever changed from here");
	return true;
}

int
cmd_audit_show(struct cli *cli, const struct args *args)
{
	struct audit_show_request request = {.since = args_int(args, "since"),
					     .limit = args_int(args, "limit")};
	struct audit_log none = {0};
	struct error err = {0};
	void *reply = &none;

	if (!ask(cli, args, MESSAGE_audit_show_request, &request, &reply, &err))
		return cli_fail(cli, &err);
	cli_document(cli, &record_audit_log, reply);
	if (!cli->json)
		render_audit_log(cli, reply);
	return 0;
}

int
cmd_audit_verify(struct cli *cli, const struct args *args)
{
	struct audit_verify request = {.full = args_flag(args, "full")};
	struct audit_report none = {.ok = true, .first_bad = INT_NULL};
	struct error err = {0};
	void *reply = &none;

	if (!ask(cli, args, MESSAGE_audit_verify, &request, &reply, &err))
		return cli_fail(cli, &err);
	const struct audit_report *report = reply;
	cli_document(cli, &record_audit_report, report);
	if (!cli->json)
		render_audit_report(cli, report);
	return report->ok ? 0 : error_code(E_AUDIT_001)->exit_code;
}
