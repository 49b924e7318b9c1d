#ifndef CONFITURE_COORDINATOR_INTENT_H
#define CONFITURE_COORDINATOR_INTENT_H

#include "coordinator/intent_states.h"
#include "coordinator/job_rules.h"
#include "shared/base/arena.h"
#include "shared/base/runtime.h"
#include "shared/wire/messages.h"

/*
 * An intent as the coordinator's core works with it: what everybody sees, and what decides about
 * it. Its claims are no rows of their own: it holds all that its footprint needs, or nothing, under
 * one number.
 */
struct intent_row {
	struct intent doc;     /* without claims and footprint: intent_document() */
	const char *owner;     /* identity that registered it */
	const char *scope;     /* where it conflicts: scope_overlaps() */
	const char *footprint; /* JSON of an intent_objects */
	int64_t ttl_ms;
	struct lease lease;	/* boot_id NULL: it is not open any more */
	int64_t lease_wall_us;	/* when the lease ends, for people */
	int64_t token;		/* INT_NULL: holds no claims */
	const char *claimed_at; /* NULL with token INT_NULL */
	int64_t queue;		/* place among those that wait; INT_NULL: does not wait */
};

struct intent_set {
	struct intent_row *items;
	size_t count, cap;
};

/* clang-format off */
/* What a footprint is at rest. */
#define RECORD_intent_objects(F) \
	F(1, RECORDS, footprint_access, accesses, 0, "") \
	F(2, RECORDS, unjudged, unjudged, 0, "") \
	F(3, INT, _, statements, 0, "")
RECORD_DECLARE(intent_objects)
/* What the audit log says of an intent. No statement text. */
#define RECORD_intent_audit(F) \
	F(1, TEXT, _, agent, OPTIONAL, "") \
	F(2, TEXT, _, from, OPTIONAL, "") \
	F(3, TEXT, _, to, OPTIONAL, "") \
	F(4, TEXT, _, reason, OPTIONAL, "") \
	F(5, TEXTS, _, others, OPTIONAL, "") \
	F(6, TEXTS, _, objects, OPTIONAL, "") \
	F(7, INT, _, token, OPTIONAL, "") \
	F(8, TEXT, _, environment, OPTIONAL, "")
RECORD_DECLARE(intent_audit)
/* clang-format on */

enum intent_state intent_state_of(const struct intent_row *row);

#endif
