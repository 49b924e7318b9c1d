#ifndef CONFITURE_WORKER_WORKER_H
#define CONFITURE_WORKER_WORKER_H

#include "shared/base/runtime.h"
#include "shared/migration/migration.h"
#include "shared/net/net.h"
#include "worker/target.h"

/*
 * The worker core: asks the coordinator for jobs of its targets, runs each on a thread of its own,
 * keeps the lease, and streams events through a bounded outbox. The only header of this room (with
 * target.h and target_postgres.h) that others see.
 */
struct worker;

/* Targets by name; credentials never travel in messages. Called from the job's thread. */
struct target_directory {
	/* Fills `out` (strings live as long as the directory). CONFIG_011 when there is no such
	 * target. */
	bool (*find)(struct target_directory *d, const char *name, struct target_spec *out,
		     struct error *err);
};

struct worker_config {
	const char *name;
	const char **targets; /* names it serves */
	size_t target_count;
	struct target_directory *directory;
	struct target_factory *factory;
	struct bundle_source *bundles;
};

/* `client` must outlive the worker; it speaks with the worker's identity. */
struct worker *worker_start(struct runtime *rt, struct net_client *client,
			    const struct worker_config *config);
/*
 * Takes no new job, cancels the running ones and waits until their sessions are gone. Returns once
 * the parked ask for jobs is answered: who hosts the coordinator too stops that (which answers what
 * is parked) or its net first, else this takes up to 20 s.
 */
void worker_stop(struct worker *w);

#endif
