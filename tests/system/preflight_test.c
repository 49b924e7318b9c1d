/*
 * What a preflight says of the structure: what each migration changes, whether its down file takes
 * that back, and whether all of it leads to what the schema files say. The same through a fleet,
 * where the files travel to the worker.
 */
#include <stdio.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/text.h"
#include "tests/support/cluster.h"
#include "tests/support/document.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct arena texts;

static struct document *
run_json(struct project *p, const char *line, int exit_code)
{
	int code = project_run(p, words("%s -f json", line));

	if (code != exit_code)
		fprintf(stderr, "%s: exit %d\n%s%s\n", line, code, p->last.out, p->last.err);
	CHECK_INT(code, exit_code);
	struct document *d = document_parse(p->last.out);
	CHECK(document_valid(d, "migrate-preflight"));
	return d;
}

/* "migrate preflight" with --against of the project's other database. */
static const char *
against(struct project *p, struct project *other, const char *more)
{
	return arena_printf(&texts, "migrate preflight --env local --against %s %s",
			    project_other(p, other), more);
}

static void
two_migrations(struct project *p)
{
	project_migration(p, "001_users",
			  "CREATE TABLE users (id int PRIMARY KEY, name text);"
			  "CREATE VIEW names AS SELECT name FROM users;",
			  "DROP VIEW names; DROP TABLE users;");
	project_migration(p, "002_email",
			  "ALTER TABLE users ADD email text NOT NULL DEFAULT '';"
			  "ALTER TABLE users ALTER name SET NOT NULL;",
			  "ALTER TABLE users DROP email;");
}

static void
each_migration_tells_what_it_changes(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	project_migration(&p, "003_rows", "INSERT INTO users VALUES (1, 'a', 'b');", "SELECT 1;");
	struct document *d = run_json(&p, against(&p, &other, ""), 0);
	CHECK_INT(document_int(d, "migrations.0.diff.total"), 2);
	CHECK_STR(document_text(d, "migrations.0.diff.changes.0.type"), "ADD_TABLE");
	CHECK_STR(document_text(d, "migrations.0.diff.changes.0.object"), "public.users");
	CHECK_STR(document_text(d, "migrations.0.diff.changes.1.kind"), "view");
	CHECK_INT(document_int(d, "migrations.1.diff.total"), 2);
	CHECK_STR(document_text(d, "migrations.1.diff.changes.0.object"), "public.users.email");
	CHECK_STR(document_text(d, "migrations.1.diff.changes.1.attribute"), "not_null");
	CHECK_STR(document_text(d, "migrations.1.diff.changes.1.after"), "true");
	CHECK_INT(document_bool(d, "migrations.2.diff.has_changes"), 0);
	CHECK_STR(document_text(d, "migrations.1.diff.fingerprint.to"),
		  document_text(d, "migrations.2.diff.fingerprint.to"));
	/* Over the run: a table with its columns, and a view. */
	CHECK_INT(document_int(d, "structural_diff.total"), 2);
	CHECK_STR(document_text(d, "structural_diff.fingerprint.to"),
		  document_text(d, "migrations.2.diff.fingerprint.to"));
	CHECK(!document_has(d, "drift_vs_schema"));
	document_free(d);
	project_close(&p);
	project_close(&other);
}

static void
a_failed_migration_changes_nothing_and_the_rest_is_told(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	project_migration(&p, "0015_bad", "CREATE TABLE half (a int); SELECT 1/0;", "SELECT 1;");
	project_file(&p, "db/schema/users.sql", "CREATE TABLE users (id int PRIMARY KEY);");
	struct document *d = run_json(&p, against(&p, &other, ""), 7);
	CHECK_STR(document_text(d, "migrations.1.status"), "failed");
	CHECK(!document_has(d, "migrations.1.diff"));
	CHECK_INT(document_int(d, "migrations.2.diff.total"), 2);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "not_compared");
	document_free(d);
	project_close(&p);
	project_close(&other);
}

static void
a_down_file_is_proven_by_the_structure_behind_it(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	project_migration(&p, "003_index", "CREATE INDEX by_name ON users (name);", NULL);
	struct document *d = run_json(&p, against(&p, &other, "--check-down"), 7);
	CHECK_STR(document_text(d, "migrations.0.down.state"), "verified");
	CHECK_STR(document_text(d, "migrations.1.down.status"), "replayed");
	CHECK_STR(document_text(d, "migrations.1.down.state"), "differs");
	CHECK_STR(document_text(d, "migrations.1.down.diff.changes.0.attribute"), "not_null");
	CHECK_STR(document_text(d, "migrations.2.down.state"), "missing");
	CHECK_HAS(p.last.out, "PFLIGHT_DOWN_DIFFERS");
	document_free(d);
	/* What was only tried is undone again. */
	project_migration(&p, "002_email", "ALTER TABLE users ADD email text;",
			  "ALTER TABLE users DROP email;");
	project_migration(&p, "003_index", "CREATE INDEX by_email ON users (email);",
			  "DROP INDEX by_email;");
	d = run_json(&p, against(&p, &other, "--check-down"), 0);
	CHECK_STR(document_text(d, "migrations.1.down.state"), "verified");
	CHECK_STR(document_text(d, "migrations.2.down.state"), "verified");
	document_free(d);
	project_close(&p);
	project_close(&other);
}

static void
write_schema(struct project *p, const char *more)
{
	/* In an order in which they do not load one after another. */
	project_file(p, "db/schema/01_names.sql", "CREATE VIEW names AS SELECT name FROM users;");
	project_file(p, "db/schema/02/users.sql",
		     "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL,"
		     " email text NOT NULL DEFAULT '');%s",
		     more);
}

static void
the_end_is_compared_with_the_schema_files(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	write_schema(&p, "");
	struct document *d = run_json(&p, against(&p, &other, ""), 0);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "equal");
	CHECK_STR(document_text(d, "drift_vs_schema.fingerprint.from"),
		  document_text(d, "drift_vs_schema.fingerprint.to"));
	document_free(d);
	/* 001 is applied already: the end is the same. */
	CHECK_INT(project_run(&p, "migrate up --env local --target 001"), 0);
	d = run_json(&p, "migrate preflight --env local --clone", 0);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "equal");
	document_free(d);

	write_schema(&p, "\nCREATE TABLE forgotten (a int);");
	d = run_json(&p, "migrate preflight --env local --clone", 7);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "differs");
	CHECK_INT(document_int(d, "drift_vs_schema.total"), 1);
	CHECK_STR(document_text(d, "drift_vs_schema.changes.0.object"), "public.forgotten");
	CHECK_STR(document_text(d, "drift_vs_schema.changes.0.action"), "create");
	CHECK_HAS(p.last.out, "PFLIGHT_SCHEMA_DRIFT");
	document_free(d);
	d = run_json(&p, "migrate preflight --env local --clone --no-compare-schema", 0);
	CHECK(!document_has(d, "drift_vs_schema"));
	document_free(d);
	CHECK_INT(project_run(&p, "migrate preflight --env local --clone"), 7);
	CHECK_HAS(p.last.out, "+ table public.forgotten");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM pg_database WHERE datname LIKE "
				  "'confiture_scratch%'"),
		  "0");
	project_close(&p);
	project_close(&other);
}

/* As init leaves them: nothing says how the database should be. */
static void
files_without_a_statement_are_compared_when_asked_only(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	project_file(&p, "db/schema/10/example.sql", "-- CREATE TABLE t (a int);\n/* none */\n");
	CHECK_INT(project_run(&p, against(&p, &other, "")), 0);
	CHECK(strstr(p.last.out, "db/schema") == NULL);
	CHECK_INT(project_run(&p, against(&p, &other, "--compare-schema db/schema")), 7);
	project_file(&p, "db/schema/10/example.sql", "CREATE TABLE t (a int);\n");
	CHECK_INT(project_run(&p, against(&p, &other, "")), 7);
	project_close(&p);
	project_close(&other);
}

static void
what_is_not_compared_is_never_called_equal(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	write_schema(&p, "\nCREATE TABL wrong (a int);");
	struct document *d = run_json(&p, against(&p, &other, ""), 0);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "not_compared");
	CHECK_HAS(document_text(d, "drift_vs_schema.reason"), "02/users.sql");
	CHECK_HAS(p.last.err, "db/schema was not compared");
	document_free(d);
	/* Who asks for it gets an error, with its place. */
	CHECK_INT(project_run(&p, against(&p, &other, "--compare-schema db/schema")), 4);
	CHECK_HAS(p.last.err, "db/schema/02/users.sql:2");
	CHECK_INT(project_run(&p, against(&p, &other, "--compare-schema db/nowhere")), 4);
	write_schema(&p, "");
	project_migration(&p, "003_alone", "CREATE INDEX CONCURRENTLY i ON users (name);",
			  "DROP INDEX CONCURRENTLY i;");
	d = run_json(&p, against(&p, &other, ""), 0);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "not_compared");
	document_free(d);
	CHECK_INT(project_run(&p, against(&p, &other, "--compare-schema db/schema")), 7);
	CHECK_INT(
		project_run(&p, "migrate preflight --compare-schema db/schema --no-compare-schema"),
		2);
	project_close(&p);
	project_close(&other);
}

static void
changes_stream_as_events_and_large_ones_are_cut(void)
{
	struct project p, other;
	struct text many;

	project_open(&p);
	project_open(&other);
	text_init(&many, 0);
	for (int i = 0; i < 1200; i++)
		text_printf(&many, "CREATE VIEW v%04d AS SELECT %d AS a;\n", i, i);
	project_migration(&p, "001_many", many.ptr, "SELECT 1;");
	text_fini(&many);
	CHECK_INT(project_run(&p, against(&p, &other, "-f ndjson")), 0);
	CHECK_HAS(p.last.out, "\"kind\":\"structure_changed\"");
	CHECK_HAS(p.last.out, "\"done\":50,\"total\":1200");
	struct document *d = run_json(&p, against(&p, &other, ""), 0);
	CHECK_INT(document_int(d, "migrations.0.diff.total"), 1200);
	CHECK_INT(document_bool(d, "migrations.0.diff.cut"), 1);
	CHECK(document_count(d, "migrations.0.diff.changes") > 100);
	document_free(d);
	CHECK_INT(project_run(&p, against(&p, &other, "")), 0);
	CHECK_HAS(p.last.out, "… and 1140 more");
	project_close(&p);
	project_close(&other);
}

/* A role that may not make databases: what was read is told, and the files go elsewhere. */
static void
an_ordinary_role_is_enough(void)
{
	struct project p, other;

	project_open(&p);
	project_open(&other);
	two_migrations(&p);
	write_schema(&p, "");
	REQUIRE(pg_exec(project_url(&other), "CREATE ROLE ordinary LOGIN;"
					     "GRANT CREATE ON SCHEMA public TO ordinary"));
	const char *url =
		words("postgresql://ordinary@/%s?host=%s", other.database, cluster_socket_dir());
	struct document *d =
		run_json(&p,
			 arena_printf(&texts, "migrate preflight --env local --against %s",
				      project_database(&p, "poor", url)),
			 0);
	CHECK_INT(document_int(d, "structural_diff.total"), 2);
	CHECK_STR(document_text(d, "drift_vs_schema.state"), "equal");
	CHECK_STR(document_text(d, "drift_vs_schema.loaded_on"), "a cluster of our own");
	document_free(d);
	REQUIRE(pg_exec(project_url(&other), "DROP OWNED BY ordinary; DROP ROLE ordinary"));
	project_close(&p);
	project_close(&other);
}

/* More readings than one pool of texts lasts for. */
static void
a_long_run_tells_each_migration_by_itself(void)
{
	struct project p, other;
	char at[32];

	project_open(&p);
	project_open(&other);
	for (int i = 1; i <= 15; i++)
		project_migration(&p, words("%03d_t", i),
				  arena_printf(&texts, "CREATE TABLE t%d (a int, b text);", i),
				  arena_printf(&texts, "DROP TABLE t%d;", i));
	struct document *d = run_json(&p, against(&p, &other, "--check-down"), 0);
	for (int i = 0; i < 15; i++) {
		snprintf(at, sizeof(at), "migrations.%d.diff.total", i);
		CHECK_INT(document_int(d, at), 1);
		snprintf(at, sizeof(at), "migrations.%d.down.state", i);
		CHECK_STR(document_text(d, at), "verified");
	}
	CHECK_INT(document_int(d, "structural_diff.total"), 15);
	document_free(d);
	project_close(&p);
	project_close(&other);
}

static const char *
drift_of(struct project *p)
{
	int code = project_run(p, "migrate status --env local --check-structure -f json");

	CHECK(code == 0 || code == 1);
	struct document *d = document_parse(p->last.out);
	CHECK(document_valid(d, "migrate-status"));
	const char *drift = arena_str(&texts, document_text(d, "structure.drift"));
	CHECK_INT(document_null(d, "structure.recorded_fingerprint"),
		  p->last.out != NULL && strstr(p->last.out, "recorded_at\": null") != NULL);
	document_free(d);
	return drift;
}

static void
up_tells_what_it_changed_and_status_knows_it_again(void)
{
	struct project p;

	project_open(&p);
	two_migrations(&p);
	CHECK_INT(project_run(&p, "migrate up --env local --target 001"), 0);
	CHECK_STR(drift_of(&p), "unknown");
	CHECK_INT(project_run(&p, "migrate up --env local --structural-diff -f json"), 0);
	struct document *d = document_parse(p.last.out);
	CHECK(document_valid(d, "migrate-up"));
	CHECK_INT(document_int(d, "applied.0.diff.total"), 2);
	CHECK_STR(document_text(d, "applied.0.diff.changes.0.object"), "public.users.email");
	CHECK_INT(document_int(d, "structural_diff.total"), 2);
	document_free(d);
	CHECK_STR(drift_of(&p), "no");
	(void)project_sql(&p, "ALTER TABLE users ADD quick int");
	CHECK_STR(drift_of(&p), "yes");
	(void)project_sql(&p, "ALTER TABLE users DROP quick");
	CHECK_STR(drift_of(&p), "no");
	/* Another run came between: nothing is known any more. */
	project_migration(&p, "003_more", "CREATE TABLE more (a int);", "DROP TABLE more;");
	CHECK_INT(project_run(&p, "migrate up --env local"), 0);
	CHECK_STR(drift_of(&p), "unknown");
	CHECK_INT(project_run(&p, "migrate up --dry-run --structural-diff"), 2);
	project_close(&p);
}

/* What fails is told, and what was done before it too; the run's own end is as ever. */
static void
a_failed_run_tells_what_it_did_change(void)
{
	struct project p;

	project_open(&p);
	two_migrations(&p);
	project_migration(&p, "003_bad", "CREATE TABLE half (a int); SELECT 1/0;", "SELECT 1;");
	CHECK_INT(project_run(&p, "migrate up --env local --structural-diff -f json"), 3);
	struct document *d = document_parse(p.last.out);
	CHECK_INT(document_count(d, "applied"), 2);
	CHECK_INT(document_int(d, "structural_diff.total"), 2);
	document_free(d);
	CHECK_STR(drift_of(&p), "unknown");
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_migration_tells_what_it_changes),
		CASE(a_failed_migration_changes_nothing_and_the_rest_is_told),
		CASE(a_down_file_is_proven_by_the_structure_behind_it),
		CASE(the_end_is_compared_with_the_schema_files),
		CASE(files_without_a_statement_are_compared_when_asked_only),
		CASE(what_is_not_compared_is_never_called_equal),
		CASE(changes_stream_as_events_and_large_ones_are_cut),
		CASE(an_ordinary_role_is_enough),
		CASE(a_long_run_tells_each_migration_by_itself),
		CASE(up_tells_what_it_changed_and_status_knows_it_again),
		CASE(a_failed_run_tells_what_it_did_change),
	};

	if (!cluster_start())
		return 2;
	arena_init(&texts);
	int code = unit_main("system/preflight", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&texts);
	return code;
}
