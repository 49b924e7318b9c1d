#ifndef CONFITURE_COORDINATOR_INTENTS_H
#define CONFITURE_COORDINATOR_INTENTS_H

#include "coordinator/api.h"
#include "coordinator/intent_rules.h"
#include "coordinator/journal/intents.h"

/*
 * What all requests about intents have in common, on the loop's thread and, unless it says
 * otherwise, inside the write transaction.
 */

/* What waiting requests are touched by: any change of any intent. */
#define INTENTS_TOPIC "intents"

/* ---- intents.c: who asks, time, moves ---- */

/* The agent that the request speaks for, in the round's arena: INTENT_003 when it may not,
 * INTENT_006 when it is no name. */
MUST_USE bool intents_agent(struct coordinator *c, const struct call *call, const char *said,
			    const char **out, struct error *err);
/* Whether the asker may move that intent: INTENT_003. */
MUST_USE bool intents_may_move(struct coordinator *c, const struct call *call, const char *said,
			       const struct intent_row *row, struct error *err);
/* Before anything else: what has lapsed ends, and the asker's leases count anew. `agent` NULL:
 * nobody's do. */
MUST_USE bool intents_turn(struct coordinator *c, const char *agent, struct error *err);
/* After leases were given: when the next one ends is known anew. */
MUST_USE bool intents_look_ahead(struct coordinator *c, struct error *err);
/* When the next lease ends; for the loop. */
uint64_t intents_deadline(const struct coordinator *c);
bool intents_due(const struct coordinator *c);

/* A change of an intent together with what it brings. */
struct intent_change {
	enum intent_trigger trigger;
	const char *actor;
	const char *reason; /* NULL: the table's words */
	const char *kind;   /* of the event; NULL: intent.<trigger> */
	bool drop_claims;
	int64_t ttl_ms; /* a new lease; 0: as it is */
};
/* The one way to change an intent's state: along the table, compare-and-set, with its event, its
 * claims and what its end means for others. */
MUST_USE bool intents_move(struct coordinator *c, struct intent_row *row,
			   const struct intent_change *change, struct error *err);
/* Gives it a lease from now, in the row only. */
void intents_lease(struct coordinator *c, struct intent_row *row, int64_t ttl_ms);
MUST_USE bool intents_grant(struct coordinator *c, struct intent_row *row, const char *actor,
			    struct error *err);
struct intent_note {
	const char *kind, *intent, *actor;
	struct intent_audit audit;
	const enum journal_image *rows; /* of the intent, that it tells of */
	size_t row_count;
};
MUST_USE bool intents_note(struct coordinator *c, const struct intent_note *note,
			   struct error *err);
/* As everybody sees it: with claims, footprint, lease and conflicts. */
MUST_USE bool intents_document(struct coordinator *c, struct intent_row *row, struct intent **out,
			       struct error *err);

/* ---- intent_search.c: who is in whose way ---- */
struct intent_side {
	const struct intent *doc; /* agent, worktree, typed tables, schema_changes */
	const char *scope;
	const struct sql_footprint *footprint;
};
struct intent_found {
	struct intent_row other;
	struct sql_footprint other_footprint;
	enum conflict_severity worst;
	uint32_t line;			   /* in the asking text, of the worst */
	struct intent_conflict *conflicts; /* intent_a empty: see intents_record() */
	size_t count;
};
struct intent_finds {
	struct intent_found *items;
	size_t count, cap;
	enum conflict_severity worst;
};
/* Open intents of others that conflict; `id` NULL or the asking intent's own. Only reads. */
MUST_USE bool intents_search(struct coordinator *c, const struct intent_side *side, const char *id,
			     struct intent_finds *out, struct error *err);
/* All conflicts in one list. */
void intents_list_conflicts(struct coordinator *c, const struct intent_finds *finds,
			    struct conflict_set *out);
/* Those that stand between `side` and its claims: error severity, and the other holds claims or
 * stands earlier in the queue. `queue` INT_NULL: not in the queue yet. */
void intents_blockers(struct coordinator *c, const struct intent_finds *finds, int64_t queue,
		      struct intent_finds *out);
/* CLAIM_001 with the holders. */
bool intents_refuse(struct coordinator *c, const struct intent_finds *blockers, struct error *err);
/* CLAIM_004 when `agent`, waiting for `blockers`, would wait for itself. */
MUST_USE bool intents_check_cycle(struct coordinator *c, const char *agent,
				  const struct intent_finds *blockers, struct error *err);
/* The keys under which accesses are found. */
MUST_USE bool intents_index(struct coordinator *c, const char *id, const struct sql_footprint *f,
			    const struct intent *doc, struct error *err);

/* ---- what is read before the transaction ---- */
/* For call->prepared of register and check, of merge, of job_check, and, one for each intent, of
 * registry_import. */
struct intent_reading {
	struct sql_footprint footprint;
};
MUST_USE bool intents_prepare(struct coordinator *c, struct call *call, struct error *err);

#endif
