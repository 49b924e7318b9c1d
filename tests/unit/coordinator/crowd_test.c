/* Many watchers at once: replies of one round are bounded in memory, nobody is left out, and nobody
 * hears of what did not come to be. */
#include <stdatomic.h>
#include <string.h>

#include "coordinator/journal/disk.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { WATCHERS = 48, EVENTS = 250, MESSAGE = 4000 };

struct watching {
	struct house *house;
	struct job_watch ask;
	struct arena arena;
	int64_t seen;
	_Atomic bool started;
};

/* In order, from the first to the last, in as many replies as it takes. */
static void
watch(void *arg)
{
	struct watching *w = arg;
	struct runtime *rt = w->house->rt;
	void *reply;

	atomic_store(&w->started, true);
	while (w->seen < EVENTS && net_call(w->house->client, MESSAGE_job_watch, &w->ask,
					    runtime_deadline(rt, 60000), &w->arena, &reply, NULL)) {
		const struct job_watched *told = reply;
		for (size_t i = 0; i < told->events.count; i++) {
			if (told->events.items[i].seq != w->seen + 1)
				return;
			w->seen++;
		}
		w->ask.attempt = 1;
		w->ask.since = w->seen;
	}
}

/* Each says that it has seen something else, so that none is told what another was. */
static struct thread *
start_watching(struct house *h, struct watching *w, const char *job, int64_t since)
{
	*w = (struct watching){.house = h, .ask = {.job = job, .since = since, .wait_ms = 50000}};
	arena_init(&w->arena);
	struct thread *t = h->rt->ops->thread_start(h->rt, "watch", watch, w);
	while (!atomic_load(&w->started))
		h->rt->ops->sleep_ns(h->rt, NS_PER_MS);
	return t;
}

static bool
emit(struct house *h, const struct worker_offer *offer)
{
	struct job_event *events = arena_array(&h->arena, EVENTS, sizeof(*events));
	struct job_events m = {
		.job = offer->job, .attempt = offer->attempt, .events = {events, EVENTS}};
	static char message[MESSAGE + 1];

	memset(message, 'm', MESSAGE);
	for (int64_t i = 0; i < EVENTS; i++)
		events[i] = (struct job_event){.seq = i + 1,
					       .time = "2026-01-01T00:00:00.000000Z",
					       .job = offer->job,
					       .attempt = offer->attempt,
					       .target = "db",
					       .kind = "notice",
					       .line = INT_NULL,
					       .statement = INT_NULL,
					       .done = INT_NULL,
					       .total = INT_NULL,
					       .duration_ms = INT_NULL,
					       .rows = INT_NULL,
					       .message = message};
	return house_ask(h, h->worker, MESSAGE_job_events, &m) != NULL;
}

static void
told_in_several_rounds(const char *kind)
{
	static struct watching watching[WATCHERS];
	struct thread *threads[WATCHERS];
	struct scratch scratch;
	struct house h;

	scratch_open(&scratch);
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	struct job_spec spec = spec_of(kind, "db", NULL);
	(void)house_submit(&h, &spec, NULL);
	struct worker_offer *offer = house_next(&h, "db");
	REQUIRE(offer->job != NULL && house_begin(&h, offer));
	for (int i = 0; i < WATCHERS; i++)
		threads[i] = start_watching(&h, &watching[i], offer->job, i);
	h.rt->ops->sleep_ns(h.rt, 100 * NS_PER_MS); /* they are parked, or nearly */
	CHECK(emit(&h, offer));
	for (int i = 0; i < WATCHERS; i++) {
		h.rt->ops->thread_join(h.rt, threads[i]);
		CHECK_INT(watching[i].seen, EVENTS);
		arena_fini(&watching[i].arena);
	}
	house_close(&h);
	scratch_close(&scratch);
}

static void
p16_a_crowd_that_one_round_cannot_tell_is_told_in_several(void)
{
	told_in_several_rounds("apply");
	told_in_several_rounds("status");
}

/* ---- a write that fails ---- */
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
watch_once(void *arg)
{
	struct watching *w = arg;
	struct runtime *rt = w->house->rt;
	void *reply;

	atomic_store(&w->started, true);
	if (net_call(w->house->client, MESSAGE_job_watch, &w->ask, runtime_deadline(rt, 60000),
		     &w->arena, &reply, NULL))
		w->seen = (int64_t)((struct job_watched *)reply)->events.count;
}

static void
events_that_were_not_committed_are_told_to_nobody(void)
{
	static struct full_disk disk;
	static const struct disk_hook hook = {refuse_writes, &disk};
	struct scratch scratch;
	struct house h;

	disk_set_hook(&hook);
	scratch_open(&scratch);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct worker_offer *offer = house_run(&h, "key");
	struct watching w = {.house = &h, .ask = {.job = offer->job, .wait_ms = 1000}, .seen = -1};
	arena_init(&w.arena);
	struct thread *t = h.rt->ops->thread_start(h.rt, "watch", watch_once, &w);
	while (!atomic_load(&w.started))
		h.rt->ops->sleep_ns(h.rt, NS_PER_MS);
	h.rt->ops->sleep_ns(h.rt, 100 * NS_PER_MS); /* it is parked, or nearly */
	atomic_store(&disk.full, true);
	CHECK(!house_emit(&h, offer, 1, 3));
	h.rt->ops->thread_join(h.rt, t);
	CHECK_INT(w.seen, 0);
	atomic_store(&disk.full, false);
	CHECK(house_emit(&h, offer, 1, 3));
	CHECK_INT(house_watch(&h, offer->job, 0, 0, 0)->events.count, 3);
	arena_fini(&w.arena);
	house_close(&h);
	disk_set_hook(NULL);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(events_that_were_not_committed_are_told_to_nobody),
	CASE(p16_a_crowd_that_one_round_cannot_tell_is_told_in_several),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/crowd", cases, ARRAY_LEN(cases), argc, argv);
}
