/* confiture coordinate: register, check, and the questions. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/coordinate.h"
#include "cli/registry.h"
#include "cli/session.h"

#include "shared/base/banned.h"

enum { CLAIM_ROUND_MS = 10000 };

/* ---- register ---- */
static struct intent_registered *
wait_once(struct cli *cli, const struct args *args, const char *intent, int64_t wait_ms,
	  struct error *err)
{
	struct claim_wait request = {.intent = intent,
				     .agent = coordinate_agent(args),
				     .wait_ms =
					     wait_ms < CLAIM_ROUND_MS ? wait_ms : CLAIM_ROUND_MS};
	void *reply;

	return session_call(cli_session(cli), MESSAGE_claim_wait, &request, &reply, err) ? reply
											 : NULL;
}

/* Nobody waits for ever in a queue that is given up. */
static bool
give_up(struct cli *cli, const struct args *args, const char *intent, struct error *err)
{
	struct claim_list_request ask = {.object = NULL};
	struct intent_move abandon = {.intent = intent,
				      .action = "abandon",
				      .agent = coordinate_agent(args),
				      .reason = "waited in vain",
				      .token = INT_NULL};
	void *held, *reply;
	const char *who = "others";

	if (session_call(cli_session(cli), MESSAGE_claim_list_request, &ask, &held, err)) {
		const struct claim_list *list = held;
		for (size_t i = 0; i < list->waiting.count; i++) {
			const struct claim_waiter *w = &list->waiting.items[i];
			if (strcmp(w->intent_id, intent) == 0 && w->waits_for.count > 0)
				who = w->waits_for.items[0];
		}
	}
	if (!session_call(cli_session(cli), MESSAGE_intent_move, &abandon, &reply, err))
		return false;
	error_set(err, E_CLAIM_001, "%s still held what intent %s needs when the time was over",
		  who, intent);
	error_detail(err, "claim.agent", "%s", who);
	return false;
}

static bool
wait_for_claims(struct cli *cli, const struct args *args, struct intent_registered **r,
		struct error *err)
{
	const char *intent = (*r)->intent->id;
	uint64_t until = runtime_deadline(cli->rt, (uint64_t)args_int(args, "wait"));

	cli_note(cli, "waiting for the claims of intent %s", intent);
	while ((*r)->intent->waiting) {
		uint64_t now = runtime_boot_ns(cli->rt);
		if (now >= until)
			return give_up(cli, args, intent, err);
		*r = wait_once(cli, args, intent, (int64_t)((until - now) / NS_PER_MS) + 1, err);
		if (*r == NULL)
			return false;
	}
	return true;
}

static void
warn_unjudged(struct cli *cli, const struct unjudged *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cli_warn(cli,
			 "statement %lld cannot be judged: %s; nobody is told whether it conflicts",
			 (long long)items[i].statement, items[i].reason);
}

static void
say_registered(struct cli *cli, const struct intent_registered *r)
{
	if (cli->json)
		return;
	render_intent(cli, r->intent);
	render_conflicts(cli, r->conflicts.items, r->conflicts.count);
}

int
cmd_coordinate_register(struct cli *cli, const struct args *args)
{
	struct intent_draft draft;
	struct intent_register request = {.draft = &draft,
					  .claim = args_flag(args, "claim"),
					  .allow_warnings = args_flag(args, "allow-warnings"),
					  .wait_ms = args_int(args, "wait"),
					  .ttl_ms = args_int(args, "ttl"),
					  .idempotency_key = args_text(args, "idempotency-key")};
	struct intent_registered *r;
	struct error err = {0};
	void *reply;

	if (!coordinate_draft(cli, args, &draft, &err) ||
	    !coordinate_ask(cli, args, false, MESSAGE_intent_register, &request, &reply, &err))
		return cli_fail(cli, &err);
	r = reply;
	if (r->intent->waiting && !wait_for_claims(cli, args, &r, &err))
		return cli_fail(cli, &err);
	r->registry_open = registry_open(cli);
	warn_unjudged(cli, r->intent->unjudged.items, r->intent->unjudged.count);
	say_registered(cli, r);
	cli_document(cli, &record_intent_registered, r);
	return 0;
}

/* ---- check ---- */
static int
check_exit(const struct args *args, const struct intent_checked *r)
{
	const char *fail_on = args_text(args, "fail-on");

	for (size_t i = 0; fail_on != NULL && i < r->conflicts.count; i++) {
		const char *severity = r->conflicts.items[i].severity;
		if (strcmp(severity, "error") == 0 || strcmp(severity, fail_on) == 0)
			return error_code(E_CLAIM_001)->exit_code;
	}
	return 0;
}

int
cmd_coordinate_check(struct cli *cli, const struct args *args)
{
	struct intent_draft draft;
	struct intent_check request = {.draft = &draft};
	struct error err = {0};
	void *reply;

	if (!coordinate_draft(cli, args, &draft, &err) ||
	    !coordinate_ask(cli, args, false, MESSAGE_intent_check, &request, &reply, &err))
		return cli_fail(cli, &err);
	struct intent_checked *r = reply;
	r->registry_open = registry_open(cli);
	warn_unjudged(cli, r->unjudged.items, r->unjudged.count);
	if (!cli->json && r->conflicts.count == 0)
		cli_say(cli, "nothing is in the way");
	render_conflicts(cli, r->conflicts.items, r->conflicts.count);
	cli_document(cli, &record_intent_checked, r);
	return check_exit(args, r);
}

/* ---- questions ---- */
int
cmd_coordinate_status(struct cli *cli, const struct args *args)
{
	struct intent_show request = {.intent = args_text(args, "intent-id"),
				      .agent = coordinate_agent(args)};
	struct error err = {0};
	void *reply = NULL;

	if (!coordinate_ask(cli, args, true, MESSAGE_intent_show, &request, &reply, &err))
		return cli_fail(cli, &err);
	if (reply == NULL) {
		error_set(&err, E_INTENT_001, "there is no intent %s", request.intent);
		return cli_fail(cli, &err);
	}
	const struct intent_shown *r = reply;
	render_intent(cli, r->intent);
	render_conflicts(cli, r->conflicts.items, r->conflicts.count);
	cli_document(cli, &record_intent_shown, r);
	return 0;
}

int
cmd_coordinate_list_intents(struct cli *cli, const struct args *args)
{
	struct intent_list_request request = {.status = args_text(args, "status-filter"),
					      .by_agent = args_text(args, "agent-filter"),
					      .agent = coordinate_agent(args),
					      .open_only = args_flag(args, "open")};
	struct intent_list none = {0}, *r;
	struct error err = {0};
	void *reply = &none;

	if (!coordinate_ask(cli, args, true, MESSAGE_intent_list_request, &request, &reply, &err))
		return cli_fail(cli, &err);
	r = reply;
	r->registry_open = registry_open(cli);
	render_intent_list(cli, r);
	cli_document(cli, &record_intent_list, r);
	return 0;
}

int
cmd_coordinate_conflicts(struct cli *cli, const struct args *args)
{
	struct conflicted_list_request request = {.agent = coordinate_agent(args)};
	struct conflicted_list none = {0}, *r;
	struct error err = {0};
	void *reply = &none;

	if (!coordinate_ask(cli, args, true, MESSAGE_conflicted_list_request, &request, &reply,
			    &err))
		return cli_fail(cli, &err);
	r = reply;
	r->registry_open = registry_open(cli);
	render_conflicted(cli, r);
	cli_document(cli, &record_conflicted_list, r);
	return 0;
}

int
cmd_coordinate_claims(struct cli *cli, const struct args *args)
{
	struct claim_list_request request = {.by_agent = args_text(args, "agent"),
					     .object = args_text(args, "object"),
					     .agent = coordinate_agent(args)};
	struct claim_list none = {0};
	struct error err = {0};
	void *reply = &none;

	if (!coordinate_ask(cli, args, true, MESSAGE_claim_list_request, &request, &reply, &err))
		return cli_fail(cli, &err);
	render_claims(cli, reply);
	cli_document(cli, &record_claim_list, reply);
	return 0;
}

int
cmd_coordinate_history(struct cli *cli, const struct args *args)
{
	struct intent_history request = {.intent = args_text(args, "intent-id"),
					 .agent = coordinate_agent(args)};
	struct error err = {0};
	void *reply = NULL;

	if (!coordinate_ask(cli, args, true, MESSAGE_intent_history, &request, &reply, &err))
		return cli_fail(cli, &err);
	if (reply == NULL) {
		error_set(&err, E_INTENT_001, "there is no intent %s", request.intent);
		return cli_fail(cli, &err);
	}
	render_events(cli, reply);
	cli_document(cli, &record_intent_events, reply);
	return 0;
}
