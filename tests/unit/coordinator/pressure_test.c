/* More work than can be done: what waits is bounded, who comes too often is told so, and everybody
 * else goes on. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { OPEN = 6, OWN = 4 };

static struct scratch scratch;
static struct house house;

static void
open_house(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal,
						.distributed = true,
						.open_jobs = OPEN,
						.open_jobs_per_agent = OWN});
}

static void
close_house(void)
{
	house_close(&house);
	scratch_close(&scratch);
}

static struct job_submitted *
submit(struct net_client *from, const char *kind, const char *key)
{
	struct job_spec spec = spec_of(kind, "db", NULL);
	struct job_submit m = {.spec = &spec, .idempotency_key = key};

	return house_ask(&house, from, MESSAGE_job_submit, &m);
}

static bool
refused_with(const char *words)
{
	return CHECK(error_is(&house.err, E_JOB_006)) && CHECK(house.err.retryable) &&
	       CHECK(house.err.retry_after_ms > 0) &&
	       CHECK(strstr(house.err.message, words) != NULL);
}

static void
fill(struct net_client *from, int count)
{
	for (int i = 0; i < count; i++)
		REQUIRE(submit(from, "apply", NULL) != NULL);
}

static void
p16_one_agent_cannot_take_all_the_room(void)
{
	open_house();
	struct net_client *part = net_inproc_client(house.net, NET_CLIENT, "tester/part");
	fill(house.client, OWN - 1);
	CHECK(submit(part, "apply", NULL) != NULL);
	CHECK(submit(house.client, "apply", NULL) == NULL && refused_with("4 jobs of yours"));
	/* A part of it is bounded by itself only: it has one. A neighbour with a longer name is
	 * somebody else. */
	CHECK(submit(net_inproc_client(house.net, NET_CLIENT, "tester2"), "apply", NULL) != NULL);
	close_house();
}

static void
p16_all_together_have_a_limit_and_an_end_makes_room(void)
{
	open_house();
	fill(house.client, OWN);
	fill(house.operator_, OPEN - OWN);
	CHECK(submit(house.operator_, "apply", NULL) == NULL && refused_with("6 jobs have not"));
	struct worker_offer *offer = house_next(&house, "db");
	REQUIRE(offer->job != NULL && house_begin(&house, offer));
	CHECK(submit(house.operator_, "apply", NULL) == NULL && refused_with("6 jobs have not"));
	CHECK(house_finish(&house, offer, NULL, false));
	CHECK(submit(house.operator_, "apply", NULL) != NULL);
	close_house();
}

static void
p16_an_answer_that_was_given_is_given_again_when_there_is_no_room(void)
{
	open_house();
	struct job_submitted *first = submit(house.client, "apply", "key");
	REQUIRE(first != NULL);
	fill(house.client, OWN - 1);
	struct job_submitted *again = submit(house.client, "apply", "key");
	REQUIRE(again != NULL);
	CHECK_STR(again->job, first->job);
	CHECK(again->replayed);
	close_house();
}

static void
p16_who_only_looks_is_not_refused_for_a_full_queue(void)
{
	open_house();
	fill(house.client, OWN);
	fill(house.operator_, OPEN - OWN);
	CHECK(submit(house.client, "status", NULL) != NULL);
	close_house();
}

static const struct unit_case cases[] = {
	CASE(p16_one_agent_cannot_take_all_the_room),
	CASE(p16_all_together_have_a_limit_and_an_end_makes_room),
	CASE(p16_an_answer_that_was_given_is_given_again_when_there_is_no_room),
	CASE(p16_who_only_looks_is_not_refused_for_a_full_queue),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/pressure", cases, ARRAY_LEN(cases), argc, argv);
}
