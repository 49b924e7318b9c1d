/*
 * One server and its clients. A call and its answer are frames on a pipe; each frame has a timer of
 * its own, and whatever else happens to it (cut, partition, the end of a process) is done to the
 * frames that are under way.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/simnet_inside.h"

#include "shared/base/banned.h"

enum { FRAME_HEAD = 8 };

static void *
need(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

uint64_t
simnet_now(const struct simnet *n)
{
	return sched_now(n->world->sched);
}

bool
simnet_parted(const struct simnet *n, int place)
{
	return n->parted_ns[place] > simnet_now(n);
}

/* ---- frames ---- */
static void
frame_drop(struct frame *f)
{
	struct frame **at = &f->pipe->frames;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	if (f->pipe->frames_end == &f->next)
		f->pipe->frames_end = at;
	timer_disarm(f->pipe->net->world->sched, &f->timer);
	free(f);
}

uint64_t
simnet_delay(struct simnet *n)
{
	struct dice *d = &n->world->dice;

	if (dice_once_in(d, n->rules.slow_once_in))
		return dice_below(d, n->rules.slow_most_ns);
	return dice_between(d, n->rules.delay_least_ns, n->rules.delay_most_ns);
}

static void frame_arrives(void *self);

static void
frame_put(struct pipe *p, bool to_server, uint32_t id, struct span bytes)
{
	struct simnet *n = p->net;
	struct frame *f = malloc(sizeof(*f) + bytes.len);
	uint64_t at = simnet_now(n) + simnet_delay(n), *last = &p->last_ns[to_server];

	if (f == NULL)
		abort();
	*f = (struct frame){.pipe = p, .to_server = to_server, .id = id, .len = bytes.len};
	f->timer.fire = frame_arrives;
	f->timer.self = f;
	memcpy(f->bytes, bytes.ptr, bytes.len);
	*p->frames_end = f;
	p->frames_end = &f->next;
	if (!n->rules.wild && at <= *last)
		at = *last + 1;
	*last = at > *last ? at : *last;
	timer_arm(n->world->sched, &f->timer, at);
}

void
simnet_send(struct pipe *p, bool to_server, uint32_t id, struct span bytes)
{
	struct simnet *n = p->net;
	struct dice *d = &n->world->dice;

	if (n->rules.wild && dice_once_in(d, n->rules.lose_once_in))
		return;
	frame_put(p, to_server, id, bytes);
	if (n->rules.wild && dice_once_in(d, n->rules.repeat_once_in))
		frame_put(p, to_server, id, bytes);
}

/* ---- pipes ---- */
static void
lose_exchanges(struct sim_client *c)
{
	for (struct exchange *x = c->exchanges; x != NULL; x = x->next) {
		if (x->state != EXCHANGE_WAITS)
			continue;
		x->state = EXCHANGE_LOST;
		wait_list_wake(c->net->world->sched, &x->changed);
	}
}

static void
pipe_lose_client(struct pipe *p)
{
	if (!p->client_end)
		return;
	p->client_end = false;
	p->client->pipe = NULL;
	lose_exchanges(p->client);
	wait_list_wake(p->net->world->sched, &p->client->changed);
}

static void
pipe_close(struct pipe *p)
{
	while (p->frames != NULL)
		frame_drop(p->frames);
	p->server_end = false;
	pipe_lose_client(p);
}

void
simnet_open(struct sim_client *c)
{
	struct pipe *p = need(sizeof(*p));

	*p = (struct pipe){.net = c->net,
			   .client = c,
			   .server = c->net->server,
			   .client_end = true,
			   .server_end = true,
			   .next = c->net->pipes};
	p->frames_end = &p->frames;
	c->net->pipes = p;
	c->pipe = p;
	c->reached = true;
	wait_list_wake(c->net->world->sched, &c->changed);
}

/* ---- arrivals ---- */
static void
arrive_at_server(struct frame *f)
{
	struct sim_server *s = f->pipe->server;
	struct sim_request *q = need(sizeof(*q));

	q->pipe = f->pipe;
	q->id = f->id;
	q->frame = malloc(sizeof(*f) + f->len);
	if (q->frame == NULL)
		abort();
	memcpy(q->frame, f, sizeof(*f) + f->len);
	*s->queue_end = q;
	s->queue_end = &q->link;
	s->outstanding++;
	f->pipe->outstanding++;
	wait_list_wake(s->net->world->sched, &s->arrived);
}

static void
arrive_at_client(struct frame *f)
{
	struct exchange *x = f->pipe->client->exchanges;

	while (x != NULL && x->id != f->id)
		x = x->next;
	if (x == NULL || x->state != EXCHANGE_WAITS)
		return;
	x->bytes = malloc(f->len + 1);
	if (x->bytes == NULL)
		abort();
	memcpy(x->bytes, f->bytes, f->len);
	x->len = f->len;
	x->state = EXCHANGE_ANSWERED;
	wait_list_wake(f->pipe->net->world->sched, &x->changed);
}

static void
frame_arrives(void *self)
{
	struct frame *f = self;
	struct pipe *p = f->pipe;
	struct simnet *n = p->net;

	if (simnet_parted(n, p->client->place)) {
		timer_arm(n->world->sched, &f->timer,
			  n->parted_ns[p->client->place] + simnet_delay(n));
		return;
	}
	if (f->to_server && !p->server_end) {
		/* Nobody knows this connection any more; a machine that is on says so. */
		bool refused = !n->host_off;
		frame_drop(f);
		if (refused)
			pipe_close(p);
		return;
	}
	trace_mark(n->world->trace, simnet_now(n), f->id << 1 | f->to_server);
	if (f->to_server)
		arrive_at_server(f);
	else if (p->client_end)
		arrive_at_client(f);
	frame_drop(f);
}

/* ---- faults ---- */
struct simnet *
simnet_new(struct world *w, const struct simnet_rules *rules)
{
	struct simnet *n = need(sizeof(*n));

	n->world = w;
	n->rules = *rules;
	return n;
}

void
simnet_set_rules(struct simnet *n, const struct simnet_rules *rules)
{
	n->rules = *rules;
}

void
simnet_set_watch(struct simnet *n, const struct simnet_watch *watch)
{
	n->watch = *watch;
}

/* What had left before the cut arrives, up to a byte of its stream. */
static void
deliver_until_cut(struct pipe *p, bool to_server)
{
	size_t total = 0, at = 0;

	for (struct frame *f = p->frames; f != NULL; f = f->next)
		total += f->to_server == to_server ? FRAME_HEAD + f->len : 0;
	size_t cut = dice_below(&p->net->world->dice, total + 1);
	for (struct frame *f = p->frames, *next; f != NULL; f = next) {
		next = f->next;
		if (f->to_server != to_server)
			continue;
		at += FRAME_HEAD + f->len;
		if (at > cut)
			return;
		if (to_server && p->server_end)
			arrive_at_server(f);
		else if (!to_server && p->client_end)
			arrive_at_client(f);
		frame_drop(f);
	}
}

static void
client_gone(struct sim_client *c, bool silent)
{
	struct pipe *p = c->pipe;

	/* Its exchanges lie on stacks that are gone. */
	c->exchanges = NULL;
	c->changed.first = NULL;
	if (p == NULL)
		return;
	if (silent) {
		p->client_end = false;
		c->pipe = NULL;
	} else {
		deliver_until_cut(p, true);
		pipe_close(p);
	}
}

static void
server_gone(struct simnet *n, struct sim_server *s, bool silent)
{
	n->server = NULL;
	n->host_off = silent;
	for (struct pipe *p = n->pipes; p != NULL; p = p->next) {
		if (p->server != s)
			continue;
		if (silent) {
			p->server_end = false;
			continue;
		}
		deliver_until_cut(p, false);
		pipe_close(p);
	}
}

void
simnet_gone(struct simnet *n, struct process *p, bool silent)
{
	if (n->server != NULL && n->server->process == p)
		server_gone(n, n->server, silent);
	for (struct sim_client *c = n->clients; c != NULL; c = c->next) {
		if (c->process == p)
			client_gone(c, silent);
	}
}

void
simnet_cut(struct simnet *n, int place)
{
	for (struct pipe *p = n->pipes; p != NULL; p = p->next) {
		if (p->client->place != place || !p->client_end)
			continue;
		deliver_until_cut(p, true);
		deliver_until_cut(p, false);
		pipe_close(p);
	}
}

void
simnet_part(struct simnet *n, int place, uint64_t until_ns)
{
	n->parted_ns[place] = until_ns;
}

void
simnet_heal(struct simnet *n)
{
	memset(n->parted_ns, 0, sizeof(n->parted_ns));
	for (struct pipe *p = n->pipes; p != NULL; p = p->next) {
		if (p->client_end != p->server_end)
			pipe_close(p);
	}
}
