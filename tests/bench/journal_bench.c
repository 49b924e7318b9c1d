/*
 * Durable small operations through the coordinator, 64 at once from one client process, beside a
 * bare SQLite loop that writes the same rows in groups of 64 on the same disk in the same minute;
 * and how soon a coordinator answers whose journal holds a million events.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bare.h"
#include "tests/bench/house.h"
#include "tests/bench/measure.h"

#include "shared/base/banned.h"

enum { CONTEXTS = 64, ROUNDS = 5, ROUND_MS = 3000, EVENTS = 1000000 };

/* ---- through the coordinator ---- */
struct load {
	struct net_client *client;
	uint64_t until_ns;
	atomic_llong done;
};

/* Two operations: a job that nobody takes, and its end. Each is acknowledged after its commit. */
static void
submit_and_cancel(void *arg)
{
	struct load *l = arg;
	struct runtime *rt = runtime_system();
	struct job_options options = {0};
	struct job_spec spec = {.kind = "apply", .target = "bench/quiet", .options = &options};
	char job[ID_TEXT];
	struct arena arena;

	arena_init(&arena);
	while (runtime_boot_ns(rt) < l->until_ns) {
		struct job_cancel cancel = {.job = job, .reason = "measured"};
		bench_submit(l->client, &spec, job);
		(void)bench_call(l->client, MESSAGE_job_cancel, &cancel, &arena);
		arena_reset(&arena);
		atomic_fetch_add(&l->done, 2);
	}
	arena_fini(&arena);
}

/* A question that writes nothing: what the wire itself can do. */
static void
only_ask(void *arg)
{
	struct load *l = arg;
	struct target_list_request request = {0};
	struct arena arena;

	arena_init(&arena);
	while (runtime_boot_ns(runtime_system()) < l->until_ns) {
		(void)bench_call(l->client, MESSAGE_target_list_request, &request, &arena);
		arena_reset(&arena);
		atomic_fetch_add(&l->done, 1);
	}
	arena_fini(&arena);
}

static double
through_coordinator(struct net_client *client, void (*work)(void *))
{
	struct runtime *rt = runtime_system();
	struct load l = {.client = client, .until_ns = runtime_deadline(rt, ROUND_MS)};
	struct thread *threads[CONTEXTS];
	double start = measure_now_ms();

	for (int i = 0; i < CONTEXTS; i++)
		threads[i] = rt->ops->thread_start(rt, "load", work, &l);
	for (int i = 0; i < CONTEXTS; i++)
		rt->ops->thread_join(rt, threads[i]);
	return (double)atomic_load(&l.done) / (measure_now_ms() - start) * 1000;
}

/* ---- the measures ---- */
static void
make_target_known(struct fleet *f)
{
	struct net_client *c = bench_dial(f->url, fleet_token(f, "worker:bench@bench", NULL));
	struct worker_target target = {.name = "bench/quiet", .environment = "bench"};
	struct worker_hello hello = {.version = "1"};
	struct arena arena;

	hello.targets.items = &target;
	hello.targets.count = 1;
	arena_init(&arena);
	(void)bench_call(c, MESSAGE_worker_hello, &hello, &arena);
	arena_fini(&arena);
}

static void
operations(void)
{
	double ours[ROUNDS], bare[ROUNDS], asked[ROUNDS], sync[101], cpu = 0, done = 0;
	struct fleet f;
	char note[80];

	/* An answer that is just leaving still counts: a client with 64 is now and then at 65. */
	fleet_open(&f, "limits:\n  requests_per_connection: 128\n");
	make_target_known(&f);
	struct bare *b = bare_open(f.dir);
	struct net_client *c = bench_dial(f.url, fleet_token(&f, "operator:bench", NULL));
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = bare_rate(b, CONTEXTS, ROUND_MS);
		double before = measure_cpu_ms(f.daemon.pid);
		ours[i] = through_coordinator(c, submit_and_cancel);
		cpu += measure_cpu_ms(f.daemon.pid) - before;
		done += ours[i] * ROUND_MS / 1000;
		asked[i] = through_coordinator(c, only_ask);
	}
	for (int i = 0; i < 101; i++)
		sync[i] = measure_fsync_ms(f.dir);
	double floor_rate = measure_median(bare, ROUNDS);
	snprintf(note, sizeof(note), "half of a bare SQLite loop's %.0f", floor_rate);
	measure_at_least("durable operations, 64 at once", measure_median(ours, ROUNDS),
			 floor_rate / 2, "ops/s", note);
	printf("  questions that write nothing, over the same wire: %.0f a second\n",
	       measure_median(asked, ROUNDS));
	printf("  an fsync took %.2f ms; an operation cost the coordinator %.0f us of a core\n",
	       measure_median(sync, 101), cpu * 1000 / done);
	bare_close(b);
	fleet_close(&f);
}

static double
start_and_ask(struct fleet *f, const char *token)
{
	double start = measure_now_ms();

	fleet_start(f);
	(void)bench_dial(f->url, token);
	return measure_now_ms() - start;
}

static void
start_up(const char *fill)
{
	double empty[ROUNDS], full[ROUNDS];
	struct fleet f;
	char path[200], events[16], token[128];
	const char *argv[] = {fill, path, events, NULL};

	fleet_open(&f, NULL);
	snprintf(token, sizeof(token), "%s", fleet_token(&f, "operator:bench", NULL));
	for (int i = 0; i < ROUNDS; i++) {
		fleet_kill(&f, SIGTERM);
		empty[i] = start_and_ask(&f, token);
	}
	fleet_kill(&f, SIGTERM);
	snprintf(path, sizeof(path), "%s/journal.db", f.dir);
	snprintf(events, sizeof(events), "%d", EVENTS);
	(void)measure_run(argv, NULL, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		full[i] = start_and_ask(&f, token);
		fleet_kill(&f, SIGKILL);
	}
	fleet_start(&f);
	printf("start-up of an empty journal: %.0f ms\n", measure_median(empty, ROUNDS));
	measure_at_most("start-up with 1,000,000 events of each kind", measure_median(full, ROUNDS),
			2000, "ms", NULL);
	fleet_close(&f);
}

int
main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "operations") == 0)
		operations();
	if (argc < 2 || strcmp(argv[1], "start") == 0)
		start_up(BENCH_JOURNAL_FILL);
	return measure_end();
}
