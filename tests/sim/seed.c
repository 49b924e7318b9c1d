/*
 * Builds the world of one seed, lets it run, and asks the checker. What the dead of this world had
 * in memory stays there until the program's process ends.
 */
#include "tests/sim/seed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/house.h"

#include "shared/base/banned.h"

/* What was told wrongly may be asked for again without end: after a breach not much more is run. */
enum { STEPS_MOST = 4 * 1000 * 1000, STEPS_AFTER_BREACH = 100 * 1000 };

static FILE *
nowhere(void)
{
	static FILE *file;

	if (file == NULL && (file = fopen("/dev/null", "w")) == NULL)
		abort();
	return file;
}

static void
build(struct house *h)
{
	const struct plan *p = h->plan;

	h->history = history_new(&h->world);
	h->net = simnet_new(&h->world, &p->net);
	simnet_set_watch(h->net, &(struct simnet_watch){history_answered, h->history});
	h->disk = simdisk_new(&h->world);
	if (p->fresh_journal)
		simdisk_create(h->disk, h->project->journal);
	else if (p->old_journal)
		simdisk_copy(h->disk, h->project->old[p->seed % h->project->old_count]);
	else
		simdisk_copy(h->disk, h->project->image);
	simdisk_use(h->disk);
	simdisk_set_rules(h->disk, &p->disk);
	for (size_t i = 0; i < p->target_count; i++)
		server_actor_init(h, i);
	coordinator_actor_init(h);
	for (size_t i = 0; i < p->worker_count; i++)
		worker_actor_init(h, i);
	for (size_t i = 0; i < p->client_count; i++)
		client_actor_init(h, i);
}

/* In a fibre: databases are made by statements, and statements wait. */
static void
open_doors(void *arg)
{
	struct house *h = arg;

	for (size_t i = 0; i < h->plan->target_count; i++)
		server_actor_fill(&h->servers[i]);
	actor_start(&h->coordinator.actor);
	for (size_t i = 0; i < h->plan->worker_count; i++)
		actor_start(&h->workers[i].actor);
	for (size_t i = 0; i < h->plan->client_count; i++)
		actor_start(&h->clients[i].actor);
	chaos_start(h);
}

/* Its lines go between those of the trace, and its being there changes nothing. */
static void
open_log(struct house *h, const struct machine *m)
{
	const struct dice before = h->world.dice;
	struct process *p = process_new(&h->world, m, "log");

	h->world.dice = before;
	p->steady = true;
	h->log = log_new(&p->rt, STDOUT_FILENO, LEVEL_DEBUG, LOG_TEXT);
}

static bool
given_up(struct house *h)
{
	uint64_t steps = sched_steps(h->world.sched);

	if (history_breaches(h->history) == 0)
		return false;
	if (h->breach_steps == 0)
		h->breach_steps = steps;
	return steps > h->breach_steps + STEPS_AFTER_BREACH;
}

static bool
over(void *self)
{
	struct house *h = self;

	return h->auditor.done || given_up(h);
}

static void
judge(struct house *h, enum sched_end end, struct seed_result *out)
{
	if (end == SCHED_ENDLESS)
		history_breach(h->history, "P2", "%d steps, and no end", (int)STEPS_MOST);
	else if (end == SCHED_STUCK)
		history_breach(h->history, "P2", "nothing can happen any more");
	else if (h->auditor.done)
		checker_run(h);
	struct told_job *jobs;
	*out = (struct seed_result){.hash = trace_hash(h->world.trace),
				    .simulated_ns = sched_now(h->world.sched),
				    .steps = sched_steps(h->world.sched),
				    .lines = trace_lines(h->world.trace),
				    .jobs = history_jobs(h->history, &jobs)};
	out->breach_count = history_breaches(h->history);
	for (size_t i = 0; i < out->breach_count; i++)
		memcpy(out->breaches[i], history_breach_at(h->history, i), SEED_BREACH_TEXT);
}

void
seed_run(const struct project *project, uint64_t seed, FILE *trace, struct seed_result *out)
{
	struct house *h = calloc(1, sizeof(*h));
	struct plan *plan = malloc(sizeof(*plan));
	struct machine m = {0};

	if (h == NULL || plan == NULL)
		abort();
	plan_make(plan, seed);
	project_reset(project);
	h->project = project;
	h->plan = plan;
	h->nowhere = nowhere();
	h->world.dice = (struct dice){seed ^ 0x51c0ffee51c0ffeeULL};
	h->world.trace = trace_new(trace);
	h->world.sched = sched_new(&h->world.dice);
	h->world.preempt_once_in = plan->preempt_once_in;
	build(h);
	machine_boot(&m, &h->world);
	if (trace != NULL)
		open_log(h, &m);
	struct process *door = process_new(&h->world, &m, "door");
	fiber_start(&door->group, "door", open_doors, h);
	judge(h, sched_run(h->world.sched, over, h, STEPS_MOST), out);
	world_end(&h->world);
	for (size_t i = 0; i < plan->target_count; i++)
		memory_server_free(h->servers[i].server);
	simdisk_free(h->disk);
	trace_free(h->world.trace);
	free(h->history);
	free(plan);
	free(h);
}
