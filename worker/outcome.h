#ifndef CONFITURE_WORKER_OUTCOME_H
#define CONFITURE_WORKER_OUTCOME_H

#include "worker/job.h"

/*
 * The connection was lost while COMMIT was on its way: asks the target, in a new session that does
 * nothing else, whether it took effect, once the old session is surely gone. What is asked for is
 * `mark` being DONE, or, when that is NULL, step number `step` of this attempt. JOB_003 when the
 * target cannot be asked in time.
 */
MUST_USE bool outcome_ask(struct job_run *r, uint32_t step, const struct statement_mark *mark,
			  bool *committed, struct error *err);

#endif
