/*
 * What the Python tool gets wrong in these commands, and must not be so here. Each case is named
 * for the behaviour that holds instead; docs/reference/differences.md lists them for users. What it
 * gets wrong about the files themselves is in defects_files_test.c.
 */
#include <stdio.h>
#include <stdlib.h>
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

/* ---- dry runs ---- */

static void
dry_run_execute_runs_for_real_and_is_always_rolled_back(void)
{
	struct project p;

	open_two(&p);
	char *before = project_state(&p);
	struct document *d = run_json(&p, "migrate up --dry-run-execute", 0, "migrate-up");
	CHECK_INT(document_bool(d, "dry_run_execute"), 1);
	CHECK_INT(document_count(d, "applied"), 0);
	CHECK_INT(document_count(d, "migrations"), 2);
	CHECK_INT(document_int(d, "migrations.0.rows_affected"), 3); /* it did run */
	CHECK_INT(document_int(d, "migrations.1.rows_affected"), 0);
	document_free(d);
	char *after = project_state(&p);
	CHECK_STR(after, before);
	free(after);
	/* What cannot be rolled back is not executed. */
	project_migration(&p, "003_index", "CREATE INDEX CONCURRENTLY i ON users (name);",
			  "DROP INDEX i;");
	d = run_json(&p, "migrate up --dry-run-execute", 0, "migrate-up");
	CHECK_HAS(document_text(d, "warnings.0"), "003_index.up.sql runs outside transactions");
	document_free(d);
	project_remove(&p, "db/migrations/003_index.up.sql");
	project_remove(&p, "db/migrations/003_index.down.sql");
	/* And a failure is found, and leaves nothing either. */
	project_migration(&p, "004_bad", "INSERT INTO users VALUES (1, 'again');", "SELECT 1;");
	d = run_json(&p, "migrate up --dry-run-execute", 3, "migrate-up");
	CHECK_STR(document_text(d, "errors.0.migration"), "004");
	document_free(d);
	project_remove(&p, "db/migrations/004_bad.up.sql");
	project_remove(&p, "db/migrations/004_bad.down.sql");
	after = project_state(&p);
	CHECK_STR(after, before);
	free(after);
	free(before);
	project_close(&p);
}

static void
a_dry_run_tells_what_would_run_and_touches_nothing(void)
{
	struct project p;

	open_two(&p);
	struct document *d = run_json(&p, "migrate up --dry-run", 0, "migrate-up");
	CHECK_STR(document_text(d, "migrations.0.statements.0.kind"), "CREATE TABLE");
	CHECK_STR(document_text(d, "migrations.0.statements.1.kind"), "INSERT");
	CHECK_INT(document_int(d, "migrations.0.statements.1.line"), 2);
	CHECK(document_null(d, "migrations.0.duration_ms")); /* nothing was measured */
	CHECK(strstr(p.last.out, "estimated") == NULL);
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_class WHERE relnamespace = "
				  "'public'::regnamespace"),
		  "0");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	d = run_json(&p, "migrate down --dry-run", 0, "migrate-down");
	CHECK_STR(document_text(d, "migrations.0.version"), "002");
	CHECK_STR(document_text(d, "migrations.0.statements.0.kind"), "DROP TABLE");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "2");
	project_close(&p);
}

static void
commands_that_only_read_leave_no_trace_at_all(void)
{
	static const char *const commands[] = {
		"migrate status --env local",
		"migrate status",
		"migrate current",
		"migrate verify --env local",
		"verify-checksums",
		"migrate up --dry-run",
		"migrate down --dry-run",
		"migrate preflight",
		"migrate validate",
		"validate-config",
		"job list",
		"audit show",
		"explain LOCK_1300",
		"doctor",
	};
	struct project p;

	open_two(&p);
	char *before = project_state(&p);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		CHECK(project_run(&p, commands[i]) <= 2);
		char *after = project_state(&p);
		bool same = CHECK_STR(after, before);
		same = CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_class WHERE relnamespace "
						 "= 'public'::regnamespace"),
				 "0") &&
		       same;
		if (!same || !CHECK(!project_has(&p, ".confiture")))
			fprintf(stderr, "-- after: %s\n", commands[i]);
		free(after);
	}
	free(before);
	project_close(&p);
}

/* ---- checksums ---- */

static void
an_edited_sql_file_is_never_counted_as_verified(void)
{
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	REQUIRE(pg_exec(project_url(&p),
			"INSERT INTO tb_confiture (slug, version, name) VALUES ('gone', '000', "
			"'gone')"));
	project_file(&p, "db/migrations/002_orders.up.sql", "CREATE TABLE orders (id bigint);\n");
	struct document *d = run_json(&p, "verify-checksums", 1, "verify-checksums");
	CHECK_INT(document_int(d, "summary.checked"), 2);
	CHECK_INT(document_int(d, "summary.mismatched"), 1);
	CHECK_INT(document_int(d, "summary.skipped"), 1);
	CHECK_STR(document_text(d, "issues.0.migration"), "002");
	document_free(d);
	d = run_json(&p, "verify-checksums --fix", 0, "verify-checksums");
	CHECK_INT(document_int(d, "fixed"), 1);
	document_free(d);
	d = run_json(&p, "verify-checksums", 0, "verify-checksums");
	CHECK_INT(document_int(d, "summary.mismatched"), 0);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_close(&p);
}

static void
preflight_compares_the_checksums_of_applied_files(void)
{
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_file(&p, "db/migrations/002_orders.up.sql", "CREATE TABLE orders (id bigint);\n");
	struct document *d = run_json(&p, "migrate preflight --env local", 7, "migrate-preflight");
	CHECK_STR(document_text(d, "issues.0.code"), "PFLIGHT_CHECKSUM_MISMATCH");
	CHECK_STR(document_text(d, "issues.0.migration"), "002");
	document_free(d);
	project_close(&p);
}

/* ---- init, generate, validate ---- */

static void
what_init_makes_works_with_every_later_command(void)
{
	struct project p;
	char up[256];

	project_open(&p);
	CHECK_INT(project_run(&p, "init fresh"), 0);
	CHECK_INT(project_run(&p, "validate-config --strict -c fresh/db/environments/local.yaml "
				  "--migrations-path fresh/db/migrations"),
		  0);
	snprintf(up, sizeof(up),
		 "cd '%s/fresh' && sed -i 's|^database_url:.*|database_url: \"%s\"|' "
		 "db/environments/local.yaml",
		 p.dir, project_url(&p));
	CHECK_INT(system(up), 0);
	snprintf(p.dir + strlen(p.dir), sizeof(p.dir) - strlen(p.dir), "/fresh");
	CHECK_INT(project_run(&p, "migrate status --env local"), 2);
	struct document *d = run_json(&p, "migrate generate add_users", 0, "migrate-generate");
	snprintf(up, sizeof(up), "%s", document_text(d, "filepath"));
	CHECK(project_has(&p, document_text(d, "down_filepath")));
	document_free(d);
	CHECK_HAS(up, "_add_users.up.sql");
	project_file(&p, up, "CREATE TABLE users (id int);\n");
	CHECK_INT(project_run(&p, "migrate preflight"), 0);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_INT(project_run(&p, "migrate status --env local"), 0);
	CHECK_INT(project_run(&p, "migrate validate"), 0);
	/* A second init changes nothing. */
	CHECK_INT(project_run(&p, "init"), 1);
	CHECK_HAS(p.last.err, "INIT_001");
	CHECK_INT(project_run(&p, "migrate status --env local"), 0);
	*strrchr(p.dir, '/') = '\0';
	project_close(&p);
}

static void
fix_naming_makes_no_migration_of_a_verify_file(void)
{
	struct project p;

	open_two(&p);
	project_file(&p, "db/migrations/002_orders.verify.sql", "SELECT true;\n");
	project_file(&p, "db/migrations/003_plain.sql", "CREATE TABLE plain ();\n");
	project_file(&p, "db/migrations/002_taken.sql", "SELECT 1;\n");
	CHECK_INT(project_run(&p, "migrate validate --fix-naming --dry-run"), 0);
	CHECK(project_has(&p, "db/migrations/003_plain.sql"));
	CHECK_INT(project_run(&p, "migrate validate --fix-naming"), 0);
	CHECK(project_has(&p, "db/migrations/002_orders.verify.sql"));
	CHECK(!project_has(&p, "db/migrations/002_orders.verify.up.sql"));
	CHECK(project_has(&p, "db/migrations/003_plain.up.sql"));
	CHECK(project_has(&p, "db/migrations/002_taken.sql")); /* would be a second 002 */
	CHECK_HAS(p.last.out, "another file has the version 002");
	project_remove(&p, "db/migrations/002_taken.sql");
	/* A verify file is no stray file under strict either. */
	CHECK_INT(project_run(&p, "migrate up --strict"), 0);
	CHECK(strstr(p.last.err, "verify.sql") == NULL);
	project_close(&p);
}

static void
verify_runs_nothing_but_reading_queries(void)
{
	static const char *const bodies[] = {
		"SET search_path TO public",
		"DO $$ BEGIN DELETE FROM users; END $$",
		"WITH gone AS (DELETE FROM users RETURNING 1) SELECT true",
		"SELECT true; DELETE FROM users",
		"DELETE FROM users RETURNING true",
		"SELECT 1 INTO made",
		"CREATE TABLE made ()",
	};
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		project_file(&p, "db/migrations/001_users.verify.sql", "%s;\n", bodies[i]);
		refusal_check(&p, &(struct refusal){.words = "migrate verify --env local",
						    .exit_code = 5,
						    .code = "VERIFY_001",
						    .says = "001_users.verify.sql"});
	}
	/* A query that calls what writes is stopped by the server. */
	REQUIRE(pg_exec(project_url(&p), "CREATE FUNCTION wipe() RETURNS bool LANGUAGE sql AS "
					 "'DELETE FROM users; SELECT true'"));
	project_file(&p, "db/migrations/001_users.verify.sql", "SELECT wipe();\n");
	struct document *d = run_json(&p, "migrate verify --env local", 1, "migrate-verify");
	CHECK_HAS(document_text(d, "results.0.error"), "read-only transaction");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM users"), "3");
	project_close(&p);
}

/* ---- down ---- */

static void
down_by_zero_steps_is_an_error_and_undoes_nothing(void)
{
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_INT(project_run(&p, "migrate down --steps 0"), 2);
	CHECK_INT(project_run(&p, "migrate down --steps=-1"), 2);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "2");
	CHECK_INT(project_run(&p, "migrate down --steps 99"), 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "0");
	project_close(&p);
}

static void
down_does_not_step_over_a_version_whose_file_is_gone(void)
{
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_remove(&p, "db/migrations/002_orders.up.sql");
	project_remove(&p, "db/migrations/002_orders.down.sql");
	refusal_check(&p, &(struct refusal){.words = "migrate down --steps 2",
					    .exit_code = 8,
					    .code = "ROLLBACK_600",
					    .says = "its files are gone"});
	/* And status shows the row. */
	struct document *d = run_json(&p, "migrate status --env local", 0, "migrate-status");
	CHECK_STR(document_text(d, "migrations.1.version"), "002");
	CHECK_STR(document_text(d, "migrations.1.status"), "missing");
	document_free(d);
	project_close(&p);
}

static void
two_downs_at_once_undo_one_each(void)
{
	struct project p;
	struct process run[2];

	open_two(&p);
	project_file(&p, "db/migrations/002_orders.down.sql",
		     "SELECT pg_sleep(0.3); DROP TABLE orders;\n");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(project_start(&p, &run[i], "migrate down", NULL));
	for (int i = 0; i < 2; i++) {
		CHECK(process_wait(&run[i], 60));
		CHECK_INT(run[i].exit_code, 0);
		process_free(&run[i]);
	}
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "0");
	project_close(&p);
}

/* ---- lock, JSON, settings, exit codes ---- */

static void
baseline_and_fix_take_the_lock(void)
{
	static const char lock[] = "SELECT pg_advisory_lock(1751936052, (('x' || "
				   "substr(encode(sha256(current_database()::bytea), "
				   "'hex'), 1, 8))::bit(32)::int) & 2147483647)";
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up --target 001"), 0);
	struct pg_session *holder = pg_session_open(project_url(&p));
	REQUIRE(holder != NULL);
	(void)pg_session_text(holder, lock);
	refusal_check(&p, &(struct refusal){.words = "migrate baseline --through 002 --env local "
						     "--lock-timeout 200",
					    .exit_code = 6,
					    .code = "LOCK_1300",
					    .says = "server process",
					    .next = "--lock-timeout"});
	pg_session_close(holder);
	project_close(&p);
}

static void
after_a_failure_nobody_holds_anything(void)
{
	struct project p;

	open_two(&p);
	project_migration(&p, "003_bad", "SELECT nosuch;", "SELECT 1;");
	CHECK_INT(project_run(&p, "migrate up"), 3);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
		  "0");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM confiture_lock_holder"), "0");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
				  "current_database() AND application_name LIKE 'confiture%'"),
		  "0");
	project_close(&p);
}

static void
in_json_mode_there_is_one_document_and_no_prose(void)
{
	static const struct {
		const char *words;
		int exit_code;
		const char *schema;
	} rows[] = {
		{"migrate up --target 001", 0, "migrate-up"},
		{"migrate up --force --target 001 --dry-run-execute", 2, "error"},
		{"migrate baseline --through 002 --env local", 0, "migrate-baseline"},
		{"migrate baseline --through 002 --env local --dry-run", 0, "migrate-baseline"},
		{"migrate up", 0, "migrate-up"},
		{"migrate up --force --target 001", 3, "migrate-up"},
		{"migrate down --dry-run", 0, "migrate-down"},
		{"migrate down-to 001 --dry-run", 0, "migrate-down-to"},
		{"migrate down-to 002", 0, "migrate-down-to"},
		{"migrate current", 0, "migrate-current"},
		{"migrate status", 0, "migrate-status"},
		{"migrate validate --fix-naming", 0, "migrate-validate"},
		{"validate-config", 0, "validate-config"},
		{"explain LOCK_1300", 0, "explain"},
		{"job list", 0, "job-list"},
		{"audit show", 0, "audit-show"},
		{"migrate generate x --dry-run", 0, "migrate-generate"},
	};
	struct project p;

	open_two(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		document_free(run_json(&p, rows[i].words, rows[i].exit_code, rows[i].schema));
	project_close(&p);
}

static void
status_of_an_empty_folder_still_has_its_totals(void)
{
	struct project p;

	project_open(&p);
	struct document *d = run_json(&p, "migrate status", 0, "migrate-status");
	CHECK_INT(document_int(d, "total"), 0);
	CHECK_INT(document_int(d, "summary.total"), 0);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate status --format xml"), 2);
	/* The absent ledger shows in CSV too. */
	CHECK_INT(project_run(&p, "migrate status --env local --format csv"), 2);
	CHECK_STR(p.last.out, "version,name,status\n");
	project_close(&p);
}

static void
variables_are_put_into_the_database_url(void)
{
	struct project p;
	char variable[300];

	open_two(&p);
	snprintf(variable, sizeof(variable), "SOME_HOST=%s", cluster_socket_dir());
	project_file(&p, "db/environments/local.yaml",
		     "database_url: \"postgresql://postgres@/%s?host=${SOME_HOST}\"\n", p.database);
	CHECK_INT(
		project_run_env(&p, "migrate status --env local", (const char *[]){variable, NULL}),
		2);
	project_close(&p);
}

static void
options_without_effect_are_said_to_have_none(void)
{
	struct project p;

	open_two(&p);
	CHECK_INT(project_run(&p, "migrate up --batched --batch-size 5 --batch-sleep 0.5"), 0);
	CHECK_HAS(p.last.err, "--batched is accepted and has no effect");
	CHECK_HAS(p.last.err, "--batch-size is accepted and has no effect");
	CHECK_HAS(p.last.err, "--batch-sleep is accepted and has no effect");
	/* --verbose has one. */
	CHECK_INT(project_run(&p, "migrate down -v"), 0);
	CHECK_HAS(p.last.err, "002_orders.down.sql:1");
	project_close(&p);
}

static void
a_replica_issue_names_its_migration_and_not_a_table(void)
{
	struct project p;

	open_two(&p);
	project_migration(&p, "003_drop", "ALTER TABLE users DROP COLUMN name;",
			  "ALTER TABLE users ADD COLUMN name text;");
	struct document *d = run_json(&p, "migrate preflight", 0, "migrate-preflight");
	CHECK_STR(document_text(d, "issues.0.code"), "PFLIGHT_REPLICA_DROP_COLUMN");
	CHECK_STR(document_text(d, "issues.0.migration"), "003");
	CHECK_INT(document_int(d, "issues.0.line"), 1);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate preflight --strict"), 7);
	CHECK_INT(project_run(&p, "migrate preflight --format xml"), 2);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(dry_run_execute_runs_for_real_and_is_always_rolled_back),
	CASE(a_dry_run_tells_what_would_run_and_touches_nothing),
	CASE(commands_that_only_read_leave_no_trace_at_all),
	CASE(an_edited_sql_file_is_never_counted_as_verified),
	CASE(preflight_compares_the_checksums_of_applied_files),
	CASE(what_init_makes_works_with_every_later_command),
	CASE(fix_naming_makes_no_migration_of_a_verify_file),
	CASE(verify_runs_nothing_but_reading_queries),
	CASE(down_by_zero_steps_is_an_error_and_undoes_nothing),
	CASE(down_does_not_step_over_a_version_whose_file_is_gone),
	CASE(two_downs_at_once_undo_one_each),
	CASE(baseline_and_fix_take_the_lock),
	CASE(after_a_failure_nobody_holds_anything),
	CASE(in_json_mode_there_is_one_document_and_no_prose),
	CASE(status_of_an_empty_folder_still_has_its_totals),
	CASE_EMBEDDED(variables_are_put_into_the_database_url),
	CASE(options_without_effect_are_said_to_have_none),
	CASE(a_replica_issue_names_its_migration_and_not_a_table),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("defects", cases, ARRAY_LEN(cases), argc, argv);
}
