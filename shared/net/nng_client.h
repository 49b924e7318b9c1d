#ifndef CONFITURE_NET_NNG_CLIENT_H
#define CONFITURE_NET_NNG_CLIENT_H

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <stdatomic.h>

#include "shared/net/address.h"
#include "shared/net/nng.h"

/* How a client gets to one coordinator. */
struct net_route {
	struct net_address address;
	struct secret header; /* "Authorization: …"; may be empty */
	nng_tls_config *tls;  /* NULL without TLS */
	_Atomic bool hung;    /* a connection made to explain a failure never came to an end */
};

MUST_USE bool net_route_init(struct arena *a, const struct net_nng_dial *config, const char *url,
			     struct net_route *out, struct error *err);
void net_route_fini(struct net_route *route);
/* Why there is no connection: tries to make one, for at most two seconds, and puts what it learns
 * into the cause. */
void net_route_explain(struct net_route *route, struct error *err);

#endif
