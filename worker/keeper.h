#ifndef CONFITURE_WORKER_KEEPER_H
#define CONFITURE_WORKER_KEEPER_H

#include "worker/control.h"

/*
 * Keeps the lease of one job, on a thread that does no work: renews it, learns from the reply that
 * somebody cancelled, and cancels the job's sessions until the job has ended.
 */
struct keeper;

struct keeper *keeper_start(struct job_control *control);
/* After control_over(). */
void keeper_stop(struct keeper *k);

#endif
