/*
 * Bad migration files: refused before anything runs where that can be known, undone as a whole
 * where it cannot; the place told to the column. And the planted password, looked for wherever it
 * could have gone.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* One migration applied. */
static void
open_used(struct project *p)
{
	project_open(p);
	project_migration(p, "001_users", "CREATE TABLE users (id int PRIMARY KEY, name text);",
			  "DROP TABLE users;");
	CHECK_INT(project_run(p, "migrate up"), 0);
}

/* ---- the folder ---- */

static void
two_files_of_one_version_are_both_named_and_nothing_runs(void)
{
	static const char *const commands[] = {"migrate up", "migrate baseline --through 002 --env "
							     "local"};
	struct project p;

	open_used(&p);
	project_migration(&p, "002_a", "CREATE TABLE a ();", "DROP TABLE a;");
	project_migration(&p, "002_b", "CREATE TABLE b ();", "DROP TABLE b;");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		refusal_check(&p, &(struct refusal){.words = commands[i],
						    .exit_code = 3,
						    .code = "MIGR_106",
						    .says = "002_a.up.sql",
						    .next = "confiture migrate validate"});
		struct document *d = document_parse(p.last.out);
		CHECK_STR(document_text(d, "error.details.conflicting_files.0"), "002_a.up.sql");
		CHECK_STR(document_text(d, "error.details.conflicting_files.1"), "002_b.up.sql");
		document_free(d);
	}
	struct document *d = run_json(&p, "migrate validate", 1, "migrate-validate");
	CHECK_INT(document_count(d, "duplicate_versions"), 1);
	CHECK_STR(document_text(d, "duplicate_versions.002.0"), "002_a.up.sql");
	CHECK_STR(document_text(d, "duplicate_versions.002.1"), "002_b.up.sql");
	document_free(d);
	project_close(&p);
}

static void
a_missing_or_wrong_migrations_folder_is_named(void)
{
	static const char *const dirs[] = {"nosuch", "db/environments/local.yaml"};
	static const char *const commands[] = {
		"migrate up --migrations-dir %s",
		"migrate down --migrations-dir %s",
		"migrate status --env local --migrations-dir %s",
		"migrate baseline --env local --through 1 --migrations-dir %s",
		"migrate preflight --migrations-dir %s",
		"migrate verify --env local --migrations-dir %s",
		"migrate validate --migrations-dir %s",
		"verify-checksums --env local --migrations-dir %s",
	};
	struct project p;
	char words[200];

	open_used(&p);
	for (size_t i = 0; i < ARRAY_LEN(commands) * ARRAY_LEN(dirs); i++) {
		snprintf(words, sizeof(words), commands[i / 2], dirs[i % 2]);
		refusal_check(&p, &(struct refusal){.words = words,
						    .exit_code = 3,
						    .code = "MIGR_102",
						    .says = dirs[i % 2]});
	}
	project_close(&p);
}

static void
a_stray_sql_file_is_a_warning_and_an_error_under_strict(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "db/migrations/003_stray.sql", "SELECT 1;\n");
	refusal_check(&p, &(struct refusal){.words = "migrate up --strict",
					    .exit_code = 1,
					    .code = "MIGR_120",
					    .says = "003_stray.sql",
					    .next = "--fix-naming"});
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_HAS(p.last.err, "warning: 003_stray.sql is no migration");
	project_close(&p);
}

static void
a_missing_down_file_stops_what_needs_it_and_nothing_else(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "002_oneway", "CREATE TABLE oneway ();", NULL);
	refusal_check(&p, &(struct refusal){.words = "migrate up --require-reversible",
					    .exit_code = 1,
					    .code = "MIGR_121",
					    .says = "002",
					    .schema = "migrate-up"});
	struct document *d = document_parse(p.last.out);
	CHECK_STR(document_text(d, "irreversible_versions.0"), "002");
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	refusal_check(&p, &(struct refusal){.words = "migrate down",
					    .exit_code = 8,
					    .code = "ROLLBACK_600",
					    .says = "it has no .down.sql"});
	project_close(&p);
}

static void
an_edited_applied_file_is_seen_by_up_and_by_verify_checksums(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "001_users", "CREATE TABLE users (id bigint PRIMARY KEY);",
			  "DROP TABLE users;");
	project_migration(&p, "002_next", "CREATE TABLE next ();", "DROP TABLE next;");
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 1,
					    .code = "CHECKSUM_MISMATCH",
					    .says = "001_users.up.sql",
					    .next = "git log",
					    .schema = "migrate-up"});
	struct document *d = document_parse(p.last.out);
	CHECK_INT(document_bool(d, "checksums_verified"), 0);
	document_free(d);
	d = run_json(&p, "verify-checksums --env local", 1, "verify-checksums");
	CHECK_STR(document_text(d, "issues.0.code"), "CHECKSUM_MISMATCH");
	CHECK_STR(document_text(d, "issues.0.migration"), "001");
	CHECK(document_text(d, "issues.0.details.expected") != NULL);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up --on-checksum-mismatch warn"), 0);
	CHECK_HAS(p.last.err, "warning: 001_users.up.sql was changed after it was applied");
	project_close(&p);
}

/* ---- Python ---- */

static void
an_applied_python_migration_is_no_trouble_and_a_pending_one_stops_up(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "db/migrations/002_py.py", "class Py(Migration):\n    version = '002'\n");
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 3,
					    .code = "MIGR_113",
					    .says = "002_py.py",
					    .next = ".up.sql"});
	CHECK_INT(project_run(&p, "migrate baseline --through 002 --env local"), 0);
	struct document *d = run_json(&p, "migrate status --env local", 0, "migrate-status");
	CHECK_STR(document_text(d, "migrations.1.status"), "applied");
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_file(&p, "db/migrations/002_py.py", "class Edited(Migration):\n    pass\n");
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 1,
					    .code = "CHECKSUM_MISMATCH",
					    .says = "002_py.py",
					    .schema = "migrate-up"});
	project_close(&p);
}

static void
preconditions_in_yaml_stop_a_pending_migration_and_no_applied_one(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "db/migrations/001_users.yaml", "up_preconditions: []\n");
	project_file(&p, "db/migrations/notes.yaml", "a: 1\n");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_migration(&p, "002_more", "CREATE TABLE more ();", "DROP TABLE more;");
	project_file(&p, "db/migrations/002_more.yaml",
		     "up_preconditions:\n  - { type: TableExists, table: nosuch }\n");
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 3,
					    .code = "MIGR_118",
					    .says = "002_more.yaml",
					    .next = "RAISE EXCEPTION"});
	struct document *d = run_json(&p, "migrate preflight --env local", 7, "migrate-preflight");
	CHECK_STR(document_text(d, "issues.0.code"), "MIGR_118");
	document_free(d);
	CHECK_INT(project_run(&p, "migrate validate"), 0);
	CHECK_INT(project_run(&p, "migrate down"), 0);
	CHECK_HAS(p.last.err, "warning: preconditions in 001_users.yaml are not checked");
	project_close(&p);
}

/* ---- what is in a file ---- */

static void
bodies_that_would_break_the_run_are_refused_before_anything_runs(void)
{
	static const struct {
		const char *body, *code, *says;
		int line, column;
	} rows[] = {
		{"CREATE TABLE t ();\nCOMMIT;\nSELECT 1;", "MIGR_107", "COMMIT", 2, 1},
		{"CREATE TABLE t ();\n  ROLLBACK;", "MIGR_107", "ROLLBACK", 2, 3},
		{"CREATE TABLE t ();\nBEGIN;\nSELECT 1;\nCOMMIT;", "MIGR_107", "BEGIN", 2, 1},
		{"BEGIN;\nCREATE TABLE t ();", "MIGR_107", "no COMMIT", 1, 1},
		{"BEGIN;\nCREATE TABLE t ();\nCOMMIT;\nSELECT 1;", "MIGR_107", "not the last", 3,
		 1},
		{"BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;", "MIGR_107",
		 "with options", 1, 1},
		{"BEGIN;\nCREATE INDEX CONCURRENTLY i ON users (name);\nCOMMIT;", "MIGR_107",
		 "cannot run inside BEGIN", 2, 1},
		{"CREATE TABLE t ();\nPREPARE TRANSACTION 'x';", "MIGR_107", "two-phase", 2, 1},
		{"CREATE TABLE t ();\nDISCARD ALL;", "MIGR_112", "discard all", 2, 1},
		{"SELECT pg_advisory_unlock_all();", "MIGR_112", "pg_advisory_unlock_all", 1, 1},
		{"DO $$ BEGIN\n  PERFORM pg_advisory_unlock_all();\nEND $$;", "MIGR_112",
		 "pg_advisory_unlock_all", 1, 1},
		{"CREATE TABLE t ();\n\\i other.sql\n", "MIGR_111", "\\i", 2, 1},
		{"CREATE TABLE t ();\nSELECT 'open", "MIGR_109", "ends inside", 2, 8},
		{"CREATE TABLE t ();\n/* open", "MIGR_109", "ends inside", 2, 1},
		{"CREATE FUNCTION f() RETURNS int AS $body$ SELECT 1;", "MIGR_109", "ends inside",
		 1, 36},
	};
	struct project p;

	open_used(&p);
	project_migration(&p, "002_fine", "CREATE TABLE fine ();", "DROP TABLE fine;");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char place[64];
		project_migration(&p, "003_bad", rows[i].body, "SELECT 1;");
		refusal_check(&p, &(struct refusal){.words = "migrate up",
						    .exit_code = 3,
						    .code = rows[i].code,
						    .says = rows[i].says});
		struct document *d = document_parse(p.last.out);
		CHECK_STR(document_text(d, "error.migration"), "003");
		CHECK_INT(document_int(d, "error.line"), rows[i].line);
		CHECK_INT(document_int(d, "error.details.position.column"), rows[i].column);
		document_free(d);
		CHECK_INT(project_run(&p, "migrate up"), 3);
		snprintf(place, sizeof(place), "at:   db/migrations/003_bad.up.sql:%d:%d\n",
			 rows[i].line, rows[i].column);
		CHECK_HAS(p.last.err, place);
	}
	project_close(&p);
}

static void
a_begin_commit_around_the_whole_body_is_left_out_with_a_warning(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "002_wrapped", "BEGIN;\nCREATE TABLE wrapped ();\nCOMMIT;",
			  "DROP TABLE wrapped;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_HAS(p.last.err, "warning: 002_wrapped.up.sql: the BEGIN and COMMIT around the whole "
			      "file are left out");
	/* It was one transaction with its ledger row. */
	CHECK_STR(project_sql(&p, "SELECT t.xmin = c.xmin FROM tb_confiture t, pg_class c WHERE "
				  "t.version = '002' AND c.relname = 'wrapped'"),
		  "t");
	project_close(&p);
}

static void
the_place_of_a_failed_statement_is_told_to_the_column(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "002_fine", "CREATE TABLE fine ();", "DROP TABLE fine;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	project_migration(&p, "003_bad",
			  "-- a comment\nCREATE TABLE ok (id int);\n\n  SELECT 'é', nosuch FROM "
			  "ok;\nSELECT 1;",
			  "SELECT 1;");
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 3,
					    .code = "MIGR_001",
					    .says = "column \"nosuch\" does not exist",
					    .schema = "migrate-up"});
	struct document *d = document_parse(p.last.out);
	CHECK_STR(document_text(d, "errors.0.migration"), "003");
	CHECK_INT(document_int(d, "errors.0.line"), 4);
	CHECK_INT(document_int(d, "errors.0.details.position.line"), 4);
	CHECK_INT(document_int(d, "errors.0.details.position.column"), 15);
	CHECK_INT(document_int(d, "errors.0.details.position.statement"), 2);
	CHECK_STR(document_text(d, "errors.0.details.sqlstate"), "42703");
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 3);
	CHECK_HAS(p.last.err, "  at:   db/migrations/003_bad.up.sql:4:15\n"
			      "       4 |   SELECT 'é', nosuch FROM ok;\n"
			      "         |               ^\n");
	/* What the grammar does not know goes to the server, which says where. */
	project_migration(&p, "003_bad", "CREATE TABLE ok (id int);\nCREATE TABEL x ();",
			  "SELECT 1;");
	CHECK_INT(project_run(&p, "migrate up"), 3);
	CHECK_HAS(p.last.err, "syntax error at or near \"TABEL\"");
	CHECK_HAS(p.last.err, "  at:   db/migrations/003_bad.up.sql:2:8\n"
			      "       2 | CREATE TABEL x ();\n"
			      "         |        ^\n");
	project_close(&p);
}

static void
what_ran_before_a_failure_stays_and_the_failed_file_leaves_nothing(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "002_fine", "CREATE TABLE fine ();", "DROP TABLE fine;");
	project_migration(&p, "003_bad", "CREATE TABLE half ();\nSELECT 1/0;", "SELECT 1;");
	project_migration(&p, "004_after", "CREATE TABLE after ();", "DROP TABLE after;");
	struct document *d = run_json(&p, "migrate up", 3, "migrate-up");
	CHECK_INT(document_count(d, "applied"), 1);
	CHECK_INT(document_count(d, "pending"), 2);
	CHECK_STR(document_text(d, "errors.0.migration"), "003");
	CHECK_HAS(document_text(d, "errors.0.details.cause"), "division by zero");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT string_agg(version, ',' ORDER BY version) FROM "
				  "tb_confiture"),
		  "001,002");
	CHECK_STR(project_sql(&p, "SELECT to_regclass('half') IS NULL AND to_regclass('after') IS "
				  "NULL"),
		  "t");
	project_close(&p);
}

static void
a_failed_down_file_keeps_its_ledger_row(void)
{
	struct project p;

	open_used(&p);
	project_migration(&p, "001_users", "CREATE TABLE users (id int PRIMARY KEY, name text);",
			  "DROP TABLE users;\nDROP TABLE nosuch;");
	refusal_check(&p, &(struct refusal){.words = "migrate down",
					    .exit_code = 3,
					    .code = "MIGR_001",
					    .says = "table \"nosuch\" does not exist",
					    .schema = "migrate-down"});
	project_close(&p);
}

/* ---- the planted password ---- */

static const char *seen_in;

static int
look_for_secret(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	static char bytes[1 << 22];

	(void)st;
	(void)ftw;
	FILE *file = flag == FTW_F ? fopen(path, "re") : NULL;
	if (file == NULL)
		return 0;
	size_t n = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	if (memmem(bytes, n, PLANTED_SECRET, strlen(PLANTED_SECRET)) != NULL) {
		fprintf(stderr, "%s holds the planted secret\n", path);
		seen_in = path;
	}
	return 0;
}

/* While a run works, its name and command stand in the database for others to read. */
static void
look_into_the_database_meanwhile(struct project *p, const char *words)
{
	struct process run;

	project_migration(p, "008_slow", "SELECT pg_sleep(1);", "SELECT 1;");
	REQUIRE(project_start(p, &run, words, NULL));
	for (int i = 0; i < 100; i++) {
		const char *n = project_sql(p, "SELECT count(*) FROM confiture_lock_holder");
		if (n != NULL && strcmp(n, "1") == 0)
			break;
		usleep(20 * 1000);
	}
	CHECK_HAS(project_sql(p, "SELECT command FROM confiture_lock_holder"), "migrate up");
	CHECK_STR(project_sql(p, "SELECT count(*) FROM confiture_lock_holder h WHERE h::text LIKE "
				 "'%" PLANTED_SECRET "%'"),
		  "0");
	CHECK_STR(project_sql(p, "SELECT count(*) FROM pg_stat_activity a WHERE a.query <> "
				 "current_query() AND a::text LIKE '%" PLANTED_SECRET "%'"),
		  "0");
	CHECK(process_wait(&run, 60));
	CHECK_INT(run.exit_code, 0);
	check_no_secret(&run);
	process_free(&run);
}

static void
p22_a_password_in_the_url_is_nowhere_afterwards(void)
{
	static const char *const commands[] = {
		"migrate up --verbose",
		"migrate status",
		"migrate status -f json -o out.json",
		"migrate current",
		"migrate preflight -f json",
		"migrate verify",
		"verify-checksums",
		"migrate down --dry-run",
		"migrate baseline --through 001 -f json",
		"migrate up --dry-run-execute",
		"doctor",
		"doctor -f json",
	};
	struct project p;
	char url[400], words[900];

	open_used(&p);
	snprintf(url, sizeof(url), "%s&password=" PLANTED_SECRET, project_url(&p));
	project_migration(&p, "002_fine", "CREATE TABLE fine ();", "DROP TABLE fine;");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		snprintf(words, sizeof(words), "%s --database-url %s", commands[i], url);
		if (!CHECK(project_run(&p, words) < 3))
			fprintf(stderr, "-- %s: exit %d\n%s%s", commands[i], p.last.exit_code,
				p.last.out, p.last.err);
		CHECK_HAS(p.last.err, "--database-url holds a password");
		check_no_secret(&p.last);
	}
	snprintf(words, sizeof(words), "migrate up --format ndjson --database-url %s", url);
	look_into_the_database_meanwhile(&p, words);
	snprintf(words, sizeof(words), "migrate baseline --env local --from-db %s --dry-run", url);
	CHECK_INT(project_run(&p, words), 0);
	check_no_secret(&p.last);
	snprintf(words, sizeof(words), "migrate preflight --env local --against %s", url);
	CHECK_INT(project_run(&p, words), 0);
	check_no_secret(&p.last);
	project_migration(&p, "009_bad", "SELECT nosuch;", "SELECT 1;");
	snprintf(words, sizeof(words), "migrate up --database-url %s", url);
	CHECK_INT(project_run(&p, words), 3);
	check_no_secret(&p.last);
	static const char *const readers[] = {"job list -f json", "audit show -f json",
					      "audit verify"};
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		CHECK_INT(project_run(&p, readers[i]), 0);
		check_no_secret(&p.last);
	}
	seen_in = NULL;
	CHECK_INT(nftw(p.dir, look_for_secret, 16, FTW_PHYS), 0);
	CHECK(seen_in == NULL);
	CHECK(project_has(&p, ".confiture/journal.db"));
	project_close(&p);
}

/* Statements may hold passwords of their own: the journal keeps where a statement stands, not what
 * it says, whether it succeeds, fails or is refused. */
static void
p22_a_password_in_a_migration_is_in_no_byte_of_the_journal(void)
{
	static const struct {
		const char *up;
		int exit_code;
	} t[] = {
		{"CREATE ROLE journal_p22 PASSWORD '" PLANTED_SECRET "'; DROP ROLE journal_p22;",
		 0},
		{"CREATE ROLE journal_p22 PASSWORD '" PLANTED_SECRET "' NOSUCHWORD;", 3},
		{"SELECT nosuch, '" PLANTED_SECRET "';", 3},
		{"CREATE ROLE journal_p22 PASSWORD '" PLANTED_SECRET "'; SELECT 1 / 0;", 3},
	};
	struct project p;
	char path[80];

	open_used(&p);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		char name[32];
		snprintf(name, sizeof(name), "1%02zu_secret", i);
		project_migration(&p, name, t[i].up, "SELECT 1;");
		CHECK_INT(project_run(&p, "migrate up --verbose --format ndjson"), t[i].exit_code);
		if (t[i].exit_code == 0)
			continue;
		snprintf(path, sizeof(path), "db/migrations/%s.up.sql", name);
		project_remove(&p, path);
		snprintf(path, sizeof(path), "db/migrations/%s.down.sql", name);
		project_remove(&p, path);
	}
	CHECK_INT(project_run(&p, "audit export"), 0);
	check_no_secret(&p.last);
	char folder[300];
	snprintf(folder, sizeof(folder), "%s/.confiture", p.dir);
	seen_in = NULL;
	CHECK_INT(nftw(folder, look_for_secret, 16, FTW_PHYS), 0);
	CHECK(seen_in == NULL);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(two_files_of_one_version_are_both_named_and_nothing_runs),
	CASE(a_missing_or_wrong_migrations_folder_is_named),
	CASE(a_stray_sql_file_is_a_warning_and_an_error_under_strict),
	CASE(a_missing_down_file_stops_what_needs_it_and_nothing_else),
	CASE(an_edited_applied_file_is_seen_by_up_and_by_verify_checksums),
	CASE(an_applied_python_migration_is_no_trouble_and_a_pending_one_stops_up),
	CASE(preconditions_in_yaml_stop_a_pending_migration_and_no_applied_one),
	CASE(bodies_that_would_break_the_run_are_refused_before_anything_runs),
	CASE(a_begin_commit_around_the_whole_body_is_left_out_with_a_warning),
	CASE(the_place_of_a_failed_statement_is_told_to_the_column),
	CASE(what_ran_before_a_failure_stays_and_the_failed_file_leaves_nothing),
	CASE(a_failed_down_file_keeps_its_ledger_row),
	CASE_EMBEDDED(p22_a_password_in_the_url_is_nowhere_afterwards),
	CASE_EMBEDDED(p22_a_password_in_a_migration_is_in_no_byte_of_the_journal),
};

int
main(int argc, char **argv)
{
	if (!cluster_start())
		return 2;
	return unit_main("bad files", cases, ARRAY_LEN(cases), argc, argv);
}
