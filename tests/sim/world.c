/*
 * The make of struct runtime for simulated processes. Mutexes are free nearly always, since threads
 * only change places where they wait; so that code which looks at shared state without the mutex
 * is found, others may run whenever one is taken.
 */
#include "tests/sim/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

/* 2001: before the times of all files on the disk, so that nothing of it looks old. */
#define WALL_START_US ((int64_t)1000000000 * 1000000)

struct mutex {
	struct fiber *owner;
	struct wait_list free;
};

struct cond {
	struct wait_list waiting;
};

static void *
need(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

struct process *
process_of(struct runtime *rt)
{
	return (struct process *)rt;
}

static struct sched *
sched_of(struct runtime *rt)
{
	return process_of(rt)->world->sched;
}

uint64_t
process_world_ns(const struct process *p, uint64_t boot_ns)
{
	if (boot_ns >= (uint64_t)INT64_MAX)
		return SCHED_FOREVER;
	int64_t ns = (int64_t)boot_ns - p->boot_offset_ns;
	return ns > 0 ? (uint64_t)ns : 0;
}

static uint64_t
sim_boot_ns(struct runtime *rt)
{
	return (uint64_t)((int64_t)sched_now(sched_of(rt)) + process_of(rt)->boot_offset_ns);
}

static int64_t
sim_wall_us(struct runtime *rt)
{
	return WALL_START_US + (int64_t)(sched_now(sched_of(rt)) / 1000) +
	       process_of(rt)->wall_offset_us;
}

static void
sim_random(struct runtime *rt, void *buf, size_t len)
{
	struct dice *dice = &process_of(rt)->dice;

	for (char *p = buf; len > 0;) {
		uint64_t word = dice_next(dice);
		size_t n = len < sizeof(word) ? len : sizeof(word);
		memcpy(p, &word, n);
		p += n;
		len -= n;
	}
}

static void
sim_sleep_ns(struct runtime *rt, uint64_t ns)
{
	fiber_sleep(sched_of(rt), ns);
}

static struct thread *
sim_thread_start(struct runtime *rt, const char *name, thread_fn fn, void *arg)
{
	struct fiber *f = fiber_start(&process_of(rt)->group, name, fn, arg);

	return (struct thread *)f;
}

static void
sim_thread_join(struct runtime *rt, struct thread *t)
{
	(void)rt;
	fiber_join((struct fiber *)t);
}

static struct mutex *
sim_mutex_new(struct runtime *rt)
{
	(void)rt;
	return need(sizeof(struct mutex));
}

static void
sim_mutex_free(struct runtime *rt, struct mutex *m)
{
	(void)rt;
	free(m);
}

static void
maybe_let_others(const struct process *p)
{
	struct world *w = p->world;

	if (!p->steady && fiber_current(w->sched) != NULL &&
	    dice_once_in(&w->dice, w->preempt_once_in))
		fiber_yield(w->sched);
}

static void
sim_mutex_lock(struct runtime *rt, struct mutex *m)
{
	struct world *w = process_of(rt)->world;

	maybe_let_others(process_of(rt));
	while (m->owner != NULL) {
		assert(m->owner != fiber_current(w->sched));
		(void)fiber_wait(w->sched, &m->free, SCHED_FOREVER);
	}
	m->owner = fiber_current(w->sched);
}

static void
sim_mutex_unlock(struct runtime *rt, struct mutex *m)
{
	assert(m->owner == fiber_current(sched_of(rt)));
	m->owner = NULL;
	wait_list_wake(sched_of(rt), &m->free);
}

static struct cond *
sim_cond_new(struct runtime *rt)
{
	(void)rt;
	return need(sizeof(struct cond));
}

static void
sim_cond_free(struct runtime *rt, struct cond *c)
{
	(void)rt;
	assert(c == NULL || c->waiting.first == NULL);
	free(c);
}

static bool
sim_cond_wait(struct runtime *rt, struct cond *c, struct mutex *m, uint64_t deadline_ns)
{
	struct process *p = process_of(rt);
	struct sched *s = p->world->sched;
	bool woken = true;

	sim_mutex_unlock(rt, m);
	if (dice_once_in(&p->world->dice, p->world->preempt_once_in))
		fiber_yield(s); /* a spurious wake-up */
	else
		woken = fiber_wait(s, &c->waiting, process_world_ns(p, deadline_ns));
	sim_mutex_lock(rt, m);
	return woken;
}

static void
sim_cond_wake(struct runtime *rt, struct cond *c)
{
	wait_list_wake(sched_of(rt), &c->waiting);
}

static const struct runtime_ops sim_ops = {
	.boot_ns = sim_boot_ns,
	.wall_us = sim_wall_us,
	.random = sim_random,
	.sleep_ns = sim_sleep_ns,
	.thread_start = sim_thread_start,
	.thread_join = sim_thread_join,
	.mutex_new = sim_mutex_new,
	.mutex_free = sim_mutex_free,
	.mutex_lock = sim_mutex_lock,
	.mutex_unlock = sim_mutex_unlock,
	.cond_new = sim_cond_new,
	.cond_free = sim_cond_free,
	.cond_wait = sim_cond_wait,
	.cond_wake = sim_cond_wake,
};

/* ---- machines and processes ---- */
void
machine_boot(struct machine *m, struct world *w)
{
	/* The clock of the boot begins anew, some seconds before our process does. */
	m->boot_offset_ns =
		(int64_t)dice_between(&w->dice, 1, 30 * NS_PER_S) - (int64_t)sched_now(w->sched);
	snprintf(m->boot_id, sizeof(m->boot_id), "%016llx-%019llu",
		 (unsigned long long)dice_next(&w->dice), (unsigned long long)sched_now(w->sched));
}

struct process *
process_new(struct world *w, const struct machine *m, const char *name)
{
	struct process *p = need(sizeof(*p));

	p->rt.ops = &sim_ops;
	p->rt.boot_id = p->boot_id;
	group_init(&p->group, w->sched);
	p->world = w;
	p->name = name;
	memcpy(p->boot_id, m->boot_id, sizeof(p->boot_id));
	p->dice = dice_fork(&w->dice);
	p->boot_offset_ns = m->boot_offset_ns;
	p->wall_offset_us = m->wall_offset_us;
	p->alive = true;
	p->next = w->processes;
	w->processes = p;
	return p;
}

void
process_kill(struct process *p)
{
	p->alive = false;
	group_drop(&p->group);
}

struct process *
process_current(const struct world *w)
{
	struct fiber *f = fiber_current(w->sched);

	if (f == NULL)
		return NULL;
	return (struct process *)(void *)((char *)fiber_group_of(f) -
					  offsetof(struct process, group));
}

void
world_end(struct world *w)
{
	for (struct process *p = w->processes; p != NULL; p = p->next) {
		if (p->alive)
			process_kill(p);
	}
	sched_free(w->sched);
	w->sched = NULL;
}
