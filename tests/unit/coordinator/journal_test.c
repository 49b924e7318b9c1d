/* The journal's file: its versions, its audit chain, its reply cache, and what is no journal. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/query.h"
#include "journal_schema.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static struct scratch scratch;
static struct journal *journal;
static struct arena arena;

static void
open_journal(void)
{
	struct error err = {0};

	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &journal, &err));
}

static void
set_up(void)
{
	scratch_open(&scratch);
	arena_init(&arena);
	open_journal();
}

static void
tear_down(void)
{
	journal_close(journal);
	journal = NULL;
	arena_fini(&arena);
	scratch_close(&scratch);
}

/* SQL behind the journal's back. */
static void
tamper(const char *sql)
{
	sqlite3 *db;

	REQUIRE(disk_register());
	REQUIRE(sqlite3_open_v2(scratch.journal, &db, SQLITE_OPEN_READWRITE, DISK_VFS) ==
		SQLITE_OK);
	REQUIRE(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
}

static void
add_events(int count)
{
	for (int i = 0; i < count; i++) {
		char subject[16];
		snprintf(subject, sizeof(subject), "s%d", i + 1);
		struct audit_entry entry = {.actor = "client:me",
					    .kind = "job.submit",
					    .subject = subject,
					    .detail = i % 2 == 0 ? "{}" : NULL};
		REQUIRE(journal_begin(journal, NULL));
		REQUIRE(journal_audit_add(journal, &entry, NULL));
		REQUIRE(journal_commit(journal, NULL));
	}
}

static void
every_statement_can_be_prepared(void)
{
	set_up();
	for (unsigned i = 0; i < journal_sql_count; i++) {
		sqlite3_stmt *stmt = NULL;
		int rc = sqlite3_prepare_v2(journal->db, journal_sql_all[i].text, -1, &stmt, NULL);
		CHECK_INT(rc, SQLITE_OK);
		if (rc != SQLITE_OK)
			printf("%s: %s\n", journal_sql_all[i].name, sqlite3_errmsg(journal->db));
		sqlite3_finalize(stmt);
	}
	CHECK(journal_sql_count <= JOURNAL_STATEMENTS);
	tear_down();
}

/* Those that make tables can only be prepared where the tables before them are, so they are run. */
static void
every_schema_statement_is_part_of_a_version(void)
{
	size_t used = 0;

	for (size_t v = 0; v < journal_version_count; v++)
		used += journal_versions[v].count;
	CHECK_INT(used, journal_schema_count);
}

static void
a_journal_is_durable_and_keeps_its_name(void)
{
	int64_t synchronous = 0, keys = 0;
	char id[ID_TEXT];

	set_up();
	snprintf(id, sizeof(id), "%s", journal_id(journal));
	CHECK_INT(strlen(id), 36);
	REQUIRE(journal_get_int(journal, "PRAGMA synchronous", &synchronous, NULL));
	REQUIRE(journal_get_int(journal, "PRAGMA foreign_keys", &keys, NULL));
	CHECK_INT(synchronous, 2);
	CHECK_INT(keys, 1);
	journal_close(journal);
	open_journal();
	CHECK_STR(journal_id(journal), id);
	tear_down();
}

static void
a_file_that_is_not_there_is_no_error_and_is_not_made(void)
{
	struct journal *j = (struct journal *)1;

	scratch_open(&scratch);
	CHECK(journal_open(runtime_system(), scratch.journal, false, &j, NULL));
	CHECK(j == NULL);
	CHECK(!file_exists(scratch.journal));
	scratch_close(&scratch);
}

/* ---- versions ---- */
static const char *const next_good[] = {"CREATE TABLE later (x INTEGER) STRICT;",
					"PRAGMA user_version = 6;"};
static const char *const next_bad[] = {"CREATE TABLE later (x INTEGER) STRICT;",
				       "CREATE TABLE event (x INTEGER) STRICT;",
				       "PRAGMA user_version = 6;"};

enum { KNOWN = 5 };

static void
with_next(struct journal_version versions[KNOWN + 1], struct journal_version next)
{
	REQUIRE(journal_version_count == KNOWN);
	memcpy(versions, journal_versions, KNOWN * sizeof(*versions));
	versions[KNOWN] = next;
}

static int64_t
count_of(const char *sql)
{
	int64_t n = -1;

	REQUIRE(journal_get_int(journal, sql, &n, NULL));
	return n;
}

static void
a_journal_moves_forward_and_keeps_what_it_holds(void)
{
	struct error err = {0};

	set_up();
	add_events(3);
	struct journal_version versions[KNOWN + 1];
	with_next(versions, (struct journal_version){next_good, 2});
	CHECK(journal_upgrade(journal, versions, KNOWN + 1, &err));
	CHECK_INT(count_of("PRAGMA user_version"), KNOWN + 1);
	CHECK_INT(count_of("SELECT count(*) FROM later"), 0);
	CHECK_INT(count_of("SELECT count(*) FROM event"), 3);
	CHECK(journal_upgrade(journal, versions, KNOWN + 1, &err));
	tear_down();
}

static void
p17_a_step_that_fails_leaves_the_version_before(void)
{
	struct error err = {0};

	set_up();
	add_events(3);
	struct journal_version versions[KNOWN + 1];
	with_next(versions, (struct journal_version){next_bad, 3});
	CHECK(!journal_upgrade(journal, versions, KNOWN + 1, &err));
	CHECK_HAS(err.message, "version 6");
	CHECK_INT(count_of("PRAGMA user_version"), KNOWN);
	CHECK_INT(count_of("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), 0);
	CHECK_INT(count_of("SELECT count(*) FROM event"), 3);
	versions[KNOWN] = (struct journal_version){next_good, 2};
	CHECK(journal_upgrade(journal, versions, KNOWN + 1, NULL));
	tear_down();
}

static void
p17_a_newer_journal_is_refused_in_words(void)
{
	struct error err = {0};

	set_up();
	CHECK(journal_begin(journal, NULL));
	journal_rollback(journal);
	tamper("PRAGMA user_version = 7");
	CHECK(!journal_begin(journal, &err));
	CHECK(error_is(&err, E_JRNL_003));
	journal_close(journal);
	CHECK(!journal_open(runtime_system(), scratch.journal, true, &journal, &err));
	CHECK(error_is(&err, E_JRNL_003));
	CHECK_HAS(err.message, scratch.journal);
	CHECK(journal == NULL);
	tear_down();
}

/* ---- what is no journal ---- */
static void
write_file(const char *bytes, size_t len)
{
	char folder[96];

	snprintf(folder, sizeof(folder), "%s/state", scratch.folder);
	(void)mkdir(folder, 0700);
	int fd = open(scratch.journal, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	REQUIRE(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void
a_file_of_something_else_is_refused_and_left_alone(void)
{
	static const char words[] = "this is a letter to my aunt, and it is long enough to be one; "
				    "she lives by the sea and has no database at all.";
	struct error err = {0};
	char back[sizeof(words)];

	scratch_open(&scratch);
	write_file(words, sizeof(words));
	CHECK(!journal_open(runtime_system(), scratch.journal, true, &journal, &err));
	CHECK(error_is(&err, E_JRNL_002));
	int fd = open(scratch.journal, O_RDONLY);
	REQUIRE(fd >= 0 && read(fd, back, sizeof(back)) == (ssize_t)sizeof(back));
	close(fd);
	CHECK_STR(back, words);
	scratch_close(&scratch);
}

static void
a_database_of_another_program_is_refused(void)
{
	struct error err = {0};

	scratch_open(&scratch);
	write_file("", 0);
	tamper("CREATE TABLE contacts (name TEXT)");
	CHECK(!journal_open(runtime_system(), scratch.journal, true, &journal, &err));
	CHECK(error_is(&err, E_JRNL_002));
	CHECK_HAS(err.message, "another program");
	scratch_close(&scratch);
}

/* A page of noise anywhere: refused, or the chain and the pages say so; never a crash. */
static void
p06_a_damaged_page_is_seen(void)
{
	set_up();
	add_events(400);
	journal_close(journal);
	FILE *f = fopen(scratch.journal, "rb");
	REQUIRE(f != NULL);
	static char image[1 << 20];
	size_t size = fread(image, 1, sizeof(image), f);
	fclose(f);
	REQUIRE(size > 20 * 4096 && size < sizeof(image));
	size_t seen = 0;
	for (size_t at = 0; at < size; at += 4096) {
		struct audit_report report = {0};
		struct error err = {0};
		char kept[512];
		memcpy(kept, image + at + 1024, sizeof(kept));
		memset(image + at + 1024, 0xa5, sizeof(kept));
		write_file(image, size);
		memcpy(image + at + 1024, kept, sizeof(kept));
		bool opened =
			journal_open(runtime_system(), scratch.journal, false, &journal, &err);
		bool walked = opened && journal_audit_verify(journal, &arena, true, &report, &err);
		if (walked && report.ok) {
			/* Free space of a page may hold anything. */
			CHECK_INT(report.events, 400);
		} else if (!walked) {
			CHECK(error_is(&err, E_JRNL_002) || error_is(&err, E_JRNL_001));
		} else {
			CHECK(report.problem != NULL);
		}
		seen += !walked || !report.ok;
		journal_close(journal);
		journal = NULL;
	}
	CHECK(seen > 20);
	tear_down();
}

/* ---- the chain ---- */
static struct audit_report
verify(bool full)
{
	struct audit_report report;

	REQUIRE(journal_audit_verify(journal, &arena, full, &report, NULL));
	return report;
}

static void
an_untouched_chain_is_in_order(void)
{
	const struct audit_show_request asked = {.since = 1490, .limit = 100};
	struct audit_log log = {0};

	set_up();
	struct audit_report report = verify(true);
	CHECK(report.ok && report.events == 0 && report.head == NULL);
	add_events(1500);
	report = verify(true);
	CHECK(report.ok);
	CHECK_INT(report.events, 1500);
	CHECK_INT(report.first_bad, INT_NULL);
	REQUIRE(journal_audit_list(journal, &arena, &asked, &log, NULL));
	CHECK_INT(log.total, 1500);
	CHECK_INT(log.events.count, 10);
	CHECK_STR(log.events.items[9].hash, report.head);
	tear_down();
}

static void
p19_an_event_that_was_changed_removed_or_slipped_in_is_named(void)
{
#define UNLOCK "DROP TRIGGER event_fixed; DROP TRIGGER event_kept; "
	static const struct {
		const char *sql;
		int64_t first_bad;
		const char *problem;
	} t[] = {
		{UNLOCK "UPDATE event SET actor = 'client:eve' WHERE seq = 5", 5, "changed"},
		{UNLOCK "UPDATE event SET time = '' WHERE seq = 1", 1, "changed"},
		{UNLOCK "UPDATE event SET kind = 'job.fail' WHERE seq = 10", 10, "changed"},
		{UNLOCK "UPDATE event SET subject = 'x' WHERE seq = 3", 3, "changed"},
		{UNLOCK "UPDATE event SET detail = NULL WHERE seq = 3", 3, "changed"},
		{UNLOCK "UPDATE event SET detail = '' WHERE seq = 4", 4, "changed"},
		{UNLOCK "UPDATE event SET hash = 'abc' WHERE seq = 4", 4, "changed"},
		{UNLOCK "UPDATE event SET prev = 'abc' WHERE seq = 4", 4, "does not follow"},
		{UNLOCK "DELETE FROM event WHERE seq = 1", 1, "removed"},
		{UNLOCK "DELETE FROM event WHERE seq = 6", 6, "removed"},
		{UNLOCK
		 "DELETE FROM event WHERE seq = 6; UPDATE event SET seq = seq - 1 WHERE seq > 6",
		 6, "does not follow"},
		{UNLOCK
		 "UPDATE event SET seq = 99 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = "
		 "3; UPDATE event SET seq = 3 WHERE seq = 99",
		 2, "does not follow"},
		{"INSERT INTO event SELECT 11, time, actor, kind, subject, detail, hash, 'h', NULL "
		 "FROM "
		 "event WHERE seq = 10",
		 11, "changed"},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		set_up();
		add_events(10);
		tamper(t[i].sql);
		struct audit_report report = verify(false);
		CHECK(!report.ok);
		CHECK_INT(report.first_bad, t[i].first_bad);
		CHECK_INT(report.events, t[i].first_bad - 1);
		CHECK_HAS(report.problem, t[i].problem);
		tear_down();
	}
}

static void
events_can_neither_be_changed_nor_deleted_by_accident(void)
{
	set_up();
	add_events(2);
	CHECK(sqlite3_exec(journal->db, "UPDATE event SET actor = 'x'", NULL, NULL, NULL) !=
	      SQLITE_OK);
	CHECK(sqlite3_exec(journal->db, "DELETE FROM event", NULL, NULL, NULL) != SQLITE_OK);
	CHECK(verify(false).ok);
	tear_down();
}

/* The stream of a job lies outside the chain, but is sealed in it. */
static void
p19_a_changed_stream_of_a_job_is_named(void)
{
	static const struct {
		const char *sql;
		bool ok;
	} t[] = {
		{"SELECT 1", true},
		{"UPDATE job_event SET body = replace(body, '001_a', '009_z') WHERE seq = 2",
		 false},
		{"DELETE FROM job_event WHERE seq = 3", false},
		{"DELETE FROM job_event", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct house house;
		scratch_open(&scratch);
		arena_init(&arena);
		house_open(&house, &(struct house_plan){.journal = scratch.journal});
		struct worker_offer *offer = house_run(&house, "key");
		CHECK(house_emit(&house, offer, 1, 3));
		CHECK(house_finish(&house, offer, NULL, false));
		tamper(t[i].sql);
		struct audit_verify m = {.full = true};
		struct audit_report *report =
			house_ask(&house, house.client, MESSAGE_audit_verify, &m);
		REQUIRE(report != NULL);
		CHECK_INT(report->ok, t[i].ok);
		if (!t[i].ok)
			CHECK_HAS(report->problem, offer->job);
		house_close(&house);
		arena_fini(&arena);
		scratch_close(&scratch);
	}
}

/* ---- transactions and the reply cache ---- */
static void
p10_an_answer_is_kept_with_its_effect(void)
{
	struct reply_key key = {"client:me", "k", "job_submit", "hash-a"}, other = key,
			 eve = {"client:eve", "k", "job_submit", "hash-a"};
	struct error err = {0};
	const char *body;

	set_up();
	REQUIRE(journal_reply_find(journal, &arena, &key, &body, NULL));
	CHECK(body == NULL);
	REQUIRE(journal_begin(journal, NULL) && journal_savepoint(journal, NULL));
	REQUIRE(journal_reply_add(journal, &key, "{\"job\":\"1\"}", NULL));
	journal_undo(journal);
	REQUIRE(journal_reply_find(journal, &arena, &key, &body, NULL));
	CHECK(body == NULL);
	REQUIRE(journal_reply_add(journal, &key, "{\"job\":\"2\"}", NULL));
	REQUIRE(journal_commit(journal, NULL));
	REQUIRE(journal_reply_find(journal, &arena, &key, &body, NULL));
	CHECK_STR(body, "{\"job\":\"2\"}");
	REQUIRE(journal_reply_find(journal, &arena, &eve, &body, NULL));
	CHECK(body == NULL);
	other.request_hash = "hash-b";
	CHECK(!journal_reply_find(journal, &arena, &other, &body, &err));
	CHECK(error_is(&err, E_USAGE_001));
	tear_down();
}

static void
answers_are_forgotten_after_a_day_of_elapsed_time(void)
{
	struct reply_key key = {"client:me", "k", "job_submit", "hash-a"};
	const char *body;

	set_up();
	REQUIRE(journal_reply_add(journal, &key, "{}", NULL));
	/* The calendar alone decides nothing within one boot. */
	tamper("UPDATE reply SET wall_us = 0");
	journal_close(journal);
	open_journal();
	REQUIRE(journal_reply_find(journal, &arena, &key, &body, NULL));
	CHECK_STR(body, "{}");
	tamper("UPDATE reply SET boot_ms = boot_ms - 86400001");
	journal_close(journal);
	open_journal();
	REQUIRE(journal_reply_find(journal, &arena, &key, &body, NULL));
	CHECK(body == NULL);
	tear_down();
}

static const struct unit_case cases[] = {
	CASE(every_statement_can_be_prepared),
	CASE(every_schema_statement_is_part_of_a_version),
	CASE(a_journal_is_durable_and_keeps_its_name),
	CASE(a_file_that_is_not_there_is_no_error_and_is_not_made),
	CASE(a_journal_moves_forward_and_keeps_what_it_holds),
	CASE(p17_a_step_that_fails_leaves_the_version_before),
	CASE(p17_a_newer_journal_is_refused_in_words),
	CASE(a_file_of_something_else_is_refused_and_left_alone),
	CASE(a_database_of_another_program_is_refused),
	CASE(p06_a_damaged_page_is_seen),
	CASE(an_untouched_chain_is_in_order),
	CASE(p19_an_event_that_was_changed_removed_or_slipped_in_is_named),
	CASE(events_can_neither_be_changed_nor_deleted_by_accident),
	CASE(p19_a_changed_stream_of_a_job_is_named),
	CASE(p10_an_answer_is_kept_with_its_effect),
	CASE(answers_are_forgotten_after_a_day_of_elapsed_time),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/journal", cases, ARRAY_LEN(cases), argc, argv);
}
