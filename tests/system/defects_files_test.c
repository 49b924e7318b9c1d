/*
 * What the Python tool gets wrong about migration files, and must not be so here: how they are cut
 * into statements, and what their names and versions may be.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
open_two(struct project *p)
{
	project_open(p);
	project_migration(p, "001_users",
			  "CREATE TABLE users (id int PRIMARY KEY, name text);\n"
			  "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');",
			  "DROP TABLE users;");
	project_migration(p, "002_orders", "CREATE TABLE orders (id int PRIMARY KEY);",
			  "DROP TABLE orders;");
}

/* ---- statements ---- */

static void
several_statements_beside_a_concurrent_index_work(void)
{
	struct project p;

	open_two(&p);
	project_migration(&p, "003_mixed",
			  "CREATE TABLE mixed (a int, b int);\n"
			  "INSERT INTO mixed SELECT i, i FROM generate_series(1, 100) i;\n"
			  "CREATE INDEX CONCURRENTLY mixed_a ON mixed (a);\n"
			  "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS mixed_b ON mixed (b);\n"
			  "COMMENT ON TABLE mixed IS 'x;y';",
			  "DROP TABLE mixed;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_index WHERE indrelid = "
				  "'mixed'::regclass AND indisvalid"),
		  "2");
	CHECK_STR(project_sql(&p, "SELECT obj_description('mixed'::regclass)"), "x;y");
	project_close(&p);
}

static void
words_in_comments_strings_and_bodies_are_no_statements(void)
{
	struct project p;

	open_two(&p);
	project_migration(
		&p, "003_words",
		"-- VACUUM users; COMMIT; \\i file\n"
		"/* CREATE INDEX CONCURRENTLY i ON t (a); /* nested; */ BEGIN; */\n"
		"CREATE TABLE \"a;b\" (\"VACUUM\" text DEFAULT 'it''s; COMMIT;', e text DEFAULT "
		"E'\\';DISCARD ALL;');\n"
		"CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $fn$\n"
		"BEGIN\n  -- VACUUM;\n  RETURN 'REINDEX TABLE CONCURRENTLY users;';\nEND $fn$;\n"
		"CREATE PROCEDURE q() LANGUAGE sql BEGIN ATOMIC INSERT INTO \"a;b\" DEFAULT "
		"VALUES; SELECT CASE WHEN true THEN 1 END; END;\n"
		"CALL q();\nSELECT 1/* ; */;;\n",
		"DROP PROCEDURE q; DROP FUNCTION f; DROP TABLE \"a;b\";");
	struct document *d = run_json(&p, "migrate up --dry-run", 0, "migrate-up");
	CHECK_STR(document_text(d, "migrations.2.version"), "003");
	CHECK_INT(document_bool(d, "migrations.2.transactional"), 1);
	CHECK_INT(document_count(d, "migrations.2.statements"), 5);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT \"VACUUM\" || e || f() FROM \"a;b\""),
		  "it's; COMMIT;';DISCARD ALL;REINDEX TABLE CONCURRENTLY users;");
	CHECK_INT(project_run(&p, "migrate down"), 0);
	project_close(&p);
}

static void
enum_values_are_added_and_renamed(void)
{
	struct project p;

	open_two(&p);
	project_migration(&p, "003_type", "CREATE TYPE mood AS ENUM ('sad', 'ok');",
			  "DROP TYPE mood;");
	project_migration(&p, "004_value",
			  "ALTER TYPE mood ADD VALUE 'happy';\nALTER TYPE mood RENAME VALUE 'ok' "
			  "TO 'fine';",
			  "SELECT 1;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT enum_range(NULL::mood)::text"), "{sad,fine,happy}");
	project_close(&p);
}

/* ---- names and versions ---- */

static void
versions_with_dots_and_quotes_can_be_replayed_applied_and_undone(void)
{
	static const char *const names[] = {"1.2.0_dot", "1.2.1'quo\"te_x", "1.2.2-a;b_y"};
	struct project p, copy;
	char words[400], up[64];

	project_open(&copy);
	project_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(up, sizeof(up), "CREATE TABLE t%zu ();", i);
		project_migration(&p, names[i], up, "SELECT 1;");
	}
	snprintf(words, sizeof(words), "migrate preflight --env local --against %s",
		 project_other(&p, &copy));
	struct document *d = run_json(&p, words, 0, "migrate-preflight");
	CHECK_STR(document_text(d, "migrations.0.status"), "replayed");
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT string_agg(version, '|' ORDER BY version) FROM "
				  "tb_confiture"),
		  "1.2.0|1.2.1'quo\"te|1.2.2-a;b");
	CHECK_INT(project_run(&p, "migrate down --steps 3"), 0);
	project_close(&p);
	project_close(&copy);
}

static void
migrations_of_one_name_in_one_second_do_not_collide(void)
{
	struct project p;
	char name[32];

	project_open(&p);
	for (int i = 1; i <= 12; i++) {
		snprintf(name, sizeof(name), "%03d_same", i);
		project_migration(&p, name, "SELECT 1;", "SELECT 1;");
	}
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT count(DISTINCT slug) FROM tb_confiture"), "12");
	project_close(&p);
}

static void
generated_migrations_of_one_second_get_their_own_versions(void)
{
	struct project p;
	struct process run[4];

	project_open(&p);
	for (int i = 0; i < 4; i++)
		REQUIRE(project_start(&p, &run[i], "migrate generate same", NULL));
	int made = 0;
	for (int i = 0; i < 4; i++) {
		CHECK(process_wait(&run[i], 60));
		CHECK(run[i].exit_code == 0 || run[i].exit_code == 6);
		made += run[i].exit_code == 0;
		process_free(&run[i]);
	}
	CHECK(made >= 1);
	struct document *d = run_json(&p, "migrate validate", 0, "migrate-validate");
	CHECK_INT(document_int(d, "migration_count"), made);
	CHECK_INT(document_count(d, "duplicate_versions"), 0);
	document_free(d);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(several_statements_beside_a_concurrent_index_work),
	CASE(words_in_comments_strings_and_bodies_are_no_statements),
	CASE(enum_values_are_added_and_renamed),
	CASE(versions_with_dots_and_quotes_can_be_replayed_applied_and_undone),
	CASE(migrations_of_one_name_in_one_second_do_not_collide),
	CASE(generated_migrations_of_one_second_get_their_own_versions),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("defects of files", cases, ARRAY_LEN(cases), argc, argv);
}
