/*
 * The audit chain: whatever is changed in it is named; opening a journal looks at its newest part;
 * and a chain that was cut or restored from an older copy is found out by the workers that knew
 * more of it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/journal/chain.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { EVENTS = 12 };

static struct scratch scratch;
static struct journal *journal;
static struct arena arena;

static void
open_journal(void)
{
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &journal, NULL));
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

static void
add_events(int count)
{
	REQUIRE(journal_begin(journal, NULL));
	for (int i = 0; i < count; i++) {
		struct audit_entry entry = {.actor = "client:me",
					    .kind = "job.submit",
					    .subject = "s",
					    .detail = i % 2 == 0 ? "{\"a\":1}" : NULL};
		REQUIRE(journal_audit_add(journal, &entry, NULL));
	}
	REQUIRE(journal_commit(journal, NULL));
}

/* As somebody would who knows how the journal guards itself. */
static void
tamper(const char *sql)
{
	REQUIRE(sqlite3_exec(
			journal->db,
			"DROP TRIGGER IF EXISTS event_fixed; DROP TRIGGER IF EXISTS event_kept",
			NULL, NULL, NULL) == SQLITE_OK);
	REQUIRE(sqlite3_exec(journal->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static struct audit_report
verify(void)
{
	struct audit_report report;

	REQUIRE(journal_audit_verify(journal, &arena, true, &report, NULL));
	return report;
}

static void
check_named(const char *sql, int64_t event)
{
	tamper("SAVEPOINT mutation");
	tamper(sql);
	struct audit_report report = verify();
	CHECK(!report.ok);
	CHECK_INT(report.first_bad, event);
	if (report.ok || report.first_bad != event)
		printf("not named: %s\n", sql);
	tamper("ROLLBACK TO mutation; RELEASE mutation");
}

/* Each record and each field of it, in each way that it can be changed. */
static void
p19_any_change_of_any_field_of_any_record_is_named(void)
{
	static const char *const texts[] = {"time",   "actor", "kind", "subject",
					    "detail", "prev",  "hash"};
	static const char *const ways[] = {
		"'x'",
		"coalesce(%1$s, '') || 'x'",
		"coalesce(%1$s, '') || ' '",
		"substr(coalesce(%1$s, 'xx'), 2)",
		"(SELECT %1$s || 'y' FROM event WHERE seq = 1)",
		"''",
	};
	char sql[256], value[128];

	set_up();
	add_events(EVENTS);
	for (int64_t seq = 1; seq <= EVENTS; seq++) {
		for (size_t f = 0; f < ARRAY_LEN(texts); f++) {
			for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
				snprintf(value, sizeof(value), ways[w], texts[f]);
				snprintf(sql, sizeof(sql),
					 "UPDATE event SET %s = %s WHERE seq = %lld", texts[f],
					 value, (long long)seq);
				check_named(sql, seq);
			}
		}
		if (seq % 2 == 1) {
			snprintf(sql, sizeof(sql),
				 "UPDATE event SET detail = NULL WHERE seq = %lld", (long long)seq);
			check_named(sql, seq);
		}
		if (seq < EVENTS) {
			snprintf(sql, sizeof(sql), "DELETE FROM event WHERE seq = %lld",
				 (long long)seq);
			check_named(sql, seq);
		}
		snprintf(sql, sizeof(sql), "UPDATE event SET seq = 1000 + seq WHERE seq = %lld",
			 (long long)seq);
		check_named(sql, seq);
	}
	CHECK(verify().ok);
	tear_down();
}

/* A row is moved with its content; seq alone says where it belongs. */
static void
p19_two_records_that_changed_places_are_named(void)
{
	char sql[256];

	set_up();
	add_events(EVENTS);
	for (int a = 1; a < EVENTS; a++) {
		for (int b = a + 1; b <= EVENTS; b++) {
			snprintf(sql, sizeof(sql),
				 "UPDATE event SET seq = -1 WHERE seq = %d; "
				 "UPDATE event SET seq = %d WHERE seq = %d; "
				 "UPDATE event SET seq = %d WHERE seq = -1",
				 a, a, b, b);
			check_named(sql, a);
		}
	}
	tear_down();
}

/* ---- at open ---- */
static int64_t
marks(void)
{
	int64_t n = 0;

	REQUIRE(journal_get_int(journal, "SELECT count(*) FROM event_mark", &n, NULL));
	return n;
}

static bool
opens(struct error *err)
{
	journal_close(journal);
	return journal_open(runtime_system(), scratch.journal, true, &journal, err);
}

static void
p19_opening_walks_from_the_newest_mark_and_names_what_does_not_fit(void)
{
	struct error err = {0};

	set_up();
	add_events(CHAIN_MARK_EVERY + 100);
	CHECK_INT(marks(), 1);
	/* Before the mark: left to `audit verify`, which looks at everything. */
	tamper("UPDATE event SET actor = 'client:eve' WHERE seq = 7");
	CHECK(opens(NULL));
	CHECK_INT(verify().first_bad, 7);
	tamper("UPDATE event SET actor = 'client:me' WHERE seq = 7");
	CHECK(verify().ok);
	tamper("UPDATE event SET actor = 'client:eve' WHERE seq = 1050");
	CHECK(!opens(&err));
	CHECK(error_is(&err, E_AUDIT_001));
	CHECK_HAS(err.message, "broken at event 1050");
	CHECK_HAS(err.cause, "changed after it was written");
	tear_down();
}

static void
p19_an_event_that_differs_from_its_mark_is_named(void)
{
	struct error err = {0};

	set_up();
	add_events(2 * CHAIN_MARK_EVERY);
	CHECK_INT(marks(), 2);
	tamper("UPDATE event_mark SET hash = 'x' WHERE seq = 1024");
	CHECK(opens(NULL));
	struct audit_report report = verify();
	CHECK_INT(report.first_bad, 1024);
	CHECK_HAS(report.problem, "marked");
	tamper("UPDATE event_mark SET hash = 'x' WHERE seq = 2048");
	CHECK(!opens(&err));
	CHECK(error_is(&err, E_AUDIT_001));
	CHECK_HAS(err.message, "event 2048");
	tear_down();
}

/* A journal of before the marks is walked once. */
static void
a_long_chain_without_marks_gets_one_when_it_is_opened(void)
{
	set_up();
	add_events(3 * CHAIN_MARK_EVERY);
	tamper("DELETE FROM event_mark");
	CHECK(opens(NULL));
	CHECK_INT(marks(), 1);
	CHECK(verify().ok);
	tear_down();
}

/* ---- who has seen more ---- */
static bool
greet(struct house *h, struct chain_head *seen)
{
	struct worker_target target = {
		.name = "db", .environment = "db", .target_key = "localhost:5432/db"};
	struct worker_hello m = {.version = "1.0.0", .targets = {&target, 1}, .seen = seen};

	return house_ask(h, h->worker, MESSAGE_worker_hello, &m) != NULL;
}

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	REQUIRE(in >= 0 && out >= 0);
	ssize_t n = read(in, bytes, sizeof(bytes));
	REQUIRE(n > 0 && n < (ssize_t)sizeof(bytes) && write(out, bytes, (size_t)n) == n);
	close(in);
	close(out);
}

static void
start(struct house *h)
{
	house_open(h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
}

/* A head that is kept beyond the house that told it. */
static struct chain_head *
head_of(struct house *h)
{
	struct worker_offer *offer = house_next(h, "db");

	REQUIRE(offer->chain != NULL);
	return record_copy(&arena, &record_chain_head, offer->chain);
}

/* A copy of the journal, and what a worker was told before and after it was made. */
struct told {
	struct chain_head *before, *after;
	char copy[128];
};

static void
live(struct told *t)
{
	struct house h;

	scratch_open(&scratch);
	arena_init(&arena);
	snprintf(t->copy, sizeof(t->copy), "%s/copy.db", scratch.folder);
	start(&h);
	CHECK(greet(&h, NULL));
	t->before = head_of(&h);
	CHECK(t->before->seq > 0);
	CHECK_INT(strlen(t->before->hash), SHA256_HEX - 1);
	CHECK_INT(t->before->accepted, 0);
	house_close(&h);
	copy_file(scratch.journal, t->copy);
	start(&h);
	CHECK(greet(&h, t->before));
	struct worker_offer *offer = house_run(&h, "key");
	CHECK(house_finish(&h, offer, NULL, false));
	t->after = head_of(&h);
	CHECK(t->after->seq > t->before->seq);
	CHECK(greet(&h, t->after));
	house_close(&h);
}

static void
p19_a_journal_restored_from_an_older_copy_is_found_out_and_can_be_accepted(void)
{
	struct told t;
	struct house h;

	live(&t);
	copy_file(t.copy, scratch.journal);
	start(&h);
	CHECK(greet(&h, t.before));
	CHECK(!greet(&h, t.after));
	CHECK(error_is(&h.err, E_AUDIT_002));
	CHECK_HAS(h.err.message, "w1");
	CHECK_HAS(h.err.cause, t.after->hash);
	CHECK_HAS(h.err.hint, "journal accept");
	house_close(&h);
	REQUIRE(journal_open(runtime_system(), scratch.journal, false, &journal, NULL));
	CHECK(journal_accept(journal, "operator:chief", NULL));
	journal_close(journal);
	journal = NULL;
	start(&h);
	CHECK(greet(&h, t.after));
	struct chain_head *now = head_of(&h);
	CHECK(now->accepted > 0);
	CHECK(greet(&h, now));
	/* Once it was told, nothing less is taken from it. */
	struct chain_head more = *now;
	more.seq += 5;
	CHECK(!greet(&h, &more));
	/* What lies before the acceptance must be there all the same. */
	struct chain_head other = *t.before;
	other.hash = t.after->hash;
	CHECK(!greet(&h, &other));
	house_close(&h);
	arena_fini(&arena);
	scratch_close(&scratch);
}

static void
p19_a_chain_that_was_cut_or_written_anew_is_found_out(void)
{
	static const char *const cuts[] = {
		"DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
		"UPDATE event SET hash = 'f' WHERE seq = (SELECT max(seq) FROM event)",
	};
	struct chain_head other;
	struct told t;
	struct house h;

	live(&t);
	start(&h);
	other = *t.after;
	other.journal = "00000000-0000-4000-8000-000000000000";
	CHECK(!greet(&h, &other));
	CHECK(error_is(&h.err, E_AUDIT_002));
	house_close(&h);
	/* With its marks and all: a whole chain, only not this one. */
	REQUIRE(journal_open(runtime_system(), scratch.journal, false, &journal, NULL));
	tamper(cuts[0]);
	journal_close(journal);
	journal = NULL;
	start(&h);
	CHECK(!greet(&h, t.after));
	CHECK(error_is(&h.err, E_AUDIT_002));
	house_close(&h);
	REQUIRE(journal_open(runtime_system(), scratch.journal, false, &journal, NULL));
	tamper(cuts[1]);
	CHECK(!verify().ok);
	tear_down();
}

static const struct unit_case cases[] = {
	CASE(p19_any_change_of_any_field_of_any_record_is_named),
	CASE(p19_two_records_that_changed_places_are_named),
	CASE(p19_opening_walks_from_the_newest_mark_and_names_what_does_not_fit),
	CASE(p19_an_event_that_differs_from_its_mark_is_named),
	CASE(a_long_chain_without_marks_gets_one_when_it_is_opened),
	CASE(p19_a_journal_restored_from_an_older_copy_is_found_out_and_can_be_accepted),
	CASE(p19_a_chain_that_was_cut_or_written_anew_is_found_out),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/chain", cases, ARRAY_LEN(cases), argc, argv);
}
