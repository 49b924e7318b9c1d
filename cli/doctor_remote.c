/*
 * The doctor's look at a coordinator elsewhere: does it answer, is its journal whole, is there a
 * worker for each target, and does the worker reach its database. The last is asked by a job that
 * only reads, since nobody here could connect.
 */
#include "cli/doctor.h"

#include <string.h>

#include "cli/remote.h"
#include "cli/session.h"
#include "cli/targets.h"

#include "shared/base/banned.h"

static void
look_at_journal(struct doctor *d)
{
	struct audit_verify request = {.full = false};
	struct error err = {0};
	void *reply;

	if (!session_call(cli_session(d->cli), MESSAGE_audit_verify, &request, &reply, &err)) {
		doctor_error(d, "journal", NULL, "fail", &err);
		return;
	}
	doctor_report(d, NULL, reply);
}

bool
doctor_coordinator(struct doctor *d)
{
	struct session *s = cli_session(d->cli);
	struct error err = {0};

	if (!session_start(s, false, &err)) {
		doctor_error(d, "coordinator", NULL, "fail", &err);
		return false;
	}
	doctor_note(d, "coordinator", NULL, "ok", "%s (from %s), confiture-coordinator %s",
		    session_remote(s)->shown, session_remote(s)->from, session_hello(s)->version);
	look_at_journal(d);
	return true;
}

bool
doctor_remote_targets(struct doctor *d, struct connections *out)
{
	const struct target_list_request everything = {0};
	struct error err = {0};
	void *reply;

	*out = (struct connections){.source = "coordinator"};
	if (!session_call(cli_session(d->cli), MESSAGE_target_list_request, &everything, &reply,
			  &err)) {
		doctor_error(d, "targets", NULL, "fail", &err);
		return false;
	}
	const struct target_list *all = reply;
	out->items = arena_array(&d->cli->arena, all->targets.count + 1, sizeof(*out->items));
	for (; out->count < all->targets.count; out->count++)
		out->items[out->count] = (struct connection_target){
			all->targets.items[out->count].name,
			all->targets.items[out->count].environment,
		};
	if (out->count == 0)
		doctor_note(d, "targets", NULL, "warn",
			    "no worker has ever come to this coordinator: start one");
	return true;
}

/* False when nobody could run a job for it. */
static bool
look_at_worker(struct doctor *d, const char *name)
{
	struct target_list_request request = {.names = {.items = &name, .count = 1}};
	struct error err = {0};
	void *reply;

	if (!session_call(cli_session(d->cli), MESSAGE_target_list_request, &request, &reply,
			  &err)) {
		doctor_error(d, "worker", name, "fail", &err);
		return false;
	}
	const struct target_list *list = reply;
	const struct known_target *t = list->targets.count > 0 ? &list->targets.items[0] : NULL;
	bool online = t != NULL && strcmp(t->state, "online") == 0;
	if (online) {
		doctor_note(d, "worker", name, "ok", "%s is online", t->worker);
	} else {
		error_set(&err, E_WORKER_001, "%s is %s", t && t->worker ? t->worker : "its worker",
			  t ? t->state : "not known");
		if (t != NULL && t->last_seen != NULL)
			error_cause(&err, "last seen %s", t->last_seen);
		doctor_error(d, "worker", name, "fail", &err);
	}
	return online;
}

void
doctor_remote_target(struct doctor *d, const struct connection_target *target)
{
	struct job_options options = {.command = d->cli->command_line};
	struct job_spec spec = {.kind = "current",
				.target = target->name,
				.environment = target->environment,
				.options = &options,
				.agent = agent_name(d->cli)};
	struct job_outcome outcome;
	struct error err = {0};
	char job[ID_TEXT];

	if (!look_at_worker(d, target->name))
		return;
	if (!session_run_job(cli_session(d->cli), &spec, NULL, job, &outcome, &err)) {
		doctor_error(d, "database", target->name, "fail", &err);
		return;
	}
	if (outcome.error != NULL && strcmp(outcome.error->code, "PRECON_1001") == 0) {
		doctor_note(d, "ledger", target->name, "ok",
			    "no tracking table yet: migrate baseline or migrate up makes it");
	} else if (outcome.error != NULL) {
		error_from_issue(outcome.error, &err);
		doctor_error(d, "database", target->name, "fail", &err);
	} else {
		const struct current_result *now = outcome.result.ptr;
		doctor_note(d, "ledger", target->name, "ok", "reached; the newest version is %s",
			    now->revision ? now->revision : "none");
	}
}
