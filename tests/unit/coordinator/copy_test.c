/* Copies of a journal that is used, the way back from one, and what a journal forgets in time. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/copy.h"
#include "coordinator/journal/disk.h"
#include "coordinator/journal/query.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static struct scratch scratch;
static char copy[128], beside[160];

static void
set_up(void)
{
	scratch_open(&scratch);
	snprintf(copy, sizeof(copy), "%s/copy.db", scratch.folder);
	snprintf(beside, sizeof(beside), "%s.new", copy);
}

static struct journal *
opened(const char *path)
{
	struct journal *j = NULL;

	REQUIRE(journal_open(runtime_system(), path, false, &j, NULL));
	REQUIRE(j != NULL);
	return j;
}

static int64_t
count_in(const char *path, const char *sql)
{
	struct journal *j = opened(path);
	int64_t n = -1;

	REQUIRE(journal_get_int(j, sql, &n, NULL));
	journal_close(j);
	return n;
}

static void
run_in(const char *path, const char *sql)
{
	struct journal *j = opened(path);

	CHECK_INT(sqlite3_exec(j->db, sql, NULL, NULL, NULL), SQLITE_OK);
	journal_close(j);
}

static void
a_copy_is_made_while_the_journal_is_used_and_holds_what_was_committed(void)
{
	struct error err = {0};
	struct stat st;
	struct house h;
	char job[ID_TEXT];

	set_up();
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	struct worker_offer *offer = house_run(&h, "key");
	snprintf(job, sizeof(job), "%s", offer->job);
	CHECK(house_emit(&h, offer, 1, 3));
	CHECK(journal_copy(h.rt, scratch.journal, copy, &err));
	CHECK_STR(err.message, "");
	CHECK(house_finish(&h, offer, NULL, false));
	struct audit_verify verify = {.full = true};
	struct audit_report *report = house_ask(&h, h.client, MESSAGE_audit_verify, &verify);
	REQUIRE(report != NULL && report->health != NULL);
	CHECK(report->ok && report->health->checksums);
	CHECK_STR(report->health->copy, copy);
	CHECK(report->health->copied_at != NULL);
	CHECK(report->health->bytes > 0 && report->health->free_bytes > 0);
	house_close(&h);
	CHECK_INT(stat(copy, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK(!file_exists(beside));
	CHECK_INT(count_in(copy, "SELECT count(*) FROM job WHERE state = 'running'"), 1);
	CHECK_INT(count_in(copy, "SELECT count(*) FROM job_event"), 3);
	/* Put back, it goes on where it was. */
	REQUIRE(rename(copy, scratch.journal) == 0);
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	struct job_finish m = {.worker = "w1", .job = job, .attempt = 1};
	struct job_outcome outcome = {.exit_code = 0};
	m.outcome = &outcome;
	CHECK(house_ask(&h, h.worker, MESSAGE_job_finish, &m) != NULL);
	struct job_shown *shown = house_show(&h, job);
	REQUIRE(shown != NULL);
	CHECK_STR(shown->info->state, "succeeded");
	house_close(&h);
	scratch_close(&scratch);
}

/* One of before there were checksums gets them with its copy. */
static void
a_copy_of_an_old_journal_has_checksums(void)
{
	static char bytes[1 << 18];
	char folder[128];

	set_up();
	snprintf(folder, sizeof(folder), "%s/state", scratch.folder);
	REQUIRE(mkdir(folder, 0700) == 0);
	int in = open(GOLDEN "/journal_v2.db", O_RDONLY);
	int out = open(scratch.journal, O_CREAT | O_WRONLY, 0600);
	REQUIRE(in >= 0 && out >= 0);
	ssize_t n = read(in, bytes, sizeof(bytes));
	REQUIRE(n > 0 && write(out, bytes, (size_t)n) == n);
	close(in);
	close(out);
	CHECK_INT(count_in(scratch.journal, "SELECT checksums FROM meta"), 0);
	CHECK(journal_copy(runtime_system(), scratch.journal, copy, NULL));
	struct journal *j = opened(copy);
	CHECK(j->checked);
	journal_close(j);
	CHECK_INT(count_in(copy, "SELECT checksums FROM meta"), 1);
	CHECK_INT(count_in(copy, "SELECT count(*) FROM job"), 3);
	scratch_close(&scratch);
}

/* ---- a disk that fails ---- */
struct fault {
	enum disk_op op;
	long at, seen;
};

static enum disk_fate
fail_at(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct fault *f = self;

	(void)offset;
	(void)len;
	if (op != f->op || path == NULL || strstr(path, "copy.db") == NULL || ++f->seen != f->at)
		return DISK_GO_ON;
	return DISK_FULL;
}

static void
a_copy_that_cannot_be_made_leaves_the_one_before(void)
{
	struct fault f = {.op = DISK_WRITE};
	const struct disk_hook hook = {fail_at, &f};
	struct house h;
	bool met = true;
	char next[160], next_beside[192];

	set_up();
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	(void)house_run(&h, "key");
	house_close(&h);
	CHECK(journal_copy(runtime_system(), scratch.journal, copy, NULL));
	snprintf(next, sizeof(next), "%s/next-copy.db", scratch.folder);
	snprintf(next_beside, sizeof(next_beside), "%s.new", next);
	while (met) {
		struct error err = {0};
		f.at++;
		f.seen = 0;
		disk_set_hook(&hook);
		bool ok = journal_copy(runtime_system(), scratch.journal, next, &err);
		disk_set_hook(NULL);
		met = f.seen >= f.at;
		CHECK(ok || error_is(&err, E_JRNL_001));
		CHECK(!file_exists(next_beside));
		(void)unlink(next);
		CHECK_INT(count_in(copy, "SELECT count(*) FROM job"), 1);
	}
	CHECK(f.at > 10);
	scratch_close(&scratch);
}

static void
what_is_damaged_is_not_copied(void)
{
	struct error err = {0};
	struct house h;

	set_up();
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	for (int i = 0; i < 3; i++)
		(void)house_run(&h, "key");
	house_close(&h);
	run_in(scratch.journal, "DROP TRIGGER event_fixed; UPDATE event_mark SET hash = 'x'; "
				"INSERT INTO event_mark VALUES (1, 'x'); UPDATE event_mark SET "
				"seq = 2; INSERT INTO event_mark SELECT seq, hash FROM event "
				"WHERE seq = 3");
	CHECK(!journal_copy(runtime_system(), scratch.journal, copy, &err));
	CHECK(error_is(&err, E_AUDIT_001));
	CHECK(!file_exists(copy) && !file_exists(beside));
	CHECK(!journal_copy(runtime_system(), "/nowhere/journal.db", copy, &err));
	scratch_close(&scratch);
}

/* ---- what goes in time ---- */
static void
p19_a_pruned_stream_is_told_by_the_last_event_of_its_job(void)
{
	struct house h;
	char sql[256];

	set_up();
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct worker_offer *old = house_run(&h, "key");
	CHECK(house_emit(&h, old, 1, 4));
	CHECK(house_finish(&h, old, NULL, false));
	struct worker_offer *fresh = house_run(&h, "key");
	CHECK(house_emit(&h, fresh, 1, 2));
	CHECK(house_finish(&h, fresh, NULL, false));
	struct worker_offer *open_ = house_run(&h, "key");
	CHECK(house_emit(&h, open_, 1, 3));
	snprintf(sql, sizeof(sql),
		 "UPDATE job SET finished_at = '2020-01-01T00:00:00.000000Z' WHERE id = '%s'",
		 old->job);
	run_in(scratch.journal, sql);
	struct journal *j = opened(scratch.journal);
	REQUIRE(journal_begin(j, NULL));
	CHECK(journal_prune(j, j->rt->ops->wall_us(j->rt) - INT64_C(3600) * 1000000, NULL));
	REQUIRE(journal_commit(j, NULL));
	journal_close(j);
	CHECK_INT(count_in(scratch.journal, "SELECT count(*) FROM job_event"), 5);
	CHECK_INT(count_in(scratch.journal,
			   "SELECT json_extract(detail, '$.events') FROM event WHERE kind = "
			   "'job.succeed' ORDER BY seq LIMIT 1"),
		  4);
	struct audit_verify verify = {.full = true};
	struct audit_report *report = house_ask(&h, h.client, MESSAGE_audit_verify, &verify);
	REQUIRE(report != NULL);
	CHECK(report->ok);
	/* What is left of a stream is none: all of it goes, or nothing. */
	run_in(scratch.journal, "DELETE FROM job_event WHERE seq = 1");
	report = house_ask(&h, h.client, MESSAGE_audit_verify, &verify);
	REQUIRE(report != NULL);
	CHECK(!report->ok);
	CHECK_HAS(report->problem, fresh->job);
	house_close(&h);
	scratch_close(&scratch);
}

/* The journal itself, while it is used: what came after would have gone into a file without a name.
 */
static void
p05_a_copy_is_never_written_over_a_file(void)
{
	struct error err = {0};
	struct house h;

	set_up();
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	(void)house_run(&h, "key");
	CHECK(!journal_copy(h.rt, scratch.journal, scratch.journal, &err));
	CHECK(error_is(&err, E_JRNL_001));
	CHECK_HAS(err.message, "is there already");
	CHECK_HAS(err.hint, "not there");
	struct job_spec spec = spec_of("apply", "db", "key");
	(void)house_submit(&h, &spec, NULL);
	house_close(&h);
	CHECK_INT(count_in(scratch.journal, "SELECT count(*) FROM job"), 2);
	CHECK(journal_copy(runtime_system(), scratch.journal, copy, NULL));
	run_in(scratch.journal, "DELETE FROM reply");
	CHECK(!journal_copy(runtime_system(), scratch.journal, copy, NULL));
	CHECK(!file_exists(beside));
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(p05_a_copy_is_never_written_over_a_file),
	CASE(a_copy_is_made_while_the_journal_is_used_and_holds_what_was_committed),
	CASE(a_copy_of_an_old_journal_has_checksums),
	CASE(a_copy_that_cannot_be_made_leaves_the_one_before),
	CASE(what_is_damaged_is_not_copied),
	CASE(p19_a_pruned_stream_is_told_by_the_last_event_of_its_job),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/copy", cases, ARRAY_LEN(cases), argc, argv);
}
