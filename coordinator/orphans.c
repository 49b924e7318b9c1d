/*
 * Jobs that nobody will report on any more: their lease is over, or the process that alone may run
 * them is gone. They are found by looking, since neither announces itself.
 */
#include "coordinator/core.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

/* A lapsed lease that could not be dealt with is looked at again after this time. */
enum { AGAIN_MS = 1000 };

static void
put(struct coordinator *c, struct owner_set *set, size_t *cap, const char *item)
{
	set->items = arena_grow(&c->round, set->items, set->count, cap, sizeof(char *));
	set->items[set->count++] = arena_str(&c->round, item);
}

static void
find_dead(struct coordinator *c, struct owner_set *dead)
{
	const char *mine = c->owner != NULL ? owner_id(c->owner) : "";
	struct owner_set owners;
	size_t cap = 0;

	/* Where that cannot be read, the request that needs it will say so. */
	if (!journal_owners(c->journal, &c->round, mine, &owners, NULL))
		return;
	for (size_t i = 0; i < owners.count; i++) {
		if (owners.items[i][0] != '\0' &&
		    !owner_alive(journal_path(c->journal), owners.items[i]))
			put(c, dead, &cap, owners.items[i]);
	}
}

const struct job_outcome *
orphans_outcome(struct coordinator *c, const char *job, const char *why)
{
	struct error err = {0};

	error_set(&err, E_JOB_003, "job %s: %s", job, why);
	error_hint(&err, "confiture job show %s", job);
	return coordinator_outcome(c, &err, true);
}

struct job_change
orphans_stopped(struct coordinator *c, const char *job)
{
	struct error err = {0};

	error_set(&err, E_JOB_004, "job %s: cancelled", job);
	return (struct job_change){.trigger = TRIGGER_STOP,
				   .actor = "coordinator",
				   .outcome = coordinator_outcome(c, &err, false)};
}

void
orphans_rest(struct coordinator *c, const struct job *job)
{
	const int64_t early =
		3; /* attempts; a database that is down for days is asked less often */
	int64_t leases = job->info.attempt <= early ? 1 : 2;

	if (!c->embedded && job->has_outcome && job_state_of(job) == JOB_UNKNOWN)
		(void)leases_give(c->rests, job->info.id, leases * c->lease_ms);
}

void
orphans_end_rests(struct coordinator *c)
{
	char job[ID_TEXT];

	while (leases_take_over(c->rests, 0, job))
		c->work_added = true;
}

bool
orphans_to_settle(struct coordinator *c, const char *const *targets, size_t count, struct job **out,
		  struct error *err)
{
	struct job_set set;

	*out = NULL;
	for (size_t t = 0; t < count && !c->embedded && !FAULT(unknown_for_ever); t++) {
		if (!journal_settleable(c->journal, &c->round, targets[t], &set, err))
			return false;
		for (size_t i = 0; i < set.count; i++) {
			if (leases_has(c->rests, set.items[i].info.id))
				continue;
			*out = &set.items[i];
			return true;
		}
	}
	return true;
}

/* Nobody runs a lost job again in embedded mode, so its watchers must be told; elsewhere they wait
 * for the next attempt. */
static bool
lose(struct coordinator *c, struct job_store *store, struct job *job, enum job_trigger trigger,
     const char *why)
{
	struct job_change change = {.trigger = trigger, .actor = "coordinator"};
	struct error err = {0};

	if (trigger == TRIGGER_LOSE) {
		change.note = why;
		if (c->embedded)
			change.outcome = orphans_outcome(c, job->info.id, why);
	} else if (trigger == TRIGGER_ABANDON) {
		error_set(&err, E_JOB_004, "job %s: interrupted before it began", job->info.id);
		change.outcome = coordinator_outcome(c, &err, false);
	}
	return coordinator_move(c, store, job, &change, NULL);
}

bool
orphans_unsettled(struct coordinator *c, struct job_store *store, const struct job *job)
{
	struct attempt_set lost = {0};

	if (c->embedded || store == memory_jobs_store(c->memory))
		return false;
	return !journal_attempts_unknown(c->journal, &c->round, job->info.id, INT64_MAX, &lost,
					 NULL) ||
	       lost.count > 0;
}

static void
lapse(struct coordinator *c, const char *id)
{
	struct job_store *store;
	enum job_trigger trigger;
	struct job *job;

	if (!coordinator_job(c, id, &store, &job, NULL) ||
	    !lapsed_trigger(job_state_of(job), &trigger))
		return;
	if (!c->embedded && job->cancel_asked > 0 && trigger == TRIGGER_LOSE &&
	    store == memory_jobs_store(c->memory)) {
		struct job_change stop = orphans_stopped(c, id);
		if (job_state_of(job) == JOB_CANCELLING &&
		    coordinator_move(c, store, job, &stop, NULL))
			return;
	}
	const char *why = trigger == TRIGGER_LOSE ? "its lease is over" : NULL;
	if (trigger == TRIGGER_LAPSE && orphans_unsettled(c, store, job))
		trigger = TRIGGER_LOSE; /* not to the queue: it is not as if it had never begun */
	(void)lose(c, store, job, trigger, why);
}

static void
find_lapsed(struct coordinator *c, struct owner_set *lapsed)
{
	char job[ID_TEXT];
	size_t cap = 0;

	while (!FAULT(lease_never_over) &&
	       leases_take_over(c->leases, c->embedded ? c->lease_ms : 0, job)) {
		if (memory_jobs_has(c->memory, job))
			lapse(c, job);
		else
			put(c, lapsed, &cap, job);
	}
}

void
orphans_find(struct coordinator *c, bool ask_owners, struct orphans *out)
{
	*out = (struct orphans){0};
	find_lapsed(c, &out->lapsed);
	if (ask_owners && c->embedded && c->journal != NULL)
		find_dead(c, &out->dead);
}

bool
orphans_any(const struct orphans *o)
{
	return o->dead.count > 0 || o->lapsed.count > 0;
}

static void
bury(struct coordinator *c, const char *owner)
{
	struct job_set jobs;
	enum job_trigger trigger;

	if (!journal_jobs_of_owner(c->journal, &c->round, owner, &jobs, NULL))
		return;
	for (size_t i = 0; i < jobs.count; i++) {
		if (dead_owner_trigger(job_state_of(&jobs.items[i]), &trigger))
			(void)lose(c, journal_jobs(c->journal), &jobs.items[i], trigger,
				   "the process that ran it is gone");
	}
}

void
orphans_settle(struct coordinator *c, const struct orphans *o)
{
	for (size_t i = 0; i < o->dead.count; i++)
		bury(c, o->dead.items[i]);
	for (size_t i = 0; i < o->lapsed.count; i++)
		lapse(c, o->lapsed.items[i]);
}

void
orphans_later(struct coordinator *c, const struct orphans *o)
{
	for (size_t i = 0; i < o->lapsed.count; i++) {
		(void)leases_give(c->leases, o->lapsed.items[i], AGAIN_MS);
		leases_mark_stuck(c->leases, o->lapsed.items[i]);
		coordinator_touch(c, o->lapsed.items[i]);
	}
}

bool
orphans_adopt(struct coordinator *c, struct error *err)
{
	struct job_set jobs;

	if (!journal_jobs_of_owner(c->journal, &c->round, "", &jobs, err))
		return false;
	for (size_t i = 0; i < jobs.count; i++) {
		if (job_state_of(&jobs.items[i]) != JOB_QUEUED)
			(void)leases_give(c->leases, jobs.items[i].info.id,
					  FAULT(lease_not_renewed_at_restart) ? 0 : c->lease_ms);
	}
	return true;
}
