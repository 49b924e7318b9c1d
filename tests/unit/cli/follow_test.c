/* Following jobs, one and several, over a coordinator whose answers are written down. */
#include <string.h>

#include "cli/documents.h"
#include "cli/session.h"
#include "cli/targets.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

static struct job_info running = {
	.id = "job-1",
	.kind = "apply",
	.state = "running",
	.target = "one",
	.attempt = 1,
	.submitted_at = "2026-11-22T10:00:00.000000Z",
	.exit_code = INT_NULL,
};
static struct job_info unknown = {
	.id = "job-1",
	.kind = "apply",
	.state = "unknown",
	.target = "one",
	.attempt = 1,
	.submitted_at = "2026-11-22T10:00:00.000000Z",
	.exit_code = INT_NULL,
};
static struct job_submitted accepted = {.job = "job-1"};
static struct job_options options = {.lock_timeout_ms = 1000};
static const struct job_spec spec = {.kind = "apply", .target = "one", .options = &options};

/* An event of version `version`; numbers that are not used are absent. */
static struct job_event
event(int64_t attempt, int64_t seq, const char *kind, const char *version)
{
	return (struct job_event){
		.seq = seq,
		.time = "2026-11-22T10:00:00.000000Z",
		.job = "job-1",
		.attempt = attempt,
		.target = "one",
		.kind = kind,
		.version = version,
		.name = version ? "users" : NULL,
		.line = INT_NULL,
		.statement = INT_NULL,
		.done = INT_NULL,
		.total = INT_NULL,
		.duration_ms = INT_NULL,
		.rows = INT_NULL,
	};
}

static struct job_watched
watched(struct job_event *items, size_t count, struct job_outcome *outcome)
{
	struct job_watched w = {.info = &running, .outcome = outcome};

	w.events.items = items;
	w.events.count = count;
	return w;
}

/* What the view was shown: "attempt.seq:kind " for each event. */
struct seen {
	char text[256];
};

static void
see(void *self, const struct job_event *e)
{
	struct seen *s = self;
	size_t at = strlen(s->text);

	snprintf(s->text + at, sizeof(s->text) - at, "%lld.%lld:%s ", (long long)e->attempt,
		 (long long)e->seq, e->kind);
}

static void
each_event_is_shown_once_and_asked_for_after_the_last_one_seen(void)
{
	struct job_event first[] = {event(1, 1, "connected", NULL), event(1, 2, "plan", NULL)};
	struct job_event second[] = {event(2, 1, "migration_done", "001")};
	struct job_outcome done = {.exit_code = 0};
	struct job_watched replies[] = {watched(first, 2, NULL), watched(NULL, 0, NULL),
					watched(second, 1, NULL), watched(NULL, 0, &done)};
	const struct script_step steps[] = {{MESSAGE_job_submit, &accepted, 0},
					    {MESSAGE_job_watch, &replies[0], 0},
					    {MESSAGE_job_watch, &replies[1], 0},
					    {MESSAGE_job_watch, &replies[2], 0},
					    {MESSAGE_job_watch, &replies[3], 0}};
	struct seen seen = {""};
	struct job_view view = {.event = see, .self = &seen};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;
	char job[ID_TEXT];

	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	session_use_client(cli_session(&f.cli), &script.base);
	REQUIRE(session_run_job(cli_session(&f.cli), &spec, &view, job, &out, &err));
	CHECK_STR(job, "job-1");
	CHECK_STR(seen.text, "1.1:connected 1.2:plan 2.1:migration_done ");
	REQUIRE(script.watched_count == 4);
	CHECK_INT(script.watched[0].attempt, 0);
	CHECK_INT(script.watched[0].since, 0);
	CHECK_INT(script.watched[2].attempt, 1);
	CHECK_INT(script.watched[2].since, 2);
	CHECK_INT(script.watched[3].attempt, 2);
	CHECK_INT(script.watched[3].since, 1);
	CHECK_INT(out.exit_code, 0);
	fixture_end(&f);
}

static void
ndjson_prints_each_event_as_a_line_as_it_comes(void)
{
	struct job_event items[] = {event(1, 1, "plan", NULL)};
	struct job_outcome done = {.exit_code = 0};
	struct job_watched reply = watched(items, 1, &done);
	const struct script_step steps[] = {{MESSAGE_job_submit, &accepted, 0},
					    {MESSAGE_job_watch, &reply, 0}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;
	char job[ID_TEXT];

	fixture_begin(&f);
	f.cli.json = f.cli.ndjson = true;
	script_init(&script, steps, ARRAY_LEN(steps));
	session_use_client(cli_session(&f.cli), &script.base);
	REQUIRE(session_run_job(cli_session(&f.cli), &spec, NULL, job, &out, &err));
	CHECK_STR(fixture_out(&f),
		  "{\"seq\":1,\"time\":\"2026-11-22T10:00:00.000000Z\",\"job\":\"job-1\","
		  "\"attempt\":1,\"target\":\"one\",\"kind\":\"plan\"}\n");
	fixture_end(&f);
}

static void
one_key_of_the_user_is_one_key_for_each_database(void)
{
	struct job_outcome done = {.exit_code = 0};
	struct job_watched reply = watched(NULL, 0, &done);
	const struct script_step steps[] = {{MESSAGE_job_submit, &accepted, 0},
					    {MESSAGE_job_watch, &reply, 0}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;
	char job[ID_TEXT];

	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	session_use_client(cli_session(&f.cli), &script.base);
	session_set_limits(cli_session(&f.cli), "deploy-7", 0);
	REQUIRE(session_run_job(cli_session(&f.cli), &spec, NULL, job, &out, &err));
	REQUIRE(script.submitted_count == 1);
	CHECK_STR(script.submitted[0].idempotency_key, "deploy-7@one");
	fixture_end(&f);
}

static void
the_time_limit_cancels_the_job_and_its_honest_end_is_waited_for(void)
{
	struct issue cancelled = {
		.code = "JOB_004", .message = "the job was cancelled", .severity = "error"};
	struct error_details details = {.retry_after_ms = INT_NULL};
	struct job_outcome end = {.exit_code = 10, .error = &cancelled};
	struct job_watched nothing = watched(NULL, 0, NULL), last = watched(NULL, 0, &end);
	struct script_step steps[64] = {{MESSAGE_job_submit, &accepted, 0}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;
	char job[ID_TEXT];

	cancelled.details = &details;
	cancelled.line = INT_NULL;
	/* The script answers at once, so the limit is over before the job is even followed. */
	for (size_t i = 1; i < ARRAY_LEN(steps); i++)
		steps[i] = (struct script_step){MESSAGE_job_watch, &nothing, 0};
	steps[ARRAY_LEN(steps) - 1].reply = &last;
	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	script.pause_ms = 5;
	session_use_client(cli_session(&f.cli), &script.base);
	session_set_limits(cli_session(&f.cli), NULL, 20);
	REQUIRE(session_run_job(cli_session(&f.cli), &spec, NULL, job, &out, &err));
	CHECK_INT(script.cancelled, 1);
	CHECK_INT(out.exit_code, 10);
	CHECK_STR(out.error->message,
		  "the time limit of --timeout has passed: the job was cancelled");
	CHECK_HAS(fixture_err(&f), "cancelling …\n");
	fixture_end(&f);
}

static void
who_only_looks_leaves_at_the_time_limit_and_cancels_nothing(void)
{
	struct job_watched nothing = watched(NULL, 0, NULL);
	const struct script_step steps[] = {{MESSAGE_job_watch, &nothing, 0}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;

	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	script.pause_ms = 5;
	session_use_client(cli_session(&f.cli), &script.base);
	session_set_limits(cli_session(&f.cli), NULL, 20);
	CHECK(!session_follow(cli_session(&f.cli), "job-1", 0, 0, NULL, &out, &err));
	CHECK_STR(err.code->name, "JOB_003");
	CHECK_STR(err.message, "job job-1 was still running when the time limit had passed");
	CHECK_INT(script.cancelled, 0);
	fixture_end(&f);
}

static void
a_refused_job_is_the_coordinators_error(void)
{
	const struct script_step steps[] = {{MESSAGE_job_submit, NULL, E_JRNL_001}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;
	char job[ID_TEXT];

	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	session_use_client(cli_session(&f.cli), &script.base);
	CHECK(!session_run_job(cli_session(&f.cli), &spec, NULL, job, &out, &err));
	CHECK_STR(err.code->name, "JRNL_001");
	fixture_end(&f);
}

/* ---- several databases ---- */

static struct connection_target three[] = {{"a", "prod"}, {"b", "prod"}, {"c", "prod"}};

/* a succeeds, b fails, c would succeed. */
static int
run_three(struct fixture *f, bool reads)
{
	struct issue broken = {.code = "CONFIG_006",
			       .message = "cannot connect",
			       .severity = "error",
			       .line = INT_NULL};
	struct error_details details = {.retry_after_ms = INT_NULL};
	struct job_outcome good = {.exit_code = 0}, bad = {.exit_code = 3, .error = &broken};
	struct job_watched first = watched(NULL, 0, &good), second = watched(NULL, 0, &bad);
	const struct script_step steps[] = {
		{MESSAGE_job_submit, &accepted, 0}, {MESSAGE_job_watch, &first, 0},
		{MESSAGE_job_submit, &accepted, 0}, {MESSAGE_job_watch, &second, 0},
		{MESSAGE_job_submit, &accepted, 0}, {MESSAGE_job_watch, &first, 0}};
	struct connections c = {.items = three, .count = 3, .several = true};
	struct job_request request = {.kind = "status", .reads = reads};
	struct script script;

	broken.details = &details;
	f->cli.json = true;
	script_init(&script, steps, ARRAY_LEN(steps));
	session_use_client(cli_session(&f->cli), &script.base);
	return targets_run(&f->cli, &c, &request);
}

static struct targets_result *
document(struct fixture *f)
{
	const char *text = fixture_out(f);
	struct error err = {0};
	void *parsed = NULL;

	REQUIRE(record_parse(&f->cli.arena, &record_targets_result, span_str(text), &parsed, &err));
	return parsed;
}

static void
a_changing_command_stops_at_the_first_failure(void)
{
	struct fixture f;

	fixture_begin(&f);
	CHECK_INT(run_three(&f, false), 3);
	const struct targets_result *r = document(&f);
	CHECK_INT(r->targets.count, 3);
	CHECK(r->targets.items[0].ok);
	CHECK(!r->targets.items[1].ok);
	CHECK_STR(r->targets.items[1].error->code, "CONFIG_006");
	CHECK_INT(r->targets.items[2].exit_code, INT_NULL);
	CHECK_INT(r->summary->succeeded, 1);
	CHECK_INT(r->summary->failed, 1);
	CHECK_INT(r->summary->not_run, 1);
	CHECK_INT(r->summary->exit_code, 3);
	fixture_end(&f);
}

static void
a_reading_command_goes_on_and_reports_the_worst(void)
{
	struct fixture f;

	fixture_begin(&f);
	CHECK_INT(run_three(&f, true), 3);
	const struct targets_result *r = document(&f);
	CHECK(r->targets.items[2].ok);
	CHECK_INT(r->summary->succeeded, 2);
	CHECK_INT(r->summary->failed, 1);
	CHECK_INT(r->summary->not_run, 0);
	fixture_end(&f);
}

static void
a_job_that_stays_unknown_is_left_with_the_way_to_settle_it(void)
{
	struct job_watched lost = {.info = &unknown};
	const struct script_step steps[] = {{MESSAGE_job_watch, &lost, 0}};
	struct job_outcome out;
	struct error err = {0};
	struct script script;
	struct fixture f;

	fixture_begin(&f);
	script_init(&script, steps, ARRAY_LEN(steps));
	script.pause_ms = 50;
	script.hurry = 400; /* each 50 ms count as 20 s */
	session_use_client(cli_session(&f.cli), &script.base);
	f.cli.rt = script_clock(&script);
	CHECK(!session_follow(cli_session(&f.cli), "job-1", 0, 0, NULL, &out, &err));
	CHECK_STR(err.code->name, "JOB_003");
	CHECK_STR(err.hint, "confiture job settle job-1");
	f.cli.rt = runtime_system();
	fixture_end(&f);
}

static const struct unit_case cases[] = {
	CASE(each_event_is_shown_once_and_asked_for_after_the_last_one_seen),
	CASE(ndjson_prints_each_event_as_a_line_as_it_comes),
	CASE(one_key_of_the_user_is_one_key_for_each_database),
	CASE(the_time_limit_cancels_the_job_and_its_honest_end_is_waited_for),
	CASE(who_only_looks_leaves_at_the_time_limit_and_cancels_nothing),
	CASE(a_refused_job_is_the_coordinators_error),
	CASE(a_changing_command_stops_at_the_first_failure),
	CASE(a_reading_command_goes_on_and_reports_the_worst),
	CASE(a_job_that_stays_unknown_is_left_with_the_way_to_settle_it),
};

int
main(int argc, char **argv)
{
	return unit_main("cli follow", cases, ARRAY_LEN(cases), argc, argv);
}
