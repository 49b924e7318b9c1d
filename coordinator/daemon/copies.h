#ifndef CONFITURE_COORDINATOR_DAEMON_COPIES_H
#define CONFITURE_COORDINATOR_DAEMON_COPIES_H

#include "coordinator/daemon/daemon_config.h"
#include "shared/base/runtime.h"

/*
 * Copies of the journal on a schedule, made by a thread of its own: journal-YEARMMDDTHHMMSSZ.db in
 * the folder of the settings, the newest `keep` of them. Trouble is logged, and tried again.
 */
struct copies;

/* NULL: the settings name no folder. `config` and `log` must outlive it. */
struct copies *copies_start(struct runtime *rt, const struct daemon_config *config,
			    struct log *log);
/* Waits for a copy that is being made. NULL is fine. */
void copies_stop(struct copies *c);

#endif
