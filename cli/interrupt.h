#ifndef CONFITURE_CLI_INTERRUPT_H
#define CONFITURE_CLI_INTERRUPT_H

#include "cli/cli.h"
#include "shared/net/net.h"

/*
 * Ctrl-C (and SIGTERM) while a job of this command runs, and the end of --timeout: the first asks
 * the coordinator to cancel the job, and its honest end is waited for as usual; the second leaves
 * at once with exit code 130. With `may_detach` and somebody at a terminal, Ctrl-C asks first
 * whether to cancel the job or to leave it to itself.
 */
struct interrupt;

struct interrupt_of {
	const char *job;      /* must outlive the interrupt */
	uint64_t deadline_ns; /* on the boot clock, or RUNTIME_FOREVER */
	bool may_detach;
};

/* Keeps the signals from killing the process. Before any other thread starts: they inherit it. */
void interrupt_hold_signals(void);
/* They kill again. */
void interrupt_release_signals(void);

struct interrupt *interrupt_start(struct cli *cli, struct net_client *client,
				  const struct interrupt_of *of);
/* Before something is drawn on the terminal: waits while a question stands there. False when the
 * answer was to leave the job to itself. NULL: true. */
bool interrupt_go_on(struct interrupt *i);
/* What interrupt_stop() returns for the end of --timeout. */
extern const char interrupt_time_limit[];
/* Returns why the job was cancelled from here (Ctrl-C, SIGTERM, the time limit); NULL when not. */
const char *interrupt_stop(struct interrupt *i);

#endif
