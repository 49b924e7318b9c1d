/*
 * The in-process make of net: embedded mode runs client, worker and coordinator in one process, and
 * a request is a copy from one arena into another under a mutex. It keeps the distance that a
 * network would keep: nothing is shared after the copy, a caller that gave up is not written to,
 * and a refusal crosses as the record that would travel. Waits go through the runtime alone, so
 * that the simulator runs this file unchanged.
 */
#include "shared/net/net.h"

#include <assert.h>

#include "shared/base/banned.h"

/* A caller that waits; lives on its stack. */
struct call {
	struct call *next;
	struct cond *answered;
	struct arena *arena;
	void *reply;
	struct error *err;
	bool done;
	bool refused;
};

/* Lives in its own arena. `call` is NULL once the caller has given up. */
struct inproc_request {
	struct net_request r; /* first: the server's caller holds this */
	struct inproc_request *link;
	struct call *call;
};

struct inproc_client {
	struct net_client c; /* first */
	struct net_inproc *n;
	struct net_peer peer;
};

struct net_inproc {
	struct net_server server; /* first */
	struct runtime *rt;
	struct arena arena; /* this and the clients */
	struct mutex *mutex;
	struct cond *arrived; /* for the server: a request, a wake */
	struct cond *left;    /* for free: a caller has returned */
	struct inproc_request *queue, **queue_end;
	struct inproc_request *taken; /* handed to the server, not answered */
	struct call *calls;	      /* that wait */
	bool woken;
	bool stopped;
};

static void
lock(struct net_inproc *n)
{
	n->rt->ops->mutex_lock(n->rt, n->mutex);
}

static void
unlock(struct net_inproc *n)
{
	n->rt->ops->mutex_unlock(n->rt, n->mutex);
}

static void
wake(struct net_inproc *n, struct cond *c)
{
	n->rt->ops->cond_wake(n->rt, c);
}

/* ---- requests ---- */
static struct inproc_request *
request_new(const struct inproc_client *c, const struct message_type *type, const void *body,
	    uint64_t deadline_ns)
{
	struct arena arena;
	arena_init(&arena);
	struct inproc_request *q = arena_new(&arena, struct inproc_request);

	q->r.kind = type->kind;
	q->r.body = record_copy(&arena, type->request, body);
	q->r.peer = c->peer;
	q->r.deadline_ns = deadline_ns;
	q->r.arena = arena;
	return q;
}

static void
request_free(struct inproc_request *q)
{
	struct arena arena = q->r.arena;

	arena_fini(&arena);
}

static void
enqueue(struct net_inproc *n, struct inproc_request *q)
{
	*n->queue_end = q;
	n->queue_end = &q->link;
	wake(n, n->arrived);
}

static struct inproc_request *
dequeue(struct net_inproc *n)
{
	struct inproc_request *q = n->queue;

	n->queue = q->link;
	if (n->queue == NULL)
		n->queue_end = &n->queue;
	q->link = n->taken;
	n->taken = q;
	return q;
}

static void
forget_taken(struct net_inproc *n, const struct inproc_request *q)
{
	struct inproc_request **at = &n->taken;

	while (*at != NULL && *at != q)
		at = &(*at)->link;
	assert(*at == q && q != NULL);
	*at = q->link;
}

/* The server may hold the request of a caller that has gone; one that it never saw goes too. */
static void
abandon(struct net_inproc *n, const struct call *call)
{
	for (struct inproc_request *q = n->taken; q != NULL; q = q->link) {
		if (q->call == call)
			q->call = NULL;
	}
	for (struct inproc_request **at = &n->queue; *at != NULL; at = &(*at)->link) {
		struct inproc_request *q = *at;
		if (q->call != call)
			continue;
		*at = q->link;
		if (n->queue_end == &q->link)
			n->queue_end = at;
		request_free(q);
		return;
	}
}

static void
free_requests(struct inproc_request *q)
{
	while (q != NULL) {
		struct inproc_request *next = q->link;
		request_free(q);
		q = next;
	}
}

/* ---- client side ---- */
static void
leave(struct net_inproc *n, struct call *call)
{
	struct call **at = &n->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	wake(n, n->left);
}

/* Queues the request and waits, all under the mutex. After it nobody knows of `call` any more. */
static void
exchange(struct net_inproc *n, struct inproc_request *q, struct call *call)
{
	uint64_t deadline_ns = q->r.deadline_ns;

	q->call = call;
	call->next = n->calls;
	n->calls = call;
	enqueue(n, q);
	while (!call->done && !n->stopped) {
		if (!n->rt->ops->cond_wait(n->rt, call->answered, n->mutex, deadline_ns))
			break;
	}
	if (!call->done)
		abandon(n, call);
	leave(n, call);
}

static bool
gone(struct error *err, const char *what)
{
	error_set(err, E_CONFIG_006, "the coordinator %s", what);
	if (err != NULL)
		err->retryable = true;
	return false;
}

static bool
inproc_call(struct net_client *client, enum message_kind kind, const void *request,
	    uint64_t deadline_ns, struct arena *arena, void **reply, struct error *err)
{
	struct inproc_client *c = (struct inproc_client *)client;
	struct net_inproc *n = c->n;
	struct runtime *rt = n->rt;
	const struct message_type *type = message_type(kind);

	assert(type != NULL);
	struct inproc_request *q = request_new(c, type, request, deadline_ns);
	struct call call = {.answered = rt->ops->cond_new(rt), .arena = arena, .err = err};

	lock(n);
	bool stopped = n->stopped;
	if (stopped)
		request_free(q);
	else
		exchange(n, q, &call);
	stopped = n->stopped;
	unlock(n);
	/* From here on `n` may be gone. */
	rt->ops->cond_free(rt, call.answered);
	if (!call.done)
		return gone(err, stopped ? "has stopped" : "did not answer in time");
	if (call.refused)
		return false;
	*reply = call.reply;
	return true;
}

/* ---- server side ---- */
static struct net_request *
inproc_next(struct net_server *s, uint64_t deadline_ns)
{
	struct net_inproc *n = (struct net_inproc *)s;
	struct inproc_request *q = NULL;

	lock(n);
	while (n->queue == NULL && !n->woken && runtime_boot_ns(n->rt) < deadline_ns) {
		if (!n->rt->ops->cond_wait(n->rt, n->arrived, n->mutex, deadline_ns))
			break;
	}
	if (n->queue != NULL)
		q = dequeue(n);
	else if (deadline_ns != 0)
		n->woken = false; /* a drain must not swallow it */
	unlock(n);
	return q != NULL ? &q->r : NULL;
}

/* The caller of an answered request stops waiting; the request ends. Unlocks. */
static void
finish(struct net_inproc *n, struct inproc_request *q)
{
	struct call *call = q->call;

	forget_taken(n, q);
	if (call != NULL) {
		call->done = true;
		wake(n, call->answered);
	}
	unlock(n);
	request_free(q);
}

static void
inproc_reply(struct net_server *s, struct net_request *r, const void *reply)
{
	struct net_inproc *n = (struct net_inproc *)s;
	struct inproc_request *q = (struct inproc_request *)r;

	lock(n);
	/* The caller sleeps: its arena is ours for as long as we hold the mutex. */
	if (q->call != NULL)
		q->call->reply = record_copy(q->call->arena, message_type(r->kind)->reply, reply);
	finish(n, q);
}

static void
inproc_refuse(struct net_server *s, struct net_request *r, const struct error *err)
{
	struct net_inproc *n = (struct net_inproc *)s;
	struct inproc_request *q = (struct inproc_request *)r;
	struct issue issue;

	error_to_issue(&r->arena, err, &issue);
	lock(n);
	if (q->call != NULL) {
		q->call->refused = true;
		error_from_issue(&issue, q->call->err);
	}
	finish(n, q);
}

static void
inproc_wake(struct net_server *s)
{
	struct net_inproc *n = (struct net_inproc *)s;

	lock(n);
	n->woken = true;
	wake(n, n->arrived);
	unlock(n);
}

static bool
inproc_gone(struct net_server *s, const struct net_request *r)
{
	struct net_inproc *n = (struct net_inproc *)s;

	lock(n);
	bool gone = ((const struct inproc_request *)r)->call == NULL;
	unlock(n);
	return gone;
}

/* ---- life ---- */
static const struct net_client_ops client_ops = {.call = inproc_call};

static const struct net_server_ops server_ops = {
	.next = inproc_next,
	.reply = inproc_reply,
	.refuse = inproc_refuse,
	.wake = inproc_wake,
	.gone = inproc_gone,
};

struct net_inproc *
net_inproc_new(struct runtime *rt)
{
	struct arena arena;
	arena_init(&arena);
	struct net_inproc *n = arena_new(&arena, struct net_inproc);

	n->server.ops = &server_ops;
	n->rt = rt;
	n->mutex = rt->ops->mutex_new(rt);
	n->arrived = rt->ops->cond_new(rt);
	n->left = rt->ops->cond_new(rt);
	n->queue_end = &n->queue;
	n->arena = arena;
	return n;
}

void
net_inproc_stop(struct net_inproc *n)
{
	lock(n);
	n->stopped = true;
	n->woken = true;
	wake(n, n->arrived);
	for (struct call *call = n->calls; call != NULL; call = call->next)
		wake(n, call->answered);
	unlock(n);
}

void
net_inproc_free(struct net_inproc *n)
{
	if (n == NULL)
		return;
	struct runtime *rt = n->rt;

	net_inproc_stop(n);
	lock(n);
	while (n->calls != NULL)
		(void)rt->ops->cond_wait(rt, n->left, n->mutex, RUNTIME_FOREVER);
	unlock(n);
	free_requests(n->queue);
	free_requests(n->taken);
	rt->ops->cond_free(rt, n->left);
	rt->ops->cond_free(rt, n->arrived);
	rt->ops->mutex_free(rt, n->mutex);
	struct arena arena = n->arena;
	arena_fini(&arena);
}

struct net_server *
net_inproc_server(struct net_inproc *n)
{
	return &n->server;
}

struct net_client *
net_inproc_client_of(struct net_inproc *n, const struct net_peer *peer)
{
	lock(n);
	struct inproc_client *c = arena_new(&n->arena, struct inproc_client);
	const char **environments =
		arena_array(&n->arena, peer->environment_count, sizeof(*environments));

	for (size_t i = 0; i < peer->environment_count; i++)
		environments[i] = arena_str(&n->arena, peer->environments[i]);
	c->c.ops = &client_ops;
	c->n = n;
	c->peer = (struct net_peer){.role = peer->role,
				    .name = arena_str(&n->arena, peer->name),
				    .environments = environments,
				    .environment_count = peer->environment_count};
	unlock(n);
	return &c->c;
}

struct net_client *
net_inproc_client(struct net_inproc *n, enum net_role role, const char *name)
{
	struct net_peer peer = {.role = role, .name = name};

	return net_inproc_client_of(n, &peer);
}
