#ifndef CONFITURE_WORKER_DAEMON_DAEMON_H
#define CONFITURE_WORKER_DAEMON_DAEMON_H

#include "worker/target.h"

/* The whole of confiture-worker; its exit code. */
int worker_main(int argc, char **argv, struct target_factory *factory);

#endif
