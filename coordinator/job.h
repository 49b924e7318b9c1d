#ifndef CONFITURE_COORDINATOR_JOB_H
#define CONFITURE_COORDINATOR_JOB_H

#include "coordinator/job_rules.h"
#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/runtime.h"
#include "shared/wire/messages.h"

/*
 * A job as the coordinator's core works with it, wherever it is kept: jobs that change something
 * are rows of the journal, jobs that only read live in memory. Both are stores with the same
 * operations, so that handlers are written once.
 */
struct job {
	struct job_info info;
	const char *target_key; /* NULL: not known */
	const char *owner;	/* the process that alone may run it; "" = any worker */
	const char *worker;	/* whom it was offered to; NULL = nobody */
	struct lease lease;
	bool has_outcome;
	/* During which attempt, at least 1; 0: never. It stays when that attempt's worker is lost:
	 * those that come after it only settle. */
	int64_t cancel_asked;
};

struct job_set {
	struct job *items;
	size_t count;
};

struct job_events_page {
	struct job_event *items;
	size_t count;
};

/* A change of state together with what it brings. */
struct job_change {
	enum job_trigger trigger;
	const char *actor;		   /* worker:NAME, client:NAME, coordinator */
	const char *note;		   /* NULL: the table's words */
	const struct job_outcome *outcome; /* NULL: none new */
	int64_t wall_us;
};

struct job_store;

struct job_store_ops {
	MUST_USE bool (*add)(struct job_store *s, const struct job *job,
			     const struct job_spec *spec, const char *actor, struct error *err);
	/* *out NULL: no such job. */
	MUST_USE bool (*find)(struct job_store *s, struct arena *a, const char *id,
			      struct job **out, struct error *err);
	/* Keeps `job` as it is after `change`. Only job_move() calls this. */
	MUST_USE bool (*moved)(struct job_store *s, const struct job *job,
			       const struct job_change *change, struct error *err);
	/* Oldest job that is queued for `owner` and one of the targets; *out NULL: none. */
	MUST_USE bool (*queued)(struct job_store *s, struct arena *a, const char *owner,
				const char *const *targets, size_t count, struct job **out,
				struct error *err);
	MUST_USE bool (*spec)(struct job_store *s, struct arena *a, const char *id,
			      struct job_spec **out, struct error *err);
	/* *out NULL: none yet. */
	MUST_USE bool (*outcome)(struct job_store *s, struct arena *a, const char *id,
				 struct job_outcome **out, struct error *err);
	/* Appends events and keeps the job's last_seq; their order was checked. */
	MUST_USE bool (*append)(struct job_store *s, const struct job *job,
				const struct job_event *events, size_t count, struct error *err);
	/* Events after (attempt, seq), at most `limit`, in order. */
	MUST_USE bool (*events)(struct job_store *s, struct arena *a, const char *id,
				int64_t attempt, int64_t seq, size_t limit,
				struct job_events_page *out, struct error *err);
};

struct job_store {
	const struct job_store_ops *ops;
};

enum job_state job_state_of(const struct job *job);

/*
 * The one way to change a job: along the table, with its times, note, attempt, exit code and
 * outcome, kept by its store. JOB_002 when the change is illegal; then nothing is changed.
 */
MUST_USE bool job_move(struct job_store *s, struct job *job, const struct job_change *change,
		       struct arena *a, struct error *err);

#endif
