/* What becomes of a schema's statements: settings, rows, roles, dumps, and words for what fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/connection.h"
#include "tests/db/ddl_rig.h"

#include "shared/base/banned.h"

/* ---- settings ---- */

static void
a_setting_holds_to_the_end_of_its_file_and_no_further(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE SCHEMA s; SET search_path = s; CREATE TABLE t (a int);\n"
		       "CREATE VIEW v AS SELECT * FROM later;\n"
		       "SELECT pg_catalog.set_config('search_path', '', false);\n"
		       "CREATE TABLE s.u (a int);",
		       "CREATE TABLE t (a int);\n"
		       "CREATE TABLE later (b int);\n"
		       "SET search_path TO s; CREATE TABLE later (a int)"));
	CHECK_STR(ddl_rig_ask("ddl_a",
			      "SELECT string_agg(relname || ' ' || relnamespace::"
			      "regnamespace, ', ' ORDER BY 1) FROM (SELECT relname, "
			      "relnamespace FROM pg_class WHERE relnamespace IN "
			      "('s'::regnamespace, 'public'::regnamespace) ORDER BY 1, 2) x"),
		  "later public, later s, t public, t s, u s, v s");
	/* tried again after all else, it still found what its own search_path shows */
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT attname FROM pg_attribute WHERE attrelid = "
				       "'s.v'::regclass AND attnum = 1"),
		  "a");
}

static void
set_local_ends_with_its_transaction(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE SCHEMA s; BEGIN; SET LOCAL search_path = s; CREATE TABLE t (a int); "
		       "COMMIT; CREATE TABLE u (a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('s.t') || ' ' || to_regclass('u')"),
		  "s.t u");
}

static void
who_loads_it_does_not_change_what_it_means(void)
{
	REQUIRE(pg_exec(
		cluster_url("postgres"),
		"DROP ROLE IF EXISTS odd; CREATE ROLE odd SUPERUSER LOGIN; ALTER ROLE odd SET "
		"search_path = pg_catalog; ALTER ROLE odd SET timezone = 'Asia/Tokyo'; "
		"ALTER ROLE odd SET datestyle = 'SQL, DMY'"));
	static const char sql[] = "CREATE TABLE t (a timestamptz DEFAULT '2024-02-01 00:00'::"
				  "timestamptz) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION "
				  "OF t FOR VALUES FROM ('2024-02-01') TO ('2024-02-02')";
	struct pg_open_options options = {.application_name = "odd"};
	struct ddl_file file = {"1.sql", span_str(sql)};
	const char *url = test_database("ddl_a");
	struct pg_conn *c;

	MUST(pg_open(secret_of(cluster_url_as("odd", "ddl_a")), &options, &c, &ddl_rig_error),
	     &ddl_rig_error);
	MUST(ddl_load(c, &file, 1, &(struct ddl_load_options){0}, &test_arena, &ddl_rig_report,
		      &ddl_rig_error),
	     &ddl_rig_error);
	pg_close(c);
	CHECK_STR(pg_query_text(url, "SET timezone = 'UTC'; SELECT pg_get_expr(relpartbound, oid) "
				     "FROM pg_class WHERE oid = 'public.t1'::regclass"),
		  "FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-02-02 00:00:00+00')");
	REQUIRE(cluster_drop_database("ddl_a"));
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE odd"));
}

static void
a_setting_of_another_version_is_noted(void)
{
	MUST_LOAD(LOAD("ddl_a", "SET no_such_timeout = 0;\nCREATE TABLE t (a int);"));
	CHECK_HAS(ddl_rig_notes(), "1.sql:1 SET no_such_timeout = 0: unrecognized configuration "
				   "parameter");
	CHECK_REFUSED(LOAD("ddl_a", "\nSET work_mem = 'nonsense'; CREATE TABLE t (a int);"),
		      E_SCHEMA_205, "1.sql", 2, 1, "invalid value for parameter");
}

/* ---- what is not loaded ---- */

static void
rows_are_passed_over_and_counted(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1); UPDATE t SET a = 2;\n"
		       "COPY t FROM stdin;\n1\nCREATE TABLE no (a int);\n\\.\n"
		       "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x;\n"
		       "TRUNCATE t; DELETE FROM t; COPY t FROM '/nowhere'; VACUUM t; ANALYZE;\n"
		       "CREATE TABLE u (a int);"));
	CHECK_INT(ddl_rig_report.rows_passed, 7);
	CHECK_INT(ddl_rig_report.statements, 2);
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM t"), "0");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('no')"), NULL);
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('u')"), "u");
}

static void
nothing_reaches_beyond_the_database(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE DATABASE ddl_evil;\nALTER SYSTEM SET work_mem = '1GB';\n"
		       "CREATE ROLE ddl_evil;\nGRANT CONNECT ON DATABASE app TO ddl_evil;\n"
		       "ALTER DATABASE postgres SET work_mem = '1GB';\nDROP TABLESPACE ddl_evil;\n"
		       "GRANT ddl_evil TO ddl_other;\nDROP OWNED BY postgres;\n"
		       "COMMENT ON DATABASE postgres IS 'evil';\n"
		       "/* ; */ create /* x */ database ddl_evil;\n"
		       "CREATE TABLE database (a int);\nGRANT SELECT ON database TO PUBLIC;\n"
		       "ROLLBACK;"));
	CHECK_STR(ddl_rig_ask("postgres", "SELECT count(*) FROM pg_database WHERE datname = "
					  "'ddl_evil'"),
		  "0");
	CHECK_STR(
		ddl_rig_ask("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'ddl_evil'"),
		"0");
	CHECK_STR(ddl_rig_ask("postgres", "SELECT count(*) FROM pg_db_role_setting s JOIN "
					  "pg_database d ON d.oid = s.setdatabase WHERE datname = "
					  "'postgres'"),
		  "0");
	CHECK_INT(ddl_rig_report.statements, 2);
	CHECK_INT(ddl_rig_report.note_count, 11);
	CHECK_HAS(ddl_rig_notes(), "1.sql:3 passed over, because it reaches beyond the database: "
				   "CREATE ROLE ddl_evil\n");
	CHECK_HAS(ddl_rig_notes(), "1.sql:13 passed over, because each statement is loaded by "
				   "itself: ROLLBACK\n");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT relacl::text FROM pg_class WHERE oid = "
				       "'database'::regclass"),
		  "{postgres=arwdDxt/postgres,=r/postgres}");
}

static void
what_waits_or_connects_is_run_in_another_form(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE INDEX CONCURRENTLY i ON t (a);\n"
		       "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"concurrently\" ON t (a);\n"
		       "DROP INDEX CONCURRENTLY i;\n"
		       "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\n"
		       "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere dbname=x' PUBLICATION p;\n"
		       "CREATE SUBSCRIPTION s2 CONNECTION 'host=nowhere dbname=x' PUBLICATION a, b "
		       "WITH (connect = true, slot_name = 'x', copy_data = true, binary);\n",
		       "CREATE TABLE t (a int); CREATE TABLE p (a int) PARTITION BY LIST (a);\n"
		       "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\n"));
	CHECK_STR(ddl_rig_ask("ddl_a",
			      "SELECT string_agg(relname, ',') FROM pg_class WHERE relkind "
			      "= 'i' AND relnamespace = 'public'::regnamespace"),
		  "concurrently");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM pg_inherits"), "0");
	CHECK_STR(ddl_rig_ask("ddl_a",
			      "SELECT string_agg(subname || ' ' || subenabled || ' ' || "
			      "subslotname || ' ' || subbinary, ', ' ORDER BY subname) FROM "
			      "pg_subscription"),
		  "s false s false, s2 false x true");
	REQUIRE(pg_exec(cluster_url("ddl_a"),
			"ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s"));
	REQUIRE(pg_exec(cluster_url("ddl_a"),
			"ALTER SUBSCRIPTION s2 SET (slot_name = NONE); DROP SUBSCRIPTION s2"));
}

static void
commands_of_psql_are_noted(void)
{
	MUST_LOAD(LOAD("ddl_a", "\\set ON_ERROR_STOP on\n\\connect app\nCREATE TABLE t (a int);\n"
				"\\i other.sql\n"));
	CHECK_STR(ddl_rig_notes(),
		  "1.sql:1 a command of psql is passed over: \\set ON_ERROR_STOP on\n"
		  "1.sql:2 a command of psql is passed over: \\connect app\n"
		  "1.sql:4 a command of psql is passed over: \\i other.sql\n");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('t')"), "t");
}

/* ---- roles ---- */

static void
roles_are_made_on_a_server_of_our_own_before_they_are_needed(void)
{
	REQUIRE(cluster_create_database("ddl_a"));
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE IF EXISTS ddl_r1, \"Ddl R2\", ddl_r3, "
						 "ddl_r4, ddl_r5, ddl_r6, ddl_r7, ddl_r8"));
	MUST_LOAD(LOAD_OWN("ddl_a",
			   "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "
			   "ddl_r1, GROUP \"Ddl R2\";\n"
			   "CREATE TABLE t (a int); ALTER TABLE t OWNER TO ddl_r3;\n"
			   "CREATE SCHEMA AUTHORIZATION ddl_r4;\n"
			   "DO $$BEGIN EXECUTE 'ALTER SCHEMA ddl_r4 OWNER TO ddl_r5'; END$$;\n"
			   "CREATE ROLE ddl_r6 LOGIN; GRANT ddl_r6 TO ddl_r3;\n"
			   "SET ROLE ddl_r7; RESET ROLE;\n"
			   "GRANT SELECT ON t TO ddl_r6 WITH GRANT OPTION;"
			   "CREATE POLICY p ON t TO ddl_r3, PUBLIC USING (true);",
			   "SET ROLE ddl_r7; DO $$BEGIN PERFORM 'ddl_r8'::regrole; END$$;"));
	CHECK_STR(
		ddl_rig_ask("ddl_a", "SELECT relacl::text FROM pg_class WHERE oid = 't'::regclass"),
		"{ddl_r3=arwdDxt/ddl_r3,\"\\\"Ddl R2\\\"=r/ddl_r3\",ddl_r1=r/ddl_r3,"
		"ddl_r6=r*/ddl_r3}");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT nspowner::regrole::text FROM pg_namespace WHERE "
				       "nspname = 'ddl_r4'"),
		  "ddl_r5");
	struct text made;
	text_init(&made, 0);
	for (size_t i = 0; i < ddl_rig_report.role_count; i++)
		text_printf(&made, "%s ", ddl_rig_report.roles_made[i]);
	CHECK_STR(made.ptr, "Ddl R2 ddl_r1 ddl_r3 ddl_r4 ddl_r7 ddl_r5 ddl_r8 ");
	text_fini(&made);
	REQUIRE(cluster_drop_database("ddl_a"));
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE ddl_r1, \"Ddl R2\", ddl_r3, ddl_r4, "
						 "ddl_r5, ddl_r6, ddl_r7, ddl_r8"));
}

static void
a_role_that_a_given_server_lacks_comes_with_its_command(void)
{
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE TABLE t (a int);\n\n  ALTER TABLE t OWNER TO \"no b\";\n"
			   "GRANT SELECT ON t TO no_a;"),
		      E_SCHEMA_205, "1.sql", 3, 3, "role \"no b\" does not exist");
	CHECK_STR(ddl_rig_error.sqlstate, "42704");
	CHECK_STR(ddl_rig_error.hint, "CREATE ROLE \"no b\";\nCREATE ROLE \"no_a\";");
	CHECK_STR(ddl_rig_ask("postgres", "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'no%'"),
		  "0");
}

static void
tablespaces_are_made_on_a_server_of_our_own(void)
{
	MUST_LOAD(LOAD_OWN("ddl_a", "CREATE TABLE t (a int) TABLESPACE \"ddl Space\";"
				    "CREATE INDEX i ON t (a) TABLESPACE \"ddl Space\";"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM pg_class c JOIN pg_tablespace s ON "
				       "s.oid = c.reltablespace WHERE spcname = 'ddl Space'"),
		  "2");
	REQUIRE(cluster_drop_database("ddl_a"));
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP TABLESPACE \"ddl Space\""));
	CHECK_REFUSED(LOAD("ddl_a", "CREATE TABLE t (a int) TABLESPACE \"ddl Space\";"),
		      E_SCHEMA_205, "1.sql", 1, 1, "tablespace \"ddl Space\" does not exist");
}

static void
a_password_is_not_shown(void)
{
	MUST_LOAD(LOAD("ddl_a", "CREATE ROLE ddl_x LOGIN PASSWORD 'hunter2';\nALTER ROLE ddl_x "
				"PASSWORD E'hunter2', INHERIT;\nCREATE TABLE t (a int);"));
	CHECK_HAS(ddl_rig_notes(), "CREATE ROLE ddl_x LOGIN PASSWORD '***'");
	CHECK(strstr(ddl_rig_notes(), "hunter") == NULL);
	CHECK_REFUSED(LOAD("ddl_a", "CREATE USER MAPPING FOR postgres SERVER s OPTIONS (password "
				    "'hunter2');"),
		      E_SCHEMA_205, "1.sql", 1, 1, "server \"s\" does not exist");
	CHECK(strstr(ddl_rig_error.message, "hunter") == NULL);
	CHECK(strstr(ddl_rig_report.failures[0].statement, "hunter") == NULL);
}

/* ---- dumps ---- */

static const char everything[] =
	"CREATE SCHEMA app; CREATE EXTENSION pg_trgm WITH SCHEMA app;"
	"CREATE TYPE app.mood AS ENUM ('a', 'b'); CREATE DOMAIN app.d AS int CHECK (VALUE > 0);"
	"CREATE TABLE app.t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m app.mood DEFAULT "
	"'a',"
	" x text COLLATE \"C\", d app.d, g int GENERATED ALWAYS AS (d * 2) STORED);"
	"CREATE TABLE app.u (id serial, t int REFERENCES app.t DEFERRABLE);"
	"INSERT INTO app.t (d, x) VALUES (1, E'a\\\\.\\nb'); INSERT INTO app.u (t) VALUES (1);"
	"CREATE INDEX ON app.t USING gin (x app.gin_trgm_ops);"
	"CREATE VIEW app.v WITH (security_barrier) AS SELECT id FROM app.t;"
	"CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
	"CREATE TRIGGER tr BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.f();"
	"CREATE MATERIALIZED VIEW app.mv AS SELECT * FROM app.v; COMMENT ON TABLE app.t IS 'it''s';"
	"CREATE TABLE app.p (a int) PARTITION BY RANGE (a);"
	"CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (1) TO (2);"
	"CREATE RULE r AS ON UPDATE TO app.v DO INSTEAD (SELECT 1; SELECT 2);"
	"GRANT SELECT ON app.t TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "
	"PUBLIC;"
	"CREATE PUBLICATION pub FOR TABLE app.t; CREATE STATISTICS app.st ON id, d FROM app.t;"
	"CREATE TABLE \"we\"\"ird\nname\" (\"a b\" int); COMMENT ON SCHEMA public IS 'mine';";

static void
take_dump(const char *options, struct text *out)
{
	char command[600], buf[8192];
	size_t got;

	snprintf(command, sizeof(command), CONFITURE_PG_BINDIR "/pg_dump %s -d '%s'", options,
		 cluster_url("ddl_a"));
	FILE *f = popen(command, "r");
	REQUIRE(f != NULL);
	text_init(out, 0);
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put_span(out, span_of(buf, got));
	REQUIRE(pclose(f) == 0);
}

static void
what_pg_dump_writes_loads_as_it_is(void)
{
	static const char *const options[] = {
		"",
		"--schema-only",
		"--create",
		"--inserts --no-owner",
		"--clean --if-exists --create",
		"--clean --if-exists",
	};
	struct text dump;

	REQUIRE(cluster_create_database("ddl_a"));
	REQUIRE(pg_exec(cluster_url("ddl_a"), everything));
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		take_dump(options[i], &dump);
		MUST_LOAD(LOAD("ddl_b", dump.ptr));
		CHECK_SAME("ddl_a", "ddl_b");
		CHECK_STR(ddl_rig_ask("ddl_b", "SELECT count(*) FROM app.t"), "0");
		text_fini(&dump);
	}
	CHECK_INT(ddl_rig_report.rounds, 1);
}

static void
what_an_empty_database_has_may_be_made_again(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "CREATE SCHEMA public; CREATE SCHEMA \"public\"; CREATE EXTENSION "
		       "plpgsql; CREATE PROCEDURAL LANGUAGE plpgsql; CREATE TABLE t (a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('t')"), "t");
	CHECK_REFUSED(LOAD("ddl_a", "CREATE SCHEMA s; CREATE SCHEMA s;"), E_SCHEMA_203, "1.sql", 1,
		      18, "s is defined already at 1.sql:1");
}

/* ---- names ---- */

#define EMOJI15 "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"

static void
names_may_be_anything(void)
{
	MUST_LOAD(LOAD(
		"ddl_a",
		"CREATE VIEW \"v\n\"\"1\" AS SELECT \"" EMOJI15 "abc\" FROM \"" EMOJI15 "abc\";",
		"CREATE TABLE \"" EMOJI15 "abc\" (\"" EMOJI15 "abc\" int, \"; DROP\" int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT octet_length(relname) FROM pg_class WHERE relname "
				       "LIKE '😀%'"),
		  "63");
	CHECK_REFUSED(LOAD("ddl_a", "SELECT '" EMOJI15 "', nothing;"), E_SCHEMA_205, "1.sql", 1, 27,
		      "does not exist");
}

/* ---- errors ---- */

static void
a_syntax_error_has_its_place(void)
{
	CHECK_REFUSED(LOAD("ddl_a", "CREATE TABLE t (a int);",
			   "-- é\nCREATE TABLE u (\n\ta int,\n\tb é int\n);"),
		      E_SCHEMA_200, "2.sql", 4, 6, "syntax error");
	CHECK_STR(ddl_rig_error.sqlstate, "42601");
	CHECK_INT(ddl_rig_error.at.statement, 1);
	CHECK_REFUSED(LOAD("ddl_a", "SELECT 1;\n\nSELECT 'x"), E_SCHEMA_200, "1.sql", 3, 8,
		      "ends inside");
	CHECK_REFUSED(LOAD("ddl_a", "SELECT 1;\n\xff"), E_SCHEMA_200, "1.sql", 2, 1, "not UTF-8");
	CHECK_REFUSED(LOAD("ddl_a", "SELECT 1 \\gset\n"), E_SCHEMA_200, "1.sql", 1, 10, "psql");
}

static void
a_missing_extension_says_what_to_do(void)
{
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE TABLE t (a no_such_type);\nCREATE EXTENSION IF NOT EXISTS "
			   "no_such_thing WITH SCHEMA public;"),
		      E_SCHEMA_205, "1.sql", 2, 1, "no_such_thing");
	CHECK_HAS(ddl_rig_error.hint, "install the extension no_such_thing");
	CHECK_HAS(ddl_rig_error.hint, "--scratch-url URL");
}

static void
something_defined_twice_names_the_first(void)
{
	CHECK_REFUSED(LOAD("ddl_a", "CREATE TABLE s (a int);\nCREATE TABLE t (a int);",
			   "\nCREATE TABLE t (b int);"),
		      E_SCHEMA_203, "2.sql", 2, 1, "t is defined already at 1.sql:2");
	CHECK_STR(ddl_rig_error.sqlstate, "42P07");
	CHECK_REFUSED(LOAD("ddl_a", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
			   "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';"),
		      E_SCHEMA_203, "2.sql", 1, 1, "f is defined already at 1.sql:1");
}

static void
views_in_a_circle_are_shown_as_one(void)
{
	CHECK_REFUSED(LOAD("ddl_a", "CREATE VIEW a AS SELECT * FROM b;",
			   "CREATE TABLE t (a int);\nCREATE VIEW b AS SELECT * FROM c;",
			   "CREATE VIEW c AS SELECT * FROM public.a;"),
		      E_SCHEMA_202, "1.sql", 1, 32, "1.sql:1 → 2.sql:2 → 3.sql:1 → 1.sql:1");
}

static void
the_cause_is_shown_and_not_what_waits_for_it(void)
{
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE VIEW v3 AS SELECT * FROM v2;\nCREATE VIEW v2 AS SELECT * "
			   "FROM v1;\nCREATE VIEW v1 AS SELECT * FROM gone;\n"
			   "CREATE TABLE fine (a int);"),
		      E_SCHEMA_205, "1.sql", 3, 33, "relation \"gone\" does not exist");
	CHECK_INT(ddl_rig_report.failure_count, 3);
	CHECK(!ddl_rig_report.failures[0].waits);
	CHECK(ddl_rig_report.failures[1].waits && ddl_rig_report.failures[2].waits);
	CHECK_STR(ddl_rig_report.failures[1].statement, "CREATE VIEW v3 AS SELECT * FROM v2");
	CHECK_STR(ddl_rig_report.failures[1].sqlstate, "42P01");
	CHECK_STR(ddl_rig_error.details[0].value, "1.sql:1\n1.sql:2");
	/* what is wrong for good goes before what is missing */
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE VIEW v AS SELECT * FROM gone;\nCREATE TABLE t (a int, a "
			   "int);"),
		      E_SCHEMA_205, "1.sql", 2, 1, "specified more than once");
}

static void
many_failures_are_bounded(void)
{
	struct text sql;

	text_init(&sql, 0);
	for (int i = 0; i < 3000; i++)
		text_printf(&sql, "CREATE VIEW v%d AS SELECT * FROM gone%d;\n", i, i);
	CHECK_REFUSED(LOAD("ddl_a", sql.ptr), E_SCHEMA_205, "1.sql", 1, 33, "gone0");
	CHECK_INT(ddl_rig_report.failure_count, DDL_FAILURES_MOST);
	CHECK_INT(ddl_rig_report.failure_count + ddl_rig_report.failures_dropped, 3000);
	text_fini(&sql);
}

static void
a_lost_connection_names_the_statement(void)
{
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE TABLE t (a int);\nSELECT "
			   "pg_terminate_backend(pg_backend_pid());\nCREATE TABLE u (a int);"),
		      E_TARGET_005, "1.sql", 2, 1, "terminating connection");
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_setting_holds_to_the_end_of_its_file_and_no_further),
		CASE(set_local_ends_with_its_transaction),
		CASE(who_loads_it_does_not_change_what_it_means),
		CASE(a_setting_of_another_version_is_noted),
		CASE(rows_are_passed_over_and_counted),
		CASE(nothing_reaches_beyond_the_database),
		CASE(what_waits_or_connects_is_run_in_another_form),
		CASE(commands_of_psql_are_noted),
		CASE(roles_are_made_on_a_server_of_our_own_before_they_are_needed),
		CASE(a_role_that_a_given_server_lacks_comes_with_its_command),
		CASE(tablespaces_are_made_on_a_server_of_our_own),
		CASE(a_password_is_not_shown),
		CASE(what_pg_dump_writes_loads_as_it_is),
		CASE(what_an_empty_database_has_may_be_made_again),
		CASE(names_may_be_anything),
		CASE(a_syntax_error_has_its_place),
		CASE(a_missing_extension_says_what_to_do),
		CASE(something_defined_twice_names_the_first),
		CASE(views_in_a_circle_are_shown_as_one),
		CASE(the_cause_is_shown_and_not_what_waits_for_it),
		CASE(many_failures_are_bounded),
		CASE(a_lost_connection_names_the_statement),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/ddl_load", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
