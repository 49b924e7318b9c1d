#ifndef CONFITURE_WORKER_EXECUTION_H
#define CONFITURE_WORKER_EXECUTION_H

#include "worker/job.h"

/*
 * One migration file while it runs: what execute.c, statement.c and outside.c share. The scratch
 * arena is emptied after each statement.
 */
struct execution {
	struct job_run *run;
	struct target *target;
	const struct execute_request *req;
	struct execute_result *out;
	struct body_plan plan;
	struct body *body;
	struct arena scratch;
	uint64_t said_ms; /* when the last event went out */
	uint32_t notices; /* emitted so far */
};

/* ---- statement.c ---- */
/*
 * Runs one statement of the body, counts its rows, passes on its notices, and says that it ran when
 * that is worth an event (`tell`, or it was slow). An error has file, line, column, statement and
 * the server's words; nothing is rolled back here.
 */
MUST_USE bool execution_statement(struct execution *x, const struct body_statement *st, bool tell,
				  struct error *err);
/* Gives an error of the target the place of the statement in its file; returns false. */
bool execution_failed_at(struct execution *x, const struct body_statement *st, struct error *err);
/* The same for BEGIN, the step and COMMIT, which have no statement. */
bool execution_failed(struct execution *x, const char *what, struct error *err);
/* An event that has version, name and file of this migration. */
struct job_event execution_event(const struct execution *x, const char *kind);

/* ---- execute.c ---- */
/* Ends what is open and puts the session back in order; a cancel cannot interrupt it. */
void execution_undo(struct execution *x);
/* COMMIT, and when the connection is lost on the way, the truth: see outcome.h. `*lost`: committed,
 * and the session is gone. `mark` NULL: the step of the request is what is asked for. */
MUST_USE bool execution_commit(struct execution *x, const struct statement_mark *mark, bool *lost,
			       struct error *err);
/* Ends the open transaction: the ledger's row, COMMIT, and the session as it was before. */
MUST_USE bool execution_close(struct execution *x, struct error *err);

/* ---- outside.c ---- */
/* A file with statements that cannot run in a transaction. */
MUST_USE bool outside_run(struct execution *x, struct error *err);

#endif
