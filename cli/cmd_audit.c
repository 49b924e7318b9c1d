/* confiture audit show|verify|export: the journal's chain of events. */
#include <string.h>

#include "cli/audit_file.h"
#include "cli/cmds.h"
#include "cli/render.h"
#include "cli/session.h"

#include "shared/base/banned.h"

enum { EXPORT_PAGE = 1000 };

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

/* ---- verify ---- */
static int
end_verify(struct cli *cli, const struct audit_report *report)
{
	cli_document(cli, &record_audit_report, report);
	if (!cli->json)
		render_audit_report(cli, report);
	return report->ok ? 0 : error_code(E_AUDIT_001)->exit_code;
}

/* A chain that was written anew is whole in itself: only who kept an older one can tell. */
static bool
still_contained(struct cli *cli, const struct args *args, struct audit_report *report,
		struct error *err)
{
	struct audit_show_request request = {.since = report->events - 1, .limit = 1};
	struct audit_log none = {0};
	void *reply = &none;

	if (report->events == 0)
		return true;
	if (!ask(cli, args, MESSAGE_audit_show_request, &request, &reply, err))
		return false;
	const struct audit_log *log = reply;
	if (log->events.count == 1 && log->events.items[0].seq == report->events &&
	    strcmp(log->events.items[0].hash, report->head) == 0)
		return true;
	report->ok = false;
	report->first_bad = report->events;
	report->problem = "the journal does not contain it any more: it was cut, rewritten, or "
			  "restored from an older copy";
	return true;
}

static int
verify_file(struct cli *cli, const struct args *args, const char *path)
{
	struct audit_report report;
	struct error err = {0};

	if (!audit_file_verify(&cli->arena, path, &report, &err))
		return cli_fail(cli, &err);
	if (report.ok && args_flag(args, "contained") && !still_contained(cli, args, &report, &err))
		return cli_fail(cli, &err);
	return end_verify(cli, &report);
}

int
cmd_audit_verify(struct cli *cli, const struct args *args)
{
	struct audit_verify request = {.full = args_flag(args, "full")};
	struct audit_report none = {.ok = true, .first_bad = INT_NULL};
	struct error err = {0};
	void *reply = &none;

	if (args_argument(args, 0) != NULL)
		return verify_file(cli, args, args_argument(args, 0));
	if (args_flag(args, "contained")) {
		error_set(&err, E_USAGE_001, "--contained needs a file of `audit export`");
		return cli_fail(cli, &err);
	}
	if (!ask(cli, args, MESSAGE_audit_verify, &request, &reply, &err))
		return cli_fail(cli, &err);
	return end_verify(cli, reply);
}

/* ---- export ---- */
static void
put_line(struct cli *cli, const struct audit_event *e)
{
	struct text json;

	text_init(&json, 0);
	record_json(&json, &record_audit_event, e, 0);
	fprintf(cli->out, "%s\n", json.ptr);
	text_fini(&json);
}

/* One page of it; lines go out at once, and are not kept. */
static void
take_page(struct cli *cli, const struct audit_log *page, struct audit_export *x, size_t *cap)
{
	for (size_t i = 0; i < page->events.count; i++) {
		const struct audit_event *e = &page->events.items[i];
		x->count = e->seq;
		x->head = e->hash;
		if (cli->ndjson) {
			put_line(cli, e);
			continue;
		}
		x->events.items =
			arena_grow(&cli->arena, x->events.items, x->events.count, cap, sizeof(*e));
		x->events.items[x->events.count++] = *e;
	}
	x->journal = page->journal;
}

int
cmd_audit_export(struct cli *cli, const struct args *args)
{
	struct audit_show_request request = {.limit = EXPORT_PAGE, .bodies = true};
	struct audit_export whole = {0};
	struct error err = {0};
	size_t cap = 0, got;

	do {
		struct audit_log none = {0};
		void *reply = &none;
		if (!ask(cli, args, MESSAGE_audit_show_request, &request, &reply, &err))
			return cli_fail(cli, &err);
		take_page(cli, reply, &whole, &cap);
		request.since = whole.count;
		got = ((const struct audit_log *)reply)->events.count;
	} while (got > 0);
	cli_document(cli, &record_audit_export, &whole);
	return 0;
}
