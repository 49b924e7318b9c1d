#ifndef CONFITURE_CLI_JOB_IDS_H
#define CONFITURE_CLI_JOB_IDS_H

#include "cli/cli.h"
#include "cli/session.h"
#include "shared/wire/messages.h"

/* The job that the user means by an id or by the start of one, and everything about it. JOB_001
 * when there is none, USAGE_001 when several begin like that. */
MUST_USE bool job_find(struct cli *cli, const char *typed, struct job_shown **out,
		       struct error *err);

/* Whether a state is one that nothing follows: succeeded, failed, cancelled. */
bool job_has_ended(const char *state);

#endif
