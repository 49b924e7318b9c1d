#ifndef CONFITURE_WORKER_POSTGRES_SESSION_H
#define CONFITURE_WORKER_POSTGRES_SESSION_H

#include <stdatomic.h>

#include "shared/base/text.h"
#include "shared/pg/connection.h"
#include "worker/target.h"

/* What the files of the PostgreSQL make share. Nobody else includes it. */

/*
 * Where the ledger and its companions are, or would be created. The fence, step and mark tables lie
 * in the ledger's schema; the lock's holder table where the search_path finds or puts it, as the
 * Python confiture has it. Members from `ledger` on are quoted and ready for SQL; they are what
 * {ledger}, {fence} … in worker/postgres/sql stand for.
 */
struct own_names {
	bool present; /* the ledger is there */
	bool has_applied_by, has_fence, has_coordinator, has_step, has_mark, has_holder;
	bool schema_exists;
	const char *schema; /* NULL: nowhere to create it */
	const char *table;  /* also the key of the ledger's rows in fence, step and mark */
	const char *ledger, *fence, *step, *mark, *structure;
	const char *holder; /* NULL: neither there nor a schema to create it in */
	const char *index_pk, *index_slug, *index_version, *index_applied_at;
};

enum { NOTICES_KEPT = 100, NOTICE_TEXT = 1024 };

struct target_pg {
	struct target base;
	struct pg_conn *conn;
	struct arena arena;   /* lives as long as the session */
	struct arena scratch; /* texts of one operation */
	struct target_info info;
	const char *setting; /* tracking table as configured */
	char lock_id[16];
	char nameless_idle[24];	 /* ms, as text; "" = no limit, or the server has none */
	const char *search_path; /* at the start: what the role has */
	bool in_recovery;
	struct own_names names;

	bool claimed; /* fence_take() was called */
	struct fence_claim claim;
	char token[24];
	unsigned begun; /* transactions so far, up to those before own_prepare() */
	bool prepared;	/* the statements of each migration: own_prepare() */

	bool foreign_prepared;	    /* own_watch() saw something since clean() */
	bool touched;		    /* a foreign statement ran since clean() */
	char transaction_start[40]; /* of the transaction that begin() opened; "" when none */
	bool begun_again;	    /* a statement since then may have ended it and begun another */

	atomic_bool cancel_asked;

	struct arena notice_arena;
	const char **notices;
	size_t notice_count, notice_dropped;
};

static inline struct target_pg *
target_pg_of(struct target *t)
{
	return (struct target_pg *)(void *)t;
}

/* ---- own.c: statements of ours ---- */
enum own_mode {
	OWN_PLAIN,   /* inside a transaction: leaves role and search_path as they were */
	OWN_AS_OWNER /* inside a transaction too as the role it was opened with: for what is written
			after a body that may have changed it. Role and search_path stay put back
			until its end, so this is the last thing in it. */
};

/* The template with {names} filled in; lives in t->scratch. */
const char *own_text(struct target_pg *t, const char *template);

/*
 * Runs one of our statements under a search_path of pg_catalog alone, whatever the role or a
 * migration has set: nothing in it can be resolved to somebody else's function, operator or table.
 * Outside a transaction it runs as the role that the session was opened with, and leaves role and
 * search_path as they were. One round trip. `rows` (may be NULL) is to be freed with
 * pg_rows_free().
 */
MUST_USE bool own_run(struct target_pg *t, enum own_mode mode, const char *template, int count,
		      const char *const *values, struct pg_rows **rows, struct error *err);
/* The same, and the first column of each row, copied into `arena`. */
MUST_USE bool own_texts(struct target_pg *t, const char *template, int count,
			const char *const *values, struct arena *arena, const char ***texts,
			size_t *text_count, struct error *err);
/*
 * The statement that a template stands for, for own_batch(). Those that each migration needs are
 * prepared once by own_prepare(), since parsing and planning them costs as much as running them: a
 * run of a few migrations does without. They work unprepared too, so it does not say when it fails.
 */
struct pg_statement own_statement(struct target_pg *t, const char *template, int count,
				  const char *const *values);
void own_prepare(struct target_pg *t);
/* After a failure: true when it was a prepared statement of ours that is gone (dropped unseen, or
 * the server's session is another); then nothing prepared is used any more, and once again is worth
 * it. */
bool own_unprepared(struct target_pg *t, const struct error *err);
/* A foreign statement with that tag may have made or dropped prepared statements unseen: ours are
 * not relied on from here on, and clean() drops all. */
void own_watch(struct target_pg *t, const char *tag);

/* Several of ours, each with its own guard where it needs one; `wanted` as in pg_batch(). */
MUST_USE bool own_batch(struct target_pg *t, const struct pg_statement *batch, size_t count,
			size_t wanted, struct pg_rows **rows, struct error *err);
/* A failure of a statement that was cancelled by cancel() becomes JOB_004. Returns false. */
bool own_failed(struct target_pg *t, struct error *err);

/* ---- names.c ---- */
/* Reads t->names anew, as role and search_path were when the session was opened. */
MUST_USE bool names_read(struct target_pg *t, struct error *err);
/* Only what reading needs, faster: whether the ledger, fence, steps and marks are there, and where.
 * What is missing, and the columns of older tables, only names_read() says. */
MUST_USE bool names_look(struct target_pg *t, struct error *err);
/* All that was missing was just made where names_read() said, under the lock: nothing to ask. */
void names_created(struct target_pg *t);

/* ---- operations, one file per part of the table in target_postgres.c ---- */
bool lock_try(struct target *t, bool *held, struct error *err);
bool lock_announce(struct target *t, const char *command, struct error *err);
bool lock_read(struct target *t, struct arena *arena, struct lock_state *out, struct error *err);
bool lock_release(struct target *t, struct error *err);

bool ledger_read(struct target *t, struct arena *arena, struct ledger *out, struct error *err);
bool ledger_ensure(struct target *t, struct error *err);

bool fence_read(struct target *t, struct arena *arena, struct fence_owner *out, struct error *err);
bool fence_evict(struct target *t, const struct fence_owner *owner, struct error *err);
bool fence_take(struct target *t, const struct fence_claim *claim, struct error *err);
bool steps_of(struct target *t, const char *job, int64_t attempt, int64_t *committed,
	      int64_t *planned, struct error *err);
bool versions_of(struct target *t, struct arena *arena, const char *job, const char ***versions,
		 size_t *count, struct error *err);

bool transaction_begin(struct target *t, struct error *err);
bool transaction_savepoint(struct target *t, const char *name, struct error *err);
bool transaction_rollback_to(struct target *t, const char *name, struct error *err);
bool transaction_release(struct target *t, const char *name, struct error *err);
bool transaction_step(struct target *t, const struct target_step *step, struct error *err);
enum commit_result transaction_commit(struct target *t, struct error *err);
bool transaction_rollback(struct target *t, struct error *err);
bool transaction_is_ours(struct target *t, struct error *err);
bool session_clean(struct target *t, struct error *err);
/* TARGET_002 when the backend is another than at the start. */
bool session_is_ours(struct target_pg *t, int64_t backend_pid, struct error *err);

bool statement_run(struct target *t, struct span sql, copy_source copy, void *copy_self,
		   struct arena *arena, struct run_result *out, struct error *err);
size_t statement_notices(struct target *t, struct arena *arena, const char ***out, size_t *dropped);
void statement_take_notice(void *self, const char *severity, const char *message,
			   const char *detail);

bool marks_read(struct target *t, struct arena *arena, const char *version, const char *direction,
		struct statement_mark **out, size_t *count, struct error *err);
bool mark_write(struct target *t, const struct statement_mark *mark, struct error *err);
bool mark_clear(struct target *t, const char *version, const char *direction, uint32_t statement,
		struct error *err);
bool marks_list(struct target *t, struct arena *arena, const char ***versions, size_t *count,
		struct error *err);

bool index_find(struct target *t, struct arena *arena, const struct sql_goal *goal,
		struct index_info *out, struct error *err);
bool index_drop(struct target *t, const struct index_info *index, struct error *err);
bool reindex_leftovers(struct target *t, struct arena *arena, const struct sql_goal *goal,
		       struct index_info **out, size_t *count, struct error *err);
bool goal_reached(struct target *t, const struct sql_goal *goal, bool *reached, struct error *err);

bool object_dependents(struct target *t, struct arena *arena, const struct sql_object *object,
		       struct object_dependents *out, struct error *err);
bool structure_read(struct target *t, struct schema_pool *pool, struct schema_model **out,
		    struct error *err);
bool structure_note(struct target *t, const char *fingerprint, struct error *err);
bool structure_noted(struct target *t, struct arena *arena, struct structure_note *out,
		     struct error *err);

#endif
