/* The lease: renewed beside the work, and honest when it is over; a cancel reaches open sessions
 * only. */
#include "tests/support/unit.h"
#include "tests/unit/worker/scripted.h"
#include "worker/keeper.h"

#include "shared/base/banned.h"

/* A session that can be cancelled and nothing else. */
struct deaf_target {
	struct target base;
	struct runtime *rt;
	struct mutex *lock;
	int cancels;
	bool closed;
	bool cancelled_closed;
	uint64_t slow_ms;
};

static bool
deaf_cancel(struct target *t, struct error *err)
{
	struct deaf_target *d = (struct deaf_target *)t;

	(void)err;
	d->rt->ops->sleep_ns(d->rt, d->slow_ms * NS_PER_MS);
	d->rt->ops->mutex_lock(d->rt, d->lock);
	d->cancels++;
	d->cancelled_closed = d->cancelled_closed || d->closed;
	d->rt->ops->mutex_unlock(d->rt, d->lock);
	return true;
}

static const struct target_ops deaf_ops = {.cancel = deaf_cancel};

static struct deaf_target
deaf_target(uint64_t slow_ms)
{
	struct runtime *rt = runtime_system();

	return (struct deaf_target){.base.ops = &deaf_ops,
				    .rt = rt,
				    .lock = rt->ops->mutex_new(rt),
				    .slow_ms = slow_ms};
}

static int
cancels(struct deaf_target *d)
{
	d->rt->ops->mutex_lock(d->rt, d->lock);
	int n = d->cancels;
	d->rt->ops->mutex_unlock(d->rt, d->lock);
	return n;
}

struct plan {
	int renewals;  /* answered so far */
	int answer;    /* how many are answered with a lease; the rest never */
	int cancel_at; /* the renewal whose answer says cancel; 0 = none */
	struct net_request *parked[64];
	size_t parked_count;
};

enum { LEASE_MS = 400 };

static void
answer_locked(struct scripted *s, struct net_request *r)
{
	struct plan *p = s->self;

	if (p->renewals == p->answer) {
		if (p->parked_count < ARRAY_LEN(p->parked))
			p->parked[p->parked_count++] = r;
		return;
	}
	p->renewals++;
	struct job_lease lease = {.lease_ms = LEASE_MS,
				  .cancel = p->cancel_at != 0 && p->renewals >= p->cancel_at};
	scripted_reply(s, r, &lease);
}

static void
answer_renewals(struct scripted *s, struct net_request *r)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	answer_locked(s, r);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
}

/* Refuses what was not answered; how many that were. */
static size_t
refuse_parked(struct scripted *s)
{
	struct plan *p = s->self;

	s->rt->ops->mutex_lock(s->rt, s->lock);
	size_t count = p->parked_count;
	for (size_t i = 0; i < count; i++)
		scripted_refuse(s, p->parked[i], E_JOB_002, false);
	p->parked_count = 0;
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	return count;
}

struct fixture {
	struct scripted s;
	struct job_control c;
	struct keeper *k;
	uint64_t start_ms;
};

static void
setup(struct fixture *f, struct plan *p)
{
	scripted_start(&f->s, answer_renewals, p);
	control_init(&f->c, f->s.rt, f->s.client, "w", "job-1", 1);
	control_renewed(&f->c, runtime_boot_ns(f->s.rt), LEASE_MS);
	f->start_ms = runtime_boot_ms(f->s.rt);
	f->k = keeper_start(&f->c);
}

static void
teardown(struct fixture *f)
{
	control_over(&f->c);
	refuse_parked(&f->s);
	keeper_stop(f->k);
	scripted_stop(&f->s);
	control_fini(&f->c);
}

/* Waits for the end of the right to work; how long it took in ms, or -1. */
static int64_t
wait_end(struct fixture *f, struct error *err)
{
	for (int i = 0; i < 500; i++) {
		if (!control_go_on(&f->c, err))
			return (int64_t)(runtime_boot_ms(f->s.rt) - f->start_ms);
		f->s.rt->ops->sleep_ns(f->s.rt, 10 * NS_PER_MS);
	}
	return -1;
}

static void
a_lease_that_is_renewed_outlives_its_length(void)
{
	struct plan p = {.answer = 1000};
	struct fixture f;
	struct error err;

	setup(&f, &p);
	f.s.rt->ops->sleep_ns(f.s.rt, (uint64_t)3 * LEASE_MS * NS_PER_MS);
	CHECK(control_go_on(&f.c, &err));
	teardown(&f);
	CHECK(p.renewals >= 10);
}

static void
a_silent_coordinator_ends_the_right_to_work_at_the_end_of_the_lease(void)
{
	struct plan p = {.answer = 0};
	struct deaf_target d = deaf_target(0);
	struct fixture f;
	struct error err = {0};

	setup(&f, &p);
	REQUIRE(control_add(&f.c, &d.base));
	int64_t after = wait_end(&f, &err);
	CHECK(after >= LEASE_MS - 20);
	CHECK(error_is(&err, E_LOCK_1302));
	/* A renewal that comes too late does not bring it back. */
	control_renewed(&f.c, runtime_boot_ns(f.s.rt), LEASE_MS);
	CHECK(!control_go_on(&f.c, &err));
	f.s.rt->ops->sleep_ns(f.s.rt, 400 * NS_PER_MS);
	CHECK(cancels(&d) > 0);
	control_remove(&f.c, &d.base);
	teardown(&f);
	d.rt->ops->mutex_free(d.rt, d.lock);
}

static void
a_cancel_comes_with_a_renewal_and_is_repeated_until_the_job_is_over(void)
{
	struct plan p = {.answer = 1000, .cancel_at = 2};
	struct deaf_target d = deaf_target(0);
	struct fixture f;
	struct error err = {0};

	setup(&f, &p);
	REQUIRE(control_add(&f.c, &d.base));
	CHECK(wait_end(&f, &err) >= 0);
	CHECK(error_is(&err, E_JOB_004));
	f.s.rt->ops->sleep_ns(f.s.rt, 1000 * NS_PER_MS);
	CHECK(cancels(&d) >= 3);
	control_remove(&f.c, &d.base);
	int before = cancels(&d);
	f.s.rt->ops->sleep_ns(f.s.rt, 600 * NS_PER_MS);
	CHECK_INT(cancels(&d), before);
	teardown(&f);
	d.rt->ops->mutex_free(d.rt, d.lock);
}

static void
a_session_is_closed_only_when_no_cancel_is_on_its_way_to_it(void)
{
	struct plan p = {.answer = 1000};
	struct deaf_target d = deaf_target(300);
	struct fixture f;

	setup(&f, &p);
	REQUIRE(control_add(&f.c, &d.base));
	control_cancel(&f.c);
	f.s.rt->ops->sleep_ns(f.s.rt, 100 * NS_PER_MS);
	control_remove(&f.c, &d.base);
	d.rt->ops->mutex_lock(d.rt, d.lock);
	d.closed = true;
	CHECK(d.cancels >= 1);
	d.rt->ops->mutex_unlock(d.rt, d.lock);
	f.s.rt->ops->sleep_ns(f.s.rt, 600 * NS_PER_MS);
	CHECK(!d.cancelled_closed);
	teardown(&f);
	d.rt->ops->mutex_free(d.rt, d.lock);
}

static void
cleaning_up_is_not_interrupted_by_a_cancel(void)
{
	struct plan p = {.answer = 1000};
	struct deaf_target d = deaf_target(0);
	struct fixture f;

	setup(&f, &p);
	REQUIRE(control_add(&f.c, &d.base));
	control_shield(&f.c, true);
	control_cancel(&f.c);
	f.s.rt->ops->sleep_ns(f.s.rt, 500 * NS_PER_MS);
	CHECK_INT(cancels(&d), 0);
	control_shield(&f.c, false);
	f.s.rt->ops->sleep_ns(f.s.rt, 2500 * NS_PER_MS);
	CHECK(cancels(&d) > 0);
	control_remove(&f.c, &d.base);
	teardown(&f);
	d.rt->ops->mutex_free(d.rt, d.lock);
}

static void
a_refused_renewal_ends_the_right_to_work_at_once(void)
{
	struct plan p = {.answer = 0};
	struct fixture f;
	struct error err = {0};

	setup(&f, &p);
	f.s.rt->ops->sleep_ns(f.s.rt, 80 * NS_PER_MS);
	CHECK(control_go_on(&f.c, &err));
	CHECK(refuse_parked(&f.s) > 0);
	int64_t after = wait_end(&f, &err);
	CHECK(after >= 0 && after < LEASE_MS);
	CHECK(error_is(&err, E_LOCK_1302));
	teardown(&f);
}

static const struct unit_case cases[] = {
	CASE(a_lease_that_is_renewed_outlives_its_length),
	CASE(a_silent_coordinator_ends_the_right_to_work_at_the_end_of_the_lease),
	CASE(a_cancel_comes_with_a_renewal_and_is_repeated_until_the_job_is_over),
	CASE(a_session_is_closed_only_when_no_cancel_is_on_its_way_to_it),
	CASE(cleaning_up_is_not_interrupted_by_a_cancel),
	CASE(a_refused_renewal_ends_the_right_to_work_at_once),
};

int
main(int argc, char **argv)
{
	return unit_main("lease", cases, ARRAY_LEN(cases), argc, argv);
}
