#ifndef CONFITURE_WORKER_RUNNING_H
#define CONFITURE_WORKER_RUNNING_H

#include "worker/worker.h"

/*
 * One accepted job on its threads, from job_begin to job_finish. `ended` is called by the job's
 * thread as the last thing it does.
 */
struct running;

struct running_config {
	struct runtime *rt;
	struct net_client *client;
	const struct worker_config *worker;
	bool served; /* by a coordinator of its own, not within the command line */
	void (*ended)(void *self);
	void *self;
};

/* Takes over `arena`, in which `offer` lies. The job's thread first asks the coordinator to begin.
 */
struct running *running_start(const struct running_config *config, struct arena *arena,
			      const struct worker_offer *offer);
void running_stop(struct running *x); /* asks it to end soon */
bool running_ended(struct running *x);
void running_join(struct running *x); /* waits, frees */

#endif
