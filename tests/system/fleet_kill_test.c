/*
 * P1, P3, P11 through a fleet. The worker stops itself before or after one of its operations on the
 * database; then one of the three programs is killed, or paused beyond its lease, or the job is
 * cancelled. Whatever it is, each effect is there exactly once in the end, and what was said about
 * the job is true. `tests/run.sh --long kills` tries every point.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/fleet_house.h"

#include "shared/base/banned.h"

enum { WORKER_STRIDE = 17, OTHERS_STRIDE = 17, CANCEL_STRIDE = 11, PAUSE_STRIDE = 29 };

/* One point: `run` is under way and the worker has stopped itself. */
typedef void (*disturbance)(struct house *h, struct process *run);

static void
start_and_stop(struct house *h, struct process *run, int point)
{
	counted_reset(&h->project);
	house_start_faulty(h, point);
	REQUIRE(project_start(&h->project, run, "migrate up --lock-timeout 60000", h->env));
	if (!process_wait_stop(&h->worker->process, 60)) {
		fprintf(stderr, "-- never came to point %d\n%s%s\n", point, run->out, run->err);
		REQUIRE(false && "the worker stops itself");
	}
}

static void
disturb_at(struct house *h, int point, disturbance disturb)
{
	struct process run;

	start_and_stop(h, &run, point);
	disturb(h, &run);
	CHECK(process_wait(&run, 60));
	bool ok = CHECK_INT(house_run(h, "migrate up --lock-timeout 60000"), 0);
	ok = each_effect_is_there_once(&h->project) && ok;
	if (!ok)
		fprintf(stderr, "-- at point %d\nfirst: %s%s\nsecond: %s%s\n", point, run.out,
			run.err, h->project.last.out, h->project.last.err);
	process_free(&run);
	fleet_worker_kill(h->worker, SIGTERM);
}

static void
disturb_everywhere(disturbance disturb, int stride)
{
	struct house h;

	house_open(&h, SHORT_LEASE);
	counted_migrations(&h.project);
	int points = house_count_points(&h);
	CHECK(each_effect_is_there_once(&h.project));
	for (int point = 1; point <= points; point += house_stride(stride))
		disturb_at(&h, point, disturb);
	CHECK_INT(house_run(&h, "audit verify"), 0);
	house_close(&h);
}

/* ---- one of the three is killed ---- */
/* The run itself goes on with the next worker. */
static void
kill_worker(struct house *h, struct process *run)
{
	fleet_worker_kill(h->worker, SIGKILL);
	h->worker->program = NULL;
	fleet_worker_start(&h->fleet, h->worker, NULL);
	CHECK(process_wait(run, 60));
	CHECK_INT(run->exit_code, 0);
}

static void
p01_a_worker_killed_at_its_steps_is_succeeded_by_the_next_one(void)
{
	disturb_everywhere(kill_worker, WORKER_STRIDE);
}

static void
kill_coordinator(struct house *h, struct process *run)
{
	fleet_kill(&h->fleet, SIGKILL);
	fleet_start(&h->fleet);
	process_signal(&h->worker->process, SIGCONT);
	CHECK(process_wait(run, 60));
	CHECK_INT(run->exit_code, 0);
}

static void
p01_a_coordinator_killed_at_each_step_loses_nothing(void)
{
	disturb_everywhere(kill_coordinator, OTHERS_STRIDE);
}

static void
kill_command(struct house *h, struct process *run)
{
	process_signal(run, SIGKILL);
	CHECK(process_wait(run, 10));
	process_signal(&h->worker->process, SIGCONT);
}

static void
p01_a_command_killed_at_each_step_leaves_a_job_that_ends(void)
{
	disturb_everywhere(kill_command, OTHERS_STRIDE);
}

/* ---- paused beyond its lease ---- */
/* Stopped before it had begun, it is refused the begin; afterwards its run ends. */
static bool
woke_and_went_on(struct house *h)
{
	for (int i = 0; i < 15; i++) {
		if (fleet_said(&h->fleet, "near", "job ended", 1) ||
		    fleet_said(&h->fleet, "near", "job not begun", 1))
			return true;
	}
	return false;
}

static void
pause_at(struct house *h, struct fleet_worker *far, int point)
{
	struct process run;
	char *before, *after;

	start_and_stop(h, &run, point);
	fleet_worker_start(&h->fleet, far, NULL);
	CHECK(process_wait(&run, 60));
	bool ok = CHECK_INT(run.exit_code, 0);
	ok = each_effect_is_there_once(&h->project) && ok;
	before = project_state(&h->project);
	/* It wakes, finds that it was away, and goes on with other work. */
	process_signal(&h->worker->process, SIGCONT);
	ok = CHECK(woke_and_went_on(h)) && ok;
	ok = CHECK(house_wait_no_sessions(h, 10)) && ok;
	fleet_worker_kill(far, SIGTERM);
	ok = CHECK_INT(house_run(h, "migrate up --timeout 30s"), 0) && ok;
	fleet_worker_kill(h->worker, SIGTERM);
	after = project_state(&h->project);
	ok = CHECK_STR(after, before) && ok;
	ok = each_effect_is_there_once(&h->project) && ok;
	if (!ok)
		fprintf(stderr, "-- paused at point %d\n%s%s\n%s%s\n", point, run.out, run.err,
			h->project.last.out, h->project.last.err);
	free(before);
	free(after);
	process_free(&run);
}

static void
p03_a_worker_paused_beyond_its_lease_changes_nothing_when_it_wakes(void)
{
	struct house h;

	house_open(&h, SHORT_LEASE);
	counted_migrations(&h.project);
	struct fleet_worker *far = fleet_worker(&h.fleet, "far", "local", h.target);
	int points = house_count_points(&h);
	for (int point = points; point > 0; point -= house_stride(PAUSE_STRIDE))
		pause_at(&h, far, point);
	house_close(&h);
}

/* ---- cancelled ---- */
static void
sleepy_migrations(struct project *p)
{
	static const char *const names[] = {"001_a", "002_b", "003_c"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char up[128];
		snprintf(up, sizeof(up),
			 "INSERT INTO effect VALUES ('%.3s'); SELECT pg_sleep(0.3); "
			 "CREATE TABLE t%zu ();",
			 names[i], i);
		project_migration(p, names[i], up, "SELECT 1;");
	}
}

/* What is told is what is there: true when the job was cancelled. */
static bool
cancel_at(struct house *h, int point)
{
	char id[64], words[128];
	struct process run;

	start_and_stop(h, &run, point);
	house_newest_job(h, id);
	snprintf(words, sizeof(words), "job cancel %s", id);
	CHECK_INT(house_run(h, words), 0);
	process_signal(&h->worker->process, SIGCONT);
	CHECK(process_wait(&run, 60));
	bool cancelled = run.exit_code == 10;
	/* At once: the backend is gone, and nothing is half done. */
	bool ok = CHECK_STR(house_sessions(h), "0");
	ok = CHECK_STR(house_job_state(h, id), cancelled ? "cancelled/10" : "succeeded/0") && ok;
	ok = CHECK(cancelled || run.exit_code == 0) && ok;
	CHECK_HAS(run.err, cancelled ? "JOB_004" : "");
	CHECK_INT(house_run(h, words), 1); /* what has ended cannot be cancelled */
	if (strcmp(project_sql(&h->project, "SELECT to_regclass('tb_confiture') IS NULL"), "f") ==
	    0)
		ok = CHECK_STR(project_sql(&h->project,
					   "SELECT (SELECT coalesce(string_agg(name, ',' ORDER BY "
					   "name), '') FROM effect) = (SELECT "
					   "coalesce(string_agg(version, ',' ORDER BY version), "
					   "'') FROM tb_confiture)"),
			       "t") &&
		     ok;
	else
		ok = CHECK_STR(project_sql(&h->project, "SELECT count(*) FROM effect"), "0") && ok;
	if (!cancelled)
		ok = CHECK_STR(project_sql(&h->project, "SELECT count(*) FROM effect"), "3") && ok;
	ok = CHECK_INT(house_run(h, "migrate up"), 0) && ok;
	ok = CHECK_STR(project_sql(&h->project, "SELECT string_agg(name, ',') FROM effect"),
		       "001,002,003") &&
	     ok;
	if (!ok)
		fprintf(stderr, "-- cancelled at point %d\n%s%s\n", point, run.out, run.err);
	process_free(&run);
	fleet_worker_kill(h->worker, SIGTERM);
	return cancelled;
}

static void
p11_a_job_cancelled_at_each_step_ends_as_what_it_says(void)
{
	int cancelled = 0, succeeded = 0;
	struct house h;

	house_open(&h, NULL); /* nobody is lost while it stands still */
	counted_reset(&h.project);
	sleepy_migrations(&h.project);
	int points = house_count_points(&h);
	for (int point = points; point > 0; point -= house_stride(CANCEL_STRIDE))
		*(cancel_at(&h, point) ? &cancelled : &succeeded) += 1;
	CHECK(cancelled > 0 && succeeded > 0);
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(p01_a_worker_killed_at_its_steps_is_succeeded_by_the_next_one),
	CASE(p01_a_coordinator_killed_at_each_step_loses_nothing),
	CASE(p01_a_command_killed_at_each_step_leaves_a_job_that_ends),
	CASE(p03_a_worker_paused_beyond_its_lease_changes_nothing_when_it_wakes),
	CASE(p11_a_job_cancelled_at_each_step_ends_as_what_it_says),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fleet_kill", cases, ARRAY_LEN(cases), argc, argv);
}
