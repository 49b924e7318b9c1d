#ifndef CONFITURE_CLI_INTERRUPT_H
#define CONFITURE_CLI_INTERRUPT_H

#include "cli/cli.h"
#include "shared/net/net.h"

/*
 * Ctrl-C (and SIGTERM) while a job of this command runs, and the end of --timeout: the first asks
 * the coordinator to cancel the job, and its honest end is waited for as usual; the second leaves
 * at once with exit code 130.
 */
struct interrupt;

/* Keeps the signals from killing the process. Before any other thread starts: they inherit it. */
void interrupt_hold_signals(void);
/* They kill again. */
void interrupt_release_signals(void);

/* `deadline_ns` on the boot clock, or RUNTIME_FOREVER. `job` must outlive the interrupt. */
struct interrupt *interrupt_start(struct cli *cli, struct net_client *client, const char *job,
				  uint64_t deadline_ns);
/* Returns why the job was cancelled from here (Ctrl-C, SIGTERM, the time limit); NULL when not. */
const char *interrupt_stop(struct interrupt *i);

#endif
