#ifndef CONFITURE_NET_NNG_SERVER_H
#define CONFITURE_NET_NNG_SERVER_H

#include "shared/net/nng_pipes.h"

/*
 * The inside of the NNG server, shared by its two files. A slot is one REP context with the one
 * request that it may hold: it receives, arrives in the queue, is held by the coordinator, sends,
 * and receives again. NNG's threads only move slots between these states under the mutex; whatever
 * needs time happens on the loop thread. While the mutex is held nobody calls NNG, whose own locks
 * are held around its callbacks.
 */
enum slot_state { SLOT_IDLE, SLOT_RECEIVING, SLOT_ARRIVED, SLOT_HELD, SLOT_SENDING };

/* A peer that was refused has this long to read why. */
#define FAREWELL_NS (500 * NS_PER_MS)

struct nng_server;

struct slot {
	struct net_request r; /* first: what the coordinator holds */
	struct nng_server *server;
	struct slot *prev, *next; /* of all */
	struct slot *link;	  /* in the queue, or among the idle ones */
	nng_ctx ctx;
	nng_aio *aio; /* one operation at a time */
	nng_msg *msg; /* of the request, until it is decoded */
	enum slot_state state;
	int pipe;
	uint64_t since_ns; /* that it sends */
};

struct nng_server {
	struct net_server base; /* first */
	struct runtime *rt;
	struct net_nng_listen config;
	nng_socket socket;
	struct mutex *mutex;
	struct cond *arrived;
	/* All below are guarded by the mutex. */
	struct pipes pipes;
	struct slot *slots;
	struct slot *queue, **queue_end;
	struct slot *idle;
	uint32_t receiving;
	uint32_t outstanding;
	uint64_t refused;
	uint64_t sweep_ns; /* next time */
	bool woken;
	bool asked_again; /* everybody is to be asked who it is */
	bool ending;
};

void server_lock(struct nng_server *s);
void server_unlock(struct nng_server *s);

/* Loop thread: opens contexts until enough receive; frees those that are idle. */
MUST_USE bool slots_top_up(struct nng_server *s, struct error *err);
void slots_shrink(struct nng_server *s);
/* Loop thread: its bytes are not needed any more. */
void slot_drop_message(struct slot *slot);
/* Loop thread: the request is over without an answer. */
void slot_release(struct slot *slot);
/* Any thread: sends `bytes` as the answer. */
void slot_send(struct slot *slot, struct span bytes);
/* Connections that do not take their replies are to be closed. Mutex held. */
void slots_mark_overdue(struct nng_server *s, uint64_t now_ns);
/* After the socket was closed. */
void slots_fini(struct nng_server *s);

/* Loop thread: asks who that is, unless it is known. */
void server_identify(struct nng_server *s, struct pipe_entry *e);

#endif
