/*
 * The NNG make of a server: one REP socket over ws://. NNG's threads push what arrives into a queue
 * and do nothing else; the loop thread takes it out, learns who asks, decodes, and looks after the
 * connections between two requests (it is the only timer that there is). A peer costs others
 * nothing: what it may have outstanding is bounded, and a connection that is silent, or does not
 * read its replies, is closed.
 */
#include "shared/net/nng_server.h"

#include <assert.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdlib.h>

#include "shared/net/address.h"
#include "shared/net/nng_health.h"
#include "shared/net/nng_threads.h"
#include "shared/wire/codec.h"

#include "shared/base/banned.h"

enum { SWEEP_MS = 500, SWEEP_MOST = 4096, REQUEST_LONGEST_MS = 10 * 60 * 1000 };

void
server_lock(struct nng_server *s)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
}

void
server_unlock(struct nng_server *s)
{
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
}

/* ---- connections come and go: on NNG's threads ---- */
static void
pipe_event(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct nng_server *s = arg;
	bool full = false;

	server_lock(s);
	if (event == NNG_PIPE_EV_ADD_PRE) {
		s->pipes.added++;
		full = s->pipes.count >= s->config.connections;
		if (full)
			s->refused++;
		else
			pipes_add(&s->pipes, pipe, runtime_boot_ns(s->rt));
	} else {
		s->pipes.removed++;
		pipes_remove(&s->pipes, pipe);
	}
	server_unlock(s);
	if (full)
		nng_pipe_close(pipe);
}

/* ---- looking after them: on the loop thread ---- */
static void
ask_again(struct nng_server *s, struct pipe_entry **all, size_t room)
{
	server_lock(s);
	size_t count = pipes_all(&s->pipes, all, room);
	server_unlock(s);
	for (size_t i = 0; i < count; i++) {
		if (!all[i]->known)
			continue;
		all[i]->known = false;
		server_identify(s, all[i]);
		if (all[i]->refusal == NULL)
			continue;
		server_lock(s);
		all[i]->close_at_ns = runtime_boot_ns(s->rt);
		s->refused++;
		server_unlock(s);
	}
}

static void
sweep(struct nng_server *s)
{
	nng_pipe *close = malloc(SWEEP_MOST * sizeof(*close));
	uint64_t now_ns = runtime_boot_ns(s->rt);

	if (close == NULL)
		abort();
	server_lock(s);
	slots_mark_overdue(s, now_ns);
	pipes_drop_gone(&s->pipes);
	size_t count =
		pipes_sweep(&s->pipes, now_ns, s->config.idle_ms * NS_PER_MS, close, SWEEP_MOST);
	s->sweep_ns = now_ns + SWEEP_MS * NS_PER_MS;
	server_unlock(s);
	for (size_t i = 0; i < count; i++)
		nng_pipe_close(close[i]);
	free(close);
	slots_shrink(s);
}

/* Between two requests. */
static void
look_after(struct nng_server *s)
{
	server_lock(s);
	bool again = s->asked_again;
	bool due = again || runtime_boot_ns(s->rt) >= s->sweep_ns;
	uint32_t room = s->pipes.count;
	s->asked_again = false;
	server_unlock(s);
	if (again && room > 0) {
		struct arena a;
		arena_init(&a);
		ask_again(s, arena_array(&a, room, sizeof(struct pipe_entry *)), room);
		arena_fini(&a);
	}
	if (due)
		sweep(s);
	/* Without a new context the old ones go on serving; it is tried again. */
	(void)!slots_top_up(s, NULL);
}

/* ---- answers ---- */
static void
send_refusal(struct slot *slot, const struct error *err)
{
	struct issue issue;
	struct refusal refusal = {.error = &issue};
	struct text out;
	struct arena a;

	arena_init(&a);
	text_init(&out, 0);
	error_to_issue(&a, err, &issue);
	wire_encode_refusal(&out, &refusal);
	slot_send(slot, text_span(&out));
	text_fini(&out);
	arena_fini(&a);
}

/* A held request ends: its arena goes before NNG's threads may use the slot again. */
static void
end_held(struct slot *slot)
{
	struct arena arena = slot->r.arena;

	arena_fini(&arena);
	slot->r = (struct net_request){0};
}

static void
nng_refuse(struct net_server *base, struct net_request *r, const struct error *err)
{
	struct slot *slot = (struct slot *)r;

	(void)base;
	assert(slot->state == SLOT_HELD);
	struct error copy = *err; /* it may lie in the request's own arena */
	end_held(slot);
	send_refusal(slot, &copy);
}

static void
nng_reply(struct net_server *base, struct net_request *r, const void *reply)
{
	struct slot *slot = (struct slot *)r;
	struct text out;

	assert(slot->state == SLOT_HELD);
	text_init(&out, WIRE_MESSAGE_LIMIT + 1);
	wire_encode_reply(&out, r->kind, reply);
	if (out.truncated || out.len > WIRE_MESSAGE_LIMIT) {
		struct error err = {0};
		error_set(&err, E_WIRE_001, "the answer is larger than %d bytes",
			  (int)WIRE_MESSAGE_LIMIT);
		nng_refuse(base, r, &err);
	} else {
		end_held(slot);
		slot_send(slot, text_span(&out));
	}
	text_fini(&out);
}

/* ---- requests ---- */

/* The peer gets words, then the connection ends. */
static void
turn_away(struct nng_server *s, struct slot *slot, struct pipe_entry *e, const struct error *err)
{
	server_lock(s);
	s->refused++;
	if (e->close_at_ns == 0)
		e->close_at_ns = runtime_boot_ns(s->rt) + FAREWELL_NS;
	server_unlock(s);
	send_refusal(slot, err);
}

static bool
asks_too_much(struct nng_server *s, const struct pipe_entry *e, struct error *err)
{
	server_lock(s);
	uint32_t own = e->outstanding, all = s->outstanding;
	server_unlock(s);
	if (own <= s->config.per_connection && all <= s->config.in_all)
		return false;
	error_set(err, E_COORD_001, "the coordinator is busy: %u requests wait for an answer%s",
		  own > s->config.per_connection ? own : all,
		  own > s->config.per_connection ? " on this connection" : "");
	err->retryable = true;
	return true;
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

static bool
decode(struct nng_server *s, struct slot *slot, const struct pipe_entry *e, struct error *err)
{
	struct net_request *r = &slot->r;
	struct span bytes = span_of(nng_msg_body(slot->msg), nng_msg_len(slot->msg));
	int64_t timeout_ms = 0;
	void *body = NULL;

	*r = (struct net_request){0};
	arena_init(&r->arena);
	bool ok = wire_decode_request(&r->arena, bytes, &r->kind, &timeout_ms, &body, err);
	slot_drop_message(slot);
	if (!ok) {
		end_held(slot);
		return false;
	}
	if (timeout_ms < 0 || timeout_ms > REQUEST_LONGEST_MS)
		timeout_ms = REQUEST_LONGEST_MS;
	r->body = body;
	r->deadline_ns = runtime_deadline(s->rt, (uint64_t)timeout_ms);
	copy_peer(&r->arena, &e->peer, &r->peer);
	return true;
}

/* True: the caller may have it. */
static bool
admit(struct nng_server *s, struct slot *slot)
{
	struct error err = {0};

	server_lock(s);
	struct pipe_entry *e = pipes_find(&s->pipes, slot->pipe);
	bool gone = e == NULL || e->closed_ns != 0;
	server_unlock(s);
	if (gone) {
		slot_release(slot);
		return false;
	}
	server_identify(s, e);
	if (e->refusal != NULL) {
		turn_away(s, slot, e, e->refusal);
	} else if (asks_too_much(s, e, &err)) {
		turn_away(s, slot, e, &err);
	} else if (!decode(s, slot, e, &err)) {
		send_refusal(slot, &err);
	} else {
		slot->state = SLOT_HELD;
		return true;
	}
	return false;
}

/* The next one that arrived; NULL when there is none by `deadline_ns`, or `*ended`. */
static struct slot *
take(struct nng_server *s, uint64_t deadline_ns, bool *ended)
{
	struct slot *slot;

	server_lock(s);
	uint64_t until = deadline_ns < s->sweep_ns ? deadline_ns : s->sweep_ns;
	while (s->queue == NULL && !s->woken && !s->asked_again && runtime_boot_ns(s->rt) < until) {
		if (!s->rt->ops->cond_wait(s->rt, s->arrived, s->mutex, until))
			break;
	}
	if ((slot = s->queue) != NULL) {
		s->queue = slot->link;
		if (s->queue == NULL)
			s->queue_end = &s->queue;
	} else {
		*ended = s->woken || runtime_boot_ns(s->rt) >= deadline_ns;
		if (deadline_ns != 0)
			s->woken = false; /* a drain must not swallow it */
	}
	server_unlock(s);
	return slot;
}

static struct net_request *
nng_next(struct net_server *base, uint64_t deadline_ns)
{
	struct nng_server *s = (struct nng_server *)base;

	for (bool ended = false; !ended;) {
		look_after(s);
		struct slot *slot = take(s, deadline_ns, &ended);
		if (slot != NULL && admit(s, slot))
			return &slot->r;
	}
	return NULL;
}

static void
nng_wake(struct net_server *base)
{
	struct nng_server *s = (struct nng_server *)base;

	server_lock(s);
	s->woken = true;
	s->rt->ops->cond_wake(s->rt, s->arrived);
	server_unlock(s);
}

static bool
nng_gone(struct net_server *base, const struct net_request *r)
{
	struct nng_server *s = (struct nng_server *)base;

	server_lock(s);
	const struct pipe_entry *e = pipes_find(&s->pipes, ((const struct slot *)r)->pipe);
	bool gone = e == NULL || e->closed_ns != 0;
	server_unlock(s);
	return gone;
}

void
net_nng_reauthenticate(struct net_server *base)
{
	struct nng_server *s = (struct nng_server *)base;

	server_lock(s);
	s->asked_again = true;
	s->rt->ops->cond_wake(s->rt, s->arrived);
	server_unlock(s);
}

void
net_nng_health(struct net_server *base, struct net_health *out)
{
	struct nng_server *s = (struct nng_server *)base;

	server_lock(s);
	*out = (struct net_health){
		.added = s->pipes.added,
		.removed = s->pipes.removed,
		.stuck = s->pipes.stuck,
		.outstanding = s->outstanding,
		.refused = s->refused,
	};
	server_unlock(s);
	net_health_descriptors(out);
}

/* ---- life ---- */
static const struct net_server_ops server_ops = {
	.next = nng_next,
	.reply = nng_reply,
	.refuse = nng_refuse,
	.wake = nng_wake,
	.gone = nng_gone,
};

static uint32_t
or_default(uint32_t given, uint32_t otherwise)
{
	return given != 0 ? given : otherwise;
}

static struct nng_server *
server_new(struct runtime *rt, const struct net_nng_listen *config)
{
	struct nng_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->base.ops = &server_ops;
	s->rt = rt;
	s->config = *config;
	s->config.url = NULL; /* the caller's */
	s->config.per_connection = or_default(config->per_connection, 64);
	s->config.in_all = or_default(config->in_all, 20000);
	s->config.connections = or_default(config->connections, 4096);
	s->config.idle_ms = or_default(config->idle_ms, 90 * 1000);
	s->config.send_ms = or_default(config->send_ms, 10 * 1000);
	s->mutex = rt->ops->mutex_new(rt);
	s->arrived = rt->ops->cond_new(rt);
	s->queue_end = &s->queue;
	return s;
}

static bool
socket_listen(struct nng_server *s, const char *url, struct error *err)
{
	nng_listener listener;
	int rc = nng_rep0_open(&s->socket);

	if (rc == 0)
		rc = nng_socket_set_size(s->socket, NNG_OPT_RECVMAXSZ, WIRE_MESSAGE_LIMIT);
	if (rc == 0)
		rc = nng_pipe_notify(s->socket, NNG_PIPE_EV_ADD_PRE, pipe_event, s);
	if (rc == 0)
		rc = nng_pipe_notify(s->socket, NNG_PIPE_EV_REM_POST, pipe_event, s);
	if (rc == 0)
		rc = nng_listener_create(&listener, s->socket, url);
	if (rc == 0)
		rc = nng_listener_set_size(listener, NNG_OPT_RECVMAXSZ, WIRE_MESSAGE_LIMIT);
	if (rc == 0)
		rc = nng_listener_set_size(listener, NNG_OPT_WS_RECVMAXFRAME, WIRE_MESSAGE_LIMIT);
	if (rc == 0 && !slots_top_up(s, err))
		return false;
	if (rc == 0)
		rc = nng_listener_start(listener, 0);
	if (rc == 0)
		return true;
	error_set(err, E_COORD_001, "cannot listen at %s", url);
	error_cause(err, "%s", nng_strerror(rc));
	return false;
}

struct net_server *
net_nng_listen(struct runtime *rt, const struct net_nng_listen *config, struct error *err)
{
	struct net_address address;
	struct nng_server *s = NULL;
	struct arena a;

	assert(config->authenticate != NULL);
	arena_init(&a);
	if (!net_address_parse(&a, config->url, &address, err))
		goto out;
	if (address.tls) {
		error_set(err, E_CONFIG_005, "the coordinator itself does not speak TLS: %s",
			  address.url);
		error_hint(err, "listen at a ws:// address of this machine, behind a proxy that "
				"ends TLS");
		goto out;
	}
	if (!address.loopback && !config->insecure_bind) {
		error_set(err, E_CONFIG_005, "%s is not an address of this machine alone",
			  address.url);
		error_hint(err, "listen at ws://127.0.0.1:7432/rpc, behind a proxy that ends TLS\n"
				"--insecure-bind, where nobody else reaches the network");
		goto out;
	}
	net_nng_start_threads();
	s = server_new(rt, config);
	if (!socket_listen(s, address.url, err)) {
		net_nng_server_free(&s->base);
		s = NULL;
	}
out:
	arena_fini(&a);
	return s == NULL ? NULL : &s->base;
}

void
net_nng_server_free(struct net_server *base)
{
	struct nng_server *s = (struct nng_server *)base;

	if (s == NULL)
		return;
	server_lock(s);
	s->ending = true;
	server_unlock(s);
	if (nng_socket_id(s->socket) > 0)
		nng_close(s->socket);
	slots_fini(s);
	pipes_fini(&s->pipes);
	s->rt->ops->cond_free(s->rt, s->arrived);
	s->rt->ops->mutex_free(s->rt, s->mutex);
	free(s);
}
