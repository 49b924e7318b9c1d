#ifndef CONFITURE_COORDINATOR_JOURNAL_SEAL_H
#define CONFITURE_COORDINATOR_JOURNAL_SEAL_H

#include "coordinator/journal/query.h"
#include "shared/digest/digest.h"

/*
 * The stream of a job's events lies outside the audit chain; its count and hash are sealed in the
 * job's last audit event, so that a changed stream is seen as well.
 */
struct seal {
	int64_t events;
	char sha256[SHA256_HEX];
};
MUST_USE bool seal_of(struct journal *j, const char *job, struct seal *out, struct error *err);
/* Names the first job whose stream differs from its seal in `out`. Streams that were pruned as a
 * whole are fine. */
MUST_USE bool seals_check(struct journal *j, struct arena *a, struct audit_report *out,
			  struct error *err);

#endif
