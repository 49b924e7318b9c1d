#ifndef CONFITURE_CLI_WORKER_WAIT_H
#define CONFITURE_CLI_WORKER_WAIT_H

#include "cli/session.h"

/*
 * Before a job is asked for: waits until a worker serves the target, for as long as --timeout
 * allows, 60 s without it, and says that it waits. WORKER_001 when the time is up; nothing was
 * asked for then. CONFIG_011 when nobody knows the target.
 */
MUST_USE bool worker_wait(struct session *s, const char *target, struct error *err);

#endif
