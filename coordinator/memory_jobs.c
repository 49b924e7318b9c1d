/*
 * Read-only commands are asked often and must cost nothing: no file is opened, no disk is waited
 * for. Their jobs pass through the same handlers and the same state table as all others; only the
 * place where they are kept differs.
 */
#include "coordinator/memory_jobs.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct memory_job {
	struct arena arena;
	struct job job;
	struct job_spec *spec;
	struct job_outcome *outcome;
	struct job_event *events; /* of every attempt, in order */
	size_t event_count, event_cap;
	const char *identity, *key, *request_hash; /* who asked for it; NULL without a key */
	bool old;				   /* had ended when it was last looked at */
	struct memory_job *next;
};

struct memory_jobs {
	struct job_store store; /* first: a store is cast back to this */
	struct memory_job *first, **end;
	size_t count;
};

static struct memory_jobs *
memory_of(struct job_store *s)
{
	return (struct memory_jobs *)s;
}

static struct memory_job *
find_job(const struct memory_jobs *m, const char *id)
{
	struct memory_job *j = m->first;

	while (j != NULL && strcmp(j->job.info.id, id) != 0)
		j = j->next;
	return j;
}

/* All that a job points to, copied. */
static struct job
copy_job(struct arena *a, const struct job *from)
{
	struct job_info *info = record_copy(a, &record_job_info, &from->info);

	return (struct job){.info = *info,
			    .target_key = arena_str(a, from->target_key),
			    .owner = arena_str(a, from->owner),
			    .worker = arena_str(a, from->worker),
			    .lease = {arena_str(a, from->lease.boot_id), from->lease.until_ms},
			    .has_outcome = from->has_outcome,
			    .cancel_asked = from->cancel_asked};
}

static void
free_job(struct memory_job *j)
{
	arena_fini(&j->arena);
	free(j);
}

static void
drop_at(struct memory_jobs *m, struct memory_job **at)
{
	struct memory_job *j = *at;

	*at = j->next;
	if (m->end == &j->next)
		m->end = at;
	m->count--;
	free_job(j);
}

/* Makes room by letting the oldest ended job go. */
static bool
make_room(struct memory_jobs *m, struct error *err)
{
	if (m->count < MEMORY_JOBS_MAX)
		return true;
	for (struct memory_job **at = &m->first; *at != NULL; at = &(*at)->next) {
		if (!job_state_final(job_state_of(&(*at)->job)))
			continue;
		drop_at(m, at);
		return true;
	}
	error_set(err, E_JOB_006, "%d jobs are open: no more are accepted", MEMORY_JOBS_MAX);
	if (err != NULL)
		err->retryable = true;
	return false;
}

static bool
store_add(struct job_store *s, const struct job *job, const struct job_spec *spec,
	  const char *actor, struct error *err)
{
	struct memory_jobs *m = memory_of(s);

	(void)actor;
	if (!make_room(m, err))
		return false;
	struct memory_job *j = calloc(1, sizeof(*j));
	if (j == NULL)
		abort();
	arena_init(&j->arena);
	j->job = copy_job(&j->arena, job);
	j->spec = record_copy(&j->arena, &record_job_spec, spec);
	*m->end = j;
	m->end = &j->next;
	m->count++;
	return true;
}

static bool
store_find(struct job_store *s, struct arena *a, const char *id, struct job **out,
	   struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), id);

	(void)err;
	*out = NULL;
	if (j != NULL) {
		*out = arena_new(a, struct job);
		**out = copy_job(a, &j->job);
	}
	return true;
}

static bool
store_moved(struct job_store *s, const struct job *job, const struct job_change *change,
	    struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), job->info.id);

	if (j == NULL)
		return error_set(err, E_JOB_001, "there is no job %s", job->info.id);
	j->job = copy_job(&j->arena, job);
	if (change->outcome != NULL)
		j->outcome = record_copy(&j->arena, &record_job_outcome, change->outcome);
	return true;
}

static bool
is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* A worker that was lost with a job that only reads leaves nothing behind: another may begin anew.
 * With an outcome it has been given up. */
static bool
waits(const struct job *job)
{
	enum job_state state = job_state_of(job);

	return state == JOB_QUEUED || (state == JOB_UNKNOWN && !job->has_outcome);
}

static bool
store_queued(struct job_store *s, struct arena *a, const char *owner, const char *const *targets,
	     size_t count, struct job **out, struct error *err)
{
	(void)owner;
	(void)err;
	*out = NULL;
	for (struct memory_job *j = memory_of(s)->first; j != NULL; j = j->next) {
		if (!waits(&j->job) || !is_one_of(j->job.info.target, targets, count))
			continue;
		*out = arena_new(a, struct job);
		**out = copy_job(a, &j->job);
		return true;
	}
	return true;
}

static bool
store_spec(struct job_store *s, struct arena *a, const char *id, struct job_spec **out,
	   struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), id);

	(void)err;
	*out = j == NULL ? NULL : record_copy(a, &record_job_spec, j->spec);
	return true;
}

static bool
store_outcome(struct job_store *s, struct arena *a, const char *id, struct job_outcome **out,
	      struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), id);

	(void)err;
	*out = NULL;
	if (j != NULL && j->outcome != NULL)
		*out = record_copy(a, &record_job_outcome, j->outcome);
	return true;
}

static bool
store_append(struct job_store *s, const struct job *job, const struct job_event *events,
	     size_t count, struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), job->info.id);

	if (j == NULL)
		return error_set(err, E_JOB_001, "there is no job %s", job->info.id);
	if (j->event_count + count > MEMORY_EVENTS_MAX)
		return error_set(err, E_JOB_002, "job %s has too many events", job->info.id);
	for (size_t i = 0; i < count; i++) {
		struct job_event *copy = record_copy(&j->arena, &record_job_event, &events[i]);
		j->events = arena_grow(&j->arena, j->events, j->event_count, &j->event_cap,
				       sizeof(*j->events));
		j->events[j->event_count++] = *copy;
	}
	j->job.info.last_seq = job->info.last_seq;
	return true;
}

static bool
event_after(const struct job_event *e, int64_t attempt, int64_t seq)
{
	return e->attempt > attempt || (e->attempt == attempt && e->seq > seq);
}

static bool
store_events(struct job_store *s, struct arena *a, const char *id, int64_t attempt, int64_t seq,
	     size_t limit, struct job_events_page *out, struct error *err)
{
	struct memory_job *j = find_job(memory_of(s), id);
	size_t at = 0;

	(void)err;
	*out = (struct job_events_page){0};
	if (j == NULL)
		return true;
	while (at < j->event_count && !event_after(&j->events[at], attempt, seq))
		at++;
	size_t rest = j->event_count - at, count = rest < limit ? rest : limit;
	out->items = arena_array(a, count, sizeof(struct job_event));
	out->count = count;
	for (size_t i = 0; i < count; i++) {
		struct job_event *copy = record_copy(a, &record_job_event, &j->events[at + i]);
		out->items[i] = *copy;
	}
	return true;
}

static const struct job_store_ops store_ops = {
	.add = store_add,
	.find = store_find,
	.moved = store_moved,
	.queued = store_queued,
	.spec = store_spec,
	.outcome = store_outcome,
	.append = store_append,
	.events = store_events,
};

struct memory_jobs *
memory_jobs_new(void)
{
	struct memory_jobs *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->store.ops = &store_ops;
	m->end = &m->first;
	return m;
}

void
memory_jobs_free(struct memory_jobs *m)
{
	if (m == NULL)
		return;
	for (struct memory_job *j = m->first; j != NULL;) {
		struct memory_job *next = j->next;
		free_job(j);
		j = next;
	}
	free(m);
}

struct job_store *
memory_jobs_store(struct memory_jobs *m)
{
	return &m->store;
}

bool
memory_jobs_has(const struct memory_jobs *m, const char *id)
{
	return find_job(m, id) != NULL;
}

size_t
memory_jobs_with(const struct memory_jobs *m, const char *worker)
{
	size_t count = 0;

	for (const struct memory_job *j = m->first; j != NULL; j = j->next) {
		enum job_state state = job_state_of(&j->job);
		count +=
			(state == JOB_OFFERED || state == JOB_RUNNING || state == JOB_CANCELLING) &&
			strcmp(j->job.worker, worker) == 0;
	}
	return count;
}

void
memory_jobs_tidy(struct memory_jobs *m)
{
	for (struct memory_job **at = &m->first; *at != NULL;) {
		struct memory_job *j = *at;
		if (j->old) {
			drop_at(m, at);
			continue;
		}
		j->old = job_state_final(job_state_of(&j->job));
		at = &j->next;
	}
}

bool
memory_jobs_replay(const struct memory_jobs *m, const char *identity, const char *key,
		   const char *request_hash, const char **job, struct error *err)
{
	*job = NULL;
	for (struct memory_job *j = m->first; j != NULL; j = j->next) {
		if (j->key == NULL || strcmp(j->key, key) != 0 ||
		    strcmp(j->identity, identity) != 0)
			continue;
		if (strcmp(j->request_hash, request_hash) != 0)
			return error_set(err, E_USAGE_001,
					 "the idempotency key %s was used for another request",
					 key);
		*job = j->job.info.id;
		return true;
	}
	return true;
}

void
memory_jobs_remember(struct memory_jobs *m, const char *job, const char *identity, const char *key,
		     const char *request_hash)
{
	struct memory_job *j = find_job(m, job);

	if (j == NULL)
		return;
	j->identity = arena_str(&j->arena, identity);
	j->key = arena_str(&j->arena, key);
	j->request_hash = arena_str(&j->arena, request_hash);
}
