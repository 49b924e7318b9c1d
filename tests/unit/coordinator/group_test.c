/* Requests that arrive together: one transaction, one commit, and each its own answer. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/journal/disk.h"
#include "coordinator/journal/journal.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { ASKERS = 24, SETTLE_MS = 150 };

static struct scratch scratch;
static struct house house;

/* One asker on a thread of its own. */
struct asker {
	enum message_kind kind;
	const void *request;
	struct net_client *from;
	struct arena arena;
	void *reply;
	struct error err;
	struct thread *thread;
};

static void
ask(void *arg)
{
	struct asker *a = arg;

	(void)!net_call(a->from, a->kind, a->request, runtime_deadline(house.rt, 30000), &a->arena,
			&a->reply, &a->err);
}

static void
start(struct asker *a, struct net_client *from, enum message_kind kind, const void *request)
{
	*a = (struct asker){.kind = kind, .request = request, .from = from};
	arena_init(&a->arena);
	a->thread = house.rt->ops->thread_start(house.rt, "asker", ask, a);
}

static void
finish(struct asker *a)
{
	house.rt->ops->thread_join(house.rt, a->thread);
}

/* Another process in the middle of a transaction: the loop waits for it, and requests pile up. */
static sqlite3 *
hold_journal(void)
{
	sqlite3 *db;

	REQUIRE(disk_register() && sqlite3_open_v2(scratch.journal, &db, SQLITE_OPEN_READWRITE,
						   DISK_VFS) == SQLITE_OK);
	REQUIRE(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
	return db;
}

static void
let_go(sqlite3 *db)
{
	REQUIRE(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
}

struct syncs {
	_Atomic long wal;
};

static enum disk_fate
count_syncs(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct syncs *s = self;

	(void)offset;
	(void)len;
	if (op == DISK_SYNC && path != NULL && strstr(path, "-wal") != NULL)
		atomic_fetch_add(&s->wal, 1);
	return DISK_GO_ON;
}

static void
open_house(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal});
	(void)house_run(&house, "warm");
}

static void
many_requests_cost_one_commit_and_a_refused_one_disturbs_nobody(void)
{
	static struct asker askers[ASKERS], first;
	static struct syncs syncs;
	static const struct disk_hook hook = {count_syncs, &syncs};
	struct job_spec spec = spec_of("apply", "many", "key");
	struct job_submit submit = {.spec = &spec};
	struct job_begin wrong = {.job = "nope", .attempt = 1, .worker = "w1"};

	disk_set_hook(&hook);
	open_house();
	sqlite3 *other = hold_journal();
	start(&first, house.client, MESSAGE_job_submit, &submit);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	for (int i = 0; i < ASKERS; i++) {
		if (i % 8 == 3)
			start(&askers[i], house.worker, MESSAGE_job_begin, &wrong);
		else
			start(&askers[i], house.client, MESSAGE_job_submit, &submit);
	}
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	long before = atomic_load(&syncs.wal);
	let_go(other);
	finish(&first);
	CHECK(first.reply != NULL);
	for (int i = 0; i < ASKERS; i++) {
		finish(&askers[i]);
		CHECK_INT((askers[i].reply != NULL), i % 8 != 3);
		if (i % 8 == 3)
			CHECK(error_is(&askers[i].err, E_JOB_001));
	}
	/* The first alone, then all the others together. */
	CHECK_INT(atomic_load(&syncs.wal) - before, 2);
	struct job_list_request list = {.limit = 100};
	struct job_list *l = house_ask(&house, house.client, MESSAGE_job_list_request, &list);
	REQUIRE(l != NULL);
	CHECK_INT(l->total, 1 + 1 + ASKERS - ASKERS / 8);
	for (int i = 0; i < ASKERS; i++)
		arena_fini(&askers[i].arena);
	arena_fini(&first.arena);
	house_close(&house);
	disk_set_hook(NULL);
	scratch_close(&scratch);
}

static void
a_journal_that_is_held_too_long_is_refused_in_bounded_time(void)
{
	struct job_spec spec = spec_of("apply", "db", "key");
	struct job_submit submit = {.spec = &spec};
	struct job_list_request list = {.limit = 10};

	open_house();
	sqlite3 *other = hold_journal();
	uint64_t before = runtime_boot_ms(house.rt);
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &submit) == NULL);
	uint64_t waited = runtime_boot_ms(house.rt) - before;
	CHECK(error_is(&house.err, E_JRNL_001));
	CHECK(house.err.retryable);
	CHECK_HAS(house.err.message, scratch.journal);
	CHECK(waited < JOURNAL_BUSY_MS + 3000);
	/* What is there can be read all the while. */
	struct job_list *l = house_ask(&house, house.client, MESSAGE_job_list_request, &list);
	REQUIRE(l != NULL);
	CHECK_INT(l->total, 1);
	let_go(other);
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &submit) != NULL);
	house_close(&house);
	scratch_close(&scratch);
}

/* A worker that waits for work is not told about a disk that was full for a moment. */
static void
a_parked_worker_outlives_a_journal_that_is_held(void)
{
	struct asker worker, client;
	const char *target = "db2";
	struct worker_next next = {.targets = {&target, 1}, .wait_ms = 20000};
	struct job_spec spec = spec_of("apply", "db2", "key");
	struct job_submit submit = {.spec = &spec};

	open_house();
	start(&worker, house.worker, MESSAGE_worker_next, &next);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	sqlite3 *other = hold_journal();
	start(&client, house.client, MESSAGE_job_submit, &submit);
	finish(&client);
	CHECK(client.reply == NULL && error_is(&client.err, E_JRNL_001));
	let_go(other);
	const char *job = house_submit(&house, &spec, NULL);
	finish(&worker);
	REQUIRE(worker.reply != NULL);
	struct worker_offer *offer = worker.reply;
	CHECK_STR(offer->job, job);
	arena_fini(&worker.arena);
	arena_fini(&client.arena);
	house_close(&house);
	scratch_close(&scratch);
}

/* Both lie in one round, the one who waits first: the news must not be given out before it waits.
 */
static void
a_worker_hears_of_a_job_that_arrived_in_its_own_round(void)
{
	struct asker first, worker, client;
	const char *target = "db3";
	struct worker_next next = {.targets = {&target, 1}, .wait_ms = 20000};
	struct job_spec other = spec_of("apply", "elsewhere", "key"),
			spec = spec_of("apply", "db3", "key");
	struct job_submit submit_other = {.spec = &other}, submit = {.spec = &spec};

	open_house();
	sqlite3 *holder = hold_journal();
	start(&first, house.client, MESSAGE_job_submit, &submit_other);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	start(&worker, house.worker, MESSAGE_worker_next, &next);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	start(&client, house.client, MESSAGE_job_submit, &submit);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	uint64_t before = runtime_boot_ms(house.rt);
	let_go(holder);
	finish(&first);
	finish(&client);
	finish(&worker);
	CHECK(runtime_boot_ms(house.rt) - before < 5000);
	REQUIRE(worker.reply != NULL && client.reply != NULL);
	struct worker_offer *offer = worker.reply;
	struct job_submitted *submitted = client.reply;
	CHECK_STR(offer->job, submitted->job);
	arena_fini(&first.arena);
	arena_fini(&worker.arena);
	arena_fini(&client.arena);
	house_close(&house);
	scratch_close(&scratch);
}

/* ---- a disk that is full while a job runs ---- */
struct full_disk {
	_Atomic bool full;
};

static enum disk_fate
refuse_writes(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct full_disk *d = self;

	(void)path;
	(void)offset;
	(void)len;
	return op == DISK_WRITE && atomic_load(&d->full) ? DISK_FULL : DISK_GO_ON;
}

static void
a_full_disk_leaves_nobody_waiting_and_a_later_report_counts(void)
{
	static struct full_disk disk;
	static const struct disk_hook hook = {refuse_writes, &disk};

	disk_set_hook(&hook);
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .lease_ms = 300});
	struct worker_offer *offer = house_run(&house, "key");
	struct job_renew renew = {.job = offer->job, .attempt = 1, .worker = "w1"};
	atomic_store(&disk.full, true);
	CHECK(!house_emit(&house, offer, 1, 2) && error_is(&house.err, E_JRNL_001));
	CHECK_HAS(house.err.cause, "full");
	CHECK(house_ask(&house, house.worker, MESSAGE_job_renew, &renew) != NULL);
	CHECK(!house_finish(&house, offer, NULL, false) && error_is(&house.err, E_JRNL_001));
	uint64_t before = runtime_boot_ms(house.rt);
	struct job_watched *w = house_watch(&house, offer->job, 0, 0, 20000);
	REQUIRE(w != NULL && w->outcome != NULL && w->outcome->error != NULL);
	CHECK_INT(w->outcome->exit_code, 9);
	CHECK_HAS(w->outcome->error->message, "could not be written");
	CHECK_STR(w->info->state, "running");
	CHECK(runtime_boot_ms(house.rt) - before < 5000);
	atomic_store(&disk.full, false);
	CHECK(house_finish(&house, offer, NULL, false));
	w = house_watch(&house, offer->job, 0, 0, 0);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK_INT(w->outcome->exit_code, 0);
	CHECK_INT(w->events.count, 0);
	house_close(&house);
	disk_set_hook(NULL);
	scratch_close(&scratch);
}

/* A renewal that shares a round with a write that fails is answered all the same. */
static void
who_only_reads_is_answered_although_the_commit_failed(void)
{
	static struct full_disk disk;
	static const struct disk_hook hook = {refuse_writes, &disk};
	struct asker first, renewal;
	struct job_spec spec = spec_of("apply", "elsewhere", "key");
	struct job_submit submit = {.spec = &spec};

	disk_set_hook(&hook);
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal});
	struct worker_offer *offer = house_run(&house, "key");
	struct job_renew renew = {.job = offer->job, .attempt = 1, .worker = "w1"};
	sqlite3 *holder = hold_journal();
	struct asker blocker;
	start(&blocker, house.client, MESSAGE_job_submit, &submit);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	start(&first, house.client, MESSAGE_job_submit, &submit);
	start(&renewal, house.worker, MESSAGE_job_renew, &renew);
	house.rt->ops->sleep_ns(house.rt, SETTLE_MS * NS_PER_MS);
	atomic_store(&disk.full, true);
	let_go(holder);
	finish(&blocker);
	finish(&first);
	finish(&renewal);
	CHECK(blocker.reply == NULL && error_is(&blocker.err, E_JRNL_001));
	CHECK(first.reply == NULL && error_is(&first.err, E_JRNL_001));
	REQUIRE(renewal.reply != NULL);
	CHECK_INT(((struct job_lease *)renewal.reply)->lease_ms, 10000);
	atomic_store(&disk.full, false);
	arena_fini(&blocker.arena);
	arena_fini(&first.arena);
	arena_fini(&renewal.arena);
	house_close(&house);
	disk_set_hook(NULL);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(many_requests_cost_one_commit_and_a_refused_one_disturbs_nobody),
	CASE(a_journal_that_is_held_too_long_is_refused_in_bounded_time),
	CASE(a_parked_worker_outlives_a_journal_that_is_held),
	CASE(a_worker_hears_of_a_job_that_arrived_in_its_own_round),
	CASE(a_full_disk_leaves_nobody_waiting_and_a_later_report_counts),
	CASE(who_only_reads_is_answered_although_the_commit_failed),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/group", cases, ARRAY_LEN(cases), argc, argv);
}
