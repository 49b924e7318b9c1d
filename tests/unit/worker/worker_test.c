/* The worker between its coordinator and its databases: greeting, asking, several jobs, draining.
 */
#include "worker/worker.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/worker/scripted.h"

#include "shared/base/banned.h"

enum { LOOKS = 1000, LOOK_MS = 10 };

/* A coordinator in small: everything under scripted.lock. */
struct desk {
	int hellos, greetings, asks, ended, begun;
	int refuse_asks;   /* so many asks are refused: the coordinator was restarted */
	int refuse_hellos; /* so many greetings are */
	int refuse_begins; /* so many jobs are somebody else's by now */
	bool dismiss;	   /* a greeting ends the parked ask, as the real one does */
	size_t offers;	   /* still to make */
	const char *targets[4];
	struct net_request *parked;
	char asked_for[128]; /* names in the last ask */
	int64_t exit_codes[4];
	bool ask_without_greeting;
	bool greeted;
};

/* A database that is being connected to until the test lets go. */
struct gate {
	struct target_factory factory;
	struct target_directory directory;
	struct scripted *s;
	size_t inside, most_inside;
	bool open;
};

static bool
find_any(struct target_directory *d, const char *name, struct target_spec *out, struct error *err)
{
	(void)d;
	(void)err;
	*out = (struct target_spec){.name = name};
	return true;
}

static bool
wait_at_gate(struct target_factory *f, const struct target_spec *spec, struct target **out,
	     struct error *err)
{
	struct gate *g = (struct gate *)f;
	struct scripted *s = g->s;

	(void)out;
	s->rt->ops->mutex_lock(s->rt, s->lock);
	if (++g->inside > g->most_inside)
		g->most_inside = g->inside;
	while (!g->open)
		s->rt->ops->cond_wait(s->rt, s->changed, s->lock, RUNTIME_FOREVER);
	g->inside--;
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	return error_set(err, E_CONFIG_006, "nobody is at home at %s", spec->name);
}

static void
open_gate(struct gate *g)
{
	g->s->rt->ops->mutex_lock(g->s->rt, g->s->lock);
	g->open = true;
	g->s->rt->ops->cond_wake(g->s->rt, g->s->changed);
	g->s->rt->ops->mutex_unlock(g->s->rt, g->s->lock);
}

static void
note_names(struct desk *d, const struct worker_next *ask)
{
	size_t len = 0;

	d->asked_for[0] = '\0';
	for (size_t i = 0; i < ask->targets.count && len < sizeof(d->asked_for); i++)
		len += (size_t)snprintf(d->asked_for + len, sizeof(d->asked_for) - len, "%s ",
					ask->targets.items[i]);
}

static void
offer(struct scripted *s, struct net_request *r)
{
	struct desk *d = s->self;
	char job[16];

	d->offers--;
	snprintf(job, sizeof(job), "job-%zu", d->offers);
	struct job_spec spec = {.kind = "current", .target = d->targets[d->offers]};
	struct worker_offer reply = {
		.job = job, .attempt = 1, .lease_ms = 60000, .spec = &spec, .journal = "j"};
	scripted_reply(s, r, &reply);
}

static void
answer_ask(struct scripted *s, struct net_request *r)
{
	struct desk *d = s->self;

	d->asks++;
	note_names(d, r->body);
	d->ask_without_greeting = d->ask_without_greeting || !d->greeted;
	if (d->refuse_asks > 0) {
		d->refuse_asks--;
		d->greeted = false;
		scripted_refuse(s, r, E_JOB_002, false);
	} else if (d->offers > 0) {
		offer(s, r);
	} else {
		d->parked = r;
	}
}

static void
dismiss(struct scripted *s)
{
	struct desk *d = s->self;
	struct worker_offer nothing = {0};

	if (d->parked != NULL)
		scripted_reply(s, d->parked, &nothing);
	d->parked = NULL;
}

static void
answer_greeting(struct scripted *s, struct net_request *r)
{
	struct desk *d = s->self;
	struct worker_welcome welcome = {.lease_ms = 60000, .journal = "j", .worker = "w"};

	d->greetings++;
	if (d->refuse_hellos > 0) {
		d->refuse_hellos--;
		scripted_refuse(s, r, E_CONFIG_006, true);
		return;
	}
	if (d->dismiss)
		dismiss(s);
	d->greeted = true;
	scripted_reply(s, r, &welcome);
}

static void
answer_locked(struct scripted *s, struct net_request *r)
{
	struct desk *d = s->self;
	struct hello_reply hello = {.protocol = 1, .version = "1"};
	struct job_lease lease = {.lease_ms = 60000};
	struct ack ack = {0};

	switch (r->kind) {
	case MESSAGE_hello:
		d->hellos++;
		scripted_reply(s, r, &hello);
		break;
	case MESSAGE_worker_hello:
		answer_greeting(s, r);
		break;
	case MESSAGE_worker_next:
		answer_ask(s, r);
		break;
	case MESSAGE_job_begin:
		d->begun++;
		if (d->refuse_begins-- > 0)
			scripted_refuse(s, r, E_JOB_002, false);
		else
			scripted_reply(s, r, &lease);
		break;
	case MESSAGE_job_renew:
		scripted_reply(s, r, &lease);
		break;
	case MESSAGE_job_finish:
		d->exit_codes[d->ended++] =
			((const struct job_finish *)r->body)->outcome->exit_code;
		scripted_reply(s, r, &ack);
		break;
	default:
		scripted_reply(s, r, &ack);
	}
}

static void
answer(struct scripted *s, struct net_request *r)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	answer_locked(s, r);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
}

struct fixture {
	struct scripted s;
	struct gate gate;
	struct worker_target targets[3];
	struct worker_hello hello;
	struct worker *w;
};

static void
setup(struct fixture *f, struct desk *d, size_t max_jobs)
{
	static const char *const names[] = {"production/a", "production/b", "production/c"};

	d->dismiss = true;
	for (size_t i = 0; i < 3; i++) {
		d->targets[i] = names[i];
		f->targets[i] =
			(struct worker_target){.name = names[i], .environment = "production"};
	}
	scripted_start(&f->s, answer, d);
	f->gate = (struct gate){
		.factory = {.open = wait_at_gate}, .directory = {.find = find_any}, .s = &f->s};
	f->hello = (struct worker_hello){.version = "1"};
	f->hello.targets.items = f->targets;
	f->hello.targets.count = 3;
	struct worker_config config = {.name = "w",
				       .directory = &f->gate.directory,
				       .factory = &f->gate.factory,
				       .hello = &f->hello,
				       .max_jobs = max_jobs};
	f->w = worker_start(f->s.rt, f->s.client, &config);
}

/* The parked ask ends as it does when a coordinator leaves. */
static void
teardown(struct fixture *f)
{
	open_gate(&f->gate);
	CHECK(worker_drain(f->w, runtime_deadline(f->s.rt, 10000)));
	worker_stop(f->w);
	scripted_stop(&f->s);
}

/* Waits until *n, under the lock, is at least `least`; what it is then. */
static int
wait_for(struct scripted *s, const int *n, int least)
{
	int now = 0;

	for (int i = 0; i < LOOKS; i++) {
		s->rt->ops->mutex_lock(s->rt, s->lock);
		now = *n;
		s->rt->ops->mutex_unlock(s->rt, s->lock);
		if (now >= least)
			break;
		s->rt->ops->sleep_ns(s->rt, LOOK_MS * NS_PER_MS);
	}
	return now;
}

static size_t
wait_inside(struct fixture *f, size_t least)
{
	size_t now = 0;

	for (int i = 0; i < LOOKS && now < least; i++) {
		f->s.rt->ops->mutex_lock(f->s.rt, f->s.lock);
		now = f->gate.inside;
		f->s.rt->ops->mutex_unlock(f->s.rt, f->s.lock);
		f->s.rt->ops->sleep_ns(f->s.rt, LOOK_MS * NS_PER_MS);
	}
	return now;
}

static void
it_greets_before_it_asks(void)
{
	struct desk d = {.refuse_hellos = 2};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK(wait_for(&f.s, &d.asks, 1) >= 1);
	teardown(&f);
	CHECK(!d.ask_without_greeting);
	CHECK(d.hellos >= 3);
	CHECK(d.greetings >= 3);
	CHECK_STR(d.asked_for, "production/a production/b production/c ");
}

static void
a_coordinator_that_forgot_it_is_greeted_again(void)
{
	struct desk d = {.refuse_asks = 3};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK(wait_for(&f.s, &d.asks, 4) >= 4);
	teardown(&f);
	CHECK(!d.ask_without_greeting);
	CHECK(d.greetings >= 4);
}

static void
jobs_of_several_targets_run_at_once(void)
{
	struct desk d = {.offers = 3};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK_INT(wait_inside(&f, 3), 3);
	open_gate(&f.gate);
	CHECK_INT(wait_for(&f.s, &d.ended, 3), 3);
	teardown(&f);
	CHECK_INT(f.gate.most_inside, 3);
	for (int i = 0; i < 3; i++)
		CHECK_INT(d.exit_codes[i], 3);
}

static void
p11_of_a_job_whose_begin_is_refused_nothing_is_done(void)
{
	struct desk d = {.offers = 1, .refuse_begins = 1};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK_INT(wait_for(&f.s, &d.begun, 1), 1);
	open_gate(&f.gate);
	CHECK(worker_drain(f.w, runtime_deadline(f.s.rt, 10000)));
	teardown(&f);
	CHECK_INT(d.begun, 1);
	CHECK_INT(d.ended, 0);
}

static void
no_more_jobs_are_asked_for_than_may_run_at_once(void)
{
	struct desk d = {.offers = 3};
	struct fixture f;

	setup(&f, &d, 2);
	CHECK_INT(wait_inside(&f, 2), 2);
	f.s.rt->ops->sleep_ns(f.s.rt, 200 * NS_PER_MS);
	CHECK_INT(wait_for(&f.s, &d.asks, 2), 2);
	open_gate(&f.gate);
	CHECK_INT(wait_for(&f.s, &d.ended, 3), 3);
	teardown(&f);
	CHECK(f.gate.most_inside <= 2);
}

static void
draining_ends_what_runs_and_takes_nothing_new(void)
{
	struct desk d = {.offers = 1};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK_INT(wait_inside(&f, 1), 1);
	CHECK(!worker_drain(f.w, runtime_deadline(f.s.rt, 100)));
	f.s.rt->ops->mutex_lock(f.s.rt, f.s.lock);
	d.offers = 2;
	f.s.rt->ops->mutex_unlock(f.s.rt, f.s.lock);
	f.s.rt->ops->sleep_ns(f.s.rt, 200 * NS_PER_MS);
	CHECK_INT(wait_for(&f.s, &d.begun, 1), 1);
	CHECK_INT(wait_for(&f.s, &d.ended, 0), 0);
	open_gate(&f.gate);
	CHECK(worker_drain(f.w, runtime_deadline(f.s.rt, 10000)));
	CHECK_INT(wait_for(&f.s, &d.ended, 1), 1);
	teardown(&f);
	CHECK_INT(d.begun, 1);
	CHECK_INT(d.exit_codes[0], 3);
}

static void
a_job_that_does_not_end_in_time_is_cancelled_and_says_so(void)
{
	struct desk d = {.offers = 1};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK_INT(wait_inside(&f, 1), 1);
	CHECK(!worker_drain(f.w, runtime_deadline(f.s.rt, 50)));
	worker_cancel(f.w);
	open_gate(&f.gate);
	CHECK(worker_drain(f.w, runtime_deadline(f.s.rt, 10000)));
	teardown(&f);
	CHECK_INT(d.ended, 1);
}

static void
other_targets_are_asked_for_at_once(void)
{
	struct desk d = {0};
	struct fixture f;

	setup(&f, &d, 0);
	CHECK(wait_for(&f.s, &d.asks, 1) == 1);
	f.hello.targets.count = 1;
	worker_serve(f.w, &f.hello);
	CHECK(wait_for(&f.s, &d.asks, 2) >= 2);
	f.s.rt->ops->mutex_lock(f.s.rt, f.s.lock);
	CHECK_STR(d.asked_for, "production/a ");
	f.s.rt->ops->mutex_unlock(f.s.rt, f.s.lock);
	teardown(&f);
}

static const struct unit_case cases[] = {
	CASE(it_greets_before_it_asks),
	CASE(a_coordinator_that_forgot_it_is_greeted_again),
	CASE(jobs_of_several_targets_run_at_once),
	CASE(p11_of_a_job_whose_begin_is_refused_nothing_is_done),
	CASE(no_more_jobs_are_asked_for_than_may_run_at_once),
	CASE(draining_ends_what_runs_and_takes_nothing_new),
	CASE(a_job_that_does_not_end_in_time_is_cancelled_and_says_so),
	CASE(other_targets_are_asked_for_at_once),
};

int
main(int argc, char **argv)
{
	return unit_main("worker", cases, ARRAY_LEN(cases), argc, argv);
}
