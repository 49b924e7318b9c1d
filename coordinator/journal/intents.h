#ifndef CONFITURE_COORDINATOR_JOURNAL_INTENTS_H
#define CONFITURE_COORDINATOR_JOURNAL_INTENTS_H

#include "coordinator/intent.h"
#include "coordinator/journal/journal.h"

/*
 * Intents, the objects that they are found by, their conflicts and their leases. Rows live in the
 * arena that is given.
 */

/* ---- intents.c ---- */
MUST_USE bool journal_intent_add(struct journal *j, const struct intent_row *row,
				 struct error *err);
/* Keeps the row when its state is still `was`: INTENT_002 else. */
MUST_USE bool journal_intent_save(struct journal *j, const struct intent_row *row,
				  enum intent_state was, struct error *err);
/* By id, or enough of its start to be unique: INTENT_001 when none or several. */
MUST_USE bool journal_intent_find(struct journal *j, struct arena *a, const char *id,
				  struct intent_row *out, struct error *err);
/* The one of exactly that id, or none. */
MUST_USE bool journal_intent_exact(struct journal *j, struct arena *a, const char *id,
				   struct intent_set *out, struct error *err);
/* Open ones of that owner. */
MUST_USE bool journal_intents_owned(struct journal *j, struct arena *a, const char *owner,
				    struct intent_set *out, struct error *err);
MUST_USE bool journal_intent_own(struct journal *j, const char *id, const char *owner,
				 struct error *err);
struct intent_filter {
	const char *state, *agent; /* NULL: any */
	bool open_only;
	int64_t limit;
};
/* Newest first. *total counts those beyond the limit too. */
MUST_USE bool journal_intent_list(struct journal *j, struct arena *a,
				  const struct intent_filter *filter, struct intent_set *out,
				  int64_t *total, struct error *err);
MUST_USE bool journal_intents_open_of(struct journal *j, const char *agent, int64_t *out,
				      struct error *err);
MUST_USE bool journal_intent_branch_taken(struct journal *j, const char *name, bool *out,
					  struct error *err);

/* ---- what they are found by ---- */
MUST_USE bool journal_intent_key_add(struct journal *j, const char *intent, const char *key,
				     struct error *err);
MUST_USE bool journal_intent_keys_drop(struct journal *j, const char *intent, struct error *err);
/* What decides whether it has to be read at all. */
struct intent_brief {
	const char *id, *agent, *worktree /* "" for none */, *scope;
};
struct intent_briefs {
	struct intent_brief *items;
	size_t count, cap;
};
/* Adds those that are not there yet. */
MUST_USE bool journal_intents_by_key(struct journal *j, struct arena *a, const char *key,
				     struct intent_briefs *out, struct error *err);
/* The same for keys between the two, nearest to `after` first, and at most `limit` intents. */
MUST_USE bool journal_intents_by_keys(struct journal *j, struct arena *a, const char *after,
				      const char *before, int64_t limit, struct intent_briefs *out,
				      struct error *err);
struct id_set {
	const char **items;
	size_t count, cap;
};

/* ---- claims.c: numbers, leases and the queue ---- */
/* A number above all that were ever given. */
MUST_USE bool journal_claim_number(struct journal *j, const char *intent, int64_t *out,
				   struct error *err);
/* Intents with claims, in the order in which they got them; of one agent, or NULL. */
MUST_USE bool journal_intents_claiming(struct journal *j, struct arena *a, const char *agent,
				       struct intent_set *out, struct error *err);
/* Whether there are any. */
MUST_USE bool journal_claims_held(struct journal *j, bool *held, struct error *err);
/* Those that wait, first come first. */
MUST_USE bool journal_intents_queued(struct journal *j, struct arena *a, struct intent_set *out,
				     struct error *err);
MUST_USE bool journal_queue_last(struct journal *j, int64_t *out, struct error *err);
/* At most 256 whose lease is over by now. */
MUST_USE bool journal_intents_lapsed(struct journal *j, struct arena *a, struct intent_set *out,
				     struct error *err);
/* Milliseconds of the boot clock; INT_NULL: no lease is running. */
MUST_USE bool journal_intent_next_lapse(struct journal *j, int64_t *out, struct error *err);
/* Leases of another boot or machine count anew, in full; with `all` every one does. */
MUST_USE bool journal_intent_leases_adopt(struct journal *j, bool all, struct error *err);
/* The leases of that agent count anew, where a tenth of them is gone. */
MUST_USE bool journal_intents_renew(struct journal *j, const char *agent, struct error *err);
MUST_USE bool journal_version_reserve(struct journal *j, const struct version_reserve *m,
				      const char *version, const char *agent, bool *got,
				      struct error *err);

/* ---- conflicts.c ---- */
/* Gives it its number. `blocks`: the newer intent is conflicted until somebody looks at it. */
MUST_USE bool journal_conflict_add(struct journal *j, struct intent_conflict *c, bool blocks,
				   struct error *err);
struct conflict_set {
	struct intent_conflict *items;
	size_t count, cap;
};
MUST_USE bool journal_conflicts_of(struct journal *j, struct arena *a, const char *intent,
				   struct conflict_set *out, struct error *err);
/* INTENT_004 when there is none. */
MUST_USE bool journal_conflict_find(struct journal *j, struct arena *a, int64_t id,
				    struct intent_conflict *out, struct error *err);
MUST_USE bool journal_conflict_review(struct journal *j, int64_t id, const char *time,
				      const char *notes, struct error *err);
MUST_USE bool journal_conflicts_with(struct journal *j, struct arena *a, const char *intent,
				     struct id_set *out, struct error *err);
/* Conflicts that this intent found, with an intent that is open, and that nobody looked at. */
MUST_USE bool journal_conflicts_unseen(struct journal *j, const char *intent, int64_t *out,
				       struct error *err);
MUST_USE bool journal_event_last(struct journal *j, int64_t *out, struct error *err);
/* What happened to one intent, or (intent NULL) to all after `since`, at most `limit`. */
MUST_USE bool journal_intent_events(struct journal *j, struct arena *a, const char *intent,
				    int64_t since, int64_t limit, struct intent_events *out,
				    struct error *err);

#endif
