/*
 * Rows are projections of the events: whatever became of them, the events make them anew, every
 * column of every row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/journal/query.h"
#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

/* Long enough for a slow machine to begin a job in, short enough to wait for. */
enum { SHORT_MS = 2000, ANSWER_MS = 5000 };

static struct scratch scratch;
static struct journal *journal;

/* What is made anew. When a worker was last heard of is no event; leases count anew; and no event
 * holds the text of statements. */
static const char *const projections[] = {
	"SELECT * FROM job ORDER BY id",
	"SELECT * FROM attempt ORDER BY job, number",
	"SELECT name, version, draining FROM worker ORDER BY name",
	"SELECT * FROM target ORDER BY worker, name",
	"SELECT * FROM token ORDER BY id",
	"SELECT task, detail FROM upkeep WHERE task = 'journal.accept'",
	"SELECT id, agent, owner, worktree, scope, branch_name, state, open, token, claimed_at, "
	"queue, reason, created_at, updated_at, json(footprint), "
	"json_remove(body, '$.schema_changes') FROM intent ORDER BY id",
	"SELECT intent, agent, waits, ttl_ms FROM intent_lease ORDER BY intent",
	"SELECT * FROM intent_key ORDER BY key, intent",
	"SELECT id, intent_a, intent_b, blocks, reviewed, reviewed_at, notes, "
	"json_remove(body, '$.statement_a', '$.statement_b') FROM intent_conflict ORDER BY id",
	"SELECT * FROM claim_number ORDER BY number",
	"SELECT * FROM version ORDER BY version",
};
/* What is not: logs, caches, and the file's own. */
static const char *const others[] = {"bundle_file", "bundle_part", "event", "event_mark",
				     "job_event",   "meta",	   "reply", "sqlite_sequence"};

static void
put_rows(struct text *out, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	REQUIRE(sqlite3_prepare_v2(journal->db, sql, -1, &stmt, NULL) == SQLITE_OK);
	text_printf(out, "%s\n", sql);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const char *s = (const char *)sqlite3_column_text(stmt, i);
			text_printf(out, "%s=%d:%s|", sqlite3_column_name(stmt, i),
				    sqlite3_column_type(stmt, i), s != NULL ? s : "");
		}
		text_put(out, "\n");
	}
	REQUIRE(sqlite3_finalize(stmt) == SQLITE_OK);
}

static void
all_rows(struct text *out)
{
	text_init(out, 0);
	for (size_t i = 0; i < ARRAY_LEN(projections); i++)
		put_rows(out, projections[i]);
}

static void
run_sql(const char *sql)
{
	CHECK_INT(sqlite3_exec(journal->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t
count_of(const char *sql)
{
	int64_t n = -1;

	REQUIRE(journal_get_int(journal, sql, &n, NULL));
	return n;
}

/* ---- a life with everything in it ---- */
static void
cancel_and_leave(struct house *h)
{
	struct job_spec spec = spec_of("apply", "db", "key \"quoted\" \\ and\n\xc3\xa9");
	struct worker_offer *offer;

	/* One that waits, one that was cancelled, one that is cancelling, one with an offer. */
	CHECK(house_cancel(h, house_submit(h, &spec, "k1")) != NULL);
	offer = house_run(h, "key");
	CHECK(house_cancel(h, offer->job) != NULL);
	(void)house_submit(h, &spec, "k2");
	offer = house_next(h, "db");
	REQUIRE(offer->job != NULL);
	(void)house_submit(h, &spec, "k3");
}

/* An attempt that is lost, and the next one that asks about it. */
static void
lose_and_settle(struct house *h)
{
	struct worker_offer *offer = house_run(h, "key");

	CHECK(house_emit(h, offer, 1, 2));
	struct job_watched *w = house_watch(h, offer->job, 1, 2, ANSWER_MS);
	while (w != NULL && strcmp(w->info->state, "unknown") != 0)
		w = house_watch(h, offer->job, 1, 2, ANSWER_MS);
	REQUIRE(w != NULL);
	struct worker_offer *next = house_next(h, "db");
	CHECK_STR(next->job, offer->job);
	REQUIRE(house_begin(h, next));
	struct settled_attempt said = {.job = offer->job, .attempt = 1, .steps = 0, .planned = 2};
	struct job_settled settled = {.worker = "w1", .attempts = {&said, 1}};
	REQUIRE(house_ask(h, h->worker, MESSAGE_job_settled, &settled) != NULL);
	CHECK(house_emit(h, next, 1, 5));
	CHECK(house_finish(h, next, NULL, false));
}

static void
live(void)
{
	const char *const more[] = {"u/1", "u/2"};
	struct worker_drain drain = {.worker = "w2"};
	struct worker_forget forget = {.name = "u/2"};
	struct house_plan plan = {
		.journal = scratch.journal, .distributed = true, .lease_ms = SHORT_MS};
	struct house h;

	house_open(&h, &plan);
	lose_and_settle(&h);
	house_close(&h);
	plan.lease_ms = 0;
	house_open(&h, &plan);
	REQUIRE(house_hello(&h, h.other_worker, more, 2, true));
	REQUIRE(house_hello(&h, h.other_worker, more, 2, false));
	REQUIRE(house_ask(&h, h.operator_, MESSAGE_worker_drain, &drain) != NULL);
	REQUIRE(house_ask(&h, h.operator_, MESSAGE_worker_forget, &forget) != NULL);
	struct worker_offer *offer = house_run(&h, "key");
	CHECK(house_emit(&h, offer, 1, 3));
	CHECK(house_finish(&h, offer, NULL, false));
	offer = house_run(&h, "key");
	CHECK(house_finish(&h, offer, "SQL_700", false));
	offer = house_run(&h, "key");
	CHECK(house_finish(&h, offer, "TARGET_005", true));
	/* Running, with events that came after its last change. */
	offer = house_run(&h, "key");
	CHECK(house_emit(&h, offer, 1, 7));
	cancel_and_leave(&h);
	house_close(&h);
}

/* Claims held, waited for, looked at and ended. */
static void
agree(void)
{
	struct intent_house h = {.scratch = scratch};
	struct version_reserve reserve = {
		.version = "20260101000000", .name = "notes", .agent = "ann"};

	house_open(&h.house, &(struct house_plan){.journal = scratch.journal,

						  .parser = sql_parser_here()});
	const char *note = "ALTER TABLE orders ADD COLUMN note text DEFAULT 'it''s \"quoted\"'";
	REQUIRE(say(&h, (struct saying){.agent = "ann", .sql = note, .claim = true}) != NULL);
	struct intent_registered *bob =
		say(&h, (struct saying){.agent = "bob", .sql = "DROP TABLE orders"});
	REQUIRE(bob != NULL && bob->conflicts.count == 1);
	struct conflict_resolve resolve = {
		.conflict = bob->conflicts.items[0].id, .agent = "bob", .notes = "after ann"};
	REQUIRE(house_ask(&h.house, h.house.client, MESSAGE_conflict_resolve, &resolve) != NULL);
	REQUIRE(say(&h, (struct saying){.agent = "cay",
					.sql = "ALTER TABLE orders DROP COLUMN note",
					.claim = true,
					.wait_ms = 60000}) != NULL);
	struct intent_registered *dan = say(&h, (struct saying){.agent = "dan",
								.sql = "CREATE TABLE dans (id int)",
								.claim = true});
	REQUIRE(dan != NULL);
	REQUIRE(say_move(&h, dan->intent->id, "start", "dan", dan->intent->token) != NULL);
	REQUIRE(say_move(&h, dan->intent->id, "complete", "dan", dan->intent->token) != NULL);
	struct intent_registered *eve =
		say(&h, (struct saying){.agent = "eve", .sql = "DROP TABLE dans"});
	REQUIRE(eve != NULL && say_move(&h, eve->intent->id, "abandon", "eve", INT_NULL) != NULL);
	REQUIRE(house_ask(&h.house, h.house.client, MESSAGE_version_reserve, &reserve) != NULL);
	house_close(&h.house);
}

static void
add_token(const char *id, const char *revoked_at)
{
	const struct journal_token token = {.id = id,
					    .identity = "agent:me",
					    .sha256 = id,
					    .created_at = "2026-01-01T00:00:00Z",
					    .expires_us = INT_NULL};
	const struct audit_image image = {IMAGE_TOKEN, id};
	const struct audit_entry entry = {.actor = "operator:local",
					  .kind = "token.create",
					  .subject = id,
					  .images = &image,
					  .image_count = 1};

	REQUIRE(journal_begin(journal, NULL) && journal_token_add(journal, &token, NULL));
	REQUIRE(journal_audit_add(journal, &entry, NULL));
	if (revoked_at != NULL) {
		REQUIRE(journal_token_revoke(journal, id, revoked_at, NULL));
		REQUIRE(journal_audit_add(journal, &entry, NULL));
	}
	REQUIRE(journal_commit(journal, NULL));
}

static void
set_up(void)
{
	scratch_open(&scratch);
	live();
	agree();
	REQUIRE(journal_open(runtime_system(), scratch.journal, false, &journal, NULL));
	add_token("t1", NULL);
	add_token("t2", "2026-01-02T00:00:00Z");
	REQUIRE(journal_accept(journal, "operator:chief", NULL));
}

static void
tear_down(void)
{
	journal_close(journal);
	journal = NULL;
	scratch_close(&scratch);
}

/* ---- */
static void
rows_are_made_anew_as_they_were(void)
{
	static const char *const spoils[] = {
		"SELECT 1",
		"UPDATE job SET state = 'queued', spec = '{}', outcome = NULL, owner = 'x', "
		"last_seq = 0, attempt = 9",
		"DELETE FROM attempt; DELETE FROM target; DELETE FROM worker; DELETE FROM token; "
		"DELETE FROM upkeep",
		"PRAGMA foreign_keys = OFF; DELETE FROM job; PRAGMA foreign_keys = ON",
		"INSERT INTO worker (name, version, last_seen) VALUES ('ghost', '1', ''); "
		"UPDATE target SET protected = 1 - protected, target_key = 'z'; "
		"UPDATE token SET identity = 'operator:eve', revoked_at = NULL",
		"UPDATE intent SET state = 'registered', token = NULL, queue = 9, footprint = "
		"'{}', "
		"owner = 'eve'; DELETE FROM intent_lease; DELETE FROM intent_key; DELETE FROM "
		"claim_number; DELETE FROM version; UPDATE intent_conflict SET reviewed = 0, notes "
		"= "
		"NULL, body = json_set(body, '$.severity', 'info')",
		"PRAGMA foreign_keys = OFF; INSERT INTO intent SELECT 'ghost', agent, owner, "
		"worktree, "
		"scope, 'ghost', state, open, 99, claimed_at, queue, reason, created_at, "
		"updated_at, "
		"footprint, body FROM intent WHERE agent = 'ann'; PRAGMA foreign_keys = ON",
	};
	struct text truth, now;

	set_up();
	CHECK_INT(count_of("SELECT count(*) FROM job"), 9);
	CHECK_INT(count_of("SELECT count(DISTINCT state) FROM job"), 8);
	CHECK_INT(count_of("SELECT count(*) FROM target"), 2);
	CHECK_INT(count_of("SELECT count(*) FROM attempt WHERE state = 'settled'"), 1);
	CHECK_INT(count_of("SELECT count(*) FROM intent"), 5);
	CHECK_INT(count_of("SELECT count(*) FROM intent_lease"), 4);
	CHECK_INT(count_of("SELECT count(*) FROM claim_number"), 2);
	CHECK_INT(count_of("SELECT count(*) FROM intent WHERE queue IS NOT NULL"), 1);
	CHECK_INT(count_of("SELECT count(*) FROM version"), 1);
	all_rows(&truth);
	for (size_t i = 0; i < ARRAY_LEN(spoils); i++) {
		struct error err = {0};
		int64_t steps = 0;
		run_sql(spoils[i]);
		CHECK(journal_rebuild(journal, &steps, &err));
		CHECK_STR(err.message, "");
		CHECK(steps > 20);
		all_rows(&now);
		CHECK_STR(now.ptr, truth.ptr);
		text_fini(&now);
	}
	text_fini(&truth);
	tear_down();
}

#define WITH_TEXT                                                                                  \
	"SELECT (SELECT count(*) FROM intent WHERE json_array_length(body, '$.schema_changes') = " \
	"1) * 10 + (SELECT count(*) FROM intent_conflict WHERE json_extract(body, "                \
	"'$.statement_a') IS NOT NULL)"

/* It stays where its row is still there; from events alone everything comes back but that. */
static void
the_text_of_statements_is_kept_in_rows_only(void)
{
	struct text truth, now;
	int64_t steps;

	set_up();
	all_rows(&truth);
	int64_t with_text = count_of(WITH_TEXT);
	CHECK(with_text > 50);
	CHECK_INT(count_of("SELECT count(*) FROM event WHERE body LIKE '%DROP TABLE%'"), 0);
	REQUIRE(journal_rebuild(journal, &steps, NULL));
	CHECK_INT(count_of(WITH_TEXT), with_text);
	run_sql("PRAGMA foreign_keys = OFF; DELETE FROM intent_conflict; DELETE FROM intent; "
		"PRAGMA "
		"foreign_keys = ON");
	REQUIRE(journal_rebuild(journal, &steps, NULL));
	CHECK_INT(count_of(WITH_TEXT), 0);
	all_rows(&now);
	CHECK_STR(now.ptr, truth.ptr);
	text_fini(&now);
	text_fini(&truth);
	tear_down();
}

/* A table that nobody thought of would be lost with the first rebuild. */
static void
every_table_is_made_anew_or_said_not_to_be(void)
{
	char sql[256];

	set_up();
	int64_t known = 0;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		snprintf(sql, sizeof(sql),
			 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '%s'",
			 others[i]);
		known += count_of(sql);
	}
	CHECK_INT(known, (int64_t)ARRAY_LEN(others));
	CHECK_INT(count_of("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
		  (int64_t)(ARRAY_LEN(others) + ARRAY_LEN(projections)));
	tear_down();
}

/* The events are the truth only as long as they are whole. */
static void
a_broken_chain_makes_nothing_anew(void)
{
	struct error err = {0};
	int64_t steps;

	set_up();
	run_sql("DROP TRIGGER event_fixed; UPDATE event SET body = replace(body, 'running', "
		"'succeeded') WHERE seq = 4");
	run_sql("UPDATE job SET note = 'kept'");
	CHECK(!journal_rebuild(journal, &steps, &err));
	CHECK(error_is(&err, E_AUDIT_001));
	CHECK_INT(count_of("SELECT count(*) FROM job WHERE note = 'kept'"), 9);
	tear_down();
}

static const struct unit_case cases[] = {
	CASE(rows_are_made_anew_as_they_were),
	CASE(the_text_of_statements_is_kept_in_rows_only),
	CASE(every_table_is_made_anew_or_said_not_to_be),
	CASE(a_broken_chain_makes_nothing_anew),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/rebuild", cases, ARRAY_LEN(cases), argc, argv);
}
