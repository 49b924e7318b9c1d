/*
 * Claims: how many a second become durable, what a look-up among ten thousand open intents takes,
 * what a hundred thousand weigh, and how long one agent's command lasts.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bare.h"
#include "tests/bench/house.h"
#include "tests/bench/measure.h"

#include "shared/base/banned.h"

enum {
	CONTEXTS = 64,
	ROUNDS = 5,
	ROUND_MS = 3000,
	LOOKUPS = 501,
	SOME = 10000,
	MANY = 100000,
	OF_ONE_AGENT = 20000,
	COMMANDS = 31
};

/* ---- requests ---- */
static struct intent_registered *
say(struct net_client *c, const char *agent, const char *sql, bool claim, struct arena *arena)
{
	struct intent_draft d = {.agent = agent,
				 .feature_name = "bench",
				 .risk_level = "low",
				 .estimated_duration_ms = INT_NULL,
				 .metadata = "{}"};
	struct intent_register m = {.draft = &d, .claim = claim};

	d.schema_changes.items = &sql;
	d.schema_changes.count = 1;
	return bench_call(c, MESSAGE_intent_register, &m, arena);
}

static double
check_ms(struct net_client *c, const char *sql)
{
	struct intent_draft d = {.agent = "asker",
				 .feature_name = "bench",
				 .risk_level = "low",
				 .estimated_duration_ms = INT_NULL,
				 .metadata = "{}"};
	struct intent_check m = {.draft = &d};
	struct arena arena;

	d.schema_changes.items = &sql;
	d.schema_changes.count = 1;
	arena_init(&arena);
	double start = measure_now_ms();
	(void)bench_call(c, MESSAGE_intent_check, &m, &arena);
	double ms = measure_now_ms() - start;
	arena_fini(&arena);
	return ms;
}

/* ---- claims a second ---- */
struct load {
	struct net_client *client;
	int number;
	uint64_t until_ns;
	atomic_llong *done;
};

/* Two durable operations: a claim of its own, and its end. */
static void
claim_and_end(void *arg)
{
	struct load *l = arg;
	char agent[32], sql[80];
	struct arena arena;

	snprintf(agent, sizeof(agent), "a%d", l->number);
	snprintf(sql, sizeof(sql), "ALTER TABLE t%d ADD COLUMN c int", l->number);
	arena_init(&arena);
	while (runtime_boot_ns(runtime_system()) < l->until_ns) {
		struct intent_registered *r = say(l->client, agent, sql, true, &arena);
		struct intent_move m = {.intent = r->intent->id,
					.action = "abandon",
					.reason = "measured",
					.agent = agent,
					.token = r->intent->token};
		(void)bench_call(l->client, MESSAGE_intent_move, &m, &arena);
		arena_reset(&arena);
		atomic_fetch_add(l->done, 2);
	}
	arena_fini(&arena);
}

static double
claims_a_second(struct net_client *client)
{
	struct runtime *rt = runtime_system();
	struct load loads[CONTEXTS];
	struct thread *threads[CONTEXTS];
	atomic_llong done = 0;
	double start = measure_now_ms();

	for (int i = 0; i < CONTEXTS; i++) {
		loads[i] = (struct load){client, i, runtime_deadline(rt, ROUND_MS), &done};
		threads[i] = rt->ops->thread_start(rt, "load", claim_and_end, &loads[i]);
	}
	for (int i = 0; i < CONTEXTS; i++)
		rt->ops->thread_join(rt, threads[i]);
	return (double)atomic_load(&done) / (measure_now_ms() - start) * 1000;
}

static void
operations(struct fleet *f, struct net_client *c)
{
	double ours[ROUNDS], floor[ROUNDS], cpu = 0, done = 0;
	struct bare *b = bare_open(f->dir);
	char note[80];

	for (int i = 0; i < ROUNDS; i++) {
		floor[i] = bare_rate(b, CONTEXTS, ROUND_MS);
		double before = measure_cpu_ms(f->daemon.pid);
		ours[i] = claims_a_second(c);
		cpu += measure_cpu_ms(f->daemon.pid) - before;
		done += ours[i] * ROUND_MS / 1000;
	}
	double rate = measure_median(floor, ROUNDS);
	snprintf(note, sizeof(note), "half of a bare SQLite loop's %.0f", rate);
	measure_at_least("durable claims and ends of claims, 64 at once",
			 measure_median(ours, ROUNDS), rate / 2, "ops/s", note);
	printf("  an operation cost the coordinator %.0f us of a core\n", cpu * 1000 / done);
	bare_close(b);
}

/* ---- among many ---- */
struct filling {
	struct net_client *client;
	atomic_int *next;
	int end;
};

static void
register_some(void *arg)
{
	struct filling *f = arg;
	struct arena arena;
	int i;

	arena_init(&arena);
	while ((i = atomic_fetch_add(f->next, 1)) < f->end) {
		char agent[32], sql[120];
		snprintf(agent, sizeof(agent), "f%d", i / OF_ONE_AGENT);
		snprintf(sql, sizeof(sql), "ALTER TABLE s%d.t%d ADD COLUMN c int", i % 50, i);
		(void)say(f->client, agent, sql, i % 2 == 0, &arena);
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

static void
fill(struct net_client *client, int from, int end)
{
	struct runtime *rt = runtime_system();
	struct filling filling = {client, NULL, end};
	struct thread *threads[CONTEXTS];
	atomic_int next = from;

	filling.next = &next;
	for (int i = 0; i < CONTEXTS; i++)
		threads[i] = rt->ops->thread_start(rt, "fill", register_some, &filling);
	for (int i = 0; i < CONTEXTS; i++)
		rt->ops->thread_join(rt, threads[i]);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* At the 99th percentile: of what meets one of them. */
static double
lookup_p99(struct net_client *c)
{
	double ms[LOOKUPS];

	for (int i = 0; i < LOOKUPS; i++) {
		char sql[120];
		int n = i * 19 % SOME;
		snprintf(sql, sizeof(sql), "ALTER TABLE s%d.t%d DROP COLUMN c", n % 50, n);
		ms[i] = check_ms(c, sql);
	}
	qsort(ms, LOOKUPS, sizeof(ms[0]), by_value);
	return ms[LOOKUPS * 99 / 100];
}

static void
among_many(struct fleet *f, struct net_client *c, const char *token)
{
	double among_none = lookup_p99(c), start;
	char note[96];

	fill(c, 0, SOME);
	snprintf(note, sizeof(note), "1 ms more than the %.2f ms among none", among_none);
	measure_at_most("a look-up among 10,000 open intents, p99", lookup_p99(c), among_none + 1,
			"ms", note);
	start = measure_now_ms();
	fill(c, SOME, MANY);
	printf("  another 90,000 were registered in %.0f s\n", (measure_now_ms() - start) / 1000);
	measure_at_most("100,000 open intents: memory",
			(double)measure_rss_kb(f->daemon.pid) / 1024, 128, "MB", NULL);
	fleet_kill(f, SIGKILL);
	start = measure_now_ms();
	fleet_start(f);
	(void)bench_dial(f->url, token);
	measure_at_most("100,000 open intents: start", measure_now_ms() - start, 2000, "ms", NULL);
	measure_at_most("  its memory", (double)measure_rss_kb(f->daemon.pid) / 1024, 128, "MB",
			NULL);
}

/* ---- one command ---- */
static void
one_command(void)
{
	double ms[COMMANDS], sync[COMMANDS], program[COMMANDS];
	char dir[] = "/tmp/confiture-bench.XXXXXX", sql[80], note[96];
	const char *git[] = {"/usr/bin/git", "init", "-q", ".", NULL};
	const char *version[] = {CONFITURE_PROGRAM, "--version", NULL};
	const char *argv[] = {CONFITURE_PROGRAM,
			      "coordinate",
			      "register",
			      "--agent-id",
			      "ann",
			      "--feature-name",
			      "bench",
			      "--claim",
			      "--schema-changes",
			      sql,
			      NULL};

	MEASURE_NEED(mkdtemp(dir) != NULL);
	(void)measure_run(git, dir, NULL);
	for (int i = 0; i < COMMANDS; i++) {
		snprintf(sql, sizeof(sql), "ALTER TABLE t%d ADD COLUMN c int", i);
		sync[i] = measure_fsync_ms(dir);
		program[i] = measure_run(version, dir, NULL).ms;
		ms[i] = measure_run(argv, dir, NULL).ms;
	}
	double sync_ms = measure_median(sync, COMMANDS);
	snprintf(note, sizeof(note), "25 ms over an fsync of %.2f ms", sync_ms);
	measure_at_most("one `coordinate register --claim`", measure_median(ms, COMMANDS),
			25 + sync_ms, "ms", note);
	printf("  `confiture --version`: %.2f ms\n", measure_median(program, COMMANDS));
	const char *rm[] = {"/bin/rm", "-rf", dir, NULL};
	(void)measure_run(rm, "/", NULL);
}

int
main(void)
{
	struct fleet f;
	char token[128];

	one_command();
	fleet_open(&f, "limits:\n  requests_per_connection: 128\n");
	snprintf(token, sizeof(token), "%s", fleet_token(&f, "operator:bench", NULL));
	struct net_client *c = bench_dial(f.url, token);
	operations(&f, c);
	among_many(&f, c, token);
	fleet_close(&f);
	return measure_end();
}
