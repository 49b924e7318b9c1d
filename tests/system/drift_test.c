/* `confiture drift` as a user runs it: what it finds, how bad, and when it fails. */
#include <string.h>

#include "shared/base/text.h"
#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
open_drifted(struct project *p, const char *live, const char *files)
{
	project_open(p);
	REQUIRE(pg_exec(project_url(p), live));
	project_file(p, "db/schema/all.sql", "%s", files);
}

/* The items as "severity type object expected|actual" lines, in a buffer of their own. */
static const char *
items(const struct document *d)
{
	static char out[4096];
	struct text t;

	text_init(&t, sizeof(out) - 1);
	for (int i = 0; i < document_count(d, "drift_items"); i++) {
		const char *expected = document_text(d, words("drift_items.%d.expected", i));
		const char *actual = document_text(d, words("drift_items.%d.actual", i));
		text_printf(&t, "%s %s", document_text(d, words("drift_items.%d.severity", i)),
			    document_text(d, words("drift_items.%d.type", i)));
		text_printf(&t, " %s", document_text(d, words("drift_items.%d.object", i)));
		text_printf(&t, " %s|%s\n", expected ? expected : "", actual ? actual : "");
	}
	memcpy(out, t.ptr, t.len + 1);
	text_fini(&t);
	return out;
}

static void
drift_has_the_names_and_weights_of_the_python_confiture(void)
{
	struct project p;

	open_drifted(
		&p,
		"CREATE TABLE users (id bigint PRIMARY KEY, name text, age integer NOT NULL, "
		"extra text); CREATE TABLE more (a integer); CREATE INDEX too_many ON users "
		"(name);",
		"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(9), age integer "
		"DEFAULT 1, email text);\nCREATE TABLE lacks (a integer);\n"
		"CREATE INDEX too_few ON users (age);\nCREATE VIEW v AS SELECT id FROM users;\n");
	struct document *d = run_json(&p, "drift --env local --schema db/schema", 1, "drift");
	CHECK_STR(items(d), "critical missing_table lacks |\n"
			    "warning extra_table more |\n"
			    "warning nullable_mismatch users.age NULL|NOT NULL\n"
			    "warning default_mismatch users.age 1|\n"
			    "critical missing_column users.email text|\n"
			    "warning extra_column users.extra |text\n"
			    "warning type_mismatch users.name character varying(9)|text\n"
			    "warning missing_index too_few btree (age)|\n"
			    "info extra_index too_many |btree (name)\n"
			    "critical missing_view v |\n");
	CHECK_STR(document_text(d, "database_name"), p.database);
	CHECK_STR(document_text(d, "expected_schema_source"), "file:db/schema");
	CHECK_INT(document_bool(d, "has_drift"), 1);
	CHECK_INT(document_bool(d, "has_critical_drift"), 1);
	CHECK_INT(document_int(d, "critical_count"), 3);
	CHECK_INT(document_int(d, "warning_count"), 6);
	CHECK_INT(document_int(d, "info_count"), 1);
	CHECK_INT(document_int(d, "tables_checked"), 2);
	CHECK_INT(document_int(d, "columns_checked"), 5);
	CHECK_INT(document_int(d, "indexes_checked"), 1);
	CHECK(document_int(d, "detection_time_ms") >= 0);
	CHECK_INT(document_count(d, "hints"), 0);
	document_free(d);
	CHECK_INT(project_run(&p, "drift --env local --schema db/schema"), 1);
	CHECK_HAS(p.last.out, "\n  critical  missing_table      lacks ");
	CHECK_HAS(p.last.out, words("✗ %s is not what db/schema says: 3 critical, 6 warnings, "
				    "1 infos\n",
				    p.database));
	project_close(&p);
}

static void
only_what_is_critical_fails_unless_all_is_to(void)
{
	struct project p;

	open_drifted(&p, "CREATE TABLE t (a integer); CREATE INDEX i ON t (a);",
		     "CREATE TABLE t (a integer);\n");
	CHECK_INT(project_run(&p, "drift --env local --schema db/schema/all.sql"), 0);
	CHECK_HAS(p.last.out, "extra_index");
	CHECK_INT(project_run(&p, "drift --schema db/schema/all.sql --fail-on-warning"), 1);
	CHECK_INT(project_run(&p, "drift --schema-dir db/schema"), 1);
	/* A snapshot will do, and nothing has drifted from it. */
	CHECK_INT(project_run(&p, "introspect local -o kept.json"), 0);
	CHECK_INT(project_run(&p, "drift --schema-dir kept.json --check-acls --check-ownership"),
		  0);
	CHECK_STR(p.last.out, words("✓ %s is what kept.json says\n", p.database));
	if (p.fleet == NULL)
		CHECK_INT(project_run(&p, words("drift -d '%s' --schema-dir kept.json",
						project_url(&p))),
			  0);
	project_close(&p);
}

static void
grants_and_owners_count_when_they_are_asked_for(void)
{
	struct project p;

	open_drifted(&p,
		     "DO $$ BEGIN CREATE ROLE drift_reader; EXCEPTION WHEN duplicate_object THEN "
		     "END $$; DO $$ BEGIN CREATE ROLE drift_app; EXCEPTION WHEN duplicate_object "
		     "THEN END $$; CREATE TABLE t (a integer); CREATE TABLE u (a integer);"
		     "GRANT DELETE ON t TO drift_reader",
		     "CREATE TABLE t (a integer);\nGRANT SELECT ON t TO drift_reader;\n"
		     "CREATE TABLE u (a integer);\nALTER TABLE u OWNER TO drift_app;\n");
	CHECK_INT(project_run(&p, "drift --schema-dir db/schema"), 0);
	struct document *d = run_json(&p, "drift --schema db/schema --check-acls", 1, "drift");
	CHECK_STR(items(d), "warning extra_grant t |DELETE TO drift_reader\n"
			    "critical missing_grant t SELECT TO drift_reader|\n");
	document_free(d);
	d = run_json(&p, "drift --schema db/schema --check-acls --warn-only", 0, "drift");
	CHECK_INT(document_int(d, "warning_count"), 2);
	document_free(d);
	d = run_json(&p, "drift --schema db/schema --check-ownership", 1, "drift");
	CHECK_STR(items(d), "critical wrong_owner u drift_app|postgres\n");
	document_free(d);
	project_close(&p);
}

static void
what_cannot_be_compared_is_refused(void)
{
	static const struct refusal rows[] = {
		{"drift --env local", 2, "USAGE_001", "--schema", NULL, NULL, NULL},
		{"drift --env local --schema a.sql --schema-dir b", 2, "USAGE_001", "both", NULL,
		 NULL, NULL},
		{"drift --env local --schema a.sql", 4, "SCHEMA_201", "a.sql", NULL, NULL, NULL},
		{"drift --env nowhere --schema db/schema", 5, "CONFIG_011", "nowhere", NULL, NULL,
		 NULL},
		{"drift -c missing.yaml --schema db/schema", 5, "CONFIG_004", "missing.yaml", NULL,
		 NULL, NULL},
		{"drift --env other --schema db/schema", 3, "CONFIG_006", "127.0.0.1:1", NULL, NULL,
		 NULL},
	};
	struct project p;

	open_drifted(&p, "CREATE TABLE t (a integer)", "CREATE TABLE t (a integer);\n");
	project_file(&p, "db/environments/other.yaml",
		     "database_url: \"postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/d\"\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	project_close(&p);
}

/* Each is told by itself; one that cannot be read stops none. */
static void
several_databases_are_one_document(void)
{
	struct project p;

	open_drifted(&p, "CREATE TABLE t (a integer)", "CREATE TABLE t (a integer);\n");
	project_file(&p, "db/environments/away.yaml",
		     "database_url: \"postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/d\"\n");
	project_file(&p, "db/environments/twin.yaml", "database_url: \"%s\"\n", project_url(&p));
	struct document *d =
		run_json(&p, "drift --env away,local,twin --schema-dir db/schema", 3, "targets");
	CHECK_INT(document_count(d, "targets"), 3);
	CHECK_STR(document_text(d, "targets.0.target"), "away");
	CHECK_STR(document_text(d, "targets.0.error.code"), "CONFIG_006");
	CHECK_STR(document_text(d, "targets.1.result.database_name"), p.database);
	CHECK_INT(document_bool(d, "targets.2.ok"), 1);
	CHECK_INT(document_int(d, "summary.succeeded"), 2);
	CHECK_INT(document_int(d, "summary.exit_code"), 3);
	document_free(d);
	REQUIRE(pg_exec(project_url(&p), "ALTER TABLE t ADD b integer"));
	CHECK_INT(project_run(&p, "drift --env local,twin --schema-dir db/schema"), 1);
	CHECK_HAS(p.last.out, "▸ local\n");
	CHECK_HAS(p.last.out, "extra_column");
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(drift_has_the_names_and_weights_of_the_python_confiture),
		CASE_EMBEDDED(only_what_is_critical_fails_unless_all_is_to),
		CASE(grants_and_owners_count_when_they_are_asked_for),
		CASE_EMBEDDED(what_cannot_be_compared_is_refused),
		CASE_EMBEDDED(several_databases_are_one_document),
	};

	if (!cluster_start())
		return 2;
	return unit_main("system/drift", cases, ARRAY_LEN(cases), argc, argv);
}
