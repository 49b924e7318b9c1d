/*
 * Bad settings, bad command lines, bad servers: each its own code, words, exit code and next step,
 * in both formats, and nothing changed. Bad migration files are in bad_files_test.c.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* One migration applied, one pending. */
static void
open_used(struct project *p)
{
	project_open(p);
	project_migration(p, "001_users", "CREATE TABLE users (id int PRIMARY KEY);",
			  "DROP TABLE users;");
	CHECK_INT(project_run(p, "migrate up"), 0);
	project_migration(p, "002_more", "CREATE TABLE more (id int);", "DROP TABLE more;");
}

static void
check_all(struct project *p, const struct refusal *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		refusal_check(p, &rows[i]);
}

/* ---- settings ---- */

static void
an_unknown_key_is_a_warning_with_its_place_and_the_nearest_key(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "db/environments/local.yaml",
		     "database_url: \"%s\"\nmigration:\n  traking_table: other\n", project_url(&p));
	CHECK_INT(project_run(&p, "migrate status --env local"), 1);
	CHECK_HAS(p.last.err, "warning: db/environments/local.yaml:3: unknown key "
			      "\"migration.traking_table\"; did you mean \"tracking_table\"?");
	struct document *d = run_json(&p, "validate-config --env local", 0, "validate-config");
	CHECK_INT(document_bool(d, "valid"), 1);
	CHECK_STR(document_text(d, "issues.0.severity"), "warning");
	document_free(d);
	d = run_json(&p, "validate-config --env local --strict", 5, "validate-config");
	CHECK_INT(document_bool(d, "valid"), 0);
	CHECK_STR(document_text(d, "issues.0.code"), "CONFIG_008");
	CHECK_STR(document_text(d, "issues.0.severity"), "error");
	CHECK_STR(document_text(d, "issues.0.file"), "db/environments/local.yaml");
	CHECK_INT(document_int(d, "issues.0.line"), 3);
	document_free(d);
	CHECK_INT(project_run(&p, "validate-config --env local --strict"), 5);
	CHECK_HAS(p.last.out, "db/environments/local.yaml:3: unknown key");
	project_close(&p);
}

static void
an_unknown_key_of_confiture_yaml_is_an_error(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "confiture.yaml", "groups:\n  all: [local]\ngroop: 1\n");
	refusal_check(&p, &(struct refusal){.words = "migrate up --group all",
					    .exit_code = 5,
					    .code = "CONFIG_008",
					    .says = "did you mean \"groups\"?"});
	CHECK_HAS(p.last.out, "\"line\": 3");
	project_close(&p);
}

static void
keys_that_never_had_an_effect_are_accepted_and_said_to_do_nothing(void)
{
	struct project p;

	open_used(&p);
	project_file(&p, "db/environments/local.yaml",
		     "database_url: \"%s\"\nauto_backup: true\nrequire_confirmation: false\n"
		     "migration:\n  locking:\n    enabled: true\nbuild:\n  lint:\n    enabled: "
		     "true\nseed:\n  continue_on_error: true\n",
		     project_url(&p));
	struct document *d =
		run_json(&p, "validate-config --env local --strict", 0, "validate-config");
	CHECK_INT(document_count(d, "issues"), 5);
	for (int i = 0; i < 5; i++) {
		char path[32];
		snprintf(path, sizeof(path), "issues.%d.message", i);
		CHECK_HAS(document_text(d, path), "does nothing");
	}
	document_free(d);
	/* Of interest to who writes the file, not to who runs it. */
	CHECK_INT(project_run(&p, "migrate status --env local"), 1);
	CHECK(strstr(p.last.err, "does nothing") == NULL);
	project_close(&p);
}

static void
settings_that_cannot_be_used_stop_every_command(void)
{
	static const struct {
		const char *file, *code, *says;
	} rows[] = {
		{"database_url: [\n", "CONFIG_002", "local.yaml"},
		{"just a text\n", "CONFIG_002", "must hold a map"},
		{"a: &x 1\nb: *x\n", "CONFIG_002", "local.yaml"},
		{"name: x\n", "CONFIG_001", "database_url"},
		{"database_url: mysql://u:" PLANTED_SECRET "@h/d\n", "CONFIG_003", "postgresql://"},
		{"database_url: postgresql://%zz@h/d\n", "CONFIG_003", "%25"},
		{"database_url: ${CONFITURE_NOT_SET:?ask the operator}\n", "CONFIG_005",
		 "ask the operator"},
		{"database_url: postgresql:///x\nmigration: { tracking_table: 'a b' }\n",
		 "CONFIG_005", "tracking_table"},
		{"database_url: postgresql:///x\nmigration: { strict_mode: maybe }\n", "CONFIG_005",
		 "true or false"},
		{"database_url: postgresql:///x\nmigration_table: t\n", "CONFIG_005",
		 "migration_table"},
		{"database_url: postgresql:///x\npassword_file: nosuch\n", "CONFIG_005", "nosuch"},
	};
	struct project p;

	open_used(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		project_file(&p, "db/environments/local.yaml", "%s", rows[i].file);
		refusal_check(&p, &(struct refusal){.words = "migrate up",
						    .exit_code = 5,
						    .code = rows[i].code,
						    .says = rows[i].says});
		struct document *d = run_json(&p, "validate-config", 5, "validate-config");
		CHECK_STR(document_text(d, "issues.0.code"), rows[i].code);
		check_no_secret(&p.last);
		document_free(d);
	}
	project_close(&p);
}

/* ---- which database ---- */

#define CONFITURE_URL "CONFITURE_DATABASE_URL=postgresql:///nosuch"
#define AMBIENT_URL   "DATABASE_URL=postgresql:///nosuch"

static void
connection_sources_are_refused_in_words(void)
{
	static const char *const canonical[] = {CONFITURE_URL, NULL};
	static const struct refusal rows[] = {
		{.words = "migrate up --database-url mysql://u:" PLANTED_SECRET "@h/d",
		 .exit_code = 5,
		 .code = "CONFIG_003",
		 .says = "does not begin with postgresql://"},
		{.words = "migrate status --database-url " PLANTED_SECRET,
		 .exit_code = 5,
		 .code = "CONFIG_003",
		 .says = "--database-url"},
		{.words = "migrate up --config db/environments/local.yaml",
		 .env = canonical,
		 .exit_code = 5,
		 .code = "CONFIG_007",
		 .says = "both --config and CONFITURE_DATABASE_URL"},
		{.words = "migrate status --env local",
		 .env = canonical,
		 .exit_code = 5,
		 .code = "CONFIG_007",
		 .says = "both --env and CONFITURE_DATABASE_URL"},
		{.words = "migrate up --no-config",
		 .exit_code = 5,
		 .code = "CONFIG_010",
		 .says = "neither CONFITURE_DATABASE_URL nor DATABASE_URL"},
		{.words = "migrate up --config missing.yaml",
		 .exit_code = 5,
		 .code = "CONFIG_004",
		 .says = "missing.yaml"},
		{.words = "migrate status --config missing.yaml",
		 .exit_code = 5,
		 .code = "CONFIG_004",
		 .says = "missing.yaml"},
		{.words = "migrate up --env lokal",
		 .exit_code = 5,
		 .code = "CONFIG_011",
		 .says = "did you mean \"local\"?"},
		{.words = "migrate up --env ../local",
		 .exit_code = 5,
		 .code = "CONFIG_011",
		 .says = "no environment"},
		{.words = "migrate up --env local/eu",
		 .exit_code = 5,
		 .code = "CONFIG_011",
		 .says = "no target named local/eu"},
		{.words = "migrate up --group prodd",
		 .exit_code = 5,
		 .code = "CONFIG_011",
		 .says = "did you mean \"prod\"?"},
		{.words = "migrate baseline --env local",
		 .exit_code = 5,
		 .code = "CONFIG_001",
		 .says = "--through or --from-db"},
		{.words = "migrate baseline --env local --from-db mysql://x:" PLANTED_SECRET "@h/d",
		 .exit_code = 5,
		 .code = "CONFIG_003",
		 .says = "--from-db"},
		{.words = "migrate preflight --env local --against mysql://x:" PLANTED_SECRET "@h",
		 .exit_code = 5,
		 .code = "CONFIG_003",
		 .says = "--against"},
	};
	struct project p;

	open_used(&p);
	project_file(&p, "confiture.yaml", "groups:\n  prod: [local]\n");
	check_all(&p, rows, ARRAY_LEN(rows));
	project_close(&p);
}

static void
a_lone_database_url_is_refused_where_something_changes_and_ignored_by_status(void)
{
	static const char *const ambient[] = {AMBIENT_URL, NULL};
	static const char *const changing[] = {
		"migrate up",
		"migrate down",
		"migrate down-to 001",
		"migrate baseline --through 001",
	};
	struct project p;

	open_used(&p);
	project_remove(&p, "db/environments/local.yaml");
	for (size_t i = 0; i < ARRAY_LEN(changing); i++)
		refusal_check(&p, &(struct refusal){.words = changing[i],
						    .env = ambient,
						    .exit_code = 5,
						    .code = "CONFIG_010",
						    .says = "DATABASE_URL",
						    .next = "CONFITURE_DATABASE_URL"});
	CHECK_INT(project_run_env(&p, "migrate status --format json", ambient), 0);
	struct document *d = document_parse(p.last.out);
	CHECK_STR(document_text(d, "migrations.0.status"), "unknown");
	document_free(d);
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .exit_code = 5,
					    .code = "CONFIG_004",
					    .says = "db/environments/local.yaml",
					    .next = "confiture init"});
	project_close(&p);
}

/* ---- command lines ---- */

static void
a_wrong_command_line_exits_2_and_says_what_was_meant(void)
{
	static const struct refusal rows[] = {
		{.words = "migrate upp", .says = "Did you mean \"up\"?"},
		{.words = "migrat up", .says = "Did you mean \"migrate\"?"},
		{.words = "migrate up --targt 1", .says = "Did you mean \"--target\"?"},
		{.words = "migrate up --on-checksum-mismatch wrn", .says = "fail, warn or ignore"},
		{.words = "migrate down --steps 0", .says = "--steps"},
		{.words = "migrate down --steps -1", .says = "--steps"},
		{.words = "migrate down --steps one", .says = "a whole number"},
		{.words = "migrate down-to", .says = "missing argument REVISION"},
		{.words = "migrate up more", .says = "unexpected argument: more"},
		{.words = "migrate up --dry-run --dry-run-execute", .says = "exclude each other"},
		{.words = "migrate up --dry-run --force", .says = "--force"},
		{.words = "migrate up --timeout soon", .says = "a duration"},
		{.words = "migrate generate --python add_x", .says = "Python"},
		{.words = "migrate generate ../x", .says = "no name for a migration"},
		{.words = "migrate baseline --source-table t --through 1 --env local",
		 .says = "--from-db"},
	};
	struct project p;

	open_used(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct refusal r = rows[i];
		r.exit_code = 2;
		r.code = "USAGE_001";
		refusal_check(&p, &r);
	}
	CHECK_INT(project_run(&p, "migrate up --nope"), 2);
	CHECK(strstr(p.last.err, "Did you mean") == NULL);
	CHECK_INT(project_run(&p, "migrate"), 2);
	CHECK_HAS(p.last.err, "Missing command");
	CHECK_HAS(p.last.err, "status");
	project_close(&p);
}

/* ---- the server ---- */

static const char *
url_with(struct project *p, const char *user, const char *parameters)
{
	static char url[512];

	snprintf(url, sizeof(url), "%s%s", cluster_url_as(user, p->database), parameters);
	return url;
}

static void
refuse_at(struct project *p, const char *url, struct refusal r)
{
	project_file(p, "db/environments/bad.yaml", "database_url: \"%s\"\n", url);
	refusal_check(p, &r);
}

static void
what_cannot_be_reached_is_told_with_host_and_port(void)
{
	static const char *const commands[] = {
		"migrate up --env bad",	      "migrate down --env bad",
		"migrate status --env bad",   "migrate current --env bad",
		"migrate verify --env bad",   "migrate preflight --env bad",
		"verify-checksums --env bad", "migrate baseline --through 001 --env bad",
	};
	struct project p;

	open_used(&p);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		refuse_at(&p, "postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/app",
			  (struct refusal){.words = commands[i],
					   .exit_code = 3,
					   .code = "CONFIG_006",
					   .says = "127.0.0.1:1/app",
					   .next = "is the server running"});
	refuse_at(&p, "postgresql://u:" PLANTED_SECRET "@nosuch.invalid/app",
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "CONFIG_006",
				   .says = "nosuch.invalid",
				   .next = "host name"});
	refuse_at(&p, "postgresql://u@/app?host=/nosuch/folder",
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "CONFIG_006",
				   .says = "/nosuch/folder",
				   .next = "socket"});
	project_close(&p);
}

static void
a_missing_database_is_named(void)
{
	struct project p;

	open_used(&p);
	refuse_at(&p, cluster_url("no_such_db"),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "CONFIG_006",
				   .says = "no_such_db",
				   .next = "createdb"});
	project_close(&p);
}

/* One role that needs a password, before the cluster's "trust for all". */
static void
ask_guarded_for_a_password(void)
{
	char sql[1024];
	const char *file = pg_query_text(cluster_url("postgres"), "SHOW hba_file");

	snprintf(sql, sizeof(sql),
		 "SET password_encryption = 'scram-sha-256'; CREATE ROLE guarded LOGIN PASSWORD "
		 "'right'; COPY (VALUES ('local all guarded scram-sha-256'), ('local all all "
		 "trust')) TO '%s'; SELECT pg_reload_conf(); SELECT pg_sleep(0.3)",
		 file);
	REQUIRE(pg_exec(cluster_url("postgres"), sql));
}

static void
a_wrong_password_is_told_and_never_shown(void)
{
	struct project p;

	open_used(&p);
	ask_guarded_for_a_password();
	refuse_at(&p, url_with(&p, "guarded", "&password=" PLANTED_SECRET),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "CONFIG_006",
				   .says = "password authentication failed",
				   .next = "PGPASSFILE"});
	refuse_at(&p, url_with(&p, "guarded", ""),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "CONFIG_006",
				   .says = "no password supplied",
				   .next = "PGPASSFILE"});
	project_file(&p, "secret", "right\nsecond line\n");
	project_file(&p, "db/environments/bad.yaml",
		     "database_url: \"%s\"\npassword_file: ../../secret\n",
		     url_with(&p, "guarded", ""));
	CHECK_INT(project_run(&p, "migrate status --env bad"), 3); /* may not read the ledger */
	CHECK_HAS(p.last.err, "TARGET_003");
	project_close(&p);
}

static void
a_role_without_rights_is_told_which(void)
{
	struct project p;

	open_used(&p);
	REQUIRE(pg_exec(project_url(&p), "CREATE ROLE weak LOGIN"));
	refuse_at(&p, url_with(&p, "weak", ""),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "TARGET_003",
				   .says = "permission denied"});
	/* All that the bookkeeping needs, and no right to make the migration's table. */
	REQUIRE(pg_exec(project_url(&p), "GRANT ALL ON ALL TABLES IN SCHEMA public TO weak; "
					 "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO weak"));
	refuse_at(&p, url_with(&p, "weak", ""),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "TARGET_003",
				   .says = "permission denied for schema public",
				   .schema = "migrate-up"});
	project_close(&p);
	(void)pg_query_text(cluster_url("postgres"), "DROP ROLE weak");
}

static void
a_read_only_server_is_refused_before_anything(void)
{
	struct project p;

	open_used(&p);
	refuse_at(&p, url_with(&p, NULL, "&options=-c%20default_transaction_read_only%3Don"),
		  (struct refusal){.words = "migrate up --env bad",
				   .exit_code = 3,
				   .code = "TARGET_001",
				   .says = "read-only",
				   .next = "primary"});
	project_close(&p);
}

/* ---- no room ---- */

/* Mounts of ours are seen by us and our children only, and end with us. */
static bool may_mount;

static void
keep_mounts_private(void)
{
	may_mount =
		unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool
small_disk(const char *path)
{
	struct stat server;

	if (may_mount && mkdir(path, 0700) == 0 &&
	    mount("tmpfs", path, "tmpfs", 0, "size=4m") == 0 &&
	    stat(cluster_socket_dir(), &server) == 0 &&
	    chown(path, server.st_uid, server.st_gid) == 0)
		return true;
	printf("    (skipped: a small disk needs the right to mount) ");
	return false;
}

static void
a_server_without_room_undoes_the_migration_and_says_so(void)
{
	struct project p;
	char path[300], sql[400];

	open_used(&p);
	snprintf(path, sizeof(path), "%s/small", cluster_socket_dir());
	if (small_disk(path)) {
		snprintf(sql, sizeof(sql), "CREATE TABLESPACE small LOCATION '%s'", path);
		REQUIRE(pg_exec(project_url(&p), sql));
		project_migration(&p, "003_fill",
				  "CREATE TABLE fill (t text) TABLESPACE small;\n"
				  "INSERT INTO fill SELECT repeat('x', 500) FROM "
				  "generate_series(1, 20000);",
				  "DROP TABLE fill;");
		CHECK_INT(project_run(&p, "migrate up --target 002"), 0);
		refusal_check(&p, &(struct refusal){.words = "migrate up",
						    .exit_code = 3,
						    .code = "TARGET_004",
						    .says = "No space left on device",
						    .schema = "migrate-up"});
		CHECK(pg_exec(project_url(&p), "CHECKPOINT"));
		CHECK(pg_exec(project_url(&p), "DROP TABLESPACE small"));
		CHECK_INT(umount(path), 0);
	}
	project_close(&p);
}

/* The journal is on the full disk: what cannot be written down is not begun. */
static void
a_full_disk_here_stops_a_run_before_the_database_is_touched(void)
{
	struct project p;
	const char *path;

	open_used(&p);
	path = project_path(&p, ".confiture");
	REQUIRE(rename(path, project_path(&p, ".confiture-old")) == 0);
	if (small_disk(path)) {
		char fill[400];
		snprintf(fill, sizeof(fill), "cat /dev/zero > '%s/fill' 2> /dev/null", path);
		CHECK(system(fill) != 0);
		refusal_check(&p, &(struct refusal){.words = "migrate up",
						    .exit_code = 1,
						    .code = "JRNL_001",
						    .says = "journal",
						    .next = "confiture doctor"});
		CHECK_INT(project_run(&p, "doctor"), 1);
		CHECK_HAS(p.last.out, "disk is full [JRNL_001]");
		CHECK_HAS(p.last.out, "df -h");
		CHECK_INT(umount(path), 0);
		/* With room again it goes on. */
		CHECK_INT(project_run(&p, "migrate up"), 0);
	}
	project_close(&p);
}

static void
a_result_that_cannot_be_printed_is_a_failure(void)
{
	struct project p;
	char line[700];

	open_used(&p);
	snprintf(line, sizeof(line),
		 "cd '%s' && '%s' migrate status --env local -f json > "
		 "/dev/full 2> err",
		 p.dir, p.program);
	int status = system(line);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK_INT(project_run(&p, "migrate status --env local -o /dev/full"), 1);
	CHECK_HAS(p.last.err, "could not be written");
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(an_unknown_key_is_a_warning_with_its_place_and_the_nearest_key),
	CASE(an_unknown_key_of_confiture_yaml_is_an_error),
	CASE(keys_that_never_had_an_effect_are_accepted_and_said_to_do_nothing),
	CASE_EMBEDDED(settings_that_cannot_be_used_stop_every_command),
	CASE_EMBEDDED(connection_sources_are_refused_in_words),
	CASE_EMBEDDED(a_lone_database_url_is_refused_where_something_changes_and_ignored_by_status),
	CASE(a_wrong_command_line_exits_2_and_says_what_was_meant),
	CASE(what_cannot_be_reached_is_told_with_host_and_port),
	CASE(a_missing_database_is_named),
	CASE(a_wrong_password_is_told_and_never_shown),
	CASE(a_role_without_rights_is_told_which),
	CASE(a_read_only_server_is_refused_before_anything),
	CASE(a_server_without_room_undoes_the_migration_and_says_so),
	CASE_EMBEDDED(a_full_disk_here_stops_a_run_before_the_database_is_touched),
	CASE(a_result_that_cannot_be_printed_is_a_failure),
};

int
main(int argc, char **argv)
{
	keep_mounts_private();
	if (!cluster_start_private(NULL))
		return 2;
	return unit_main("trouble", cases, ARRAY_LEN(cases), argc, argv);
}
