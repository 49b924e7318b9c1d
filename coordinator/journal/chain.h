#ifndef CONFITURE_COORDINATOR_JOURNAL_CHAIN_H
#define CONFITURE_COORDINATOR_JOURNAL_CHAIN_H

#include "coordinator/journal/query.h"
#include "shared/digest/chain.h"

/*
 * The chain of audit events. Each event's hash covers all its fields and the hash of the event
 * before it, so an event that was altered, removed or slipped in breaks the chain at its place. Now
 * and then the hash of an event is noted as a mark beside the chain: who opens a journal walks from
 * the newest mark on, whoever verifies it walks all of it.
 */
enum { CHAIN_MARK_EVERY = 1024 };

struct link {
	struct chain_event event;
	const char *prev, *hash;
};

/* A place in the chain: after event `seq`, whose hash is `hash`. */
struct chain_place {
	int64_t seq;
	char hash[SHA256_HEX];
};
extern const struct chain_place chain_start;

/* What is wrong with a link, given the one before; NULL: it fits. */
const char *chain_problem(const struct link *l, const struct chain_place *before);
/* At most `limit` links after `since`, and no more of them than fit into `bytes`, but one. */
MUST_USE bool chain_read(struct journal *j, struct arena *a, int64_t since, int64_t limit,
			 size_t bytes, struct link **out, size_t *count, struct error *err);
/* The newest event; chain_start without any. */
MUST_USE bool chain_head_of(struct journal *j, struct chain_place *out, struct error *err);
/* *hash is empty when there is no such event. */
MUST_USE bool chain_hash_at(struct journal *j, int64_t seq, char hash[SHA256_HEX],
			    struct error *err);

struct chain_walk {
	struct chain_place at; /* the last link that is in order */
	const char *problem;   /* of the link after it; NULL: that was all */
};
/* From `from` to the end of the chain. */
MUST_USE bool chain_walk(struct journal *j, const struct chain_place *from, struct chain_walk *out,
			 struct error *err);

/* ---- marks ---- */
/* Notes the place when a mark is due there. */
MUST_USE bool chain_mark(struct journal *j, const struct chain_place *place, struct error *err);
/* The first mark that is not an event's hash; 0: none. */
MUST_USE bool chain_marks_check(struct journal *j, int64_t *bad, struct error *err);
/* At open: from the newest mark to the end. AUDIT_001 names the event that does not fit. */
MUST_USE bool chain_check_end(struct journal *j, struct error *err);

#endif
