#ifndef CONFITURE_NET_NNG_H
#define CONFITURE_NET_NNG_H

#include "shared/base/secret.h"
#include "shared/net/net.h"

/*
 * The NNG make of net: REQ/REP over ws:// and wss://. Clients dial, the coordinator listens. A
 * process that has called anything of this header must never fork(); posix_spawn is fine.
 */

/* ---- server ---- */

/* What a connection shows of itself; NULL or an empty secret where it did not. Lives as long as the
 * call that got it. */
struct net_credentials {
	struct secret authorization; /* the header, with its scheme: "Bearer …" */
	const char *client_name;     /* X-Client-CN: worth something only beside the secret */
	struct secret proxy_secret;  /* X-Proxy-Token: what the trusted proxy adds */
	bool loopback;		     /* it comes from this machine */
};

struct net_nng_listen {
	/* ws://ADDRESS:PORT/PATH. An address that is not loopback is refused (CONFIG_005) without
	 * `insecure_bind`. A client must dial the very address that stands here: another Host
	 * header gets no service. "localhost" means 127.0.0.1, for clients too. */
	const char *url;
	bool insecure_bind;
	/*
	 * Who is that? Asked on the loop thread, inside next(), with the first request of a
	 * connection, and for every known connection after net_nng_reauthenticate(). What it puts
	 * into `peer` lives in `arena`, which lasts as long as the connection. False: the request
	 * is refused with `err` and the connection closed.
	 */
	bool (*authenticate)(void *self, const struct net_credentials *shown, struct arena *arena,
			     struct net_peer *peer, struct error *err);
	void *self;
	/* 0 = what stands in the brackets. */
	uint32_t per_connection; /* requests not answered yet [64]; beyond: refused and closed */
	uint32_t in_all;	 /* … of all connections together [20000] */
	uint32_t connections;	 /* [4096] */
	uint32_t idle_ms;	 /* a connection silent for longer is closed [90000] */
	uint32_t send_ms;	 /* one that does not take its replies, too [10000] */
};

MUST_USE struct net_server *net_nng_listen(struct runtime *rt, const struct net_nng_listen *config,
					   struct error *err);
/* From any thread: a token was revoked or the list was read anew. Every connection is asked again
 * who it is in the next call of next(), and closed if the answer is no. */
void net_nng_reauthenticate(struct net_server *server);
/* Stops listening, ends every connection and whatever was not answered. The loop must have ended.
 */
void net_nng_server_free(struct net_server *server);

/*
 * The watchdog. NNG below 1.6 can stop to reap connections: requests are still answered, while
 * descriptors leak. It is looked at every few seconds; a sick server is to be started anew
 * (re-exec), which loses nothing, since clients retry.
 */
struct net_health {
	uint64_t added;	  /* connections so far */
	uint64_t removed; /* of them gone */
	uint64_t stuck;	  /* closed by us more than 30 s ago and still not gone */
	uint64_t outstanding;
	uint64_t refused; /* for limits or identity */
	uint64_t descriptors;
	uint64_t descriptor_limit;
};
enum net_verdict { NET_HEALTHY, NET_CONNECTIONS_STUCK, NET_DESCRIPTORS_SHORT };

void net_nng_health(struct net_server *server, struct net_health *out);
/* Pure. `why` (may be NULL) is a sentence for the log. */
enum net_verdict net_nng_judge(const struct net_health *health, const char **why);

/* ---- client ---- */
struct net_nng_dial {
	const char *const *urls; /* ws:// or wss://, with port and path; tried in turn */
	size_t url_count;
	struct secret token; /* without "Bearer"; may be empty (client certificate) */
	/* wss:// only. All but ca_file may be NULL; without ca_file the system's list counts. */
	const char *ca_file;
	const char *cert_file, *key_file;
	const char *server_name; /* that the certificate must carry; NULL = the URL's host */
	/* A process that has never reached a coordinator gives up a call after that long, however
	 * far its deadline is: for commands. 0 = never, for daemons. */
	uint32_t first_contact_ms;
};

/*
 * Returns at once; connections come up in the background, stay for the life of the process and are
 * made anew whenever they break. False only for a configuration that cannot work (CONFIG_005).
 * Calls are safe from any thread. A call that loses its connection sends the same bytes again until
 * its deadline: requests must be idempotent or carry their key. Nothing answers by then: COORD_001.
 */
MUST_USE struct net_client *net_nng_dial(struct runtime *rt, const struct net_nng_dial *config,
					 struct error *err);
/*
 * For tests under sanitizers; no call may be under way. Programs leave with _exit() instead, since
 * closing a socket that is just connecting hangs for ever.
 */
void net_nng_client_free(struct net_client *client);

/* ---- the guard ---- */
/* True in programs that link the object library `nng_guard`, where it is needed and possible: see
 * nng_guard.c. */
bool net_nng_guarded(void);

#endif
