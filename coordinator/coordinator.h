#ifndef CONFITURE_COORDINATOR_COORDINATOR_H
#define CONFITURE_COORDINATOR_COORDINATOR_H

#include "shared/base/log.h"
#include "shared/base/runtime.h"
#include "shared/net/net.h"
#include "shared/sql/sandbox.h"

/*
 * The coordinator core: owns the journal, keeps jobs moving along their state table, wakes
 * watchers. The only header of this room that others see. Knows no database, no credentials, no
 * project files.
 */
struct coordinator;

struct coordinator_config {
	/* The journal's file. NULL: none; then only jobs of read-only kinds are accepted, and kept
	 * in memory. Opened (and created) when the first request needs it. */
	const char *journal;
	/* Several processes share the file and each runs only the jobs that it accepted (embedded
	 * mode). */
	bool embedded;
	int64_t lease_ms; /* 0 = 10 s */
	/* Migration files and streams of events go that long after their job. 0 = never. */
	int64_t retention_days;
	/* Beyond these, a job that would have to wait in the journal is refused (JOB_006). 0 = no
	 * limit. */
	int64_t open_jobs_max, open_jobs_per_agent_max;
	/* A migration file that travels, and all that are kept. 0 = 1 GiB and 16 GiB. */
	int64_t file_bytes_max, files_bytes_max;
	/* Tells what SQL touches, on the loop's thread and never inside a transaction. Empty:
	 * nothing can be judged. */
	struct sql_parser parser;
	int64_t intents_per_agent; /* open ones at most; 0 = 20,000 */
	struct log *log;	   /* NULL: says nothing */
};

/* Nothing is opened yet. `server` must outlive the coordinator. */
struct coordinator *coordinator_new(struct runtime *rt, struct net_server *server,
				    const struct coordinator_config *config);
/* The loop; returns after coordinator_stop(). Call it on a thread of its own. */
void coordinator_run(struct coordinator *c);
/* From any thread. Parked requests are answered before the loop ends. */
void coordinator_stop(struct coordinator *c);
/* Grows as long as the loop goes round; from any thread. Asking makes it go round once more. */
uint64_t coordinator_beat(struct coordinator *c);
void coordinator_free(struct coordinator *c);

/* Kinds that change nothing and need no journal: status, current, verify, preflight, introspect.
 */
bool job_kind_read_only(const char *kind, const struct job_options *options);

#endif
