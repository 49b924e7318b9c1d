#ifndef CONFITURE_WORKER_LINK_H
#define CONFITURE_WORKER_LINK_H

#include "worker/worker.h"

/*
 * What a worker says to the coordinator on its own behalf: who it is, what it serves, and that it
 * has room for a job. link_ask() belongs to one thread; the others may be called from any.
 */
struct link;

struct link *link_new(struct runtime *rt, struct net_client *client,
		      const struct worker_config *config);
void link_free(struct link *l);

/* One ask for a job, after the greeting where that is due; parked at the coordinator. False when it
 * did not come to that, which is logged once. */
MUST_USE bool link_ask(struct link *l, struct arena *arena, const struct worker_offer **offer);
/* What is said and asked for from now on. */
void link_serve(struct link *l, const struct worker_hello *hello);
/* Greets at once, if it can: the coordinator ends the ask that is parked with it. Nothing in
 * embedded mode. */
void link_greet(struct link *l);

#endif
