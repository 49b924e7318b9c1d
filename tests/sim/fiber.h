#ifndef CONFITURE_TESTS_SIM_FIBER_H
#define CONFITURE_TESTS_SIM_FIBER_H

#include <stddef.h>

#include "tests/sim/dice.h"

/*
 * Fibres, the clock and the scheduler of one simulated world. Exactly one fibre runs at a time, in
 * one OS thread; it goes on until it waits. Who runs next is drawn from the seed. Time stands still
 * while anybody can run (but for a few microseconds a step) and then jumps to the next timer.
 *
 * Fibres belong to a group (a simulated process): a group can be held, as SIGSTOP does, or dropped,
 * as SIGKILL does. A dropped fibre is never run again; nothing on its stack is undone.
 */
struct sched;
struct fiber;

typedef void (*fiber_fn)(void *arg);

#define SCHED_FOREVER UINT64_MAX

struct fiber_group {
	struct sched *sched;
	struct fiber *fibers; /* alive */
	struct fiber *held_ready;
	bool held, dropped;
	/* Counted down with every step of the group; at 0 the scheduler calls `on_fuse`, between
	 * two steps. 0 = off. */
	uint32_t fuse;
	void (*on_fuse)(void *self);
	void *self;
};

/* Fibres that wait for the same thing. */
struct wait_list {
	struct fiber *first;
};

/* Called by the scheduler at its time, between two steps. */
struct timer {
	uint64_t at_ns;
	uint64_t order; /* of two at the same time */
	size_t index;	/* in the heap, from 1; 0 = not armed */
	void (*fire)(void *self);
	void *self;
};

struct sched *sched_new(struct dice *dice);
/* Every group must have been dropped. */
void sched_free(struct sched *s);
uint64_t sched_now(const struct sched *s);
uint64_t sched_steps(const struct sched *s);
/* Runs until `done(self)` (asked between steps), until nothing can happen any more, or until
 * `most_steps`. */
enum sched_end { SCHED_DONE, SCHED_STUCK, SCHED_ENDLESS };
enum sched_end sched_run(struct sched *s, bool (*done)(void *self), void *self,
			 uint64_t most_steps);

void timer_arm(struct sched *s, struct timer *t, uint64_t at_ns);
void timer_disarm(struct sched *s, struct timer *t);

struct fiber *fiber_start(struct fiber_group *g, const char *name, fiber_fn fn, void *arg);
/* Waits for its end and frees it. */
void fiber_join(struct fiber *f);
/* The one that runs; NULL in the scheduler. */
struct fiber *fiber_current(const struct sched *s);
const char *fiber_name(const struct fiber *f);
struct fiber_group *fiber_group_of(const struct fiber *f);

/* ---- called by fibres ---- */
/* Lets others run. */
void fiber_yield(struct sched *s);
/* False when `deadline_ns` came first. */
bool fiber_wait(struct sched *s, struct wait_list *list, uint64_t deadline_ns);
void fiber_sleep(struct sched *s, uint64_t ns);

/* ---- called from anywhere ---- */
void wait_list_wake(struct sched *s, struct wait_list *list); /* all */

void group_init(struct fiber_group *g, struct sched *s);
void group_hold(struct fiber_group *g);
void group_go_on(struct fiber_group *g);
/* Not from one of its own fibres. */
void group_drop(struct fiber_group *g);

#endif
