#ifndef CONFITURE_TESTS_READING_HOUSE_H
#define CONFITURE_TESTS_READING_HOUSE_H

#include "shared/digest/digest.h"
#include "tests/unit/coordinator/house.h"

/* Jobs of kind introspect, as a worker that knows them takes and ends them. */

/* What is read; its hash. */
extern const char reading_content[];
extern char reading_sha256[SHA256_HEX];

/* Of a worker that knows the kind; not begun. No job: the offer is empty. */
struct worker_offer *reading_next(struct house *h, const char *target);
/* Submitted, taken, begun. */
struct worker_offer *reading_begin(struct house *h, const char *target);
/* `len` bytes of the content from `offset`; NULL: refused. */
struct structure_kept *reading_put(struct house *h, struct net_client *from,
				   const struct worker_offer *offer, size_t offset, size_t len);
bool reading_end(struct house *h, const struct worker_offer *offer);
/* A piece from `offset` on; NULL: refused. */
struct structure_piece *reading_get(struct house *h, struct net_client *from, const char *job,
				    size_t offset);

/* For the table of rights: one job that reads, and one that has read; the questions about them. */
void reading_world(struct house *h, const char *target);
void *reading_ask_put(void);
void *reading_ask_get(void);

#endif
