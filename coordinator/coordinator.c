/*
 * The loop: takes what has arrived, runs it as one group, looks at the clock, and waits. One thread
 * owns everything here, so that no handler needs a lock and each sees the world standing still.
 */
#include "coordinator/coordinator.h"

#include <stdlib.h>
#include <string.h>

#include "coordinator/core.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

static const int64_t FILE_BYTES = INT64_C(1) << 30, FILES_BYTES = INT64_C(16) << 30;

enum { GROUP_MAX = 128, POLL_MS = 100, TIDY_MS = 5 * 60 * 1000 };

struct coordinator *
coordinator_new(struct runtime *rt, struct net_server *server,
		const struct coordinator_config *config)
{
	struct coordinator *c = calloc(1, sizeof(*c));
	char *path = config->journal != NULL ? strdup(config->journal) : NULL;

	if (c == NULL || (config->journal != NULL && path == NULL))
		abort();
	c->rt = rt;
	c->server = server;
	c->journal_path = path;
	c->embedded = config->embedded;
	c->lease_ms = config->lease_ms > 0 ? config->lease_ms : LEASE_MS;
	c->log = config->log;
	c->parser = config->parser;
	c->intents_per_agent = config->intents_per_agent;
	c->lapse_at_ns = RUNTIME_FOREVER;
	atomic_init(&c->stopping, false);
	atomic_init(&c->beat, 0);
	c->memory = memory_jobs_new();
	c->leases = leases_new(rt);
	c->rests = leases_new(rt);
	c->fleet = fleet_new(rt);
	c->retention_days = config->retention_days;
	c->said_end = &c->said;
	c->open_jobs_max = config->open_jobs_max;
	c->open_jobs_per_agent_max = config->open_jobs_per_agent_max;
	c->file_bytes_max = config->file_bytes_max > 0 ? config->file_bytes_max : FILE_BYTES;
	c->files_bytes_max = config->files_bytes_max > 0 ? config->files_bytes_max : FILES_BYTES;
	arena_init(&c->round);
	arena_init(&c->bundle_arena);
	return c;
}

void
coordinator_free(struct coordinator *c)
{
	if (c == NULL)
		return;
	memory_jobs_free(c->memory);
	leases_free(c->leases);
	leases_free(c->rests);
	fleet_free(c->fleet);
	arena_fini(&c->round);
	arena_fini(&c->bundle_arena);
	free(c->journal_path);
	free(c);
}

void
coordinator_stop(struct coordinator *c)
{
	atomic_store(&c->stopping, true);
	c->server->ops->wake(c->server);
}

uint64_t
coordinator_beat(struct coordinator *c)
{
	uint64_t beat = atomic_load(&c->beat);

	c->server->ops->wake(c->server);
	return beat;
}

/* ---- for the handlers ---- */
void
coordinator_touch(struct coordinator *c, const char *job)
{
	c->touched = arena_grow(&c->round, c->touched, c->touched_count, &c->touched_cap,
				sizeof(*c->touched));
	c->touched[c->touched_count++] = arena_str(&c->round, job);
	c->page.job = NULL; /* what was read before is not all any more */
}

bool
coordinator_owner(struct coordinator *c, const char **out, struct error *err)
{
	*out = "";
	if (!c->embedded)
		return true;
	if (c->owner == NULL) {
		if (!owner_open(c->rt, c->journal_path, &c->owner, err))
			return false;
		owners_sweep(c->journal_path);
	}
	*out = owner_id(c->owner);
	return true;
}

bool
coordinator_job(struct coordinator *c, const char *id, struct job_store **store, struct job **out,
		struct error *err)
{
	*store = memory_jobs_store(c->memory);
	if (!(*store)->ops->find(*store, &c->round, id, out, err))
		return false;
	if (*out == NULL && c->journal != NULL) {
		*store = journal_jobs(c->journal);
		if (!(*store)->ops->find(*store, &c->round, id, out, err))
			return false;
	}
	return *out != NULL || error_set(err, E_JOB_001, "there is no job %s", id);
}

bool
coordinator_move(struct coordinator *c, struct job_store *store, struct job *job,
		 struct job_change *change, struct error *err)
{
	change->wall_us = c->rt->ops->wall_us(c->rt);
	if (!job_move(store, job, change, &c->round, err))
		return false;
	coordinator_touch(c, job->info.id);
	if (store != memory_jobs_store(c->memory))
		orphans_rest(c, job);
	enum job_state state = job_state_of(job);
	said_put(c, "job moved",
		 (const struct said_pair[SAID_PAIRS]){{"job", job->info.id},
						      {"state", job->info.state},
						      {"target", job->info.target},
						      {"worker", job->worker}});
	/* Its target is free, or it waits itself. */
	c->work_added |= job_state_final(state) || state == JOB_QUEUED || state == JOB_UNKNOWN;
	if (!c->embedded && job_state_final(state) && job->info.bundle_hash != NULL &&
	    store != memory_jobs_store(c->memory))
		return journal_bundle_use_of_job(c->journal, job->info.id, err);
	return true;
}

bool
coordinator_journal(struct coordinator *c, bool create, struct error *err)
{
	if (c->journal != NULL)
		return true;
	if (c->journal_path == NULL)
		return !create || error_set(err, E_JRNL_001,
					    "no journal is configured; only jobs that change "
					    "nothing are accepted");
	if (!journal_open(c->rt, c->journal_path, create, &c->journal, err))
		return false;
	/* A coordinator that was away renews what it did not see being renewed. */
	c->leases_late = !c->embedded;
	c->lapse_at_ns = c->embedded || c->journal == NULL ? RUNTIME_FOREVER : 0;
	if (c->journal == NULL || c->embedded || orphans_adopt(c, err))
		return true;
	/* Without their leases its jobs would stay as they are for ever: open it anew. */
	journal_close(c->journal);
	c->journal = NULL;
	c->lapse_at_ns = RUNTIME_FOREVER;
	return false;
}

const struct job_outcome *
coordinator_outcome(struct coordinator *c, const struct error *why, bool unknown)
{
	struct job_outcome *outcome = arena_new(&c->round, struct job_outcome);

	outcome->unknown = unknown;
	if (why == NULL)
		return outcome;
	outcome->exit_code = why->code->exit_code;
	outcome->error = arena_new(&c->round, struct issue);
	error_to_issue(&c->round, why, outcome->error);
	return outcome;
}

/* ---- the loop ---- */
static struct call *
call_new(struct net_request *r)
{
	struct call *call = arena_new(&r->arena, struct call);

	call->request = r;
	return call;
}

/* What has arrived until now, oldest first. */
static struct call *
drain(struct coordinator *c, uint64_t deadline_ns)
{
	struct call *first = NULL, **end = &first;
	struct net_request *r = c->server->ops->next(c->server, deadline_ns);

	for (int n = 1; r != NULL; n++) {
		*end = call_new(r);
		end = &(*end)->next;
		r = n < GROUP_MAX ? c->server->ops->next(c->server, 0) : NULL;
	}
	return first;
}

/* Whether other processes may do something that somebody here waits for. */
static bool
must_poll(const struct coordinator *c)
{
	return c->journal != NULL && c->embedded &&
	       (leases_deadline(c->leases) != RUNTIME_FOREVER || watchers_of_journal(c));
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
next_deadline(const struct coordinator *c)
{
	uint64_t deadline = earlier(watchers_deadline(c), leases_deadline(c->leases));

	deadline = earlier(deadline, leases_deadline(c->rests));
	deadline = earlier(deadline, c->tidy_at_ns);
	deadline = earlier(deadline, c->lapse_at_ns);
	return must_poll(c) ? earlier(deadline, c->poll_at_ns) : deadline;
}

static void
poll_others(struct coordinator *c)
{
	uint64_t now = runtime_boot_ns(c->rt);

	if (!must_poll(c) || now < c->poll_at_ns)
		return;
	c->poll_at_ns = now + POLL_MS * NS_PER_MS;
	c->touched_all = journal_changed(c->journal);
}

static void
begin_round(struct coordinator *c)
{
	arena_reset(&c->round);
	c->touched = NULL;
	c->touched_count = c->touched_cap = 0;
	c->touched_all = c->work_added = false;
	said_undo(c, &c->said);
	c->page.job = NULL;
	c->crowd -= c->crowd / 8; /* those who were just told ask again in a moment */
	if (c->crowd < c->parked_count)
		c->crowd = c->parked_count;
	fleet_round(c->fleet);
}

/* What grows with time is cut back. What fails is tried again the next time. */
static void
tidy(struct coordinator *c)
{
	const int64_t day_us = (int64_t)24 * 3600 * 1000000;

	if (runtime_boot_ns(c->rt) < c->tidy_at_ns)
		return;
	c->tidy_at_ns = runtime_deadline(c->rt, TIDY_MS);
	memory_jobs_tidy(c->memory);
	if (c->journal == NULL || !journal_begin(c->journal, NULL))
		return;
	int64_t before = c->rt->ops->wall_us(c->rt) - c->retention_days * day_us;
	if (!fleet_save(c->fleet, c->journal, NULL) || !journal_prune_replies(c->journal, NULL) ||
	    (c->retention_days > 0 && !journal_prune(c->journal, before, NULL)) ||
	    !journal_commit(c->journal, NULL))
		journal_rollback(c->journal);
}

/* What this process leaves open can be seen at once by the others, and by its next run. */
static void
leave(struct coordinator *c)
{
	if (c->journal != NULL && c->owner != NULL) {
		const char *mine = owner_id(c->owner);
		struct orphans own = {.dead = {&mine, 1}};
		struct job_set open = {0};

		if (journal_jobs_of_owner(c->journal, &c->round, mine, &open, NULL) &&
		    open.count > 0 && journal_begin(c->journal, NULL)) {
			orphans_settle(c, &own);
			if (!journal_commit(c->journal, NULL))
				journal_rollback(c->journal);
		}
	}
	if (c->journal != NULL && fleet_unsaved(c->fleet) && journal_begin(c->journal, NULL) &&
	    !(fleet_save(c->fleet, c->journal, NULL) && journal_commit(c->journal, NULL)))
		journal_rollback(c->journal);
	owner_close(c->owner);
	c->owner = NULL;
	journal_close(c->journal);
	c->journal = NULL;
}

/* After a pause of this process or machine the renewals that came meanwhile are still unread:
 * nobody may lose a job for that. In embedded mode a lapse has a grace of its own. */
static void
mind_delay(struct coordinator *c, uint64_t due_ns)
{
	uint64_t late_ns = (uint64_t)c->lease_ms * NS_PER_MS / 4;

	if (FAULT(late_loop_blames_workers))
		return;
	/* What was due from the start is not late. */
	if (c->embedded || due_ns == 0 || due_ns == RUNTIME_FOREVER ||
	    runtime_boot_ns(c->rt) <= due_ns + late_ns)
		return;
	leases_anew(c->leases, c->lease_ms);
	c->leases_late = true;
}

void
coordinator_run(struct coordinator *c)
{
	bool stopping = false;

	c->tidy_at_ns = c->embedded ? RUNTIME_FOREVER : runtime_deadline(c->rt, TIDY_MS);
	/* A coordinator of its own goes on with the jobs that it was stopped in. */
	if (!c->embedded)
		(void)!(coordinator_journal(c, false, NULL) &&
			fleet_refresh(c->fleet, c->journal, NULL));
	while (!stopping) {
		uint64_t due = next_deadline(c);
		struct call *arrived = drain(c, due);
		stopping = atomic_load(&c->stopping);
		mind_delay(c, due);
		begin_round(c);
		watchers_drop_gone(c);
		poll_others(c);
		orphans_end_rests(c);
		group_run(c, arrived);
		tidy(c);
		atomic_fetch_add(&c->beat, 1);
	}
	leave(c);
}
