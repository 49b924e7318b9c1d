/*
 * Requests that wait: watchers for news of a job, workers for work. They are kept unanswered until
 * there is something to say, shortly before their asker gives up, or until the end of the loop.
 */
#include "coordinator/core.h"

#include <string.h>

#include "shared/base/banned.h"

/* An answer needs a moment on its way; an asker is never left to time out. */
enum { ANSWER_MS = 50, WAIT_MAX_MS = 3600 * 1000 };

bool
watchers_may_wait(struct coordinator *c, struct call *call, int64_t wait_ms)
{
	uint64_t deadline = call->request->deadline_ns;

	if (call->last_chance || wait_ms <= 0 || atomic_load(&c->stopping))
		return false;
	if (call->park_until_ns == 0) {
		if (wait_ms > WAIT_MAX_MS)
			wait_ms = WAIT_MAX_MS;
		call->park_until_ns = runtime_deadline(c->rt, (uint64_t)wait_ms);
		deadline -= deadline > ANSWER_MS * NS_PER_MS ? ANSWER_MS * NS_PER_MS : 0;
		if (deadline < call->park_until_ns)
			call->park_until_ns = deadline;
	}
	return runtime_boot_ns(c->rt) < call->park_until_ns;
}

void
watchers_park(struct coordinator *c, struct call *call)
{
	call->next = c->parked;
	c->parked = call;
	c->parked_count++;
}

void
watchers_put_off(struct coordinator *c, struct call *call)
{
	call->put_off = c->put_off = true;
	watchers_park(c, call);
}

void
watchers_dismiss(struct coordinator *c, const char *worker)
{
	for (struct call *call = c->parked; call != NULL; call = call->next) {
		const struct net_peer *peer = &call->request->peer;
		if (peer->role == NET_WORKER && strcmp(peer->name, worker) == 0)
			call->dismissed = true;
	}
}

static bool
asks_for_work(const struct call *call)
{
	return call->waits_for == NULL && call->request->peer.role == NET_WORKER;
}

/* A connection may be found dead after the worker has come back over a new one. */
static bool
asks_again(const struct coordinator *c, const struct call *gone)
{
	for (const struct call *call = c->parked; call != NULL; call = call->next) {
		if (call != gone && asks_for_work(call) && !call->dismissed &&
		    strcmp(call->request->peer.name, gone->request->peer.name) == 0 &&
		    !net_gone(c->server, call->request))
			return true;
	}
	return false;
}

void
watchers_drop_gone(struct coordinator *c)
{
	for (struct call *call = c->parked; call != NULL; call = call->next) {
		if (!asks_for_work(call) || call->dismissed || !net_gone(c->server, call->request))
			continue;
		call->dismissed = true;
		if (!asks_again(c, call))
			fleet_lost(c->fleet, call->request->peer.name);
	}
}

static bool
is_touched(const struct coordinator *c, const char *job)
{
	for (size_t i = 0; i < c->touched_count; i++) {
		if (strcmp(c->touched[i], job) == 0)
			return true;
	}
	return false;
}

static bool
has_news(const struct coordinator *c, const struct call *call)
{
	if (call->put_off)
		return true;
	if (call->waits_for == NULL)
		return c->work_added || call->dismissed;
	return c->touched_all || is_touched(c, call->waits_for);
}

struct call *
watchers_take_ready(struct coordinator *c)
{
	uint64_t now = runtime_boot_ns(c->rt);
	bool stopping = atomic_load(&c->stopping);
	struct call *ready = NULL;

	for (struct call **at = &c->parked; *at != NULL;) {
		struct call *call = *at;
		call->last_chance = stopping || now >= call->park_until_ns;
		if (!call->last_chance && !has_news(c, call)) {
			at = &call->next;
			continue;
		}
		*at = call->next;
		c->parked_count--;
		call->put_off = false;
		call->next = ready;
		ready = call;
	}
	c->put_off = false;
	return ready;
}

uint64_t
watchers_deadline(const struct coordinator *c)
{
	uint64_t first = RUNTIME_FOREVER;

	if (c->put_off)
		return runtime_boot_ns(c->rt);
	for (const struct call *call = c->parked; call != NULL; call = call->next) {
		if (call->park_until_ns < first)
			first = call->park_until_ns;
	}
	return first;
}

bool
watchers_of_journal(const struct coordinator *c)
{
	for (const struct call *call = c->parked; call != NULL; call = call->next) {
		if (call->waits_for != NULL && !memory_jobs_has(c->memory, call->waits_for))
			return true;
	}
	return false;
}
