/* The outbox: nothing lost, nothing twice, bounded, and slow when the coordinator is slow. */
#include "tests/support/unit.h"
#include "tests/unit/worker/scripted.h"
#include "worker/job.h"
#include "worker/outbox.h"

#include "shared/base/banned.h"

struct log {
	int64_t last_seq; /* acknowledged without a gap */
	size_t batches;
	size_t largest;
	bool gap;
	size_t refusals; /* batches to refuse (retryable), each after it was taken in */
	bool held;	 /* under scripted.lock: no answer while true */
};

static void
take_events(struct log *log, const struct job_events *batch)
{
	for (size_t i = 0; i < batch->events.count; i++) {
		const struct job_event *e = &batch->events.items[i];
		if (e->seq > log->last_seq + 1)
			log->gap = true;
		if (e->seq == log->last_seq + 1)
			log->last_seq = e->seq;
	}
	log->batches++;
	if (batch->events.count > log->largest)
		log->largest = batch->events.count;
}

static void
collect(struct scripted *s, struct net_request *r)
{
	struct log *log = s->self;
	struct ack ack = {0};

	s->rt->ops->mutex_lock(s->rt, s->lock);
	while (log->held)
		s->rt->ops->cond_wait(s->rt, s->changed, s->lock, RUNTIME_FOREVER);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	take_events(log, r->body);
	/* The answer is lost after the events were taken: they come again. */
	if (log->refusals > 0) {
		log->refusals--;
		scripted_refuse(s, r, E_CONFIG_006, true);
		return;
	}
	scripted_reply(s, r, &ack);
}

static void
refuse_all(struct scripted *s, struct net_request *r)
{
	scripted_refuse(s, r, E_JOB_002, false);
}

static void
begin(struct scripted *s, struct job_control *c, struct outbox **o)
{
	control_init(c, s->rt, s->client, "w", "job-1", 3);
	control_renewed(c, runtime_boot_ns(s->rt), 60000);
	*o = outbox_start(c, "local");
}

static void
put_many(struct outbox *o, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct job_event event = JOB_EVENT("notice");
		event.message = "one of many";
		outbox_put(o, &event);
	}
}

static void
every_event_arrives_once_in_order_though_answers_are_lost(void)
{
	struct log log = {.refusals = 5};
	struct job_control c;
	struct scripted s;
	struct outbox *o;
	struct error err;

	scripted_start(&s, collect, &log);
	begin(&s, &c, &o);
	put_many(o, 5000);
	CHECK(outbox_flush(o, &err));
	outbox_stop(o);
	scripted_stop(&s);
	CHECK_INT(log.last_seq, 5000);
	CHECK(!log.gap);
	CHECK_INT(log.refusals, 0);
	CHECK(log.largest <= OUTBOX_BATCH);
	CHECK(log.batches >= 5000 / OUTBOX_BATCH + 5);
	control_fini(&c);
}

struct writer {
	struct outbox *o;
	struct scripted *s;
	size_t put; /* under scripted.lock */
};

enum { MANY = 3000 };

static void
write_many(void *arg)
{
	struct writer *w = arg;

	for (size_t i = 0; i < MANY; i++) {
		put_many(w->o, 1);
		w->s->rt->ops->mutex_lock(w->s->rt, w->s->lock);
		w->put++;
		w->s->rt->ops->mutex_unlock(w->s->rt, w->s->lock);
	}
}

static size_t
put_so_far(struct writer *w)
{
	w->s->rt->ops->mutex_lock(w->s->rt, w->s->lock);
	size_t put = w->put;
	w->s->rt->ops->mutex_unlock(w->s->rt, w->s->lock);
	return put;
}

static void
let_go(struct scripted *s, struct log *log)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	log->held = false;
	s->rt->ops->cond_wake(s->rt, s->changed);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
}

static void
a_silent_coordinator_makes_the_writer_wait_and_loses_nothing(void)
{
	struct log log = {.held = true};
	struct job_control c;
	struct scripted s;
	struct error err;
	struct writer w = {.s = &s};

	scripted_start(&s, collect, &log);
	begin(&s, &c, &w.o);
	struct thread *t = s.rt->ops->thread_start(s.rt, "writer", write_many, &w);
	size_t before = 0, now;
	while ((now = put_so_far(&w)) == 0 || now != before) {
		before = now;
		s.rt->ops->sleep_ns(s.rt, 100 * NS_PER_MS);
	}
	CHECK(now <= OUTBOX_BATCHES * OUTBOX_BATCH);
	CHECK(now >= OUTBOX_BATCH);
	let_go(&s, &log);
	s.rt->ops->thread_join(s.rt, t);
	CHECK(outbox_flush(w.o, &err));
	outbox_stop(w.o);
	scripted_stop(&s);
	CHECK_INT(log.last_seq, MANY);
	CHECK(!log.gap);
	control_fini(&c);
}

static void
a_refused_stream_ends_waiting_for_ever(void)
{
	struct job_control c;
	struct scripted s;
	struct outbox *o;
	struct error err = {0};

	scripted_start(&s, refuse_all, NULL);
	begin(&s, &c, &o);
	put_many(o, MANY);
	CHECK(!outbox_flush(o, &err));
	CHECK(error_is(&err, E_JOB_002));
	put_many(o, MANY);
	outbox_stop(o);
	scripted_stop(&s);
	control_fini(&c);
}

static void
keep_one(struct scripted *s, struct net_request *r)
{
	struct job_event *kept = s->self;
	const struct job_events *batch = r->body;
	struct ack ack = {0};

	*kept = batch->events.items[0];
	CHECK_STR(batch->job, "job-1");
	CHECK_INT(batch->attempt, 3);
	CHECK_STR(kept->job, "job-1");
	CHECK_INT(kept->attempt, 3);
	CHECK_STR(kept->target, "local");
	CHECK_STR(kept->kind, "migration_done");
	CHECK_STR(kept->version, "007");
	CHECK_INT(kept->line, INT_NULL);
	CHECK_INT(kept->rows, 12);
	CHECK(kept->time != NULL && kept->time[10] == 'T');
	scripted_reply(s, r, &ack);
}

static void
an_event_says_whose_it_is_and_copies_its_words(void)
{
	struct job_event kept = {0}, event = JOB_EVENT("migration_done");
	char version[] = "007";
	struct job_control c;
	struct scripted s;
	struct outbox *o;
	struct error err;

	scripted_start(&s, keep_one, &kept);
	begin(&s, &c, &o);
	event.version = version;
	event.rows = 12;
	outbox_put(o, &event);
	version[0] = 'x';
	CHECK(outbox_flush(o, &err));
	outbox_stop(o);
	scripted_stop(&s);
	CHECK_INT(kept.seq, 1);
	control_fini(&c);
}

static void
refuse_for_now(struct scripted *s, struct net_request *r)
{
	scripted_refuse(s, r, E_CONFIG_006, true);
}

static void
p13_what_was_never_acknowledged_is_not_called_sent(void)
{
	struct job_control c;
	struct scripted s;
	struct outbox *o;
	struct error err = {0};

	scripted_start(&s, refuse_for_now, NULL);
	begin(&s, &c, &o);
	/* No more time than this to be heard, and the same again to report. */
	c.until_ns = 0;
	control_renewed(&c, runtime_boot_ns(s.rt), 50);
	put_many(o, 3);
	CHECK(!outbox_flush(o, &err));
	CHECK(error_is(&err, E_CONFIG_006));
	outbox_stop(o);
	scripted_stop(&s);
	control_fini(&c);
}

static const struct unit_case cases[] = {
	CASE(every_event_arrives_once_in_order_though_answers_are_lost),
	CASE(a_silent_coordinator_makes_the_writer_wait_and_loses_nothing),
	CASE(a_refused_stream_ends_waiting_for_ever),
	CASE(an_event_says_whose_it_is_and_copies_its_words),
	CASE(p13_what_was_never_acknowledged_is_not_called_sent),
};

int
main(int argc, char **argv)
{
	return unit_main("outbox", cases, ARRAY_LEN(cases), argc, argv);
}
