#ifndef CONFITURE_TESTS_BENCH_HOUSE_H
#define CONFITURE_TESTS_BENCH_HOUSE_H

#include "shared/net/nng.h"
#include "tests/support/fleet.h"

/*
 * The benchmarks' own ends of the wire: clients and workers that speak the real protocol through
 * the real library, where the programs would measure something else as well.
 */

/* A connection with that token, up and greeted. */
struct net_client *bench_dial(const char *url, const char *token);
/* A call that must succeed; the reply lies in `arena`. */
void *bench_call(struct net_client *c, enum message_kind kind, const void *request,
		 struct arena *arena);
/* Submits under a fresh key. */
void bench_submit(struct net_client *c, const struct job_spec *spec, char job[ID_TEXT]);
/* Follows from the start to the end; how many events came. */
int64_t bench_follow(struct net_client *c, const char *job);

#endif
