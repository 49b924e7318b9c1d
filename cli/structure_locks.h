#ifndef CONFITURE_CLI_STRUCTURE_LOCKS_H
#define CONFITURE_CLI_STRUCTURE_LOCKS_H

#include "cli/structure_documents.h"
#include "shared/schema/plan.h"
#include "shared/sql/effects.h"

/*
 * What the statements of a plan lock, by the table of shared/sql/effects.h, which the planner's
 * room cannot see. What the plan itself makes counts for nothing: nobody uses it yet.
 */
struct statement_locks {
	enum sql_lock lock;	    /* the strongest, at worst */
	enum sql_certainty rewrite; /* of rows that are there */
};

/* One for each statement of the plan, in `arena`. `diff` is what the plan was made of. Sets the
 * remark of each statement that stops readers or writers of what is in use. */
struct statement_locks *structure_locks(struct arena *arena, const struct schema_diff *diff,
					struct schema_plan *plan);

/* For a document: true, false or not known. */
int64_t structure_locks_truth(enum sql_certainty certainty);

#endif
