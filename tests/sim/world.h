#ifndef CONFITURE_TESTS_SIM_WORLD_H
#define CONFITURE_TESTS_SIM_WORLD_H

#include "shared/base/runtime.h"
#include "tests/sim/fiber.h"
#include "tests/sim/trace.h"

/*
 * A simulated machine's process: a make of `struct runtime` over fibres. Its boot clock, wall clock
 * and random source are its own. Killing it drops its threads where they wait; all that it had in
 * memory is leaked on purpose (the simulator forks for every few hundred seeds).
 */
struct process;

struct world {
	struct sched *sched;
	struct process *processes; /* all that there ever were */
	struct dice dice;
	struct trace *trace;
	/* Once in so many times a mutex is taken or a condition is waited for, others run first. */
	uint32_t preempt_once_in;
};

struct process {
	struct runtime rt; /* first */
	struct fiber_group group;
	struct world *world;
	const char *name;
	char boot_id[ID_TEXT];
	struct dice dice;
	int64_t boot_offset_ns; /* boot clock = the world's time + this */
	int64_t wall_offset_us;
	bool alive;
	bool steady; /* nobody runs in between: for what must not change the world by being there */
	struct process *next; /* of the world */
};

/* What a machine keeps when a process of it ends. */
struct machine {
	char boot_id[ID_TEXT];
	int64_t boot_offset_ns;
	int64_t wall_offset_us;
};

/* A machine that was just switched on. */
void machine_boot(struct machine *m, struct world *w);
/* A process that has no thread yet. It lives as long as the world. */
struct process *process_new(struct world *w, const struct machine *m, const char *name);
/* kill -9. Not from one of its threads. */
void process_kill(struct process *p);
/* Drops every thread that is left and the scheduler with it. */
void world_end(struct world *w);
/* The process whose thread runs now; NULL in the scheduler. */
struct process *process_current(const struct world *w);
struct process *process_of(struct runtime *rt);

/* The world's time of a time of its boot clock. */
uint64_t process_world_ns(const struct process *p, uint64_t boot_ns);

#endif
