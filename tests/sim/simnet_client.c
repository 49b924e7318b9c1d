/*
 * A client as the NNG make behaves: one connection for all its calls, made anew whenever it breaks,
 * and calls that send the same bytes again until their deadline.
 */
#include <assert.h>
#include <stdlib.h>

#include "shared/wire/codec.h"
#include "tests/sim/simnet_inside.h"

#include "shared/base/banned.h"

enum { BACKOFF_FIRST_MS = 50, BACKOFF_LAST_MS = 1000, REDIAL_LAST_MS = 2000 };

static bool
gave_up(struct sim_client *c, struct error *err)
{
	error_set(err, E_COORD_001, "the coordinator %s",
		  c->pipe != NULL ? "did not answer in time"
		  : c->reached	  ? "was lost"
				  : "cannot be reached");
	if (err != NULL)
		err->retryable = true;
	return false;
}

static void
rest(struct simnet *n, uint64_t ms, uint64_t limit_ns)
{
	uint64_t now = simnet_now(n), ns = ms * NS_PER_MS;

	if (now < limit_ns)
		fiber_sleep(n->world->sched, ns < limit_ns - now ? ns : limit_ns - now);
}

/* One of a client's threads dials, the others wait for it. */
static bool
connect_by(struct sim_client *c, uint64_t limit_ns)
{
	struct simnet *n = c->net;
	struct sched *s = n->world->sched;
	uint64_t backoff_ms = BACKOFF_FIRST_MS * 2;

	while (c->pipe == NULL) {
		if (simnet_now(n) >= limit_ns)
			return false;
		if (c->connecting) {
			(void)fiber_wait(s, &c->changed, limit_ns);
			continue;
		}
		c->connecting = true;
		fiber_sleep(s, simnet_delay(n) * 2);
		c->connecting = false;
		if (n->server != NULL && !simnet_parted(n, c->place)) {
			simnet_open(c);
			break;
		}
		wait_list_wake(s, &c->changed);
		rest(n, backoff_ms, limit_ns);
		backoff_ms = backoff_ms * 2 < REDIAL_LAST_MS ? backoff_ms * 2 : REDIAL_LAST_MS;
	}
	return true;
}

/* Sends and waits, once. */
static void
attempt(struct sim_client *c, struct exchange *x, struct span bytes, uint64_t limit_ns)
{
	struct sched *s = c->net->world->sched;

	*x = (struct exchange){.id = ++c->last_id, .next = c->exchanges, .link = &c->exchanges};
	if (x->next != NULL)
		x->next->link = &x->next;
	c->exchanges = x;
	simnet_send(c->pipe, true, x->id, bytes);
	while (x->state == EXCHANGE_WAITS && fiber_wait(s, &x->changed, limit_ns))
		;
	*x->link = x->next;
	if (x->next != NULL)
		x->next->link = x->link;
}

/* Until the deadline, one connection after another. */
static bool
exchange(struct sim_client *c, struct exchange *x, struct span bytes, uint64_t limit_ns)
{
	uint64_t backoff_ms = BACKOFF_FIRST_MS;
	uint64_t first_ns = simnet_now(c->net) + c->first_contact_ms * NS_PER_MS;

	for (;;) {
		bool first = !c->reached && c->first_contact_ms != 0;
		uint64_t limit = first && first_ns < limit_ns ? first_ns : limit_ns;
		if (!connect_by(c, limit))
			return false;
		attempt(c, x, bytes, limit_ns);
		if (x->state == EXCHANGE_ANSWERED)
			return true;
		if (simnet_now(c->net) >= limit_ns)
			return false;
		rest(c->net, backoff_ms, limit_ns);
		backoff_ms = backoff_ms * 2 < BACKOFF_LAST_MS ? backoff_ms * 2 : BACKOFF_LAST_MS;
	}
}

static bool
take_answer(enum message_kind kind, struct exchange *x, struct arena *arena, void **reply,
	    struct error *err)
{
	int status = WIRE_REPLY;
	void *body = NULL;

	bool ok = wire_decode_reply(arena, span_of(x->bytes, x->len), kind, &status, &body, err);
	free(x->bytes);
	if (!ok)
		return false;
	if (status == WIRE_REFUSAL) {
		error_from_issue(((const struct refusal *)body)->error, err);
		return false;
	}
	*reply = body;
	return true;
}

static bool
sim_call(struct net_client *base, enum message_kind kind, const void *request, uint64_t deadline_ns,
	 struct arena *arena, void **reply, struct error *err)
{
	struct sim_client *c = (struct sim_client *)base;
	struct simnet *n = c->net;
	uint64_t limit_ns = process_world_ns(c->process, deadline_ns), now = simnet_now(n);
	uint64_t left_ms = limit_ns > now ? (limit_ns - now) / NS_PER_MS + 1 : 0;
	struct error mine = {0};
	struct exchange x = {0};
	struct text bytes;

	text_init(&bytes, WIRE_MESSAGE_LIMIT + 1);
	wire_encode_request(&bytes, kind, left_ms < INT32_MAX ? (int64_t)left_ms : INT32_MAX,
			    request);
	bool ok;
	if (bytes.truncated || bytes.len > WIRE_MESSAGE_LIMIT)
		ok = error_set(&mine, E_WIRE_001, "the request is larger than %d bytes",
			       (int)WIRE_MESSAGE_LIMIT);
	else if (!exchange(c, &x, text_span(&bytes), limit_ns))
		ok = gave_up(c, &mine);
	else
		ok = take_answer(kind, &x, arena, reply, &mine);
	text_fini(&bytes);
	if (n->watch.answered != NULL)
		n->watch.answered(n->watch.self, c->place, kind, request, ok ? *reply : NULL,
				  ok ? NULL : &mine);
	if (!ok && err != NULL)
		*err = mine;
	return ok;
}

static const struct net_client_ops client_ops = {.call = sim_call};

struct net_client *
simnet_dial(struct simnet *n, struct process *p, int place, const struct net_peer *peer,
	    uint32_t first_contact_ms)
{
	struct sim_client *c = calloc(1, sizeof(*c));

	assert(place >= 0 && place < SIMNET_PLACES);
	if (c == NULL)
		abort();
	*c = (struct sim_client){.base.ops = &client_ops,
				 .net = n,
				 .process = p,
				 .place = place,
				 .peer = *peer,
				 .first_contact_ms = first_contact_ms,
				 .next = n->clients};
	n->clients = c;
	return &c->base;
}
