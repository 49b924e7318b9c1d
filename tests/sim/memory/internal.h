#ifndef CONFITURE_TESTS_MEMORY_INTERNAL_H
#define CONFITURE_TESTS_MEMORY_INTERNAL_H

#include "tests/sim/target_memory.h"

/* What the files of the in-memory make share. Nobody else includes it. */

struct memory_session;
struct record;

/* ---- records: every row there is, of users and of catalogues (store.c) ---- */

enum record_kind {
	RECORD_RELATION, /* a table or an index: one namespace, as in pg_class */
	RECORD_ROW,	 /* of a migration's table */
	RECORD_LEDGER,
	RECORD_FENCE,
	RECORD_STEP,
	RECORD_MARK,
	RECORD_NOTE,
	RECORD_HOLDER
};

/* PostgreSQL's table locks, in its order; rows use SHARE and EXCLUSIVE of them. */
enum lock_mode {
	LOCK_NONE,
	LOCK_ACCESS_SHARE,
	LOCK_ROW_SHARE,
	LOCK_ROW_EXCLUSIVE,
	LOCK_SHARE_UPDATE_EXCLUSIVE,
	LOCK_SHARE,
	LOCK_SHARE_ROW_EXCLUSIVE,
	LOCK_EXCLUSIVE,
	LOCK_ACCESS_EXCLUSIVE
};

/* A lock that outlives its transaction and ends with its statement (CONCURRENTLY). */
enum { LEVEL_STATEMENT = -1 };

struct lock {
	struct lock *next; /* of the same record */
	struct lock *mine; /* of the same holder */
	struct record *record;
	struct memory_session *holder;
	enum lock_mode mode;
	int level; /* how many savepoints were open, or LEVEL_STATEMENT */
};

struct record {
	struct record *next;  /* all of the database, in the order they were made */
	struct record *chain; /* of the same hash */
	enum record_kind kind;
	const char *group; /* table or ledger that it belongs to; "" */
	const char *key;
	const void *value; /* committed; NULL = not there. Values never change, they are replaced */
	struct lock *locks;
};

enum relation_kind { RELATION_TABLE, RELATION_PARTITIONED, RELATION_INDEX };
struct relation {
	enum relation_kind kind;
	const char *parent; /* of a partition; NULL */
	bool detaching;	    /* DETACH … CONCURRENTLY was cut */
	const char *table;  /* of an index */
	const char *column;
	bool unique, ready, valid, live;
	int64_t born; /* as oids are: unique indexes are looked at in that order */
};

struct row {
	const char *id;
	int64_t n;
};
struct ledger_entry {
	struct ledger_row row;
	int64_t pk, applied_us;
};
struct fence_row {
	int64_t token;
	int backend_pid;
	const char *backend_start, *journal, *job;
	int64_t attempt;
	const char *coordinator; /* NULL: none serves it */
};
struct step_row {
	const char *job, *ledger, *action, *version;
	int64_t attempt, planned;
};
struct note_row {
	const char *fingerprint, *versions;
	int64_t noted_us;
};
struct holder_row {
	int64_t pid;
	const char *host, *command;
	int64_t acquired_us;
};

struct change {
	struct record *record;
	const void *value;
	const char *words;
};

struct memory_db {
	struct memory_db *next;
	struct memory_server *server;
	const char *name;
	bool dropped;
	struct arena arena; /* records, values, commits */
	struct record *first, **last;
	struct record *buckets[1024];
	struct lock *free_locks;
	struct memory_session *lock_holder; /* of the runner's lock */
	int lock_count;
	int64_t next_pk, next_born;
	struct memory_commit *commits;
	size_t commit_count, commit_cap;
};

/* Finds it, or makes it without a value. */
struct record *record_of(struct memory_db *db, enum record_kind kind, const char *group,
			 const char *key);
/* What this session sees: its own change, else what is committed. NULL = not there. */
const void *record_see(const struct memory_session *s, const struct record *record);
/* What it sees under that name. */
const struct relation *relation_see(struct memory_session *s, const char *name);
/* Records of a kind and group that this session sees, one after another; NULL starts, and ends. */
struct record *record_next(const struct memory_session *s, struct record *at, enum record_kind kind,
			   const char *group);
/* Writes it within the open transaction; the caller holds its lock. `value` NULL removes. */
MUST_USE bool record_put(struct memory_session *s, struct record *record, const void *value,
			 const char *words);

/* ---- transactions (transaction.c) ---- */

enum transaction_state { TRANSACTION_IDLE, TRANSACTION_OPEN, TRANSACTION_FAILED };

enum { SAVEPOINTS_MOST = 64 };
struct savepoint {
	char *name;
	size_t changes;
};

struct transaction {
	enum transaction_state state;
	uint64_t number; /* within the session; changes with every transaction */
	int64_t start_us;
	uint64_t start_ns;
	struct change *changes;
	size_t change_count, change_cap;
	struct savepoint savepoints[SAVEPOINTS_MOST];
	int savepoint_count;
	struct target_step step; /* written in it; number 0 = none */
	size_t step_at;		 /* its place among the changes */
};

void transaction_start(struct memory_session *s);
void transaction_finish(struct memory_session *s, bool commit);
void transaction_fail(struct memory_session *s);
/* Runs `fn` in the open transaction, or in one of its own; an error fails the former. */
typedef bool (*statement_fn)(struct memory_session *s, void *arg);
MUST_USE bool transaction_around(struct memory_session *s, statement_fn fn, void *arg);
MUST_USE bool savepoint_set(struct memory_session *s, const char *name);
MUST_USE bool savepoint_back(struct memory_session *s, const char *name);
MUST_USE bool savepoint_release(struct memory_session *s, const char *name);

/* ---- locks and waits (lock.c) ---- */

/* Waits until it is granted. False: refused (deadlock, timeout, cancel, end). */
MUST_USE bool lock_take(struct memory_session *s, struct record *record, enum lock_mode mode,
			int level);
/* Those of a level or above. */
void lock_drop(struct memory_session *s, int level);
void lock_drop_statement(struct memory_session *s);
/* Locks of a released savepoint belong to the one around it. */
void lock_lower(struct memory_session *s, int level);
bool lock_conflicts(enum lock_mode a, enum lock_mode b);
/* Waits for the transactions that now hold a lock on it that conflicts with `mode`. */
MUST_USE bool lock_await_holders(struct memory_session *s, struct record *record,
				 enum lock_mode mode);
/* Waits for the transactions of the database whose statement now runs on an older snapshot. */
MUST_USE bool lock_await_snapshots(struct memory_session *s);
/* Waits for the end of the transaction that the other session is in. */
MUST_USE bool lock_await_end(struct memory_session *s, const struct memory_session *other);
/* Waits for that long; false when it is interrupted. */
MUST_USE bool lock_await_time(struct memory_session *s, uint64_t ns);

/* ---- sessions (server.c, client.c) ---- */

/* What a server says when it refuses: the client makes a struct error of it. */
struct refusal {
	char state[6];
	char words[ERROR_TEXT];
	uint32_t position; /* in characters, from 1; 0 = none */
};

struct request {
	enum memory_operation operation;
	bool sent, done;
	bool ok;
	struct refusal refusal;
	enum error_id told; /* of an error of ours rather than of the server's; with `words` */
	bool has_told;
	struct arena arena; /* of arguments and results */
	/* arguments, as the operation has them */
	const char *name, *version, *direction;
	struct span sql;
	const struct target_step *step;
	const struct statement_mark *mark;
	struct fence_claim claim;
	struct fence_owner owner; /* evict: in; read: out */
	struct sql_goal goal;
	struct index_info index; /* drop: in; find: out */
	const struct sql_object *object;
	uint32_t number;
	int64_t attempt;
	/* results */
	bool flag;
	enum commit_result commit;
	struct lock_state lock;
	struct ledger ledger;
	int64_t committed, planned;
	struct statement_mark *marks;
	const char **texts;
	struct index_info *indexes;
	size_t count;
	struct run_result result;
	struct object_dependents dependents;
	struct structure_note note;
	struct schema_object *objects; /* of a structure: kind, name, parent; an index's validity */
};

enum { MEMORY_NOTICES = 100 };

/* What a waiting session waits for, for the search for deadlocks. */
struct awaited {
	struct record *record; /* a lock: */
	enum lock_mode mode;
	uint64_t turn; /* who came first */
	int other_pid; /* or the end of that session's transaction: */
	uint64_t transaction;
};

struct memory_session {
	struct target base;
	struct memory_session *next;
	struct memory_server *server;
	struct memory_db *db;
	struct arena arena;
	struct target_info info;
	const char *process, *host, *application;
	const char *schema; /* of the ledger, when it was named; NULL */
	const char *ledger;
	int64_t client_pid;
	bool operator_; /* memory_db_run(): no hooks */

	/* the client's end */
	bool client_open;
	bool cut; /* the connection is no more: nothing arrives, the client knows or will */
	struct refusal farewell; /* what the server said before it ended the session */
	enum transaction_state told_state;
	uint64_t told_transaction, begun_transaction;
	bool cancel_asked;
	bool begun_again; /* a statement may have begun another transaction since begin() */
	bool claimed;
	const char *notices[MEMORY_NOTICES];
	size_t notice_count, notice_dropped;
	struct arena notice_arena;
	struct cond *answered;
	/* The second takes what is asked after the connection was lost. */
	struct request requests[2];
	struct request *request; /* the one that the backend works on */

	/* the backend's end */
	bool alive;   /* the backend is there */
	bool serving; /* a thread is at it */
	bool busy;    /* it runs a request */
	bool hangup;  /* it will see that its client is gone */
	bool terminate, cancel;
	bool snapshot; /* its statement holds one */
	uint64_t idle_since_ns;
	uint64_t nameless_idle_ns; /* 0 = no limit */
	bool nameless;		   /* it has the lock, and no fence yet */
	struct cond *arrived;
	struct transaction transaction;
	struct lock *locks;
	struct awaited awaited;
	bool waiting;
	uint64_t searched; /* number of the last search for deadlocks that came by */
	uint64_t lock_deadline_ns, statement_deadline_ns;
	int64_t lock_timeout_ms, lock_timeout_before, lock_timeout_session;
	struct fence_claim claim;
	int64_t token;
	int64_t started_us;
	const char *backend_start;
	struct record *building; /* index that it builds now */
};

struct backend_thread {
	struct backend_thread *next;
	struct thread *thread;
	struct memory_server *server;
	struct memory_session *session; /* NULL = free */
	struct cond *wanted;
};

struct memory_server {
	struct runtime *rt;
	struct mutex *lock;
	struct cond *changed; /* a lock was dropped, a transaction or a session has ended */
	struct arena arena;
	struct memory_hooks hooks;
	enum memory_state state;
	bool disk_full, no_evict, stopping;
	struct memory_db *databases;
	struct memory_session *sessions;
	struct backend_thread *threads;
	int next_pid;
	uint64_t next_turn, searches;
};

static inline struct memory_session *
memory_session_of(struct target *t)
{
	return (struct memory_session *)(void *)t;
}

void memory_lock(struct memory_server *server);
void memory_unlock(struct memory_server *server);
struct memory_db *memory_database(struct memory_server *server, const char *name, bool make);
/* A new session with its backend, or a refusal. The server's mutex is held. */
struct memory_session *memory_session_start(struct memory_server *server, struct memory_db *db);
/* The backend ends here and now: undone, its locks dropped, its thread told. The mutex is held. */
void memory_session_end(struct memory_session *s, const char *state, const char *words);
/* Frees it when neither end is there any more. The mutex is held. */
void memory_session_put(struct memory_session *s);

/* All set the request's refusal and return false; `position` 0 = none. */
bool refuse(struct memory_session *s, const char *state, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool refuse_at(struct memory_session *s, uint32_t position, const char *state, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
bool refuse_aborted(struct memory_session *s);
/* An error in our words, which the real make gives on the client's side: the transaction is as good
 * as before, so an operation that returns true after it has told what it has to. */
bool refuse_told(struct memory_session *s, enum error_id id, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void session_notice(struct memory_session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Cancelled, told to end, gone, or out of time: false with the refusal. */
MUST_USE bool session_go_on(struct memory_session *s);
/* Calls the server's hook between two parts of a statement. */
MUST_USE bool session_phase(struct memory_session *s, const char *phase);

/* ---- what a backend does ---- */

/* One request (operations.c). */
void backend_perform(struct memory_session *s);
/* Statements of migrations (sql.c); concurrent ones (concurrent.c). */
MUST_USE bool sql_run(struct memory_session *s);

struct index_statement {
	const char *name; /* NULL: PostgreSQL picks one */
	const char *table, *column;
	bool unique, if_exists;
};
MUST_USE bool index_create(struct memory_session *s, const struct index_statement *st);
MUST_USE bool index_create_concurrently(struct memory_session *s, const struct index_statement *st);
MUST_USE bool index_drop_concurrently(struct memory_session *s, const char *name, bool if_exists);
MUST_USE bool index_rebuild_concurrently(struct memory_session *s, const char *name);
MUST_USE bool partition_detach_concurrently(struct memory_session *s, const char *parent,
					    const char *child);
MUST_USE bool partition_finalize(struct memory_session *s, const char *parent, const char *child);

/* ---- the client's end ---- */
extern const struct target_ops memory_target_ops;

/* Where a URL leads. */
struct memory_route {
	struct memory_route *next;
	struct secret url;
	struct memory_server *server;
	const char *database;
};

struct memory_factory {
	struct target_factory base;
	struct arena arena;
	const char *process, *host;
	int64_t pid;
	bool operator_; /* memory_db_run() */
	struct memory_route *routes;
};
const struct memory_route *memory_route_find(const struct target_factory *f, struct secret url);

/* The factory's operations. */
bool memory_open(struct target_factory *f, const struct target_spec *spec, struct target **out,
		 struct error *err);
bool memory_scratch_open(struct target_factory *f, enum scratch_kind kind,
			 const struct target_spec *source, struct arena *arena,
			 struct scratch **out, struct target_spec *spec, struct error *err);
void memory_scratch_close(struct target_factory *f, struct scratch *scratch);
/* Without the mutex. */
enum memory_fate memory_ask_hook(struct memory_server *server, const struct memory_point *point);
/* The request for the next operation, empty. */
struct request *memory_request(struct memory_session *s, enum memory_operation operation);
/* One round trip. False with `err`; `fallback` is the code for a SQLSTATE that has none. */
MUST_USE bool memory_exchange(struct memory_session *s, struct request *r, enum error_id fallback,
			      struct error *err);
/* The connection is gone, or its client has given it up. */
bool memory_is_lost(struct memory_session *s);
bool memory_lost(struct memory_session *s, struct error *err);
/* A struct error of what a server said. */
bool memory_refused(const struct refusal *why, enum error_id fallback, const char *message,
		    struct error *err);

#endif
