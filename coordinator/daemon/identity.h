#ifndef CONFITURE_COORDINATOR_DAEMON_IDENTITY_H
#define CONFITURE_COORDINATOR_DAEMON_IDENTITY_H

#include "shared/net/net.h"

/*
 * agent:NAME, operator:NAME, worker:NAME@ENV[,ENV…]: what a token is made out to, and what stands
 * as common name in a client certificate. Names and environments: letters, digits, "._+-", at most
 * 64.
 */
MUST_USE bool identity_parse(struct arena *arena, const char *text, struct net_peer *out,
			     struct error *err);

#endif
