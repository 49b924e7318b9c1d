/* How jobs end: cancelled, unknown and settled, or with a lease that is over. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static const char key_a[] = "localhost:5432/a", key_b[] = "localhost:5432/b";

static struct scratch scratch;
static struct house house;

static void
open_house(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal});
}

static void
close_house(void)
{
	house_close(&house);
	scratch_close(&scratch);
}

/* ---- cancel ---- */
static void
a_cancel_before_the_begin_ends_the_job(void)
{
	open_house();
	struct job_spec spec = spec_of("apply", "db", key_a);
	const char *job = house_submit(&house, &spec, NULL);

	CHECK_STR(house_cancel(&house, job)->state, "cancelled");
	CHECK_STR(house_state(&house, job), "cancelled/10/cancelled before it began");
	CHECK(house_next(&house, "db")->job == NULL);
	struct job_watched *w = house_watch(&house, job, 0, 0, 1000);
	REQUIRE(w != NULL && w->outcome != NULL && w->outcome->error != NULL);
	CHECK_STR(w->outcome->error->code, "JOB_004");
	CHECK(house_cancel(&house, job) == NULL && error_is(&house.err, E_JOB_002));
	job = house_submit(&house, &spec, NULL);
	struct worker_offer *offer = house_next(&house, "db");
	CHECK_STR(house_cancel(&house, job)->state, "cancelled");
	CHECK(!house_begin(&house, offer) && error_is(&house.err, E_JOB_002));
	close_house();
}

static bool
renewal_says_cancel(const struct worker_offer *offer)
{
	struct job_renew renew = {.job = offer->job, .attempt = offer->attempt, .worker = "w1"};
	struct job_lease *lease = house_ask(&house, house.worker, MESSAGE_job_renew, &renew);

	REQUIRE(lease != NULL);
	return lease->cancel;
}

static void
p11_a_cancel_ends_the_way_the_worker_says(void)
{
	static const struct {
		const char *kind, *code, *state;
		bool unknown;
	} t[] = {
		{"apply", "JOB_004", "cancelled/10/cancelled", false},
		{"apply", NULL, "succeeded/0/finished before the cancel reached it", false},
		{"apply", "MIGR_001", "failed/3/ended with an error before the cancel reached it",
		 false},
		{"apply", "JOB_003", "unknown/9/the target has to be asked what became of it",
		 true},
		{"status", "JOB_004", "cancelled/10/cancelled", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		open_house();
		struct job_spec spec = spec_of(t[i].kind, "db", key_a);
		const char *job = house_submit(&house, &spec, NULL);
		struct worker_offer *offer = house_next(&house, "db");
		REQUIRE(house_begin(&house, offer));
		CHECK(!renewal_says_cancel(offer));
		for (int again = 0; again < 2; again++) {
			const struct job_info *info = house_cancel(&house, job);
			REQUIRE(info != NULL);
			CHECK_STR(info->state, "cancelling");
		}
		CHECK(renewal_says_cancel(offer));
		CHECK(house_finish(&house, offer, t[i].code, t[i].unknown));
		CHECK_STR(house_state(&house, job), t[i].state);
		close_house();
	}
}

static void
a_worker_that_is_stopped_cancels_its_own_job(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);

	CHECK(house_finish(&house, offer, "JOB_004", false));
	CHECK_STR(house_state(&house, offer->job), "cancelled/10/cancelled");
	close_house();
}

/* ---- unknown ---- */
static void
p12_an_unknown_outcome_is_settled_by_the_next_job_on_that_database(void)
{
	open_house();
	struct worker_offer *lost = house_run(&house, key_a);
	CHECK(house_finish(&house, lost, "JOB_003", true));
	struct job_watched *w = house_watch(&house, lost->job, 0, 0, 1000);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK(w->outcome->unknown);
	CHECK_INT(w->outcome->exit_code, 9);
	struct worker_offer *elsewhere = house_run(&house, key_b);
	CHECK_INT(elsewhere->unsettled.count, 0);
	struct worker_offer *next = house_run(&house, key_a);
	REQUIRE(next->unsettled.count == 1);
	CHECK_STR(next->unsettled.items[0].job, lost->job);
	CHECK_INT(next->unsettled.items[0].attempt, 1);
	struct settled_attempt said = {.job = lost->job, .attempt = 1, .steps = 2, .planned = 2};
	struct job_settled m = {.worker = "w1", .attempts = {&said, 1}};
	CHECK(house_ask(&house, house.worker, MESSAGE_job_settled, &m) != NULL);
	CHECK(house_ask(&house, house.worker, MESSAGE_job_settled, &m) != NULL);
	CHECK_STR(house_state(&house, lost->job),
		  "succeeded/0/interrupted after every step was committed");
	close_house();
}

static void
a_job_that_stopped_halfway_is_settled_as_failed(void)
{
	open_house();
	struct worker_offer *lost = house_run(&house, key_a);
	CHECK(house_finish(&house, lost, "JOB_003", true));
	struct settled_attempt said = {.job = lost->job, .attempt = 1, .steps = 1, .planned = 2};
	struct job_settled m = {.worker = "w1", .attempts = {&said, 1}};
	CHECK(house_ask(&house, house.worker, MESSAGE_job_settled, &m) != NULL);
	CHECK_STR(house_state(&house, lost->job), "failed/3/interrupted");
	close_house();
}

static void
a_refused_request_leaves_nothing_of_itself(void)
{
	open_house();
	struct worker_offer *lost = house_run(&house, key_a);
	CHECK(house_finish(&house, lost, "JOB_003", true));
	struct settled_attempt said[] = {
		{.job = lost->job, .attempt = 1, .steps = 2, .planned = 2},
		{.job = "nobody knows it", .attempt = 1, .steps = 2, .planned = 2},
	};
	struct job_settled m = {.worker = "w1", .attempts = {said, 2}};
	CHECK(house_ask(&house, house.worker, MESSAGE_job_settled, &m) == NULL);
	CHECK(error_is(&house.err, E_JOB_001));
	CHECK_HAS(house_state(&house, lost->job), "unknown/9/");
	close_house();
}

static void
by_hand_only_an_unknown_job_is_settled(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	struct job_settle m = {.job = offer->job, .state = "succeeded", .note = "looked at it"};

	CHECK(house_ask(&house, house.client, MESSAGE_job_settle, &m) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(house_finish(&house, offer, "JOB_003", true));
	CHECK(house_cancel(&house, offer->job) == NULL && error_is(&house.err, E_JOB_002));
	CHECK_HAS(house.err.hint, "confiture job settle");
	CHECK(house_ask(&house, house.client, MESSAGE_job_settle, &m) != NULL);
	CHECK_STR(house_state(&house, offer->job), "succeeded/0/looked at it");
	CHECK(house_ask(&house, house.client, MESSAGE_job_settle, &m) == NULL);
	close_house();
}

/* ---- leases ---- */
static void
an_offer_that_nobody_begins_is_offered_again(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .lease_ms = 200});
	struct job_spec spec = spec_of("apply", "db", key_a);
	const char *job = house_submit(&house, &spec, NULL);
	struct worker_offer *first = house_next(&house, "db");
	const char *target = "db";
	struct worker_next m = {.targets = {&target, 1}, .wait_ms = 5000};

	CHECK_STR(first->job, job);
	struct worker_offer *second = house_ask(&house, house.worker, MESSAGE_worker_next, &m);
	REQUIRE(second != NULL && second->job != NULL);
	CHECK_STR(second->job, job);
	CHECK_INT(second->attempt, 2);
	CHECK(!house_begin(&house, first) && error_is(&house.err, E_JOB_002));
	CHECK(house_begin(&house, second));
	close_house();
}

static void
a_lost_lease_after_begin_is_unknown(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal,
						.distributed = true,
						.lease_ms = 200});
	struct worker_offer *offer = house_run(&house, key_a);
	struct job_renew renew = {.job = offer->job, .attempt = 1, .worker = "w1"};

	house.rt->ops->sleep_ns(house.rt, 500 * NS_PER_MS);
	CHECK_STR(house_state(&house, offer->job), "unknown/-1/its lease is over");
	CHECK(house_ask(&house, house.worker, MESSAGE_job_renew, &renew) == NULL);
	CHECK(house_finish(&house, offer, NULL, false));
	CHECK_STR(house_state(&house, offer->job),
		  "succeeded/0/finished; reported after its lease was over");
	close_house();
}

/* Both were paused together: the first lapse only starts the time to report. */
static void
a_worker_of_the_same_process_may_be_late(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .lease_ms = 600});
	struct worker_offer *offer = house_run(&house, key_a);

	house.rt->ops->sleep_ns(house.rt, 800 * NS_PER_MS);
	CHECK_STR(house_state(&house, offer->job), "running/-1/running");
	CHECK(house_finish(&house, offer, NULL, false));
	close_house();
}

static void
a_worker_of_the_same_process_is_not_waited_for_without_end(void)
{
	static const struct {
		const char *kind, *state;
	} t[] = {
		{"apply", "unknown/9/its lease is over"},
		{"status", "unknown/9/its lease is over"},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		scratch_open(&scratch);
		house_open(&house,
			   &(struct house_plan){.journal = scratch.journal, .lease_ms = 200});
		struct job_spec spec = spec_of(t[i].kind, "db", key_a);
		const char *job = house_submit(&house, &spec, NULL);
		struct worker_offer *offer = house_next(&house, "db");
		REQUIRE(house_begin(&house, offer));
		uint64_t before = runtime_boot_ms(house.rt);
		struct job_watched *w = house_watch(&house, job, 0, 0, 20000);
		REQUIRE(w != NULL && w->outcome != NULL);
		CHECK(w->outcome->unknown);
		CHECK(runtime_boot_ms(house.rt) - before < 5000);
		CHECK_STR(house_state(&house, job), t[i].state);
		CHECK(house_finish(&house, offer, NULL, false));
		close_house();
	}
}

static void
p08_a_coordinator_that_starts_anew_gives_full_leases(void)
{
	scratch_open(&scratch);
	struct house_plan plan = {
		.journal = scratch.journal, .distributed = true, .lease_ms = 1000};
	house_open(&house, &plan);
	struct worker_offer *offer = house_run(&house, key_a);
	char job[ID_TEXT];
	snprintf(job, sizeof(job), "%s", offer->job);
	house.rt->ops->sleep_ns(house.rt, 600 * NS_PER_MS);
	house_close(&house);
	house_open(&house, &plan);
	struct worker_offer again = {.job = job, .attempt = 1};
	house.rt->ops->sleep_ns(house.rt, 600 * NS_PER_MS);
	CHECK_STR(house_state(&house, job), "running/-1/running");
	CHECK(house_emit(&house, &again, 1, 1));
	CHECK(house_finish(&house, &again, NULL, false));
	close_house();
}

/* ---- a clock on the wall that jumps ---- */
static _Atomic int64_t jumped_us;

static int64_t
jumping_wall_us(struct runtime *rt)
{
	(void)rt;
	return runtime_system()->ops->wall_us(runtime_system()) + atomic_load(&jumped_us);
}

static void
p08_a_jump_of_the_wall_clock_takes_no_job_away(void)
{
	const int64_t day_us = (int64_t)24 * 3600 * 1000000;
	struct runtime_ops ops = *runtime_system()->ops;
	struct runtime rt = *runtime_system();

	ops.wall_us = jumping_wall_us;
	rt.ops = &ops;
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal,
						.distributed = true,
						.lease_ms = 60000,
						.rt = &rt});
	struct worker_offer *offer = house_run(&house, key_a);
	atomic_store(&jumped_us, day_us);
	CHECK_STR(house_state(&house, offer->job), "running/-1/running");
	atomic_store(&jumped_us, -day_us);
	CHECK_STR(house_state(&house, offer->job), "running/-1/running");
	CHECK(!renewal_says_cancel(offer));
	CHECK(house_finish(&house, offer, NULL, false));
	close_house();
}

static const struct unit_case cases[] = {
	CASE(a_cancel_before_the_begin_ends_the_job),
	CASE(p11_a_cancel_ends_the_way_the_worker_says),
	CASE(a_worker_that_is_stopped_cancels_its_own_job),
	CASE(p12_an_unknown_outcome_is_settled_by_the_next_job_on_that_database),
	CASE(a_job_that_stopped_halfway_is_settled_as_failed),
	CASE(a_refused_request_leaves_nothing_of_itself),
	CASE(by_hand_only_an_unknown_job_is_settled),
	CASE(an_offer_that_nobody_begins_is_offered_again),
	CASE(a_lost_lease_after_begin_is_unknown),
	CASE(a_worker_of_the_same_process_may_be_late),
	CASE(a_worker_of_the_same_process_is_not_waited_for_without_end),
	CASE(p08_a_coordinator_that_starts_anew_gives_full_leases),
	CASE(p08_a_jump_of_the_wall_clock_takes_no_job_away),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/ends", cases, ARRAY_LEN(cases), argc, argv);
}
