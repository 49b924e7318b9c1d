#ifndef CONFITURE_WORKER_DAEMON_SERVE_H
#define CONFITURE_WORKER_DAEMON_SERVE_H

#include "shared/base/log.h"
#include "shared/config/worker.h"
#include "worker/worker.h"

/*
 * Runs until a signal ends it; the exit code. Threads may still be there when it returns: leave
 * with _exit(). `settings` must outlive it.
 */
int worker_serve_until_signal(struct runtime *rt, const struct config_worker *settings,
			      struct target_factory *factory);
/* To be called before the first thread is started: from then on signals wait until they are asked
 * for. */
void worker_hold_signals(void);

#endif
