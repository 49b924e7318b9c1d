#ifndef CONFITURE_TESTS_TARGET_MEMORY_H
#define CONFITURE_TESTS_TARGET_MEMORY_H

#include "shared/base/runtime.h"
#include "worker/target.h"

/*
 * The in-memory make of worker/target.h: a PostgreSQL server as far as the engine relies on one.
 * tests/sim/differential_test.c drives it and the real make through the same random operations.
 *
 * A server has databases; a client has sessions with one of them. As with the real one, a session
 * has two ends: the target that the client calls, and a backend, which is a thread of the server's
 * runtime and does what arrives. So a backend goes on with its statement when its client is dead,
 * and ends only when it notices.
 *
 *   struct memory_server *server = memory_server_new(rt);   // rt: of the server's machine
 *   struct memory_db *db = memory_server_database(server, "app");
 *   struct target_factory *f = memory_factory_new("worker-1", 4711, NULL);
 *   memory_factory_route(f, "memory://eu/app", server, "app");
 *   … f->open(f, &spec, …) with spec.url = that text …
 *
 * Threads: everything may be called from any thread of the runtime; hooks too may call what is
 * below, but for memory_server_stop(). All state lies under one mutex of the server, which is never
 * held while a hook runs or while anybody waits but by cond_wait. A client's thread may vanish in
 * any wait, or in a hook (a simulated kill -9): then memory_process_gone() must be told. Nothing of
 * a client's memory is touched by a backend.
 *
 * Waits end by events only; where a deadline counts (lock_timeout) it is the server's boot clock.
 *
 * SQL: what migrations of tests need, see memory/sql.c: CREATE/DROP TABLE, INSERT, UPDATE, DELETE,
 * SELECT over tables (id text PRIMARY KEY, n bigint), indexes with and without CONCURRENTLY,
 * REINDEX … CONCURRENTLY, partitions and DETACH … CONCURRENTLY, CREATE/DROP DATABASE, SET, VACUUM,
 * BEGIN, COMMIT, ROLLBACK. All else is refused with 42601.
 */
struct memory_server;
struct memory_db;

/* ---- faults ---- */

/* X(operation): one for each member of struct target_ops that talks to the server. */
/* clang-format off */
#define MEMORY_OPERATIONS(X)                                                                       \
	X(open) X(cancel) X(lock_try) X(lock_announce) X(lock_read) X(lock_release)                \
	X(ledger_read) X(ledger_ensure) X(fence_read) X(fence_evict) X(fence_take) X(steps_of)     \
	X(versions_of)                                                                             \
	X(begin) X(savepoint) X(rollback_to) X(release) X(step) X(commit) X(rollback) X(clean)     \
	X(run) X(marks_read) X(mark_write) X(mark_clear) X(marks_list) X(index_find)               \
	X(index_drop) X(reindex_leftovers) X(goal_reached) X(dependents) X(structure)  \
	X(structure_note) X(structure_noted)
/* clang-format on */

enum memory_operation {
#define X(name) MEMORY_##name,
	MEMORY_OPERATIONS(X)
#undef X
		MEMORY_OPERATION_COUNT
};
const char *memory_operation_name(enum memory_operation operation);

struct memory_point {
	enum memory_operation operation;
	bool after;	     /* the request was answered; else it has not left */
	const char *process; /* the client's; as given to memory_factory_new() */
	const char *database;
	int backend_pid; /* 0 before open */
	/* In the server's hook, between the parts of a statement outside transactions: "building",
	 * "validating", "invalidated" …; NULL otherwise. */
	const char *phase;
};

/* What becomes of the connection at a point of the client. */
enum memory_fate {
	MEMORY_GO_ON,
	MEMORY_CUT,	      /* cut, both ends learn of it: the request, or its answer, is lost */
	MEMORY_CUT_SENT,      /* before: the request arrives, then the connection is cut */
	MEMORY_HALF_OPEN,     /* as MEMORY_CUT, but the server's end is not told */
	MEMORY_HALF_OPEN_SENT /* as MEMORY_CUT_SENT, but the server's end is not told */
};

struct memory_hooks {
	/* On the client's thread, before each operation and after it. May wait. NULL = go on. */
	enum memory_fate (*client)(void *self, const struct memory_point *point);
	/* On the backend's thread: before it does a request, before it answers, and at each phase.
	 * Waiting here is a slow server, or an answer that comes late. NULL = nothing. */
	void (*server)(void *self, const struct memory_point *point);
	void *self;
};

/* ---- servers ---- */

/* `rt` outlives it. Starts up, without hooks, with the databases "postgres" and none else. */
struct memory_server *memory_server_new(struct runtime *rt);
/* Ends all sessions and waits until no thread of the server runs. */
void memory_server_stop(struct memory_server *server);
/* Frees all, databases too. No thread of the server or of a client may run any more: stopped, or
 * dropped by the simulator. */
void memory_server_free(struct memory_server *server);

/* `hooks` is copied. */
void memory_server_hooks(struct memory_server *server, const struct memory_hooks *hooks);

enum memory_state {
	MEMORY_UP,
	MEMORY_REFUSING, /* nobody listens: CONFIG_006 */
	MEMORY_STARTING, /* 57P03 */
	MEMORY_FULL	 /* no free slot: 53300 */
};
/* For new sessions; those that are open go on. */
void memory_server_state(struct memory_server *server, enum memory_state state);
/* As pg_ctl -m immediate: all backends are gone, what was not committed is undone, session locks
 * with it. The state stays as it is set. */
void memory_server_crash(struct memory_server *server);
/* Whatever would write is refused with 53100. */
void memory_server_disk_full(struct memory_server *server, bool full);
/* Whether the clients' role may end the backends of others (default true). */
void memory_server_may_evict(struct memory_server *server, bool may);

/* As pg_terminate_backend() and pg_cancel_backend(); false when there is no such backend. */
bool memory_backend_terminate(struct memory_server *server, int backend_pid);
bool memory_backend_cancel(struct memory_server *server, int backend_pid);
/* The connection of that backend is cut from outside; `half_open`: the server is not told. */
void memory_backend_cut(struct memory_server *server, int backend_pid, bool half_open);
bool memory_backend_alive(struct memory_server *server, int backend_pid);
/* The backend waits for a lock or for another transaction. */
bool memory_backend_blocked(struct memory_server *server, int backend_pid);

/*
 * All threads of that process are gone; its sessions have no client any more. Backends that sit
 * idle end now, those in a statement when it is done, as a real one does that sees the closed
 * socket. `half_open` (a machine that froze, a cut network): the server is not told, they stay.
 */
void memory_process_gone(struct memory_server *server, const char *process, bool half_open);

/* ---- clients ---- */

/* Sessions of one process. `pid` and `host` (NULL: the process's name) go into
 * confiture_lock_holder. Free it when no session of it is open, or after memory_process_gone(). */
struct target_factory *memory_factory_new(const char *process, int64_t pid, const char *host);
void memory_factory_free(struct target_factory *factory);
/* target_spec.url of that text means this database (spec.database may name another one of that
 * server). Another text is refused with CONFIG_006. */
void memory_factory_route(struct target_factory *factory, const char *url,
			  struct memory_server *server, const char *database);

/* ---- what a checker reads: committed state only ---- */

/* Makes the database when it is not there. Databases live as long as their server. */
struct memory_db *memory_server_database(struct memory_server *server, const char *name);

/* Runs one statement by itself, as an operator with psql would: for setting up and for looking.
 * Waits for locks as any other session. */
MUST_USE bool memory_db_run(struct memory_db *db, const char *sql, struct arena *arena,
			    struct run_result *out, struct error *err);

/* n of the row with that id; INT64_MIN when there is no such table or row. */
int64_t memory_db_number(struct memory_db *db, const char *table, const char *id);
bool memory_db_has_table(struct memory_db *db, const char *table);
enum index_state memory_db_index(struct memory_db *db, const char *index);
/* All that are not valid, builds that are going on left out. */
size_t memory_db_invalid_indexes(struct memory_db *db, struct arena *arena, const char ***out);
/* Versions in the ledger, oldest first. `ledger` NULL = tb_confiture. */
size_t memory_db_ledger(struct memory_db *db, struct arena *arena, const char *ledger,
			struct ledger_row **out);
/* Marks that are left. */
size_t memory_db_marks(struct memory_db *db, struct arena *arena, struct statement_mark **out);
/* pid of the backend that holds the runner's lock; 0 = free. */
int memory_db_lock_holder(struct memory_db *db);
/* Token of the fence; 0 = none yet. */
int64_t memory_db_token(struct memory_db *db);

/* One row that a commit changed, in words for a trace: "ledger tb_confiture/001", "row counter/v1".
 */
struct memory_change {
	const char *record;
	bool gone;	   /* removed */
	const char *value; /* in words; NULL when gone */
};

struct memory_commit {
	uint64_t number;  /* from 1 within its database */
	uint64_t boot_ns; /* of the server's clock */
	int backend_pid;
	const char *process; /* whose session it was; "operator" for memory_db_run() */
	/* The claim of that session, as fence_take() made it; NULL and 0 without. */
	const char *journal, *job;
	int64_t attempt, token;
	const struct target_step *step; /* written in it; NULL = none */
	const struct memory_change *changes;
	size_t change_count;
};
/* All commits that changed something, oldest first. Valid until memory_server_free(); the array
 * only until the next commit. */
size_t memory_db_commits(struct memory_db *db, const struct memory_commit **out);

#endif
