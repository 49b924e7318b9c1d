/*
 * An operator who comes when the faults are over: waits until all is quiet, no longer than the
 * promise allows, and reads what the journal holds of everything that was acknowledged.
 */
#include <string.h>

#include "tests/sim/auditor.h"

#include "shared/base/banned.h"

enum {
	LOOK_MS = 500,
	CALL_MS = 5000,
	/* Beyond three leases: what jobs themselves may take, the pauses of those who try again,
	 * and the whole minute that somebody waits for an answer that was lost. */
	WORK_MS = 120000,
	TRIES = 20
};

bool
auditor_ask(struct house *h, enum message_kind kind, const void *request, struct arena *arena,
	    void **reply, struct error *err)
{
	struct runtime *rt = &h->auditor.process->rt;

	for (int i = 0; i < TRIES; i++) {
		*err = (struct error){0};
		if (net_call(h->auditor.client, kind, request, runtime_deadline(rt, CALL_MS), arena,
			     reply, err))
			return true;
		if (!err->retryable)
			return false;
		rt->ops->sleep_ns(rt, LOOK_MS * NS_PER_MS);
	}
	return false;
}

/* ---- until all is quiet ---- */
static bool
clients_done(const struct house *h)
{
	for (size_t i = 0; i < h->plan->client_count; i++) {
		if (!h->clients[i].done || !h->clients[i].wishes_over)
			return false;
	}
	return true;
}

/* What only reads is not counted. */
static void
count_open(struct house *h, const struct job_list *open)
{
	int64_t changing = 0;

	for (size_t i = 0; i < open->jobs.count; i++)
		changing += strcmp(open->jobs.items[i].kind, "status") != 0;
	if (h->plan->open_jobs > 0 && changing > h->plan->open_jobs)
		history_breach(h->history, "P16", "%lld jobs are open, and %lld may be",
			       (long long)changing, (long long)h->plan->open_jobs);
}

static bool
all_quiet(struct house *h, struct job_list **open)
{
	struct job_list_request request = {.limit = 100, .open_only = true};
	struct error err = {0};
	struct arena arena;
	void *reply = NULL;

	arena_init(&arena);
	bool ok = auditor_ask(h, MESSAGE_job_list_request, &request, &arena, &reply, &err);
	*open = ok ? reply : NULL;
	if (ok)
		count_open(h, *open);
	return ok && (*open)->jobs.count == 0 && clients_done(h);
}

static void
tell_stuck(struct house *h, const struct job_list *open)
{
	for (size_t i = 0; open != NULL && i < open->jobs.count; i++) {
		const struct job_info *j = &open->jobs.items[i];
		history_breach(h->history, "P2", "job %s (%s) is still %s, attempt %lld: %s", j->id,
			       j->kind, j->state, (long long)j->attempt, j->note ? j->note : "");
	}
	for (size_t i = 0; i < h->plan->client_count; i++) {
		if (!h->clients[i].done)
			history_breach(h->history, "P2", "%s has no answer to %s",
				       h->clients[i].actor.name,
				       h->plan->clients[i].orders[h->clients[i].next].key);
		if (!h->clients[i].wishes_over)
			history_breach(h->history, "P2", "%s still waits for a claim",
				       h->clients[i].actor.name);
	}
}

static void
wait_until_quiet(struct house *h)
{
	struct runtime *rt = &h->auditor.process->rt;
	uint64_t end = runtime_deadline(rt, 3 * (uint64_t)h->plan->lease_ms + WORK_MS);
	struct job_list *open = NULL;

	while (!all_quiet(h, &open)) {
		if (runtime_boot_ns(rt) >= end) {
			tell_stuck(h, open);
			return;
		}
		rt->ops->sleep_ns(rt, LOOK_MS * NS_PER_MS);
	}
}

/* ---- what the journal holds ---- */
static bool
read_stream(struct house *h, struct told_job *j, struct stream *s, struct arena *arena,
	    struct error *err)
{
	stream_begin(s, j->id);
	for (;;) {
		struct job_watch request = {.job = j->id, .attempt = s->attempt, .since = s->seq};
		void *reply;
		if (!auditor_ask(h, MESSAGE_job_watch, &request, arena, &reply, err))
			return false;
		const struct job_watched *w = reply;
		for (size_t i = 0; i < w->events.count; i++)
			stream_add(h->history, s, "the auditor", &w->events.items[i]);
		if (w->events.count == 0)
			return true;
	}
}

/* How many migrations an outcome says were applied, where it is known; -1 = it does not say. */
static int64_t
applied_by(const struct job_outcome *out)
{
	if (out == NULL || out->unknown || out->result.ptr == NULL ||
	    out->result.of != &record_up_result)
		return -1;
	return (int64_t)((const struct up_result *)out->result.ptr)->applied.count;
}

static void
look_at(struct house *h, struct told_job *j, struct arena *arena)
{
	struct job_show request = {.job = j->id};
	struct error err = {0};
	struct stream stream;
	void *reply;

	if (!auditor_ask(h, MESSAGE_job_show, &request, arena, &reply, &err)) {
		if (!j->reads)
			history_breach(h->history, "P5", "job %s was acknowledged: %s %s", j->id,
				       err.code->name, err.message);
		return;
	}
	const struct job_shown *shown = reply;
	snprintf(j->state, sizeof(j->state), "%s", shown->info->state);
	j->attempts = shown->info->attempt;
	j->final_exit = shown->info->exit_code;
	if (shown->outcome != NULL && shown->outcome->error != NULL)
		snprintf(j->final_code, sizeof(j->final_code), "%s", shown->outcome->error->code);
	j->said_applied = applied_by(shown->outcome);
	if (!read_stream(h, j, &stream, arena, &err)) {
		history_breach(h->history, "P13", "the events of job %s: %s", j->id, err.message);
		return;
	}
	if (j->kept_attempt > stream.attempt ||
	    (j->kept_attempt == stream.attempt && j->kept_seq > stream.seq))
		history_breach(h->history, "P5",
			       "job %s: event %lld/%lld was acknowledged, its stream ends at "
			       "%lld/%lld",
			       j->id, (long long)j->kept_attempt, (long long)j->kept_seq,
			       (long long)stream.attempt, (long long)stream.seq);
}

static void
verify_chain(struct house *h, struct arena *arena)
{
	struct audit_verify request = {.full = true};
	struct error err = {0};
	void *reply;

	if (!auditor_ask(h, MESSAGE_audit_verify, &request, arena, &reply, &err)) {
		history_breach(h->history, "P19", "the audit log cannot be verified: %s",
			       err.message);
		return;
	}
	const struct audit_report *report = reply;
	if (!report->ok)
		history_breach(h->history, "P19", "the audit log is broken at %lld: %s",
			       (long long)report->first_bad, report->problem);
}

static void
run(void *arg)
{
	struct house *h = arg;
	struct told_job *jobs;
	struct arena arena;

	wait_until_quiet(h);
	size_t count = history_jobs(h->history, &jobs);
	arena_init(&arena);
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].acked_ns != 0 || jobs[i].begin_count > 0)
			look_at(h, &jobs[i], &arena);
		arena_reset(&arena);
	}
	verify_chain(h, &arena);
	arena_fini(&arena);
	arena_init(&h->auditor.arena);
	auditor_claims(h);
	arena_fini(&h->auditor.arena);
	h->auditor.done = true;
}

void
auditor_start(struct house *h)
{
	static const struct net_peer peer = {.role = NET_OPERATOR, .name = "auditor"};
	struct machine m = {0};

	machine_boot(&m, &h->world);
	h->auditor.process = process_new(&h->world, &m, "auditor");
	h->auditor.client = simnet_dial(h->net, h->auditor.process, PLACE_AUDITOR, &peer, 0);
	fiber_start(&h->auditor.process->group, "auditor", run, h);
}
