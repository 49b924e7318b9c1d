/* What a migration may do to a session, and what it must not be able to. */
#include <stdio.h>
#include <string.h>

#include "shared/schema/pool.h"
#include "tests/db/open.h"

#include "shared/base/banned.h"

static const char *
value_of(struct target *t, const char *sql)
{
	struct run_result r;
	struct error err;

	MUST(t->ops->run(t, span_str(sql), NULL, NULL, &test_arena, &r, &err), &err);
	return r.value;
}

static const char state_of_session[] =
	"SELECT concat_ws('|', current_user, session_user, current_setting('search_path'),"
	" current_setting('lock_timeout'), current_setting('statement_timeout'),"
	" current_setting('idle_session_timeout'), current_setting('application_name'),"
	" current_setting('TimeZone'), current_setting('session_replication_role'),"
	" (SELECT count(*) FROM pg_cursors WHERE name <> ''), (SELECT count(*) FROM "
	"pg_prepared_statements WHERE name NOT LIKE 'confiture%'),"
	" (SELECT count(*) FROM pg_listening_channels()), to_regclass('pg_temp.left_over')::text)";

static void
a_session_is_put_back_after_each_migration_and_keeps_the_lock(void)
{
	const char *url = test_database("session");
	struct lock_state lock;
	struct error err;

	REQUIRE(pg_exec(url, "CREATE ROLE worse; CREATE SCHEMA other; CREATE SEQUENCE s; "
			     "ALTER ROLE postgres IN DATABASE session SET lock_timeout = '7s'"));
	struct target *t = open_target(url, NULL);
	prepare_target(t, "job-1");
	const char *before = value_of(t, state_of_session);
	CHECK_HAS(before, "postgres|postgres|\"$user\", public|7s|0|0|confiture test|");
	const char *body[] = {"SET search_path = other",
			      "SET lock_timeout = '1ms'",
			      "SET statement_timeout = '1h'",
			      "SET application_name = 'mine'",
			      "SET TIME ZONE 'Asia/Tokyo'",
			      "SET session_replication_role = replica",
			      "CREATE TEMP TABLE left_over (a int)",
			      "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
			      "PREPARE p AS SELECT 1",
			      "LISTEN something",
			      "SELECT nextval('public.s')",
			      "SET SESSION AUTHORIZATION worse",
			      "SET ROLE worse",
			      NULL};
	apply(t, 1, "001", body);
	CHECK_STR(value_of(t, state_of_session), before);
	CHECK(!run_sql(t, "SELECT lastval()", &err));
	CHECK_STR(err.sqlstate, "55000");
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(lock.held_by_us);
	CHECK_STR(pg_query_text(url, "SELECT applied_by FROM tb_confiture"), "postgres");
	close_target(t);
	CHECK(pg_exec(url, "DROP ROLE worse"));
}

static void
our_sessions_have_no_idle_limit_but_keep_the_one_in_transactions(void)
{
	const char *url = test_database("session");

	REQUIRE(pg_exec(url,
			"ALTER DATABASE session SET idle_session_timeout = '50s'; ALTER DATABASE "
			"session SET idle_in_transaction_session_timeout = '60s'"));
	struct target *t = open_target(url, NULL);
	CHECK_STR(value_of(t, "SHOW idle_session_timeout"), "0");
	CHECK_STR(value_of(t, "SHOW idle_in_transaction_session_timeout"), "1min");
	struct error err;
	MUST(t->ops->clean(t, &err), &err);
	CHECK_STR(value_of(t, "SHOW idle_session_timeout"), "0");
	close_target(t);
}

/* Each of these ends the statement that touches it. */
static const char evil[] =
	"CREATE SCHEMA evil;"
	"CREATE FUNCTION evil.bang() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'fooled'; END "
	"$$;"
	"CREATE FUNCTION evil.eq(text, text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; "
	"END $$;"
	"CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);"
	"CREATE FUNCTION evil.eqi(bigint, bigint) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; END $$;"
	"CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.eqi);"
	"CREATE FUNCTION evil.cat(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; "
	"END $$;"
	"CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.cat);"
	"CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; END "
	"$$;"
	"CREATE FUNCTION evil.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; "
	"END $$;"
	"CREATE FUNCTION evil.current_database() RETURNS name LANGUAGE plpgsql AS $$ BEGIN RAISE "
	"'fooled'; "
	"END $$;"
	"CREATE VIEW evil.pg_locks AS SELECT evil.bang() AS pid;"
	"CREATE VIEW evil.pg_class AS SELECT evil.bang() AS oid;"
	"CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.bang() IS NULL);"
	"CREATE DOMAIN evil.oid AS pg_catalog.oid CHECK (evil.bang() IS NULL);"
	"CREATE DOMAIN evil.uuid AS pg_catalog.uuid CHECK (evil.bang() IS NULL);"
	"CREATE DOMAIN evil.name AS pg_catalog.name CHECK (evil.bang() IS NULL);";

static void
use_every_operation(struct target *t)
{
	struct statement_mark mark = {.version = "001",
				      .direction = "up",
				      .statement = 1,
				      .sha256 = "00",
				      .job = "job-1"};
	struct sql_goal goal = {.kind = SQL_GOAL_INDEX_CREATED, .name = "i", .table = "t"};
	static const char *const body[] = {"SET search_path = evil, pg_catalog", NULL};
	struct fence_owner owner;
	struct lock_state lock;
	struct ledger ledger;
	struct index_info index, *many;
	struct statement_mark *marks;
	const char **versions;
	int64_t committed, planned;
	size_t count;
	struct error err;

	prepare_target(t, "job-1");
	MUST(t->ops->mark_write(t, &mark, &err), &err);
	MUST(t->ops->marks_read(t, &test_arena, "001", "up", &marks, &count, &err), &err);
	MUST(t->ops->marks_list(t, &test_arena, &versions, &count, &err), &err);
	CHECK_INT(count, 1);
	apply(t, 1, "001", body);
	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK_INT(ledger.count, 1);
	MUST(t->ops->fence_read(t, &test_arena, &owner, &err), &err);
	CHECK(owner.present && owner.alive && owner.holds_lock);
	MUST(t->ops->lock_read(t, &test_arena, &lock, &err), &err);
	CHECK(lock.held_by_us);
	MUST(t->ops->steps_of(t, "job-1", 1, &committed, &planned, &err), &err);
	CHECK_INT(committed, 1);
	MUST(t->ops->index_find(t, &test_arena, &goal, &index, &err), &err);
	MUST(t->ops->reindex_leftovers(t, &test_arena, &goal, &many, &count, &err), &err);
	MUST(t->ops->lock_release(t, &err), &err);
}

static void
a_hostile_search_path_fools_none_of_our_statements(void)
{
	const char *url = test_database("session");

	REQUIRE(pg_exec(url, evil));
	REQUIRE(pg_exec(url, "CREATE SCHEMA app; ALTER ROLE postgres IN DATABASE session SET "
			     "search_path = evil, app, pg_catalog"));
	/* The trap is one: it must spring where nobody guards against it. */
	CHECK_HAS(pg_query_text(url, "SELECT now()"), "fooled");
	CHECK_HAS(pg_query_text(url, "SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text"),
		  "fooled");
	struct target *t = open_target(url, "app.tb_confiture");
	use_every_operation(t);
	close_target(t);
}

static void
a_body_that_changes_role_and_path_cannot_hurt_step_or_marks(void)
{
	const char *url = test_database("session");
	struct statement_mark mark = {.version = "002",
				      .direction = "up",
				      .statement = 1,
				      .sha256 = "00",
				      .state = MARK_DONE,
				      .job = "job-1"};
	static const char *const body[] = {"SET ROLE weak",
					   "SET LOCAL search_path = evil, pg_catalog", NULL};
	struct error err;

	REQUIRE(pg_exec(url, evil));
	REQUIRE(pg_exec(url, "CREATE ROLE weak"));
	struct target *t = open_target(url, NULL);
	prepare_target(t, "job-1");
	apply(t, 1, "001", body);
	CHECK_STR(pg_query_text(url, "SELECT applied_by FROM tb_confiture"), "postgres");
	/* Outside a transaction the file's own settings stay for its next statement. */
	must_run(t, "SET ROLE weak");
	must_run(t, "SET search_path = pg_catalog, public");
	struct statement_mark *marks;
	size_t count;
	MUST(t->ops->marks_read(t, &test_arena, "001", "up", &marks, &count, &err), &err);
	MUST(t->ops->mark_write(t, &mark, &err), &err);
	CHECK_STR(value_of(t, "SELECT current_user || ' ' || current_setting('search_path')"),
		  "weak pg_catalog, public");
	/* Reading inside a transaction leaves its search_path as it was. */
	MUST(t->ops->begin(t, &err), &err);
	must_run(t, "SET LOCAL search_path = public");
	CHECK_STR(value_of(t, "SELECT current_user"), "weak");
	struct ledger ledger;
	MUST(t->ops->rollback(t, &err), &err);
	CHECK_STR(value_of(t, "SELECT current_user"), "weak");
	MUST(t->ops->clean(t, &err), &err);
	MUST(t->ops->begin(t, &err), &err);
	must_run(t, "SET LOCAL search_path = public");
	MUST(t->ops->ledger_read(t, &test_arena, &ledger, &err), &err);
	CHECK_STR(value_of(t, "SHOW search_path"), "public");
	MUST(t->ops->rollback(t, &err), &err);
	close_target(t);
	CHECK(pg_exec(url, "DROP OWNED BY weak; DROP ROLE weak"));
}

static void
a_transaction_ended_by_its_body_is_noticed(void)
{
	static const struct {
		const char *sql[3];
		bool ours;
	} table[] = {
		{{"SELECT 1"}, true},
		{{"SAVEPOINT a", "ROLLBACK TO a"}, true},
		{{"SAVEPOINT a", "RELEASE a"}, true},
		{{"COMMIT"}, false},
		{{"ROLLBACK"}, false},
		{{"COMMIT", "BEGIN"}, false},
		{{"COMMIT AND CHAIN"}, false},
		{{"ROLLBACK AND CHAIN"}, false},
	};
	struct target *t = open_target(test_database("session"), NULL);
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		MUST(t->ops->begin(t, &err), &err);
		for (int j = 0; j < 3 && table[i].sql[j] != NULL; j++)
			must_run(t, table[i].sql[j]);
		bool ours = t->ops->in_transaction(t, &err);
		CHECK_INT(ours, table[i].ours);
		if (!ours)
			CHECK_ERROR(&err, E_MIGR_107, NULL);
		MUST(t->ops->rollback(t, &err), &err);
	}
	close_target(t);
}

/* Ours are prepared for speed; a body that drops them costs speed, not the run. */
static void
prepared_statements_of_bodies_and_of_ours_do_not_meet(void)
{
	static const char *const plain[] = {"CREATE TABLE IF NOT EXISTS t (a int)", NULL};
	static const char *const prepares[] = {"PREPARE p AS SELECT 1", NULL};
	static const char *const drops[] = {"DEALLOCATE ALL", NULL};
	static const char *const hides[] = {
		"DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; EXECUTE 'PREPARE p "
		"AS SELECT 1'; END $$",
		NULL};
	const char *const *const bodies[] = {plain,    prepares, prepares, hides, hides,
					     prepares, drops,	 plain,	   drops, prepares};
	const char *url = test_database("session");
	struct target *t = open_target(url, NULL);
	char version[8];

	prepare_target(t, "job-1");
	for (uint32_t i = 0; i < ARRAY_LEN(bodies); i++) {
		snprintf(version, sizeof(version), "%03u", i);
		apply(t, i + 1, version, bodies[i]);
	}
	close_target(t);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "10");
}

static void
a_prepared_statement_lost_unseen_is_done_without(void)
{
	const char *url = test_database("session");
	struct target *t = open_target(url, NULL);
	static const char *const plain[] = {"CREATE TABLE t2 (a int)", NULL};
	/* The tag of this INSERT shows nothing of what its default does. */
	static const char *const sly[] = {"INSERT INTO t DEFAULT VALUES", NULL};

	REQUIRE(pg_exec(url,
			"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE "
			"'DEALLOCATE ALL'; RETURN 1; END $$; CREATE TABLE t (a int DEFAULT f())"));
	prepare_target(t, "job-1");
	must_run(t, sly[0]);
	apply(t, 1, "001", plain);
	close_target(t);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "1");
}

static void
the_fence_can_be_taken_again_after_a_statement_that_may_have_dropped_ours(void)
{
	const char *url = test_database("session");
	struct target *t = open_target(url, NULL);
	struct fence_claim claim = {.journal = "journal-1", .job = "job-1", .attempt = 2};
	static const char *const plain[] = {"CREATE TABLE t (a int)", NULL};
	struct error err;

	prepare_target(t, "job-1");
	must_run(t, "SELECT 1");
	MUST(t->ops->fence_take(t, &claim, &err), &err);
	apply(t, 1, "001", plain);
	MUST(t->ops->fence_take(t, &claim, &err), &err);
	close_target(t);
	CHECK_STR(pg_query_text(url, "SELECT count(*) FROM tb_confiture"), "1");
}

static void
preparing_ours_leaves_an_open_transaction_its_search_path(void)
{
	struct target *t = open_target(test_database("session"), NULL);
	struct error err;

	prepare_target(t, "job-1");
	MUST(t->ops->begin(t, &err), &err);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	for (int i = 0; i < 4; i++) /* one of these prepares, and only the first begins anything */
		MUST(t->ops->begin(t, &err), &err);
	CHECK_STR(value_of(t, "SHOW search_path"), "\"$user\", public");
	MUST(t->ops->rollback(t, &err), &err);
	close_target(t);
}

static void
savepoints_take_any_name(void)
{
	const char *names[] = {"migration_001", "odd \"name\"; DROP TABLE t", "é"};
	struct target *t = open_target(test_database("session"), NULL);
	struct error err;

	must_run(t, "CREATE TABLE t (a int)");
	MUST(t->ops->begin(t, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		MUST(t->ops->savepoint(t, names[i], &err), &err);
		must_run(t, "INSERT INTO t VALUES (1)");
		CHECK(!run_sql(t, "SELECT nonsense", &err));
		MUST(t->ops->rollback_to(t, names[i], &err), &err);
		must_run(t, "INSERT INTO t VALUES (2)");
		MUST(t->ops->release(t, names[i], &err), &err);
	}
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	CHECK_STR(pg_query_text(cluster_url("session"), "SELECT sum(a) FROM t"), "6");
	close_target(t);
}

static void
a_commit_that_fails_is_rolled_back_with_its_reason(void)
{
	struct target *t = open_target(test_database("session"), NULL);
	struct error err;

	must_run(t, "CREATE TABLE p (a int PRIMARY KEY)");
	must_run(t, "CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
	MUST(t->ops->begin(t, &err), &err);
	must_run(t, "INSERT INTO c VALUES (1)");
	CHECK_INT(t->ops->commit(t, &err), COMMIT_ROLLED_BACK);
	CHECK_ERROR(&err, E_SQL_700, "violates foreign key constraint");
	CHECK_STR(err.sqlstate, "23503");
	MUST(t->ops->begin(t, &err), &err);
	CHECK(!run_sql(t, "SELECT 1/0", &err));
	CHECK_INT(t->ops->commit(t, &err), COMMIT_ROLLED_BACK);
	CHECK_ERROR(&err, E_SQL_700, "had failed and was rolled back");
	close_target(t);
}

/* ---- the structure ---- */

static const char *
structure_of(struct target *t)
{
	struct schema_pool *pool = schema_pool_new();
	struct schema_model *m = NULL;
	struct error err = {0};
	const char *all = "";

	MUST(t->ops->structure(t, pool, &m, &err), &err);
	for (size_t i = 0; i < m->count; i++) {
		const struct schema_object *o = &m->objects[i];
		if (o->kind == SCHEMA_KIND_table || o->kind == SCHEMA_KIND_view)
			all = arena_printf(&test_arena, "%s%s ", all, o->address);
	}
	schema_pool_free(pool);
	return all;
}

static void
a_structure_is_read_within_a_transaction_and_leaves_nothing_in_it(void)
{
	static const char locks[] = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()";
	const char *url = test_database("session");
	struct error err;

	REQUIRE(pg_exec(url, "CREATE ROLE blind; CREATE SCHEMA other;"
			     "CREATE TABLE kept (a int); CREATE VIEW seen AS SELECT a FROM kept"));
	struct target *t = open_target(url, "other.tb_own");
	prepare_target(t, "job-1");
	CHECK_STR(structure_of(t), "public.kept public.seen ");
	MUST(t->ops->begin(t, &err), &err);
	must_run(t, "CREATE TABLE fresh (a int)");
	must_run(t, "CREATE TEMP TABLE pg_class (a int)");
	must_run(t, "SET LOCAL search_path = other, public");
	must_run(t, "SET LOCAL ROLE blind");
	const char *before = value_of(t, state_of_session), *held = value_of(t, locks);
	CHECK_STR(structure_of(t), "public.fresh public.kept public.seen ");
	CHECK_STR(value_of(t, state_of_session), before);
	CHECK_STR(value_of(t, locks), held);
	MUST(t->ops->rollback(t, &err), &err);
	CHECK_STR(structure_of(t), "public.kept public.seen ");
	close_target(t);
	REQUIRE(pg_exec(url, "DROP ROLE blind"));
}

static void
a_structure_that_may_not_be_read_leaves_the_transaction_as_it_was(void)
{
	struct schema_pool *pool = schema_pool_new();
	const char *url = test_database("session");
	struct schema_model *m;
	struct error err = {0};

	REQUIRE(pg_exec(url, "CREATE ROLE poor LOGIN; GRANT CREATE ON SCHEMA public TO poor;"
			     "REVOKE SELECT ON pg_catalog.pg_cast FROM PUBLIC"));
	struct target *t = open_target(
		arena_printf(&test_arena, "host=%s user=poor dbname=session", cluster_socket_dir()),
		NULL);
	CHECK(!t->ops->structure(t, pool, &m, &err));
	CHECK_ERROR(&err, E_TARGET_003, "reading the structure of");
	MUST(t->ops->begin(t, &err), &err);
	must_run(t, "CREATE TABLE made (a int)");
	CHECK(!t->ops->structure(t, pool, &m, &err));
	CHECK_ERROR(&err, E_TARGET_003, "pg_cast");
	must_run(t, "INSERT INTO made VALUES (1)");
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	CHECK_STR(value_of(t, "SELECT a FROM public.made"), "1");
	close_target(t);
	schema_pool_free(pool);
	REQUIRE(pg_exec(url, "DROP OWNED BY poor; DROP ROLE poor"));
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_session_is_put_back_after_each_migration_and_keeps_the_lock),
		CASE(our_sessions_have_no_idle_limit_but_keep_the_one_in_transactions),
		CASE(a_hostile_search_path_fools_none_of_our_statements),
		CASE(a_body_that_changes_role_and_path_cannot_hurt_step_or_marks),
		CASE(a_transaction_ended_by_its_body_is_noticed),
		CASE(prepared_statements_of_bodies_and_of_ours_do_not_meet),
		CASE(a_prepared_statement_lost_unseen_is_done_without),
		CASE(the_fence_can_be_taken_again_after_a_statement_that_may_have_dropped_ours),
		CASE(preparing_ours_leaves_an_open_transaction_its_search_path),
		CASE(savepoints_take_any_name),
		CASE(a_commit_that_fails_is_rolled_back_with_its_reason),
		CASE(a_structure_is_read_within_a_transaction_and_leaves_nothing_in_it),
		CASE(a_structure_that_may_not_be_read_leaves_the_transaction_as_it_was),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/session", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
