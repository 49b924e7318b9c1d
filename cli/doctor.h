#ifndef CONFITURE_CLI_DOCTOR_H
#define CONFITURE_CLI_DOCTOR_H

#include "cli/cli.h"
#include "cli/documents.h"

/* What the doctor has found so far, and the parts of the examination. */
struct doctor {
	struct cli *cli;
	const struct args *args;
	struct doctor_result result;
	size_t cap;
	int exit_code; /* of the worst failure */
};

/* `status` is ok, warn or fail; `target` may be NULL. */
void doctor_note(struct doctor *d, const char *name, const char *target, const char *status,
		 const char *fmt, ...) PRINTF_LIKE(5, 6);
/* An error as a finding, with its code and next steps. */
void doctor_error(struct doctor *d, const char *name, const char *target, const char *status,
		  const struct error *err);

/* doctor_project.c: the project's files and settings, and the journal. `out` gets the databases
 * that can be asked. */
void doctor_files(struct doctor *d);
void doctor_settings(struct doctor *d, struct connections *out);
void doctor_journal(struct doctor *d);

/* doctor_journal.c: what a coordinator said of its journal; `file` NULL: one elsewhere. */
void doctor_report(struct doctor *d, const char *file, const struct audit_report *r);
/* Whether one that is not there yet can be made. */
struct journal_place;
void doctor_future_journal(struct doctor *d, const struct journal_place *place);

/* doctor_remote.c: the same with a coordinator elsewhere. False when it is of no use to go on. */
bool doctor_coordinator(struct doctor *d);
bool doctor_remote_targets(struct doctor *d, struct connections *out);
void doctor_remote_target(struct doctor *d, const struct connection_target *target);

/* doctor_target.c: one database. */
void doctor_target(struct doctor *d, const struct connection_target *target);

#endif
