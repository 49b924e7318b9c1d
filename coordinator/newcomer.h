#ifndef CONFITURE_COORDINATOR_NEWCOMER_H
#define CONFITURE_COORDINATOR_NEWCOMER_H

#include "coordinator/intents.h"

/*
 * How an intent comes to be, whoever brings it: a document, the conflicts that it meets, and then,
 * in the same transaction, its row, its keys, its first event, and the word to the others.
 */
struct newcomer {
	struct intent_row row;
	const struct sql_footprint *footprint;
	struct intent_finds finds;
	struct conflict_set conflicts;
	bool allow_warnings; /* only errors make it conflicted */
	const char *kind;    /* of its first event */
};

/* A document of a registered intent with an id of its own and no branch yet; in the round's arena,
 * with texts of the draft. The draft was checked. */
void newcomer_document(struct coordinator *c, const struct intent_draft *d, const char *agent,
		       const struct sql_footprint *f, struct intent *out);
/* n->row.doc and n->footprint are there: the rest of the row, with a lease of `ttl_ms`, and a name
 * for its branch when it has none, or one that is taken. */
MUST_USE bool newcomer_complete(struct coordinator *c, struct newcomer *n, const char *owner,
				int64_t ttl_ms, struct error *err);
/* What is in its way, of what is there. */
MUST_USE bool newcomer_look(struct coordinator *c, struct newcomer *n, struct error *err);
/* Into the journal. It is conflicted afterwards when a conflict stands in its way. */
MUST_USE bool newcomer_add(struct coordinator *c, struct newcomer *n, const char *actor,
			   struct error *err);

#endif
