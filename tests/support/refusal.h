#ifndef CONFITURE_TESTS_REFUSAL_H
#define CONFITURE_TESTS_REFUSAL_H

#include "tests/support/document.h"
#include "tests/support/project.h"

/*
 * What bad input must lead to: one table row a case. Each is run twice, for people and as JSON, and
 * both times nothing of the project and of its database may have changed.
 */
struct refusal {
	const char *words; /* the command line */
	int exit_code;
	const char *code;	/* error code */
	const char *says;	/* part of the message or of the cause */
	const char *next;	/* part of a next step; NULL: there only must be one */
	const char *schema;	/* of the document; NULL: "error" */
	const char *const *env; /* additions to the environment */
};

/* Stands in URLs where a password would; no output of any command may hold it. */
#define PLANTED_SECRET "pl4nted-s3cret"

void refusal_check(struct project *p, const struct refusal *r);

/* Runs `words` with --format json: exit code, one document, valid against the schema. */
struct document *run_json(struct project *p, const char *words, int exit_code, const char *schema);

/*
 * A text that is another one as soon as a relation, column, function, row or role membership of the
 * project's database, or a byte of its files, is: all but our own bookkeeping (lock holder, fence,
 * steps; the journal), and but an empty ledger. To be freed.
 */
char *project_state(struct project *p);

/* Fails the test where the planted secret shows in what ran last. */
void check_no_secret(const struct process *ran);

#endif
