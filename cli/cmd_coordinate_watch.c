/*
 * confiture coordinate watch: what happens to intents, one event a line. Each round asks from the
 * last event that was printed, so that nothing is left out when the coordinator was away.
 */
#include "cli/cmds.h"
#include "cli/coordinate.h"
#include "cli/session.h"

#include "shared/base/banned.h"

enum { ROUND_MS = 10000, ANSWER_MS = 30000 };

struct watching {
	struct cli *cli;
	struct intent_watch request;
	struct intent_events all; /* for the document of -f json */
	size_t cap;
};

static void
show(struct watching *w, const struct intent_event *e)
{
	struct cli *cli = w->cli;
	struct text line;

	if (cli->ndjson) {
		text_init(&line, 0);
		record_json(&line, &record_intent_event, e, 0);
		fprintf(cli->out, "%s\n", line.ptr);
		text_fini(&line);
	} else if (!cli->json) {
		render_event_line(cli, e);
	}
	if ((cli->json && !cli->ndjson) || cli->output_file != NULL) {
		w->all.events.items = arena_grow(&cli->arena, w->all.events.items,
						 w->all.events.count, &w->cap, sizeof(*e));
		struct intent_event *own = record_copy(&cli->arena, &record_intent_event, e);
		w->all.events.items[w->all.events.count++] = *own;
	}
}

static void
show_all(struct watching *w, const struct intent_events *r)
{
	for (size_t i = 0; i < r->events.count; i++)
		show(w, &r->events.items[i]);
	fflush(w->cli->out);
	w->request.since = w->all.last_seq = r->last_seq;
}

static bool
is_over(struct watching *w)
{
	return runtime_boot_ns(w->cli->rt) >= session_deadline(cli_session(w->cli));
}

/* What a round brings is freed with it: a watcher may run for months. */
static bool
look(struct watching *w, struct error *err)
{
	struct session *s = cli_session(w->cli);
	uint64_t deadline = runtime_deadline(w->cli->rt, ANSWER_MS);
	struct arena round;
	void *reply;

	if (deadline > session_deadline(s))
		deadline = session_deadline(s);
	arena_init(&round);
	bool ok = net_call(session_client(s), MESSAGE_intent_watch, &w->request, deadline, &round,
			   &reply, err);
	if (ok)
		show_all(w, reply);
	arena_fini(&round);
	return ok;
}

int
cmd_coordinate_watch(struct cli *cli, const struct args *args)
{
	struct watching w = {
		.cli = cli,
		.request = {.since = args_given(args, "since") ? args_int(args, "since") : -1,
			    .agent = coordinate_agent(args)}};
	struct error err = {0};
	void *reply;

	if (!coordinate_ask(cli, args, false, MESSAGE_intent_watch, &w.request, &reply, &err))
		return cli_fail(cli, &err);
	show_all(&w, reply);
	w.request.wait_ms = ROUND_MS;
	while (err.code == NULL && !is_over(&w) && ferror(cli->out) == 0)
		(void)!look(&w, &err);
	/* --timeout is how long to look: its end is no failure. */
	if (err.code != NULL && !is_over(&w))
		return cli_fail(cli, &err);
	cli_document(cli, &record_intent_events, &w.all);
	return 0;
}
