/* Requests that arrive together: what one of them brings is heard by the others of its round. */
#include <string.h>

#include "coordinator/coordinator.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { ARRIVE_MS = 50, WAIT_MS = 20000, SOON_MS = 5000 };

struct asking {
	struct runtime *rt;
	struct net_client *client;
	enum message_kind kind;
	const void *request;
	struct arena arena;
	void *reply; /* NULL: refused */
};

static void
ask(void *arg)
{
	struct asking *a = arg;

	if (!net_call(a->client, a->kind, a->request, runtime_deadline(a->rt, WAIT_MS + SOON_MS),
		      &a->arena, &a->reply, NULL))
		a->reply = NULL;
}

static struct thread *
start_asking(struct asking *a)
{
	arena_init(&a->arena);
	struct thread *t = a->rt->ops->thread_start(a->rt, "ask", ask, a);
	a->rt->ops->sleep_ns(a->rt, ARRIVE_MS * NS_PER_MS);
	return t;
}

static void
run_loop(void *arg)
{
	coordinator_run(arg);
}

static void
work_that_comes_in_the_same_round_is_offered_at_once(void)
{
	static const char *targets[] = {"local"};
	struct runtime *rt = runtime_system();
	struct net_inproc *net = net_inproc_new(rt);
	struct coordinator_config config = {.embedded = true};
	struct coordinator *c = coordinator_new(rt, net_inproc_server(net), &config);
	struct job_options options = {.lock_timeout_ms = 1};
	struct job_spec spec = {.kind = "status", .target = "local", .options = &options};
	struct job_submit submit = {.spec = &spec};
	struct worker_next next = {.worker = "w", .wait_ms = WAIT_MS};
	struct asking worker = {
		rt, net_inproc_client(net, NET_WORKER, "w"), MESSAGE_worker_next, &next, {0}, NULL};
	struct asking client = {
		rt,  net_inproc_client(net, NET_CLIENT, "c"), MESSAGE_job_submit, &submit, {0},
		NULL};

	next.targets.items = targets;
	next.targets.count = 1;
	/* Both are there before the loop looks for the first time. */
	struct thread *first = start_asking(&worker), *second = start_asking(&client);
	uint64_t before = runtime_boot_ms(rt);
	struct thread *loop = rt->ops->thread_start(rt, "loop", run_loop, c);
	rt->ops->thread_join(rt, first);
	rt->ops->thread_join(rt, second);
	CHECK(runtime_boot_ms(rt) - before < SOON_MS);
	REQUIRE(worker.reply != NULL && client.reply != NULL);
	CHECK_STR(((struct worker_offer *)worker.reply)->job,
		  ((struct job_submitted *)client.reply)->job);
	coordinator_stop(c);
	rt->ops->thread_join(rt, loop);
	coordinator_free(c);
	net_inproc_stop(net);
	net_inproc_free(net);
	arena_fini(&worker.arena);
	arena_fini(&client.arena);
}

static const struct unit_case cases[] = {
	CASE(work_that_comes_in_the_same_round_is_offered_at_once),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator round", cases, ARRAY_LEN(cases), argc, argv);
}
