/*
 * Renewing must go on whatever the work does, and cancelling must not hold up renewing: a cancel
 * request to a server that does not answer can take long. So there are two threads, the second only
 * from the moment that there is something to cancel.
 */
#include "worker/keeper.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/base/faults.h"
#include "worker/pause.h"

#include "shared/base/banned.h"

enum { RENEW_AT_LEAST_MS = 1000, RENEW_AT_MOST_MS = 20 };

struct keeper {
	struct job_control *control;
	struct thread *thread;
	struct thread *canceller; /* NULL until it is needed */
	struct arena arena;
};

/* Waits until `deadline_ns` or until the job has ended; true = it has ended. */
static bool
wait_over(struct job_control *c, uint64_t deadline_ns)
{
	struct runtime *rt = c->rt;

	rt->ops->mutex_lock(rt, c->lock);
	while (!c->over && rt->ops->cond_wait(rt, c->changed, c->lock, deadline_ns))
		;
	bool over = c->over;
	rt->ops->mutex_unlock(rt, c->lock);
	return over;
}

/* A statement that began just after a cancel did not feel it, so the cancel is repeated. */
static void
cancel_until_over(void *arg)
{
	struct job_control *c = arg;
	struct pause pause = {.first_ms = 100, .most_ms = 2000};

	do {
		control_reach(c);
	} while (!wait_over(c, runtime_deadline(c->rt, pause_next_ms(c->rt, &pause))));
}

static uint64_t
renewal_ms(struct job_control *c)
{
	int64_t ms = control_lease_ms(c) / 10;

	if (ms > RENEW_AT_LEAST_MS)
		return RENEW_AT_LEAST_MS;
	return ms < RENEW_AT_MOST_MS ? RENEW_AT_MOST_MS : (uint64_t)ms;
}

/* One try, no longer than a third of the lease. A refusal means that the attempt is no longer ours.
 */
static void
renew(struct keeper *k)
{
	struct job_control *c = k->control;
	struct job_renew ask = {.worker = c->worker, .job = c->job, .attempt = c->attempt};
	uint64_t now = runtime_boot_ns(c->rt);
	struct error err;
	void *reply;

	arena_reset(&k->arena);
	if (FAULT(lease_not_kept))
		return;
	if (!net_call(c->client, MESSAGE_job_renew, &ask,
		      now + (uint64_t)control_lease_ms(c) * NS_PER_MS / 3, &k->arena, &reply,
		      &err)) {
		if (!err.retryable)
			control_fence(c);
		return;
	}
	const struct job_lease *lease = reply;
	control_renewed(c, now, lease->lease_ms);
	if (lease->cancel)
		control_cancel(c);
}

/* Waits for the next renewal; wakes early when the work must end, so that the cancel goes out. */
static bool
wait_turn(struct keeper *k, uint64_t next_ns)
{
	struct job_control *c = k->control;
	struct runtime *rt = c->rt;
	bool started = k->canceller != NULL;

	rt->ops->mutex_lock(rt, c->lock);
	while (!c->over && (started || !(c->cancelled || c->stopping || c->fenced)) &&
	       rt->ops->cond_wait(rt, c->changed, c->lock, next_ns))
		;
	bool over = c->over;
	rt->ops->mutex_unlock(rt, c->lock);
	return !over;
}

static void
keep(void *arg)
{
	struct keeper *k = arg;
	struct job_control *c = k->control;
	uint64_t next = runtime_deadline(c->rt, renewal_ms(c));

	while (wait_turn(k, next)) {
		if (runtime_boot_ns(c->rt) >= next) {
			renew(k);
			next = runtime_deadline(c->rt, renewal_ms(c));
		}
		if (control_ending(c) && k->canceller == NULL)
			k->canceller =
				c->rt->ops->thread_start(c->rt, "cancel", cancel_until_over, c);
	}
}

struct keeper *
keeper_start(struct job_control *control)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	k->control = control;
	arena_init(&k->arena);
	k->thread = control->rt->ops->thread_start(control->rt, "lease", keep, k);
	return k;
}

void
keeper_stop(struct keeper *k)
{
	struct runtime *rt = k->control->rt;

	rt->ops->thread_join(rt, k->thread);
	if (k->canceller != NULL)
		rt->ops->thread_join(rt, k->canceller);
	arena_fini(&k->arena);
	free(k);
}
