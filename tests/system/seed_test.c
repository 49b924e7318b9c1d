/*
 * What a person who knows the Python confiture relies on: its page's three commands with the
 * answers printed there, what others see in the database while it runs and afterwards, and the exit
 * code of each command in each case.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/document.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct document *
run_json(struct project *p, const char *words, int exit_code, const char *schema)
{
	char line[512];

	snprintf(line, sizeof(line), "%s --format json", words);
	if (!CHECK_INT(project_run(p, line), exit_code))
		fprintf(stderr, "%s:\n%s%s\n", line, p->last.out, p->last.err);
	struct document *d = document_parse(p->last.out);
	CHECK(document_valid(d, schema));
	return d;
}

/* ---- the page: in 30 seconds ---- */

static const struct {
	const char *file, *up, *down;
} page[] = {
	{"001_create_users", "CREATE TABLE users (id int PRIMARY KEY, name text);",
	 "DROP TABLE users;"},
	{"002_create_orders", "CREATE TABLE orders (id int PRIMARY KEY);", "DROP TABLE orders;"},
	{"003_add_user_email", "ALTER TABLE users ADD COLUMN email text;",
	 "ALTER TABLE users DROP COLUMN email;"},
	{"004_add_user_preferences", "CREATE TABLE preferences (id int);",
	 "DROP TABLE preferences;"},
};

/* A project at migration 004 by hand. */
static void
open_adopted(struct project *p)
{
	project_open(p);
	for (size_t i = 0; i < ARRAY_LEN(page); i++) {
		project_migration(p, page[i].file, page[i].up, page[i].down);
		REQUIRE(pg_exec(project_url(p), page[i].up));
	}
}

static void
the_three_commands_of_the_page_answer_as_it_says(void)
{
	static const char production[] = "db/environments/production.yaml";
	struct project p;
	char copy[96], words[512];

	open_adopted(&p);
	project_file(&p, production, "database_url: %s\n", project_url(&p));
	snprintf(copy, sizeof(copy), "%s_copy", p.database);
	REQUIRE(cluster_create_database(copy));
	for (size_t i = 0; i < ARRAY_LEN(page); i++)
		REQUIRE(pg_exec(cluster_url(copy), page[i].up));

	snprintf(words, sizeof(words), "migrate baseline --through 004 -c %s", production);
	CHECK_INT(project_run(&p, words), 0);
	CHECK_STR(p.last.out, "   001 create_users (marked as applied)\n"
			      "   002 create_orders (marked as applied)\n"
			      "   003 add_user_email (marked as applied)\n"
			      "   004 add_user_preferences (marked as applied)\n"
			      "Marked 4 migration(s) as applied, skipped 0 already applied\n");

	snprintf(words, sizeof(words), "migrate status -c %s", production);
	struct document *d = run_json(&p, words, 0, "migrate-status");
	CHECK_INT(document_count(d, "applied"), 4);
	document_free(d);

	project_migration(&p, "20260520143015_add_user_bio",
			  "ALTER TABLE users ADD COLUMN bio text;",
			  "ALTER TABLE users DROP COLUMN bio;");
	snprintf(words, sizeof(words), "migrate preflight --against '%s' -c %s",
		 project_database(&p, "copy", cluster_url(copy)), production);
	CHECK_INT(project_run(&p, words), 0);
	CHECK_HAS(p.last.out, "▸ Replaying pending migrations on preflight DB\n"
			      "   20260520143015_add_user_bio                 applied in ");
	CHECK_HAS(p.last.out, "✓ Preflight passed. Safe to deploy.\n");
	REQUIRE(cluster_drop_database(copy));
	project_close(&p);
}

/* ---- what the database shows ---- */

static void
the_ledger_has_the_columns_of_the_seed(void)
{
	struct project p;

	open_adopted(&p);
	CHECK_INT(project_run(&p, "migrate baseline --through 001"), 0);
	CHECK_STR(project_sql(&p, "SELECT string_agg(format('%s %s%s', a.attname, "
				  "format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull "
				  "THEN ' not null' ELSE '' END), ', ' ORDER BY a.attnum) FROM "
				  "pg_attribute a WHERE a.attrelid = 'tb_confiture'::regclass AND "
				  "a.attnum > 0"),
		  "id uuid not null, pk_confiture bigint not null, slug text not null, "
		  "version character varying(255) not null, name character varying(255) not null, "
		  "applied_at timestamp with time zone not null, execution_time_ms integer, "
		  "checksum character varying(64), applied_by text");
	CHECK_STR(
		project_sql(
			&p,
			"SELECT string_agg(contype::text || ' ' || pg_get_constraintdef(oid), ', ' "
			"ORDER BY pg_get_constraintdef(oid)) FROM pg_constraint WHERE "
			"conrelid = 'tb_confiture'::regclass"),
		"p PRIMARY KEY (id), u UNIQUE (pk_confiture), u UNIQUE (slug), u UNIQUE "
		"(version)");
	project_close(&p);
}

static void
slugs_and_baseline_rows_have_the_forms_of_the_seed(void)
{
	static const struct {
		const char *version, *slug;
		const char *rest; /* execution_time_ms, applied_by, length of the checksum */
	} rows[] = {
		{"001", "^create_users_[0-9]{8}_[0-9]{6}(_[0-9]+)?_baseline$", "0 - 64"},
		{"002", "^create_orders_[0-9]{8}_[0-9]{6}", "+ postgres 64"},
	};
	struct project p;
	char sql[512];

	project_open(&p);
	for (size_t i = 0; i < 2; i++)
		project_migration(&p, page[i].file, page[i].up, page[i].down);
	CHECK_INT(project_run(&p, "migrate baseline --through 001"), 0);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(sql, sizeof(sql),
			 "SELECT slug ~ '%s' FROM tb_confiture WHERE version = '%s'", rows[i].slug,
			 rows[i].version);
		if (!CHECK_STR(project_sql(&p, sql), "t"))
			fprintf(stderr, "  %s\n",
				project_sql(&p, "SELECT string_agg(slug, ' ') "
						"FROM tb_confiture"));
		snprintf(sql, sizeof(sql),
			 "SELECT concat_ws(' ', CASE WHEN slug LIKE '%%baseline' THEN "
			 "execution_time_ms::text WHEN execution_time_ms >= 0 THEN '+' END, "
			 "coalesce(applied_by, '-'), length(checksum)) FROM tb_confiture WHERE "
			 "version = '%s'",
			 rows[i].version);
		CHECK_STR(project_sql(&p, sql), rows[i].rest);
	}
	project_close(&p);
}

static void
rows_of_another_ledger_keep_their_time_and_say_where_from(void)
{
	struct project p, source;
	char words[512];

	project_open(&source);
	project_migration(&source, page[0].file, page[0].up, page[0].down);
	CHECK_INT(project_run(&source, "migrate up"), 0);
	open_adopted(&p);
	snprintf(words, sizeof(words), "migrate baseline --from-db '%s'",
		 project_other(&p, &source));
	CHECK_INT(project_run(&p, words), 0);
	CHECK_STR(project_sql(&p, "SELECT slug ~ "
				  "'^create_users_[0-9]{8}_[0-9]{6}_[0-9]{4}_baseline_from_db$' "
				  "FROM tb_confiture"),
		  "t");
	CHECK_STR(project_sql(&p, "SELECT format('%s %s', applied_at, checksum) FROM tb_confiture"),
		  project_sql(&source,
			      "SELECT format('%s %s', applied_at, checksum) FROM tb_confiture"));
	project_close(&p);
	project_close(&source);
}

/* A migration looks at the locks while it runs. */
static void
the_lock_and_its_holder_are_those_of_the_seed(void)
{
	static const char look[] =
		"CREATE TABLE seen AS SELECT classid::bigint AS space, objid::bigint AS id, "
		"objsubid "
		"AS kind, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = "
		"pg_backend_pid();\n"
		"CREATE TABLE holder AS SELECT * FROM confiture_lock_holder;\n";
	struct project p;

	project_open(&p);
	project_migration(&p, "001_look", look, NULL);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	/* Namespace as it stands in the seed; id from the first four bytes of SHA-256. */
	CHECK_STR(project_sql(&p, "SELECT format('%s %s %s', space, kind, mode) FROM seen"),
		  "1751936052 2 ExclusiveLock");
	CHECK_STR(project_sql(&p, "SELECT id = (('x' || left(encode(sha256(convert_to("
				  "current_database(), 'UTF8')), 'hex'), 8))::bit(32)::bigint & "
				  "2147483647) FROM seen"),
		  "t");
	CHECK_STR(project_sql(&p, "SELECT string_agg(format('%s %s', column_name, data_type), ', ' "
				  "ORDER BY ordinal_position) FROM information_schema.columns "
				  "WHERE table_name = 'confiture_lock_holder'"),
		  "lock_id bigint, pid integer, hostname text, usename text, command text, "
		  "acquired_at timestamp with time zone");
	CHECK_STR(project_sql(&p,
			      "SELECT lock_id = id AND pid > 0 AND hostname <> '' AND usename = "
			      "current_user AND command LIKE '%migrate up%' AND acquired_at <= "
			      "now() FROM holder, seen"),
		  "t");
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM confiture_lock_holder"), "0");
	project_close(&p);
}

/* postgres -> 692237180 is the seed's own example. */
static void
the_lock_number_of_the_seeds_example_is_ours(void)
{
	static const char hold[] = "SELECT pg_advisory_lock(1751936052, 692237180)";
	struct project p;
	char words[512];

	project_open(&p);
	project_migration(&p, "001_a", "SELECT 1;", NULL);
	struct pg_session *other = pg_session_open(cluster_url("postgres"));
	REQUIRE(other != NULL && pg_session_exec(other, hold));
	snprintf(words, sizeof(words),
		 "migrate up --database-url '%s' --lock-timeout 300 --format json",
		 cluster_url("postgres"));
	CHECK_INT(project_run(&p, words), 6);
	struct document *d = document_parse(p.last.out);
	CHECK_STR(document_text(d, "error.code"), "LOCK_1300");
	CHECK(document_has(d, "error.details.holder"));
	document_free(d);
	pg_session_close(other);
	project_close(&p);
}

/* ---- exit codes ---- */

/* In a project with one applied migration, one pending, one environment that cannot be reached. */
static const struct {
	const char *words;
	int exit_code;
} exits[] = {
	{"migrate up --dry-run", 0},
	{"migrate up --dry-run --dry-run-execute", 2},
	{"migrate up --dry-run --force", 2},
	{"migrate up --on-checksum-mismatch maybe", 2},
	{"migrate up --format xml", 2},
	{"migrate up --nosuch", 2},
	{"migrate up --require-reversible", 1},
	{"migrate up --strict", 1},
	{"migrate up --database-url mysql://x/y", 5},
	{"migrate up --no-config", 5},
	{"migrate up -c nosuch.yaml", 5},
	{"migrate up -c db/environments/away.yaml", 3},
	{"migrate up --batched --batch-size 5 --batch-sleep 0.1 --dry-run", 0},
	{"migrate down --dry-run", 0},
	{"migrate down --steps 0", 2},
	{"migrate down --format xml", 2},
	{"migrate down -c db/environments/away.yaml", 3},
	{"migrate down-to", 2},
	{"migrate down-to 001", 0},
	{"migrate down-to 002", 3},
	{"migrate down-to 999", 3},
	{"migrate status", 0},
	{"migrate status -c db/environments/local.yaml", 1},
	{"migrate status -c db/environments/fresh.yaml", 2},
	{"migrate status -c db/environments/fresh.yaml --format csv", 2},
	{"migrate status -c db/environments/away.yaml", 3},
	{"migrate current", 0},
	{"migrate current -c db/environments/fresh.yaml", 2},
	{"migrate current -c db/environments/away.yaml", 3},
	{"migrate current -c nosuch.yaml", 5},
	{"migrate baseline", 5},
	{"migrate baseline --through 999", 3},
	{"migrate baseline --through 001 --dry-run", 0},
	{"migrate preflight", 7},
	{"migrate preflight --check-dependents some", 2},
	{"migrate preflight --against postgresql://nosuch.invalid/x", 3},
	{"migrate preflight --against mysql://x/y", 5},
	{"migrate verify", 5},
	{"migrate verify -c db/environments/local.yaml", 0},
	{"migrate verify -c db/environments/fresh.yaml", 2},
	{"migrate verify -c db/environments/fresh.yaml --allow-uninitialized", 0},
	{"migrate validate", 0},
	{"migrate generate", 2},
	{"migrate generate thing --dry-run --no-snapshot --no-live-snapshot", 0},
	{"verify-checksums", 0},
	{"verify-checksums -c db/environments/fresh.yaml", 2},
	{"verify-checksums -c db/environments/fresh.yaml --allow-uninitialized", 0},
	{"verify", 0},
	{"validate-config", 0},
	{"validate-config -c nosuch.yaml", 5},
	{"--version", 0},
	{"--exit-codes", 0},
	{"--exit-codes-json", 0},
	{"migrate", 2},
	{"nosuch", 2},
};

static void
every_command_exits_as_the_seed_does(void)
{
	static const char *const env[] = {"CONFITURE_DATABASE_URL", "DATABASE_URL", NULL};
	struct project p;
	char fresh[96];

	open_adopted(&p);
	snprintf(fresh, sizeof(fresh), "%s_fresh", p.database);
	REQUIRE(cluster_create_database(fresh));
	project_file(&p, "db/environments/fresh.yaml", "database_url: %s\n", cluster_url(fresh));
	project_file(&p, "db/environments/away.yaml",
		     "database_url: postgresql:///x?host=/nosuch/dir\n");
	CHECK_INT(project_run(&p, "migrate baseline --through 001"), 0);
	project_remove(&p, "db/migrations/002_create_orders.down.sql");
	project_file(&p, "db/migrations/notes.sql", "-- stray\n");
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		if (unit_through_fleet() && strstr(exits[i].words, "://nosuch.") != NULL)
			continue; /* a URL given by hand is refused there */
		int code = project_run_env(&p, exits[i].words, env);
		if (!CHECK_INT(code, exits[i].exit_code))
			fprintf(stderr, "  %s\n%s%s", exits[i].words, p.last.out, p.last.err);
	}
	/* None of them changed anything. */
	CHECK_STR(project_sql(&p, "SELECT string_agg(version, ',') FROM tb_confiture"), "001");
	CHECK_STR(pg_query_text(cluster_url(fresh), "SELECT count(*) FROM pg_tables WHERE "
						    "schemaname = 'public'"),
		  "0");
	REQUIRE(cluster_drop_database(fresh));
	project_close(&p);
}

/* ---- --check-dependents ---- */

static void
open_with_dependents(struct project *p)
{
	project_open(p);
	project_migration(p, "001_users", "CREATE TABLE users (id int PRIMARY KEY, name text);",
			  "DROP TABLE users;");
	CHECK_INT(project_run(p, "migrate up"), 0);
	REQUIRE(pg_exec(project_url(p), "CREATE VIEW names AS SELECT name FROM users;"
					"CREATE VIEW ids AS SELECT id FROM users"));
	project_migration(p, "002_drop",
			  "DROP VIEW ids;\nALTER TABLE users DROP COLUMN name CASCADE;",
			  "SELECT 1;");
	project_migration(p, "003_gone", "DROP TABLE users;", "SELECT 1;");
}

static void
dependents_of_what_goes_are_listed_with_file_and_line(void)
{
	static const char words[] = "migrate preflight --env local --check-dependents ";
	struct project p;
	char line[128];

	open_with_dependents(&p);
	snprintf(line, sizeof(line), "%sfail", words);
	struct document *d = run_json(&p, line, 1, "migrate-preflight");
	CHECK_INT(document_bool(d, "ok"), 0);
	CHECK_STR(document_text(d, "dependent_analysis.status"), "ok");
	CHECK_INT(document_bool(d, "dependent_analysis.has_blocking"), 1);
	CHECK_INT(document_count(d, "dependent_analysis.entries"), 2);
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.kind"), "column");
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.qualified"), "public.users.name");
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.source_file"), "002_drop.up.sql");
	CHECK_INT(document_int(d, "dependent_analysis.entries.0.source_line"), 2);
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.severity"), "error");
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.dependents.0.name"), "names");
	CHECK_STR(
		document_text(d, "dependent_analysis.entries.0.dependents.0.referenced_columns.0"),
		"name");
	/* ids was dropped by a statement before. */
	CHECK_STR(document_text(d, "dependent_analysis.entries.1.kind"), "table");
	CHECK_INT(document_count(d, "dependent_analysis.entries.1.dependents"), 1);
	document_free(d);
	CHECK_INT(project_run(&p, line), 1);
	CHECK_HAS(p.last.out, "error   002_drop.up.sql:2: column public.users.name\n"
			      "           view public.names uses name\n");
	CHECK_HAS(p.last.out, "✗ Preflight failed: 2 object(s) have dependents.");

	snprintf(line, sizeof(line), "%swarn", words);
	d = run_json(&p, line, 0, "migrate-preflight");
	CHECK_INT(document_bool(d, "ok"), 1);
	CHECK_INT(document_bool(d, "dependent_analysis.has_blocking"), 0);
	CHECK_STR(document_text(d, "dependent_analysis.entries.0.severity"), "warning");
	document_free(d);
	snprintf(line, sizeof(line), "%soff", words);
	d = run_json(&p, line, 0, "migrate-preflight");
	CHECK(!document_has(d, "dependent_analysis"));
	document_free(d);
	project_close(&p);
}

static void
dependents_are_asked_of_the_copy_when_nothing_else_is_named(void)
{
	struct project p;
	char line[512];

	open_with_dependents(&p);
	struct document *d =
		run_json(&p, "migrate preflight --check-dependents fail", 0, "migrate-preflight");
	CHECK_STR(document_text(d, "dependent_analysis.status"), "skipped");
	CHECK(document_has(d, "dependent_analysis.skip_reason"));
	document_free(d);
	snprintf(line, sizeof(line),
		 "migrate preflight --against '%s' --since 002 --check-dependents fail",
		 project_database(&p, "local", project_url(&p)));
	d = run_json(&p, line, 1, "migrate-preflight");
	CHECK_INT(document_count(d, "dependent_analysis.entries"), 2);
	document_free(d);
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(the_three_commands_of_the_page_answer_as_it_says),
		CASE(the_ledger_has_the_columns_of_the_seed),
		CASE(slugs_and_baseline_rows_have_the_forms_of_the_seed),
		CASE(rows_of_another_ledger_keep_their_time_and_say_where_from),
		CASE(the_lock_and_its_holder_are_those_of_the_seed),
		CASE_EMBEDDED(the_lock_number_of_the_seeds_example_is_ours),
		CASE(every_command_exits_as_the_seed_does),
		CASE(dependents_of_what_goes_are_listed_with_file_and_line),
		CASE(dependents_are_asked_of_the_copy_when_nothing_else_is_named),
	};

	if (!cluster_start())
		return 2;
	return unit_main("system_seed", cases, ARRAY_LEN(cases), argc, argv);
}
