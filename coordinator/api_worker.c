/*
 * What workers ask and report: work, the begin of an attempt, events, renewals, what became of
 * earlier attempts, the end. Who a worker is comes from its connection; the name in a message is
 * not believed.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/banned.h"

enum { EVENTS_MAX = 256 };

/* ---- an offer ---- */
static bool
add_unsettled(struct coordinator *c, const struct job *job, struct worker_offer *offer,
	      struct error *err)
{
	struct job_set set;

	if (job->target_key == NULL)
		return true;
	if (!journal_unsettled(c->journal, &c->round, job->target_key, job->info.id, &set, err))
		return false;
	offer->unsettled.items = arena_array(&c->round, set.count, sizeof(struct unsettled));
	offer->unsettled.count = set.count;
	for (size_t i = 0; i < set.count; i++)
		offer->unsettled.items[i] = (struct unsettled){
			.job = set.items[i].info.id, .attempt = set.items[i].info.attempt};
	return true;
}

static bool
make_offer(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	   struct error *err)
{
	struct worker_offer *offer = arena_new(&c->round, struct worker_offer);
	struct job_change change = {.trigger = TRIGGER_OFFER, .actor = "coordinator"};
	bool journaled = store != memory_jobs_store(c->memory);

	job->worker = call->request->peer.name;
	job->lease = leases_give(c->leases, job->info.id, c->lease_ms);
	if (!coordinator_move(c, store, job, &change, err) ||
	    !store->ops->spec(store, &c->round, job->info.id, &offer->spec, err))
		return false;
	offer->job = job->info.id;
	offer->attempt = job->info.attempt;
	offer->lease_ms = c->lease_ms;
	if (journaled) {
		offer->journal = journal_id(c->journal);
		if (!add_unsettled(c, job, offer, err))
			return false;
	}
	call->reply = offer;
	return true;
}

bool
api_worker_next(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_next *m = call->request->body;
	const char *owner = c->owner != NULL ? owner_id(c->owner) : "";
	struct job_store *store = memory_jobs_store(c->memory);
	struct job *job = NULL;

	if (!store->ops->queued(store, &c->round, owner, m->targets.items, m->targets.count, &job,
				err))
		return false;
	if (job == NULL && call->access == ACCESS_WRITE) {
		store = journal_jobs(c->journal);
		if (!store->ops->queued(store, &c->round, owner, m->targets.items, m->targets.count,
					&job, err))
			return false;
	}
	if (job != NULL)
		return make_offer(c, call, store, job, err);
	if (!watchers_may_wait(c, call, m->wait_ms))
		call->reply = arena_new(&c->round, struct worker_offer);
	return true;
}

/* ---- an attempt under way ---- */
/* The job, when it is this worker's and this attempt is its newest. */
static bool
own_job(struct coordinator *c, const struct call *call, const char *id, int64_t attempt,
	struct job_store **store, struct job **job, struct error *err)
{
	if (!coordinator_job(c, id, store, job, err))
		return false;
	const char *worker = (*job)->worker;
	if (worker == NULL || strcmp(worker, call->request->peer.name) != 0)
		return error_set(err, E_JOB_002, "job %s is not with worker %s", id,
				 call->request->peer.name);
	if ((*job)->info.attempt != attempt)
		return error_set(err, E_JOB_002, "job %s is in attempt %lld, not %lld", id,
				 (long long)(*job)->info.attempt, (long long)attempt);
	return true;
}

static bool
reply_lease(struct coordinator *c, struct call *call, struct job *job)
{
	struct job_lease *reply = arena_new(&c->round, struct job_lease);

	job->lease = leases_give(c->leases, job->info.id, c->lease_ms);
	reply->lease_ms = c->lease_ms;
	reply->cancel = job_state_of(job) == JOB_CANCELLING;
	call->reply = reply;
	return true;
}

bool
api_job_begin(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_begin *m = call->request->body;
	struct job_change change = {.trigger = TRIGGER_BEGIN, .actor = api_identity(c, call)};
	struct job_store *store;
	struct job *job;

	if (!own_job(c, call, m->job, m->attempt, &store, &job, err))
		return false;
	/* The answer to the first one was lost on its way. */
	if (job_state_of(job) == JOB_RUNNING)
		return reply_lease(c, call, job);
	job->lease = leases_give(c->leases, job->info.id, c->lease_ms);
	return coordinator_move(c, store, job, &change, err) && reply_lease(c, call, job);
}

bool
api_job_renew(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_renew *m = call->request->body;
	struct job_store *store;
	struct job *job;

	if (!own_job(c, call, m->job, m->attempt, &store, &job, err))
		return false;
	enum job_state state = job_state_of(job);
	if (job_state_final(state) || state == JOB_UNKNOWN || state == JOB_QUEUED)
		return error_set(err, E_JOB_002, "job %s is %s: its lease cannot be renewed",
				 m->job, job->info.state);
	return reply_lease(c, call, job);
}

/* ---- events ---- */
static bool
reply_ack(struct coordinator *c, struct call *call, bool replayed)
{
	struct ack *reply = arena_new(&c->round, struct ack);

	reply->replayed = replayed;
	call->reply = reply;
	return true;
}

static bool
check_events(const struct job_events *m, int64_t last_seq, struct error *err)
{
	int64_t expected = last_seq;

	if (m->events.count > EVENTS_MAX)
		return error_set(err, E_USAGE_001, "job %s: at most %d events in one request",
				 m->job, EVENTS_MAX);
	for (size_t i = 0; i < m->events.count; i++) {
		const struct job_event *e = &m->events.items[i];
		if (e->attempt != m->attempt || strcmp(e->job, m->job) != 0)
			return error_set(err, E_USAGE_001,
					 "job %s: an event of another job or attempt", m->job);
		if (i == 0 && e->seq <= last_seq)
			expected = e->seq - 1;
		if (e->seq != expected + 1)
			return error_set(err, E_USAGE_001,
					 "job %s: event %lld came where %lld was expected", m->job,
					 (long long)e->seq, (long long)expected + 1);
		expected = e->seq;
	}
	return true;
}

bool
api_job_events(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_events *m = call->request->body;
	struct job_store *store;
	struct job *job;
	size_t known = 0;

	if (!own_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !check_events(m, job->info.last_seq, err))
		return false;
	while (known < m->events.count && m->events.items[known].seq <= job->info.last_seq)
		known++;
	if (known == m->events.count)
		return reply_ack(c, call, m->events.count > 0);
	enum job_state state = job_state_of(job);
	if (job_state_final(state) || state == JOB_QUEUED || state == JOB_OFFERED)
		return error_set(err, E_JOB_002, "job %s is %s: it has no more events", m->job,
				 job->info.state);
	job->info.last_seq = m->events.items[m->events.count - 1].seq;
	if (!store->ops->append(store, job, m->events.items + known, m->events.count - known, err))
		return false;
	coordinator_touch(c, m->job);
	return reply_ack(c, call, false);
}

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

bool
api_job_finish(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_finish *m = call->request->body;
	struct finish_ruling ruling;
	struct job_store *store;
	struct job *job;
	bool same;

	if (!own_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !same_outcome(c, store, job, m->outcome, &same, err))
		return false;
	if (same)
		return reply_ack(c, call, true);
	if (!finish_ruling(job_state_of(job), m->outcome, &ruling))
		return error_set(err, E_JOB_002, "job %s is %s: it cannot be finished", m->job,
				 job->info.state);
	return end_job(c, store, job, &ruling, m->outcome, api_identity(c, call), err) &&
	       reply_ack(c, call, false);
}

/* ---- earlier attempts ---- */
static bool
settle_one(struct coordinator *c, const struct settled_attempt *s, const char *actor,
	   struct error *err)
{
	struct settle_ruling ruling = settle_ruling(s->steps, s->planned);
	struct job_change change = {.trigger = ruling.trigger, .actor = actor, .note = ruling.note};
	struct error why = {0};
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, s->job, &store, &job, err))
		return false;
	/* Somebody else has asked the target already: its answer does not change. */
	if (job_state_of(job) != JOB_UNKNOWN || job->info.attempt != s->attempt)
		return true;
	if (ruling.trigger == TRIGGER_SETTLE_FAILED) {
		error_set(&why, E_TARGET_005, "job %s: %s", s->job, ruling.note);
		error_detail_int(&why, "steps", s->steps);
		error_detail_int(&why, "planned", s->planned);
	}
	change.outcome = coordinator_outcome(c, why.code != NULL ? &why : NULL, false);
	return coordinator_move(c, store, job, &change, err);
}

bool
api_job_settled(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_settled *m = call->request->body;

	for (size_t i = 0; i < m->attempts.count; i++) {
		if (!settle_one(c, &m->attempts.items[i], api_identity(c, call), err))
			return false;
	}
	return reply_ack(c, call, false);
}
