#ifndef CONFITURE_WORKER_TARGET_POSTGRES_H
#define CONFITURE_WORKER_TARGET_POSTGRES_H

#include "worker/target.h"

/* The PostgreSQL make of worker/target.h. Static; nothing to free. */
struct target_factory *target_postgres(void);

#endif
