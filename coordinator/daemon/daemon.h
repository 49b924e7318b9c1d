#ifndef CONFITURE_COORDINATOR_DAEMON_DAEMON_H
#define CONFITURE_COORDINATOR_DAEMON_DAEMON_H

#include "coordinator/daemon/daemon_config.h"
#include "shared/base/runtime.h"

/* The whole program `confiture-coordinator`; returns its exit code. */
int coordinator_main(int argc, char **argv);

/*
 * Listens, runs the core until SIGTERM or SIGINT, and follows SIGHUP. *restart: the network library
 * is sick, start the program anew; everything is closed.
 */
MUST_USE bool daemon_run(struct runtime *rt, const struct daemon_config *config, bool *restart,
			 struct error *err);

/* ---- the commands `token …`, on the journal's file; a daemon may be using it ---- */
MUST_USE bool token_command(struct runtime *rt, const struct daemon_config *config, int argc,
			    char **argv, struct error *err);
/* The right to be the one coordinator of a journal, as long as *fd is open. JRNL_001: another one
 * runs. */
MUST_USE bool daemon_lock_journal(const char *journal, int *fd, struct error *err);
/* ---- the commands `journal …` ---- */
MUST_USE bool journal_command(struct runtime *rt, const struct daemon_config *config, int argc,
			      char **argv, struct error *err);

#endif
