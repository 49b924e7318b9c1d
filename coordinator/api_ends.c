/*
 * How a job's end is reported: by the worker that ran it, or by the next one, which asks the target
 * what became of attempts that were lost.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/banned.h"

/* ---- the end ---- */
static bool
same_outcome(struct coordinator *c, struct job_store *store, const struct job *job,
	     const struct job_outcome *outcome, bool *same, struct error *err)
{
	struct job_outcome *kept;
	struct text a, b;

	*same = false;
	if (!job->has_outcome)
		return true;
	if (!store->ops->outcome(store, &c->round, job->info.id, &kept, err))
		return false;
	text_init(&a, 0);
	text_init(&b, 0);
	record_json_named(&a, &record_job_outcome, kept);
	record_json_named(&b, &record_job_outcome, outcome);
	*same = span_equal(text_span(&a), text_span(&b));
	text_fini(&a);
	text_fini(&b);
	return true;
}

static bool
cannot_finish(const struct job *job, struct error *err)
{
	return error_set(err, E_JOB_002, "job %s is %s: it cannot be finished", job->info.id,
			 job->info.state);
}

/* An attempt that only settles has nothing to add: what it found out has ended its job. */
static bool
settled_already(const struct job *job, const struct job_outcome *outcome)
{
	return job_state_final(job_state_of(job)) && outcome->error == NULL &&
	       outcome->result.ptr == NULL;
}

static bool
end_job(struct coordinator *c, struct job_store *store, struct job *job,
	const struct finish_ruling *ruling, const struct job_outcome *outcome, const char *actor,
	struct error *err)
{
	struct job_change first = {.trigger = ruling->before, .actor = actor};
	struct job_change last = {.trigger = ruling->trigger,
				  .actor = actor,
				  .note = ruling->note,
				  .outcome = outcome};

	if (ruling->before != TRIGGER_COUNT && !coordinator_move(c, store, job, &first, err))
		return false;
	return coordinator_move(c, store, job, &last, err);
}

/* Whether an earlier attempt of the job was lost and the target has not been asked about it. */
static bool
unsettled_before(struct coordinator *c, struct job_store *store, const struct job *job, bool *yes,
		 struct error *err)
{
	struct attempt_set set = {0};

	*yes = false;
	if (c->embedded || store == memory_jobs_store(c->memory))
		return true;
	if (!journal_attempts_unknown(c->journal, &c->round, job->info.id, job->info.attempt, &set,
				      err))
		return false;
	*yes = set.count > 0;
	return true;
}

/* An attempt that did not get as far as asking what became of those before it cannot say how the
 * job ended. */
static bool
end_unsettled(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	      struct error *err)
{
	const struct job_finish *m = call->request->body;
	struct finish_ruling lost = {.before = TRIGGER_COUNT, .trigger = TRIGGER_LOSE};
	const struct issue *error = m->outcome->error;
	enum job_state state = job_state_of(job);

	if (state == JOB_UNKNOWN)
		return api_ack(c, call, true);
	if (state != JOB_RUNNING && state != JOB_CANCELLING)
		return cannot_finish(job, err);
	const struct job_outcome *outcome = NULL;
	if (error != NULL)
		outcome = orphans_outcome(
			c, job->info.id,
			arena_printf(&c->round, "an earlier attempt could not be settled: %s",
				     error->message));
	return end_job(c, store, job, &lost, outcome, api_identity(c, call), err) &&
	       api_ack(c, call, false);
}

/* The worker found that its lease was over, or that somebody else owned the database: what it left
 * is the target's to say, and the job goes to whoever asks next, as when the coordinator had
 * noticed. */
static bool
gave_up(const struct coordinator *c, struct job_store *store, const struct job_outcome *outcome)
{
	return !c->embedded && store != memory_jobs_store(c->memory) && outcome->error != NULL &&
	       strcmp(outcome->error->code, error_code(E_LOCK_1302)->name) == 0;
}

static bool
end_given_up(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	     struct error *err)
{
	struct finish_ruling lost = {.before = TRIGGER_COUNT,
				     .trigger = TRIGGER_LOSE,
				     .note = "its worker gave it up: its lease was over"};
	enum job_state state = job_state_of(job);

	if (state == JOB_UNKNOWN)
		return api_ack(c, call, true);
	if (state != JOB_RUNNING && state != JOB_CANCELLING)
		return cannot_finish(job, err);
	return end_job(c, store, job, &lost, NULL, api_identity(c, call), err) &&
	       api_ack(c, call, false);
}

bool
api_job_finish(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_finish *m = call->request->body;
	struct finish_ruling ruling;
	struct job_store *store;
	struct job_spec *spec;
	struct job *job;
	bool same, unsettled;

	if (!api_own_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !same_outcome(c, store, job, m->outcome, &same, err))
		return false;
	if (same || settled_already(job, m->outcome))
		return api_ack(c, call, true);
	if (!unsettled_before(c, store, job, &unsettled, err) ||
	    (unsettled && !store->ops->spec(store, &c->round, m->job, &spec, err)))
		return false;
	if (unsettled && (m->outcome->error != NULL || api_settle_only(job, spec)))
		return end_unsettled(c, call, store, job, err);
	if (gave_up(c, store, m->outcome))
		return end_given_up(c, call, store, job, err);
	if (!finish_ruling(job_state_of(job), m->outcome, &ruling))
		return cannot_finish(job, err);
	return end_job(c, store, job, &ruling, m->outcome, api_identity(c, call), err) &&
	       api_ack(c, call, false);
}

/* ---- earlier attempts ---- */
/* One database may have several names, but a worker speaks only of those it serves. */
static bool
may_settle(const struct coordinator *c, const struct call *call, const struct job *job)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);
	const char *worker = call->request->peer.name;

	for (size_t i = 0; i < rows->target_count; i++) {
		const struct journal_target *t = &rows->targets[i];
		if (strcmp(t->worker, worker) != 0)
			continue;
		if (strcmp(t->name, job->info.target) == 0 ||
		    (t->target_key != NULL && job->target_key != NULL &&
		     strcmp(t->target_key, job->target_key) == 0))
			return true;
	}
	return c->embedded;
}

static const struct job_outcome *
settled_outcome(struct coordinator *c, const struct job *job, const struct settled_attempt *s,
		const struct settle_ruling *ruling)
{
	struct error why = {0};

	if (ruling->trigger != TRIGGER_SETTLE_FAILED)
		return coordinator_outcome(c, NULL, false);
	error_set(&why, job->cancel_asked > 0 ? E_JOB_004 : E_TARGET_005, "job %s: %s", s->job,
		  ruling->note);
	error_detail_int(&why, "steps", s->steps);
	error_detail_int(&why, "planned", s->planned);
	return coordinator_outcome(c, &why, false);
}

/* Of the attempts before this one that it has asked about, the last that got as far as a plan. */
static const struct settled_attempt *
decisive(const struct job_settled *m, const struct settled_attempt *s)
{
	const struct settled_attempt *best = s;

	for (size_t i = 0; i < m->attempts.count; i++) {
		const struct settled_attempt *other = &m->attempts.items[i];
		if (strcmp(other->job, s->job) == 0 && other->planned > 0 &&
		    (best->planned == 0 || other->attempt > best->attempt))
			best = other;
	}
	return best;
}

/* The attempt under way has asked about one before it. What may be done again goes on; the rest
 * ends with what the target said, once it was asked about all of them. */
static bool
settle_own(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	   const struct settled_attempt *s, struct error *err)
{
	struct job_change lost = {.trigger = TRIGGER_LOSE, .actor = api_identity(c, call)};
	enum job_state state = job_state_of(job);
	struct attempt_set rest;
	struct job_spec *spec;

	if (c->embedded || s->attempt >= job->info.attempt ||
	    (state != JOB_RUNNING && state != JOB_CANCELLING))
		return true;
	if (!journal_attempt_settled(c->journal, s->job, s->attempt, lost.actor, err) ||
	    !store->ops->spec(store, &c->round, s->job, &spec, err) ||
	    !journal_attempts_unknown(c->journal, &c->round, s->job, job->info.attempt, &rest, err))
		return false;
	if (!api_settles_only(job, spec) || rest.count > 0)
		return true;
	s = decisive(call->request->body, s);
	struct settle_ruling ruling = settle_ruling(s->steps, s->planned);
	struct job_change end = {
		.trigger = ruling.trigger, .actor = lost.actor, .note = ruling.note};
	end.outcome = settled_outcome(c, job, s, &ruling);
	return coordinator_move(c, store, job, &lost, err) &&
	       coordinator_move(c, store, job, &end, err);
}

static bool
settle_one(struct coordinator *c, struct call *call, const struct settled_attempt *s,
	   struct error *err)
{
	struct settle_ruling ruling = settle_ruling(s->steps, s->planned);
	struct job_change change = {
		.trigger = ruling.trigger, .actor = api_identity(c, call), .note = ruling.note};
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, s->job, &store, &job, err))
		return false;
	if (store == memory_jobs_store(c->memory) || !may_settle(c, call, job))
		return error_set(err, E_AUTH_002, "worker %s does not serve the target of job %s",
				 call->request->peer.name, s->job);
	if (job->worker != NULL && strcmp(job->worker, call->request->peer.name) == 0 &&
	    job->info.attempt > s->attempt)
		return settle_own(c, call, store, job, s, err);
	/* Somebody else has asked the target already: its answer does not change. */
	if (job_state_of(job) != JOB_UNKNOWN || job->info.attempt != s->attempt)
		return true;
	change.outcome = settled_outcome(c, job, s, &ruling);
	return coordinator_move(c, store, job, &change, err);
}

bool
api_job_settled(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_settled *m = call->request->body;

	for (size_t i = 0; i < m->attempts.count; i++) {
		if (!settle_one(c, call, &m->attempts.items[i], err))
			return false;
	}
	return api_ack(c, call, false);
}
