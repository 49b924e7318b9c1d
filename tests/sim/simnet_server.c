/* The coordinator's end: requests queue until its loop takes them, as the NNG make has it. */
#include <assert.h>
#include <stdlib.h>

#include "shared/wire/codec.h"
#include "tests/sim/simnet_inside.h"

#include "shared/base/banned.h"

enum { PER_CONNECTION = 64, REQUEST_LONGEST_MS = 10 * 60 * 1000 };

static void
request_end(struct sim_server *s, struct sim_request *q)
{
	struct arena arena = q->r.arena;

	s->outstanding--;
	q->pipe->outstanding--;
	arena_fini(&arena);
	free(q->frame);
	free(q);
}

static void
answer(struct sim_server *s, struct sim_request *q, struct text *out)
{
	struct pipe *p = q->pipe;

	if (p->server_end && p->server == s)
		simnet_send(p, false, q->id, text_span(out));
	text_fini(out);
	request_end(s, q);
}

static void
sim_refuse(struct net_server *base, struct net_request *r, const struct error *err)
{
	struct issue issue;
	struct refusal refusal = {.error = &issue};
	struct text out;

	text_init(&out, 0);
	error_to_issue(&r->arena, err, &issue);
	wire_encode_refusal(&out, &refusal);
	answer((struct sim_server *)base, (struct sim_request *)r, &out);
}

static void
sim_reply(struct net_server *base, struct net_request *r, const void *reply)
{
	struct error err = {0};
	struct text out;

	text_init(&out, WIRE_MESSAGE_LIMIT + 1);
	wire_encode_reply(&out, r->kind, reply);
	if (!out.truncated && out.len <= WIRE_MESSAGE_LIMIT) {
		answer((struct sim_server *)base, (struct sim_request *)r, &out);
		return;
	}
	text_fini(&out);
	error_set(&err, E_WIRE_001, "the answer is larger than %d bytes", (int)WIRE_MESSAGE_LIMIT);
	sim_refuse(base, r, &err);
}

static void
copy_peer(struct arena *a, const struct net_peer *from, struct net_peer *to)
{
	const char **environments = arena_array(a, from->environment_count, sizeof(char *));

	*to = *from;
	to->name = arena_str(a, from->name);
	for (size_t i = 0; i < from->environment_count; i++)
		environments[i] = arena_str(a, from->environments[i]);
	to->environments = environments;
}

/* False: it was answered. */
static bool
admit(struct sim_server *s, struct sim_request *q)
{
	struct net_request *r = &q->r;
	struct error err = {0};
	int64_t timeout_ms = 0;
	void *body = NULL;

	arena_init(&r->arena);
	if (q->pipe->outstanding > PER_CONNECTION) {
		error_set(&err, E_COORD_001, "the coordinator is busy: %u requests wait",
			  q->pipe->outstanding);
		err.retryable = true;
	} else if (wire_decode_request(&r->arena, span_of(q->frame->bytes, q->frame->len), &r->kind,
				       &timeout_ms, &body, &err)) {
		if (timeout_ms < 0 || timeout_ms > REQUEST_LONGEST_MS)
			timeout_ms = REQUEST_LONGEST_MS;
		r->body = body;
		r->deadline_ns = runtime_deadline(&s->process->rt, (uint64_t)timeout_ms);
		copy_peer(&r->arena, &q->pipe->client->peer, &r->peer);
		return true;
	}
	sim_refuse(&s->base, r, &err);
	return false;
}

static struct sim_request *
dequeue(struct sim_server *s)
{
	struct sim_request *q = s->queue;

	s->queue = q->link;
	if (s->queue == NULL)
		s->queue_end = &s->queue;
	q->link = NULL;
	return q;
}

static struct net_request *
sim_next(struct net_server *base, uint64_t deadline_ns)
{
	struct sim_server *s = (struct sim_server *)base;
	struct world *w = s->net->world;
	uint64_t limit_ns = process_world_ns(s->process, deadline_ns);

	for (;;) {
		while (s->queue == NULL && !s->woken && fiber_wait(w->sched, &s->arrived, limit_ns))
			;
		if (s->queue == NULL) {
			if (deadline_ns != 0)
				s->woken = false; /* a drain must not swallow it */
			return NULL;
		}
		struct sim_request *q = dequeue(s);
		/* Whether the end of its connection is seen first is a matter of luck. */
		if (!q->pipe->server_end && dice_once_in(&w->dice, 2))
			request_end(s, q);
		else if (admit(s, q))
			return &q->r;
	}
}

static void
sim_wake(struct net_server *base)
{
	struct sim_server *s = (struct sim_server *)base;

	s->woken = true;
	wait_list_wake(s->net->world->sched, &s->arrived);
}

static const struct net_server_ops server_ops = {
	.next = sim_next,
	.reply = sim_reply,
	.refuse = sim_refuse,
	.wake = sim_wake,
};

struct net_server *
simnet_listen(struct simnet *n, struct process *p)
{
	struct sim_server *s = calloc(1, sizeof(*s));

	assert(n->server == NULL);
	if (s == NULL)
		abort();
	*s = (struct sim_server){.base.ops = &server_ops, .net = n, .process = p};
	s->queue_end = &s->queue;
	n->server = s;
	n->host_off = false;
	return &s->base;
}

size_t
simnet_outstanding(const struct simnet *n)
{
	return n->server != NULL ? n->server->outstanding : 0;
}
