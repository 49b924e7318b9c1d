/*
 * P13 through a fleet: whoever watches a job sees each of its events once and in order, however
 * many watch, whoever of them dies, and whatever becomes of the coordinator meanwhile.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/fleet_house.h"

#include "shared/base/banned.h"

enum {
	FILES = 15,
	SHORT_LEASE_S = 2, /* SHORT_LEASE, in seconds */
};

/* Where a stream stands: numbers begin anew with each attempt. */
struct place {
	int64_t attempt, seq;
};

static const struct place BEGINNING = {1, 0};

/* The event that follows, with no number left out: of this attempt, or the first of the next,
 * where a lease ended (a busy machine may need longer than that to start a coordinator). */
static void
check_next(const struct document *event, struct place *at)
{
	int64_t attempt = document_int(event, "attempt");

	CHECK(document_valid(event, "event"));
	if (attempt > at->attempt)
		*at = (struct place){attempt, 0};
	CHECK_INT(attempt, at->attempt);
	CHECK_INT(document_int(event, "seq"), at->seq + 1);
	at->seq = document_int(event, "seq");
}

/* Lines of a stream: events from `since` on without a gap, and in the end the result. Gives the
 * place of the last event. */
static struct place
check_stream(const char *text, struct place since, bool whole)
{
	char *copy = strdup(text), *rest = copy;
	struct place last = since;
	bool ended = false;

	REQUIRE(copy != NULL);
	for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
		if (rest == NULL)
			break; /* cut by a kill */
		struct document *d = document_parse(line);
		const char *kind = document_text(d, "kind");
		CHECK(!ended);
		ended = kind != NULL && strcmp(kind, "result") == 0;
		if (!ended)
			check_next(d, &last);
		document_free(d);
	}
	CHECK_INT(ended, whole);
	free(copy);
	return last;
}

static void
start_job(struct house *h, struct process *run, char id[64])
{
	slow_migrations(&h->project, FILES);
	fleet_worker_start(&h->fleet, h->worker, NULL);
	REQUIRE(project_start(&h->project, run, "migrate up --format ndjson", h->env));
	REQUIRE(process_wait_text(run, "migration_done", 30));
	house_newest_job(h, id);
}

static void
attach(struct house *h, struct process *watcher, const char *id, int64_t since)
{
	char words[160];

	snprintf(words, sizeof(words), "job attach %s --format ndjson --since %lld", id,
		 (long long)since);
	REQUIRE(project_start(&h->project, watcher, words, h->env));
}

static void
p13_of_two_watchers_one_is_killed_and_comes_back_and_both_see_all_of_it_once(void)
{
	struct process run, first, second, back;
	struct house h;
	char id[64];

	house_open(&h, NULL);
	start_job(&h, &run, id);
	attach(&h, &first, id, 0);
	attach(&h, &second, id, 0);
	REQUIRE(process_wait_text(&second, "\"version\":\"004\"", 30));
	process_signal(&second, SIGKILL);
	CHECK(process_wait(&second, 10));
	struct place seen = check_stream(second.out, BEGINNING, false);
	CHECK(seen.seq > 0);
	attach(&h, &back, id, seen.seq);
	CHECK(process_wait(&run, 60));
	CHECK(process_wait(&first, 60));
	CHECK(process_wait(&back, 60));
	CHECK_INT(run.exit_code + first.exit_code + back.exit_code, 0);
	struct place last = check_stream(run.out, BEGINNING, true);
	CHECK_STR(first.out, run.out);
	CHECK_INT(check_stream(back.out, seen, true).seq, last.seq);
	/* What the two terminals showed, one after the other, is the whole. */
	size_t whole = (size_t)(strrchr(second.out, '\n') - second.out) + 1;
	CHECK(strncmp(run.out, second.out, whole) == 0);
	CHECK_STR(run.out + whole, back.out);
	process_free(&run);
	process_free(&first);
	process_free(&second);
	process_free(&back);
	house_close(&h);
}

/* ---- the coordinator goes away and comes back ---- */
static void
start_anew(struct house *h, int signal)
{
	if (signal == SIGSTOP) {
		process_signal(&h->fleet.daemon, SIGSTOP);
		sleep(2 * SHORT_LEASE_S);
		process_signal(&h->fleet.daemon, SIGCONT);
		return;
	}
	if (signal != SIGUSR2) {
		fleet_kill(&h->fleet, signal);
		fleet_start(&h->fleet);
		return;
	}
	process_signal(&h->fleet.daemon, signal);
	CHECK(fleet_said(&h->fleet, "coordinator", "starting anew", 30));
}

static void
restart_under(int signal)
{
	struct process run, watcher;
	struct house h;
	char id[64];

	house_open(&h, SHORT_LEASE);
	start_job(&h, &run, id);
	attach(&h, &watcher, id, 0);
	REQUIRE(process_wait_text(&watcher, "\"version\":\"003\"", 30));
	start_anew(&h, signal);
	CHECK(process_wait(&run, 60));
	CHECK(process_wait(&watcher, 60));
	bool ok = CHECK_INT(run.exit_code, 0);
	ok = CHECK_INT(watcher.exit_code, 0) && ok;
	struct place last = check_stream(run.out, BEGINNING, true);
	if (signal == SIGSTOP)
		CHECK_INT(last.attempt, 2);
	CHECK_STR(watcher.out, run.out);
	ok = slow_effects_are_there_once(&h.project, FILES) && ok;
	ok = CHECK_STR(house_job_state(&h, id), "succeeded/0") && ok;
	CHECK_INT(house_run(&h, "audit verify"), 0);
	if (!ok)
		fprintf(stderr, "-- signal %d\n%s%s%s\n", signal, run.out, run.err, watcher.err);
	process_free(&run);
	process_free(&watcher);
	house_close(&h);
}

static void
p13_a_job_goes_on_through_a_killed_coordinator(void)
{
	restart_under(SIGKILL);
}

static void
p13_a_job_goes_on_through_a_coordinator_that_is_ended_and_started(void)
{
	restart_under(SIGTERM);
}

static void
p13_a_job_goes_on_through_a_coordinator_that_starts_anew(void)
{
	restart_under(SIGUSR2);
}

static void
p13_a_job_goes_on_through_a_coordinator_that_is_away_for_longer_than_a_lease(void)
{
	restart_under(SIGSTOP);
}

/* ---- who is there ---- */
static const char *
worker_state(struct house *h)
{
	static char state[32];

	CHECK_INT(house_run(h, "worker list --format json"), 0);
	struct document *d = document_parse(h->project.last.out);
	const char *text = document_text(d, "workers.0.state");
	snprintf(state, sizeof(state), "%s", text ? text : "");
	document_free(d);
	return state;
}

static void
a_worker_that_was_killed_is_offline_at_once_and_gets_no_offer(void)
{
	struct house h;

	house_open(&h, NULL);
	project_migration(&h.project, "001_a", "CREATE TABLE a ();", "DROP TABLE a;");
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_INT(house_run(&h, "migrate up"), 0);
	CHECK_STR(worker_state(&h), "online");
	fleet_worker_kill(h.worker, SIGKILL);
	bool offline = false;
	for (int i = 0; i < 100 && !offline; i++) /* the network library hears of it soon */
		offline = strcmp(worker_state(&h), "offline") == 0;
	CHECK(offline);
	CHECK_INT(house_run(&h, "migrate status --env local --timeout 1s"), 3);
	fleet_worker_start(&h.fleet, h.worker, NULL);
	CHECK_STR(worker_state(&h), "online");
	CHECK_INT(house_run(&h, "migrate up"), 0);
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(p13_of_two_watchers_one_is_killed_and_comes_back_and_both_see_all_of_it_once),
	CASE(p13_a_job_goes_on_through_a_killed_coordinator),
	CASE(p13_a_job_goes_on_through_a_coordinator_that_is_ended_and_started),
	CASE(p13_a_job_goes_on_through_a_coordinator_that_starts_anew),
	CASE(p13_a_job_goes_on_through_a_coordinator_that_is_away_for_longer_than_a_lease),
	CASE(a_worker_that_was_killed_is_offline_at_once_and_gets_no_offer),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("fleet_watch", cases, ARRAY_LEN(cases), argc, argv);
}
