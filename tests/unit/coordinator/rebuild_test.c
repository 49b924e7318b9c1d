/*
 * Rows are projections of the events: whatever became of them, the events make them anew, every
 * column of every row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/journal/query.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

/* Long enough for a slow machine to begin a job in, short enough to wait for. */
enum { SHORT_MS = 2000, ANSWER_MS = 5000 };

static struct scratch scratch;
static struct journal *journal;

/* What is made anew; when a worker was last heard of is no event. */
static const char *const projections[] = {
	"SELECT * FROM job ORDER BY id",
	"SELECT * FROM attempt ORDER BY job, number",
	"SELECT name, version, draining FROM worker ORDER BY name",
	"SELECT * FROM target ORDER BY worker, name",
	"SELECT * FROM token ORDER BY id",
	"SELECT task, detail FROM upkeep WHERE task = 'journal.accept'",
};
/* What is not: logs, caches, and the file's own. */
static const char *const others[] = {"bundle_file", "bundle_part",     "event",
				     "event_mark",  "job_event",       "meta",
				     "reply",	    "intent",	       "intent_lease",
				     "intent_key",  "intent_conflict", "claim_number",
				     "version",	    "sqlite_sequence"};

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
	};
	struct text truth, now;

	set_up();
	CHECK_INT(count_of("SELECT count(*) FROM job"), 9);
	CHECK_INT(count_of("SELECT count(DISTINCT state) FROM job"), 8);
	CHECK_INT(count_of("SELECT count(*) FROM target"), 2);
	CHECK_INT(count_of("SELECT count(*) FROM attempt WHERE state = 'settled'"), 1);
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
	CASE(every_table_is_made_anew_or_said_not_to_be),
	CASE(a_broken_chain_makes_nothing_anew),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/rebuild", cases, ARRAY_LEN(cases), argc, argv);
}
