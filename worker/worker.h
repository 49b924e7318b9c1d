#ifndef CONFITURE_WORKER_WORKER_H
#define CONFITURE_WORKER_WORKER_H

#include "shared/base/log.h"
#include "shared/base/runtime.h"
#include "shared/migration/migration.h"
#include "shared/net/net.h"
#include "worker/loader.h"
#include "worker/target.h"

/*
 * The worker core: asks the coordinator for jobs of its targets, runs each on a thread of its own,
 * keeps the lease, and streams events through a bounded outbox. The only header of this room (with
 * target.h and target_postgres.h) that others see.
 */
struct worker;
struct spool;

/* Targets by name; credentials never travel in messages. Called from the job's thread. */
struct target_directory {
	/* Fills `out` (strings live as long as the directory). CONFIG_011 when there is no such
	 * target. */
	bool (*find)(struct target_directory *d, const char *name, struct target_spec *out,
		     struct error *err);
};

/* What a worker remembers across restarts. Calls do not overlap. */
struct worker_memory {
	/* In `a`; NULL: nothing is known. */
	struct chain_head *(*load)(struct worker_memory *m, struct arena *a);
	/* Where that fails, less is known the next time. */
	void (*keep)(struct worker_memory *m, const struct chain_head *head);
};

enum { WORKER_JOBS = 16, WORKER_JOBS_MOST = 64 };

struct worker_config {
	const char *name;
	const char **targets; /* names it serves; embedded mode */
	size_t target_count;
	struct target_directory *directory;
	struct target_factory *factory;
	struct bundle_source *bundles; /* embedded mode: the files of every job */
	struct schema_loader *loader;  /* NULL: nothing is compared with schema files */

	/* ---- a worker beside its databases; all zero in embedded mode ---- */
	/* What it says of itself, in place of `targets`; copied. It is said before the first ask
	 * for jobs, and again whenever the coordinator was away or asks for it. */
	const struct worker_hello *hello;
	struct spool *spool;	      /* files of jobs are fetched through it */
	struct worker_memory *memory; /* NULL: none */
	struct log *log;	      /* NULL: says nothing */
	size_t max_jobs;	      /* at once; 0 = WORKER_JOBS, at most WORKER_JOBS_MOST */
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

/* From any thread: serves these targets from now on. Tells the coordinator, which ends the ask that
 * is parked with it; running jobs go on. */
void worker_serve(struct worker *w, const struct worker_hello *hello);
/* Takes no new job any more, and waits for those that run; false when `deadline_ns` passed first.
 * May be called again. */
MUST_USE bool worker_drain(struct worker *w, uint64_t deadline_ns);
/* Asks what runs to end soon, with a cancel where that is needed. */
void worker_cancel(struct worker *w);
/* When the link last showed that it lives, on the boot clock: for a watchdog. Not older than about
 * half a minute. */
uint64_t worker_alive_ns(struct worker *w);

#endif
