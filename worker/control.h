#ifndef CONFITURE_WORKER_CONTROL_H
#define CONFITURE_WORKER_CONTROL_H

#include "shared/base/runtime.h"
#include "shared/net/net.h"
#include "worker/target.h"

/*
 * What the threads of one job share: the lease, the wish to cancel, and the sessions that a cancel
 * reaches. The job's thread works, the keeper's thread renews the lease (keeper.c), a third one
 * cancels when it must. Everything below `lock` is guarded by it.
 */
enum { JOB_SESSIONS = 4 };

struct job_control {
	struct runtime *rt;
	struct net_client *client;
	const char *worker;
	const char *job;
	int64_t attempt;

	struct mutex *lock;
	struct cond *changed;
	struct target *sessions[JOB_SESSIONS];
	size_t session_count;
	bool reaching;	     /* a cancel is on its way to the sessions: none may be closed now */
	unsigned shields;    /* > 0: cleaning up, which a cancel must not interrupt */
	bool cancelled;	     /* somebody asked for it */
	bool stopping;	     /* the worker is being stopped */
	bool fenced;	     /* the lease is over: this run may not change anything any more */
	bool over;	     /* the job has ended and is reported */
	uint64_t until_ns;   /* the lease, on this machine's boot clock */
	int64_t lease_ms;    /* its whole length */
	uint64_t give_up_ns; /* when stopping: the end of all trying */
};

/* `worker` and `job` must live as long as the control. */
void control_init(struct job_control *c, struct runtime *rt, struct net_client *client,
		  const char *worker, const char *job, int64_t attempt);
void control_fini(struct job_control *c);

/* A lease of that length that counts from `from_ns`, when it was asked for. */
void control_renewed(struct job_control *c, uint64_t from_ns, int64_t lease_ms);
int64_t control_lease_ms(struct job_control *c);
void control_cancel(struct job_control *c);
void control_stop(struct job_control *c);
void control_fence(struct job_control *c);
void control_over(struct job_control *c);

/* Somebody wants the work to end now: cancel, stop or fence. Marks the fence when the lease is over
 * by the clock. */
bool control_ending(struct job_control *c);
/* False with JOB_004 or LOCK_1302 when it is ending. */
MUST_USE bool control_go_on(struct job_control *c, struct error *err);

/* False when there are too many sessions. */
MUST_USE bool control_add(struct job_control *c, struct target *t);
/* Waits for a cancel that is on its way; afterwards none can reach `t`. */
void control_remove(struct job_control *c, struct target *t);
void control_shield(struct job_control *c, bool on);
/* Asks the server to cancel what each session runs. Not while shielded. */
void control_reach(struct job_control *c);

/*
 * A call that is repeated, with growing pauses, as long as it fails for a reason that may pass and
 * as long as the lease could still be renewed (one lease beyond its end; a few seconds when the
 * worker is stopping).
 */
MUST_USE bool control_call(struct job_control *c, enum message_kind kind, const void *request,
			   struct arena *arena, void **reply, struct error *err);

#endif
