#ifndef CONFITURE_TESTS_SIM_HOUSE_H
#define CONFITURE_TESTS_SIM_HOUSE_H

#include "coordinator/coordinator.h"
#include "shared/migration/migration.h"
#include "tests/sim/history.h"
#include "tests/sim/project.h"
#include "tests/sim/scenario.h"
#include "tests/sim/simdisk.h"
#include "tests/sim/simnet.h"
#include "tests/sim/target_memory.h"
#include "worker/worker.h"

/*
 * Everybody in one simulated world. Each actor has a machine, and a process while it runs; what
 * happens to it from outside (start, stop, kill, pause) is done by the functions here, from timers.
 */
struct house;
struct spool;

struct actor {
	struct house *house;
	const char *name;
	int place; /* in the network */
	struct machine machine;
	struct process *process; /* NULL: it is down */
	void (*start)(struct actor *a);
	void (*gone)(struct actor *a, bool power); /* after its process was killed */
	struct timer restart, wakeup, reap;
	uint64_t down_most_ns; /* of the next fuse */
	uint64_t exit_down_ns; /* after it has ended by itself */
	bool fuse_power;
	unsigned lives;
	char incarnation[32]; /* "worker-1.3" */
};

struct coordinator_actor {
	struct actor actor; /* first */
	struct coordinator *core;
};

struct worker_actor {
	struct actor actor; /* first */
	struct spool *spool;
	struct worker *worker;
	struct target_directory directory;
	struct wait_list asked; /* to stop */
	bool stopping;
	const struct plan_worker *plan;
};

struct client_actor {
	struct actor actor; /* first */
	struct net_client *client;
	const struct plan_client *plan;
	size_t next; /* order */
	bool done;
	bool wishes_over;
};

/* A server with one database. */
struct server_actor {
	struct process *process;
	struct memory_server *server;
	struct memory_db *db;
	struct timer up;
	char url[48];
	const char *place; /* the same without its scheme */
	uint64_t statement_most_ns;
	uint32_t cut_once_in; /* a connection, at any point of an operation; 0 = never */
};

/* Looks at everything when the faults are over. */
struct auditor {
	struct process *process;
	struct net_client *client;
	struct arena arena; /* of what it reads */
	bool done;
};

struct house {
	struct world world;
	struct dice faults; /* a stream of its own */
	const struct plan *plan;
	const struct project *project;
	FILE *nowhere;	 /* what commands draw */
	struct log *log; /* what daemons say, when somebody reads the trace; NULL */
	struct history *history;
	struct simnet *net;
	struct simdisk *disk;
	struct coordinator_actor coordinator;
	struct worker_actor workers[WORKERS_MOST];
	struct client_actor clients[CLIENTS_MOST];
	struct server_actor servers[TARGETS_MOST];
	struct auditor auditor;
	struct timer calm, next_fault, heal_disk;
	bool faults_over;
	uint64_t breach_steps; /* of the scheduler, at the first breach; 0 = none yet */
	uint64_t quiet_ns;     /* when the last client had its answer */
};

/* ---- actors.c ---- */
void actor_init(struct actor *a, struct house *h, const char *name, int place);
void actor_start(struct actor *a);
/* Its process ends now: kill -9, or the machine loses its power. It comes back after `down_ns`;
 * SCHED_FOREVER: when the faults are over. */
void actor_kill(struct actor *a, bool power, uint64_t down_ns);
/* The same after some more steps of its own. */
void actor_light(struct actor *a, bool power, uint32_t steps, uint64_t down_most_ns);
void actor_pause(struct actor *a, uint64_t ns);
/* By the last of its own threads: the process has ended by itself. */
void actor_exit(struct actor *a, uint64_t down_ns);
void house_say(struct house *h, const char *who, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- one file for each kind ---- */
void coordinator_actor_init(struct house *h);
void coordinator_actor_stop(struct house *h);
void worker_actor_init(struct house *h, size_t number);
void worker_actor_stop(struct worker_actor *w);
void client_actor_init(struct house *h, size_t number);
/* What it claims, on fibres of its process. */
void agent_start(struct client_actor *c);
void server_actor_init(struct house *h, size_t number);
/* By a fibre: makes the tables that migrations count in. */
void server_actor_fill(struct server_actor *s);
void server_actor_crash(struct server_actor *s, uint64_t down_ns);
void server_actor_state(struct server_actor *s, enum memory_state state, uint64_t ns);
void auditor_start(struct house *h);

/* ---- chaos.c ---- */
void chaos_start(struct house *h);

/* ---- checker.c ---- */
/* After the end: what was told, against what was committed. */
void checker_run(struct house *h);

/* Places in the network. */
enum { PLACE_AUDITOR = 1, PLACE_WORKER = 2, PLACE_CLIENT = 8 };

#endif
