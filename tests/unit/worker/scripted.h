#ifndef CONFITURE_TESTS_UNIT_WORKER_SCRIPTED_H
#define CONFITURE_TESTS_UNIT_WORKER_SCRIPTED_H

#include "shared/net/net.h"

/* A coordinator that answers as a test says: one thread that hands every request to `answer`. */
struct scripted {
	struct runtime *rt;
	struct net_inproc *net;
	struct net_server *server;
	struct net_client *client; /* a worker's */
	struct thread *thread;
	struct mutex *lock;
	struct cond *changed;
	bool stop;
	void (*answer)(struct scripted *s, struct net_request *r);
	void *self;
};

void scripted_start(struct scripted *s, void (*answer)(struct scripted *, struct net_request *),
		    void *self);
void scripted_stop(struct scripted *s);
void scripted_reply(struct scripted *s, struct net_request *r, const void *reply);
void scripted_refuse(struct scripted *s, struct net_request *r, enum error_id id, bool retryable);

#endif
