#ifndef CONFITURE_WORKER_SETTLING_H
#define CONFITURE_WORKER_SETTLING_H

#include "shared/digest/digest.h"
#include "worker/execution.h"

/* A file outside transactions while it runs: outside.c runs the file, settling.c a statement that
 * has no transaction. */
struct outside {
	struct execution *x;
	struct statement_mark *marks; /* of earlier runs */
	size_t mark_count;
	const struct statement_mark *mark; /* of the statement at hand; NULL = none */
	char sha256[SHA256_HEX];	   /* of its text */
};

/* Runs a statement that cannot run in a transaction so that it can be settled later, after settling
 * what an earlier run left of it. */
MUST_USE bool settling_run(struct outside *o, const struct body_statement *st, struct error *err);

/* outside.c */
MUST_USE bool outside_mark(struct outside *o, const struct body_statement *st,
			   enum mark_state state, struct error *err);
MUST_USE bool outside_locked(struct outside *o, const struct body_statement *st, struct error *err);

#endif
