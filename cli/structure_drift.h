#ifndef CONFITURE_CLI_STRUCTURE_DRIFT_H
#define CONFITURE_CLI_STRUCTURE_DRIFT_H

#include "cli/structure_documents.h"
#include "shared/schema/diff.h"

/* A difference between a database (from) and its files (to) as drift: what is wrong with the
 * database, and how badly. */
struct drift_rules {
	bool grants;	/* privileges count */
	bool owners;	/* owners count */
	bool warn_only; /* a missing grant is no more than a warning */
};

/* Fills the items and all counts. */
void structure_drift(struct arena *arena, const struct schema_diff *d,
		     const struct drift_rules *rules, struct drift_result *out);

#endif
