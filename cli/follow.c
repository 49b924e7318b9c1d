/*
 * A job from its submission to its end. Events are asked for by number, so that nothing is drawn
 * twice and nothing is lost when a reply is; each round has an arena of its own, because a long job
 * has more events than memory should hold.
 */
#include <string.h>

#include "cli/interrupt.h"
#include "cli/session.h"
#include "coordinator/coordinator.h"

#include "shared/base/banned.h"

enum { WATCH_MS = 20000, TICK_MS = 1000, REPLY_MS = 30000, SUBMIT_MS = 60000, EVENT_LINE = 65536 };

struct follow {
	struct session *s;
	const struct job_view *view;
	struct arena arena; /* of one round */
	const char *job;
	int64_t attempt, since;
};

static void
print_event(struct cli *cli, const struct job_event *event)
{
	struct text line;

	text_init(&line, EVENT_LINE);
	record_json(&line, &record_job_event, event, 0);
	fwrite(line.ptr, 1, line.len, cli->out);
	fputc('\n', cli->out);
	text_fini(&line);
}

static void
hand_out(struct follow *f, const struct job_watched *reply)
{
	struct cli *cli = session_cli(f->s);

	for (size_t i = 0; i < reply->events.count; i++) {
		const struct job_event *event = &reply->events.items[i];
		f->attempt = event->attempt;
		f->since = event->seq;
		if (cli->ndjson)
			print_event(cli, event);
		if (f->view != NULL && f->view->event != NULL)
			f->view->event(f->view->self, event);
	}
	if (cli->ndjson && reply->events.count > 0)
		fflush(cli->out);
}

/* One round: *done once the outcome was copied to `out`. */
static bool
watch_once(struct follow *f, struct job_outcome *out, bool *done, struct error *err)
{
	struct cli *cli = session_cli(f->s);
	bool ticks = f->view != NULL && f->view->tick != NULL;
	struct job_watch request = {.job = f->job,
				    .attempt = f->attempt,
				    .since = f->since,
				    .wait_ms = ticks ? TICK_MS : WATCH_MS};
	uint64_t deadline = runtime_deadline(cli->rt, (uint64_t)request.wait_ms + REPLY_MS);
	void *reply;

	arena_reset(&f->arena);
	if (!net_call(session_client(f->s), MESSAGE_job_watch, &request, deadline, &f->arena,
		      &reply, err))
		return false;
	const struct job_watched *watched = reply;
	hand_out(f, watched);
	if (ticks)
		f->view->tick(f->view->self);
	*done = watched->outcome != NULL;
	if (*done)
		*out = *(struct job_outcome *)record_copy(&cli->arena, &record_job_outcome,
							  watched->outcome);
	return true;
}

bool
session_follow(struct session *s, const char *job, int64_t attempt, int64_t since,
	       const struct job_view *view, struct job_outcome *out, struct error *err)
{
	struct follow f = {.s = s, .view = view, .job = job, .attempt = attempt, .since = since};
	bool done = false, ok = session_start(s, true, err);

	arena_init(&f.arena);
	while (ok && !done)
		ok = watch_once(&f, out, &done, err);
	arena_fini(&f.arena);
	return ok;
}

static bool
submit(struct session *s, const struct job_spec *spec, char job[ID_TEXT], struct error *err)
{
	struct cli *cli = session_cli(s);
	char key[ID_TEXT];
	struct job_spec own = *spec;
	struct job_submit request = {.spec = &own, .idempotency_key = session_idempotency_key(s)};
	uint64_t deadline = runtime_deadline(cli->rt, SUBMIT_MS);
	void *reply;

	if (request.idempotency_key == NULL) {
		runtime_id(cli->rt, key);
		request.idempotency_key = key;
	} else {
		/* One key for the command; each of its databases is a piece of work of its own. */
		request.idempotency_key =
			arena_printf(&cli->arena, "%s@%s", request.idempotency_key, spec->target);
	}
	if (!net_call(session_client(s), MESSAGE_job_submit, &request, deadline, &cli->arena,
		      &reply, err))
		return false;
	snprintf(job, ID_TEXT, "%s", ((struct job_submitted *)reply)->job);
	return true;
}

/* The worker only knows that somebody cancelled the job; here it is known why. */
static void
name_time_limit(struct cli *cli, struct job_outcome *out)
{
	if (out->error == NULL || out->exit_code != error_code(E_JOB_004)->exit_code)
		return;
	out->error->message = arena_printf(
		&cli->arena, "the time limit of --timeout has passed: %s", out->error->message);
}

bool
session_run_job(struct session *s, const struct job_spec *spec, const struct job_view *view,
		char job[ID_TEXT], struct job_outcome *out, struct error *err)
{
	struct cli *cli = session_cli(s);

	interrupt_hold_signals();
	bool ok = session_start(s, !job_kind_read_only(spec->kind, spec->options), err) &&
		  submit(s, spec, job, err);
	if (ok) {
		struct interrupt *i =
			interrupt_start(cli, session_client(s), job, session_deadline(s));
		ok = session_follow(s, job, 0, 0, view, out, err);
		if (interrupt_stop(i) && ok)
			name_time_limit(cli, out);
	}
	interrupt_release_signals();
	return ok;
}
