/*
 * A worker may be away for a moment: it is upgraded, or its machine starts anew. A command waits
 * for it rather than fail at once, but not for ever, and it leaves no job behind that would run
 * when nobody expects it any more.
 */
#include "cli/worker_wait.h"

#include <string.h>

#include "shared/base/banned.h"

enum { WAIT_MS = 60000, POLL_MS = 500 };

static bool
look(struct session *s, const char *target, const struct known_target **out, struct error *err)
{
	struct target_list_request request = {.names = {.items = &target, .count = 1}};
	void *reply;

	if (!session_call(s, MESSAGE_target_list_request, &request, &reply, err))
		return false;
	const struct target_list *list = reply;
	if (list->targets.count == 0)
		return error_set(err, E_CONFIG_011, "the coordinator knows no target named %s",
				 cli_safe(session_cli(s), target));
	*out = &list->targets.items[0];
	return true;
}

static bool
give_up(struct session *s, const struct known_target *t, struct error *err)
{
	struct cli *cli = session_cli(s);
	const char *worker = t->worker ? t->worker : "its worker";

	error_set(err, E_WORKER_001, "no worker serves %s: %s is %s", cli_safe(cli, t->name),
		  cli_safe(cli, worker), t->state);
	if (t->last_seen != NULL)
		error_detail(err, "last_seen", "%s", t->last_seen);
	if (strcmp(t->state, "draining") == 0)
		error_hint(err, "confiture worker drain %s --undo", worker);
	else
		error_hint(err, "confiture worker list\nstart confiture-worker on its machine");
	return false;
}

bool
worker_wait(struct session *s, const char *target, struct error *err)
{
	struct cli *cli = session_cli(s);
	uint64_t until = runtime_deadline(cli->rt, WAIT_MS), asked = session_deadline(s);
	const struct known_target *info, *before = NULL;

	if (asked != RUNTIME_FOREVER)
		until = asked;
	for (;;) {
		/* When time is up it is the worker that is missing, not the coordinator. */
		if (!look(s, target, &info, err))
			return before != NULL && runtime_boot_ns(cli->rt) >= until &&
			       give_up(s, before, err);
		if (strcmp(info->state, "online") == 0)
			return true;
		uint64_t now = runtime_boot_ns(cli->rt);
		if (now >= until)
			return give_up(s, info, err);
		if (before == NULL)
			cli_note(cli, "%s: %s is %s; waiting up to %llu s for it",
				 cli_safe(cli, target),
				 cli_safe(cli, info->worker ? info->worker : "its worker"),
				 info->state,
				 (unsigned long long)((until - now + NS_PER_S - 1) / NS_PER_S));
		before = info;
		cli->rt->ops->sleep_ns(cli->rt, until - now < POLL_MS * NS_PER_MS
							? until - now
							: POLL_MS * NS_PER_MS);
	}
}

bool
worker_is_away(struct session *s, const char *target, uint64_t since_ns)
{
	const struct known_target *info;
	struct error err = {0};

	return runtime_boot_ns(session_cli(s)->rt) - since_ns >= WAIT_MS * NS_PER_MS &&
	       look(s, target, &info, &err) && strcmp(info->state, "online") != 0;
}

void
worker_took_nothing(struct session *s, const char *target, struct job_outcome *out)
{
	struct cli *cli = session_cli(s);
	struct error err = {0};

	error_set(&err, E_WORKER_001, "no worker has taken the job for %s", cli_safe(cli, target));
	error_hint(&err, "confiture worker list\nstart confiture-worker on its machine");
	*out = (struct job_outcome){.exit_code = err.code->exit_code};
	out->error = arena_new(&cli->arena, struct issue);
	error_to_issue(&cli->arena, &err, out->error);
}
