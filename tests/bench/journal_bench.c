/*
 * Durable small operations through the coordinator, 64 at once from one client process, beside a
 * bare SQLite loop that writes the same rows in groups of 64 on the same disk in the same minute;
 * and how soon a coordinator answers whose journal holds a million events.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static double
through_coordinator(struct net_client *client)
{
	struct runtime *rt = runtime_system();
	struct load l = {.client = client, .until_ns = runtime_deadline(rt, ROUND_MS)};
	struct thread *threads[CONTEXTS];
	double start = measure_now_ms();

	for (int i = 0; i < CONTEXTS; i++)
		threads[i] = rt->ops->thread_start(rt, "load", submit_and_cancel, &l);
	for (int i = 0; i < CONTEXTS; i++)
		rt->ops->thread_join(rt, threads[i]);
	return (double)atomic_load(&l.done) / (measure_now_ms() - start) * 1000;
}

/* ---- the floor ---- */
static const char *const tables =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	"CREATE TABLE job (id TEXT PRIMARY KEY, state TEXT, spec TEXT) STRICT;"
	"CREATE TABLE event (seq INTEGER PRIMARY KEY, detail TEXT, hash TEXT NOT NULL UNIQUE) "
	"STRICT;"
	"CREATE TABLE reply (identity TEXT, key TEXT, body TEXT, PRIMARY KEY (identity, key))"
	" STRICT, WITHOUT ROWID;";

/* What a submission and a cancel write, in their order; each gets a number and a text. */
static const char *const writes[] = {
	"INSERT INTO job VALUES (?2 || ?1, 'queued', ?3)",
	"INSERT INTO event VALUES (NULL, ?3, ?2 || ?2 || ?1)",
	"INSERT INTO reply VALUES ('operator:bench', ?2 || ?1, ?2)",
	"UPDATE job SET state = 'cancelled' WHERE id = ?2 || ?1",
	"INSERT INTO event VALUES (NULL, ?3, ?2 || ?2 || ?1 || 'c')",
};
enum { WRITES = sizeof(writes) / sizeof(writes[0]), WRITES_OF_SUBMIT = 3 };

struct bare {
	sqlite3 *db;
	sqlite3_stmt *stmt[WRITES];
	int64_t next;
};

static void
bare_open(struct bare *b, const char *folder)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/bare.db", folder);
	MEASURE_NEED(sqlite3_open(path, &b->db) == SQLITE_OK);
	MEASURE_NEED(sqlite3_exec(b->db, tables, NULL, NULL, NULL) == SQLITE_OK);
	for (int i = 0; i < WRITES; i++)
		MEASURE_NEED(sqlite3_prepare_v2(b->db, writes[i], -1, &b->stmt[i], NULL) ==
			     SQLITE_OK);
}

static void
bare_close(struct bare *b)
{
	for (int i = 0; i < WRITES; i++)
		sqlite3_finalize(b->stmt[i]);
	sqlite3_close(b->db);
}

static void
bare_write(struct bare *b, int which, int64_t number)
{
	static const char id[] = "01a216cb-91dc-7fc4-a1db-3027d0ed33a7";
	static const char detail[] =
		"{\"kind\":\"apply\",\"target\":\"bench/quiet\",\"target_key\":"
		"\"bench/quiet\",\"environment\":\"bench\",\"agent\":\"bench\"}";
	sqlite3_stmt *s = b->stmt[which];

	sqlite3_bind_int64(s, 1, number);
	sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, detail, -1, SQLITE_STATIC);
	MEASURE_NEED(sqlite3_step(s) == SQLITE_DONE);
	sqlite3_reset(s);
}

/* Operations a second: a group of submissions, then a group of their cancels. */
static double
bare_loop(struct bare *b)
{
	double start = measure_now_ms();
	int64_t done = 0;

	while (measure_now_ms() - start < ROUND_MS) {
		for (int half = 0; half < 2; half++) {
			MEASURE_NEED(sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
				     SQLITE_OK);
			int first = half == 0 ? 0 : WRITES_OF_SUBMIT;
			int end = half == 0 ? WRITES_OF_SUBMIT : WRITES;
			for (int i = 0; i < CONTEXTS; i++)
				for (int w = first; w < end; w++)
					bare_write(b, w, b->next + i);
			MEASURE_NEED(sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
			done += CONTEXTS;
		}
		b->next += CONTEXTS;
	}
	return (double)done / (measure_now_ms() - start) * 1000;
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
	double ours[ROUNDS], bare[ROUNDS], sync[101], cpu = 0, done = 0;
	struct bare b = {0};
	struct fleet f;
	char note[80];

	/* An answer that is just leaving still counts: a client with 64 is now and then at 65. */
	fleet_open(&f, "limits:\n  requests_per_connection: 128\n");
	make_target_known(&f);
	bare_open(&b, f.dir);
	struct net_client *c = bench_dial(f.url, fleet_token(&f, "operator:bench", NULL));
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = bare_loop(&b);
		double before = measure_cpu_ms(f.daemon.pid);
		ours[i] = through_coordinator(c);
		cpu += measure_cpu_ms(f.daemon.pid) - before;
		done += ours[i] * ROUND_MS / 1000;
	}
	for (int i = 0; i < 101; i++)
		sync[i] = measure_fsync_ms(f.dir);
	double floor_rate = measure_median(bare, ROUNDS);
	snprintf(note, sizeof(note), "half of a bare SQLite loop's %.0f", floor_rate);
	measure_at_least("durable operations, 64 at once", measure_median(ours, ROUNDS),
			 floor_rate / 2, "ops/s", note);
	printf("  an fsync took %.2f ms; an operation cost the coordinator %.0f us of a core\n",
	       measure_median(sync, 101), cpu * 1000 / done);
	bare_close(&b);
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
