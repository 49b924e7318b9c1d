#ifndef CONFITURE_NET_NET_H
#define CONFITURE_NET_NET_H

#include "shared/base/runtime.h"
#include "shared/wire/messages.h"

/*
 * Requests and replies between CLI or worker (clients) and the coordinator (server), as two small
 * tables of functions. Makes: in-process (embedded mode; here), NNG and simulated ones beside it. A
 * request is a record of MESSAGES; the reply is the record that the table names for it, or
 * `refusal`.
 */

/* ---- client side: thread-safe; any number of calls may wait at once ---- */
struct net_client;

struct net_client_ops {
	/*
	 * Sends `request` (of kind `kind`) and waits for its reply until `deadline_ns` on the boot
	 * clock. The reply is copied into `arena`. A refusal comes back as false with `err` filled
	 * from it. The coordinator gone or silent: CONFIG_006, retryable.
	 */
	bool (*call)(struct net_client *c, enum message_kind kind, const void *request,
		     uint64_t deadline_ns, struct arena *arena, void **reply, struct error *err);
};

struct net_client {
	const struct net_client_ops *ops;
};

static inline MUST_USE bool
net_call(struct net_client *c, enum message_kind kind, const void *request, uint64_t deadline_ns,
	 struct arena *arena, void **reply, struct error *err)
{
	return c->ops->call(c, kind, request, deadline_ns, arena, reply, err);
}

/* ---- server side: one loop thread ---- */
/* NET_OPERATOR may do all that NET_CLIENT may. */
enum net_role { NET_CLIENT, NET_WORKER, NET_OPERATOR };

/* Who asks, established by the connection and never by the message. All of it lives as long as the
 * request. */
struct net_peer {
	enum net_role role;
	const char *name;
	/* A worker's: those that it may serve. Empty: not restricted by the connection. */
	const char *const *environments;
	size_t environment_count;
};

/*
 * A request that has arrived and was not answered yet. It belongs to the server's caller until
 * net_reply() or net_refuse(), which end it; it may be kept (parked) as long as it takes.
 */
struct net_request {
	enum message_kind kind;
	const void *body;
	struct net_peer peer;
	struct arena arena;   /* for whatever lives as long as the request */
	uint64_t deadline_ns; /* the asker gives up then; a parked request is answered before it */
	struct net_request *next; /* for the holder's lists */
};

struct net_server;

struct net_server_ops {
	/*
	 * Waits until a request is there, `deadline_ns` passes, or net_server_wake() is called;
	 * NULL in the last two cases. Call again with a deadline of 0 to drain what has arrived;
	 * that never uses up a wake.
	 */
	struct net_request *(*next)(struct net_server *s, uint64_t deadline_ns);
	/* `reply` is a record of the type the table names for the request's kind; copied before
	 * return. */
	void (*reply)(struct net_server *s, struct net_request *r, const void *reply);
	void (*refuse)(struct net_server *s, struct net_request *r, const struct error *err);
	void (*wake)(struct net_server *s);
	/* Whether the asker's connection has ended, so that nobody would read an answer; the
	 * request still has to be ended. NULL: this make cannot tell. */
	bool (*gone)(struct net_server *s, const struct net_request *r);
};

struct net_server {
	const struct net_server_ops *ops;
};

static inline bool
net_gone(struct net_server *s, const struct net_request *r)
{
	return s->ops->gone != NULL && s->ops->gone(s, r);
}

/* ---- the in-process make ---- */
struct net_inproc;

struct net_inproc *net_inproc_new(struct runtime *rt);
/* Stops, waits until every caller has returned, and frees what the server left unanswered. The
 * server's loop must have ended and no new call may begin. */
void net_inproc_free(struct net_inproc *n);
/* From now on every call, waiting or new, fails with CONFIG_006; the server is woken once. A
 * request that the server holds stays valid until it ends it. For shutting down in order. */
void net_inproc_stop(struct net_inproc *n);
struct net_server *net_inproc_server(struct net_inproc *n);
/* A new client with this identity; lives as long as `n`. `name` is copied. */
struct net_client *net_inproc_client(struct net_inproc *n, enum net_role role, const char *name);
/* The same for a peer with all that a connection may know of it. */
struct net_client *net_inproc_client_of(struct net_inproc *n, const struct net_peer *peer);

/*
 * ---- errors as records, both ways ----
 * Whatever an error holds comes back. A detail's dotted key names a field of error_details
 * ("holder.pid"); one that has no field becomes a line of `notes`, and comes back as text.
 * Remediation is the hint's lines, else the remedy of the code's row; CRITICAL is shown as "error".
 */
void error_to_issue(struct arena *a, const struct error *err, struct issue *out);
void error_from_issue(const struct issue *issue, struct error *err);

#endif
