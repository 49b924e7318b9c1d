#ifndef CONFITURE_NET_NNG_HEALTH_H
#define CONFITURE_NET_NNG_HEALTH_H

#include "shared/net/nng.h"

/* Fills in this process's descriptors and their limit. */
void net_health_descriptors(struct net_health *h);

#endif
