/*
 * Seeds are run in child processes, some hundred in each: what dies in a simulated world leaks its
 * memory, and a seed that takes the whole program down is a finding with a number like any other.
 */
#include "tests/sim/driver.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/runtime.h"
#include "tests/sim/seed.h"

#include "shared/base/banned.h"

enum { BATCH = 200, JOBS_MOST = 64, FAILED_MOST = 256, SEED_SECONDS = 60, FILES_MOST = 8192 };

static const char endless[] = "P2: no end after a minute of processor time";

/* Seen by all processes. */
struct board {
	_Atomic uint64_t seeds, found, simulated_ms, steps, jobs, repeated, lines;
	_Atomic uint64_t running[JOBS_MOST]; /* the seed that this child is at */
	_Atomic uint64_t failed[FAILED_MOST];
};

static struct board *board;
static const char *program_name = "confiture_sim", *program_options = "";

void
driver_name(const char *program, const char *options)
{
	program_name = program;
	program_options = options;
}

static uint64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void
note_failed(uint64_t seed)
{
	uint64_t at = atomic_fetch_add(&board->found, 1);

	if (at < FAILED_MOST)
		atomic_store(&board->failed[at], seed);
}

/* One write, so that lines of several processes do not mix. */
static void
say(const char *line)
{
	size_t len = strlen(line);
	ssize_t n = write(STDOUT_FILENO, line, len);

	(void)n;
}

static void
tell(const struct drive *d, uint64_t seed, const struct seed_result *r)
{
	char line[SEED_BREACH_TEXT + 64];

	note_failed(seed);
	if (d->quiet)
		return;
	for (size_t i = 0; i < r->breach_count; i++) {
		snprintf(line, sizeof(line), "seed %llu: %s\n", (unsigned long long)seed,
			 r->breaches[i]);
		say(line);
	}
}

/* A loop that never comes back to the scheduler cannot be counted in its steps. Where nobody
 * catches the signal it ends the process. */
static void
limit_seed(bool on)
{
	const struct itimerval limit = {.it_value.tv_sec = on ? SEED_SECONDS : 0};

	(void)setitimer(ITIMER_PROF, &limit, NULL);
}

static void
add_breach(struct seed_result *r, const char *words)
{
	if (r->breach_count < SEED_BREACHES)
		snprintf(r->breaches[r->breach_count++], SEED_BREACH_TEXT, "%s", words);
}

static void
run_one(const struct drive *d, const struct project *project, uint64_t seed)
{
	struct seed_result r, again;

	limit_seed(true);
	seed_run(project, seed, NULL, &r);
	if (d->repeat_every > 0 && seed % d->repeat_every == 0) {
		for (int i = 0; i < 2; i++) {
			seed_run(project, seed, NULL, &again);
			if (again.hash != r.hash || again.lines != r.lines)
				add_breach(&r, "P20: the same seed gave another trace");
		}
		atomic_fetch_add(&board->repeated, 1);
	}
	atomic_fetch_add(&board->seeds, 1);
	atomic_fetch_add(&board->simulated_ms, r.simulated_ns / NS_PER_MS);
	atomic_fetch_add(&board->steps, r.steps);
	atomic_fetch_add(&board->jobs, r.jobs);
	atomic_fetch_add(&board->lines, r.lines);
	if (r.breach_count > 0)
		tell(d, seed, &r);
}

static bool
enough(const struct drive *d)
{
	return d->stop_after > 0 && atomic_load(&board->found) >= d->stop_after;
}

/* In a child. */
static void
run_batch(const struct drive *d, unsigned slot, uint64_t from, uint64_t count)
{
	struct rlimit files = {FILES_MOST, FILES_MOST};
	struct project project;

	(void)setrlimit(RLIMIT_NOFILE, &files);
	project_open(&project);
	for (uint64_t seed = from; seed < from + count && !enough(d); seed++) {
		atomic_store(&board->running[slot], seed);
		run_one(d, &project, seed);
	}
	limit_seed(false);
	project_close(&project);
}

struct child {
	pid_t pid;
	uint64_t from, end;
};

static bool
start_child(const struct drive *d, struct child *c, unsigned slot)
{
	fflush(stdout);
	c->pid = fork();
	if (c->pid == 0) {
		run_batch(d, slot, c->from, c->end - c->from);
		fflush(stdout);
		_exit(0);
	}
	if (c->pid < 0)
		perror("fork");
	return c->pid > 0;
}

/* A child that died goes on after the seed that killed it. True: it runs again. */
static bool
child_died(const struct drive *d, struct child *c, unsigned slot, int status)
{
	uint64_t seed = atomic_load(&board->running[slot]);
	struct seed_result r = {0};
	char words[100];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return false;
	snprintf(words, sizeof(words), "the program died of %s",
		 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit");
	add_breach(&r, WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF ? endless : words);
	tell(d, seed, &r);
	c->from = seed + 1;
	return c->from < c->end && !enough(d) && start_child(d, c, slot);
}

static unsigned
slot_of(const struct child *children, unsigned jobs, pid_t pid)
{
	unsigned slot = 0;

	while (slot < jobs && children[slot].pid != pid)
		slot++;
	return slot;
}

static void
run_children(const struct drive *d)
{
	struct child children[JOBS_MOST] = {0};
	uint64_t next = d->from, end = d->from + d->count;
	unsigned running = 0;

	for (unsigned slot = 0; slot < d->jobs && next < end; slot++) {
		children[slot].from = next;
		children[slot].end = next = next + BATCH < end ? next + BATCH : end;
		running += start_child(d, &children[slot], slot);
	}
	while (running > 0) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno == EINTR)
			continue;
		unsigned slot = slot_of(children, d->jobs, pid);
		if (slot == d->jobs)
			return;
		if (status != 0 && child_died(d, &children[slot], slot, status))
			continue;
		running--;
		if (next >= end || enough(d))
			continue;
		children[slot].from = next;
		children[slot].end = next = next + BATCH < end ? next + BATCH : end;
		running += start_child(d, &children[slot], slot);
	}
}

static void
summary(const struct drive *d, uint64_t real_ns)
{
	uint64_t seeds = atomic_load(&board->seeds), found = atomic_load(&board->found);
	double simulated = (double)atomic_load(&board->simulated_ms) / 1e3;
	double real = (double)real_ns / 1e9;
	struct rusage use;

	getrusage(RUSAGE_CHILDREN, &use);
	double cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
		     (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
	printf("%llu seeds from %llu: %llu with findings; %llu jobs, %llu run three times; "
	       "simulated "
	       "%.0f s, real %.1f s, cpu %.1f s: %.0f times as fast as life on one core, %.2f ms "
	       "of "
	       "cpu a seed\n",
	       (unsigned long long)seeds, (unsigned long long)d->from, (unsigned long long)found,
	       (unsigned long long)atomic_load(&board->jobs),
	       (unsigned long long)atomic_load(&board->repeated), simulated, real, cpu,
	       cpu > 0 ? simulated / cpu : 0, seeds > 0 ? cpu * 1e3 / (double)seeds : 0);
	for (uint64_t i = 0; i < found && i < 8 && !d->quiet; i++)
		printf("replay: %s%s --seed %llu --trace\n", program_name, program_options,
		       (unsigned long long)atomic_load(&board->failed[i]));
}

int
driver_run(const struct drive *d)
{
	uint64_t start = clock_ns();

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (board == MAP_FAILED || d->jobs == 0 || d->jobs > JOBS_MOST)
		return 2;
	run_children(d);
	summary(d, clock_ns() - start);
	if (atomic_load(&board->found) > 0)
		return 1;
	return atomic_load(&board->seeds) > 0 ? 0 : 2;
}

static void
say_endless(int number)
{
	(void)number;
	say(endless);
	say("\n");
	_exit(1);
}

int
driver_replay(uint64_t seed, bool trace, unsigned times)
{
	struct project project;
	struct seed_result r = {0};
	uint64_t hash = 0;
	bool same = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	project_open(&project);
	(void)sigaction(SIGPROF, &(struct sigaction){.sa_handler = say_endless}, NULL);
	for (unsigned i = 0; i < times; i++) {
		limit_seed(true);
		seed_run(&project, seed, trace && i == 0 ? stdout : NULL, &r);
		same &= i == 0 || r.hash == hash;
		hash = r.hash;
	}
	project_close(&project);
	printf("seed %llu: hash %016llx%s, %llu lines, %llu steps, simulated %.1f s\n",
	       (unsigned long long)seed, (unsigned long long)hash, same ? "" : " (NOT THE SAME)",
	       (unsigned long long)r.lines, (unsigned long long)r.steps,
	       (double)r.simulated_ns / 1e9);
	for (size_t i = 0; i < r.breach_count; i++)
		printf("%s\n", r.breaches[i]);
	return r.breach_count > 0 || !same ? 1 : 0;
}
