/* Requests that arrive together: what one of them brings is heard by the others of its round. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "coordinator/journal/disk.h"
#include "coordinator/journal/journal.h"
#include "shared/digest/digest.h"
#include "tests/unit/coordinator/house.h"

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

/* Nothing of the log reaches the disk. */
static enum disk_fate
fail_sync(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	(void)self;
	(void)path;
	(void)offset;
	(void)len;
	return op == DISK_SYNC ? DISK_FAIL : DISK_GO_ON;
}

static int64_t
newest_event(const char *path)
{
	struct journal *j = NULL;
	char hash[SHA256_HEX];
	int64_t seq = 0;

	REQUIRE(journal_open(runtime_system(), path, false, &j, NULL));
	REQUIRE(journal_audit_head(j, &seq, hash, NULL));
	journal_close(j);
	return seq;
}

/* Found by the simulator: a worker that kept such an event would take the true chain for a cut one
 * ever after. */
static void
p19_a_worker_is_told_of_no_event_whose_commit_failed(void)
{
	static const char *targets[] = {"db"};
	struct runtime *rt = runtime_system();
	struct scratch scratch;
	struct house house;

	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	house_close(&house);
	int64_t newest = newest_event(scratch.journal);
	struct net_inproc *net = net_inproc_new(rt);
	struct coordinator_config config = {.journal = scratch.journal};
	struct coordinator *c = coordinator_new(rt, net_inproc_server(net), &config);
	struct job_spec spec = spec_of("apply", "db", "key");
	struct job_submit submit = {.spec = &spec};
	struct worker_next next = {.worker = "w1", .targets = {targets, 1}};
	struct asking worker = {.rt = rt,
				.client = net_inproc_client(net, NET_WORKER, "w1"),
				.kind = MESSAGE_worker_next,
				.request = &next};
	struct asking client = {.rt = rt,
				.client = net_inproc_client(net, NET_CLIENT, "c"),
				.kind = MESSAGE_job_submit,
				.request = &submit};
	struct thread *first = start_asking(&client), *second = start_asking(&worker);
	disk_set_hook(&(struct disk_hook){.before = fail_sync});
	struct thread *loop = rt->ops->thread_start(rt, "loop", run_loop, c);
	rt->ops->thread_join(rt, first);
	rt->ops->thread_join(rt, second);
	CHECK(client.reply == NULL);
	REQUIRE(worker.reply != NULL);
	const struct worker_offer *offer = worker.reply;
	CHECK(offer->job == NULL);
	REQUIRE(offer->chain != NULL);
	CHECK_INT(offer->chain->seq, newest);
	coordinator_stop(c);
	rt->ops->thread_join(rt, loop);
	disk_set_hook(NULL);
	coordinator_free(c);
	net_inproc_stop(net);
	net_inproc_free(net);
	arena_fini(&worker.arena);
	arena_fini(&client.arena);
	scratch_close(&scratch);
}

static struct worker_offer *
ask_for_work(struct net_client *worker, struct arena *arena)
{
	static const char *targets[] = {"db"};
	struct worker_next next = {.worker = "w1", .targets = {targets, 1}};
	void *reply = NULL;

	return net_call(worker, MESSAGE_worker_next, &next,
			runtime_deadline(runtime_system(), SOON_MS), arena, &reply, NULL)
		       ? reply
		       : NULL;
}

static void
read_log(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);

	REQUIRE(n >= 0);
	out[n] = '\0';
}

static void
the_log_tells_of_no_move_whose_commit_failed(void)
{
	struct runtime *rt = runtime_system();
	struct scratch scratch;
	struct house house;
	struct arena arena;
	char said[8192];
	int fd = memfd_create("log", MFD_CLOEXEC);

	REQUIRE(fd >= 0);
	arena_init(&arena);
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	struct job_spec spec = spec_of("apply", "db", "key");
	(void)house_submit(&house, &spec, NULL);
	house_close(&house);
	struct net_inproc *net = net_inproc_new(rt);
	struct log *log = log_new(rt, fd, LEVEL_INFO, LOG_TEXT);
	struct coordinator_config config = {.journal = scratch.journal, .log = log};
	struct coordinator *c = coordinator_new(rt, net_inproc_server(net), &config);
	struct net_client *worker = net_inproc_client(net, NET_WORKER, "w1");
	disk_set_hook(&(struct disk_hook){.before = fail_sync});
	struct thread *loop = rt->ops->thread_start(rt, "loop", run_loop, c);
	CHECK(ask_for_work(worker, &arena) == NULL);
	CHECK(ask_for_work(worker, &arena) == NULL);
	read_log(fd, said, sizeof(said));
	CHECK(strstr(said, "job moved") == NULL);
	const char *failing = strstr(said, "journal not written");
	CHECK(failing != NULL && strstr(failing + 1, "journal not written") == NULL);
	disk_set_hook(NULL);
	const struct worker_offer *offer = ask_for_work(worker, &arena);
	CHECK(offer != NULL && offer->job != NULL);
	coordinator_stop(c);
	rt->ops->thread_join(rt, loop);
	read_log(fd, said, sizeof(said));
	CHECK_HAS(said, "job moved");
	CHECK_HAS(said, "state=offered");
	CHECK_HAS(said, "journal written again");
	coordinator_free(c);
	net_inproc_stop(net);
	net_inproc_free(net);
	log_free(log);
	close(fd);
	arena_fini(&arena);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(the_log_tells_of_no_move_whose_commit_failed),
	CASE(p19_a_worker_is_told_of_no_event_whose_commit_failed),
	CASE(work_that_comes_in_the_same_round_is_offered_at_once),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator round", cases, ARRAY_LEN(cases), argc, argv);
}
