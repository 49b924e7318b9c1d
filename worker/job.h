#ifndef CONFITURE_WORKER_JOB_H
#define CONFITURE_WORKER_JOB_H

#include "shared/base/runtime.h"
#include "shared/migration/migration.h"
#include "shared/wire/messages.h"
#include "worker/target.h"
#include "worker/worker.h"

/*
 * One job while it runs, on its own thread. The engines (apply.c, rollback.c, status.c, preflight.c
 * …) see the outside only through this: the target, the bundle, events, and the question whether to
 * stop.
 */
struct outbox;
struct ahead;

struct job_run {
	struct runtime *rt;
	struct arena *arena; /* lives as long as the job */
	const char *job;
	int64_t attempt;
	const char *journal;
	bool served; /* the journal is that of a coordinator whose worker this is */
	const struct job_spec *spec;
	const struct job_options *options; /* spec->options */
	struct migration_set migrations;   /* of the bundle; empty when there is none */
	struct bundle_source *bundles;
	struct target_directory *directory;
	struct target_factory *factory;
	struct schema_loader *loader;	   /* NULL */
	const struct unsettled *unsettled; /* earlier attempts on this database to settle */
	size_t unsettled_count;
	bool claimed; /* agents hold claims: what is about to run is checked against them */

	struct outbox *outbox;
	struct job_control *control; /* cancel, lease, current session: job.c */
	struct ahead *ahead; /* the first session with the job's own target; NULL: none, or taken */
};

/*
 * A job kind: fills `result` with its record (results.h) in r->arena and returns true when the job
 * succeeded. On false `err` says why, and `result` may still be set (what was applied before the
 * failure). *exit_code starts as 0 (true) or the error's code (false); a kind may set it (status: 1
 * when something is pending).
 */
typedef bool (*job_handler)(struct job_run *r, struct any *result, int *exit_code,
			    struct error *err);

struct job_kind {
	const char *name; /* as in job_spec.kind */
	job_handler run;
	bool connects; /* the first that it does is a session with its target */
	bool later;    /* not of the first version: coordinators are told that it is known */
};
/* The table of kinds: kinds.c. NULL when there is no such kind. */
const struct job_kind *job_kind_named(const char *name);
/* Those that are told; their number. */
size_t job_kinds_told(struct arena *arena, const char ***out);

/* Where the session of a job with a named target goes; texts in `arena`. */
MUST_USE bool job_target(struct target_directory *directory, struct job_control *control,
			 const char *target, struct arena *arena, struct target_spec *out,
			 struct error *err);
/* Opens a session with the named target of the directory (NULL: the job's own) and makes it the one
 * that a cancel reaches. Ends with job_disconnect(). Emits "connected". */
MUST_USE bool job_connect(struct job_run *r, const char *target, struct target **out,
			  struct error *err);
/* The same with a target that is in no directory: a scratch copy. */
MUST_USE bool job_connect_to(struct job_run *r, const struct target_spec *spec, struct target **out,
			     struct error *err);
void job_disconnect(struct job_run *r, struct target *t);

/* Fills in seq, time, job, attempt and target and puts the event into the outbox; waits while that
 * is full. Strings are copied. All INT fields that are not used must be INT_NULL: start from
 * JOB_EVENT(kind). */
void job_emit(struct job_run *r, struct job_event *event);
#define JOB_EVENT(event_kind)                                                                      \
	(struct job_event)                                                                         \
	{                                                                                          \
		.kind = (event_kind), .line = INT_NULL, .statement = INT_NULL, .done = INT_NULL,   \
		.total = INT_NULL, .duration_ms = INT_NULL, .rows = INT_NULL                       \
	}
void job_warn(struct job_run *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* False with JOB_004 when somebody cancelled the job, with LOCK_1302 when its lease is over: stop
 * before the next step. To be asked between any two statements. */
MUST_USE bool job_go_on(struct job_run *r, struct error *err);
/* For an error of the target: when the statement was ended by our own cancel, `err` becomes that of
 * job_go_on() and keeps the server's words as its cause. Returns false. */
bool job_failed(struct job_run *r, struct error *err);
/* Between on and off no cancel goes to the sessions: for undoing and cleaning up. May be nested. */
void job_shield(struct job_run *r, bool on);
/* A pause that ends early when the job must end; then false with job_go_on()'s error. */
MUST_USE bool job_pause(struct job_run *r, uint64_t ms, struct error *err);

/* ---- shared by the kinds that change a database: session.c ---- */
struct job_session {
	struct target *target;
	struct ledger ledger; /* as of job_session_lock() or job_session_look() */
	bool locked;
};
/*
 * Connects, refuses a read-only server, takes the lock by polling (LOCK_1300 with the holder after
 * lock_timeout_ms; 0 counts as 30 s), deals with a predecessor (takeover), settles earlier
 * attempts, creates the tables, takes the fence, reads the ledger. With options->no_lock: no lock,
 * and everything else alike. With options->dry_run or dry_run_execute nothing is written: only the
 * lock is taken and the ledger read.
 */
MUST_USE bool job_session_open(struct job_run *r, struct job_session *out, struct error *err);
/* Its two halves, for a run that may find out without the lock that there is nothing to do: what
 * comes before the lock, and the rest. A session whose second half failed is closed. */
MUST_USE bool job_session_connect(struct job_run *r, struct job_session *out, struct error *err);
MUST_USE bool job_session_lock(struct job_run *r, struct job_session *s, struct error *err);
/* Between them: the ledger as it is, nothing written, no lock. False closes the session. */
MUST_USE bool job_session_look(struct job_run *r, struct job_session *s, struct error *err);
void job_session_close(struct job_run *r, struct job_session *s);

/* ---- running one migration file: execute.c ---- */
enum execute_mode {
	EXECUTE_FOR_REAL, /* own transaction or statement by statement, with step and ledger change
			   */
	EXECUTE_REHEARSAL /* inside a transaction that the caller rolls back: dry-run-execute,
			     preflight */
};
struct execute_request {
	const struct migration *migration;
	const char *file;      /* its up or down file */
	const char *direction; /* "up" or "down" */
	enum execute_mode mode;
	const struct body_plan *plan; /* of body_check(); NULL: the file is checked here */
	struct target_step step;      /* number, planned, action, change … filled by the caller */
	/* called after each statement; may be NULL */
	void (*on_statement)(void *self, const struct body_statement *st, int64_t duration_ns,
			     int64_t rows);
	void *self;
};
struct execute_result {
	int64_t duration_ms;
	int64_t rows;
	uint32_t statements;
	bool transactional;
	/* The step is committed, whatever comes then. */
	bool committed;
	/* The step is committed, and the connection was lost while the server said so or right
	 * after: no further step can run in this session. */
	bool session_lost;
};
/* Runs the file and emits migration_started, migration_done or migration_failed. Errors have file,
 * line, column and statement; the transaction is rolled back. JOB_003 when COMMIT's fate is
 * unknown. */
MUST_USE bool job_execute(struct job_run *r, struct target *t, const struct execute_request *req,
			  struct execute_result *out, struct error *err);

#endif
