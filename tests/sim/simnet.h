#ifndef CONFITURE_TESTS_SIM_SIMNET_H
#define CONFITURE_TESTS_SIM_SIMNET_H

#include "shared/net/net.h"
#include "tests/sim/world.h"

/*
 * The simulated make of net: what the NNG make does (requests and answers as bytes of shared/wire
 * over one connection for each client, calls that lose their connection send the same bytes again
 * until their deadline), over a network that is as bad as the seed wants it.
 *
 * Connections are streams: what is cut is cut at a byte, and a message that did not arrive whole
 * did not arrive. With `wild` single messages are lost, repeated and overtake each other as well,
 * which a stream would not let them.
 */
struct simnet;

enum { SIMNET_PLACES = 64 };

struct simnet_rules {
	uint64_t delay_least_ns, delay_most_ns;
	uint32_t slow_once_in; /* a message takes up to `slow_most_ns`; 0 = never */
	uint64_t slow_most_ns;
	bool wild;
	uint32_t lose_once_in, repeat_once_in; /* only with `wild` */
};

/* Every answer that reaches its caller, on the caller's fibre; `reply` NULL: refused. */
struct simnet_watch {
	void (*answered)(void *self, int place, enum message_kind kind, const void *request,
			 const void *reply, const struct error *err);
	void *self;
};

struct simnet *simnet_new(struct world *w, const struct simnet_rules *rules);
void simnet_set_rules(struct simnet *n, const struct simnet_rules *rules);
void simnet_set_watch(struct simnet *n, const struct simnet_watch *watch);

/* From now on this process is the coordinator. */
struct net_server *simnet_listen(struct simnet *n, struct process *p);
/* Requests that wait to be taken by the coordinator, and those that it holds. */
size_t simnet_outstanding(const struct simnet *n);

/* A client somewhere: `place` stays the same when its process is started anew. What `peer` points
 * to must outlive the world. `first_contact_ms`: as net_nng_dial. */
struct net_client *simnet_dial(struct simnet *n, struct process *p, int place,
			       const struct net_peer *peer, uint32_t first_contact_ms);

/* After process_kill(). `silent`: its machine is off, and nobody is told. */
void simnet_gone(struct simnet *n, struct process *p, bool silent);
/* The connection from that place breaks now, at any byte of what is under way. */
void simnet_cut(struct simnet *n, int place);
/* Nothing gets through between that place and the coordinator until then. */
void simnet_part(struct simnet *n, int place, uint64_t until_ns);
/* All is well from now on: connections that only one end believes in are closed. */
void simnet_heal(struct simnet *n);

#endif
