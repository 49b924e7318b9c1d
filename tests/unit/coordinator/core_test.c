/* The life of a job through the real loop, with a worker that follows a script. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

static void
a_job_runs_from_submit_to_outcome(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);

	CHECK_INT(offer->attempt, 1);
	CHECK_INT(offer->lease_ms, 10000);
	CHECK_INT(offer->unsettled.count, 0);
	CHECK_STR(offer->spec->kind, "apply");
	CHECK_STR(offer->spec->target_key, key_a);
	CHECK_INT(strlen(offer->journal), 36);
	CHECK(house_emit(&house, offer, 1, 3));
	struct job_watched *w = house_watch(&house, offer->job, 0, 0, 1000);
	REQUIRE(w != NULL);
	CHECK_STR(w->info->state, "running");
	CHECK_INT(w->events.count, 3);
	CHECK_INT(w->events.items[2].line, 3);
	CHECK(w->outcome == NULL);
	CHECK(house_finish(&house, offer, NULL, false));
	w = house_watch(&house, offer->job, 1, 3, 1000);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK_INT(w->events.count, 0);
	CHECK_INT(w->outcome->exit_code, 0);
	CHECK_STR(house_state(&house, offer->job), "succeeded/0/finished");
	CHECK(w->info->started_at != NULL && w->info->finished_at != NULL);
	close_house();
}

static void
a_result_comes_back_as_the_record_it_was(void)
{
	const char *pending[] = {"003", "004"};
	struct applied_migration applied = {
		.version = "002", .name = "b", .duration_ms = 7, .rows_affected = 1};
	struct up_result result = {.success = true,
				   .applied = {&applied, 1},
				   .pending = {pending, 2},
				   .checksums_verified = true};
	struct job_outcome outcome = {.result = {&record_up_result, &result}};

	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	struct job_finish m = {
		.worker = "w1", .job = offer->job, .attempt = 1, .outcome = &outcome};
	REQUIRE(house_ask(&house, house.worker, MESSAGE_job_finish, &m) != NULL);
	struct job_shown *shown = house_show(&house, offer->job);
	REQUIRE(shown != NULL && shown->outcome != NULL);
	CHECK(shown->outcome->result.of == &record_up_result);
	struct text sent, kept;
	text_init(&sent, 0);
	text_init(&kept, 0);
	record_json_named(&sent, &record_job_outcome, &outcome);
	record_json_named(&kept, &record_job_outcome, shown->outcome);
	CHECK_STR(kept.ptr, sent.ptr);
	text_fini(&sent);
	text_fini(&kept);
	close_house();
}

static void
a_read_only_job_leaves_no_trace_on_disk(void)
{
	open_house();
	struct job_spec spec = spec_of("status", "db", key_a);
	const char *job = house_submit(&house, &spec, NULL);
	struct worker_offer *offer = house_next(&house, "db");

	CHECK_STR(offer->job, job);
	CHECK(offer->journal == NULL);
	REQUIRE(house_begin(&house, offer));
	CHECK(house_emit(&house, offer, 1, 2));
	CHECK(house_finish(&house, offer, NULL, false));
	struct job_watched *w = house_watch(&house, job, 0, 0, 0);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK_INT(w->events.count, 2);
	CHECK_STR(house_state(&house, job), "succeeded/0/finished");
	CHECK(!file_exists(scratch.journal));
	close_house();
}

static void
questions_to_a_journal_that_is_not_there_create_none(void)
{
	struct job_list_request list = {.limit = 10};
	struct audit_show_request show = {.limit = 10};
	struct audit_verify verify = {.full = true};
	struct job_settle settle = {.job = "nope", .state = "failed", .note = "x"};

	open_house();
	struct job_list *l = house_ask(&house, house.client, MESSAGE_job_list_request, &list);
	REQUIRE(l != NULL);
	CHECK_INT(l->total, 0);
	struct audit_log *log = house_ask(&house, house.client, MESSAGE_audit_show_request, &show);
	REQUIRE(log != NULL);
	CHECK_INT(log->total, 0);
	struct audit_report *report =
		house_ask(&house, house.client, MESSAGE_audit_verify, &verify);
	REQUIRE(report != NULL);
	CHECK(report->ok && report->events == 0 && report->head == NULL);
	CHECK(house_show(&house, "nope") == NULL && error_is(&house.err, E_JOB_001));
	CHECK(house_watch(&house, "nope", 0, 0, 0) == NULL && error_is(&house.err, E_JOB_001));
	CHECK(house_cancel(&house, "nope") == NULL && error_is(&house.err, E_JOB_001));
	CHECK(house_ask(&house, house.client, MESSAGE_job_settle, &settle) == NULL &&
	      error_is(&house.err, E_JOB_001));
	CHECK(!file_exists(scratch.journal));
	close_house();
}

static void
the_journal_is_readable_by_its_owner_only(void)
{
	struct stat st;
	char folder[96];

	open_house();
	(void)house_run(&house, key_a);
	REQUIRE(stat(scratch.journal, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	snprintf(folder, sizeof(folder), "%s/state", scratch.folder);
	REQUIRE(stat(folder, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0700);
	close_house();
}

static void
without_a_journal_changing_jobs_are_refused(void)
{
	struct job_spec spec = spec_of("apply", "db", key_a);
	struct job_submit m = {.spec = &spec};

	house_open(&house, &(struct house_plan){0});
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &m) == NULL);
	CHECK(error_is(&house.err, E_JRNL_001));
	spec.kind = "status";
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &m) != NULL);
	house_close(&house);
}

static void
a_journal_that_cannot_be_written_is_named(void)
{
	struct job_spec spec = spec_of("apply", "db", key_a);
	struct job_submit m = {.spec = &spec};

	house_open(&house, &(struct house_plan){.journal = "/proc/nowhere/journal.db"});
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &m) == NULL);
	CHECK(error_is(&house.err, E_JRNL_001));
	CHECK_HAS(house.err.message, "/proc/nowhere/journal.db");
	house_close(&house);
}

static void
p10_one_key_is_one_job_also_after_a_restart(void)
{
	struct job_spec spec = spec_of("apply", "db", key_a), other = spec_of("apply", "x", key_b);
	struct job_submit m = {.spec = &spec, .idempotency_key = "k1"},
			  changed = {.spec = &other, .idempotency_key = "k1"};

	open_house();
	const char *first = house_submit(&house, &spec, "k1");
	struct job_submitted *again = house_ask(&house, house.client, MESSAGE_job_submit, &m);
	REQUIRE(again != NULL);
	CHECK_STR(again->job, first);
	CHECK(again->replayed);
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &changed) == NULL);
	CHECK(error_is(&house.err, E_USAGE_001));
	char kept[ID_TEXT];
	snprintf(kept, sizeof(kept), "%s", first);
	house_close(&house);
	house_open(&house, &(struct house_plan){.journal = scratch.journal});
	again = house_ask(&house, house.client, MESSAGE_job_submit, &m);
	REQUIRE(again != NULL);
	CHECK_STR(again->job, kept);
	struct job_list_request list = {.limit = 10};
	struct job_list *l = house_ask(&house, house.client, MESSAGE_job_list_request, &list);
	REQUIRE(l != NULL);
	CHECK_INT(l->total, 1);
	close_house();
}

static void
p10_one_key_is_one_read_only_job(void)
{
	struct job_spec spec = spec_of("status", "db", key_a),
			other = spec_of("status", "x", key_b);
	struct job_submit m = {.spec = &spec, .idempotency_key = "k1"},
			  changed = {.spec = &other, .idempotency_key = "k1"};

	open_house();
	const char *first = house_submit(&house, &spec, "k1");
	struct job_submitted *again = house_ask(&house, house.client, MESSAGE_job_submit, &m);
	REQUIRE(again != NULL);
	CHECK_STR(again->job, first);
	CHECK(again->replayed);
	CHECK(house_ask(&house, house.client, MESSAGE_job_submit, &changed) == NULL);
	CHECK(error_is(&house.err, E_USAGE_001));
	close_house();
}

static void
events_are_taken_once_in_order_and_without_gaps(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);

	CHECK(house_emit(&house, offer, 1, 4));
	CHECK(house_emit(&house, offer, 1, 4));
	CHECK(house_emit(&house, offer, 3, 6));
	CHECK(!house_emit(&house, offer, 8, 9));
	CHECK_HAS(house.err.message, "event 8 came where 7 was expected");
	CHECK(house_emit(&house, offer, 7, 7));
	struct job_watched *w = house_watch(&house, offer->job, 0, 0, 0);
	REQUIRE(w != NULL);
	CHECK_INT(w->events.count, 7);
	for (size_t i = 0; i < w->events.count; i++)
		CHECK_INT(w->events.items[i].seq, (int64_t)i + 1);
	CHECK_INT(w->info->last_seq, 7);
	close_house();
}

/* Everything from `since` on, in replies of at most 256; the outcome only with the last. */
static void
check_stream(const char *kind)
{
	struct job_spec spec = spec_of(kind, "db", key_a);

	open_house();
	const char *job = house_submit(&house, &spec, NULL);
	struct worker_offer *offer = house_next(&house, "db");
	REQUIRE(house_begin(&house, offer));
	for (int64_t seq = 1; seq <= 600; seq += 200)
		CHECK(house_emit(&house, offer, seq, seq + 199));
	CHECK(house_finish(&house, offer, NULL, false));
	static const size_t sizes[] = {256, 256, 88};
	int64_t seen = 0;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct job_watched *w = house_watch(&house, job, 1, seen, 1000);
		REQUIRE(w != NULL);
		CHECK_INT(w->events.count, sizes[i]);
		CHECK_INT((w->outcome != NULL), i == ARRAY_LEN(sizes) - 1);
		CHECK_INT(w->events.items[0].seq, seen + 1);
		seen = w->events.items[w->events.count - 1].seq;
	}
	CHECK_INT(seen, 600);
	close_house();
}

static void
p13_a_long_stream_comes_in_order_and_the_outcome_last(void)
{
	check_stream("apply");
	check_stream("status");
}

struct watching {
	struct house *house;
	const char *job;
	struct job_watched *got;
	struct arena arena;
	_Atomic bool started;
};

static void
watch_in_thread(void *arg)
{
	struct watching *w = arg;
	struct job_watch m = {.job = w->job, .attempt = 0, .since = 0, .wait_ms = 20000};
	void *reply = NULL;

	atomic_store(&w->started, true);
	if (net_call(w->house->client, MESSAGE_job_watch, &m, runtime_deadline(w->house->rt, 25000),
		     &w->arena, &reply, NULL))
		w->got = reply;
}

static struct thread *
start_watching(struct watching *w)
{
	arena_init(&w->arena);
	atomic_init(&w->started, false);
	struct thread *t =
		w->house->rt->ops->thread_start(w->house->rt, "watch", watch_in_thread, w);
	while (!atomic_load(&w->started))
		w->house->rt->ops->sleep_ns(w->house->rt, NS_PER_MS);
	w->house->rt->ops->sleep_ns(w->house->rt, 50 * NS_PER_MS);
	return t;
}

static void
a_parked_watcher_hears_the_first_event_at_once(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	struct watching w = {.house = &house, .job = offer->job};
	struct thread *t = start_watching(&w);
	uint64_t before = runtime_boot_ms(house.rt);

	CHECK(house_emit(&house, offer, 1, 1));
	house.rt->ops->thread_join(house.rt, t);
	REQUIRE(w.got != NULL);
	CHECK_INT(w.got->events.count, 1);
	CHECK(runtime_boot_ms(house.rt) - before < 5000);
	arena_fini(&w.arena);
	close_house();
}

static void
a_watcher_waits_as_long_as_it_asked_and_no_longer(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	uint64_t before = runtime_boot_ms(house.rt);
	struct job_watched *w = house_watch(&house, offer->job, 0, 0, 300);
	uint64_t waited = runtime_boot_ms(house.rt) - before;

	REQUIRE(w != NULL);
	CHECK_INT(w->events.count, 0);
	CHECK_STR(w->info->state, "running");
	CHECK(waited >= 290 && waited < 3000);
	close_house();
}

static void
stopping_answers_who_waits(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	struct watching w = {.house = &house, .job = offer->job};
	struct thread *t = start_watching(&w);

	coordinator_stop(house.coordinator);
	house.rt->ops->thread_join(house.rt, t);
	REQUIRE(w.got != NULL);
	CHECK_STR(w.got->info->state, "running");
	CHECK_INT(w.got->events.count, 0);
	arena_fini(&w.arena);
	close_house();
}

static void
a_job_is_given_only_to_a_worker_of_its_target(void)
{
	open_house();
	struct job_spec spec = spec_of("apply", "db", key_a);
	const char *job = house_submit(&house, &spec, NULL);

	CHECK(house_next(&house, "other")->job == NULL);
	CHECK_STR(house_next(&house, "db")->job, job);
	CHECK(house_next(&house, "db")->job == NULL);
	close_house();
}

static void
p18_a_worker_is_who_its_connection_says(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);
	struct job_renew renew = {.worker = "w1", .job = offer->job, .attempt = 1};
	struct job_list_request list = {.limit = 1};

	CHECK(house_ask(&house, house.other_worker, MESSAGE_job_renew, &renew) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK_HAS(house.err.message, "not with worker w2");
	CHECK(house_ask(&house, house.worker, MESSAGE_job_renew, &renew) != NULL);
	CHECK(house_ask(&house, house.client, MESSAGE_job_renew, &renew) == NULL);
	CHECK(error_is(&house.err, E_AUTH_002));
	CHECK(house_ask(&house, house.worker, MESSAGE_job_list_request, &list) == NULL);
	CHECK(error_is(&house.err, E_AUTH_002));
	close_house();
}

static void
a_report_about_another_attempt_is_refused(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a), wrong = *offer;

	wrong.attempt = 2;
	CHECK(!house_begin(&house, &wrong) && error_is(&house.err, E_JOB_002));
	CHECK(!house_emit(&house, &wrong, 1, 1) && error_is(&house.err, E_JOB_002));
	CHECK(!house_finish(&house, &wrong, NULL, false) && error_is(&house.err, E_JOB_002));
	CHECK(house_finish(&house, offer, NULL, false));
	close_house();
}

static void
reports_that_are_repeated_are_acknowledged_again(void)
{
	open_house();
	struct worker_offer *offer = house_run(&house, key_a);

	CHECK(house_begin(&house, offer));
	CHECK(house_finish(&house, offer, NULL, false));
	CHECK(house_finish(&house, offer, NULL, false));
	CHECK(!house_finish(&house, offer, "MIGR_001", false));
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(!house_emit(&house, offer, 1, 1));
	close_house();
}

static const struct unit_case cases[] = {
	CASE(a_job_runs_from_submit_to_outcome),
	CASE(a_result_comes_back_as_the_record_it_was),
	CASE(a_read_only_job_leaves_no_trace_on_disk),
	CASE(questions_to_a_journal_that_is_not_there_create_none),
	CASE(the_journal_is_readable_by_its_owner_only),
	CASE(without_a_journal_changing_jobs_are_refused),
	CASE(a_journal_that_cannot_be_written_is_named),
	CASE(p10_one_key_is_one_job_also_after_a_restart),
	CASE(p10_one_key_is_one_read_only_job),
	CASE(events_are_taken_once_in_order_and_without_gaps),
	CASE(p13_a_long_stream_comes_in_order_and_the_outcome_last),
	CASE(a_parked_watcher_hears_the_first_event_at_once),
	CASE(a_watcher_waits_as_long_as_it_asked_and_no_longer),
	CASE(stopping_answers_who_waits),
	CASE(a_job_is_given_only_to_a_worker_of_its_target),
	CASE(p18_a_worker_is_who_its_connection_says),
	CASE(a_report_about_another_attempt_is_refused),
	CASE(reports_that_are_repeated_are_acknowledged_again),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/core", cases, ARRAY_LEN(cases), argc, argv);
}
