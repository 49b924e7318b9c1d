/* The ledger shared with the Python confiture, and the four round trips of a migration. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/db/open.h"

#include "shared/base/banned.h"

/* As the Python confiture creates it; before its version 0.17 without applied_by. */
#define SEED_LEDGER(applied_by)                                                                    \
	"CREATE TABLE \"tb_confiture\" (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),"            \
	" pk_confiture BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE, slug TEXT NOT NULL UNIQUE,"     \
	" version VARCHAR(255) NOT NULL UNIQUE, name VARCHAR(255) NOT NULL,"                       \
	" applied_at TIMESTAMPTZ NOT NULL DEFAULT NOW(), execution_time_ms INTEGER,"               \
	" checksum VARCHAR(64)" applied_by ");"                                                    \
	"CREATE INDEX idx_tb_confiture_slug ON tb_confiture (slug);"                               \
	"INSERT INTO tb_confiture (slug, version, name, applied_at, execution_time_ms, checksum)"  \
	" VALUES ('first_20250102_030405', '001', 'first', '2025-01-02 03:04:05.6+00', 7, 'aa'),"  \
	" ('second_20250102_030405', '002', 'second', '2025-01-02 03:04:05.6+00', NULL, NULL)"

static const char *const one_table[] = {"CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", NULL};
static const char *const nothing[] = {NULL};

static void
an_absent_ledger_is_read_as_absent_and_nothing_is_created(void)
{
	const char *url = test_database("ledger");
	struct target *t = open_target(url, NULL);
	struct ledger ledger;
	struct error err;

	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK(!ledger.present);
	CHECK_INT(ledger.count, 0);
	close_target(t);
	CHECK_STR(pg_query_text(url,
				"SELECT count(*) FROM pg_class WHERE relname LIKE '%confiture%'"),
		  "0");
}

static void
a_created_ledger_has_the_nine_columns_and_four_indexes(void)
{
	const char *url = test_database("ledger");
	struct target *t = open_target(url, NULL);

	prepare_target(t, "job-1");
	close_target(t);
	CHECK_STR(pg_query_text(url,
				"SELECT string_agg(attname || ' ' || format_type(atttypid, "
				"atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' "
				"END, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
				"'public.tb_confiture'::regclass AND attnum > 0"),
		  "id uuid not null, pk_confiture bigint not null, slug text not null, version "
		  "character varying(255) not null, name character varying(255) not null, "
		  "applied_at timestamp with time zone not null, execution_time_ms integer, "
		  "checksum character varying(64), applied_by text");
	CHECK_STR(pg_query_text(url, "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM "
				     "pg_indexes WHERE indexname LIKE 'idx%'"),
		  "idx_tb_confiture_applied_at idx_tb_confiture_pk_confiture "
		  "idx_tb_confiture_slug idx_tb_confiture_version");
	CHECK_STR(pg_query_text(url, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM "
				     "pg_class WHERE relkind = 'r' AND relname LIKE '%confiture%'"),
		  "confiture_fence confiture_lock_holder confiture_mark confiture_step "
		  "tb_confiture");
}

static void
check_seed_rows(struct target *t)
{
	struct ledger ledger;
	struct error err;

	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK_STR(ledger.resolved, "public.tb_confiture");
	REQUIRE(ledger.count == 2);
	CHECK_STR(ledger.rows[0].version, "001");
	CHECK_STR(ledger.rows[0].name, "first");
	CHECK_STR(ledger.rows[0].applied_at, "2025-01-02T03:04:05.600000+00:00");
	CHECK_STR(ledger.rows[0].checksum, "aa");
	CHECK_INT(ledger.rows[0].execution_time_ms, 7);
	CHECK_STR(ledger.rows[0].slug, "first_20250102_030405");
	CHECK_STR(ledger.rows[0].applied_by, NULL);
	CHECK_STR(ledger.rows[1].version, "002");
	CHECK_STR(ledger.rows[1].checksum, NULL);
	CHECK_INT(ledger.rows[1].execution_time_ms, INT64_MIN);
}

static void
a_ledger_of_the_seed_is_read_and_taken_over(void)
{
	const char *url = test_database("ledger");

	REQUIRE(pg_exec(url, SEED_LEDGER("")));
	struct target *t = open_target(url, NULL);
	check_seed_rows(t); /* before anything was written */
	prepare_target(t, "job-1");
	check_seed_rows(t);
	apply(t, 1, "003", one_table);
	close_target(t);
	CHECK_STR(pg_query_text(url,
				"SELECT name || ' ' || checksum || ' ' || applied_by || ' ' || "
				"(slug ~ '^some_name_\\d{8}_\\d{6}$') || ' ' || "
				"(execution_time_ms BETWEEN 0 AND 10000) || ' ' || "
				"(id IS NOT NULL) FROM tb_confiture WHERE version = '003'"),
		  "some_name abc postgres true true true");
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "3");
}

static void
a_newer_ledger_of_the_seed_is_left_as_it_is(void)
{
	const char *url = test_database("ledger");
	const char *state = "SELECT xmin::text || relfilenode::text FROM pg_class "
			    "WHERE relname = 'tb_confiture'";

	REQUIRE(pg_exec(url, SEED_LEDGER(", applied_by TEXT")));
	const char *before = pg_query_text(url, state);
	struct target *t = open_target(url, NULL);
	prepare_target(t, "job-1");
	check_seed_rows(t);
	close_target(t);
	CHECK_STR(pg_query_text(url, state), before);
}

static void
slugs_of_one_name_in_one_second_do_not_collide(void)
{
	const char *url = test_database("ledger");
	struct target *t = open_target(url, NULL);
	char version[8];

	prepare_target(t, "job-1");
	for (uint32_t i = 1; i <= 30; i++) {
		snprintf(version, sizeof(version), "%03u", i);
		apply(t, i, version, nothing);
	}
	close_target(t);
	CHECK_STR(pg_query_text(url, "SELECT count(*) || ' ' || bool_and(slug ~ "
				     "('^some_name_\\d{8}_\\d{6}(_' || version || ')?$')) FROM "
				     "tb_confiture"),
		  "30 true");
}

static void
write_step(struct target *t, struct target_step step)
{
	struct error err;

	MUST(t->ops->begin(t, &err), &err);
	MUST(t->ops->step(t, &step, &err), &err);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
}

static void
each_ledger_change_is_written_with_its_step(void)
{
	const char *url = test_database("ledger");
	struct target *t = open_target(url, NULL);
	struct target_step step = insert_step(1, "001", "first");
	int64_t committed, planned;
	struct error err;

	prepare_target(t, "job-1");
	step.slug_suffix = "_baseline";
	step.applied_at = "2020-02-03T04:05:06+00:00";
	step.execution_time_ms = 12;
	step.record_user = false;
	write_step(t, step);
	CHECK_STR(pg_query_text(url, "SELECT applied_at = '2020-02-03 04:05:06+00' AND slug LIKE "
				     "'first\\_%\\_baseline' AND execution_time_ms = 12 AND "
				     "applied_by IS NULL FROM tb_confiture"),
		  "t");
	step.number = 2;
	step.change = LEDGER_CHECKSUM;
	step.checksum = "new";
	write_step(t, step);
	CHECK_STR(pg_query_text(url, "SELECT checksum FROM tb_confiture"), "new");
	step.number = 3;
	step.change = LEDGER_NOTHING;
	write_step(t, step);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "1");
	step.number = 4;
	step.change = LEDGER_DELETE;
	write_step(t, step);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "0");
	MUST(t->ops->steps_of(t, "job-1", 1, &committed, &planned, &err), &err);
	CHECK_INT(committed, 4);
	CHECK_INT(planned, 3);
	MUST(t->ops->steps_of(t, "job-1", 2, &committed, &planned, &err), &err);
	CHECK_INT(committed, 0);
	close_target(t);
}

static void
a_step_that_changes_no_row_is_refused(void)
{
	const char *url = test_database("ledger");
	struct target *t = open_target(url, NULL);
	struct target_step step = insert_step(1, "001", "first");
	struct error err;

	prepare_target(t, "job-1");
	step.change = LEDGER_DELETE;
	MUST(t->ops->begin(t, &err), &err);
	CHECK(!t->ops->step(t, &step, &err));
	CHECK_ERROR(&err, E_MIGR_100, "001");
	MUST(t->ops->rollback(t, &err), &err);
	step.change = LEDGER_INSERT;
	write_step(t, step);
	step.number = 2;
	MUST(t->ops->begin(t, &err), &err);
	CHECK(!t->ops->step(t, &step, &err));
	CHECK_ERROR(&err, E_MIGR_001, "is in the ledger already");
	CHECK_INT(t->ops->commit(t, &err), COMMIT_ROLLED_BACK);
	close_target(t);
}

static void
a_bare_name_is_found_through_the_search_path(void)
{
	const char *url = test_database("ledger");

	REQUIRE(pg_exec(url,
			"CREATE SCHEMA app; CREATE SCHEMA closed; CREATE ROLE plain LOGIN; "
			"GRANT USAGE ON SCHEMA closed, app TO plain; GRANT CREATE ON SCHEMA app "
			"TO plain; ALTER ROLE plain SET search_path = nowhere, closed, app"));
	const char *plain = arena_str(&test_arena, cluster_url_as("plain", "ledger"));
	struct target *t = open_target(plain, NULL);
	struct ledger ledger;
	struct error err;

	prepare_target(t, "job-1");
	apply(t, 1, "001", nothing);
	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK_STR(ledger.resolved, "app.tb_confiture");
	close_target(t);
	t = open_target(plain, "app.tb_confiture");
	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK_INT(ledger.count, 1);
	close_target(t);
	t = open_target(url, NULL); /* postgres does not look there */
	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK(!ledger.present);
	close_target(t);
	CHECK(pg_exec(url, "DROP OWNED BY plain; DROP ROLE plain"));
}

static void
a_role_that_may_create_nowhere_is_told_so(void)
{
	const char *url = test_database("ledger");

	REQUIRE(pg_exec(url, "CREATE ROLE powerless LOGIN"));
	struct target *t = open_target(cluster_url_as("powerless", "ledger"), NULL);
	struct error err;
	CHECK(!t->ops->ledger_ensure(t, &err));
	CHECK_ERROR(&err, E_TARGET_003, "powerless");
	CHECK_HAS(err.hint, "GRANT CREATE ON SCHEMA");
	close_target(t);
	REQUIRE(pg_exec(url, SEED_LEDGER("")));
	t = open_target(cluster_url_as("powerless", "ledger"), NULL);
	CHECK(!t->ops->ledger_ensure(t, &err));
	CHECK_ERROR(&err, E_TARGET_003, "must be owner of table tb_confiture");
	close_target(t);
	t = open_target(url, "missing_schema.tb");
	CHECK(!t->ops->ledger_ensure(t, &err));
	CHECK_ERROR(&err, E_CONFIG_005, "missing_schema");
	close_target(t);
	CHECK(pg_exec(url, "DROP OWNED BY powerless; DROP ROLE powerless"));
}

static void
names_of_63_bytes_and_quoted_schemas_work(void)
{
	const char *url = test_database("ledger");
	const char *ledger =
		"Schéma \"x\".tb_567890123456789012345678901234567890123456789012345678é";
	struct ledger read;
	struct error err;

	REQUIRE(pg_exec(url, "CREATE SCHEMA \"Schéma \"\"x\"\"\""));
	struct target *t = open_target(url, ledger);
	prepare_target(t, "job-1");
	apply(t, 1, "001", one_table);
	MUST(t->ops->ledger_read(t, &test_arena, &read, &err), &err);
	CHECK_INT(read.count, 1);
	CHECK_STR(read.resolved, ledger);
	close_target(t);
	t = open_target(url, ledger); /* one that has not made them itself */
	MUST(t->ops->ledger_read(t, &test_arena, &read, &err), &err);
	CHECK_INT(read.count, 1);
	CHECK_STR(read.resolved, ledger);
	close_target(t);
	CHECK_STR(pg_query_text(url,
				"SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'idx_tb%'"),
		  "4");
}

/* ---- first use by two ---- */

struct racer {
	const char *url;
	pthread_barrier_t *start;
	bool ok;
	int created;
	struct error err;
};

static bool
race(struct racer *r, struct target *t)
{
	bool held = false;

	pthread_barrier_wait(r->start);
	while (!held) {
		if (!t->ops->lock_try(t, &held, &r->err))
			return false;
	}
	struct ledger ledger;
	struct arena arena;
	arena_init(&arena);
	bool ok = t->ops->ledger_read(t, &arena, &ledger, &r->err);
	r->created = !ledger.present;
	arena_fini(&arena);
	return ok && t->ops->ledger_ensure(t, &r->err) && t->ops->lock_release(t, &r->err);
}

static void *
race_thread(void *arg)
{
	struct racer *r = arg;
	struct target *t = open_target(r->url, NULL);

	r->ok = race(r, t);
	close_target(t);
	return NULL;
}

static void
two_that_start_together_create_the_ledger_once(void)
{
	const char *url = test_database("ledger");

	for (int round = 0; round < 20; round++) {
		pthread_barrier_t start;
		struct racer racers[2] = {{.url = url, .start = &start},
					  {.url = url, .start = &start}};
		pthread_t threads[2];

		pthread_barrier_init(&start, NULL, 2);
		for (int i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL, race_thread, &racers[i]);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		pthread_barrier_destroy(&start);
		MUST(racers[0].ok, &racers[0].err);
		MUST(racers[1].ok, &racers[1].err);
		CHECK_INT(racers[0].created + racers[1].created, 1);
		REQUIRE(pg_exec(url, "DROP TABLE tb_confiture, confiture_fence, confiture_step, "
				     "confiture_mark, confiture_lock_holder"));
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(an_absent_ledger_is_read_as_absent_and_nothing_is_created),
		CASE(a_created_ledger_has_the_nine_columns_and_four_indexes),
		CASE(a_ledger_of_the_seed_is_read_and_taken_over),
		CASE(a_newer_ledger_of_the_seed_is_left_as_it_is),
		CASE(slugs_of_one_name_in_one_second_do_not_collide),
		CASE(each_ledger_change_is_written_with_its_step),
		CASE(a_step_that_changes_no_row_is_refused),
		CASE(a_bare_name_is_found_through_the_search_path),
		CASE(a_role_that_may_create_nowhere_is_told_so),
		CASE(names_of_63_bytes_and_quoted_schemas_work),
		CASE(two_that_start_together_create_the_ledger_once),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/ledger", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
