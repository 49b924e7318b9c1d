/*
 * What clients ask about jobs: submit, watch, cancel, list, show, settle.
 */
#include "coordinator/api.h"
#include "coordinator/intent_rules.h"

#include <string.h>

#include "shared/base/faults.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

enum {
	WATCH_EVENTS_MAX = 256,
	WATCH_EVENTS_CROWD = 64,
	CROWD = 128,
	LIST_PAGE = 50,
	LIST_PAGE_MAX = 1000,
	RETRY_AFTER_MS = 5000
};

/* ---- submit ---- */
/* The names of targets are the coordinator's: what nobody ever served is a mistake. */
static bool
refuse_target(struct coordinator *c, const char *name, struct error *err)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);
	const char **names = arena_array(&c->round, rows->target_count + 1, sizeof(char *));

	for (size_t i = 0; i < rows->target_count; i++)
		names[i] = rows->targets[i].name;
	const char *meant = nearest_word(name, names, rows->target_count);
	error_set(err, E_CONFIG_011, "no worker ever served a target called %s%s%s%s", name,
		  meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	error_hint(err, "confiture worker list");
	return false;
}

/* An agent's name is a part of whoever the token belongs to, and an operator speaks for anybody;
 * anything else is not believed. */
static const char *
agent_of(const struct call *call, const char *said)
{
	const struct net_peer *peer = &call->request->peer;

	if (said != NULL && (peer->role == NET_OPERATOR || intent_agent_of_token(said, peer->name)))
		return said;
	return peer->name;
}

/* Names go into the journal and into answers; addresses with a password in them must not. What was
 * given is not repeated. */
static bool
names_only(const struct job_spec *spec, struct error *err)
{
	const struct job_options *o = spec->options;
	const char *const names[] = {spec->target, spec->environment, spec->target_key,
				     o->source_target, o->replay_target};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i] != NULL && strstr(names[i], "://") != NULL)
			return error_set(err, E_CONFIG_007,
					 "a job names its targets; it was given an address");
	}
	return true;
}

/* What a job is about, as the coordinator knows it and not as the message says. */
static bool
own_spec(struct coordinator *c, struct call *call, const struct job_spec **spec, struct error *err)
{
	const struct job_spec *said = *spec;
	const struct journal_target *t = fleet_target(c->fleet, said->target);

	if (!names_only(said, err))
		return false;
	if (c->embedded)
		return true;
	if (t == NULL)
		return refuse_target(c, said->target, err);
	if (call->access == ACCESS_CREATE && !api_may_change(c, call, t->name, err))
		return false;
	struct job_spec *own = arena_bytes(&c->round, said, sizeof(*said));
	own->environment = t->environment;
	own->target_key = t->target_key != NULL ? t->target_key : t->name;
	own->agent = agent_of(call, said->agent);
	*spec = own;
	return api_bundle_complete(c, own, err);
}

static bool
refuse_many(int64_t open, const char *whose, int64_t limit, struct error *err)
{
	error_set(err, E_JOB_006,
		  "%lld jobs%s have not ended, and no more than %lld may be open at once",
		  (long long)open, whose, (long long)limit);
	if (err != NULL) {
		err->retryable = true;
		err->retry_after_ms = RETRY_AFTER_MS;
	}
	return false;
}

/* A queue that grows without end serves nobody: who comes too often is told so. */
static bool
has_room(struct coordinator *c, const struct call *call, struct error *err)
{
	int64_t all, own;

	if ((c->open_jobs_max == 0 && c->open_jobs_per_agent_max == 0) || FAULT(room_not_counted))
		return true;
	if (!journal_jobs_open(c->journal, call->request->peer.name, &all, &own, err))
		return false;
	if (c->open_jobs_per_agent_max > 0 && own >= c->open_jobs_per_agent_max)
		return refuse_many(own, " of yours", c->open_jobs_per_agent_max, err);
	return c->open_jobs_max == 0 || all < c->open_jobs_max ||
	       refuse_many(all, "", c->open_jobs_max, err);
}

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
	const struct job_spec *spec = m->spec;
	const char *owner = "";

	if ((journaled && !(coordinator_owner(c, &owner, err) && has_room(c, call, err))) ||
	    !own_spec(c, call, &spec, err))
		return false;
	struct job job = new_job(c, spec, owner);
	if (!store->ops->add(store, &job, spec, api_identity(c, call), err))
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
	if (c->page.cut)
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
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err) || !watch_page_read(c, store, m, err))
		return false;
	reply->info = &job->info;
	reply->events.items = c->page.events.items;
	reply->events.count = c->page.events.count;
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

/* Offered again after an attempt that was lost: whoever begins it is refused, and it is as if it
 * had not been offered. */
static bool
take_offer_back(struct coordinator *c, struct job_store *store, struct job *job, struct error *err)
{
	struct job_change back = {.trigger = TRIGGER_LOSE, .actor = "coordinator"};

	return job_state_of(job) != JOB_OFFERED || !orphans_unsettled(c, store, job) ||
	       coordinator_move(c, store, job, &back, err);
}

/* Its worker is gone. The next one that comes settles it and goes no further: the wish stays with
 * the job while it waits for that. */
static bool
cancel_unknown(struct coordinator *c, struct call *call, struct job_store *store, struct job *job,
	       struct error *err)
{
	struct job_change wish = {.trigger = TRIGGER_CANCEL, .actor = api_identity(c, call)};
	struct job_change wait = {.trigger = TRIGGER_LOSE,
				  .actor = "coordinator",
				  .note = "cancelled; waiting for a worker that settles it"};

	/* What only reads leaves nothing to settle. */
	if (store == memory_jobs_store(c->memory))
		wait = orphans_stopped(c, job->info.id);
	return coordinator_move(c, store, job, &wish, err) &&
	       coordinator_move(c, store, job, &wait, err) && reply_changed(c, call, job);
}

/* Ending a job changes what becomes of its target; one that only reads is anybody's to end. */
static bool
may_end(struct coordinator *c, struct call *call, struct job_store *store, const struct job *job,
	struct error *err)
{
	return store == memory_jobs_store(c->memory) ||
	       api_may_change(c, call, job->info.target, err);
}

bool
api_job_cancel(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_cancel *m = call->request->body;
	struct job_change change = {.trigger = TRIGGER_CANCEL, .actor = api_identity(c, call)};
	struct error cancelled = {0};
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err) || !may_end(c, call, store, job, err) ||
	    !take_offer_back(c, store, job, err))
		return false;
	enum job_state state = job_state_of(job);
	if (state == JOB_CANCELLING)
		return reply_changed(c, call, job);
	if (state == JOB_UNKNOWN)
		return c->embedded || job->has_outcome ? refuse_unknown(job, err)
						       : cancel_unknown(c, call, store, job, err);
	change.note = m->reason;
	if (state == JOB_QUEUED || state == JOB_OFFERED) {
		error_set(&cancelled, E_JOB_004, "job %s: cancelled before it began", job->info.id);
		change.outcome = coordinator_outcome(c, &cancelled, false);
	}
	if (!coordinator_move(c, store, job, &change, err))
		return false;
	if (FAULT(cancelled_at_once) && job_state_of(job) == JOB_CANCELLING) {
		change = orphans_stopped(c, m->job);
		if (!coordinator_move(c, store, job, &change, err))
			return false;
	}
	return reply_changed(c, call, job);
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

	if (!coordinator_job(c, m->job, &store, &job, err) || !may_end(c, call, store, job, err))
		return false;
	if (!good)
		error_set(&why, E_TARGET_005, "job %s: settled as failed: %s", m->job, m->note);
	change.outcome = coordinator_outcome(c, good ? NULL : &why, false);
	return coordinator_move(c, store, job, &change, err) && reply_changed(c, call, job);
}
