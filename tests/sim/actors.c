/*
 * What is the same for every actor: its process comes and goes, and others see it come and go.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/house.h"

#include "shared/base/banned.h"

void
house_say(struct house *h, const char *who, const char *fmt, ...)
{
	char words[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	trace_line(h->world.trace, sched_now(h->world.sched), who, "%s", words);
}

static void
restart_due(void *self)
{
	struct actor *a = self;

	if (a->process == NULL)
		actor_start(a);
}

static void
wakeup_due(void *self)
{
	struct actor *a = self;

	if (a->process == NULL || !a->process->group.held)
		return;
	house_say(a->house, a->name, "goes on");
	group_go_on(&a->process->group);
}

static void
reap_due(void *self)
{
	struct actor *a = self;

	if (a->process != NULL)
		actor_kill(a, false, a->exit_down_ns);
}

static void
fuse_blown(void *self)
{
	struct actor *a = self;
	uint64_t most = a->down_most_ns;

	actor_kill(a, a->fuse_power,
		   most == SCHED_FOREVER ? most : dice_below(&a->house->faults, most));
}

void
actor_init(struct actor *a, struct house *h, const char *name, int place)
{
	*a = (struct actor){.house = h, .name = name, .place = place};
	a->restart = (struct timer){.fire = restart_due, .self = a};
	a->wakeup = (struct timer){.fire = wakeup_due, .self = a};
	a->reap = (struct timer){.fire = reap_due, .self = a};
	machine_boot(&a->machine, &h->world);
}

void
actor_start(struct actor *a)
{
	struct house *h = a->house;

	assert(a->process == NULL);
	snprintf(a->incarnation, sizeof(a->incarnation), "%s.%u", a->name, ++a->lives);
	a->process = process_new(&h->world, &a->machine, a->name);
	a->process->group.on_fuse = fuse_blown;
	a->process->group.self = a;
	house_say(h, a->name, "starts, life %u", a->lives);
	a->start(a);
}

void
actor_kill(struct actor *a, bool power, uint64_t down_ns)
{
	struct house *h = a->house;
	struct process *p = a->process;

	if (p == NULL)
		return;
	house_say(h, a->name, "%s", power ? "loses its power" : "is gone");
	a->process = NULL;
	process_kill(p);
	simnet_gone(h->net, p, power);
	a->gone(a, power);
	timer_disarm(h->world.sched, &a->wakeup);
	timer_disarm(h->world.sched, &a->reap);
	if (power)
		machine_boot(&a->machine, &h->world);
	if (h->faults_over)
		down_ns = 0;
	if (down_ns != SCHED_FOREVER)
		timer_arm(h->world.sched, &a->restart, sched_now(h->world.sched) + down_ns);
}

void
actor_light(struct actor *a, bool power, uint32_t steps, uint64_t down_most_ns)
{
	if (a->process == NULL || a->process->group.fuse > 0)
		return;
	a->fuse_power = power;
	a->down_most_ns = down_most_ns;
	a->process->group.fuse = steps;
}

void
actor_pause(struct actor *a, uint64_t ns)
{
	if (a->process == NULL || a->process->group.held)
		return;
	house_say(a->house, a->name, "stands still for %.1f s", (double)ns / 1e9);
	group_hold(&a->process->group);
	timer_arm(a->house->world.sched, &a->wakeup, sched_now(a->house->world.sched) + ns);
}

void
actor_exit(struct actor *a, uint64_t down_ns)
{
	a->exit_down_ns = down_ns;
	timer_arm(a->house->world.sched, &a->reap, sched_now(a->house->world.sched));
}
