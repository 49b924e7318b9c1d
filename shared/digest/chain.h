#ifndef CONFITURE_DIGEST_CHAIN_H
#define CONFITURE_DIGEST_CHAIN_H

#include <stdint.h>

#include "shared/digest/digest.h"

/*
 * One event of an audit chain, and what its hash is: over the hash of the event before it and all
 * its fields, each with its length before it, so that no two different events hash alike. The
 * coordinator makes the chain; everybody who holds a copy of it can prove it.
 */
struct chain_event {
	int64_t seq;
	const char *time, *actor, *kind, *subject;
	const char *detail; /* NULL: none */
	const char *body;   /* NULL: none; events of before had none */
};

/* What stands for the hash before the first event. */
extern const char chain_before_all[SHA256_HEX];

void chain_event_hash(const char *prev, const struct chain_event *e, char out[SHA256_HEX]);

#endif
