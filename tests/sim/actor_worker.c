/* A worker beside its databases, as the daemon hosts it. */
#include <stddef.h>
#include <stdlib.h>

#include "tests/sim/house.h"
#include "worker/spool.h"

#include "shared/base/banned.h"

enum { PATIENCE_MS = 5000, TICK_MS = 250 };

static struct worker_actor *
worker_of(struct target_directory *d)
{
	return (struct worker_actor *)(void *)((char *)d -
					       offsetof(struct worker_actor, directory));
}

static bool
find_target(struct target_directory *d, const char *name, struct target_spec *out,
	    struct error *err)
{
	struct worker_actor *w = worker_of(d);
	struct house *h = w->actor.house;

	for (size_t i = 0; i < h->plan->target_count; i++) {
		if (!w->plan->serves[i] || strcmp(name, scenario_target(i)) != 0)
			continue;
		*out = (struct target_spec){.name = scenario_target(i),
					    .url = secret_of(h->servers[i].url),
					    .ledger = "tb_confiture"};
		return true;
	}
	return error_set(err, E_CONFIG_011, "there is no target %s", name);
}

static void
fill_hello(struct worker_actor *w, struct worker_target rows[TARGETS_MOST],
	   struct worker_hello *hello)
{
	struct house *h = w->actor.house;

	*hello = (struct worker_hello){.version = CONFITURE_VERSION};
	for (size_t i = 0; i < h->plan->target_count; i++) {
		if (!w->plan->serves[i])
			continue;
		rows[hello->targets.count++] =
			(struct worker_target){.name = scenario_target(i),
					       .environment = "production",
					       .target_key = h->servers[i].place,
					       .tracking_table = "tb_confiture"};
	}
	hello->targets.items = rows;
}

/* As the daemon stops: nothing new, then patience, then a cancel, then patience again. */
static void
stop(struct worker_actor *w, struct runtime *rt)
{
	uint64_t patience = runtime_deadline(rt, PATIENCE_MS);
	uint64_t end = runtime_deadline(rt, 4 * PATIENCE_MS);
	bool cancelled = false;

	while (!worker_drain(w->worker, runtime_deadline(rt, TICK_MS))) {
		if (!cancelled && runtime_boot_ns(rt) >= patience)
			worker_cancel(w->worker);
		cancelled |= runtime_boot_ns(rt) >= patience;
		if (runtime_boot_ns(rt) >= end)
			return;
	}
}

static void
run(void *arg)
{
	struct worker_actor *w = arg;
	struct house *h = w->actor.house;
	struct process *p = w->actor.process;
	struct worker_target rows[TARGETS_MOST];
	struct worker_hello hello;
	struct error err = {0};
	const struct net_peer peer = {.role = NET_WORKER, .name = w->actor.name};
	struct spool_config spool = {.dir = h->project->spools[w - h->workers],
				     .most_bytes = 1 << 20,
				     .keep_ms = (int64_t)24 * 3600 * 1000};

	if (!spool_open(&p->rt, &spool, &w->spool, &err)) {
		history_breach(h->history, "spool", "%s", err.message);
		return;
	}
	struct target_factory *factory = memory_factory_new(w->actor.incarnation, 4711, NULL);
	for (size_t i = 0; i < h->plan->target_count; i++)
		memory_factory_route(factory, h->servers[i].url, h->servers[i].server, "app");
	fill_hello(w, rows, &hello);
	w->directory.find = find_target;
	struct worker_config config = {.name = w->actor.name,
				       .directory = &w->directory,
				       .factory = factory,
				       .hello = &hello,
				       .log = h->log,
				       .spool = w->spool};
	w->worker = worker_start(&p->rt, simnet_dial(h->net, p, w->actor.place, &peer, 0), &config);
	while (!w->stopping)
		(void)fiber_wait(h->world.sched, &w->asked, SCHED_FOREVER);
	stop(w, &p->rt);
	house_say(h, w->actor.name, "has stopped by itself");
	actor_exit(&w->actor, w->actor.exit_down_ns);
}

static void
start(struct actor *a)
{
	struct worker_actor *w = (struct worker_actor *)a;

	w->stopping = false;
	w->worker = NULL;
	fiber_start(&a->process->group, "worker", run, w);
}

static void
gone(struct actor *a, bool power)
{
	struct worker_actor *w = (struct worker_actor *)a;
	struct house *h = a->house;

	/* The kernel drops the locks of its files. */
	spool_close(w->spool);
	w->spool = NULL;
	w->worker = NULL;
	for (size_t i = 0; i < h->plan->target_count; i++)
		memory_process_gone(h->servers[i].server, a->incarnation, power);
}

void
worker_actor_stop(struct worker_actor *w)
{
	struct house *h = w->actor.house;

	if (w->actor.process == NULL || w->worker == NULL || w->stopping)
		return;
	house_say(h, w->actor.name, "is asked to stop");
	w->actor.exit_down_ns = dice_below(&h->faults, 4 * NS_PER_S);
	w->stopping = true;
	wait_list_wake(h->world.sched, &w->asked);
}

void
worker_actor_init(struct house *h, size_t number)
{
	static const char *const names[WORKERS_MOST] = {"worker-1", "worker-2", "worker-3"};
	struct worker_actor *w = &h->workers[number];

	actor_init(&w->actor, h, names[number], PLACE_WORKER + (int)number);
	w->plan = &h->plan->workers[number];
	w->actor.start = start;
	w->actor.gone = gone;
}
