/*
 * A ring of batches, each with an arena of its own, so that sending needs no copy and dropping is
 * one reset. The sender waits a moment after the first event of a batch: a run of a thousand small
 * migrations then costs the journal some twenty writes a second, not thousands. The very first goes
 * at once, while the work begins: whoever watches sees that it has, and a short job has nothing
 * left to send at its end.
 */
#include "shared/base/faults.h"
#include "worker/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { LINGER_MS = 50, MESSAGE_MOST = 16 * 1024 };

struct batch {
	struct arena arena;
	struct job_event *items;
	size_t count;
};

struct outbox {
	struct job_control *control;
	struct runtime *rt;
	const char *target;
	struct thread *thread;

	struct mutex *lock;
	struct cond *changed;
	struct batch ring[OUTBOX_BATCHES];
	size_t first, used; /* batches from `first` on, `used` of them hold events */
	bool sending;	    /* ring[first] is on its way: closed for new events */
	bool sent;	    /* something was sent before */
	int64_t last_seq;
	uint64_t since_ns; /* when the newest batch got its first event */
	bool hurry;	   /* somebody waits for the box to be empty */
	bool stopping;
	bool lost; /* `why`: nothing is sent any more, and nobody waits */
	struct error why;
};

static bool
batch_full(const struct batch *b)
{
	return b->count == OUTBOX_BATCH || b->arena.used >= OUTBOX_BATCH_BYTES;
}

/* The batch that takes the next event; NULL while there is no room. */
static struct batch *
open_batch(struct outbox *o)
{
	if (o->used > 0) {
		size_t last = o->used - 1;
		struct batch *b = &o->ring[(o->first + last) % OUTBOX_BATCHES];
		if (!(o->sending && last == 0) && !batch_full(b))
			return b;
	}
	if (o->used == OUTBOX_BATCHES)
		return NULL;
	struct batch *b = &o->ring[(o->first + o->used++) % OUTBOX_BATCHES];
	b->items = arena_array(&b->arena, OUTBOX_BATCH, sizeof(b->items[0]));
	o->since_ns = runtime_boot_ns(o->rt);
	return b;
}

static void
fill(struct outbox *o, struct batch *b, const struct job_event *event)
{
	struct job_event full = *event;
	char time[TIME_TEXT];

	time_print(o->rt->ops->wall_us(o->rt), time);
	full.seq = ++o->last_seq;
	if (FAULT(seq_reused) && full.seq > 2)
		full.seq = --o->last_seq;
	full.time = time;
	full.job = o->control->job;
	full.attempt = o->control->attempt;
	full.target = o->target;
	if (full.message != NULL && strlen(full.message) > MESSAGE_MOST)
		full.message = arena_printf(&b->arena, "%.*s …", MESSAGE_MOST, full.message);
	struct job_event *copy = record_copy(&b->arena, &record_job_event, &full);
	b->items[b->count++] = *copy;
}

/* Is the oldest batch worth sending now? */
static bool
due(const struct outbox *o)
{
	if (o->used == 0)
		return false;
	return !o->sent || o->used > 1 || o->hurry || o->stopping ||
	       batch_full(&o->ring[o->first]) ||
	       runtime_boot_ns(o->rt) >= o->since_ns + LINGER_MS * NS_PER_MS;
}

void
outbox_put(struct outbox *o, const struct job_event *event)
{
	struct batch *b = NULL;

	o->rt->ops->mutex_lock(o->rt, o->lock);
	while (!o->lost && (b = open_batch(o)) == NULL)
		o->rt->ops->cond_wait(o->rt, o->changed, o->lock, RUNTIME_FOREVER);
	if (b != NULL)
		fill(o, b, event);
	/* The sender is only woken for what it could not know: a first event to wait for, or no
	 * more reason to wait. */
	if (b != NULL && (b->count == 1 || due(o)))
		o->rt->ops->cond_wake(o->rt, o->changed);
	o->rt->ops->mutex_unlock(o->rt, o->lock);
}

/* Under the lock: waits for a batch to send and closes it. NULL when the box is stopped and empty.
 */
static struct batch *
take(struct outbox *o)
{
	while (!due(o)) {
		if (o->stopping)
			return NULL;
		uint64_t until =
			o->used == 0 ? RUNTIME_FOREVER : o->since_ns + LINGER_MS * NS_PER_MS;
		o->rt->ops->cond_wait(o->rt, o->changed, o->lock, until);
	}
	o->sending = o->sent = true;
	return &o->ring[o->first];
}

static void
drop(struct outbox *o, struct batch *b)
{
	b->items = NULL;
	b->count = 0;
	arena_reset(&b->arena);
	o->sending = false;
	o->first = (o->first + 1) % OUTBOX_BATCHES;
	o->used--;
}

static void
send_all(void *arg)
{
	struct outbox *o = arg;
	struct arena arena;
	struct batch *b;

	arena_init(&arena);
	o->rt->ops->mutex_lock(o->rt, o->lock);
	while (!o->lost && (b = take(o)) != NULL) {
		struct job_events request = {.job = o->control->job,
					     .attempt = o->control->attempt};
		struct error err;
		void *reply;

		request.events.items = b->items;
		request.events.count = b->count;
		o->rt->ops->mutex_unlock(o->rt, o->lock);
		bool ok = control_call(o->control, MESSAGE_job_events, &request, &arena, &reply,
				       &err);
		arena_reset(&arena);
		o->rt->ops->mutex_lock(o->rt, o->lock);
		if (ok || (FAULT(event_dropped_unsent) && err.retryable)) {
			drop(o, b);
		} else {
			o->lost = true;
			o->why = err;
		}
		o->rt->ops->cond_wake(o->rt, o->changed);
	}
	o->rt->ops->mutex_unlock(o->rt, o->lock);
	arena_fini(&arena);
}

bool
outbox_flush(struct outbox *o, struct error *err)
{
	o->rt->ops->mutex_lock(o->rt, o->lock);
	o->hurry = true;
	o->rt->ops->cond_wake(o->rt, o->changed);
	while (o->used > 0 && !o->lost)
		o->rt->ops->cond_wait(o->rt, o->changed, o->lock, RUNTIME_FOREVER);
	o->hurry = false;
	bool ok = !o->lost;
	if (!ok)
		*err = o->why;
	o->rt->ops->mutex_unlock(o->rt, o->lock);
	return ok;
}

struct outbox *
outbox_start(struct job_control *control, const char *target)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	o->control = control;
	o->rt = control->rt;
	o->target = target;
	o->lock = o->rt->ops->mutex_new(o->rt);
	o->changed = o->rt->ops->cond_new(o->rt);
	for (size_t i = 0; i < OUTBOX_BATCHES; i++)
		arena_init(&o->ring[i].arena);
	o->thread = o->rt->ops->thread_start(o->rt, "outbox", send_all, o);
	return o;
}

void
outbox_stop(struct outbox *o)
{
	o->rt->ops->mutex_lock(o->rt, o->lock);
	o->stopping = true;
	o->rt->ops->cond_wake(o->rt, o->changed);
	o->rt->ops->mutex_unlock(o->rt, o->lock);
	o->rt->ops->thread_join(o->rt, o->thread);
	for (size_t i = 0; i < OUTBOX_BATCHES; i++)
		arena_fini(&o->ring[i].arena);
	o->rt->ops->cond_free(o->rt, o->changed);
	o->rt->ops->mutex_free(o->rt, o->lock);
	free(o);
}
