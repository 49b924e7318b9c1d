#ifndef CONFITURE_CLI_TARGETS_H
#define CONFITURE_CLI_TARGETS_H

#include "cli/cli.h"
#include "shared/migration/migration.h"
#include "shared/wire/messages.h"

/* One job for each database that a command means, and the one document about all of them. */
struct job_request {
	const char *kind; /* of job_spec */
	struct job_options options;
	struct bundle_info *bundle; /* NULL: the job needs no files */
	const char *migrations_dir; /* NULL with no bundle */
	bool reads;		    /* changes nothing: goes on after a failure */
	bool pending_is_fine;	    /* exit code 1 is an answer and no failure */
	bool verbose;
	bool foreign_journal; /* asked for; options.foreign_journal then is the reason */
	const char *reason;   /* why that, or options.override_claims; NULL: not given */
	bool detach;	      /* submit, tell the job's id, and leave */
	bool lines;	      /* as text, each migration is a line as soon as it is done */
	/* Adds to the outcome what only the CLI knows; may change exit code and error. May be NULL.
	 */
	void (*complete)(struct cli *cli, const struct job_request *request,
			 struct job_outcome *outcome);
};

/* Runs them in name order and prints everything. Returns the command's exit code. */
int targets_run(struct cli *cli, const struct connections *connections,
		const struct job_request *request);

/* Prints how one job ended: the document, or words; returns its exit code. `target` names it in
 * errors; NULL does not. */
int outcome_show(struct cli *cli, const char *target, const struct job_outcome *outcome);

/*
 * What every command with a job does first: limits (--timeout, --idempotency-key) and the folder of
 * the migrations. With `hash` the bundle has the files' SHA-256.
 */
void request_init(struct cli *cli, const struct args *args, const char *kind,
		  struct job_request *out);
MUST_USE bool request_bundle(struct cli *cli, const struct args *args, bool hash,
			     struct job_request *out, struct error *err);

/* The agent that asks: CONFITURE_AGENT_ID, else user@host. */
const char *agent_name(struct cli *cli);

#endif
