#ifndef CONFITURE_CLI_WORKER_WAIT_H
#define CONFITURE_CLI_WORKER_WAIT_H

#include "cli/session.h"

/*
 * Before a job is asked for: waits until a worker serves the target, for as long as --timeout
 * allows, 60 s without it, and says that it waits. WORKER_001 when the time is up; nothing was
 * asked for then. CONFIG_011 when nobody knows the target.
 */
MUST_USE bool worker_wait(struct session *s, const char *target, struct error *err);

/*
 * After it: a worker may die just then, and is missed only after a while. Called each time that the
 * job was seen, and still waited in the queue; `since_ns` is when it was first seen so. True when
 * there is no more point in waiting: its target has no worker, and the 60 s are over.
 */
bool worker_is_away(struct session *s, const char *target, uint64_t since_ns);
/* How a job ended that nobody took: WORKER_001. */
void worker_took_nothing(struct session *s, const char *target, struct job_outcome *out);

#endif
