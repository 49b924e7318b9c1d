#ifndef CONFITURE_TESTS_SIM_SCENARIO_H
#define CONFITURE_TESTS_SIM_SCENARIO_H

#include "tests/sim/dice.h"
#include "tests/sim/project.h"
#include "tests/sim/simdisk.h"
#include "tests/sim/simnet.h"

/*
 * What a seed decides before its world begins: who is there, what they want, and what shall go
 * wrong. The rest of its chance (who runs next, when a fault strikes) comes while it runs.
 */
enum { TARGETS_MOST = 3, WORKERS_MOST = 3, CLIENTS_MOST = 6, ORDERS_MOST = 6, WISHES_MOST = 2 };

enum order_kind { ORDER_APPLY, ORDER_ROLLBACK, ORDER_DOWN_TO, ORDER_BASELINE, ORDER_STATUS };

struct order {
	enum order_kind kind;
	const char *client; /* who wants it */
	size_t target;
	enum project_files files;
	const char *version; /* limit, or where to go back to; NULL */
	int64_t steps;
	char key[48];
	uint64_t pause_ns; /* before it */
	bool cancel;
	uint64_t cancel_after_ns;
	unsigned twins; /* who send the same at the same time */
	bool other;	/* and one who sends something else under that key */
	unsigned watchers;
	bool waits_for_worker;
	/* ---- what its asker knows, whatever dies ---- */
	char job[64]; /* "" = not accepted yet */
	bool over;    /* it has its answer */
	bool refused; /* that it was not accepted */
	bool lost;    /* a job that only reads went with its coordinator */
	bool cancel_done;
};

/* A claim that an agent wants. */
enum wish_end { WISH_RELEASES, WISH_COMPLETES, WISH_ABANDONS, WISH_FORGETS };
struct claim_wish {
	size_t table, statement;
	bool waits, pretends, steals;
	int64_t ttl_ms;
	uint64_t pause_ns, hold_ns;
	unsigned renewals;
	enum wish_end end;
	char key[48];
	/* ---- what its agent was told, whatever dies ---- */
	char intent[64]; /* "" = not registered yet */
	int64_t token;	 /* 0: none yet */
	bool waiting, waited;
	bool over;
};
/* Each is in the way of each other one on the same table. */
const char *claim_wish_sql(const struct claim_wish *w);

struct plan_client {
	struct order *orders;
	size_t count;
	struct claim_wish *wishes;
	size_t wish_count;
};

struct plan_worker {
	bool serves[TARGETS_MOST];
};

/* Kinds of faults; a seed has some of them. */
#define CHAOS(X)                                                                                   \
	X(coordinator_kill)                                                                        \
	X(coordinator_power)                                                                       \
	X(coordinator_stop)                                                                        \
	X(coordinator_pause)                                                                       \
	X(worker_kill)                                                                             \
	X(worker_power)                                                                            \
	X(worker_stop)                                                                             \
	X(worker_pause)                                                                            \
	X(client_kill)                                                                             \
	X(client_pause)                                                                            \
	X(cut)                                                                                     \
	X(part)                                                                                    \
	X(clock_jump)                                                                              \
	X(disk_errors)                                                                             \
	X(disk_full)                                                                               \
	X(server_crash)                                                                            \
	X(server_refuses)                                                                          \
	X(server_full)                                                                             \
	X(backend_ends)                                                                            \
	X(backend_cut)                                                                             \
	X(connection_cut)                                                                          \
	X(slow_statements)

enum chaos_kind {
#define X(name) CHAOS_##name,
	CHAOS(X)
#undef X
		CHAOS_KINDS
};
const char *chaos_name(enum chaos_kind kind);

struct plan {
	uint64_t seed;
	int64_t lease_ms;
	bool fresh_journal; /* the coordinator makes it */
	bool old_journal;   /* it is one of an earlier version, which it moves on */
	size_t target_count, worker_count, client_count;
	struct plan_worker workers[WORKERS_MOST];
	struct plan_client clients[CLIENTS_MOST];
	struct order orders[CLIENTS_MOST * ORDERS_MOST];
	struct claim_wish wishes[CLIENTS_MOST * WISHES_MOST];
	uint32_t preempt_once_in;
	struct simnet_rules net, calm_net;
	struct simdisk_rules disk;
	bool chaos[CHAOS_KINDS];
	uint64_t chaos_until_ns, chaos_every_ns;
	uint64_t statement_most_ns; /* what a statement takes */
	uint32_t connection_cut_once_in;
	int64_t open_jobs; /* no more than these at once; 0: any number */
};

void plan_make(struct plan *p, uint64_t seed);
/* No fault but what must not matter. */
bool plan_is_calm(const struct plan *p);
/* The name of the target with that number. */
const char *scenario_target(size_t number);
const char *order_kind_name(enum order_kind kind);

#endif
