#ifndef CONFITURE_WORKER_DAEMON_MEMORY_H
#define CONFITURE_WORKER_DAEMON_MEMORY_H

#include "worker/worker.h"

/* What the worker remembers, as a small file in its spool's folder. `dir` is borrowed. */
struct worker_memory *memory_new(const char *dir);

#endif
