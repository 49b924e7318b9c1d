/* `confiture build --apply`: an empty database becomes the schema, or stays as it is. */
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"
#include "tests/system/build_house.h"

#include "shared/base/banned.h"

static void
a_fresh_database_is_built_in_one_go(void)
{
	struct project p;

	build_open(&p);
	project_file(&p, "db/environments/local.yaml",
		     "database_url: \"%s\"\ninclude_dirs: [db/schema, db/seeds]\n",
		     project_url(&p));
	project_file(&p, "db/schema/20_more.sql",
		     "BEGIN;\nCREATE EXTENSION IF NOT EXISTS plpgsql;\n"
		     "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END "
		     "$$;\nCOMMIT;\n");
	project_file(&p, "db/seeds/users.sql",
		     "COPY users (id, mood) FROM stdin;\n1\tsad\n2\tfine\n\\.\n"
		     "INSERT INTO orders VALUES (one(), 2)");
	struct document *d = run_json(&p, "build --apply --two-pass", 0, "build");
	CHECK_INT(document_int(d, "applied.statements"), 8);
	CHECK_INT(document_int(d, "seed_files_applied"), 1);
	CHECK_HAS(document_text(d, "applied.database"), p.database);
	document_free(d);
	CHECK_STR(project_sql(&p,
			      "SELECT string_agg(id || ' ' || mood, ', ' ORDER BY id) FROM users"),
		  "1 sad, 2 fine");
	CHECK_STR(project_sql(&p, "SELECT user_id FROM orders"), "2");
	CHECK_STR(project_sql(&p, "SELECT conname FROM pg_constraint WHERE contype = 'f'"),
		  "orders_user_id_fkey");
	CHECK(project_has(&p, "db/generated/schema_local.sql"));
	project_close(&p);
}

/* What one statement after the other makes is what psql makes of the built file. */
static void
psql_makes_the_same_of_the_file(void)
{
	static const char *const what = "SELECT string_agg(relname || relkind::text, ' ' ORDER BY "
					"relname) FROM pg_class WHERE "
					"relnamespace = 'public'::regnamespace";
	struct project p, other;

	build_open(&p);
	project_open(&other);
	CHECK_INT(project_run(&p, words("build --two-pass --apply --database-url %s",
					project_url(&other))),
		  0);
	CHECK_HAS(p.last.out, "applied  4 statements to ");
	CHECK_INT(build_load(&p, "db/generated/schema_local.sql"), 0);
	CHECK_STR(project_sql(&other, what), project_sql(&p, what));
	CHECK_STR(project_sql(&p, what), "ordersr orders_pkeyi usersr users_pkeyi");
	project_close(&other);
	project_close(&p);
}

static void
a_database_with_anything_in_it_is_refused(void)
{
	static const struct {
		const char *sql, *says;
	} rows[] = {
		{"CREATE TABLE mine ()", "table mine"},
		{"CREATE VIEW mine AS SELECT 1", "view mine"},
		{"CREATE TYPE mine AS ENUM ()", "type mine"},
		{"CREATE DOMAIN mine AS int", "type mine"},
		{"CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		 "function mine()"},
		{"CREATE SCHEMA mine", "schema mine"},
		{"CREATE SEQUENCE mine", "sequence mine"},
		{"CREATE COLLATION mine FROM \"C\"", "collation mine"},
		{"CREATE PUBLICATION mine", "publication mine"},
		{"SELECT lo_create(0)", "large object"},
		{"CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); CREATE TABLE d (); "
		 "CREATE TABLE e (); CREATE TABLE f (); CREATE TABLE g ()",
		 "table a, table b, table c, table d, table e and 2 more"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct project p;
		const struct refusal r = {"build --apply --two-pass",
					  3,
					  "TARGET_006",
					  rows[i].says,
					  "createdb",
					  NULL,
					  NULL};
		build_open(&p);
		REQUIRE(pg_exec(project_url(&p), rows[i].sql));
		refusal_check(&p, &r);
		project_close(&p);
	}
}

static void
an_extension_and_an_empty_template_are_nothing_in_the_way(void)
{
	struct project p;

	build_open(&p);
	REQUIRE(pg_exec(project_url(&p), "DROP SCHEMA public; CREATE SCHEMA public; "
					 "DROP EXTENSION plpgsql; CREATE EXTENSION plpgsql"));
	CHECK_INT(project_run(&p, "build --apply --two-pass"), 0);
	project_close(&p);
}

static void
an_error_has_its_place_and_leaves_nothing(void)
{
	static const struct {
		const char *text, *says;
		const char *place;
	} rows[] = {
		{"SELECT 1;\nCREATE TABLE a (x\n  nosuch);\n", "type \"nosuch\" does not exist",
		 "db/schema/20.sql:3:3"},
		{"/* é */ SELECT 'é', nosuch;\n", "column \"nosuch\" does not exist",
		 "db/schema/20.sql:1:21"},
		{"COPY users FROM stdin;\n7\tfine\n8\tangry\n\\.\n",
		 "invalid input value for enum mood", "db/schema/20.sql:3"},
		{"CREATE TABLE a (\n  x int,\n  FOREIGN KEY (x) REFERENCES nosuch\n);\n",
		 "relation \"nosuch\" does not exist", "db/schema/20.sql:3:3"},
		{"CREATE TABLE a (x int REFERENCES users (mood), y nosuch);\n",
		 "type \"nosuch\" does not exist", "db/schema/20.sql:1:50"},
		{"DO $$ BEGIN RAISE EXCEPTION 'no'; END $$;\n", "no", "db/schema/20.sql:1:1"},
		{"CREATE CONSTRAINT TRIGGER t AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED "
		 "FOR EACH ROW EXECUTE FUNCTION nosuch();\n",
		 "function nosuch() does not exist", "db/schema/20.sql:1:1"},
	};
	struct project p;

	build_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct refusal r = {"build --apply --two-pass",
					  4,
					  "SCHEMA_205",
					  rows[i].says,
					  "mend",
					  NULL,
					  NULL};
		project_file(&p, "db/schema/20.sql", "%s", rows[i].text);
		refusal_check(&p, &r);
		CHECK(project_run(&p, "build --apply --two-pass") != 0);
		CHECK_HAS(p.last.err, words("  at:   %s\n", rows[i].place));
		CHECK(!project_has(&p, "db/generated/schema_local.sql"));
	}
	project_close(&p);
}

static void
what_fails_at_commit_leaves_nothing(void)
{
	static const struct refusal r = {"build --apply", 4,	"SCHEMA_205", "too late",
					 "mend",	  NULL, NULL};
	struct project p;

	build_open(&p);
	project_remove(&p, "db/schema/10_tables/orders.sql");
	project_file(
		&p, "db/schema/a.sql",
		"CREATE TABLE a (x int);\n"
		"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
		"'too late'; END $$;\n"
		"CREATE CONSTRAINT TRIGGER t AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED "
		"FOR EACH ROW EXECUTE FUNCTION f();\nINSERT INTO a VALUES (1);\n");
	refusal_check(&p, &r);
	project_close(&p);
}

static void
what_cannot_be_in_one_transaction_is_refused_before_anything_runs(void)
{
	static const struct {
		const char *text, *says, *next;
	} rows[] = {
		{"CREATE INDEX CONCURRENTLY i ON users (mood);\n",
		 "20.sql:1: CREATE INDEX cannot run", "leave CONCURRENTLY out"},
		{"VACUUM users;\n", "VACUUM cannot run in a transaction", NULL},
		{"SELECT 1;\nCOMMIT;\n", "20.sql:2: COMMIT would end the transaction", NULL},
		{"SELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;\n", "20.sql:2: BEGIN", NULL},
		{"BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;\n", "20.sql:4: SELECT", NULL},
		{"BEGIN;\nSELECT 1;\n", "20.sql:1: BEGIN has no COMMIT", NULL},
		{"BEGIN;\nROLLBACK;\n", "20.sql:2: ROLLBACK", NULL},
	};
	static const struct refusal psql = {
		"build --apply", 4, "SCHEMA_200", "is a command of psql", NULL, NULL, NULL};
	struct project p;

	build_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct refusal r = {"build --apply", 4,	 "SCHEMA_207", rows[i].says,
					  rows[i].next,	   NULL, NULL};
		project_file(&p, "db/schema/20.sql", "%s", rows[i].text);
		refusal_check(&p, &r);
		CHECK_INT(project_run(&p, "build"), 0);
		project_remove(&p, "db/generated/schema_local.sql");
	}
	project_file(&p, "db/schema/20.sql", "\\set x 1\n");
	refusal_check(&p, &psql);
	project_close(&p);
}

static void
databases_that_cannot_be_meant_are_refused(void)
{
	static const struct refusal rows[] = {
		{"build --database-url postgresql:///x", 2, "USAGE_001", "which is not given",
		 "--apply --database-url", NULL, NULL},
		{"build --apply --database-url mysql://x", 5, "CONFIG_003", "--database-url", NULL,
		 NULL, NULL},
		{"build --apply --two-pass --database-url "
		 "postgresql://nobody:" PLANTED_SECRET "@localhost:1/x",
		 3, "CONFIG_006", "localhost", NULL, NULL, NULL},
	};
	static const struct refusal none = {
		"build --apply", 5, "CONFIG_001", "says no database", NULL, NULL, NULL};
	static const struct refusal two = {"build --apply",  5,	   "CONFIG_010", "has 2 databases",
					   "--database-url", NULL, NULL};
	struct project p;

	build_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	project_file(&p, "db/environments/local.yaml", "include_dirs: [db/schema]\n");
	refusal_check(&p, &none);
	project_file(
		&p, "db/environments/local.yaml",
		"include_dirs: [db/schema]\ntargets:\n  a: {database_url: \"postgresql:///a\"}\n"
		"  b: {database_url: \"postgresql:///b\"}\n");
	refusal_check(&p, &two);
	project_close(&p);
}

static void
nobody_else_works_in_it_meanwhile(void)
{
	static const char *const waits =
		"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT ''it runs''%' AND "
		"wait_event = 'advisory'";
	struct project p;
	struct process up;

	build_open(&p);
	struct pg_session *other = pg_session_open(project_url(&p));
	REQUIRE(other != NULL && pg_session_exec(other, "SELECT pg_advisory_lock(77)"));
	project_migration(&p, "001_waits", "SELECT 'it runs', pg_advisory_lock(77);", "SELECT 1;");
	REQUIRE(project_start(&p, &up, "migrate up", NULL));
	/* Its statement waits for what we hold, so it holds its own lock. */
	while (strcmp(pg_session_text(other, waits), "1") != 0)
		CHECK(!process_wait(&up, 0));
	CHECK_INT(project_run(&p, "build --apply --two-pass"), 6);
	CHECK_HAS(p.last.err, "[LOCK_1300]");
	CHECK(pg_session_exec(other, "SELECT pg_advisory_unlock(77)"));
	CHECK(process_wait(&up, 60));
	CHECK_INT(up.exit_code, 0);
	process_free(&up);
	pg_session_close(other);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(a_fresh_database_is_built_in_one_go),
	CASE(psql_makes_the_same_of_the_file),
	CASE(a_database_with_anything_in_it_is_refused),
	CASE(an_extension_and_an_empty_template_are_nothing_in_the_way),
	CASE(an_error_has_its_place_and_leaves_nothing),
	CASE(what_fails_at_commit_leaves_nothing),
	CASE(what_cannot_be_in_one_transaction_is_refused_before_anything_runs),
	CASE(databases_that_cannot_be_meant_are_refused),
	CASE(nobody_else_works_in_it_meanwhile),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("build --apply", cases, ARRAY_LEN(cases), argc, argv);
}
