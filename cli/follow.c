/*
 * A job from its submission to its end. Events are asked for by number, so that nothing is drawn
 * twice and nothing is lost when a reply is; each round has an arena of its own, because a long job
 * has more events than memory should hold.
 */
#include <string.h>

#include "cli/bundle_send.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "cli/worker_wait.h"
#include "coordinator/coordinator.h"

#include "shared/base/banned.h"

enum {
	WATCH_MS = 20000,
	TICK_MS = 1000,
	REPLY_MS = 30000,
	SILENCE_MS = 2000, /* then people are told that it takes longer */
	SUBMIT_MS = 60000,
	EVENT_LINE = 65536,
	/* A worker that is alive takes an unknown job up again within its lease. */
	UNKNOWN_MS = 15000
};

struct follow {
	struct session *s;
	const struct job_view *view;
	struct arena arena; /* of one round */
	const char *job;
	int64_t attempt, since;
	uint64_t leave_ns;	     /* when to stop following, whatever the job does */
	uint64_t unknown_ns;	     /* since when it has been unknown; 0 = it is not */
	struct interrupt *interrupt; /* NULL: nobody can interrupt */
	bool detached;
	const char *target; /* set: it may be that no worker takes the job */
	uint64_t queued_ns; /* since when it has waited for one; 0 = it does not */
	bool begun;	    /* a worker has taken it */
	bool given_up;	    /* it was cancelled from here for want of a worker */
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

static int64_t
wait_ms(const struct follow *f)
{
	uint64_t now = runtime_boot_ns(session_cli(f->s)->rt);
	uint64_t left = f->leave_ns > now ? (f->leave_ns - now) / NS_PER_MS + 1 : 0;
	bool ticks = (f->view != NULL && f->view->tick != NULL) || f->unknown_ns != 0 ||
		     (f->target != NULL && !f->begun);
	uint64_t most = ticks ? TICK_MS : WATCH_MS;

	return (int64_t)(left < most ? left : most);
}

/* What is known when nobody will tell more: false with JOB_003 then. */
static bool
may_go_on(struct follow *f, const struct job_watched *watched, struct error *err)
{
	uint64_t now = runtime_boot_ns(session_cli(f->s)->rt);
	bool unknown = strcmp(watched->info->state, "unknown") == 0;

	if (now >= f->leave_ns) {
		error_set(err, E_JOB_003, "job %s was still %s when the time limit had passed",
			  f->job, watched->info->state);
		error_hint(err, "confiture job attach %s", f->job);
		return false;
	}
	if (!unknown || watched->events.count > 0)
		f->unknown_ns = 0;
	else if (f->unknown_ns == 0)
		f->unknown_ns = now;
	else if (now - f->unknown_ns > UNKNOWN_MS * NS_PER_MS) {
		error_set(err, E_JOB_003, "what became of job %s is not known", f->job);
		error_hint(err, "confiture job settle %s", f->job);
		return false;
	}
	return true;
}

/* A job that nobody takes is not left behind to run when nobody expects it any more. */
static void
look_for_worker(struct follow *f, const struct job_info *info)
{
	struct cli *cli = session_cli(f->s);
	struct job_cancel request = {.job = f->job, .reason = "no worker has taken it"};
	struct error err = {0};
	void *reply;

	f->begun |= info->started_at != NULL;
	if (f->target == NULL || f->begun || f->given_up)
		return;
	if (f->queued_ns == 0)
		f->queued_ns = runtime_boot_ns(cli->rt);
	/* One that has just been taken cannot be cancelled in vain: its honest end is told. */
	f->given_up = worker_is_away(f->s, f->target, f->queued_ns) &&
		      session_call(f->s, MESSAGE_job_cancel, &request, &reply, &err);
}

/* A coordinator that starts again, or whose network is cut, is waited for, and people are told. */
static bool
ask(struct follow *f, const struct job_watch *request, void **reply, struct error *err)
{
	struct cli *cli = session_cli(f->s);
	uint64_t start = runtime_boot_ns(cli->rt) + (uint64_t)request->wait_ms * NS_PER_MS;

	for (uint64_t ms = SILENCE_MS;; ms = REPLY_MS) {
		if (net_call(session_client(f->s), MESSAGE_job_watch, request,
			     start + ms * NS_PER_MS, &f->arena, reply, err))
			return true;
		if (!error_is(err, E_COORD_001) || ms == REPLY_MS)
			return false;
		cli_note(cli, "the coordinator does not answer; trying for %d s",
			 (REPLY_MS - SILENCE_MS) / 1000);
	}
}

/* One round: *done once the outcome was copied to `out`. */
static bool
watch_once(struct follow *f, struct job_outcome *out, bool *done, struct error *err)
{
	struct cli *cli = session_cli(f->s);
	struct job_watch request = {
		.job = f->job, .attempt = f->attempt, .since = f->since, .wait_ms = wait_ms(f)};
	void *reply;

	arena_reset(&f->arena);
	if (!ask(f, &request, &reply, err))
		return false;
	const struct job_watched *watched = reply;
	f->detached = !interrupt_go_on(f->interrupt);
	if (f->detached)
		return true;
	hand_out(f, watched);
	if (f->view != NULL && f->view->tick != NULL)
		f->view->tick(f->view->self);
	*done = watched->outcome != NULL;
	if (!*done)
		look_for_worker(f, watched->info);
	if (!*done)
		return may_go_on(f, watched, err);
	f->begun |= watched->info->started_at != NULL;
	*out = *(struct job_outcome *)record_copy(&cli->arena, &record_job_outcome,
						  watched->outcome);
	return true;
}

static bool
follow_to_end(struct follow *f, struct job_outcome *out, struct error *err)
{
	bool done = false, ok = true;

	arena_init(&f->arena);
	while (ok && !done && !f->detached)
		ok = watch_once(f, out, &done, err);
	arena_fini(&f->arena);
	if (!ok && error_is(err, E_COORD_001))
		error_hint(err, "the job goes on without this command:\nconfiture job attach %s",
			   f->job);
	return ok;
}

bool
session_follow(struct session *s, const char *job, int64_t attempt, int64_t since,
	       const struct job_view *view, struct job_outcome *out, struct error *err)
{
	struct follow f = {.s = s,
			   .view = view,
			   .job = job,
			   .attempt = attempt,
			   .since = since,
			   .leave_ns = session_deadline(s)};

	return session_start(s, true, err) && follow_to_end(&f, out, err);
}

bool
session_submit_job(struct session *s, const struct job_spec *spec, char job[ID_TEXT],
		   struct error *err)
{
	struct cli *cli = session_cli(s);
	char key[ID_TEXT];
	struct job_spec own = *spec;
	struct job_submit request = {.spec = &own, .idempotency_key = session_idempotency_key(s)};
	uint64_t deadline = runtime_deadline(cli->rt, SUBMIT_MS);
	void *reply;

	if (!session_start(s, !job_kind_read_only(spec->kind, spec->options), err))
		return false;
	if (session_remote(s) != NULL &&
	    !bundle_send(cli, session_client(s), session_bundles(s), spec->bundle, err))
		return false;
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

static void
name_reason_in(struct cli *cli, const char *why, struct issue *issue)
{
	if (issue != NULL && strcmp(issue->code, error_code(E_JOB_004)->name) == 0)
		issue->message = arena_printf(&cli->arena, "%s: %s", why, issue->message);
}

/* The worker only knows that somebody cancelled the job; here it is known why. */
static void
name_reason(struct cli *cli, const char *why, struct job_outcome *out)
{
	struct any *r = &out->result;

	name_reason_in(cli, why, out->error);
	if (r->ptr == NULL)
		return;
	if (r->of == &record_down_result)
		name_reason_in(cli, why, ((struct down_result *)r->ptr)->error);
	if (r->of == &record_up_result) {
		struct up_result *up = r->ptr;
		for (size_t i = 0; i < up->errors.count; i++)
			name_reason_in(cli, why, &up->errors.items[i]);
	}
	if (r->of == &record_down_to_result) {
		struct down_to_result *down = r->ptr;
		for (size_t i = 0; i < down->errors.count; i++)
			name_reason_in(cli, why, &down->errors.items[i]);
	}
}

/* The job runs: until its end, or until the user has seen enough. */
static bool
watch_interruptibly(struct session *s, const char *job, const char *target,
		    const struct job_view *view, struct job_outcome *out, struct error *err)
{
	struct cli *cli = session_cli(s);
	struct interrupt_of of = {.job = job, .deadline_ns = session_deadline(s)};
	/* At the deadline the job is cancelled, and its honest end is still waited for. */
	struct follow f = {.s = s, .view = view, .job = job, .leave_ns = RUNTIME_FOREVER};

	if (session_remote(s) != NULL)
		f.target = target;
	of.may_detach = session_may_detach(s);
	f.interrupt = interrupt_start(cli, session_client(s), &of);
	bool ok = follow_to_end(&f, out, err);
	const char *why = interrupt_stop(f.interrupt);
	if (f.detached)
		session_note_detached(s);
	else if (ok && f.target != NULL && !f.begun && out->error != NULL &&
		 (f.given_up || why == interrupt_time_limit))
		worker_took_nothing(s, target, out);
	else if (why != NULL && ok)
		name_reason(cli, why, out);
	return ok;
}

bool
session_run_job(struct session *s, const struct job_spec *spec, const struct job_view *view,
		char job[ID_TEXT], struct job_outcome *out, struct error *err)
{
	interrupt_hold_signals();
	bool ok = session_start(s, !job_kind_read_only(spec->kind, spec->options), err) &&
		  (session_remote(s) == NULL || worker_wait(s, spec->target, err)) &&
		  session_submit_job(s, spec, job, err) &&
		  watch_interruptibly(s, job, spec->target, view, out, err);
	interrupt_release_signals();
	return ok;
}
