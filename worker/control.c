/*
 * The state that the threads of one job share. A cancel goes over the network and so must not hold
 * the mutex; instead a session in reach cannot be closed (`reaching`), which keeps the promise that
 * the right backend is cancelled and never another's.
 */
#include "worker/control.h"

#include "shared/base/faults.h"
#include "worker/pause.h"

#include "shared/base/banned.h"

enum { STOP_PATIENCE_MS = 3000, CALL_TIMEOUT_MS = 10000 };

static void
lock(struct job_control *c)
{
	c->rt->ops->mutex_lock(c->rt, c->lock);
}

static void
unlock(struct job_control *c)
{
	c->rt->ops->mutex_unlock(c->rt, c->lock);
}

/* Sets a flag and tells everybody who waits. */
static void
raise_flag(struct job_control *c, bool *flag)
{
	lock(c);
	*flag = true;
	c->rt->ops->cond_wake(c->rt, c->changed);
	unlock(c);
}

void
control_init(struct job_control *c, struct runtime *rt, struct net_client *client,
	     const char *worker, const char *job, int64_t attempt)
{
	*c = (struct job_control){
		.rt = rt, .client = client, .worker = worker, .job = job, .attempt = attempt};
	c->lock = rt->ops->mutex_new(rt);
	c->changed = rt->ops->cond_new(rt);
}

void
control_fini(struct job_control *c)
{
	c->rt->ops->cond_free(c->rt, c->changed);
	c->rt->ops->mutex_free(c->rt, c->lock);
}

void
control_renewed(struct job_control *c, uint64_t from_ns, int64_t lease_ms)
{
	lock(c);
	c->lease_ms = lease_ms;
	if (FAULT(late_renewal_counts))
		c->fenced = false;
	if (from_ns + (uint64_t)lease_ms * NS_PER_MS > c->until_ns)
		c->until_ns = from_ns + (uint64_t)lease_ms * NS_PER_MS;
	unlock(c);
}

int64_t
control_lease_ms(struct job_control *c)
{
	lock(c);
	int64_t ms = c->lease_ms;
	unlock(c);
	return ms;
}

void
control_cancel(struct job_control *c)
{
	raise_flag(c, &c->cancelled);
}

void
control_stop(struct job_control *c)
{
	lock(c);
	if (!c->stopping)
		c->give_up_ns = runtime_deadline(c->rt, STOP_PATIENCE_MS);
	c->stopping = true;
	c->rt->ops->cond_wake(c->rt, c->changed);
	unlock(c);
}

void
control_fence(struct job_control *c)
{
	if (FAULT(lease_ignored))
		return;
	raise_flag(c, &c->fenced);
}

void
control_over(struct job_control *c)
{
	raise_flag(c, &c->over);
}

/* A lease that is over stays over, even when a late renewal comes: another run may have begun. */
static bool
ending_locked(struct job_control *c)
{
	if (FAULT(lease_ignored))
		return c->cancelled || c->stopping;
	if (runtime_boot_ns(c->rt) >= c->until_ns)
		c->fenced = true;
	return c->fenced || c->cancelled || c->stopping;
}

bool
control_ending(struct job_control *c)
{
	lock(c);
	bool ending = ending_locked(c);
	unlock(c);
	return ending;
}

bool
control_go_on(struct job_control *c, struct error *err)
{
	lock(c);
	bool ending = ending_locked(c);
	bool fenced = c->fenced, cancelled = c->cancelled;
	unlock(c);
	if (!ending)
		return true;
	if (cancelled)
		return error_set(err, E_JOB_004, "the job was cancelled");
	if (fenced)
		return error_set(err, E_LOCK_1302,
				 "the lease of this run is over: the coordinator did not hear from "
				 "it in time");
	return error_set(err, E_JOB_004, "the job was cancelled: its worker is being stopped");
}

bool
control_add(struct job_control *c, struct target *t)
{
	lock(c);
	bool room = c->session_count < JOB_SESSIONS;
	if (room)
		c->sessions[c->session_count++] = t;
	unlock(c);
	return room;
}

void
control_remove(struct job_control *c, struct target *t)
{
	lock(c);
	while (c->reaching)
		c->rt->ops->cond_wait(c->rt, c->changed, c->lock, RUNTIME_FOREVER);
	for (size_t i = 0; i < c->session_count; i++) {
		if (c->sessions[i] == t) {
			c->sessions[i] = c->sessions[--c->session_count];
			break;
		}
	}
	unlock(c);
}

void
control_shield(struct job_control *c, bool on)
{
	lock(c);
	while (on && c->reaching)
		c->rt->ops->cond_wait(c->rt, c->changed, c->lock, RUNTIME_FOREVER);
	if (on)
		c->shields++;
	else
		c->shields--;
	unlock(c);
}

void
control_reach(struct job_control *c)
{
	struct target *sessions[JOB_SESSIONS];
	struct error ignored;

	lock(c);
	size_t count = c->shields > 0 ? 0 : c->session_count;
	for (size_t i = 0; i < count; i++)
		sessions[i] = c->sessions[i];
	c->reaching = count > 0;
	unlock(c);
	/* A request that fails is repeated by the caller; the session itself says how it ended. */
	for (size_t i = 0; i < count; i++)
		(void)!sessions[i]->ops->cancel(sessions[i], &ignored);
	lock(c);
	c->reaching = false;
	c->rt->ops->cond_wake(c->rt, c->changed);
	unlock(c);
}

/* One lease beyond its end: a coordinator that comes back takes what is reported late. */
static uint64_t
patience_ends(struct job_control *c)
{
	lock(c);
	uint64_t end = c->until_ns + (uint64_t)c->lease_ms * NS_PER_MS;
	if (c->stopping && c->give_up_ns < end)
		end = c->give_up_ns;
	unlock(c);
	return end;
}

bool
control_call(struct job_control *c, enum message_kind kind, const void *request,
	     struct arena *arena, void **reply, struct error *err)
{
	struct pause pause = {.first_ms = 20, .most_ms = 1000};

	for (;;) {
		uint64_t deadline = runtime_deadline(c->rt, CALL_TIMEOUT_MS);
		uint64_t end = patience_ends(c);
		if (net_call(c->client, kind, request, deadline < end ? deadline : end, arena,
			     reply, err))
			return true;
		if (!err->retryable || runtime_boot_ns(c->rt) >= patience_ends(c))
			return false;
		pause_wait(c->rt, &pause);
	}
}
