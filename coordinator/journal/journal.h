#ifndef CONFITURE_COORDINATOR_JOURNAL_JOURNAL_H
#define CONFITURE_COORDINATOR_JOURNAL_JOURNAL_H

#include "coordinator/job.h"
#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/runtime.h"
#include "shared/digest/digest.h"

/*
 * The journal: one SQLite file that several processes may share. What is committed is fsynced. Used
 * by one thread at a time. Errors: JRNL_001 (cannot be opened or written, retryable when another
 * process is in the way), JRNL_002 (damaged, or no journal), JRNL_003 (newer than this program).
 */
struct journal;

/* Waits for other processes are bounded, and shorter than a lease. */
enum { JOURNAL_BUSY_MS = 4000 };

/* Without `create` a file that is not there gives true and *out NULL. Its folder is made 0700, the
 * file 0600. */
MUST_USE bool journal_open(struct runtime *rt, const char *path, bool create, struct journal **out,
			   struct error *err);
void journal_close(struct journal *j);
const char *journal_id(const struct journal *j);
const char *journal_path(const struct journal *j);

/* ---- one write transaction, with one savepoint for each request in it ---- */
MUST_USE bool journal_begin(struct journal *j, struct error *err);
MUST_USE bool journal_commit(struct journal *j, struct error *err);
void journal_rollback(struct journal *j);
/* False once SQLite itself gave the transaction up (disk full, I/O error). */
bool journal_in_transaction(const struct journal *j);
/* JRNL_001 then. */
MUST_USE bool journal_still(const struct journal *j, struct error *err);
MUST_USE bool journal_savepoint(struct journal *j, struct error *err);
MUST_USE bool journal_release(struct journal *j, struct error *err);
void journal_undo(struct journal *j);

/* Whether another process has committed since the last time this was asked. */
bool journal_changed(struct journal *j);

/* ---- jobs: jobs.c ---- */
/* The jobs of this journal, as a store; lives as long as the journal. */
struct job_store *journal_jobs(struct journal *j);
MUST_USE bool journal_job_list(struct journal *j, struct arena *a, bool open_only, int64_t limit,
			       struct job_list *out, struct error *err);
/* How many jobs that worker has now. */
MUST_USE bool journal_jobs_with(struct journal *j, const char *worker, int64_t *out,
				struct error *err);
/* How many jobs are open; and how many of those the agent, or a part of it (NAME/…), submitted. */
MUST_USE bool journal_jobs_open(struct journal *j, const char *agent, int64_t *all, int64_t *own,
				struct error *err);
/* Unknown jobs of the same database, but `job`. */
MUST_USE bool journal_unsettled(struct journal *j, struct arena *a, const char *target_key,
				const char *job, struct job_set *out, struct error *err);
/* Jobs of that target whose watchers were told that their outcome is not known. */
MUST_USE bool journal_settleable(struct journal *j, struct arena *a, const char *target,
				 struct job_set *out, struct error *err);
struct attempt_set {
	int64_t *items;
	size_t count;
};
/* Attempts of the job that were lost, and that nobody asked the target about. */
MUST_USE bool journal_attempts_unknown(struct journal *j, struct arena *a, const char *job,
				       int64_t before, struct attempt_set *out, struct error *err);
MUST_USE bool journal_attempt_settled(struct journal *j, const char *job, int64_t attempt,
				      const char *actor, struct error *err);
/* Jobs of that owner which its end leaves without anybody to go on. */
MUST_USE bool journal_jobs_of_owner(struct journal *j, struct arena *a, const char *owner,
				    struct job_set *out, struct error *err);
struct owner_set {
	const char **items;
	size_t count;
};
/* Owners of such jobs, but `mine`. */
MUST_USE bool journal_owners(struct journal *j, struct arena *a, const char *mine,
			     struct owner_set *out, struct error *err);

/* ---- audit log: audit.c ---- */
/* Rows that an event has changed: their kind and key. They are kept with the event, as they are
 * after it. */
enum journal_image {
	IMAGE_JOB,	   /* all that changes in a job's life */
	IMAGE_JOB_NEW,	   /* the whole row */
	IMAGE_ATTEMPT,	   /* all of a job */
	IMAGE_WORKER,	   /* by its name */
	IMAGE_TARGET,	   /* all of a worker */
	IMAGE_TARGET_NAME, /* of all workers */
	IMAGE_TOKEN,
	IMAGE_UPKEEP,
	IMAGE_INTENT_NEW, /* the whole row but the text of its statements */
	IMAGE_INTENT,	  /* all that changes in an intent's life */
	IMAGE_INTENT_LEASE,
	IMAGE_INTENT_KEY,      /* all that it is found by */
	IMAGE_INTENT_CONFLICT, /* all that it found, but the text of statements */
	IMAGE_CLAIM_NUMBER,    /* all that it got */
	IMAGE_VERSION
};
struct audit_image {
	enum journal_image kind;
	const char *key;
};

struct audit_entry {
	const char *actor;   /* worker:NAME, client:NAME, coordinator */
	const char *kind;    /* job.submit, job.begin … */
	const char *subject; /* id of what it is about */
	const char *detail;  /* JSON, or NULL */
	const struct audit_image *images;
	size_t image_count;
};
MUST_USE bool journal_audit_add(struct journal *j, const struct audit_entry *entry,
				struct error *err);
/* As many as are asked for, or as fit into one answer. */
MUST_USE bool journal_audit_list(struct journal *j, struct arena *a,
				 const struct audit_show_request *asked, struct audit_log *out,
				 struct error *err);
/* The newest event's number and hash; 0 and a hash of zeros without any. */
MUST_USE bool journal_audit_head(struct journal *j, int64_t *seq, char hash[SHA256_HEX],
				 struct error *err);
/* Whether event `seq` has that hash. */
MUST_USE bool journal_audit_has(struct journal *j, int64_t seq, const char *hash, bool *out,
				struct error *err);
/* Number of the newest event by which an operator accepted this journal for what it is; 0: none. */
MUST_USE bool journal_audit_accepted(struct journal *j, int64_t *out, struct error *err);
/* Walks the whole chain; `full` also checks the file's pages and the sealed event streams. */
MUST_USE bool journal_audit_verify(struct journal *j, struct arena *a, bool full,
				   struct audit_report *out, struct error *err);

/* ---- workers and what they serve: workers.c ---- */
struct journal_worker {
	const char *name;
	const char *version;
	bool draining;
	const char *last_seen;
};
struct journal_target {
	const char *name;
	const char *worker;
	const char *environment;
	const char *target_key; /* NULL: not known */
	bool protected_;
	const char *tracking_table;
};
struct journal_fleet {
	struct journal_worker *workers; /* in byte order of their names */
	size_t worker_count;
	struct journal_target *targets; /* in byte order of name, then worker */
	size_t target_count;
};
MUST_USE bool journal_fleet_read(struct journal *j, struct arena *a, struct journal_fleet *out,
				 struct error *err);
/* Remembers the worker; what it served before and does not serve now is gone. */
MUST_USE bool journal_worker_add(struct journal *j, const char *name,
				 const struct worker_hello *hello, struct error *err);
MUST_USE bool journal_worker_drain(struct journal *j, const char *name, bool draining,
				   struct error *err);
MUST_USE bool journal_worker_seen(struct journal *j, const char *name, const char *time,
				  struct error *err);
MUST_USE bool journal_worker_forget(struct journal *j, const char *name, struct error *err);
MUST_USE bool journal_target_forget(struct journal *j, const char *name, struct error *err);

/* ---- who may come in: tokens.c ---- */
struct journal_token {
	const char *id;
	const char *identity; /* agent:NAME, worker:NAME@ENV[,ENV], operator:NAME */
	const char *sha256;   /* of the token; itself it is kept nowhere */
	const char *created_at;
	int64_t expires_us;	/* wall clock; INT_NULL: never */
	const char *revoked_at; /* NULL: it is good */
};
struct journal_tokens {
	struct journal_token *items; /* oldest first */
	size_t count;
};
MUST_USE bool journal_token_add(struct journal *j, const struct journal_token *token,
				struct error *err);
MUST_USE bool journal_token_list(struct journal *j, struct arena *a, struct journal_tokens *out,
				 struct error *err);
MUST_USE bool journal_token_revoke(struct journal *j, const char *id, const char *time,
				   struct error *err);

/* ---- migration files on their way to workers: bundles.c ---- */
enum { BUNDLE_CHUNK = 256 * 1024 };
MUST_USE bool journal_bundle_has(struct journal *j, const char *sha256, bool *out,
				 struct error *err);
/* One piece, in order. *known: the file is there already, or this piece of it. `room`: how many
 * bytes all files together may have; JOB_005 beyond. */
MUST_USE bool journal_bundle_put(struct journal *j, const char *uploader,
				 const struct bundle_put *piece, int64_t room, bool *known,
				 struct error *err);
/* At most BUNDLE_CHUNK bytes from `offset`. JOB_005 when the file is not there. */
MUST_USE bool journal_bundle_get(struct journal *j, struct arena *a, const char *sha256,
				 int64_t offset, struct bundle_chunk *out, struct error *err);
/* Counts the days of the file, or of the files of the job, from now. */
MUST_USE bool journal_bundle_use(struct journal *j, const char *sha256, struct error *err);
MUST_USE bool journal_bundle_use_of_job(struct journal *j, const char *job, struct error *err);
/* Files and event streams that nobody has needed since then; those of open jobs stay. */
MUST_USE bool journal_prune(struct journal *j, int64_t before_us, struct error *err);

/* ---- the journal's own upkeep: upkeep.c ---- */
struct upkeep {
	const char *time; /* NULL: it was never done */
	const char *detail;
};
MUST_USE bool journal_upkeep_note(struct journal *j, const char *task, const char *detail,
				  struct error *err);
MUST_USE bool journal_upkeep_find(struct journal *j, struct arena *a, const char *task,
				  struct upkeep *out, struct error *err);
MUST_USE bool journal_health_read(struct journal *j, struct arena *a, struct journal_health *out,
				  struct error *err);
/* Makes jobs, attempts, workers, targets, tokens, intents and claims anew from the events, in a
 * transaction of its own; nobody else may use the journal. AUDIT_001 when the chain is broken. */
MUST_USE bool journal_rebuild(struct journal *j, int64_t *steps, struct error *err);
/* In a transaction of its own: from now on workers that were told more than the chain holds are
 * let in again. */
MUST_USE bool journal_accept(struct journal *j, const char *actor, struct error *err);

/* ---- answers to requests with an idempotency key: replies.c ---- */
struct reply_key {
	const char *identity;
	const char *key;
	const char *message;	  /* name of the request's record */
	const char *request_hash; /* SHA-256 of the request */
};
/* *body NULL: not answered yet. The key under another request: refused with USAGE_001. */
MUST_USE bool journal_reply_find(struct journal *j, struct arena *a, const struct reply_key *key,
				 const char **body, struct error *err);
/* Forgets answers that are older than a day of elapsed time: journal.c. */
MUST_USE bool journal_prune_replies(struct journal *j, struct error *err);
MUST_USE bool journal_reply_add(struct journal *j, const struct reply_key *key, const char *body,
				struct error *err);

#endif
