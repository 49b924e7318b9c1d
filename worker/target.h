#ifndef CONFITURE_WORKER_TARGET_H
#define CONFITURE_WORKER_TARGET_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/base/span.h"
#include "shared/schema/model.h"
#include "shared/sql/classify.h"
#include "shared/sql/replaced.h"

/*
 * One session with one target database, as the worker needs it: the whole of PostgreSQL behind some
 * thirty operations. Makes: PostgreSQL (target_postgres.h) and, in the simulator, a model in
 * memory. The engines in worker/ never see libpq or SQL of ours.
 *
 * One thread owns a target; only cancel() may come from another. Once an operation says TARGET_005
 * (connection lost) every later one does: no make reconnects. Nothing here retries or waits on its
 * own, except run() for as long as the statement takes.
 *
 * Names: `ledger` is the tracking table as configured ("tb_confiture" or "schema.table"); the make
 * resolves it.
 */
struct target;

struct target_spec {
	const char *name; /* for messages */
	struct secret url;
	const char *database; /* NULL = the one of the URL; else this one on the same server */
	const char *ledger;
	const char *application_name; /* "confiture <job>" */
	/* Between taking the runner's lock and the fence nobody knows the session by name, so that
	 * nobody may end it. If it is idle for that long there, the server ends it by itself, where
	 * it can (PostgreSQL 14). 0 = it stays. */
	int64_t nameless_idle_ms;
};

struct target_info {
	const char *server_version; /* "15.20" */
	int server_version_num;	    /* 150020 */
	const char *database;
	const char *user;
	const char *place; /* host:port/database, for messages; no secret */
	int backend_pid;
	bool read_only; /* standby, or default_transaction_read_only */
};

/* ---- ledger ---- */
struct ledger_row {
	const char *version;
	const char *name;
	const char *applied_at;	   /* ISO 8601 with offset */
	const char *checksum;	   /* NULL */
	int64_t execution_time_ms; /* INT_NULL */
	const char *slug;
	const char *applied_by; /* NULL */
};

struct ledger {
	bool present;
	const char *resolved;	 /* schema.table; NULL when absent */
	struct ledger_row *rows; /* oldest first, by applied_at, then pk */
	size_t count;
};

enum ledger_change {
	LEDGER_NOTHING, /* --force over an applied version, or a statement mark alone */
	LEDGER_INSERT,
	LEDGER_DELETE,
	LEDGER_CHECKSUM /* UPDATE of the checksum */
};

/* What is written with a step, in the step's own transaction. */
struct target_step {
	uint32_t number;    /* from 1 within (job, attempt) */
	uint32_t planned;   /* how many steps this attempt means to make */
	const char *action; /* "up", "down", "baseline", "fix", "statement" */
	const char *version;
	enum ledger_change change;
	const char *name; /* migration name, for INSERT */
	const char *checksum;
	int64_t execution_time_ms; /* INT_NULL = take the time since begin() */
	const char *slug_suffix;   /* "", "_baseline", "_0001_baseline_from_db" */
	const char *applied_at;	   /* NULL = now(): for baseline --from-db */
	bool record_user;	   /* applied_by = current_user; NULL otherwise */
};

/* ---- marks of statements outside transactions ---- */
enum mark_state { MARK_STARTED, MARK_DONE };

struct statement_mark {
	const char *version;
	const char *direction; /* "up" or "down" */
	uint32_t statement;    /* of the file, from 1 */
	const char *sha256;    /* of the statement's text */
	enum mark_state state;
	const char *job;
};

/* ---- fence ---- */
struct fence_owner {
	bool present;
	int64_t token;
	int backend_pid;
	const char *backend_start;
	const char *journal;
	const char *job;
	int64_t attempt;
	/* The journal of the coordinator whose worker serves this database; NULL: none does. */
	const char *coordinator;
	/* the backend of that row, looked up now: */
	bool alive;	 /* pid and backend_start both match a backend with our application_name */
	bool active;	 /* it runs a statement */
	int64_t idle_ms; /* how long it has been idle (in transaction or not); 0 when active */
	bool holds_lock;
};

struct fence_claim {
	const char *journal;
	const char *job;
	int64_t attempt;
	const char *coordinator; /* as in fence_owner; NULL leaves what stands there */
};

/* ---- runner's lock ---- */
struct lock_state {
	bool held_by_us;
	/* when somebody else holds it: */
	int backend_pid; /* 0 = nobody seen */
	bool has_row;	 /* confiture_lock_holder has a row of it */
	int64_t client_pid;
	const char *hostname, *user, *command, *acquired_at;
	int64_t held_for_seconds;
};

/* ---- running ---- */
struct run_result {
	const char *tag;   /* command tag without the count: "INSERT" */
	int64_t rows;	   /* rows changed; 0 where the tag has none */
	bool has_value;	   /* the statement returned a row: */
	const char *value; /* first column of the first row, as text; NULL = null */
	const char *type;  /* "bool", "numeric", "text" … of that column */
};

/* Data for COPY … FROM stdin: as body_copy(). */
typedef bool (*copy_source)(void *self, struct span *data, struct error *err);

enum commit_result {
	COMMIT_DONE,
	COMMIT_ROLLED_BACK, /* err says why */
	COMMIT_UNKNOWN	    /* the connection was lost while COMMIT was on its way: JOB_003 */
};

enum index_state { INDEX_ABSENT, INDEX_VALID, INDEX_INVALID };

struct index_info {
	enum index_state state;
	const char *schema, *name; /* resolved */
	const char *table_schema, *table;
	int building_pid; /* a backend that builds it right now; 0 = none */
};

/* ---- what depends on an object ---- */
struct object_dependent {
	/* view, materialized_view, table, column, index, function, procedure, aggregate,
	 * constraint, policy, trigger, default, type, domain, rule …: pg_identify_object() */
	const char *kind;
	const char *schema;   /* NULL: in none */
	const char *name;     /* table.name for what belongs to a table, f(types) for a function */
	const char **columns; /* of the object, that it uses */
	size_t column_count;
	const char *key;   /* the same for the same object within one database */
	const char *owner; /* key of the table that it belongs to; NULL */
};
struct object_dependents {
	bool present; /* the object is there */
	const char *key;
	const char *schema; /* where it is; NULL: in none */
	struct object_dependent *items;
	size_t count;
};

/* The fingerprint that a run recorded when it was through. */
struct structure_note {
	bool present;
	const char *fingerprint;
	const char *noted_at; /* ISO 8601 with offset */
	bool current;	      /* the ledger holds the same versions as then */
};

struct target_ops {
	void (*close)(struct target *t); /* ends the session; frees the target */
	const struct target_info *(*info)(struct target *t);
	/* From any thread: asks the server to cancel what this session runs, and waits for the
	 * server's answer to the request (not for the statement to end). Harmless when nothing
	 * runs. */
	bool (*cancel)(struct target *t, struct error *err);

	/* -- runner's lock: the seed's advisory lock, held by this session -- */
	bool (*lock_try)(struct target *t, bool *held, struct error *err);
	/* Writes our row to confiture_lock_holder, where that table can be had (best effort, as the
	 * seed). */
	bool (*lock_announce)(struct target *t, const char *command, struct error *err);
	bool (*lock_read)(struct target *t, struct arena *arena, struct lock_state *out,
			  struct error *err);
	bool (*lock_release)(struct target *t, struct error *err);

	/* -- ledger -- */
	bool (*ledger_read)(struct target *t, struct arena *arena, struct ledger *out,
			    struct error *err);
	/* Creates or upgrades ledger, fence, step and lock tables. Only under the lock. One
	 * transaction. */
	bool (*ledger_ensure)(struct target *t, struct error *err);

	/* -- fence -- */
	bool (*fence_read)(struct target *t, struct arena *arena, struct fence_owner *out,
			   struct error *err);
	/* pg_terminate_backend of exactly that backend (pid and start). TARGET_003 without the
	 * right to. */
	bool (*fence_evict)(struct target *t, const struct fence_owner *owner, struct error *err);
	/* token = token + 1; from now on begin() checks it. */
	bool (*fence_take)(struct target *t, const struct fence_claim *claim, struct error *err);
	/* Steps that (job, attempt) committed, and how many it had planned; for settling. */
	bool (*steps_of)(struct target *t, const char *job, int64_t attempt, int64_t *committed,
			 int64_t *planned, struct error *err);
	/* Versions that some attempt of that job brought in; the ledger says whether they are still
	 * there. */
	bool (*versions_of)(struct target *t, struct arena *arena, const char *job,
			    const char ***versions, size_t *count, struct error *err);

	/* -- transactions -- */
	/* BEGIN and, once fence_take() was called, the token's check: LOCK_1302 when another run
	 * has taken over. */
	bool (*begin)(struct target *t, struct error *err);
	bool (*savepoint)(struct target *t, const char *name,
			  struct error *err); /* any text; quoted */
	bool (*rollback_to)(struct target *t, const char *name, struct error *err);
	bool (*release)(struct target *t, const char *name, struct error *err);
	/* Writes the ledger change and the step, and removes the version's marks, unless action is
	 * "statement" or "fix". Inside the transaction. */
	bool (*step)(struct target *t, const struct target_step *step, struct error *err);
	enum commit_result (*commit)(struct target *t, struct error *err);
	bool (*rollback)(struct target *t, struct error *err); /* also ends a failed transaction */
	/* Puts back role, search_path, timeouts and every other setting, drops temporary objects,
	 * closes cursors. Outside a transaction. Keeps the lock. */
	bool (*clean)(struct target *t, struct error *err);

	/* -- statements -- */
	/*
	 * Runs ONE statement. An error has the server's words in `cause`, the SQLSTATE, and in
	 * `at.column` the character position within the statement (the engine turns it into file,
	 * line, column). `copy` feeds COPY … FROM stdin; NULL otherwise. The result's strings live
	 * in `arena`.
	 */
	bool (*run)(struct target *t, struct span sql, copy_source copy, void *copy_self,
		    struct arena *arena, struct run_result *out, struct error *err);
	/* Notices (RAISE NOTICE, "already exists, skipping") since the last call; at most 100 a
	 * call, the rest is counted in *dropped. */
	size_t (*notices)(struct target *t, struct arena *arena, const char ***out,
			  size_t *dropped);
	/* The transaction this session is in is still the one begin() opened: MIGR_107 when a body
	 * ended it. */
	bool (*in_transaction)(struct target *t, struct error *err);

	/* -- statements outside transactions -- */
	bool (*marks_read)(struct target *t, struct arena *arena, const char *version,
			   const char *direction, struct statement_mark **out, size_t *count,
			   struct error *err);
	/* Inserts or updates. Within a transaction when one is open, else by itself, fenced either
	 * way. */
	bool (*mark_write)(struct target *t, const struct statement_mark *mark, struct error *err);
	/* Removes the mark of one statement: it was refused and left nothing behind. By itself.
	 * (step() removes all marks of its version.) */
	bool (*mark_clear)(struct target *t, const char *version, const char *direction,
			   uint32_t statement, struct error *err);
	/* Versions that have marks and are half-way. */
	bool (*marks_list)(struct target *t, struct arena *arena, const char ***versions,
			   size_t *count, struct error *err);
	bool (*index_find)(struct target *t, struct arena *arena, const struct sql_goal *goal,
			   struct index_info *out, struct error *err);
	/* DROP INDEX CONCURRENTLY IF EXISTS of an INVALID index. */
	bool (*index_drop)(struct target *t, const struct index_info *index, struct error *err);
	/* INVALID left-overs of REINDEX CONCURRENTLY (…_ccnew, …_ccold) of the goal's index or
	 * table. */
	bool (*reindex_leftovers)(struct target *t, struct arena *arena,
				  const struct sql_goal *goal, struct index_info **out,
				  size_t *count, struct error *err);
	/* Is the other goals' end state there? (database, partition) */
	bool (*goal_reached)(struct target *t, const struct sql_goal *goal, bool *reached,
			     struct error *err);

	/* What would break, or go along, if the object went: direct dependents only, without what
	 * belongs to it. */
	bool (*dependents)(struct target *t, struct arena *arena, const struct sql_object *object,
			   struct object_dependents *out, struct error *err);

	/*
	 * The structure of the database as the session's own role sees it, whatever role and
	 * search_path a body has set; without our own tables. Outside a transaction it is that of
	 * one moment; inside one it is what the transaction sees, and nothing of the reading stays
	 * in it: no lock, no setting, and none of its failure. Where a definition can only be
	 * printed behind a lock that somebody else has, it waits for five seconds and no longer.
	 */
	bool (*structure)(struct target *t, struct schema_pool *pool, struct schema_model **out,
			  struct error *err);
	/* Records a fingerprint of it, with the versions that the ledger holds now, in a table that
	 * only this makes. By itself and outside a transaction, fenced: LOCK_1302. */
	bool (*structure_note)(struct target *t, const char *fingerprint, struct error *err);
	bool (*structure_noted)(struct target *t, struct arena *arena, struct structure_note *out,
				struct error *err);
};

struct target {
	const struct target_ops *ops;
};

/* A database to try things on. */
enum scratch_kind {
	SCRATCH_CLONE, /* CREATE DATABASE … TEMPLATE on the source's server: structure and rows;
			  nobody else may be connected to the source meanwhile */
	SCRATCH_THROWAWAY, /* a fresh cluster on this machine, loaded with the source's structure
			      (pg_dump -s) */
};
struct scratch;

/* Opens sessions; each make brings one. The factory is given to the worker at start. */
struct target_factory {
	bool (*open)(struct target_factory *f, const struct target_spec *spec, struct target **out,
		     struct error *err);
	/*
	 * Makes a scratch copy of `source`; `spec` (strings in `arena`) then opens sessions with
	 * it. What an earlier run left behind when it was killed is found and removed.
	 * scratch_close() removes the copy; every session with it must be closed before.
	 */
	bool (*scratch_open)(struct target_factory *f, enum scratch_kind kind,
			     const struct target_spec *source, struct arena *arena,
			     struct scratch **out, struct target_spec *spec, struct error *err);
	void (*scratch_close)(struct target_factory *f, struct scratch *scratch);
};

#endif
