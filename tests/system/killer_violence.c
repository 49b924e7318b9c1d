/*
 * The acts of violence. Where it strikes is drawn from the seed: an operation on the database by
 * its number (the make of target.h that stops itself there), a byte on the line, or the middle of a
 * concurrent statement, which another session holds up.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "tests/db/proxy.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "tests/system/killer.h"

#include "shared/base/banned.h"

enum {
	PATIENCE_S = 120,
	POINTS_MOST = 150,
	BYTES_MOST = 24000,
	COMMITS_MOST = 5,
	MOMENT_MOST_MS = 600
};

static const char UP[] = "migrate up --lock-timeout 60000";

static void
moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* ---- running ---- */

bool
start_up(struct round *r, struct process *command, const char *const *more)
{
	const char *env[8] = {NULL};
	size_t n = 0;

	for (size_t i = 0; r->env[i] != NULL; i++)
		env[n++] = r->env[i];
	for (size_t i = 0; more != NULL && more[i] != NULL; i++)
		env[n++] = more[i];
	return project_start(&r->project, command, UP, env);
}

bool
await_end(struct round *r, struct process *command)
{
	if (command->pid <= 0 || command->exit_code >= 0 || process_wait(command, PATIENCE_S))
		return true;
	r->found[FOUND_STUCK] = true;
	process_signal(command, SIGKILL);
	REQUIRE(process_wait(command, 10));
	return false;
}

struct process *
victim(struct round *r)
{
	return r->fleet ? &r->worker->process : &r->command;
}

static void
start_plain(struct round *r)
{
	if (r->fleet)
		fleet_worker_start(&r->house, r->worker, NULL);
	REQUIRE(start_up(r, &r->command, NULL));
}

bool
stop_at_a_point(struct round *r)
{
	const char *worker = CONFITURE_WORKER_FAULTY, *embedded = CONFITURE_FAULTY;
	char env[64];
	const char *more[] = {env, NULL};
	size_t point = 1 + round_below(r, POINTS_MOST);

	snprintf(env, sizeof(env), "CONFITURE_STOP_AT=%zu", point);
	round_say(r, " at point %zu", point);
	if (r->violence->setting == OVER_A_LINE) {
		worker = line_program(r, "worker", worker);
		embedded = line_program(r, "confiture", embedded);
	}
	if (r->fleet) {
		r->armed = true;
		r->worker->program = worker;
		fleet_worker_start(&r->house, r->worker, more);
		r->worker->program = NULL;
		REQUIRE(start_up(r, &r->command, NULL));
	} else {
		const char *plain = r->project.program;
		r->project.program = embedded;
		REQUIRE(start_up(r, &r->command, more));
		r->project.program = plain;
	}
	for (int i = 0; i < PATIENCE_S * 50; i++) {
		if (process_wait_stop(victim(r), 0))
			return r->struck = true;
		if (process_wait(&r->command, 0))
			return false;
		moment();
	}
	r->found[FOUND_STUCK] = true;
	return false;
}

static bool
asks(struct round *r, const char *what)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = '%s' AND "
		 "application_name LIKE 'confiture%%' AND %s",
		 r->project.database, what);
	const char *answer = pg_query_text(cluster_url("postgres"), sql);
	return answer != NULL && strcmp(answer, "t") == 0;
}

/* Starts it and waits until a concurrent statement waits for another session. */
static bool
stop_in_a_statement(struct round *r)
{
	r->block = pg_session_open(project_url(&r->project));
	REQUIRE(r->block != NULL);
	REQUIRE(pg_session_exec(r->block, "BEGIN"));
	REQUIRE(pg_session_exec(r->block, "INSERT INTO items VALUES (0, 'blocks', 1000)"));
	start_plain(r);
	for (int i = 0; i < PATIENCE_S * 50; i++) {
		if (asks(r, "wait_event_type = 'Lock'"))
			return r->struck = true;
		if (process_wait(&r->command, 0))
			return false;
		moment();
	}
	r->found[FOUND_STUCK] = true;
	return false;
}

/* ---- what is done ---- */

static void
terminate_backends(struct round *r)
{
	(void)asks(r, "pg_terminate_backend(pid, 10000)");
}

static void
kill_victim(struct round *r)
{
	process_signal(victim(r), SIGKILL);
	REQUIRE(process_wait(victim(r), 30));
}

static void
kill_at_a_point(struct round *r)
{
	if (stop_at_a_point(r))
		kill_victim(r);
}

/* Any time after its start: also before it has a session, and while it talks to the journal. */
static void
wait_for_a_moment(struct round *r)
{
	size_t ms = round_below(r, MOMENT_MOST_MS);

	round_say(r, " %zu ms after its start", ms);
	start_plain(r);
	nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000}, NULL);
	r->struck = !process_wait(&r->command, 0);
}

static void
kill_at_a_moment(struct round *r)
{
	wait_for_a_moment(r);
	if (r->struck)
		kill_victim(r);
}

static void
kill_coordinator_at_a_moment(struct round *r)
{
	wait_for_a_moment(r);
	fleet_kill(&r->house, SIGKILL);
}

/* The one that comes after meets the same end, at another point. */
static void
kill_twice(struct round *r)
{
	if (!stop_at_a_point(r))
		return;
	kill_victim(r);
	if (r->fleet) {
		process_signal(&r->command, SIGKILL);
		REQUIRE(process_wait(&r->command, 30));
	}
	process_free(&r->command);
	r->struck = false;
	if (stop_at_a_point(r))
		kill_victim(r);
}

/* What was acknowledged is there afterwards. */
static void
kill_coordinator_after_its_answer(struct round *r)
{
	char id[64], words[128];

	fleet_worker_start(&r->house, r->worker, NULL);
	r->struck = project_run_env(&r->project, "migrate up --detach", r->env) == 0;
	if (!r->struck)
		return;
	fleet_kill(&r->house, SIGKILL);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(r->project.last.out, "\n"),
		 r->project.last.out);
	snprintf(words, sizeof(words), "job show %s", id);
	fleet_start(&r->house);
	if (project_run_env(&r->project, words, r->env) != 0) {
		round_say(r, "\n    %s: %.200s", words, r->project.last.err);
		r->found[FOUND_LOST] = true;
	}
}

/* The server goes on with the statement, without a client. */
static void
kill_in_a_statement(struct round *r)
{
	if (stop_in_a_statement(r))
		kill_victim(r);
}

static void
terminate_at_a_point(struct round *r)
{
	if (stop_at_a_point(r))
		terminate_backends(r);
}

static void
terminate_in_a_statement(struct round *r)
{
	if (stop_in_a_statement(r))
		terminate_backends(r);
}

static void
restart_at_a_point(struct round *r)
{
	if (stop_at_a_point(r))
		REQUIRE(cluster_restart(true));
}

static void
restart_in_a_statement(struct round *r)
{
	if (stop_in_a_statement(r))
		REQUIRE(cluster_restart(true));
}

static void
kill_and_restart(struct round *r)
{
	if (!stop_at_a_point(r))
		return;
	kill_victim(r);
	REQUIRE(cluster_restart(true));
}

void
let_a_rival_work(struct round *r)
{
	char targets[400];
	struct process rival = {.out_fd = -1, .err_fd = -1};

	if (r->fleet) {
		snprintf(targets, sizeof(targets), "  local:\n    database_url: \"%s\"\n",
			 project_url(&r->project));
		struct fleet_worker *second = fleet_worker(&r->house, "second", "local", targets);
		fleet_worker_start(&r->house, second, NULL);
		(void)await_end(r, &r->command);
	} else {
		REQUIRE(start_up(r, &rival, NULL));
		(void)await_end(r, &rival);
		process_free(&rival);
	}
}

/* Longer than its lease, while somebody else does the work; then it wakes. */
static void
pause_beyond_the_lease(struct round *r)
{
	if (!stop_at_a_point(r))
		return;
	let_a_rival_work(r);
	process_signal(victim(r), SIGCONT);
}

static void
cut(struct round *r, enum proxy_cut_at at, long number)
{
	round_say(r, " %ld", number);
	proxy_cut(r->proxy, at, number);
	start_plain(r);
	(void)await_end(r, &r->command);
	r->struck = proxy_has_cut(r->proxy);
}

static void
cut_from_the_client(struct round *r)
{
	cut(r, PROXY_AT_CLIENT_BYTE, 1 + (long)round_below(r, BYTES_MOST));
}

static void
cut_from_the_server(struct round *r)
{
	cut(r, PROXY_AT_SERVER_BYTE, 1 + (long)round_below(r, BYTES_MOST));
}

static void
cut_before_commit(struct round *r)
{
	cut(r, PROXY_BEFORE_COMMIT, 1 + (long)round_below(r, COMMITS_MOST));
}

static void
cut_within_commit(struct round *r)
{
	cut(r, PROXY_WITHIN_COMMIT, 1 + (long)round_below(r, COMMITS_MOST));
}

static void
cut_after_commit(struct round *r)
{
	cut(r, PROXY_AFTER_COMMIT, 1 + (long)round_below(r, COMMITS_MOST));
}

static void
kill_coordinator(struct round *r)
{
	if (stop_at_a_point(r))
		fleet_kill(&r->house, SIGKILL);
}

static void
kill_coordinator_and_worker(struct round *r)
{
	if (!stop_at_a_point(r))
		return;
	kill_victim(r);
	fleet_kill(&r->house, SIGKILL);
}

static void
kill_command(struct round *r)
{
	if (!stop_at_a_point(r))
		return;
	process_signal(&r->command, SIGKILL);
	REQUIRE(process_wait(&r->command, 30));
}

/* Some of it is left, so that it fills up at another place each time. */
static void
fill_the_disk(struct round *r)
{
	char path[200], block[4096] = {0};
	size_t left = round_below(r, 24);

	if (r->mount[0] == '\0') {
		r->skipped = true;
		return;
	}
	round_say(r, ", %zu blocks left", left);
	if (r->fleet)
		fleet_worker_start(&r->house, r->worker, NULL);
	snprintf(path, sizeof(path), "%s/full", r->mount);
	FILE *file = fopen(path, "w");
	REQUIRE(file != NULL);
	setbuf(file, NULL);
	long blocks = 0;
	while (fwrite(block, sizeof(block), 1, file) == 1)
		blocks++;
	long keep = blocks > (long)left ? blocks - (long)left : 0;
	REQUIRE(ftruncate(fileno(file), keep * (long)sizeof(block)) == 0);
	fclose(file);
	r->struck = true;
	REQUIRE(start_up(r, &r->command, NULL));
	(void)await_end(r, &r->command);
	REQUIRE(unlink(path) == 0);
}

const struct violence violences[] = {
	{"killed at a step", kill_at_a_point, 6, 6, PLAIN},
	{"killed in a statement", kill_in_a_statement, 4, 4, PLAIN},
	{"backend ended at a step", terminate_at_a_point, 4, 4, PLAIN},
	{"backend ended in a statement", terminate_in_a_statement, 3, 3, PLAIN},
	{"server restarted at a step", restart_at_a_point, 3, 3, PLAIN},
	{"server restarted in a statement", restart_in_a_statement, 2, 2, PLAIN},
	{"killed, and the server restarted", kill_and_restart, 2, 2, PLAIN},
	{"stopped beyond its lease", pause_beyond_the_lease, 1, 4, PLAIN},
	{"line cut at a byte to the server", cut_from_the_client, 4, 4, THROUGH_PROXY},
	{"line cut at a byte to the client", cut_from_the_server, 4, 4, THROUGH_PROXY},
	{"line cut before COMMIT", cut_before_commit, 3, 3, THROUGH_PROXY},
	{"line cut within COMMIT", cut_within_commit, 3, 3, THROUGH_PROXY},
	{"line cut after COMMIT", cut_after_commit, 3, 3, THROUGH_PROXY},
	{"coordinator killed", kill_coordinator, 0, 5, PLAIN},
	{"coordinator and worker killed", kill_coordinator_and_worker, 0, 3, PLAIN},
	{"command killed", kill_command, 0, 3, PLAIN},
	{"killed at a moment", kill_at_a_moment, 5, 5, PLAIN},
	{"killed twice", kill_twice, 4, 4, PLAIN},
	{"coordinator killed at a moment", kill_coordinator_at_a_moment, 0, 4, PLAIN},
	{"coordinator killed after its answer", kill_coordinator_after_its_answer, 0, 3, PLAIN},
	{"journal's disk full", fill_the_disk, 3, 3, SMALL_DISK},
	{"line to the server silent a while", silence_server_for_a_while, 3, 3, OVER_A_LINE},
	{"line to the server silent for good", silence_server_for_good, 2, 2, OVER_A_LINE},
	{"line to the coordinator silent a while", silence_coordinator_for_a_while, 0, 3,
	 OVER_A_LINE},
	{"line to the coordinator silent for good", silence_coordinator_for_good, 0, 3,
	 OVER_A_LINE},
};
const size_t violence_count = ARRAY_LEN(violences);

const struct violence *
violence_random(struct round *r)
{
	size_t total = 0, i = 0;

	for (size_t k = 0; k < violence_count; k++)
		total += r->fleet ? violences[k].fleet : violences[k].embedded;
	size_t at = round_below(r, total);
	for (;; i++) {
		size_t weight = r->fleet ? violences[i].fleet : violences[i].embedded;
		if (at < weight)
			return &violences[i];
		at -= weight;
	}
}

/* ---- afterwards ---- */

void
note_time(struct round *r)
{
	const char *now = pg_query_text(cluster_url("postgres"), "SELECT clock_timestamp()");

	snprintf(r->since, sizeof(r->since), "%s", now ? now : "now");
}

void
release_block(struct round *r, struct process *command)
{
	char newer[128];

	snprintf(newer, sizeof(newer), "backend_start > '%s'", r->since);
	while (r->block != NULL && !asks(r, newer) && !process_wait(command, 0))
		moment();
	pg_session_close(r->block);
	r->block = NULL;
}

static bool
runs(const struct process *p)
{
	return p->pid > 0 && p->exit_code < 0;
}

void
violence_over(struct round *r)
{
	if (r->proxy != NULL)
		proxy_cut(r->proxy, PROXY_AT_CLIENT_BYTE, LONG_MAX);
	line_silence(LINE_TO_SERVER, false);
	/* It would stop itself in one of the plain runs. */
	if (r->armed && !r->struck)
		kill_victim(r);
	if (r->fleet && !runs(&r->house.daemon))
		fleet_start(&r->house);
	if (r->fleet && !runs(&r->worker->process))
		fleet_worker_start(&r->house, r->worker, NULL);
	if (runs(victim(r)))
		process_signal(victim(r), SIGCONT);
	/* Once the next run waits behind what is still at work there, or at once. */
	if (r->block != NULL && round_below(r, 2) == 0) {
		pg_session_close(r->block);
		r->block = NULL;
	}
}
