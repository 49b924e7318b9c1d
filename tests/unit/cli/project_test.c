/* The commands that need no database, run as a user runs them, in a folder of their own. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/run_cli.h"

#include "shared/base/banned.h"

static json_t *
json_of(const char *text)
{
	json_error_t why;
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (doc == NULL)
		fprintf(stderr, "not JSON: %s\n%s\n", why.text, text);
	REQUIRE(doc != NULL);
	return doc;
}

static const char *
text_at(json_t *doc, const char *key)
{
	json_t *value = json_object_get(doc, key);
	return json_is_string(value) ? json_string_value(value) : NULL;
}

/* ---- the program itself ---- */
static void
version_and_help_print_to_stdout_only(void)
{
	run_start();
	struct ran r = run_cli("confiture --version");
	CHECK_INT(r.code, 0);
	CHECK_STR(r.out, "confiture version " CONFITURE_VERSION "\n");
	CHECK_STR(r.err, "");
	static const char *const lines[] = {"confiture", "confiture --help",
					    "confiture migrate up --help", "confiture job -h"};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		r = run_cli(lines[i]);
		CHECK_INT(r.code, 0);
		CHECK_HAS(r.out, "Usage: confiture");
		CHECK_STR(r.err, "");
		CHECK(strstr(r.out, "\033") == NULL);
	}
	run_end();
}

static void
help_fits_in_80_columns(void)
{
	static const char *const lines[] = {"confiture --help", "confiture migrate up --help",
					    "confiture migrate preflight --help",
					    "confiture job settle --help"};
	run_start();
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct ran r = run_cli(lines[i]);
		for (const char *p = r.out; *p != '\0';) {
			size_t n = strcspn(p, "\n");
			size_t shown = 0;
			for (size_t k = 0; k < n; k++)
				shown += ((unsigned char)p[k] & 0xc0) != 0x80 ? 1 : 0;
			bool example =
				strncmp(p, "  confiture", 11) == 0 || strncmp(p, "  # ", 4) == 0;
			if (shown > 80 && !example)
				fprintf(stderr, "too wide: %.*s\n", (int)n, p);
			CHECK(shown <= 80 || example);
			p += n + (p[n] == '\n' ? 1 : 0);
		}
	}
	run_end();
}

static void
a_group_alone_is_wrong_usage_with_its_list(void)
{
	run_start();
	struct ran r = run_cli("confiture migrate");
	CHECK_INT(r.code, 2);
	CHECK_STR(r.out, "");
	CHECK_HAS(r.err, "Missing command after \"confiture migrate\"");
	CHECK_HAS(r.err, "migrate preflight");
	CHECK_HAS(r.err, "confiture migrate --help");
	run_end();
}

static void
wrong_usage_in_json_is_the_envelope(void)
{
	run_start();
	struct ran r = run_cli("confiture migrate up --taget 3 -f json");
	CHECK_INT(r.code, 2);
	CHECK_STR(r.err, "");
	json_t *doc = json_of(r.out);
	json_t *error = json_object_get(doc, "error");
	CHECK(json_is_false(json_object_get(doc, "ok")));
	CHECK_STR(text_at(error, "code"), "USAGE_001");
	CHECK_STR(text_at(error, "message"), "no such option: --taget. Did you mean \"--target\"?");
	CHECK_STR(text_at(json_object_get(error, "details"), "did_you_mean"), "--target");
	CHECK_INT(json_object_size(error), 8);
	json_decref(doc);
	r = run_cli("confiture migrate up --taget 3 -f ndjson");
	doc = json_of(r.out);
	CHECK_STR(text_at(doc, "kind"), "result");
	CHECK(json_is_false(json_object_get(doc, "ok")));
	CHECK(strchr(r.out, '\n') == r.out + strlen(r.out) - 1);
	json_decref(doc);
	run_end();
}

static void
exit_codes_json_is_the_contract(void)
{
	run_start();
	json_t *doc = json_of(run_cli("confiture --exit-codes-json").out);
	CHECK_INT(json_object_size(doc), 3);
	CHECK_INT(json_array_size(json_object_get(doc, "classes")), 11);
	CHECK_STR(text_at(doc, "no_ledger_error_code"), "PRECON_1001");
	json_t *codes = json_object_get(doc, "exit_codes");
	static const struct {
		const char *exit;
		const char *class;
		const char *holds;
	} cases[] = {
		{"0", "ok", "MIGR_105"},
		{"1", "internal_error", "SQL_700"},
		{"2", "precondition_failed", "PRECON_1001"},
		{"3", "db_unreachable", "CONFIG_006"},
		{"4", "schema_error", "SCHEMA_001"},
		{"5", "invalid_config", "CONFIG_004"},
		{"6", "lock_contention", "LOCK_1300"},
		{"7", "git_error", "GIT_003"},
		{"8", "irreversible_rollback", "ROLLBACK_600"},
		{"9", "outcome_unknown", "JOB_003"},
		{"10", "cancelled", "JOB_004"},
	};
	CHECK_INT(json_object_size(codes), ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *row = json_object_get(codes, cases[i].exit);
		CHECK_STR(text_at(row, "class"), cases[i].class);
		CHECK(text_at(row, "meaning") != NULL);
		bool found = false;
		size_t k;
		json_t *name;
		json_array_foreach(json_object_get(row, "symbolic_codes"), k, name) found |=
			strcmp(json_string_value(name), cases[i].holds) == 0;
		CHECK(found);
	}
	json_decref(doc);
	CHECK_HAS(run_cli("confiture --exit-codes").out, "| 6 | lock_contention |");
	run_end();
}

static void
options_without_effect_are_taken_with_a_warning(void)
{
	run_start();
	put_file("001_a.up.sql", "SELECT 1;");
	struct ran r = run_cli("confiture migrate generate b --migrations-dir . --force -v");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.err, "warning: --force is accepted and has no effect");
	CHECK_HAS(r.err, "warning: --verbose is accepted and has no effect");
	run_end();
}

/* ---- explain ---- */
static void
explain_prints_the_page_of_a_code(void)
{
	run_start();
	struct ran r = run_cli("confiture explain migr_106");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "MIGR_106: two files have the same version");
	CHECK_HAS(r.out, "exit code  3 (db_unreachable)");
	CHECK_HAS(r.out, "next step  ");
	json_t *doc = json_of(run_cli("confiture explain LOCK_1300 -f json").out);
	CHECK_STR(text_at(doc, "class"), "lock_contention");
	CHECK_INT(json_integer_value(json_object_get(doc, "exit_code")), 6);
	json_decref(doc);
	r = run_cli("confiture explain LOCK_130");
	CHECK_INT(r.code, 2);
	CHECK_HAS(r.err, "Did you mean \"LOCK_1300\"?");
	r = run_cli("confiture explain");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "CONFIG_006");
	CHECK_HAS(r.out, "ROLLBACK_600");
	run_end();
}

static void
output_writes_the_document_to_a_file(void)
{
	run_start();
	struct ran r = run_cli("confiture explain SQL_700 -f json -o page.json");
	CHECK_INT(r.code, 0);
	CHECK_STR(r.out, "");
	CHECK_STR(r.err, "result written to page.json\n");
	json_t *doc = json_of(get_file("page.json"));
	CHECK_STR(text_at(doc, "code"), "SQL_700");
	json_decref(doc);
	r = run_cli("confiture explain SQL_700 -o page2.json --quiet");
	CHECK_HAS(r.out, "SQL_700: ");
	CHECK_STR(r.err, "");
	doc = json_of(get_file("page2.json"));
	json_decref(doc);
	r = run_cli("confiture explain SQL_700 -o no/such/page.json");
	CHECK_INT(r.code, 1);
	CHECK_HAS(r.err, "No such file or directory");
	run_end();
}

/* ---- init ---- */
static void
init_makes_a_project_that_validates(void)
{
	run_start();
	struct ran r = run_cli("confiture init");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "Next:");
	CHECK_STR(r.err, "");
	CHECK_STR(list_folder("db"), "README.md environments migrations schema seeds");
	CHECK_STR(list_folder("db/environments"), "local.yaml");
	CHECK_STR(list_folder("db/migrations"), ".gitkeep");
	CHECK_STR(list_folder("db/schema"), "00_common 10_tables");
	CHECK_STR(list_folder("db/seeds"), "common development test");
	r = run_cli("confiture validate-config --strict");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "valid: settings from yaml-file, 0 migrations in db/migrations");
	CHECK_INT(run_cli("confiture migrate validate").code, 0);
	run_end();
}

static void
init_never_touches_what_is_there(void)
{
	run_start();
	REQUIRE(mkdir("db", 0755) == 0);
	put_file("db/README.md", "mine");
	struct ran r = run_cli("confiture init --no-input");
	CHECK_INT(r.code, 1);
	CHECK_HAS(r.err, "db exists already; nothing was made");
	CHECK_STR(list_folder("db"), "README.md");
	CHECK_STR(get_file("db/README.md"), "mine");
	run_end();
}

static void
init_takes_another_folder(void)
{
	run_start();
	json_t *doc = json_of(run_cli("confiture init a/b -f json").out);
	CHECK(json_is_true(json_object_get(doc, "success")));
	CHECK_STR(text_at(doc, "path"), "a/b");
	CHECK_STR(json_string_value(json_array_get(json_object_get(doc, "next_steps"), 0)),
		  "cd a/b");
	json_decref(doc);
	CHECK_STR(list_folder("a/b/db/environments"), "local.yaml");
	run_end();
}

/* ---- generate ---- */
static bool
all_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static void
generate_makes_a_pair_and_never_the_same_version(void)
{
	run_start();
	char seen[5][16];
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		json_t *doc = json_of(run_cli("confiture migrate generate add_users -f json").out);
		const char *version = text_at(doc, "version");
		CHECK_STR(text_at(doc, "status"), "success");
		CHECK_STR(text_at(doc, "name"), "add_users");
		CHECK_STR(text_at(doc, "migrations_dir"), "db/migrations");
		CHECK(all_digits(version, 14));
		CHECK(all_digits(text_at(doc, "next_available_version"), 14));
		CHECK(strcmp(version, text_at(doc, "next_available_version")) < 0);
		CHECK(json_is_null(json_object_get(doc, "class_name")));
		CHECK(json_is_null(json_object_get(doc, "snapshot")));
		CHECK(json_is_null(json_object_get(doc, "snapshot_mode")));
		CHECK(access(text_at(doc, "filepath"), R_OK) == 0);
		CHECK(access(text_at(doc, "down_filepath"), R_OK) == 0);
		CHECK_INT(json_array_size(json_object_get(doc, "warnings")), i > 0 ? 1 : 0);
		snprintf(seen[i], sizeof(seen[i]), "%s", version);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(seen[k], seen[i]) < 0);
		json_decref(doc);
	}
	run_end();
}

static void
generate_dry_run_writes_nothing(void)
{
	run_start();
	json_t *doc = json_of(run_cli("confiture migrate generate x --dry-run -f json").out);
	CHECK_STR(text_at(doc, "status"), "dry_run");
	CHECK_HAS(text_at(doc, "template"), "-- x\n");
	json_decref(doc);
	CHECK_STR(list_folder("."), "");
	CHECK_INT(run_cli("confiture init").code, 0);
	CHECK_INT(run_cli("confiture migrate generate x --dry-run").code, 0);
	CHECK_STR(list_folder("db/migrations"), ".gitkeep");
	run_end();
}

static void
generate_refuses_what_is_no_name(void)
{
	static const struct {
		const char *line;
		const char *words;
	} cases[] = {
		{"confiture migrate generate 'two words'", "\"two words\" is no name"},
		{"confiture migrate generate ../x", "\"../x\" is no name"},
		{"confiture migrate generate a.b", "\"a.b\" is no name"},
		{"confiture migrate generate ''", "is empty"},
		{"confiture migrate generate x --python", "Python cannot be run"},
	};
	run_start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran r = run_cli(cases[i].line);
		CHECK_INT(r.code, 2);
		CHECK_HAS(r.err, cases[i].words);
		CHECK_STR(r.out, "");
		CHECK_STR(list_folder("."), "");
	}
	run_end();
}

static void
a_second_generate_is_kept_out(void)
{
	run_start();
	int fd = open(".migration_lock", O_RDWR | O_CREAT, 0600);
	REQUIRE(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
	struct ran r = run_cli("confiture migrate generate x --migrations-dir .");
	CHECK_INT(r.code, 6);
	CHECK_HAS(r.err, "[LOCK_1300]");
	CHECK_STR(list_folder("."), ".migration_lock");
	close(fd);
	CHECK_INT(run_cli("confiture migrate generate x --migrations-dir .").code, 0);
	run_end();
}

/* ---- validate ---- */
static void
duplicates_fail_and_stray_files_alone_do_not(void)
{
	run_start();
	put_file("001_a.up.sql", "");
	put_file("001_a.down.sql", "");
	put_file("001_a.verify.sql", "");
	put_file("002_b.sql", "");
	put_file("notes.sql", "");
	struct ran r = run_cli("confiture migrate validate --migrations-dir . -f json");
	CHECK_INT(r.code, 0);
	json_t *doc = json_of(r.out);
	CHECK_STR(text_at(doc, "status"), "issues_found");
	json_t *orphans = json_object_get(doc, "orphaned_files");
	REQUIRE(json_array_size(orphans) == 2);
	CHECK_STR(json_string_value(json_array_get(orphans, 0)), "002_b.sql");
	CHECK_STR(json_string_value(json_array_get(orphans, 1)), "notes.sql");
	json_decref(doc);
	put_file("001_other.up.sql", "");
	r = run_cli("confiture migrate validate --migrations-dir . -f json");
	CHECK_INT(r.code, 1);
	doc = json_of(r.out);
	json_t *twice = json_object_get(json_object_get(doc, "duplicate_versions"), "001");
	CHECK_INT(json_array_size(twice), 2);
	json_decref(doc);
	CHECK_INT(run_cli("confiture migrate validate --migrations-dir no").code, 3);
	run_end();
}

static void
fix_naming_renames_only_what_has_one_meaning(void)
{
	static const char before[] =
		"001_a.up.sql 001_b.sql 002_c.sql 003_d.down.sql 004_e.verify.sql "
		"005_f.sql 005_g.sql 006_h.sql 006_h.up.sql notes.sql";
	static const char after[] =
		"001_a.up.sql 001_b.sql 002_c.up.sql 003_d.down.sql "
		"004_e.verify.sql 005_f.up.sql 005_g.sql 006_h.sql 006_h.up.sql "
		"notes.sql";
	run_start();
	char *names = strdup(before);
	for (char *p = names, *end; *p != '\0';
	     p = end + (end - names < (long)sizeof(before) - 1)) {
		end = p + strcspn(p, " ");
		bool last = *end == '\0';
		*end = '\0';
		put_file(p, p);
		if (last)
			break;
	}
	free(names);
	CHECK_STR(list_folder("."), before);
	struct ran r =
		run_cli("confiture migrate validate --migrations-dir . --fix-naming --dry-run");
	CHECK_HAS(r.out, "would rename  002_c.sql -> 002_c.up.sql");
	CHECK_HAS(r.out, "not renamed   001_b.sql: another file has the version 001");
	CHECK_STR(list_folder("."), before);
	r = run_cli("confiture migrate validate --migrations-dir . --fix-naming");
	CHECK_INT(r.code, 0);
	CHECK_STR(list_folder("."), after);
	CHECK_STR(get_file("006_h.up.sql"), "006_h.up.sql");
	CHECK_STR(get_file("002_c.up.sql"), "002_c.sql");
	run_end();
}

/* ---- validate-config ---- */
static void
every_finding_has_its_place(void)
{
	run_start();
	CHECK_INT(run_cli("confiture init").code, 0);
	put_file("db/environments/local.yaml", "databse_url: postgresql:///x\n"
					       "database_url: postgresql:///x\n");
	struct ran r = run_cli("confiture validate-config");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "db/environments/local.yaml:1: ");
	CHECK_HAS(r.out, "database_url");
	r = run_cli("confiture validate-config --strict -f json");
	CHECK_INT(r.code, 5);
	json_t *doc = json_of(r.out);
	CHECK(json_is_false(json_object_get(doc, "valid")));
	json_t *issue = json_array_get(json_object_get(doc, "issues"), 0);
	CHECK_STR(text_at(issue, "code"), "CONFIG_008");
	CHECK_STR(text_at(issue, "severity"), "error");
	CHECK_STR(text_at(issue, "file"), "db/environments/local.yaml");
	CHECK_INT(json_integer_value(json_object_get(issue, "line")), 1);
	json_decref(doc);
	run_end();
}

static void
all_findings_come_in_one_run(void)
{
	run_start();
	put_file("bad.yaml", "database_url: mysql://u:secretword@h/d\n");
	put_file("001_a.up.sql", "");
	put_file("001_b.up.sql", "");
	struct ran r = run_cli("confiture validate-config -c bad.yaml --migrations-path . -f json");
	CHECK_INT(r.code, 5);
	CHECK(strstr(r.out, "secretword") == NULL);
	json_t *doc = json_of(r.out);
	json_t *issues = json_object_get(doc, "issues");
	REQUIRE(json_array_size(issues) == 2);
	CHECK_STR(text_at(json_array_get(issues, 0), "code"), "CONFIG_003");
	CHECK_STR(text_at(json_array_get(issues, 1), "code"), "MIGR_106");
	CHECK_INT(json_integer_value(json_object_get(doc, "migration_count")), 2);
	json_decref(doc);
	run_end();
}

static void
the_source_of_settings_is_the_one_a_command_would_take(void)
{
	static const struct {
		const char *line, *canonical, *ambient, *source, *code;
		bool file;
	} cases[] = {
		{"-d postgresql:///x", "postgresql:///y", NULL, "flags", NULL, true},
		{"-d http://x", NULL, NULL, "flags", "CONFIG_003", true},
		{"-c db/environments/local.yaml", NULL, NULL, "yaml-file", NULL, true},
		{"-c db/environments/local.yaml", "postgresql:///y", NULL, "yaml-file",
		 "CONFIG_007", true},
		{"--env local", NULL, NULL, "yaml-file", NULL, true},
		{"--env nowhere", NULL, NULL, "yaml-file", "CONFIG_004", true},
		{"", "postgresql:///y", NULL, "env", NULL, true},
		{"", NULL, "postgresql:///y", "yaml-file", NULL, true},
		{"", NULL, "postgresql:///y", "env", NULL, false},
		{"", NULL, NULL, "yaml-file", "CONFIG_004", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[256];
		run_start();
		if (cases[i].file)
			CHECK_INT(run_cli("confiture init").code, 0);
		put_file("001_a.up.sql", "");
		if (cases[i].canonical != NULL)
			setenv("CONFITURE_DATABASE_URL", cases[i].canonical, 1);
		if (cases[i].ambient != NULL)
			setenv("DATABASE_URL", cases[i].ambient, 1);
		snprintf(line, sizeof(line),
			 "confiture validate-config -f json --migrations-path . %s", cases[i].line);
		struct ran r = run_cli(line);
		json_t *doc = json_of(r.out);
		json_t *issues = json_object_get(doc, "issues");
		CHECK_INT(r.code, cases[i].code != NULL ? 5 : 0);
		CHECK_STR(text_at(doc, "config_source"), cases[i].source);
		CHECK_INT(json_array_size(issues), cases[i].code != NULL ? 1 : 0);
		if (cases[i].code != NULL)
			CHECK_STR(text_at(json_array_get(issues, 0), "code"), cases[i].code);
		json_decref(doc);
		run_end();
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(version_and_help_print_to_stdout_only),
		CASE(help_fits_in_80_columns),
		CASE(a_group_alone_is_wrong_usage_with_its_list),
		CASE(wrong_usage_in_json_is_the_envelope),
		CASE(exit_codes_json_is_the_contract),
		CASE(options_without_effect_are_taken_with_a_warning),
		CASE(explain_prints_the_page_of_a_code),
		CASE(output_writes_the_document_to_a_file),
		CASE(init_makes_a_project_that_validates),
		CASE(init_never_touches_what_is_there),
		CASE(init_takes_another_folder),
		CASE(generate_makes_a_pair_and_never_the_same_version),
		CASE(generate_dry_run_writes_nothing),
		CASE(generate_refuses_what_is_no_name),
		CASE(a_second_generate_is_kept_out),
		CASE(duplicates_fail_and_stray_files_alone_do_not),
		CASE(fix_naming_renames_only_what_has_one_meaning),
		CASE(every_finding_has_its_place),
		CASE(all_findings_come_in_one_run),
		CASE(the_source_of_settings_is_the_one_a_command_would_take),
	};
	return unit_main("cli project", cases, ARRAY_LEN(cases), argc, argv);
}
