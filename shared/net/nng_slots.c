/*
 * REP contexts, opened on demand: a parked request keeps its context for as long as it is parked,
 * so a fixed number of them would be a number of watchers beyond which nobody is served. A few
 * always receive; after a burst those that are too many are closed again.
 */
#include "shared/net/nng_server.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { SPARE = 8, SPARE_MOST = 64 };

/* ---- NNG's threads: under the mutex unless said otherwise ---- */
static void
touch(struct slot *slot, int change)
{
	struct nng_server *s = slot->server;
	struct pipe_entry *e = pipes_find(&s->pipes, slot->pipe);

	s->outstanding += (uint32_t)change;
	if (e == NULL)
		return;
	e->outstanding += (uint32_t)change;
	e->last_ns = runtime_boot_ns(s->rt);
}

static void
rest(struct slot *slot)
{
	slot->state = SLOT_IDLE;
	slot->link = slot->server->idle;
	slot->server->idle = slot;
}

/* True: it is to receive now, once the mutex is released. */
static bool
rest_or_receive(struct slot *slot)
{
	struct nng_server *s = slot->server;

	if (s->ending || s->receiving >= SPARE_MOST) {
		rest(slot);
		return false;
	}
	slot->state = SLOT_RECEIVING;
	s->receiving++;
	return true;
}

/* True: the request is in the queue, and the message its. */
static bool
received(struct slot *slot, nng_msg *msg)
{
	struct nng_server *s = slot->server;

	s->receiving--;
	if (msg == NULL || s->ending) {
		rest(slot);
		return false;
	}
	slot->msg = msg;
	slot->pipe = nng_pipe_id(nng_msg_get_pipe(msg));
	slot->state = SLOT_ARRIVED;
	slot->link = NULL;
	*s->queue_end = slot;
	s->queue_end = &slot->link;
	touch(slot, 1);
	s->rt->ops->cond_wake(s->rt, s->arrived);
	return true;
}

static void
slot_done(void *arg)
{
	struct slot *slot = arg;
	struct nng_server *s = slot->server;
	bool ok = nng_aio_result(slot->aio) == 0;
	nng_msg *msg = nng_aio_get_msg(slot->aio); /* what could not be sent is still ours */
	bool again = false;

	server_lock(s);
	if (slot->state == SLOT_SENDING) {
		touch(slot, -1);
		again = rest_or_receive(slot);
	} else if (received(slot, ok ? msg : NULL)) {
		msg = NULL;
	}
	server_unlock(s);
	if (msg != NULL)
		nng_msg_free(msg);
	if (again)
		nng_ctx_recv(slot->ctx, slot->aio);
}

/* ---- the loop thread ---- */
void
slot_drop_message(struct slot *slot)
{
	if (slot->msg != NULL)
		nng_msg_free(slot->msg);
	slot->msg = NULL;
}

static struct slot *
slot_open(struct nng_server *s)
{
	struct slot *slot = calloc(1, sizeof(*slot));

	if (slot == NULL)
		abort();
	slot->server = s;
	if (nng_ctx_open(&slot->ctx, s->socket) != 0) {
		free(slot);
		return NULL;
	}
	if (nng_aio_alloc(&slot->aio, slot_done, slot) != 0)
		abort();
	return slot;
}

/* It is in no list any more, or all threads of NNG are done with the socket. */
static void
slot_free(struct slot *slot)
{
	nng_ctx_close(slot->ctx);
	nng_aio_free(slot->aio); /* waits for the callback */
	slot_drop_message(slot);
	if (slot->state == SLOT_HELD) {
		struct arena arena = slot->r.arena;
		arena_fini(&arena);
	}
	free(slot);
}

static void
enlist(struct slot *slot)
{
	struct nng_server *s = slot->server;

	slot->next = s->slots;
	if (s->slots != NULL)
		s->slots->prev = slot;
	s->slots = slot;
}

static void
delist(struct slot *slot)
{
	struct slot **at = slot->prev != NULL ? &slot->prev->next : &slot->server->slots;

	*at = slot->next;
	if (slot->next != NULL)
		slot->next->prev = slot->prev;
}

/* Mutex held. */
static struct slot *
take_idle(struct nng_server *s)
{
	struct slot *slot = s->idle;

	if (slot != NULL)
		s->idle = slot->link;
	return slot;
}

bool
slots_top_up(struct nng_server *s, struct error *err)
{
	for (;;) {
		server_lock(s);
		bool enough = s->receiving >= SPARE;
		struct slot *slot = enough ? NULL : take_idle(s);
		server_unlock(s);
		if (enough)
			return true;
		bool fresh = slot == NULL;
		if (fresh && (slot = slot_open(s)) == NULL)
			return error_set(err, E_INTERNAL_ERROR, "no more REP contexts");
		server_lock(s);
		if (fresh)
			enlist(slot);
		slot->state = SLOT_RECEIVING;
		s->receiving++;
		server_unlock(s);
		nng_ctx_recv(slot->ctx, slot->aio);
	}
}

void
slots_shrink(struct nng_server *s)
{
	for (;;) {
		server_lock(s);
		struct slot *slot = take_idle(s);
		if (slot != NULL)
			delist(slot);
		server_unlock(s);
		if (slot == NULL)
			return;
		slot_free(slot);
	}
}

void
slot_release(struct slot *slot)
{
	struct nng_server *s = slot->server;

	slot_drop_message(slot);
	server_lock(s);
	touch(slot, -1);
	bool again = rest_or_receive(slot);
	server_unlock(s);
	if (again)
		nng_ctx_recv(slot->ctx, slot->aio);
}

void
slot_send(struct slot *slot, struct span bytes)
{
	struct nng_server *s = slot->server;
	nng_msg *msg;

	if (nng_msg_alloc(&msg, bytes.len) != 0)
		abort();
	memcpy(nng_msg_body(msg), bytes.ptr, bytes.len);
	slot_drop_message(slot);
	server_lock(s);
	slot->state = SLOT_SENDING;
	slot->since_ns = runtime_boot_ns(s->rt);
	server_unlock(s);
	nng_aio_set_msg(slot->aio, msg);
	nng_ctx_send(slot->ctx, slot->aio);
}

void
slots_mark_overdue(struct nng_server *s, uint64_t now_ns)
{
	uint64_t patience = s->config.send_ms * NS_PER_MS;

	for (const struct slot *slot = s->slots; slot != NULL; slot = slot->next) {
		if (slot->state != SLOT_SENDING || now_ns - slot->since_ns <= patience)
			continue;
		struct pipe_entry *e = pipes_find(&s->pipes, slot->pipe);
		if (e != NULL && e->close_at_ns == 0)
			e->close_at_ns = now_ns;
	}
}

void
slots_fini(struct nng_server *s)
{
	for (struct slot *slot = s->slots, *next; slot != NULL; slot = next) {
		next = slot->next;
		slot_free(slot);
	}
	s->slots = s->idle = NULL;
}
