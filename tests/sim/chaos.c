/*
 * What goes wrong, one thing after another, until the faults are over. Then everything is mended at
 * once: from there on the promises about ends count.
 */
#include "tests/sim/house.h"

#include "shared/base/banned.h"

#define DAY_US ((int64_t)24 * 3600 * 1000000)

static struct actor *
any_worker(struct house *h)
{
	return &h->workers[dice_below(&h->faults, h->plan->worker_count)].actor;
}

static struct actor *
any_client(struct house *h)
{
	return &h->clients[dice_below(&h->faults, h->plan->client_count)].actor;
}

static struct server_actor *
any_server(struct house *h)
{
	return &h->servers[dice_below(&h->faults, h->plan->target_count)];
}

static int
any_place(struct house *h)
{
	return dice_once_in(&h->faults, 3) ? any_client(h)->place : any_worker(h)->place;
}

static uint64_t
ms_below(struct house *h, uint64_t most)
{
	return NS_PER_MS * (1 + dice_below(&h->faults, most));
}

/* A worker may stay away until the faults are over. */
static uint64_t
downtime(struct house *h, uint64_t most_ms)
{
	return dice_once_in(&h->faults, 6) ? SCHED_FOREVER : NS_PER_MS * most_ms;
}

static uint32_t
some_steps(struct house *h)
{
	return (uint32_t)dice_between(&h->faults, 1, dice_once_in(&h->faults, 2) ? 20 : 400);
}

static uint64_t
lease_ns(const struct house *h)
{
	return (uint64_t)h->plan->lease_ms * NS_PER_MS;
}

/* ---- one function for each kind ---- */
static void
strike_coordinator_kill(struct house *h)
{
	actor_light(&h->coordinator.actor, false, some_steps(h), 5 * NS_PER_S);
}

static void
strike_coordinator_power(struct house *h)
{
	actor_light(&h->coordinator.actor, true, some_steps(h), 12 * NS_PER_S);
}

static void
strike_coordinator_stop(struct house *h)
{
	coordinator_actor_stop(h);
}

static void
strike_coordinator_pause(struct house *h)
{
	actor_pause(&h->coordinator.actor, 1 + dice_below(&h->faults, 2 * lease_ns(h)));
}

static void
strike_worker_kill(struct house *h)
{
	actor_light(any_worker(h), false, some_steps(h), downtime(h, 20000));
}

static void
strike_worker_power(struct house *h)
{
	actor_light(any_worker(h), true, some_steps(h), downtime(h, 40000));
}

static void
strike_worker_stop(struct house *h)
{
	worker_actor_stop((struct worker_actor *)any_worker(h));
}

static void
strike_worker_pause(struct house *h)
{
	actor_pause(any_worker(h), 1 + dice_below(&h->faults, 4 * lease_ns(h)));
}

static void
strike_client_kill(struct house *h)
{
	actor_light(any_client(h), false, some_steps(h), 6 * NS_PER_S);
}

static void
strike_client_pause(struct house *h)
{
	actor_pause(any_client(h), ms_below(h, 40000));
}

static void
strike_cut(struct house *h)
{
	int place = any_place(h);

	house_say(h, "network", "the connection of place %d is cut", place);
	simnet_cut(h->net, place);
}

static void
strike_part(struct house *h)
{
	int place = any_place(h);
	uint64_t ns = ms_below(h, dice_once_in(&h->faults, 3) ? 40000 : 5000);

	house_say(h, "network", "place %d is cut off for %.1f s", place, (double)ns / 1e9);
	if (dice_once_in(&h->faults, 2))
		simnet_cut(h->net, place);
	simnet_part(h->net, place, sched_now(h->world.sched) + ns);
}

static void
strike_clock_jump(struct house *h)
{
	struct actor *a = dice_once_in(&h->faults, 2) ? &h->coordinator.actor : any_worker(h);
	int64_t us = dice_once_in(&h->faults, 2) ? DAY_US : -DAY_US;

	house_say(h, a->name, "its wall clock jumps by a day");
	a->machine.wall_offset_us += us;
	if (a->process != NULL)
		a->process->wall_offset_us += us;
}

static void
disk_set(struct house *h, uint32_t fail_once_in, bool full, uint64_t ns)
{
	struct simdisk_rules rules = h->plan->disk;

	rules.fail_once_in = fail_once_in;
	rules.full = full;
	house_say(h, "disk", "%s for %.1f s", full ? "full" : "fails", (double)ns / 1e9);
	simdisk_set_rules(h->disk, &rules);
	timer_arm(h->world.sched, &h->heal_disk, sched_now(h->world.sched) + ns);
}

static void
strike_disk_errors(struct house *h)
{
	disk_set(h, (uint32_t)dice_between(&h->faults, 5, 200), false, ms_below(h, 6000));
}

static void
strike_disk_full(struct house *h)
{
	disk_set(h, 0, true, ms_below(h, 8000));
}

static void
strike_server_crash(struct house *h)
{
	server_actor_crash(any_server(h), ms_below(h, 5000));
}

static void
strike_server_refuses(struct house *h)
{
	server_actor_state(any_server(h), MEMORY_REFUSING, ms_below(h, 12000));
}

static void
strike_server_full(struct house *h)
{
	struct server_actor *s = any_server(h);
	bool disk = dice_once_in(&h->faults, 2);

	if (disk)
		memory_server_disk_full(s->server, dice_once_in(&h->faults, 2));
	else
		server_actor_state(s, MEMORY_FULL, ms_below(h, 6000));
}

static void
strike_backend_ends(struct house *h)
{
	struct server_actor *s = any_server(h);
	int pid = memory_db_lock_holder(s->db);

	house_say(h, s->process->name, "backend %d is ended", pid);
	(void)memory_backend_terminate(s->server, pid);
}

static void
strike_backend_cut(struct house *h)
{
	struct server_actor *s = any_server(h);
	int pid = memory_db_lock_holder(s->db);
	bool half_open = dice_once_in(&h->faults, 2);

	house_say(h, s->process->name, "connection of backend %d is cut%s", pid,
		  half_open ? ", half open" : "");
	memory_backend_cut(s->server, pid, half_open);
}

/* Strike by themselves, with every operation. */
static void
strike_connection_cut(struct house *h)
{
	(void)h;
}

static void
strike_slow_statements(struct house *h)
{
	any_server(h)->statement_most_ns = ms_below(h, 8000);
}

static void (*const strikes[])(struct house *h) = {
#define X(name) strike_##name,
	CHAOS(X)
#undef X
};

/* ---- when ---- */
static void
strike(void *self)
{
	struct house *h = self;
	uint64_t now = sched_now(h->world.sched);
	enum chaos_kind kind = (enum chaos_kind)dice_below(&h->faults, CHAOS_KINDS);

	if (h->faults_over)
		return;
	for (int i = 0; i < CHAOS_KINDS && !h->plan->chaos[kind]; i++)
		kind = (kind + 1) % CHAOS_KINDS;
	if (h->plan->chaos[kind])
		strikes[kind](h);
	timer_arm(h->world.sched, &h->next_fault,
		  now + 1 + dice_below(&h->faults, 2 * h->plan->chaos_every_ns));
}

static void
disk_is_well(void *self)
{
	struct house *h = self;

	house_say(h, "disk", "is well");
	simdisk_set_rules(h->disk, &h->plan->disk);
}

static void
revive(struct actor *a)
{
	if (a->process == NULL) {
		timer_disarm(a->house->world.sched, &a->restart);
		actor_start(a);
		return;
	}
	a->process->group.fuse = 0;
	if (a->process->group.held) {
		timer_disarm(a->house->world.sched, &a->wakeup);
		group_go_on(&a->process->group);
	}
}

/* From here on nothing fails any more. */
static void
calm_down(void *self)
{
	struct house *h = self;

	house_say(h, "world", "the faults are over");
	h->faults_over = true;
	simdisk_set_rules(h->disk, &h->plan->disk);
	timer_disarm(h->world.sched, &h->heal_disk);
	simnet_set_rules(h->net, &h->plan->calm_net);
	revive(&h->coordinator.actor);
	for (size_t i = 0; i < h->plan->worker_count; i++)
		revive(&h->workers[i].actor);
	for (size_t i = 0; i < h->plan->client_count; i++)
		revive(&h->clients[i].actor);
	for (size_t i = 0; i < h->plan->target_count; i++) {
		struct server_actor *s = &h->servers[i];
		timer_disarm(h->world.sched, &s->up);
		memory_server_state(s->server, MEMORY_UP);
		memory_server_disk_full(s->server, false);
		s->cut_once_in = 0;
		s->statement_most_ns = 5 * NS_PER_MS;
	}
	simnet_heal(h->net);
	auditor_start(h);
}

void
chaos_start(struct house *h)
{
	struct sched *s = h->world.sched;
	uint64_t now = sched_now(s);

	h->faults = dice_fork(&h->world.dice);
	h->calm = (struct timer){.fire = calm_down, .self = h};
	h->next_fault = (struct timer){.fire = strike, .self = h};
	h->heal_disk = (struct timer){.fire = disk_is_well, .self = h};
	for (size_t i = 0; i < h->plan->target_count; i++)
		h->servers[i].cut_once_in = h->plan->connection_cut_once_in;
	timer_arm(s, &h->calm, now + h->plan->chaos_until_ns);
	timer_arm(s, &h->next_fault, now + dice_below(&h->faults, 2 * h->plan->chaos_every_ns));
}
