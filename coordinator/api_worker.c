/*
 * What workers ask and report: work, the begin of an attempt, events, renewals. Who a worker is
 * comes from its connection; the name in a message is not believed.
 */
#include "coordinator/api.h"
#include "shared/base/faults.h"

#include <string.h>

#include "shared/base/banned.h"

enum { EVENTS_MAX = 256 };

/* ---- an offer ---- */
bool
api_settle_only(const struct job *job, const struct job_spec *spec)
{
	/* Who was told that its end is not known does not expect it to go on. */
	if (FAULT(cancel_forgotten))
		return !job_repeatable(spec->kind, spec->options);
	return job->cancel_asked > 0 || job->has_outcome ||
	       !job_repeatable(spec->kind, spec->options);
}

bool
api_settles_only(const struct job *job, const struct job_spec *spec)
{
	struct job before = *job;

	if (before.cancel_asked == before.info.attempt)
		before.cancel_asked = 0;
	return api_settle_only(&before, spec);
}

static bool
add_unsettled(struct coordinator *c, const struct job *job, struct worker_offer *offer,
	      struct error *err)
{
	const char *id = job->info.id;
	struct attempt_set own;
	struct job_set others = {0};

	if (FAULT(lost_attempts_not_told))
		return true;
	if (!journal_attempts_unknown(c->journal, &c->round, id, job->info.attempt, &own, err) ||
	    (job->target_key != NULL &&
	     !journal_unsettled(c->journal, &c->round, job->target_key, id, &others, err)))
		return false;
	size_t count = 0;
	offer->unsettled.items =
		arena_array(&c->round, own.count + others.count, sizeof(struct unsettled));
	for (size_t i = 0; i < own.count; i++)
		offer->unsettled.items[count++] =
			(struct unsettled){.job = id, .attempt = own.items[i]};
	for (size_t i = 0; i < others.count; i++)
		offer->unsettled.items[count++] = (struct unsettled){
			.job = others.items[i].info.id, .attempt = others.items[i].info.attempt};
	offer->unsettled.count = count;
	/* What must not be done twice, or is not wanted any more, goes no further than settling. */
	if (own.count > 0 && api_settle_only(job, offer->spec)) {
		offer->spec->kind = "settle";
		offer->spec->bundle = NULL;
	}
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
	if ((!FAULT(offer_to_two) && !coordinator_move(c, store, job, &change, err)) ||
	    !store->ops->spec(store, &c->round, job->info.id, &offer->spec, err))
		return false;
	offer->job = job->info.id;
	offer->attempt = job->info.attempt;
	offer->lease_ms = c->lease_ms;
	call->reply = offer;
	if (!journaled)
		return true;
	offer->journal = journal_id(c->journal);
	return api_claims_held(c, offer->spec, &offer->claimed, err) &&
	       add_unsettled(c, job, offer, err) && api_chain_head(c, &offer->chain, err);
}

static bool
offer_nothing(struct coordinator *c, struct call *call, struct error *err)
{
	struct worker_offer *offer = arena_new(&c->round, struct worker_offer);

	call->reply = offer;
	return call->access == ACCESS_MEMORY || api_chain_head(c, &offer->chain, err);
}

bool
api_next_job(struct coordinator *c, const struct api_targets *t, bool journaled,
	     struct job_store **store, struct job **out, struct error *err)
{
	const char *owner = c->owner != NULL ? owner_id(c->owner) : "";

	*store = memory_jobs_store(c->memory);
	if (!(*store)->ops->queued(*store, &c->round, owner, t->items, t->count, out, err))
		return false;
	if (*out != NULL || !journaled)
		return true;
	*store = journal_jobs(c->journal);
	if (!(*store)->ops->queued(*store, &c->round, owner, t->items, t->count, out, err))
		return false;
	return *out != NULL || orphans_to_settle(c, t->items, t->count, out, err);
}

/* ---- workers of former versions ---- */
/* Kinds of the first version, which a worker does not say that it knows. */
static bool
knows(const struct coordinator *c, const struct worker_next *m, const char *kind)
{
	static const char *const always[] = {"status",	    "current",	"apply",  "rollback",
					     "rollback_to", "baseline", "verify", "checksums",
					     "preflight",   "settle"};

	for (size_t i = 0; i < ARRAY_LEN(always); i++) {
		if (strcmp(always[i], kind) == 0)
			return true;
	}
	for (size_t i = 0; i < m->kinds.count; i++) {
		if (strcmp(m->kinds.items[i], kind) == 0)
			return true;
	}
	return c->embedded;
}

/* It could not even read the offer. Whoever asked is told so, since no other worker will come. */
static bool
refuse_kind(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	    struct error *err)
{
	bool lost = job_state_of(job) == JOB_UNKNOWN;
	struct job_change end = {.trigger = lost ? TRIGGER_SETTLE_FAILED : TRIGGER_CANCEL,
				 .actor = "coordinator",
				 .note = "its worker does not know that kind of job"};
	struct error why = {0};

	error_set(&why, E_WORKER_003,
		  "worker %s of target %s is older than this command: it knows no jobs of kind %s",
		  call->request->peer.name, job->info.target, job->info.kind);
	end.outcome = coordinator_outcome(c, &why, false);
	return coordinator_move(c, store, job, &end, err) && offer_nothing(c, call, err);
}

bool
api_worker_next(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_next *m = call->request->body;
	struct job_store *store;
	struct api_targets targets;
	struct job *job = NULL;

	if (!api_targets(c, call, &targets, err) ||
	    !api_next_job(c, &targets, call->access == ACCESS_WRITE, &store, &job, err))
		return false;
	if (call->dismissed)
		call->last_chance = true;
	if (job != NULL && !knows(c, m, job->info.kind))
		return refuse_kind(c, call, store, job, err);
	if (job != NULL)
		return make_offer(c, call, store, job, err);
	int64_t wait_ms = m->wait_ms < WORKER_PARK_MS ? m->wait_ms : WORKER_PARK_MS;
	return watchers_may_wait(c, call, wait_ms) || offer_nothing(c, call, err);
}

/* ---- an attempt under way ---- */
bool
api_own_job(struct coordinator *c, const struct call *call, const char *id, int64_t attempt,
	    struct job_store **store, struct job **job, struct error *err)
{
	if (!coordinator_job(c, id, store, job, err))
		return false;
	const char *worker = (*job)->worker;
	if (!FAULT(any_worker) && (worker == NULL || strcmp(worker, call->request->peer.name) != 0))
		return error_set(err, E_JOB_002, "job %s is not with worker %s", id,
				 call->request->peer.name);
	if ((*job)->info.attempt != attempt && !FAULT(any_attempt))
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

	if (!api_own_job(c, call, m->job, m->attempt, &store, &job, err))
		return false;
	/* The answer to the first one was lost on its way. */
	if (job_state_of(job) == JOB_RUNNING || FAULT(begin_not_durable))
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

	if (!api_own_job(c, call, m->job, m->attempt, &store, &job, err))
		return false;
	enum job_state state = job_state_of(job);
	if (!FAULT(renew_after_expiry) &&
	    (job_state_final(state) || state == JOB_UNKNOWN || state == JOB_QUEUED))
		return error_set(err, E_JOB_002, "job %s is %s: its lease cannot be renewed",
				 m->job, job->info.state);
	return reply_lease(c, call, job);
}

bool
api_held_job(struct coordinator *c, const struct call *call, const char *id, int64_t attempt,
	     struct job_store **store, struct job **job, struct error *err)
{
	if (!api_own_job(c, call, id, attempt, store, job, err))
		return false;
	enum job_state state = job_state_of(*job);
	return state == JOB_OFFERED || state == JOB_RUNNING || state == JOB_CANCELLING ||
	       error_set(err, E_JOB_002, "job %s is %s: it is with no worker", id,
			 (*job)->info.state);
}

/* ---- events ---- */
bool
api_ack(struct coordinator *c, struct call *call, bool replayed)
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
		if (e->seq != expected + 1 && !FAULT(gap_in_events))
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

	if (!api_own_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !check_events(m, job->info.last_seq, err))
		return false;
	while (known < m->events.count && m->events.items[known].seq <= job->info.last_seq)
		known++;
	if (known == m->events.count)
		return api_ack(c, call, m->events.count > 0);
	enum job_state state = job_state_of(job);
	if (job_state_final(state) || state == JOB_QUEUED || state == JOB_OFFERED)
		return error_set(err, E_JOB_002, "job %s is %s: it has no more events", m->job,
				 job->info.state);
	job->info.last_seq = m->events.items[m->events.count - 1].seq;
	if (!store->ops->append(store, job, m->events.items + known, m->events.count - known, err))
		return false;
	coordinator_touch(c, m->job);
	watch_page_keep(c, m->job, m->events.items + known, m->events.count - known);
	return api_ack(c, call, false);
}
