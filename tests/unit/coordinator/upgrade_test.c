/*
 * P17: journals of every version that there was, kept as files, are moved on and hold what they
 * held; killed or failing at any operation on the disk, the next start goes on.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/journal/query.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static struct scratch scratch;
static struct journal *journal;

/* Events that each of them holds, and rows without one, which get an event at version 3. */
struct golden {
	const char *file, *id;
	int64_t events, untold, tokens;
	void (*holds)(const struct golden *g);
	bool checked; /* made with room for checksums */
};

static void
put_golden(const struct golden *g)
{
	static char bytes[1 << 18];
	char folder[128];
	int in = open(g->file, O_RDONLY), out;

	scratch_open(&scratch);
	snprintf(folder, sizeof(folder), "%s/state", scratch.folder);
	REQUIRE(mkdir(folder, 0700) == 0);
	out = open(scratch.journal, O_CREAT | O_EXCL | O_WRONLY, 0600);
	REQUIRE(in >= 0 && out >= 0);
	ssize_t n = read(in, bytes, sizeof(bytes));
	REQUIRE(n > 0 && n < (ssize_t)sizeof(bytes) && write(out, bytes, (size_t)n) == n);
	close(in);
	close(out);
}

static int64_t
count_of(const char *sql)
{
	int64_t n = -1;

	REQUIRE(journal_get_int(journal, sql, &n, NULL));
	return n;
}

static void
holds_jobs(const struct golden *g)
{
	CHECK_INT(count_of("SELECT count(*) FROM job"), 3);
	CHECK_INT(count_of("SELECT count(*) FROM job WHERE state = 'queued' AND attempt = 0 "
			   "AND spec LIKE '%lock_timeout_ms%'"),
		  1);
	CHECK_INT(count_of("SELECT count(*) FROM job WHERE state = 'succeeded' AND "
			   "outcome IS NOT NULL AND last_seq = 3"),
		  1);
	CHECK_INT(count_of("SELECT count(*) FROM attempt"), 2);
	CHECK_INT(count_of("SELECT count(*) FROM job_event"), 6);
	CHECK_INT(count_of("SELECT count(*) FROM token"), g->tokens);
	CHECK_INT(count_of("SELECT count(*) FROM target"), g->tokens);
}

/* Five intents, one of them abandoned, one with claims; leases of a day, of half an hour and of two
 * hours, which were columns of theirs. */
static void
holds_intents(const struct golden *g)
{
	(void)g;
	CHECK_INT(count_of("SELECT count(*) FROM intent"), 5);
	CHECK_INT(count_of("SELECT count(*) FROM intent_lease"), 4);
	CHECK_INT(count_of("SELECT count(*) FROM intent_row WHERE open = 1 AND boot IS NOT NULL"),
		  4);
	CHECK_INT(count_of("SELECT ttl_ms FROM intent_row WHERE token = 1"), 30 * 60 * 1000);
	CHECK_INT(count_of("SELECT max(ttl_ms) FROM intent_lease WHERE agent = 'bob'"),
		  2 * 60 * 60 * 1000);
}

#define FIRST_ID "01a216ec-0000-7000-8000-000000000001"
static const struct golden goldens[] = {
	{GOLDEN "/journal_v1.db", FIRST_ID, 9, 5, 0, holds_jobs, false},
	{GOLDEN "/journal_v2.db", FIRST_ID, 11, 8, 1, holds_jobs, false},
	{GOLDEN "/journal_v4.db", "01a219f9-816e-7ff4-9870-ed99ef30ed78", 16, 17, 0, holds_intents,
	 true},
};

/* Everything that the file held is there, is served, and can be made anew. */
static void
check_moved_on(const struct golden *g)
{
	struct audit_report report = {0};
	struct error err = {0};
	struct arena a;
	int64_t steps = 0;

	arena_init(&a);
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &journal, &err));
	CHECK_STR(journal_id(journal), g->id);
	CHECK_INT(count_of("PRAGMA user_version"), (int64_t)journal_version_count);
	for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
		g->holds(g);
		CHECK_INT(count_of("SELECT count(*) FROM event"), g->events + g->untold);
		REQUIRE(journal_audit_verify(journal, &a, true, &report, &err));
		CHECK(report.ok);
		CHECK(journal_rebuild(journal, &steps, &err));
	}
	journal_close(journal);
	journal = NULL;
	arena_fini(&a);
}

static void
p17_journals_of_every_version_are_moved_on_with_all_that_they_hold(void)
{
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		put_golden(&goldens[i]);
		check_moved_on(&goldens[i]);
		/* What was made without room for checksums goes on so. */
		REQUIRE(journal_open(runtime_system(), scratch.journal, true, &journal, NULL));
		CHECK_INT(journal->checked, goldens[i].checked);
		CHECK_INT(count_of("SELECT checksums FROM meta"), goldens[i].checked);
		journal_close(journal);
		journal = NULL;
		scratch_close(&scratch);
	}
}

/* As a coordinator meets it: its jobs go on. */
static void
p17_an_open_job_of_an_old_journal_goes_on(void)
{
	struct house h;

	put_golden(&goldens[1]);
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	const char *local = "local";
	REQUIRE(house_hello(&h, h.worker, &local, 1, false));
	struct worker_offer *offer = house_next(&h, "local");
	REQUIRE(offer->job != NULL);
	CHECK_STR(offer->job, "01a216ec-0000-7000-8000-00000000000b");
	CHECK_INT(offer->attempt, 2);
	CHECK_STR(offer->spec->kind, "apply");
	CHECK_STR(offer->spec->agent, "alice");
	REQUIRE(house_begin(&h, offer));
	struct job_watched *w = house_watch(&h, "01a216ec-0000-7000-8000-00000000000a", 0, 0, 0);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK_INT(w->events.count, 3);
	house_close(&h);
	scratch_close(&scratch);
}

/* ---- killed, and a disk that fails ---- */
struct fault {
	enum disk_op op;
	enum disk_fate fate;
	long at, seen;
	bool kill;
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

/* Returns whether the fault was met. */
static bool
open_with(struct fault *f)
{
	const struct disk_hook hook = {fail_at, f};
	struct journal *j = NULL;
	struct error err = {0};

	f->seen = 0;
	disk_set_hook(&hook);
	if (!journal_open(runtime_system(), scratch.journal, true, &j, &err))
		CHECK(error_is(&err, E_JRNL_001) || error_is(&err, E_JRNL_002));
	journal_close(j);
	disk_set_hook(NULL);
	return f->seen >= f->at;
}

static bool
open_and_be_killed(struct fault *f)
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		(void)open_with(f);
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void
at_each_operation(enum disk_op op, enum disk_fate fate, bool kill, long at_least)
{
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		struct fault f = {.op = op, .fate = fate, .kill = kill};
		bool met = true;
		while (met) {
			/* A kill at each; an error at every third. */
			f.at += kill ? 1 : 3;
			put_golden(&goldens[i]);
			met = kill ? open_and_be_killed(&f) : open_with(&f);
			check_moved_on(&goldens[i]);
			scratch_close(&scratch);
		}
		CHECK(f.at > at_least);
	}
}

static void
p17_killed_at_each_write_and_sync_it_is_moved_on_by_the_next_start(void)
{
	at_each_operation(DISK_WRITE, DISK_GO_ON, true, 20);
	at_each_operation(DISK_SYNC, DISK_GO_ON, true, 3);
	at_each_operation(DISK_OPEN, DISK_GO_ON, true, 1);
	at_each_operation(DISK_DELETE, DISK_GO_ON, true, 0);
}

static void
p17_where_the_disk_fails_it_stays_what_it_was(void)
{
	at_each_operation(DISK_WRITE, DISK_FAIL, false, 20);
	at_each_operation(DISK_WRITE, DISK_SHORT, false, 20);
	at_each_operation(DISK_WRITE, DISK_FULL, false, 20);
	at_each_operation(DISK_SYNC, DISK_FAIL, false, 3);
	at_each_operation(DISK_READ, DISK_FAIL, false, 10);
}

/* Several at once, as embedded commands do it. */
static void
p17_processes_that_start_together_move_it_on_once(void)
{
	enum { PROCESSES = 6, ROUNDS = 10 };

	for (int round = 0; round < ROUNDS; round++) {
		pid_t pids[PROCESSES];
		put_golden(&goldens[round % 2]);
		for (int i = 0; i < PROCESSES; i++) {
			pids[i] = fork();
			REQUIRE(pids[i] >= 0);
			if (pids[i] == 0) {
				struct journal *j = NULL;
				bool ok = journal_open(runtime_system(), scratch.journal, true, &j,
						       NULL);
				journal_close(j);
				_exit(ok ? 0 : 1);
			}
		}
		for (int i = 0; i < PROCESSES; i++) {
			int status;
			REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
			CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		}
		check_moved_on(&goldens[round % 2]);
		scratch_close(&scratch);
	}
}

static const struct unit_case cases[] = {
	CASE(p17_journals_of_every_version_are_moved_on_with_all_that_they_hold),
	CASE(p17_an_open_job_of_an_old_journal_goes_on),
	CASE(p17_killed_at_each_write_and_sync_it_is_moved_on_by_the_next_start),
	CASE(p17_where_the_disk_fails_it_stays_what_it_was),
	CASE(p17_processes_that_start_together_move_it_on_once),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/upgrade", cases, ARRAY_LEN(cases), argc, argv);
}
