/* Results as people and spreadsheets read them. */
#include <string.h>

#include "cli/live.h"
#include "cli/render.h"
#include "cli/source_lines.h"
#include "cli/status_files.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

#define LIST(array)                                                                                \
	{                                                                                          \
		array, ARRAY_LEN(array)                                                            \
	}

static void
baseline_reads_as_the_page_of_the_python_tool_shows_it(void)
{
	struct baseline_row rows[] = {{"001", "create_users", "marked"},
				      {"002", "create_orders", "already_applied"}};
	struct baseline_result r = {.success = true, .marked = 1, .skipped = 1};
	struct fixture f;

	r.migrations.items = rows;
	r.migrations.count = ARRAY_LEN(rows);
	fixture_begin(&f);
	render_baseline(&f.cli, &r);
	CHECK_STR(fixture_out(&f), "   001 create_users (marked as applied)\n"
				   "   002 create_orders (already applied)\n"
				   "Marked 1 migration(s) as applied, skipped 1 already applied\n");
	fixture_end(&f);
}

static void
a_dry_baseline_says_would(void)
{
	struct baseline_row rows[] = {{"001", "create_users", "marked"}};
	struct baseline_result r = {.success = true, .marked = 1, .dry_run = true};
	struct fixture f;

	r.migrations.items = rows;
	r.migrations.count = ARRAY_LEN(rows);
	fixture_begin(&f);
	render_baseline(&f.cli, &r);
	CHECK_STR(fixture_out(&f),
		  "   001 create_users (would be marked as applied)\n"
		  "Would mark 1 migration(s) as applied, skipped 0 already applied\n");
	fixture_end(&f);
}

static void
preflight_reads_as_the_page_of_the_python_tool_shows_it(void)
{
	struct preflight_migration migrations[] = {{.version = "20260520143015",
						    .name = "add_user_bio",
						    .status = "replayed",
						    .duration_ms = 24}};
	struct preflight_summary summary = {.migrations_checked = 1};
	struct preflight_result r = {
		.ok = true, .summary = &summary, .mode = "against", .server_version = "15.2"};
	struct fixture f;

	r.migrations.items = migrations;
	r.migrations.count = 1;
	fixture_begin(&f);
	render_preflight(&f.cli, &r);
	CHECK_STR(fixture_out(&f),
		  "▸ Replaying pending migrations on preflight DB\n"
		  "   20260520143015_add_user_bio                 applied in 24 ms\n"
		  "✓ Preflight passed. Safe to deploy.\n");
	CHECK_STR(fixture_err(&f), "");
	fixture_end(&f);
}

static void
a_failed_preflight_names_file_line_and_cause(void)
{
	struct error_details details = {.cause = "column \"bio\" already exists"};
	struct issue issues[] = {{.code = "PFLIGHT_REPLAY_FAILED",
				  .message = "005_bio failed",
				  .severity = "error",
				  .details = &details,
				  .file = "005_bio.up.sql",
				  .line = 2}};
	struct preflight_summary summary = {.errors = 1, .migrations_checked = 1};
	struct preflight_result r = {.summary = &summary, .mode = "clone"};
	struct fixture f;

	r.issues.items = issues;
	r.issues.count = 1;
	fixture_begin(&f);
	render_preflight(&f.cli, &r);
	CHECK_STR(fixture_out(&f),
		  "▸ Replaying pending migrations on a clone\n"
		  "   nothing is pending\n"
		  "▸ Findings\n"
		  "   error   PFLIGHT_REPLAY_FAILED  005_bio.up.sql:2: 005_bio failed\n"
		  "           column \"bio\" already exists\n"
		  "✗ Preflight failed: 1 error(s), 0 warning(s) in 1 migration(s).\n");
	fixture_end(&f);
}

static struct status_migration status_rows[] = {
	{"001", "users", "applied", "2026-05-20T14:30:15.123456+00:00"},
	{"002", "old", "missing", "2026-05-20T14:31:15+00:00"},
	{"003", "say \"hi\", all", "pending", NULL},
};

static void
make_status(struct status_result *r, struct status_summary *summary)
{
	*summary = (struct status_summary){2, 1, 3};
	*r = (struct status_result){.tracking_table = "tb_confiture",
				    .current = "001",
				    .total = 3,
				    .summary = summary,
				    .ledger_present = true};
	r->migrations.items = status_rows;
	r->migrations.count = ARRAY_LEN(status_rows);
}

static void
status_lines_up_and_shows_rows_whose_file_is_gone(void)
{
	struct status_summary summary;
	struct status_result r;
	struct fixture f;

	make_status(&r, &summary);
	fixture_begin(&f);
	render_status(&f.cli, &r);
	CHECK_STR(fixture_out(&f), "  version  name           status   applied at\n"
				   "  001      users          applied  2026-05-20 14:30:15 +00:00\n"
				   "  002      old            missing  2026-05-20 14:31:15 +00:00\n"
				   "  003      say \"hi\", all  pending  \n"
				   "2 applied, 1 pending, 3 in all; current: 001\n");
	fixture_end(&f);
}

static void
csv_has_nothing_but_rows_and_quotes_what_needs_it(void)
{
	struct status_summary summary;
	struct status_result r;
	struct fixture f;

	make_status(&r, &summary);
	fixture_begin(&f);
	f.cli.csv = true;
	render_status(&f.cli, &r);
	CHECK_STR(fixture_out(&f), "version,name,status\n"
				   "001,users,applied\n"
				   "002,old,missing\n"
				   "003,\"say \"\"hi\"\", all\",pending\n");
	fixture_end(&f);
}

static void
names_of_files_cannot_move_the_cursor(void)
{
	struct baseline_row rows[] = {{"001", "a\033[2Jb", "marked"}};
	struct baseline_result r = {.success = true, .marked = 1};
	struct fixture f;

	r.migrations.items = rows;
	r.migrations.count = 1;
	fixture_begin(&f);
	render_baseline(&f.cli, &r);
	CHECK(strchr(fixture_out(&f), '\033') == NULL);
	fixture_end(&f);
}

static void
current_is_the_bare_version_or_an_empty_line(void)
{
	static const struct {
		const char *revision, *text;
	} rows[] = {{"004", "004\n"}, {NULL, "\n"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct current_result r = {.revision = rows[i].revision};
		struct fixture f;
		fixture_begin(&f);
		render_current(&f.cli, &r);
		CHECK_STR(fixture_out(&f), rows[i].text);
		fixture_end(&f);
	}
}

static void
up_ends_with_what_was_done(void)
{
	static const char *left[] = {"006"};
	struct applied_migration one[] = {{.version = "005", .name = "bio", .duration_ms = 3}};
	struct {
		struct up_result r;
		const char *text;
	} rows[] = {
		{{.success = true, .applied = LIST(one), .total_duration_ms = 7},
		 "✓ Applied 1 migration(s) in 7 ms.\n"},
		{{.success = true}, "✓ Nothing is pending.\n"},
		{{.success = true, .pending = LIST(left)}, "✓ Nothing to apply up to there.\n"},
		{{.applied = LIST(one), .pending = LIST(left), .total_duration_ms = 12000},
		 "✗ Applied 1 migration(s) in 12.0 s. Still pending: 1.\n"},
		{{.success = true, .dry_run = true}, "✓ Nothing is pending.\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;
		fixture_begin(&f);
		render_up(&f.cli, &rows[i].r);
		CHECK_STR(fixture_out(&f), rows[i].text);
		fixture_end(&f);
	}
}

static struct job_event
event(const char *kind, const char *file, int64_t line)
{
	return (struct job_event){.seq = 1,
				  .attempt = 1,
				  .kind = kind,
				  .version = "001",
				  .name = "users",
				  .file = file,
				  .line = line,
				  .statement = INT_NULL,
				  .done = INT_NULL,
				  .total = INT_NULL,
				  .duration_ms = 4,
				  .rows = INT_NULL};
}

static void
a_finished_migration_is_a_line_and_verbose_shows_the_statement_from_the_file(void)
{
	struct job_event events[] = {event("statement", "001_users.up.sql", 3),
				     event("statement", "../secret", 1),
				     event("migration_done", "001_users.up.sql", INT_NULL),
				     event("migration_done", "001_users.down.sql", INT_NULL)};
	struct fixture f;
	struct live live;

	fixture_begin(&f);
	fixture_file("db/001_users.up.sql", "-- first\n\n  CREATE TABLE users (\n  id int);\n");
	fixture_file("secret", "hidden\n");
	live_init(&live, &f.cli, "db", true, true);
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		live_view(&live)->event(live_view(&live)->self, &events[i]);
	live_fini(&live);
	CHECK_STR(fixture_out(&f), "   001 users (applied in 4 ms)\n"
				   "   001 users (rolled back in 4 ms)\n");
	CHECK_STR(fixture_err(&f), "001_users.up.sql:3  CREATE TABLE users ( in 4 ms\n"
				   "../secret:1   in 4 ms\n");
	fixture_end(&f);
}

static void
json_has_no_lines_beside_its_document(void)
{
	struct job_event e = event("migration_done", "001_users.up.sql", INT_NULL);
	struct fixture f;
	struct live live;

	fixture_begin(&f);
	f.cli.json = true;
	live_init(&live, &f.cli, "db", true, true);
	live_view(&live)->event(live_view(&live)->self, &e);
	live_fini(&live);
	CHECK_STR(fixture_out(&f), "");
	CHECK_STR(fixture_err(&f), "");
	fixture_end(&f);
}

static void
lines_of_a_file_are_found_forwards_and_backwards(void)
{
	static const struct {
		const char *file;
		int64_t line;
		const char *text;
	} asked[] = {
		{"a.sql", 2, "two"}, {"a.sql", 2, "two"},  {"a.sql", 4, "four"},
		{"a.sql", 1, "one"}, {"b.sql", 1, "else"}, {"a.sql", 9, ""},
		{"none.sql", 1, ""}, {"a.sql", 3, ""},
	};
	struct source_lines s;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("d/a.sql", "one\n\t two \r\n\nfour");
	fixture_file("d/b.sql", "else\n");
	source_lines_init(&s, "d");
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		CHECK_STR(source_lines_at(&s, asked[i].file, asked[i].line), asked[i].text);
	source_lines_fini(&s);
	fixture_end(&f);
}

static void
preflight_gets_its_statements_from_the_projects_files(void)
{
	struct preflight_statement statements[] = {{.line = 1}, {.line = 2}, {.line = 2}};
	struct preflight_migration migrations[] = {{.version = "001", .name = "users"}};
	struct preflight_result r = {0};
	struct bundle_info bundle = {0};
	struct migration_set set;
	struct error err = {0};
	struct fixture f;

	migrations[0].statements.items = statements;
	migrations[0].statements.count = ARRAY_LEN(statements);
	r.migrations.items = migrations;
	r.migrations.count = 1;
	fixture_begin(&f);
	fixture_file("d/001_users.up.sql", "create table a (x int);\nselect 1; select 2\n");
	REQUIRE(bundle_scan(&f.cli.arena, "d", false, &bundle, &err));
	migration_set_build(&f.cli.arena, &bundle, &set);
	preflight_fill_sql(&f.cli.arena, "d", &set, &r);
	CHECK_STR(statements[0].sql, "create table a (x int)");
	CHECK_STR(statements[1].sql, "select 1");
	CHECK_STR(statements[2].sql, "select 2");
	fixture_end(&f);
}

static void
files_without_a_database_are_unknown_and_a_hint_says_how_to_ask(void)
{
	struct bundle_file files[] = {{.name = "001_a.up.sql", .size = 1},
				      {.name = "notes.sql", .size = 1}};
	struct bundle_info bundle = {0};
	struct status_result r;
	struct fixture f;

	bundle.files.items = files;
	bundle.files.count = ARRAY_LEN(files);
	fixture_begin(&f);
	status_of_files(&f.cli.arena, &bundle, &r);
	status_add_hints(&f.cli.arena, &r, false);
	CHECK_INT(r.total, 1);
	CHECK_STR(r.migrations.items[0].status, "unknown");
	CHECK_INT(r.orphaned_migrations.count, 1);
	CHECK(!r.ledger_present);
	REQUIRE(r.hints.count == 1);
	CHECK_STR(r.hints.items[0].code, "NO_DATABASE");
	fixture_end(&f);
}

static const struct unit_case cases[] = {
	CASE(baseline_reads_as_the_page_of_the_python_tool_shows_it),
	CASE(a_dry_baseline_says_would),
	CASE(preflight_reads_as_the_page_of_the_python_tool_shows_it),
	CASE(a_failed_preflight_names_file_line_and_cause),
	CASE(status_lines_up_and_shows_rows_whose_file_is_gone),
	CASE(csv_has_nothing_but_rows_and_quotes_what_needs_it),
	CASE(names_of_files_cannot_move_the_cursor),
	CASE(current_is_the_bare_version_or_an_empty_line),
	CASE(up_ends_with_what_was_done),
	CASE(a_finished_migration_is_a_line_and_verbose_shows_the_statement_from_the_file),
	CASE(json_has_no_lines_beside_its_document),
	CASE(lines_of_a_file_are_found_forwards_and_backwards),
	CASE(preflight_gets_its_statements_from_the_projects_files),
	CASE(files_without_a_database_are_unknown_and_a_hint_says_how_to_ask),
};

int
main(int argc, char **argv)
{
	return unit_main("cli render", cases, ARRAY_LEN(cases), argc, argv);
}
