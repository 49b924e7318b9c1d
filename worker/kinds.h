#ifndef CONFITURE_WORKER_KINDS_H
#define CONFITURE_WORKER_KINDS_H

#include "worker/job.h"

/* The job kinds, one handler each; the table is in kinds.c. Contract: job_handler in job.h. */
bool status_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool current_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool apply_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool rollback_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool rollback_to_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool baseline_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool verify_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool checksums_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool preflight_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool introspect_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);
bool settle_run(struct job_run *r, struct any *result, int *exit_code, struct error *err);

#endif
