/*
 * One thread asks for jobs and parks at the coordinator until there is one. Each job then has
 * threads of its own, so that several targets are served side by side and a long job never keeps
 * the next from being offered; the coordinator decides what may run together.
 */
#include "worker/worker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker/link.h"
#include "worker/pause.h"
#include "worker/running.h"

#include "shared/base/banned.h"

enum { ROOM_LOOK_MS = 5000 };

struct worker {
	struct runtime *rt;
	struct worker_config config;
	bool served;
	struct link *link;
	struct net_client *client;
	struct thread *thread;

	struct mutex *lock;
	struct cond *changed;
	bool stopping; /* takes nothing new; what runs is asked to end */
	bool draining; /* takes nothing new */
	uint64_t alive_ns;
	struct running *jobs[WORKER_JOBS_MOST];
	size_t job_count;
};

static void
lock(struct worker *w)
{
	w->rt->ops->mutex_lock(w->rt, w->lock);
}

static void
unlock(struct worker *w)
{
	w->rt->ops->mutex_unlock(w->rt, w->lock);
}

static void
job_ended(void *self)
{
	struct worker *w = self;

	lock(w);
	w->rt->ops->cond_wake(w->rt, w->changed);
	unlock(w);
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

static size_t
jobs_at_once(const struct worker *w)
{
	return w->config.max_jobs > 0 ? w->config.max_jobs : WORKER_JOBS;
}

/* Frees what ended and waits while there is no room. False when the worker takes nothing new. */
static bool
make_room(struct worker *w)
{
	struct running *x;
	bool go_on;

	lock(w);
	for (;;) {
		w->alive_ns = runtime_boot_ns(w->rt);
		while ((x = take_ended(w)) != NULL) {
			unlock(w);
			running_join(x);
			lock(w);
		}
		go_on = !w->stopping && !w->draining;
		if (!go_on || w->job_count < jobs_at_once(w))
			break;
		w->rt->ops->cond_wait(w->rt, w->changed, w->lock,
				      runtime_deadline(w->rt, ROOM_LOOK_MS));
	}
	unlock(w);
	return go_on;
}

/* An offer that came too late is not begun: it lapses, and somebody else gets it. */
static void
accept_offer(struct worker *w, struct arena *arena, const struct worker_offer *offer)
{
	struct running_config config = {.rt = w->rt,
					.client = w->client,
					.worker = &w->config,
					.served = w->served,
					.ended = job_ended,
					.self = w};

	lock(w);
	bool late = w->draining;
	unlock(w);
	if (late) {
		arena_fini(arena);
		return;
	}
	struct running *x = running_start(&config, arena, offer);
	lock(w);
	w->jobs[w->job_count++] = x;
	if (w->stopping)
		running_stop(x);
	unlock(w);
}

/* One ask. False when the coordinator did not answer, or refused. */
static bool
ask(struct worker *w)
{
	const struct worker_offer *offer;
	struct arena arena;

	arena_init(&arena);
	bool ok = link_ask(w->link, &arena, &offer);
	if (ok && offer->job != NULL && offer->spec != NULL)
		accept_offer(w, &arena, offer);
	else
		arena_fini(&arena);
	return ok;
}

static void
pause_link(struct worker *w, struct pause *pause)
{
	uint64_t until = runtime_deadline(w->rt, pause_next_ms(w->rt, pause));

	lock(w);
	while (!w->stopping && !w->draining &&
	       w->rt->ops->cond_wait(w->rt, w->changed, w->lock, until))
		;
	unlock(w);
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
	assert(config->max_jobs <= WORKER_JOBS_MOST);
	w->rt = rt;
	w->client = client;
	w->config = *config;
	w->served = config->hello != NULL;
	w->config.hello = NULL; /* the link has a copy */
	w->alive_ns = runtime_boot_ns(rt);
	w->lock = rt->ops->mutex_new(rt);
	w->changed = rt->ops->cond_new(rt);
	w->link = link_new(rt, client, config);
	w->thread = rt->ops->thread_start(rt, "link", run_link, w);
	return w;
}

/* ---- ending ---- */
static size_t
running_count(struct worker *w)
{
	size_t count = 0;

	for (size_t i = 0; i < w->job_count; i++)
		count += !running_ended(w->jobs[i]);
	return count;
}

void
worker_serve(struct worker *w, const struct worker_hello *hello)
{
	link_serve(w->link, hello);
	link_greet(w->link);
}

bool
worker_drain(struct worker *w, uint64_t deadline_ns)
{
	lock(w);
	bool first = !w->draining;
	w->draining = true;
	w->rt->ops->cond_wake(w->rt, w->changed);
	unlock(w);
	/* The coordinator ends the ask that is parked with it, and has nobody to offer jobs to. */
	if (first)
		link_greet(w->link);
	lock(w);
	while (running_count(w) > 0 &&
	       w->rt->ops->cond_wait(w->rt, w->changed, w->lock, deadline_ns))
		;
	bool done = running_count(w) == 0;
	unlock(w);
	return done;
}

void
worker_cancel(struct worker *w)
{
	lock(w);
	w->stopping = true;
	for (size_t i = 0; i < w->job_count; i++)
		running_stop(w->jobs[i]);
	w->rt->ops->cond_wake(w->rt, w->changed);
	unlock(w);
}

uint64_t
worker_alive_ns(struct worker *w)
{
	lock(w);
	uint64_t ns = w->alive_ns;
	unlock(w);
	return ns;
}

void
worker_stop(struct worker *w)
{
	if (w == NULL)
		return;
	struct runtime *rt = w->rt;

	worker_cancel(w);
	rt->ops->thread_join(rt, w->thread);
	for (size_t i = 0; i < w->job_count; i++)
		running_join(w->jobs[i]);
	link_free(w->link);
	rt->ops->cond_free(rt, w->changed);
	rt->ops->mutex_free(rt, w->lock);
	free(w);
}
