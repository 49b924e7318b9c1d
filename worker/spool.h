#ifndef CONFITURE_WORKER_SPOOL_H
#define CONFITURE_WORKER_SPOOL_H

#include "shared/base/runtime.h"
#include "shared/migration/migration.h"

/*
 * Migration files on their way from the coordinator: kept on disk under their SHA-256, so that a
 * large file costs no memory and a second job with the same file no transfer. The folder belongs to
 * one process and to nobody else's eyes. Thread-safe.
 */
struct spool;
struct job_control;

struct spool_config {
	const char *dir;    /* made with mode 0700 when it is not there */
	int64_t most_bytes; /* of all files together: the least used ones go first */
	int64_t keep_ms;    /* a file that nobody used for so long goes */
};

/*
 * What a killed process left half-fetched is removed. CONFIG_005 when the folder cannot be used:
 * not a folder, another user's, open to others, or another worker works in it.
 */
MUST_USE bool spool_open(struct runtime *rt, const struct spool_config *config, struct spool **out,
			 struct error *err);
/* What can be said of the folder without touching it; one that is not there may yet be made. */
MUST_USE bool spool_check(const char *dir, struct error *err);
void spool_close(struct spool *s); /* NULL is fine */
/* Removes files that nobody used for long. */
void spool_clean(struct spool *s);

/*
 * The files of one attempt: fetched with bundle_get when they are first opened, checked against the
 * size and SHA-256 that the job states, and again when they were there already. Both arguments must
 * outlive the source. MIGR_102 when a file cannot be had; a coordinator that does not answer is
 * asked again as long as the attempt's lease lasts.
 */
struct bundle_source *spool_source_new(struct spool *s, struct job_control *control,
				       const struct bundle_info *bundle);
void spool_source_free(struct bundle_source *b); /* NULL is fine */

#endif
