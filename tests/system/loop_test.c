/*
 * The loop as a user runs it: init, baseline, status, preflight, up, down; every JSON document is
 * one document, valid against its schema, with the exit code that goes with it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/document.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* Runs a command with --format json and checks exit code and schema. */
static struct document *
run_json(struct project *p, const char *words, int exit_code, const char *schema)
{
	char line[512];

	snprintf(line, sizeof(line), "%s --format json", words);
	int code = project_run(p, line);
	if (code != exit_code)
		fprintf(stderr, "%s: exit %d\n%s%s\n", line, code, p->last.out, p->last.err);
	CHECK_INT(code, exit_code);
	struct document *d = document_parse(p->last.out);
	CHECK(document_valid(d, schema));
	return d;
}

static void
four_migrations(struct project *p)
{
	project_migration(p, "001_users", "CREATE TABLE users (id int PRIMARY KEY, name text);",
			  "DROP TABLE users;");
	project_migration(p, "002_orders", "CREATE TABLE orders (id int PRIMARY KEY);",
			  "DROP TABLE orders;");
	project_migration(p, "003_email", "ALTER TABLE users ADD COLUMN email text;",
			  "ALTER TABLE users DROP COLUMN email;");
	project_migration(p, "004_rows", "INSERT INTO users VALUES (1, 'a'), (2, 'b');",
			  "DELETE FROM users;");
}

static void
status_goes_from_no_ledger_to_pending_to_done(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	struct document *d = run_json(&p, "migrate status --env local", 2, "migrate-status");
	CHECK_INT(document_count(d, "pending"), 4);
	CHECK(document_null(d, "resolved_table"));
	document_free(d);
	/* Asking wrote nothing. */
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
		  "0");
	d = run_json(&p, "migrate status --env local", 2, "migrate-status");
	document_free(d);

	d = run_json(&p, "migrate up --target 002", 0, "migrate-up");
	CHECK_INT(document_count(d, "applied"), 2);
	CHECK_STR(document_text(d, "applied.1.version"), "002");
	CHECK_INT(document_count(d, "pending"), 2);
	document_free(d);

	d = run_json(&p, "migrate status --env local", 1, "migrate-status");
	CHECK_STR(document_text(d, "current"), "002");
	CHECK_STR(document_text(d, "migrations.0.status"), "applied");
	CHECK_STR(document_text(d, "migrations.3.status"), "pending");
	CHECK_INT(document_int(d, "summary.applied"), 2);
	document_free(d);

	d = run_json(&p, "migrate up", 0, "migrate-up");
	CHECK_INT(document_int(d, "applied.1.rows_affected"), 2);
	CHECK_INT(document_count(d, "skipped"), 2);
	document_free(d);
	d = run_json(&p, "migrate status --env local", 0, "migrate-status");
	CHECK_INT(document_count(d, "pending"), 0);
	document_free(d);
	/* Nothing pending is a document too. */
	d = run_json(&p, "migrate up", 0, "migrate-up");
	CHECK_INT(document_count(d, "applied"), 0);
	document_free(d);
	project_close(&p);
}

static void
the_ledger_is_the_seeds(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p,
			      "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM "
			      "information_schema.columns WHERE table_name = 'tb_confiture'"),
		  "id,pk_confiture,slug,version,name,applied_at,execution_time_ms,checksum,applied_"
		  "by");
	CHECK_STR(
		project_sql(
			&p,
			"SELECT bool_and(slug ~ ('^' || name || '_[0-9]{8}_[0-9]{6}')) AND "
			"bool_and(length(checksum) = 64) AND bool_and(applied_by = 'postgres') AND "
			"bool_and(execution_time_ms >= 0) FROM tb_confiture"),
		"t");
	CHECK_STR(
		project_sql(&p,
			    "SELECT string_agg(indexname, ',' ORDER BY indexname) FROM pg_indexes "
			    "WHERE tablename = 'tb_confiture' AND indexname LIKE 'idx_%'"),
		"idx_tb_confiture_applied_at,idx_tb_confiture_pk_confiture,idx_tb_confiture_slug,"
		"idx_tb_confiture_version");
	/* Nobody holds anything afterwards. */
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM confiture_lock_holder"), "0");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
		  "0");
	project_close(&p);
}

static void
a_database_of_the_seed_is_taken_over_without_a_step(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	REQUIRE(pg_exec(
		project_url(&p),
		"CREATE TABLE users (id int PRIMARY KEY, name text);"
		"CREATE TABLE tb_confiture (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), "
		"pk_confiture BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE, slug TEXT NOT NULL "
		"UNIQUE, "
		"version VARCHAR(255) NOT NULL UNIQUE, name VARCHAR(255) NOT NULL, applied_at "
		"TIMESTAMPTZ NOT NULL DEFAULT NOW(), execution_time_ms INTEGER, checksum "
		"VARCHAR(64));"
		"INSERT INTO tb_confiture (slug, version, name) VALUES ('users_20250101_000000', "
		"'001', 'users')"));
	struct document *d = run_json(&p, "migrate up", 0, "migrate-up");
	CHECK_INT(document_count(d, "applied"), 3);
	document_free(d);
	CHECK_STR(
		project_sql(&p, "SELECT count(*) FROM tb_confiture WHERE applied_by = 'postgres'"),
		"3");
	project_close(&p);
}

static void
down_takes_back_the_newest_first(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	struct document *d = run_json(&p, "migrate down --steps 2", 0, "migrate-down");
	CHECK_STR(document_text(d, "rolled_back.0.version"), "004");
	CHECK_STR(document_text(d, "rolled_back.1.version"), "003");
	document_free(d);
	d = run_json(&p, "migrate current", 0, "migrate-current");
	CHECK_STR(document_text(d, "revision"), "002");
	document_free(d);
	d = run_json(&p, "migrate down-to 001", 0, "migrate-down-to");
	CHECK_STR(document_text(d, "from"), "002");
	CHECK_STR(document_text(d, "rolled_back.0"), "002");
	document_free(d);
	d = run_json(&p, "migrate down-to 999", 3, "error");
	CHECK_STR(document_text(d, "error.code"), "MIGR_100");
	document_free(d);
	project_close(&p);
}

static void
a_missing_down_file_stops_before_anything_is_undone(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_remove(&p, "db/migrations/003_email.down.sql");
	struct document *d = run_json(&p, "migrate down-to 001", 8, "error");
	CHECK_STR(document_text(d, "error.code"), "ROLLBACK_600");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "4");
	d = run_json(&p, "migrate down --steps 2", 8, "error");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "4");
	project_close(&p);
}

static void
baseline_adopts_and_runs_nothing(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate baseline --through 003 --env local"), 0);
	CHECK_HAS(p.last.out, "001 users (marked as applied)");
	CHECK_HAS(p.last.out, "Marked 3 migration(s) as applied, skipped 0 already applied");
	CHECK_STR(
		project_sql(&p,
			    "SELECT count(*) FROM tb_confiture WHERE slug LIKE '%\\_baseline' AND "
			    "checksum IS NOT NULL AND applied_by IS NULL"),
		"3");
	CHECK_STR(project_sql(&p, "SELECT to_regclass('users') IS NULL"), "t");
	CHECK_INT(project_run(&p, "migrate baseline --through 999 --env local"), 3);
	CHECK_INT(project_run(&p, "migrate baseline --through 003 --env local"), 0);
	CHECK_HAS(p.last.out, "Marked 0 migration(s) as applied, skipped 3 already applied");
	project_close(&p);
}

static void
baseline_copies_another_ledger(void)
{
	struct project p, source;
	char words[512];

	project_open(&source);
	four_migrations(&source);
	CHECK_INT(project_run(&source, "migrate up --target 003"), 0);
	project_open(&p);
	four_migrations(&p);
	snprintf(words, sizeof(words), "migrate baseline --from-db %s --env local",
		 project_other(&p, &source));
	CHECK_INT(project_run(&p, words), 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture WHERE slug LIKE "
				  "'%\\_baseline\\_from\\_db'"),
		  "3");
	project_close(&p);
	project_close(&source);
}

static void
preflight_replays_and_leaves_no_trace(void)
{
	struct project p, copy;
	char words[512];

	project_open(&copy);
	project_open(&p);
	four_migrations(&p);
	snprintf(words, sizeof(words), "migrate preflight --env local --against %s --check-down",
		 project_other(&p, &copy));
	struct document *d = run_json(&p, words, 0, "migrate-preflight");
	CHECK_INT(document_bool(d, "ok"), 1);
	CHECK_INT(document_int(d, "summary.migrations_checked"), 4);
	CHECK_STR(document_text(d, "migrations.3.status"), "replayed");
	CHECK_STR(document_text(d, "migrations.3.down.status"), "replayed");
	CHECK(document_count(d, "change_set.changes") >= 4);
	document_free(d);
	CHECK_STR(project_sql(&copy, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
		  "0");

	project_migration(&p, "005_broken",
			  "SELECT 1;\nALTER TABLE users\n  ADD COLUMN x nosuchtype;", "SELECT 1;");
	d = run_json(&p, words, 7, "migrate-preflight");
	CHECK_INT(document_bool(d, "ok"), 0);
	CHECK_STR(document_text(d, "issues.0.code"), "PFLIGHT_REPLAY_FAILED");
	CHECK_STR(document_text(d, "issues.0.migration"), "005");
	CHECK_INT(document_int(d, "issues.0.line"), 3);
	CHECK_HAS(document_text(d, "issues.0.details.error"), "nosuchtype");
	document_free(d);
	project_close(&p);
	project_close(&copy);
}

static void
preflight_on_a_clone_and_on_a_throwaway_cluster(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up --target 003"), 0);
	REQUIRE(pg_exec(
		project_url(&p),
		"CREATE ROLE \"odd \"\" role\"; GRANT SELECT ON users TO \"odd \"\" role\""));
	struct document *d =
		run_json(&p, "migrate preflight --env local --clone", 0, "migrate-preflight");
	CHECK_STR(document_text(d, "mode"), "clone");
	CHECK_INT(document_int(d, "summary.migrations_checked"), 1);
	document_free(d);
	d = run_json(&p, "migrate preflight --env local --throwaway", 0, "migrate-preflight");
	CHECK_STR(document_text(d, "mode"), "throwaway");
	CHECK_STR(document_text(d, "migrations.0.status"), "replayed");
	document_free(d);
	CHECK_STR(project_sql(
			  &p,
			  "SELECT count(*) FROM pg_database WHERE datname LIKE 'confiture_clone%'"),
		  "0");
	/* A clone needs the source for itself, and says so. */
	struct pg_session *other = pg_session_open(project_url(&p));
	d = run_json(&p, "migrate preflight --env local --clone", 1, "error");
	CHECK_HAS(document_text(d, "error.details.remediation.1"), "--throwaway");
	document_free(d);
	pg_session_close(other);
	project_close(&p);
}

static void
verify_runs_the_checks_of_applied_migrations(void)
{
	struct project p;

	project_open(&p);
	four_migrations(&p);
	project_file(&p, "db/migrations/004_rows.verify.sql", "SELECT count(*) = 2 FROM users;\n");
	CHECK_INT(project_run(&p, "migrate verify --env local --format json"), 2);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	struct document *d = run_json(&p, "migrate verify --env local", 0, "migrate-verify");
	CHECK_INT(document_int(d, "verified_count"), 1);
	CHECK_INT(document_int(d, "skipped_count"), 3);
	document_free(d);
	REQUIRE(pg_exec(project_url(&p), "DELETE FROM users"));
	d = run_json(&p, "migrate verify --env local", 1, "migrate-verify");
	CHECK_INT(document_int(d, "failed_count"), 1);
	document_free(d);
	project_file(&p, "db/migrations/004_rows.verify.sql",
		     "WITH gone AS (DELETE FROM users RETURNING 1) SELECT true;\n");
	d = run_json(&p, "migrate verify --env local", 5, "error");
	CHECK_STR(document_text(d, "error.code"), "VERIFY_001");
	document_free(d);
	project_close(&p);
}

static void
several_databases_stop_at_the_first_failure(void)
{
	struct project p, other;

	project_open(&other);
	project_open(&p);
	four_migrations(&p);
	project_file(&p, "db/environments/fleet.yaml",
		     "targets:\n  a: { database_url: \"%s\" }\n  b: { database_url: \"%s\" }\n",
		     project_url(&p), project_url(&other));
	struct document *d = run_json(&p, "migrate up --env fleet", 0, "targets");
	CHECK_INT(document_count(d, "targets"), 2);
	CHECK_STR(document_text(d, "targets.0.target"), "fleet/a");
	CHECK_INT(document_count(d, "targets.1.result.applied"), 4);
	CHECK_INT(document_int(d, "summary.succeeded"), 2);
	document_free(d);
	REQUIRE(pg_exec(project_url(&p), "CREATE TABLE five ()"));
	project_migration(&p, "005_five", "CREATE TABLE five ();", "DROP TABLE five;");
	d = run_json(&p, "migrate up --env fleet", 3, "targets");
	CHECK_INT(document_int(d, "summary.failed"), 1);
	CHECK_INT(document_int(d, "summary.not_run"), 1);
	document_free(d);
	CHECK_STR(project_sql(&other, "SELECT to_regclass('five') IS NULL"), "t");
	project_close(&p);
	project_close(&other);
}

static void
jobs_and_audit_tell_what_happened(void)
{
	struct project p;
	char words[128];

	project_open(&p);
	four_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	struct document *d = run_json(&p, "job list", 0, "job-list");
	CHECK_INT(document_count(d, "jobs"), 1);
	CHECK_STR(document_text(d, "jobs.0.state"), "succeeded");
	snprintf(words, sizeof(words), "job show %s", document_text(d, "jobs.0.id"));
	document_free(d);
	d = run_json(&p, words, 0, "job-show");
	document_free(d);
	d = run_json(&p, "audit verify", 0, "audit-verify");
	CHECK_INT(document_bool(d, "ok"), 1);
	document_free(d);
	d = run_json(&p, "job show 0192-nosuch", 1, "error");
	CHECK_STR(document_text(d, "error.code"), "JOB_001");
	document_free(d);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(status_goes_from_no_ledger_to_pending_to_done),
	CASE(the_ledger_is_the_seeds),
	CASE(a_database_of_the_seed_is_taken_over_without_a_step),
	CASE(down_takes_back_the_newest_first),
	CASE(a_missing_down_file_stops_before_anything_is_undone),
	CASE(baseline_adopts_and_runs_nothing),
	CASE(baseline_copies_another_ledger),
	CASE(preflight_replays_and_leaves_no_trace),
	CASE(preflight_on_a_clone_and_on_a_throwaway_cluster),
	CASE(verify_runs_the_checks_of_applied_migrations),
	CASE(several_databases_stop_at_the_first_failure),
	CASE(jobs_and_audit_tell_what_happened),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("loop", cases, ARRAY_LEN(cases), argc, argv);
}
