/*
 * The table of effects against PostgreSQL itself. Each statement runs in a session; another one
 * reads in pg_locks what it really holds, which relations got another file (pg_class) and which
 * were scanned. Everything measured must have been told, and everything told for certain must have
 * been measured. What cannot run in a transaction is stopped halfway by sessions that are in its
 * way, and looked at while it waits.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/classify.h"
#include "shared/sql/effects.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct arena arena;

/* ---- files ---- */

static const char *
file(const char *name)
{
	char path[512];
	struct text text;
	size_t got;
	char buf[4096];

	snprintf(path, sizeof(path), "%s/%s", EFFECTS_DIR, name);
	FILE *f = fopen(path, "r");
	REQUIRE(f != NULL);
	text_init(&text, 0);
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_printf(&text, "%.*s", (int)got, buf);
	fclose(f);
	const char *copy = arena_str(&arena, text.ptr);
	text_fini(&text);
	return copy;
}

/* ---- sessions ---- */

static void
quiet(void *self, const char *message)
{
	(void)self;
	(void)message;
}

static PGconn *
session(const char *database)
{
	PGconn *c = PQconnectdb(cluster_url(database));

	REQUIRE(PQstatus(c) == CONNECTION_OK);
	PQsetNoticeProcessor(c, quiet, NULL);
	return c;
}

static bool
run(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok)
		fprintf(stderr, "  %s\n  %s", sql, PQerrorMessage(c));
	PQclear(r);
	return ok;
}

/* The first column of the first row; "" for null. */
static const char *
ask(PGconn *c, const char *sql, int count, const char *const *values)
{
	PGresult *r = PQexecParams(c, sql, count, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fprintf(stderr, "  %s\n", PQerrorMessage(c));
	REQUIRE(PQresultStatus(r) == PGRES_TUPLES_OK);
	const char *answer = arena_str(&arena, PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return answer;
}

/* ---- what is told ---- */

static const char *const role_ids[] = {
#define ROLE(id, ...) #id,
	SQL_ROLES(ROLE)
#undef ROLE
};

/* JSON for expand.sql; the names of the tables here need no escapes. */
static const char *
told_as_json(const struct sql_effects *e)
{
	struct text t;

	text_init(&t, 0);
	text_put(&t, "[");
	for (size_t i = 0; i < e->count; i++) {
		const struct sql_effect *x = &e->items[i];
		const char *schema = x->schema != NULL ? x->schema : "";

		text_printf(&t, "%s{\"role\": \"%s\", \"named\": %s, ", i > 0 ? ", " : "",
			    role_ids[x->role], x->named ? "true" : "false");
		if (x->name != NULL)
			text_printf(&t, "\"name\": \"%s%s%s\", ", schema, *schema ? "." : "",
				    x->name);
		text_printf(&t, "\"least\": %d, \"lock\": %d, \"rewrite\": %d, \"scan\": %d}",
			    x->least, x->lock, x->rewrite, x->scan);
	}
	text_put(&t, "]");
	const char *json = arena_str(&arena, t.ptr);
	text_fini(&t);
	return json;
}

/* An uncertain effect says on what it depends, and a certain one has nothing to say. */
static void
check_words(const char *sql, const struct sql_effects *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct sql_effect *x = &e->items[i];
		bool certain =
			x->least == x->lock && x->rewrite != SQL_MAYBE && x->scan != SQL_MAYBE;

		if (certain != (x->depends == NULL) || x->least > x->lock)
			fprintf(stderr, "  %s: %s: depends on %s\n", sql, role_ids[x->role],
				x->depends ? x->depends : "nothing");
		CHECK(certain == (x->depends == NULL) && x->least <= x->lock);
	}
}

/* ---- one statement ---- */

struct bench {
	PGconn *doer, *observer;
	const char *expand, *judge, *locks, *state;
	const char *seen; /* locks, from several runs */
	size_t done, wrong;
};

static void
bench_make(struct bench *b)
{
	/* The role is the server's, not the database's. */
	REQUIRE(cluster_drop_database("effects"));
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE IF EXISTS reader"));
	REQUIRE(cluster_create_database("effects"));
	REQUIRE(pg_exec(cluster_url("effects"), file("fixture.sql")));
	b->doer = session("effects");
	b->observer = session("effects");
	b->expand = file("expand.sql");
	b->judge = file("judge.sql");
	b->locks = file("locks.sql");
	b->state = file("state.sql");
	REQUIRE(run(b->observer, file("observer.sql")));
}

static void
bench_close(struct bench *b)
{
	PQfinish(b->doer);
	PQfinish(b->observer);
}

static const char *
held(struct bench *b)
{
	const char *pid = arena_printf(&arena, "%d", PQbackendPID(b->doer));

	return ask(b->observer, b->locks, 1, (const char *const[]){pid});
}

static void
expand(struct bench *b, const struct sql_effects *e)
{
	ask(b->observer, "SELECT set_config('test.told', $1, false)", 1,
	    (const char *const[]){told_as_json(e)});
	REQUIRE(run(b->observer, b->expand));
}

static void
judge(struct bench *b, const char *sql, const char *locks, const char *before, const char *after,
      bool scans)
{
	const char *values[] = {locks, before, after, scans ? "true" : "false"};
	const char *wrong = ask(b->observer, b->judge, 4, values);

	b->done++;
	if (*wrong != '\0') {
		b->wrong++;
		fprintf(stderr, "  %s\n    %s\n", sql, wrong);
	}
}

static void
try_inside(struct bench *b, const char *sql)
{
	struct sql_effects e;

	sql_effects_of(&arena, span_str(sql), &e);
	check_words(sql, &e);
	if (e.opaque != NULL || e.outside)
		fprintf(stderr, "  %s: %s\n", sql, e.opaque ? e.opaque : "outside a transaction");
	CHECK(e.opaque == NULL && !e.outside);
	expand(b, &e);
	REQUIRE(run(b->doer, "BEGIN"));
	const char *before = ask(b->doer, b->state, 0, NULL);
	bool ok = run(b->doer, sql);
	CHECK(ok);
	if (ok) {
		const char *locks = held(b);
		judge(b, sql, locks, before, ask(b->doer, b->state, 0, NULL), true);
	}
	REQUIRE(run(b->doer, "ROLLBACK"));
}

static void
what_is_told_is_what_postgresql_does(void)
{
	struct bench b = {0};
	const char *statements = file("statements.sql");

	bench_make(&b);
	for (const char *at = statements; *at != '\0';) {
		size_t len = strcspn(at, "\n");
		const char *line = arena_printf(&arena, "%.*s", (int)len, at);

		if (len > 0 && strncmp(line, "--", 2) != 0)
			try_inside(&b, line);
		at += len + (at[len] != '\0');
	}
	printf("  %zu statements\n", b.done);
	CHECK(b.done >= 150);
	CHECK_INT(b.wrong, 0);
	bench_close(&b);
}

/* ---- outside transactions ---- */

static const struct {
	const char *sql;
	/* What a session in its way does first. At all but the last the statement is cancelled,
	 * which leaves no trace while it waits for its first lock. */
	const char *holds[3];
} outside[] = {
	{"VACUUM lone", {"LOCK lone IN SHARE UPDATE EXCLUSIVE MODE"}},
	{"VACUUM (FREEZE, ANALYZE) author", {"LOCK author IN SHARE UPDATE EXCLUSIVE MODE"}},
	{"VACUUM ledger",
	 {"LOCK ledger IN SHARE UPDATE EXCLUSIVE MODE",
	  "LOCK ledger_d IN SHARE UPDATE EXCLUSIVE MODE"}},
	{"VACUUM", {"LOCK lone IN SHARE UPDATE EXCLUSIVE MODE"}},
	{"VACUUM FULL lone", {"LOCK lone IN ACCESS SHARE MODE"}},
	{"VACUUM (FULL) ledger",
	 {"LOCK ledger IN ACCESS SHARE MODE", "LOCK ledger_d IN ACCESS SHARE MODE"}},
	{"CLUSTER", {"LOCK lone IN ACCESS SHARE MODE"}},
	{"REINDEX TABLE ledger",
	 {"LOCK ledger IN ROW EXCLUSIVE MODE", "LOCK ledger_1 IN ROW EXCLUSIVE MODE"}},
	{"REINDEX INDEX measure_val",
	 {"LOCK measure IN ROW EXCLUSIVE MODE", "COMMENT ON INDEX measure_val IS 'x'",
	  "LOCK measure_1 IN ROW EXCLUSIVE MODE"}},
	{"REINDEX SCHEMA store", {"LOCK store.item IN ROW EXCLUSIVE MODE"}},
	{"REINDEX DATABASE effects", {"LOCK lone IN ROW EXCLUSIVE MODE"}},
	{"REINDEX INDEX CONCURRENTLY author_name", {"LOCK author IN ACCESS SHARE MODE"}},
	{"REINDEX TABLE CONCURRENTLY author", {"LOCK author IN ROW EXCLUSIVE MODE"}},
	{"REINDEX TABLE CONCURRENTLY ledger",
	 {"LOCK ledger IN SHARE UPDATE EXCLUSIVE MODE", "LOCK ledger_1 IN ROW EXCLUSIVE MODE"}},
	{"REINDEX INDEX CONCURRENTLY measure_val",
	 {"LOCK measure IN SHARE UPDATE EXCLUSIVE MODE", "COMMENT ON INDEX measure_val IS 'x'",
	  "LOCK measure_1 IN ROW EXCLUSIVE MODE"}},
	{"REINDEX SCHEMA CONCURRENTLY store", {"LOCK store.item IN ROW EXCLUSIVE MODE"}},
	{"CREATE INDEX CONCURRENTLY ON author (short)",
	 {"LOCK author IN SHARE UPDATE EXCLUSIVE MODE", "LOCK author IN ROW EXCLUSIVE MODE"}},
	{"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS fresh ON lone (id)",
	 {"LOCK lone IN ROW EXCLUSIVE MODE"}},
	{"DROP INDEX CONCURRENTLY author_name",
	 {"LOCK author IN SHARE UPDATE EXCLUSIVE MODE", "COMMENT ON INDEX author_name IS 'x'",
	  "LOCK author IN ACCESS SHARE MODE"}},
	{"DROP INDEX CONCURRENTLY IF EXISTS author_lower", {"LOCK author IN ACCESS SHARE MODE"}},
	{"ALTER TABLE event DETACH PARTITION event_1 CONCURRENTLY",
	 {"LOCK event_1 IN ACCESS SHARE MODE"}},
};

static bool
waits_or_is_done(struct bench *b)
{
	const char *pid = arena_printf(&arena, "%d", PQbackendPID(b->doer));
	const char *waits =
		ask(b->observer,
		    "SELECT cardinality(pg_blocking_pids($1::int)) > 0 "
		    "OR EXISTS (SELECT FROM pg_locks WHERE pid = $1::int AND NOT granted)",
		    1, (const char *const[]){pid});

	REQUIRE(PQconsumeInput(b->doer) == 1);
	return *waits == 't' || PQisBusy(b->doer) == 0;
}

static void
end_statement(struct bench *b, const char *sql, bool cancel)
{
	PGresult *r;

	while ((r = PQgetResult(b->doer)) != NULL) {
		bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
		if (!ok && !cancel)
			fprintf(stderr, "  %s: %s\n", sql, PQresultErrorMessage(r));
		CHECK(ok == !cancel);
		PQclear(r);
	}
}

/* Adds what it holds, and waits for, while `hold` is in its way. */
static void
stop_at(struct bench *b, const char *sql, const char *hold, bool cancel)
{
	PGconn *holder = session("effects");
	char words[256];

	REQUIRE(run(holder, "BEGIN") && run(holder, hold));
	REQUIRE(PQsendQuery(b->doer, sql) == 1);
	while (!waits_or_is_done(b))
		usleep(500);
	if (PQisBusy(b->doer) == 0)
		fprintf(stderr, "  %s: did not wait for %s\n", sql, hold);
	CHECK(PQisBusy(b->doer) != 0);
	b->seen = ask(b->observer,
		      "SELECT coalesce(jsonb_object_agg(key, most), '{}') FROM (SELECT key, "
		      "max(value::int) AS most FROM (SELECT * FROM jsonb_each_text($1) UNION ALL "
		      "SELECT * FROM jsonb_each_text($2)) a GROUP BY key) b",
		      2, (const char *const[]){b->seen, held(b)});
	if (cancel) {
		PGcancel *request = PQgetCancel(b->doer);
		CHECK(PQcancel(request, words, sizeof(words)) == 1);
		PQfreeCancel(request);
		end_statement(b, sql, true);
	}
	REQUIRE(run(holder, "COMMIT"));
	PQfinish(holder);
	if (!cancel)
		end_statement(b, sql, false);
}

/* What was seen at all stops counts together. */
static void
try_outside(struct bench *b, const char *sql, const char *const *holds, size_t count)
{
	struct sql_effects e;

	sql_effects_of(&arena, span_str(sql), &e);
	check_words(sql, &e);
	/* REINDEX of what is partitioned cannot either, which the text does not say. */
	CHECK(e.outside || strncmp(sql, "REINDEX ", 8) == 0);
	expand(b, &e);
	b->seen = "{}";
	const char *before = ask(b->observer, b->state, 0, NULL);
	while (count > 0 && holds[count - 1] == NULL)
		count--;
	for (size_t i = 0; i < count; i++)
		stop_at(b, sql, holds[i], i + 1 < count);
	judge(b, sql, b->seen, before, ask(b->observer, b->state, 0, NULL), false);
}

static void
what_runs_outside_a_transaction_is_as_it_is_told(void)
{
	struct bench b = {0};

	bench_make(&b);
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		try_outside(&b, outside[i].sql, outside[i].holds, ARRAY_LEN(outside[i].holds));
	CHECK_INT(b.done, ARRAY_LEN(outside));
	CHECK_INT(b.wrong, 0);
	bench_close(&b);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(what_is_told_is_what_postgresql_does),
		CASE(what_runs_outside_a_transaction_is_as_it_is_told),
	};
	int rc;

	if (!cluster_start())
		return 1;
	arena_init(&arena);
	rc = unit_main("db_effects", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&arena);
	return rc;
}
