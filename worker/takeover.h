#ifndef CONFITURE_WORKER_TAKEOVER_H
#define CONFITURE_WORKER_TAKEOVER_H

#include "worker/job.h"

/*
 * Somebody else holds the runner's lock. When that is a former run of ours whose session has sat
 * idle for longer than a lease, and is surely that run's (backend pid and start are those of the
 * fence), the session is ended. One that works is left alone, and so is everybody else's. LOCK_1303
 * when this role may not end it.
 */
MUST_USE bool takeover_consider(struct job_run *r, struct target *t, struct error *err);

/* Under the lock, before anything is written: LOCK_1304 when the database is served by a worker of
 * a coordinator with another journal, and the job does not say why it may be changed all the same.
 * Settling is always allowed: it changes nothing that others could have meant. */
MUST_USE bool takeover_allowed(struct job_run *r, struct target *t, struct error *err);

/* What the target says about earlier attempts on it, told to the coordinator. After the token was
 * taken: what did not commit by now never will. */
MUST_USE bool takeover_settle(struct job_run *r, struct target *t, struct error *err);

#endif
