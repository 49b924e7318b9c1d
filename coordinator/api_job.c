/*
 * What clients ask about jobs: submit, watch, cancel, list, show, settle.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/banned.h"

enum { WATCH_EVENTS_MAX = 256, LIST_PAGE = 50, LIST_PAGE_MAX = 1000 };

/* ---- submit ---- */
static struct job
new_job(struct coordinator *c, const struct job_spec *spec, const char *owner)
{
	char *id = arena_alloc(&c->round, ID_TEXT), *now = arena_alloc(&c->round, TIME_TEXT);

	runtime_id(c->rt, id);
	time_print(c->rt->ops->wall_us(c->rt), now);
	return (struct job){
		.info = {.id = id,
			 .kind = spec->kind,
			 .state = job_state_name(JOB_QUEUED),
			 .target = spec->target,
			 .environment = spec->environment,
			 .agent = spec->agent,
			 .submitted_at = now,
			 .exit_code = INT_NULL,
			 .bundle_hash = spec->bundle != NULL ? spec->bundle->hash : NULL},
		.target_key = spec->target_key,
		.owner = owner,
	};
}

bool
api_job_submit(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_submit *m = call->request->body;
	bool journaled = call->access == ACCESS_CREATE;
	struct job_store *store =
		journaled ? journal_jobs(c->journal) : memory_jobs_store(c->memory);
	const char *owner = "";

	if (journaled && !coordinator_owner(c, &owner, err))
		return false;
	struct job job = new_job(c, m->spec, owner);
	if (!store->ops->add(store, &job, m->spec, api_identity(c, call), err))
		return false;
	c->work_added = true;
	struct job_submitted *reply = arena_new(&c->round, struct job_submitted);
	reply->job = job.info.id;
	call->reply = reply;
	return true;
}

/* ---- watch ---- */
static const char stuck[] = "its end could not be written to the journal";

/* The outcome goes out once there is one and no event is left behind it. */
static bool
add_outcome(struct coordinator *c, struct job_store *store, const struct job *job,
	    struct job_watched *reply, struct error *err)
{
	if (reply->events.count == WATCH_EVENTS_MAX)
		return true;
	if (!job->has_outcome) {
		if (leases_stuck(c->leases, job->info.id))
			reply->outcome = record_copy(&c->round, &record_job_outcome,
						     orphans_outcome(c, job->info.id, stuck));
		return true;
	}
	return store->ops->outcome(store, &c->round, job->info.id, &reply->outcome, err);
}

static bool
has_news(struct call *call, const struct job *job, const struct job_watched *reply)
{
	const char *before = call->seen_state;

	if (reply->events.count > 0 || reply->outcome != NULL)
		return true;
	call->seen_state = job_state_name(job_state_of(job));
	return before != NULL && before != call->seen_state;
}

bool
api_job_watch(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_watch *m = call->request->body;
	struct job_watched *reply = arena_new(&c->round, struct job_watched);
	struct job_events_page page;
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err) ||
	    !store->ops->events(store, &c->round, m->job, m->attempt, m->since, WATCH_EVENTS_MAX,
				&page, err))
		return false;
	reply->info = &job->info;
	reply->events.items = page.items;
	reply->events.count = page.count;
	if (!add_outcome(c, store, job, reply, err))
		return false;
	call->waits_for = m->job;
	if (has_news(call, job, reply) || !watchers_may_wait(c, call, m->wait_ms))
		call->reply = reply;
	return true;
}

/* ---- cancel ---- */
static bool
reply_changed(struct coordinator *c, struct call *call, struct job *job)
{
	struct job_changed *reply = arena_new(&c->round, struct job_changed);

	reply->info = &job->info;
	call->reply = reply;
	return true;
}

/* Whoever ran it is gone: there is nobody who could stop. */
static bool
refuse_unknown(const struct job *job, struct error *err)
{
	error_set(err, E_JOB_002, "job %s: its outcome is unknown, so there is nothing to cancel",
		  job->info.id);
	error_hint(err, "confiture job settle %s", job->info.id);
	return false;
}

bool
api_job_cancel(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_cancel *m = call->request->body;
	struct job_change change = {.trigger = TRIGGER_CANCEL, .actor = api_identity(c, call)};
	struct error cancelled = {0};
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err))
		return false;
	enum job_state state = job_state_of(job);
	if (state == JOB_CANCELLING)
		return reply_changed(c, call, job);
	if (state == JOB_UNKNOWN && c->embedded)
		return refuse_unknown(job, err);
	change.note = m->reason;
	if (state == JOB_QUEUED || state == JOB_OFFERED) {
		error_set(&cancelled, E_JOB_004, "job %s: cancelled before it began", job->info.id);
		change.outcome = coordinator_outcome(c, &cancelled, false);
	}
	return coordinator_move(c, store, job, &change, err) && reply_changed(c, call, job);
}

/* ---- list and show ---- */
bool
api_job_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_list_request *m = call->request->body;
	struct job_list *list = arena_new(&c->round, struct job_list);
	int64_t limit = m->limit > 0 ? m->limit : LIST_PAGE;

	if (c->journal != NULL &&
	    !journal_job_list(c->journal, &c->round, m->open_only,
			      limit < LIST_PAGE_MAX ? limit : LIST_PAGE_MAX, list, err))
		return false;
	call->reply = list;
	return true;
}

bool
api_job_show(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_show *m = call->request->body;
	struct job_shown *reply = arena_new(&c->round, struct job_shown);
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err) ||
	    !store->ops->spec(store, &c->round, m->job, &reply->spec, err) ||
	    !store->ops->outcome(store, &c->round, m->job, &reply->outcome, err))
		return false;
	reply->info = &job->info;
	call->reply = reply;
	return true;
}

/* ---- settle by hand ---- */
bool
api_job_settle(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_settle *m = call->request->body;
	bool good = strcmp(m->state, job_state_name(JOB_SUCCEEDED)) == 0;
	struct job_change change = {
		.trigger = good ? TRIGGER_SETTLE_SUCCEEDED : TRIGGER_SETTLE_FAILED,
		.actor = api_identity(c, call),
		.note = m->note,
	};
	struct error why = {0};
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err))
		return false;
	if (!good)
		error_set(&why, E_TARGET_005, "job %s: settled as failed: %s", m->job, m->note);
	change.outcome = coordinator_outcome(c, good ? NULL : &why, false);
	return coordinator_move(c, store, job, &change, err) && reply_changed(c, call, job);
}
