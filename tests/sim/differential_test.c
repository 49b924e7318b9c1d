/*
 * The in-memory make against the real one: the same random operations by two sessions, everything
 * that comes of each compared, also who waits for whom. Both sessions have a thread, so that one
 * can wait while the other goes on.
 *
 *   sim_differential                 for the test command: so many, but for no longer than a minute
 *   sim_differential SEEDS [FIRST]   any number, from there on
 *   sim_differential 1 SEED          one again, with all its operations shown
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/differential.h"
#include "tests/sim/target_memory.h"
#include "tests/support/cluster.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

enum { OPERATIONS = 60, SEEDS = 120, MOST_MS = 60000, PATIENCE_MS = 20000, LOOK_MS = 1 };

static const char DATABASE[] = "differential";
static const char MEMORY_URL[] = "memory://differential";

static struct runtime *rt;
static struct pg_session *admin;
static struct mutex *admin_lock; /* actors ask too */
static char *postgres_url;
static struct memory_server *server;
static bool verbose;

/* ---- what only the servers know ---- */

static bool
ask_admin(const char *format, int pid)
{
	char sql[256];

	snprintf(sql, sizeof(sql), format, pid);
	rt->ops->mutex_lock(rt, admin_lock);
	const char *answer = pg_session_text(admin, sql);
	bool yes = answer != NULL && strcmp(answer, "t") == 0;
	rt->ops->mutex_unlock(rt, admin_lock);
	return yes;
}

static bool
postgres_blocked(int pid)
{
	return ask_admin("SELECT pg_blocking_pids(%d) <> '{}'", pid);
}

static bool
postgres_alive(int pid)
{
	return ask_admin("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %d)", pid);
}

static void
postgres_terminate(int pid)
{
	(void)ask_admin("SELECT pg_terminate_backend(%d)", pid);
}

static bool
memory_blocked(int pid)
{
	return memory_backend_blocked(server, pid);
}

static bool
memory_alive(int pid)
{
	return memory_backend_alive(server, pid);
}

static void
memory_terminate(int pid)
{
	(void)memory_backend_terminate(server, pid);
}

/* ---- actors ---- */

static void
actor_main(void *arg)
{
	struct actor *a = arg;

	rt->ops->mutex_lock(rt, a->lock);
	while (!a->quit) {
		if (a->op == NULL || a->done) {
			rt->ops->cond_wait(rt, a->changed, a->lock, RUNTIME_FOREVER);
			continue;
		}
		const struct op *op = a->op;
		rt->ops->mutex_unlock(rt, a->lock);
		op_do(a, op);
		rt->ops->mutex_lock(rt, a->lock);
		a->done = true;
		rt->ops->cond_wake(rt, a->changed);
	}
	rt->ops->mutex_unlock(rt, a->lock);
}

static void
actor_give(struct actor *a, const struct op *op)
{
	rt->ops->mutex_lock(rt, a->lock);
	a->op = op;
	a->done = false;
	rt->ops->cond_wake(rt, a->changed);
	rt->ops->mutex_unlock(rt, a->lock);
}

/* Waits a moment for it to be done. */
static bool
actor_done(struct actor *a)
{
	uint64_t end = runtime_deadline(rt, LOOK_MS);
	bool in_time = true;

	rt->ops->mutex_lock(rt, a->lock);
	while (!a->done && in_time)
		in_time = rt->ops->cond_wait(rt, a->changed, a->lock, end);
	bool done = a->done;
	rt->ops->mutex_unlock(rt, a->lock);
	return done;
}

static int
actor_pid(const struct actor *a)
{
	return atomic_load(&a->pid);
}

enum standing { BUSY, WAITS, DONE };

static enum standing
actor_standing(struct actor *a)
{
	if (actor_done(a))
		return DONE;
	return a->side->blocked(actor_pid(a)) ? WAITS : BUSY;
}

static void
side_open(struct side *side)
{
	side->peer_count = 0;
	for (int i = 0; i < SESSIONS; i++) {
		struct actor *a = &side->actors[i];
		*a = (struct actor){.side = side, .number = i, .done = true};
		a->lock = rt->ops->mutex_new(rt);
		a->changed = rt->ops->cond_new(rt);
		arena_init(&a->arena);
		text_init(&a->result, 0);
		actor_open(a);
		a->thread = rt->ops->thread_start(rt, "actor", actor_main, a);
	}
}

static void
side_close(struct side *side)
{
	for (int i = 0; i < SESSIONS; i++) {
		struct actor *a = &side->actors[i];
		rt->ops->mutex_lock(rt, a->lock);
		a->quit = true;
		rt->ops->cond_wake(rt, a->changed);
		rt->ops->mutex_unlock(rt, a->lock);
		/* One that still waits. */
		side->terminate(actor_pid(a));
	}
	for (int i = 0; i < SESSIONS; i++) {
		struct actor *a = &side->actors[i];
		rt->ops->thread_join(rt, a->thread);
		actor_close(a);
		text_fini(&a->result);
		arena_fini(&a->arena);
		rt->ops->cond_free(rt, a->changed);
		rt->ops->mutex_free(rt, a->lock);
	}
}

/* ---- one seed ---- */

struct run {
	struct side sides[2]; /* PostgreSQL, memory */
	struct op ops[SESSIONS];
	struct known known[SESSIONS];
	struct text story;
	uint64_t seed, dice;
};

static void
failed(struct run *r, const char *what)
{
	fprintf(stderr, "seed %llu: %s\n%s", (unsigned long long)r->seed, what, r->story.ptr);
	for (int i = 0; i < SESSIONS; i++)
		for (int s = 0; s < 2; s++)
			fprintf(stderr, "  session %d, %s: %s\n", i, r->sides[s].name,
				r->sides[s].actors[i].done ? r->sides[s].actors[i].result.ptr
							   : "(still at it)");
	fprintf(stderr, "again: sim_differential 1 %llu\n", (unsigned long long)r->seed);
}

/* Until the session stands on both sides, and stands the same. */
static bool
settle(struct run *r, int session)
{
	struct actor *a = &r->sides[0].actors[session], *b = &r->sides[1].actors[session];
	uint64_t end = runtime_deadline(rt, PATIENCE_MS);
	enum standing x, y;

	do {
		y = actor_standing(b);
		x = actor_standing(a);
		/* What waits in memory may have been let go meanwhile, so it is asked twice. */
		if (x == y && x != BUSY && actor_standing(b) == y)
			break;
	} while (runtime_boot_ns(rt) < end);
	r->known[session].waits = x == WAITS;
	if (x != y || x == BUSY) {
		static const char *const words[] = {"is busy", "waits", "is done"};
		text_printf(&r->story, "session %d %s in %s and %s in %s\n", session, words[x],
			    r->sides[0].name, words[y], r->sides[1].name);
		failed(r, "one goes on where the other waits");
		return false;
	}
	if (x == DONE && strcmp(a->result.ptr, b->result.ptr) != 0) {
		failed(r, "two different results");
		return false;
	}
	return true;
}

static bool
is_sql(const struct op *op, const char *sql)
{
	return op->kind == OP_RUN && strcmp(op->sql, sql) == 0;
}

static void
learn(struct run *r, int session)
{
	const struct op *op = &r->ops[session];
	struct known *k = &r->known[session];
	bool ok = strncmp(r->sides[0].actors[session].result.ptr, "ok", 2) == 0;

	if (op->kind == OP_REOPEN)
		*k = (struct known){0};
	else if (op->kind == OP_BEGIN || is_sql(op, "BEGIN"))
		k->open = ok || k->open;
	else if (op->kind == OP_COMMIT || op->kind == OP_ROLLBACK || is_sql(op, "COMMIT") ||
		 is_sql(op, "ROLLBACK"))
		k->open = false;
	else if (op->kind == OP_FENCE_TAKE)
		k->claimed = k->claimed || ok;
	else if (op->kind == OP_LEDGER_ENSURE)
		k->ensured = k->ensured || ok;
	else if (op->kind == OP_STEP || op->kind == OP_MARK_WRITE || op->kind == OP_MARK_CLEAR)
		k->sealed = true;
	k->sealed = k->sealed && k->open;
}

static void
tell(struct run *r, int session)
{
	const char *result =
		r->known[session].waits ? "waits" : r->sides[0].actors[session].result.ptr;

	text_printf(&r->story, "    %d -> %s\n", session, result);
}

/* The session may be told to end while it waits, or while it sits there. */
static void
happen(struct run *r, const struct op *op)
{
	for (int i = 0; i < 2; i++) {
		struct side *side = &r->sides[i];
		struct actor *a = &side->actors[op->session];
		int pid = actor_pid(a);
		struct error err;
		if (op->kind == OP_CANCEL && !a->target->ops->cancel(a->target, &err))
			abort();
		if (op->kind == OP_CANCEL)
			continue;
		side->terminate(pid);
		while (side->alive(pid))
			;
	}
}

static bool
step(struct run *r)
{
	int session = (int)(random_next(&r->dice) % SESSIONS);

	if (r->known[session].waits)
		session = 1 - session;
	struct op op = op_random(&r->dice, r->known, session);
	op_print(&op, &r->story);
	text_put_char(&r->story, '\n');
	bool waited[SESSIONS] = {r->known[0].waits, r->known[1].waits};
	if (op.kind == OP_CANCEL || op.kind == OP_TERMINATE) {
		happen(r, &op);
		/* A cancelled statement is over, whatever its lock does. */
		while (waited[op.session] && (!actor_done(&r->sides[0].actors[op.session]) ||
					      !actor_done(&r->sides[1].actors[op.session])))
			;
	} else {
		r->ops[session] = op;
		for (int i = 0; i < 2; i++)
			actor_give(&r->sides[i].actors[session], &r->ops[session]);
		waited[session] = true;
		if (!settle(r, session))
			return false;
	}
	for (int i = 0; i < SESSIONS; i++) {
		if (!waited[i])
			continue;
		if (!settle(r, i))
			return false;
		tell(r, i);
		if (!r->known[i].waits)
			learn(r, i);
	}
	return true;
}

static bool
run_operations(struct run *r)
{
	for (int i = 0; i < OPERATIONS; i++) {
		if (!step(r))
			return false;
	}
	return true;
}

static const char *const setting_up[] = {
	"CREATE TABLE t (id text PRIMARY KEY, n bigint)",
	"INSERT INTO t VALUES ('a', 0), ('b', 1)",
};

static void
set_up(void)
{
	struct memory_db *db = memory_server_database(server, DATABASE);
	struct run_result r;
	struct arena arena;
	struct error err;

	if (!pg_session_exec(admin, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
		abort();
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(setting_up); i++) {
		if (!pg_session_exec(admin, setting_up[i]) ||
		    !memory_db_run(db, setting_up[i], &arena, &r, &err))
			abort();
	}
	arena_fini(&arena);
}

static bool
run_seed(uint64_t seed)
{
	struct run *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	server = memory_server_new(rt);
	set_up();
	r->seed = r->dice = seed;
	text_init(&r->story, 0);
	r->sides[0] = (struct side){.name = "PostgreSQL",
				    .factory = target_postgres(),
				    .url = secret_of(postgres_url),
				    .blocked = postgres_blocked,
				    .alive = postgres_alive,
				    .terminate = postgres_terminate};
	r->sides[1] = (struct side){.name = "memory",
				    .factory = memory_factory_new("here", 1, NULL),
				    .url = secret_of(MEMORY_URL),
				    .blocked = memory_blocked,
				    .alive = memory_alive,
				    .terminate = memory_terminate};
	memory_factory_route(r->sides[1].factory, MEMORY_URL, server, DATABASE);
	for (int i = 0; i < 2; i++)
		side_open(&r->sides[i]);
	bool ok = run_operations(r);
	if (ok && verbose)
		fputs(r->story.ptr, stdout);
	for (int i = 0; i < 2; i++)
		side_close(&r->sides[i]);
	memory_server_stop(server);
	memory_server_free(server);
	memory_factory_free(r->sides[1].factory);
	text_fini(&r->story);
	free(r);
	return ok;
}

static const char settings[] = "deadlock_timeout = '1ms'\nautovacuum = off\n";

int
main(int argc, char **argv)
{
	long seeds = argc > 1 ? strtol(argv[1], NULL, 10) : SEEDS, done = 0;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	bool ok = true;

	rt = runtime_system();
	verbose = seeds == 1;
	if (!cluster_start_private(settings) || !cluster_create_database(DATABASE) ||
	    (admin = pg_session_open(cluster_url(DATABASE))) == NULL)
		return 2;
	postgres_url = strdup(cluster_url(DATABASE));
	admin_lock = rt->ops->mutex_new(rt);
	uint64_t end = argc > 1 ? RUNTIME_FOREVER : runtime_deadline(rt, MOST_MS);
	for (; ok && done < seeds && runtime_boot_ns(rt) < end; done++)
		ok = run_seed(first + (uint64_t)done);
	pg_session_close(admin);
	rt->ops->mutex_free(rt, admin_lock);
	free(postgres_url);
	printf("%ld seeds of %d operations from %llu: %s\n", done, OPERATIONS,
	       (unsigned long long)first, ok ? "the same" : "the last one differs");
	return ok ? 0 : 1;
}
