/*
 * P10: a request under a key is carried out once, however often and from however many sides it
 * comes, before and after a restart; and always with the same answer.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { SIDES = 50, TIMES = 20, ANSWER_S = 60 };

static struct scratch scratch;
static struct house h;

/* One of those who ask again and again. */
struct side {
	const char *kind, *key;
	char job[ID_TEXT]; /* of every answer; empty: they differed, or one was a refusal */
	int first;	   /* answers that were not marked as repeated */
	struct thread *thread;
};

static void
ask_again_and_again(void *arg)
{
	struct side *s = arg;
	bool same = true;

	for (int i = 0; i < TIMES; i++) {
		struct arena arena;
		struct error err = {0};
		void *reply = NULL;
		struct job_spec spec = spec_of(s->kind, "db", "key");
		struct job_submit m = {.spec = &spec, .idempotency_key = s->key};

		arena_init(&arena);
		same = net_call(h.client, MESSAGE_job_submit, &m,
				runtime_deadline(h.rt, ANSWER_S * 1000), &arena, &reply, &err) &&
		       same;
		const struct job_submitted *answer = reply;
		if (answer != NULL && s->job[0] == '\0')
			snprintf(s->job, sizeof(s->job), "%s", answer->job);
		same = same && strcmp(s->job, answer->job) == 0;
		s->first += answer != NULL && !answer->replayed;
		arena_fini(&arena);
	}
	if (!same)
		s->job[0] = '\0';
}

/* All at once; how many answers said that they were the first. */
static int
ask_from_all_sides(const char *kind, const char *key, char job[ID_TEXT])
{
	static struct side sides[SIDES];
	int first = 0;

	for (int i = 0; i < SIDES; i++) {
		sides[i] = (struct side){.kind = kind, .key = key};
		sides[i].thread =
			h.rt->ops->thread_start(h.rt, "side", ask_again_and_again, &sides[i]);
	}
	for (int i = 0; i < SIDES; i++) {
		h.rt->ops->thread_join(h.rt, sides[i].thread);
		first += sides[i].first;
		CHECK_STR(sides[i].job, sides[0].job);
	}
	CHECK_INT(strlen(sides[0].job), ID_TEXT - 1);
	snprintf(job, ID_TEXT, "%s", sides[0].job);
	return first;
}

static int64_t
jobs_there_are(void)
{
	struct job_list_request m = {.limit = 100};
	struct job_list *list = house_ask(&h, h.client, MESSAGE_job_list_request, &m);

	REQUIRE(list != NULL);
	return list->total;
}

static size_t
submits_in_the_log(void)
{
	struct audit_show_request m = {.limit = 1000};
	struct audit_log *log = house_ask(&h, h.client, MESSAGE_audit_show_request, &m);
	size_t n = 0;

	REQUIRE(log != NULL);
	for (size_t i = 0; i < log->events.count; i++)
		n += strcmp(log->events.items[i].kind, "job.submit") == 0;
	return n;
}

static void
start(bool distributed)
{
	house_open(&h,
		   &(struct house_plan){.journal = scratch.journal, .distributed = distributed});
}

static void
p10_a_thousand_retries_at_once_are_one_job(void)
{
	char job[ID_TEXT], again[ID_TEXT];

	for (int distributed = 0; distributed < 2; distributed++) {
		scratch_open(&scratch);
		start(distributed);
		CHECK_INT(ask_from_all_sides("apply", "one", job), 1);
		CHECK_INT(jobs_there_are(), 1);
		house_close(&h);
		start(distributed);
		CHECK_INT(ask_from_all_sides("apply", "one", again), 0);
		CHECK_STR(again, job);
		CHECK_INT(jobs_there_are(), 1);
		CHECK_INT(submits_in_the_log(), 1);
		CHECK_INT(ask_from_all_sides("apply", "two", again), 1);
		CHECK(strcmp(again, job) != 0);
		CHECK_INT(jobs_there_are(), 2);
		house_close(&h);
		scratch_close(&scratch);
	}
}

/* What only reads is kept in memory, and its keys with it. */
static void
p10_a_job_that_only_reads_is_one_job_too(void)
{
	char job[ID_TEXT], again[ID_TEXT];

	scratch_open(&scratch);
	start(false);
	CHECK_INT(ask_from_all_sides("status", "one", job), 1);
	CHECK_INT(ask_from_all_sides("status", "one", again), 0);
	CHECK_STR(again, job);
	house_close(&h);
	scratch_close(&scratch);
}

/* Under a key that was used: everything that is not the very same request. */
static void
p10_another_body_under_the_key_is_refused(void)
{
	struct job_options forced = {.force = true};
	struct job_spec spec = spec_of("apply", "db", "key"), others[4];
	struct job_submit m = {.spec = &spec, .idempotency_key = "one"};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = spec;
	others[0].target = "other";
	others[1].options = &forced;
	others[2].kind = "rollback";
	others[3].agent = "bob";
	scratch_open(&scratch);
	for (int round = 0; round < 2; round++) {
		start(true);
		m.spec = &spec;
		struct job_submitted *reply = house_ask(&h, h.client, MESSAGE_job_submit, &m);
		REQUIRE(reply != NULL);
		CHECK_INT(reply->replayed, round > 0);
		for (size_t i = 0; i < ARRAY_LEN(others); i++) {
			m.spec = &others[i];
			CHECK(house_ask(&h, h.client, MESSAGE_job_submit, &m) == NULL);
			CHECK(error_is(&h.err, E_USAGE_001));
		}
		CHECK_INT(jobs_there_are(), 1);
		house_close(&h);
	}
	/* Whose key it is, the connection says: another's is another key. */
	start(true);
	m.spec = &spec;
	struct job_submitted *reply = house_ask(&h, h.operator_, MESSAGE_job_submit, &m);
	REQUIRE(reply != NULL);
	CHECK(!reply->replayed);
	CHECK_INT(jobs_there_are(), 2);
	house_close(&h);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(p10_a_thousand_retries_at_once_are_one_job),
	CASE(p10_a_job_that_only_reads_is_one_job_too),
	CASE(p10_another_body_under_the_key_is_refused),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/keys", cases, ARRAY_LEN(cases), argc, argv);
}
