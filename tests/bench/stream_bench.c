/*
 * Events from a worker's outbox over ws:// into the journal and on to a watcher, and what a
 * thousand parked watchers cost. Coordinator, event source and watchers are processes of their own;
 * each watcher has a connection of its own.
 *
 *   bench_stream                     all of it
 *   bench_stream source URL TOKEN TARGET EVENTS      (started by the first) one job's worker
 *   bench_stream watchers URL TOKEN JOB COUNT        (started by the first) parked watchers
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/parse.h"
#include "tests/bench/house.h"
#include "tests/bench/measure.h"
#include "worker/outbox.h"

#include "shared/base/banned.h"

enum { EVENTS = 100000, BURST = 500, WATCHERS = 1000, WATCHER_PROCESSES = 4, IDLE_SECONDS = 25 };

/* ---- the source ---- */
static void
announce(struct net_client *c, struct arena *arena)
{
	struct worker_target targets[] = {{.name = "bench/stream", .environment = "bench"},
					  {.name = "bench/quiet", .environment = "bench"}};
	struct worker_hello hello = {.version = "1"};

	hello.targets.items = targets;
	hello.targets.count = 2;
	(void)bench_call(c, MESSAGE_worker_hello, &hello, arena);
}

static struct worker_offer *
take_job(struct net_client *c, const char *target, struct arena *arena)
{
	struct worker_next next = {.worker = "bench", .wait_ms = 20000};
	struct worker_offer *offer;

	next.targets.items = &target;
	next.targets.count = 1;
	do {
		offer = bench_call(c, MESSAGE_worker_next, &next, arena);
	} while (offer->job == NULL);
	return offer;
}

/* As a migration tells of itself. */
static void
put_events(struct outbox *o, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		struct job_event event = {.kind = "statement",
					  .version = "20260101120000",
					  .name = "create_orders",
					  .file = "20260101120000_create_orders.up.sql",
					  .line = i % 1000 + 1,
					  .statement = i % 100 + 1,
					  .tag = "CREATE TABLE",
					  .done = INT_NULL,
					  .total = INT_NULL,
					  .duration_ms = 3,
					  .rows = INT_NULL};
		outbox_put(o, &event);
	}
}

static int
source(const char *url, const char *token, const char *target, int64_t events)
{
	struct net_client *c = bench_dial(url, token);
	struct job_control control;
	struct error err = {0};
	struct arena arena;

	arena_init(&arena);
	announce(c, &arena);
	printf("ready\n");
	fflush(stdout);
	const struct worker_offer *offer = take_job(c, target, &arena);
	struct job_begin begin = {.worker = "bench", .job = offer->job, .attempt = offer->attempt};
	control_init(&control, runtime_system(), c, "bench", offer->job, offer->attempt);
	(void)bench_call(c, MESSAGE_job_begin, &begin, &arena);
	control_renewed(&control, runtime_boot_ns(control.rt), 10 * 60 * 1000);
	struct outbox *o = outbox_start(&control, target);
	put_events(o, events);
	MEASURE_NEED(outbox_flush(o, &err));
	struct job_outcome outcome = {.exit_code = 0};
	struct job_finish finish = {.worker = "bench",
				    .job = offer->job,
				    .attempt = offer->attempt,
				    .outcome = &outcome};
	(void)bench_call(c, MESSAGE_job_finish, &finish, &arena);
	_exit(0);
}

/* ---- watchers ---- */
struct watcher {
	const char *url, *token, *job;
};

static void
watch(void *arg)
{
	const struct watcher *w = arg;
	struct net_client *c = bench_dial(w->url, w->token);

	printf("r");
	fflush(stdout);
	MEASURE_NEED(bench_follow(c, w->job) == BURST);
}

static int
watchers(const char *url, const char *token, const char *job, int64_t count)
{
	struct watcher w = {.url = url, .token = token, .job = job};
	struct runtime *rt = runtime_system();
	struct thread *threads[WATCHERS];

	MEASURE_NEED(count <= WATCHERS);
	for (int64_t i = 0; i < count; i++)
		threads[i] = rt->ops->thread_start(rt, "watcher", watch, &w);
	for (int64_t i = 0; i < count; i++)
		rt->ops->thread_join(rt, threads[i]);
	_exit(0);
}

/* ---- the measures ---- */
struct stream {
	struct fleet f;
	char operator[128], worker[128];
	struct net_client *client;
};

static void
start_self(struct process *p, const char *const *argv)
{
	const char *env[] = {NULL};

	MEASURE_NEED(process_start(p, &(struct process_spec){.argv = argv, .env = env}));
}

static void
failed(const struct process *p)
{
	fprintf(stderr, "a process of the benchmark (exit %d):\n%s%s\n", p->exit_code, p->out,
		p->err);
	exit(2);
}

static void
await_text(struct process *p, const char *text)
{
	if (!process_wait_text(p, text, 120))
		failed(p);
}

static void
end_self(struct process *p)
{
	if (!process_wait(p, 300) || p->exit_code != 0)
		failed(p);
	process_free(p);
}

static void
start_source(struct stream *s, struct process *p, const char *target, int events)
{
	char count[16];
	const char *argv[] = {"/proc/self/exe", "source", s->f.url, s->worker, target, count, NULL};

	snprintf(count, sizeof(count), "%d", events);
	start_self(p, argv);
	await_text(p, "ready");
}

static void
submit(struct stream *s, const char *target, char job[ID_TEXT])
{
	struct job_options options = {0};
	struct job_spec spec = {.kind = "apply", .target = target, .options = &options};

	bench_submit(s->client, &spec, job);
}

/* Events a second, from the submission to the watcher's last. */
static double
stream_once(struct stream *s, int events)
{
	struct process p;
	char job[ID_TEXT];

	start_source(s, &p, "bench/stream", events);
	double start = measure_now_ms();
	submit(s, "bench/stream", job);
	MEASURE_NEED(bench_follow(s->client, job) == events);
	double rate = events / (measure_now_ms() - start) * 1000;
	end_self(&p);
	return rate;
}

static void
measure_stream(struct stream *s, const char *what)
{
	double rates[5], sync[101], cpu = measure_cpu_ms(s->f.daemon.pid);
	char name[80];

	for (int i = 0; i < 5; i++)
		rates[i] = stream_once(s, EVENTS);
	cpu = measure_cpu_ms(s->f.daemon.pid) - cpu;
	for (int i = 0; i < 101; i++)
		sync[i] = measure_fsync_ms(s->f.dir);
	snprintf(name, sizeof(name), "%d events, %s", EVENTS, what);
	measure_at_least(name, measure_median(rates, 5), 50000, "events/s", NULL);
	/* This says how fast it could go where nobody else wants the cores. */
	printf("  an fsync took %.2f ms; an event cost the coordinator %.1f us of a core\n",
	       measure_median(sync, 101), cpu * 1000 / (5.0 * EVENTS));
}

static void
open_stream(struct stream *s)
{
	struct process p;

	fleet_open(&s->f, NULL);
	snprintf(s->operator, sizeof(s->operator), "%s",
		 fleet_token(&s->f, "operator:bench", NULL));
	snprintf(s->worker, sizeof(s->worker), "%s",
		 fleet_token(&s->f, "worker:bench@bench", NULL));
	s->client = bench_dial(s->f.url, s->operator);
	char job[ID_TEXT];
	start_source(s, &p, "bench/stream", 1); /* makes the targets known */
	submit(s, "bench/stream", job);
	MEASURE_NEED(bench_follow(s->client, job) == 1);
	end_self(&p);
	measure_at_most("coordinator at rest", (double)measure_rss_kb(s->f.daemon.pid) / 1024, 32,
			"MB", NULL);
}

static void
start_watchers(struct stream *s, struct process *all, const char *job)
{
	char count[16], ready[WATCHERS / WATCHER_PROCESSES + 1];
	const char *argv[] = {"/proc/self/exe", "watchers", s->f.url,
			      s->operator, job, count,	    NULL};

	snprintf(count, sizeof(count), "%d", WATCHERS / WATCHER_PROCESSES);
	memset(ready, 'r', sizeof(ready) - 1);
	ready[sizeof(ready) - 1] = '\0';
	for (int i = 0; i < WATCHER_PROCESSES; i++)
		start_self(&all[i], argv);
	for (int i = 0; i < WATCHER_PROCESSES; i++)
		await_text(&all[i], ready);
}

/* Longer than a park, so that the renewing of all of them is in it. */
static void
measure_idle(struct stream *s)
{
	double before = measure_cpu_ms(s->f.daemon.pid), start = measure_now_ms();

	sleep(IDLE_SECONDS);
	double share = (measure_cpu_ms(s->f.daemon.pid) - before) / (measure_now_ms() - start);
	measure_at_most("1000 parked watchers: the coordinator", share * 100, 2, "% of a core",
			NULL);
	measure_at_most("  its memory", (double)measure_rss_kb(s->f.daemon.pid) / 1024, 96, "MB",
			NULL);
}

static void
measure_watchers(struct stream *s)
{
	struct process all[WATCHER_PROCESSES], p;
	char quiet[ID_TEXT];

	submit(s, "bench/quiet", quiet);
	start_watchers(s, all, quiet);
	measure_idle(s);
	measure_stream(s, "1000 others parked");
	start_source(s, &p, "bench/quiet", BURST);
	double start = measure_now_ms();
	for (int i = 0; i < WATCHER_PROCESSES; i++)
		end_self(&all[i]);
	printf("%d events to each of 1000 watchers: %.0f events/s\n", BURST,
	       BURST * 1000.0 / (measure_now_ms() - start) * 1000);
	end_self(&p);
	measure_at_most("  the most memory the coordinator had",
			(double)measure_peak_kb(s->f.daemon.pid) / 1024, 96, "MB", NULL);
}

int
main(int argc, char **argv)
{
	struct stream s = {0};
	int64_t count = 0;

	if (argc == 6 && parse_int(argv[5], &count))
		return strcmp(argv[1], "source") == 0 ? source(argv[2], argv[3], argv[4], count)
						      : watchers(argv[2], argv[3], argv[4], count);
	printf("event streams; coordinator, source and watchers are processes\n");
	open_stream(&s);
	measure_stream(&s, "one watcher");
	measure_watchers(&s);
	fleet_close(&s.f);
	return measure_end();
}
