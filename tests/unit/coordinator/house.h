#ifndef CONFITURE_TESTS_UNIT_COORDINATOR_HOUSE_H
#define CONFITURE_TESTS_UNIT_COORDINATOR_HOUSE_H

#include "coordinator/coordinator.h"
#include "shared/base/arena.h"
#include "shared/wire/messages.h"
#include "tests/support/unit.h"

/*
 * A coordinator as a command hosts it: the real loop on a thread of its own, joined by the
 * in-process net with one client and two workers, and a folder of its own for its journal.
 */
struct scratch {
	char folder[64];
	char journal[96];
};
void scratch_open(struct scratch *s);
/* Removes the folder with all that is in it. */
void scratch_close(struct scratch *s);
bool file_exists(const char *path);

struct house {
	struct runtime *rt;
	struct net_inproc *net;
	struct coordinator *coordinator;
	struct thread *loop;
	struct net_client *client, *operator_, *worker, *other_worker;
	struct arena arena;
	struct error err; /* of the last request that was refused */
};

struct house_plan {
	const char *journal;
	bool distributed; /* w1 has said that it serves "db" */
	int64_t lease_ms;
	int64_t open_jobs, open_jobs_per_agent; /* 0 = no limit */
	struct runtime *rt;			/* NULL: the system's */
	struct sql_parser parser;
	int64_t intents_per_agent;
};
void house_open(struct house *h, const struct house_plan *plan);
void house_close(struct house *h);

/* The reply, or NULL with h->err. Replies live as long as the house. */
void *house_ask(struct house *h, struct net_client *from, enum message_kind kind,
		const void *request);

/* ---- short forms ---- */
/* What `from` serves: targets by name, each of the environment before its "/". */
bool house_hello(struct house *h, struct net_client *from, const char *const *targets, size_t count,
		 bool protected_);
struct job_spec spec_of(const char *kind, const char *target, const char *target_key);
/* The job's id; the test ends when it is refused. */
const char *house_submit(struct house *h, const struct job_spec *spec, const char *key);
struct worker_offer *house_next(struct house *h, const char *target);
bool house_begin(struct house *h, const struct worker_offer *offer);
/* Submits a changing job of target "db", takes it and begins it. */
struct worker_offer *house_run(struct house *h, const char *target_key);
bool house_emit(struct house *h, const struct worker_offer *offer, int64_t from, int64_t to);
/* `code` NULL: success. */
bool house_finish(struct house *h, const struct worker_offer *offer, const char *code,
		  bool unknown);
struct job_watched *house_watch(struct house *h, const char *job, int64_t attempt, int64_t since,
				int64_t wait_ms);
struct job_shown *house_show(struct house *h, const char *job);
struct job_info *house_cancel(struct house *h, const char *job);
/* "state/exit code/note" of the job. */
const char *house_state(struct house *h, const char *job);

#endif
