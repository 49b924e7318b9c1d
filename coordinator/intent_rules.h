#ifndef CONFITURE_COORDINATOR_INTENT_RULES_H
#define CONFITURE_COORDINATOR_INTENT_RULES_H

#include "coordinator/conflict.h"
#include "coordinator/intent.h"

/*
 * What is decided about intents, as pure functions: time and all other input come as arguments,
 * nothing is read, nothing is changed.
 */

enum {
	CLAIM_TTL_MS = 30 * 60 * 1000,	       /* of an intent with claims */
	INTENT_TTL_MS = 24 * 60 * 60 * 1000,   /* of one without */
	LANDING_TTL_MS = 7 * 24 * 3600 * 1000, /* of one that is completed and waits to be merged */
	WAITER_TTL_MS = 30 * 1000,	       /* of one that waits: its agent must be there */
	TTL_MAX_MS = 30 * 24 * 3600 * 1000U,
	INTENT_SQL_MAX = 1024 * 1024, /* bytes of all statements */
	INTENT_NAME_MAX = 255,
	INTENTS_PER_AGENT = 20000
};

/* What a draft must be, whoever sends it: INTENT_006 with the reason. */
MUST_USE bool intent_draft_check(const struct intent_draft *draft, int64_t ttl_ms,
				 struct error *err);
/* 1 to 255 bytes of UTF-8 without control characters, or INTENT_006. */
MUST_USE bool intent_agent_check(const char *agent, struct error *err);

/* Whether `said` may speak with the token of `name`: it is NAME, or NAME/… */
bool intent_agent_of_token(const char *said, const char *name);

/* "environment:NAME", "database:ID", or "project". What concerns the whole project concerns every
 * environment of it. */
const char *intent_scope(struct arena *a, const char *environment, const char *database);
bool intent_scope_overlaps(const char *a, const char *b);

/* The same agent in the same worktree is in nobody's way but its own. */
bool intent_same_side(const struct intent *a, const struct intent *b);

/* feature/<name>, as the Python tool makes it. */
const char *intent_branch_stem(struct arena *a, const char *feature);

/* Tables that are changed, in the order of the text, after those that were `typed`. */
void intent_tables(struct arena *a, const struct sql_footprint *f, const char *const *typed,
		   size_t typed_count, struct intent *out);
/* The right to change that is needed for this access. */
bool intent_access_claims(const struct sql_access *access);
/* What an intent with these accesses holds under a number. */
void intent_claims(struct arena *a, const struct sql_footprint *f, int64_t token,
		   const char *expires_at, struct intent *out);
/* The text of a statement, shortened, for people; NULL when it is not to be found. */
const char *intent_statement(struct arena *a, const struct intent *doc, uint32_t statement,
			     uint32_t line, uint32_t statements);
/* All changes as one text: what statement numbers and lines count in. */
const char *intent_text(struct arena *a, const char *const *changes, size_t count);

/* What `landed` does and `planned` did not say, as accesses. */
void intent_exceeds(struct arena *a, const struct sql_footprint *planned,
		    const struct sql_footprint *landed, struct sql_footprint *out);

/*
 * Whether waiting would never end. `names` are agents, edges[i * count + k] says that i waits for
 * k. *cycle: indexes from `start` back to `start`; returns how many, 0: no cycle through `start`.
 */
size_t claim_cycle(struct arena *a, const bool *edges, size_t count, size_t start, size_t **cycle);

#endif
