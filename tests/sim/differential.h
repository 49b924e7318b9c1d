#ifndef CONFITURE_TESTS_DIFFERENTIAL_H
#define CONFITURE_TESTS_DIFFERENTIAL_H

#include <stdatomic.h>

#include "shared/base/runtime.h"
#include "shared/base/text.h"
#include "worker/target.h"

/* What the files of the differential test share: one random sequence of operations on two sessions,
 * done by the real make and by the one in memory, and everything that comes of it as text. */

enum { SESSIONS = 2, RESULT_TEXT = 8192, PEERS_MOST = 256 };

enum op_kind {
	OP_LOCK_TRY,
	OP_LOCK_ANNOUNCE,
	OP_LOCK_READ,
	OP_LOCK_RELEASE,
	OP_LEDGER_READ,
	OP_LEDGER_ENSURE,
	OP_FENCE_READ,
	OP_FENCE_EVICT,
	OP_FENCE_TAKE,
	OP_STEPS_OF,
	OP_VERSIONS_OF,
	OP_BEGIN,
	OP_SAVEPOINT,
	OP_ROLLBACK_TO,
	OP_RELEASE,
	OP_STEP,
	OP_COMMIT,
	OP_ROLLBACK,
	OP_CLEAN,
	OP_RUN,
	OP_IN_TRANSACTION,
	OP_MARKS_READ,
	OP_MARK_WRITE,
	OP_MARK_CLEAR,
	OP_MARKS_LIST,
	OP_INDEX_FIND,
	OP_INDEX_DROP,
	OP_LEFTOVERS,
	OP_GOAL,
	OP_STRUCTURE,
	OP_STRUCTURE_NOTE,
	OP_STRUCTURE_NOTED,
	OP_REOPEN,    /* close, wait until it has ended, open anew */
	OP_CANCEL,    /* of the other session, which waits */
	OP_TERMINATE, /* likewise, or while it is idle */
	OP_COUNT
};

struct op {
	enum op_kind kind;
	int session; /* that does it, or that it happens to */
	/* what it is about, as far as the kind has it */
	const char *name, *sql, *job;
	int64_t number, attempt;
	struct target_step step;
	struct statement_mark mark;
	struct sql_goal goal;
};

/* Backends by the session and the how-manieth of it: pids differ between the makes. */
struct peer {
	int pid;
	char name[16]; /* "session 0.2" */
};

struct side;

/* One session of one make, on a thread of its own. */
struct actor {
	struct side *side;
	int number, generation;
	struct target *target;
	atomic_int pid;
	struct thread *thread;
	struct mutex *lock;
	struct cond *changed;
	const struct op *op; /* NULL = nothing to do */
	bool done, quit;
	struct arena arena;
	struct text result;
};

/* One of the two makes. */
struct side {
	const char *name;
	struct target_factory *factory;
	struct secret url;
	struct actor actors[SESSIONS];
	/* both threads add to them */
	struct peer peers[PEERS_MOST];
	atomic_size_t peer_count;
	/* what only the make's server knows */
	bool (*blocked)(int pid);
	bool (*alive)(int pid);
	void (*terminate)(int pid);
};

/* ---- differential_random.c ---- */
/* What is known of a session, so that what nobody would do is left out. */
struct known {
	bool open;    /* a transaction */
	bool claimed; /* it took the fence */
	bool ensured; /* it made, or saw, our tables */
	bool sealed;  /* its transaction has had a step or a mark, which come last in one */
	bool waits;
};
struct op op_random(uint64_t *seed, const struct known known[SESSIONS], int session);
uint64_t random_next(uint64_t *seed);
/* In one line, for people. */
void op_print(const struct op *op, struct text *out);

/* ---- differential_do.c ---- */
/* Does it and puts all that came of it into a->result, without pids, times and places. */
void op_do(struct actor *a, const struct op *op);
void actor_open(struct actor *a);
void actor_close(struct actor *a);

#endif
