#ifndef CONFITURE_COORDINATOR_MEMORY_JOBS_H
#define CONFITURE_COORDINATOR_MEMORY_JOBS_H

#include "coordinator/job.h"

/*
 * The store of jobs that change nothing: they live as long as the process, and nobody misses them
 * afterwards. Bounded: ended jobs go, oldest first, when there are too many.
 */
struct memory_jobs;

enum { MEMORY_JOBS_MAX = 1024, MEMORY_EVENTS_MAX = 100000 };

struct memory_jobs *memory_jobs_new(void);
void memory_jobs_free(struct memory_jobs *m);
struct job_store *memory_jobs_store(struct memory_jobs *m);
bool memory_jobs_has(const struct memory_jobs *m, const char *id);
/* How many jobs that worker has now. */
size_t memory_jobs_with(const struct memory_jobs *m, const char *worker);
/* Lets ended jobs go that were there already at the last call of this. */
void memory_jobs_tidy(struct memory_jobs *m);
/* The job that this client asked for under this key, or NULL. The key under another request:
 * refused with USAGE_001. */
MUST_USE bool memory_jobs_replay(const struct memory_jobs *m, const char *identity, const char *key,
				 const char *request_hash, const char **job, struct error *err);
void memory_jobs_remember(struct memory_jobs *m, const char *job, const char *identity,
			  const char *key, const char *request_hash);

#endif
