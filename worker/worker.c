/*
 * One thread asks for jobs and parks at the coordinator until there is one. Each job then has
 * threads of its own, so that several targets are served side by side and a long job never keeps
 * the next from being offered; the coordinator decides what may run together.
 */
#include "worker/worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "worker/pause.h"
#include "worker/running.h"

#include "shared/base/banned.h"

enum { PARK_MS = 20000, PARK_GRACE_MS = 10000, JOBS_AT_ONCE = 16 };

struct worker {
	struct runtime *rt;
	struct net_client *client;
	struct worker_config config;
	struct thread *thread;

	struct mutex *lock;
	struct cond *changed;
	bool stopping;
	struct running *jobs[JOBS_AT_ONCE];
	size_t job_count;
};

static void
job_ended(void *self)
{
	struct worker *w = self;

	w->rt->ops->mutex_lock(w->rt, w->lock);
	w->rt->ops->cond_wake(w->rt, w->changed);
	w->rt->ops->mutex_unlock(w->rt, w->lock);
}

/* Takes one job that has ended off the list; NULL when there is none. Under the lock. */
static struct running *
take_ended(struct worker *w)
{
	for (size_t i = 0; i < w->job_count; i++) {
		struct running *x = w->jobs[i];
		if (running_ended(x)) {
			w->jobs[i] = w->jobs[--w->job_count];
			return x;
		}
	}
	return NULL;
}

/* Frees what ended and waits while there is no room. False when the worker is stopping. */
static bool
make_room(struct worker *w)
{
	struct running *x;
	bool go_on;

	w->rt->ops->mutex_lock(w->rt, w->lock);
	for (;;) {
		while ((x = take_ended(w)) != NULL) {
			w->rt->ops->mutex_unlock(w->rt, w->lock);
			running_join(x);
			w->rt->ops->mutex_lock(w->rt, w->lock);
		}
		go_on = !w->stopping;
		if (!go_on || w->job_count < JOBS_AT_ONCE)
			break;
		w->rt->ops->cond_wait(w->rt, w->changed, w->lock, RUNTIME_FOREVER);
	}
	w->rt->ops->mutex_unlock(w->rt, w->lock);
	return go_on;
}

static void
accept_offer(struct worker *w, struct arena *arena, const struct worker_offer *offer)
{
	struct running_config config = {.rt = w->rt,
					.client = w->client,
					.worker = &w->config,
					.ended = job_ended,
					.self = w};
	struct running *x = running_start(&config, arena, offer);

	w->rt->ops->mutex_lock(w->rt, w->lock);
	w->jobs[w->job_count++] = x;
	if (w->stopping)
		running_stop(x);
	w->rt->ops->mutex_unlock(w->rt, w->lock);
}

/* One ask. False when the coordinator did not answer. */
static bool
ask(struct worker *w)
{
	struct worker_next next = {.worker = w->config.name, .wait_ms = PARK_MS};
	struct arena arena;
	struct error err;
	void *reply;

	next.targets.items = w->config.targets;
	next.targets.count = w->config.target_count;
	arena_init(&arena);
	bool ok = net_call(w->client, MESSAGE_worker_next, &next,
			   runtime_deadline(w->rt, PARK_MS + PARK_GRACE_MS), &arena, &reply, &err);
	const struct worker_offer *offer = ok ? reply : NULL;
	if (offer != NULL && offer->job != NULL && offer->spec != NULL)
		accept_offer(w, &arena, offer);
	else
		arena_fini(&arena);
	return ok;
}

static void
pause_link(struct worker *w, struct pause *pause)
{
	uint64_t until = runtime_deadline(w->rt, pause_next_ms(w->rt, pause));

	w->rt->ops->mutex_lock(w->rt, w->lock);
	while (!w->stopping && w->rt->ops->cond_wait(w->rt, w->changed, w->lock, until))
		;
	w->rt->ops->mutex_unlock(w->rt, w->lock);
}

static void
run_link(void *arg)
{
	const struct pause fresh = {.first_ms = 50, .most_ms = 5000};
	struct worker *w = arg;
	struct pause pause = fresh;

	while (make_room(w)) {
		if (ask(w))
			pause = fresh;
		else
			pause_link(w, &pause);
	}
}

struct worker *
worker_start(struct runtime *rt, struct net_client *client, const struct worker_config *config)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	w->rt = rt;
	w->client = client;
	w->config = *config;
	w->lock = rt->ops->mutex_new(rt);
	w->changed = rt->ops->cond_new(rt);
	w->thread = rt->ops->thread_start(rt, "link", run_link, w);
	return w;
}

void
worker_stop(struct worker *w)
{
	if (w == NULL)
		return;
	struct runtime *rt = w->rt;

	rt->ops->mutex_lock(rt, w->lock);
	w->stopping = true;
	for (size_t i = 0; i < w->job_count; i++)
		running_stop(w->jobs[i]);
	rt->ops->cond_wake(rt, w->changed);
	rt->ops->mutex_unlock(rt, w->lock);
	rt->ops->thread_join(rt, w->thread);
	for (size_t i = 0; i < w->job_count; i++)
		running_join(w->jobs[i]);
	rt->ops->cond_free(rt, w->changed);
	rt->ops->mutex_free(rt, w->lock);
	free(w);
}
