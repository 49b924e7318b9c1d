/* The coordinator: its core as the daemon hosts it, over the simulated net and disk. */
#include "tests/sim/house.h"

#include "shared/base/banned.h"

static void
run(void *arg)
{
	struct coordinator_actor *c = arg;
	struct house *h = c->actor.house;
	struct process *p = c->actor.process;
	struct coordinator_config config = {.journal = h->project->journal,
					    .lease_ms = h->plan->lease_ms,
					    .open_jobs_max = h->plan->open_jobs,
					    .parser = sql_parser_here(),
					    .log = h->log,
					    .retention_days = 30};

	struct net_server *server = simnet_listen(h->net, p);
	c->core = coordinator_new(&p->rt, server, &config);
	coordinator_run(c->core);
	struct coordinator *core = c->core;
	c->core = NULL;
	coordinator_free(core);
	house_say(h, c->actor.name, "has stopped by itself");
	actor_exit(&c->actor, c->actor.exit_down_ns);
}

static void
start(struct actor *a)
{
	fiber_start(&a->process->group, "loop", run, a);
}

static void
gone(struct actor *a, bool power)
{
	struct coordinator_actor *c = (struct coordinator_actor *)a;

	c->core = NULL;
	simdisk_crash(a->house->disk, power);
}

static void
stop(void *arg)
{
	struct coordinator_actor *c = arg;

	if (c->core != NULL)
		coordinator_stop(c->core);
}

void
coordinator_actor_stop(struct house *h)
{
	struct coordinator_actor *c = &h->coordinator;

	if (c->actor.process == NULL || c->core == NULL)
		return;
	house_say(h, c->actor.name, "is asked to stop");
	c->actor.exit_down_ns = dice_below(&h->faults, 2 * NS_PER_S);
	fiber_start(&c->actor.process->group, "signal", stop, c);
}

void
coordinator_actor_init(struct house *h)
{
	struct coordinator_actor *c = &h->coordinator;

	actor_init(&c->actor, h, "coordinator", 0);
	c->actor.start = start;
	c->actor.gone = gone;
}
