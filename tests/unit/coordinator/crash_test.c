/*
 * What was acknowledged is there: after the disk failed at the n-th operation, after the process
 * was killed at the n-th write, after it was killed at any moment.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/journal/disk.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static struct scratch scratch;

/* What was acknowledged for one job; written in one piece, so that a pipe never cuts it. */
struct acked {
	char job[ID_TEXT];
	int64_t events;
	char state[16];
};

/* ---- a disk that fails ---- */
struct fault {
	enum disk_op op;
	long at; /* the operation that fails, from 1 */
	enum disk_fate fate;
	bool kill; /* the process dies instead */
	long seen;
};

static enum disk_fate
fail_at(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct fault *f = self;

	(void)path;
	(void)offset;
	(void)len;
	if (op != f->op || ++f->seen != f->at)
		return DISK_GO_ON;
	if (f->kill)
		(void)raise(SIGKILL);
	return f->fate;
}

/* One job from submit to end; every answer is noted, every refusal must be the journal's. */
static void
script(struct house *h, struct acked *acked, int note_fd)
{
	struct job_spec spec = spec_of("apply", "db", "key");
	struct job_submit submit = {.spec = &spec};
	struct job_submitted *s = house_ask(h, h->client, MESSAGE_job_submit, &submit);

	*acked = (struct acked){0};
	if (s == NULL)
		return;
	snprintf(acked->job, sizeof(acked->job), "%s", s->job);
	snprintf(acked->state, sizeof(acked->state), "queued");
	if (note_fd >= 0)
		(void)!write(note_fd, acked, sizeof(*acked));
	const char *target = "db";
	struct worker_next next = {.targets = {&target, 1}};
	struct worker_offer *offer = house_ask(h, h->worker, MESSAGE_worker_next, &next);
	if (offer == NULL || offer->job == NULL || !house_begin(h, offer))
		return;
	snprintf(acked->state, sizeof(acked->state), "running");
	if (note_fd >= 0)
		(void)!write(note_fd, acked, sizeof(*acked));
	for (int64_t seq = 1; seq <= 9; seq += 3) {
		if (!house_emit(h, offer, seq, seq + 2))
			break;
		acked->events = seq + 2;
		if (note_fd >= 0)
			(void)!write(note_fd, acked, sizeof(*acked));
	}
	if (!house_finish(h, offer, NULL, false))
		return;
	snprintf(acked->state, sizeof(acked->state), "succeeded");
	if (note_fd >= 0)
		(void)!write(note_fd, acked, sizeof(*acked));
}

static int
rank(const char *state)
{
	if (strcmp(state, "queued") == 0)
		return 0;
	return strcmp(state, "running") == 0 || strcmp(state, "offered") == 0 ? 1 : 2;
}

/* The job is at least where it was said to be, and so is every event. */
static void
check_kept(struct house *h, const struct acked *acked)
{
	struct job_watched *w = house_watch(h, acked->job, 0, 0, 0);

	if (acked->job[0] == '\0')
		return;
	REQUIRE(w != NULL);
	CHECK(rank(w->info->state) >= rank(acked->state));
	if (strcmp(acked->state, "succeeded") == 0)
		CHECK_STR(w->info->state, "succeeded");
	CHECK((int64_t)w->events.count >= acked->events);
	for (size_t i = 0; i < w->events.count; i++)
		CHECK_INT(w->events.items[i].seq, (int64_t)i + 1);
}

static void
check_chain(struct house *h)
{
	struct audit_verify m = {.full = true};
	struct audit_report *report = house_ask(h, h->client, MESSAGE_audit_verify, &m);

	REQUIRE(report != NULL);
	CHECK(report->ok);
	if (!report->ok)
		printf("event %lld: %s\n", (long long)report->first_bad, report->problem);
}

static void
reopen_and_check(const struct acked *acked, size_t count)
{
	struct house h;

	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	for (size_t i = 0; i < count; i++)
		check_kept(&h, &acked[i]);
	check_chain(&h);
	house_close(&h);
}

/* Fails operation after operation until a whole run needs fewer of them. */
static long
fail_each(enum disk_op op, enum disk_fate fate)
{
	struct fault fault = {.op = op, .fate = fate};
	const struct disk_hook hook = {fail_at, &fault};
	long n = 0;

	do {
		struct acked acked;
		struct house h;
		fault.at = ++n;
		fault.seen = 0;
		scratch_open(&scratch);
		disk_set_hook(&hook);
		house_open(&h, &(struct house_plan){.journal = scratch.journal});
		script(&h, &acked, -1);
		if (h.err.code != NULL)
			CHECK(error_is(&h.err, E_JRNL_001) || error_is(&h.err, E_JRNL_002));
		house_close(&h);
		disk_set_hook(NULL);
		reopen_and_check(&acked, 1);
		scratch_close(&scratch);
	} while (fault.seen >= n);
	return n;
}

static void
p05_a_write_that_fails_takes_nothing_back(void)
{
	CHECK(fail_each(DISK_WRITE, DISK_FAIL) > 20);
}

static void
p05_a_full_disk_takes_nothing_back(void)
{
	CHECK(fail_each(DISK_WRITE, DISK_FULL) > 20);
}

static void
p05_a_torn_write_takes_nothing_back(void)
{
	CHECK(fail_each(DISK_WRITE, DISK_SHORT) > 20);
}

static void
p05_a_sync_that_fails_takes_nothing_back(void)
{
	CHECK(fail_each(DISK_SYNC, DISK_FAIL) > 5);
}

static void
a_read_that_fails_is_an_error_and_no_crash(void)
{
	CHECK(fail_each(DISK_READ, DISK_FAIL) > 5);
}

/* ---- a process that is killed ---- */
static pid_t
start_child(int *notes, struct fault *fault)
{
	int ends[2];

	REQUIRE(pipe(ends) == 0);
	pid_t pid = fork();
	REQUIRE(pid >= 0);
	if (pid > 0) {
		close(ends[1]);
		*notes = ends[0];
		return pid;
	}
	close(ends[0]);
	const struct disk_hook hook = {fail_at, fault};
	struct house h;
	struct acked acked;
	if (fault != NULL)
		disk_set_hook(&hook);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	do {
		script(&h, &acked, ends[1]);
	} while (fault == NULL);
	house_close(&h);
	_exit(0);
}

enum { NOTES_MAX = 4096 };

/* The last note of each job. */
static size_t
read_notes(int fd, struct acked *out)
{
	struct acked note;
	size_t count = 0;

	while (read(fd, &note, sizeof(note)) == (ssize_t)sizeof(note)) {
		if (count > 0 && strcmp(out[count - 1].job, note.job) == 0)
			count--;
		REQUIRE(count < NOTES_MAX);
		out[count++] = note;
	}
	close(fd);
	return count;
}

static void
p05_a_kill_at_any_write_loses_nothing_that_was_acknowledged(void)
{
	static struct acked acked[NOTES_MAX];
	bool killed = true;
	long n = 0;

	while (killed) {
		struct fault fault = {.op = DISK_WRITE, .at = ++n, .kill = true};
		int notes, status;
		scratch_open(&scratch);
		pid_t pid = start_child(&notes, &fault);
		size_t count = read_notes(notes, acked);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		killed = WIFSIGNALED(status);
		if (killed)
			CHECK_INT(WTERMSIG(status), SIGKILL);
		reopen_and_check(acked, count);
		scratch_close(&scratch);
	}
	CHECK(n > 20);
}

/* How the log of a killed process is read. */
struct recovery {
	bool synced;
	long frames, unsynced_frames;
};

static enum disk_fate
watch_recovery(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct recovery *r = self;

	(void)len;
	if (path == NULL || strstr(path, "-wal") == NULL)
		return DISK_GO_ON;
	r->synced |= op == DISK_SYNC;
	r->frames += op == DISK_READ && offset > 0;
	r->unsynced_frames += op == DISK_READ && offset > 0 && !r->synced;
	return DISK_GO_ON;
}

/* What is in the kernel's cache alone would be told as kept, to who repeats a request. */
static void
p05_what_a_killed_process_did_not_sync_is_synced_before_it_is_told(void)
{
	static struct acked acked[NOTES_MAX];
	bool killed = true;
	long frames = 0;

	for (long n = 1; killed; n++) {
		struct fault fault = {.op = DISK_SYNC, .at = n, .kill = true};
		struct recovery r = {0};
		const struct disk_hook hook = {watch_recovery, &r};
		int notes, status;
		scratch_open(&scratch);
		pid_t pid = start_child(&notes, &fault);
		size_t count = read_notes(notes, acked);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		killed = WIFSIGNALED(status);
		disk_set_hook(&hook);
		reopen_and_check(acked, count);
		disk_set_hook(NULL);
		CHECK_INT(r.unsynced_frames, 0);
		frames += r.frames;
		scratch_close(&scratch);
	}
	CHECK(frames > 20);
}

static void
p05_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(void)
{
	static struct acked acked[NOTES_MAX];
	struct runtime *rt = runtime_system();
	size_t total = 0;

	scratch_open(&scratch);
	for (uint64_t round = 0; round < 12; round++) {
		int notes, status;
		pid_t pid = start_child(&notes, NULL);
		rt->ops->sleep_ns(rt, (60 + 17 * round) * NS_PER_MS);
		CHECK_INT(kill(pid, SIGKILL), 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		size_t count = read_notes(notes, acked);
		total += count;
		reopen_and_check(acked, count);
	}
	CHECK(total > 12);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(p05_a_write_that_fails_takes_nothing_back),
	CASE(p05_a_full_disk_takes_nothing_back),
	CASE(p05_a_torn_write_takes_nothing_back),
	CASE(p05_a_sync_that_fails_takes_nothing_back),
	CASE(a_read_that_fails_is_an_error_and_no_crash),
	CASE(p05_a_kill_at_any_write_loses_nothing_that_was_acknowledged),
	CASE(p05_what_a_killed_process_did_not_sync_is_synced_before_it_is_told),
	CASE(p05_a_kill_at_any_moment_loses_nothing_that_was_acknowledged),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/crash", cases, ARRAY_LEN(cases), argc, argv);
}
