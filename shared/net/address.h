#ifndef CONFITURE_NET_ADDRESS_H
#define CONFITURE_NET_ADDRESS_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"

/* Where a coordinator is: ws://HOST[:PORT][/PATH] or wss://…. */
#define NET_PATH "/rpc"

struct net_address {
	bool tls;
	bool loopback;	  /* an address of this machine only; a name is not, but "localhost" */
	const char *host; /* without brackets; "localhost" reads as 127.0.0.1 without TLS */
	const char *port;
	const char *url; /* whole, with port and path */
};

/* CONFIG_005 in words for anything else, also for user names, queries and percent escapes. */
MUST_USE bool net_address_parse(struct arena *a, const char *url, struct net_address *out,
				struct error *err);

#endif
