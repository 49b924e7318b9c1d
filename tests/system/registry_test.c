/*
 * Those who come from the Python tool: its registry lies in a database, is read there and counts,
 * or is taken over. Its tables are made here as it makes them, and filled as it fills them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char tables[] =
	"CREATE TABLE tb_pggit_intent (id VARCHAR(64) PRIMARY KEY, agent_id VARCHAR(255) NOT NULL,"
	" feature_name VARCHAR(255) NOT NULL, branch_name VARCHAR(255) NOT NULL UNIQUE,"
	" schema_changes JSONB NOT NULL DEFAULT '[]', tables_affected JSONB NOT NULL DEFAULT '[]',"
	" estimated_duration_ms INTEGER, risk_level VARCHAR(50) DEFAULT 'low',"
	" status VARCHAR(50) NOT NULL DEFAULT 'registered',"
	" conflicts_with JSONB NOT NULL DEFAULT '[]', metadata JSONB NOT NULL DEFAULT '{}',"
	" created_at TIMESTAMPTZ NOT NULL DEFAULT now(),"
	" updated_at TIMESTAMPTZ NOT NULL DEFAULT now());"
	"CREATE TABLE tb_pggit_intent_history (id SERIAL PRIMARY KEY,"
	" intent_id VARCHAR(64) NOT NULL REFERENCES tb_pggit_intent ON DELETE CASCADE,"
	" old_status VARCHAR(50), new_status VARCHAR(50) NOT NULL, reason TEXT,"
	" changed_by VARCHAR(255) DEFAULT 'system', changed_at TIMESTAMPTZ NOT NULL DEFAULT now())";

#define EMAIL  "7b1f3c1e-0000-4000-8000-000000000001"
#define DROPS  "7b1f3c1e-0000-4000-8000-000000000002"
#define ENDED  "7b1f3c1e-0000-4000-8000-000000000003"
#define BROKEN "7b1f3c1e-0000-4000-8000-000000000004"
#define OPAQUE "7b1f3c1e-0000-4000-8000-000000000005"

static const char rows[] =
	"INSERT INTO tb_pggit_intent (id, agent_id, feature_name, branch_name, schema_changes,"
	" tables_affected, status, metadata) VALUES "
	"('" EMAIL "', 'claude-1', 'user email', 'feature/user_email',"
	" '[\"ALTER TABLE users ADD COLUMN email text\"]', '[\"users\"]', 'registered',"
	" '{\"ticket\": 7}'),"
	"('" DROPS "', 'claude-2', 'drop users', 'feature/drop_users', '[\"DROP TABLE users\"]',"
	" '[\"users\"]', 'conflicted', '{}'),"
	"('" ENDED "', 'claude-3', 'old', 'feature/old', '[\"CREATE TABLE old (id int)\"]',"
	" '[\"old\"]', 'abandoned', '{}'),"
	"('" OPAQUE "', 'claude-5', 'roles', 'feature/roles', '[\"ALTR TABEL nonsense\","
	" \"CREATE ROLE r PASSWORD ''pl4nted-s3cret''\"]', '[]', 'in_progress', '{}')";

static void
sql(struct project *p, const char *text)
{
	REQUIRE(pg_exec(project_url(p), text));
}

static void
open_with_registry(struct project *p)
{
	project_open(p);
	sql(p, tables);
	sql(p, rows);
	sql(p, "INSERT INTO tb_pggit_intent_history (intent_id, old_status, new_status, reason,"
	       " changed_by) VALUES ('" ENDED "', 'registered', 'abandoned', 'superseded', "
	       "'claude-3')");
}

/* A command with the database's URL, and its document. */
static struct document *
asked(struct project *p, const char *command, const char *schema)
{
	return run_json(p, words("%s --database-url '%s'", command, project_url(p)), 0, schema);
}

static void
status_is(struct project *p, const char *id, const char *status)
{
	struct document *d =
		run_json(p, words("coordinate status --intent-id %s", id), 0, "coordinate-status");

	CHECK_STR(document_text(d, "intent.status"), status);
	document_free(d);
}

/* ---- */
static void
its_open_intents_are_in_the_way_of_others(void)
{
	struct project p;

	open_with_registry(&p);
	char *before = project_state(&p);
	struct document *d = asked(&p,
				   "coordinate register --agent-id me --feature-name mail "
				   "--schema-changes 'ALTER TABLE users ADD COLUMN email varchar'",
				   "coordinate-register");
	CHECK_STR(document_text(d, "intent.status"), "conflicted");
	CHECK_STR(document_text(d, "conflicts.0.intent_b"), EMAIL);
	CHECK_STR(document_text(d, "conflicts.0.agent_b"), "claude-1");
	CHECK_STR(document_text(d, "conflicts.0.severity"), "error");
	CHECK_STR(document_text(d, "conflicts.1.intent_b"), DROPS);
	CHECK_INT(document_int(d, "registry_open"), 3);
	CHECK(strncmp(document_text(d, "intent.scope"), "database:", 9) == 0);
	document_free(d);
	CHECK_INT(project_run(&p, words("coordinate list-intents --open --database-url '%s'",
					project_url(&p))),
		  0);
	CHECK_HAS(p.last.err, "3 open intent(s) of the Python tool's registry");
	CHECK_HAS(p.last.err, "others do not see them");
	CHECK_HAS(p.last.out, OPAQUE);
	CHECK(strstr(p.last.out, ENDED) == NULL);
	char *after = project_state(&p);
	CHECK_STR(after, before);
	free(before);
	free(after);
	project_close(&p);
}

static void
copies_follow_what_stands_there(void)
{
	struct project p;

	open_with_registry(&p);
	document_free(asked(&p, "coordinate conflicts", "coordinate-conflicts"));
	status_is(&p, EMAIL, "registered");
	sql(&p, "UPDATE tb_pggit_intent SET status = 'merged' WHERE id = '" EMAIL "'");
	document_free(asked(&p, "coordinate conflicts", "coordinate-conflicts"));
	status_is(&p, EMAIL, "abandoned");
	status_is(&p, DROPS, "registered");
	/* What was ended here stays so, and is said. */
	CHECK_INT(project_run(&p, "coordinate abandon --agent-id claude-2 --reason done "
				  "--intent-id " DROPS),
		  0);
	CHECK_INT(project_run(&p, words("coordinate claims --database-url '%s'", project_url(&p))),
		  0);
	CHECK_HAS(p.last.err,
		  "intent " DROPS " of that registry does not count: it has ended here");
	project_close(&p);
}

static void
it_is_taken_over_once_with_ids_and_history(void)
{
	struct project p;

	open_with_registry(&p);
	document_free(asked(&p, "coordinate conflicts", "coordinate-conflicts"));
	struct document *d = asked(&p, "coordinate import", "coordinate-import");
	CHECK_INT(document_int(d, "added"), 4);
	CHECK_INT(document_int(d, "known"), 0);
	CHECK_INT(document_int(d, "open"), 3);
	CHECK_INT(document_count(d, "left"), 0);
	document_free(d);
	d = asked(&p, "coordinate import", "coordinate-import");
	CHECK_INT(document_int(d, "added"), 0);
	CHECK_INT(document_int(d, "known"), 4);
	document_free(d);
	status_is(&p, ENDED, "abandoned");
	CHECK_INT(project_run(&p, "coordinate history --intent-id " ENDED), 0);
	CHECK_HAS(p.last.out, "superseded");
	CHECK_HAS(p.last.out, "claude-3");
	/* It does not follow the registry any more. */
	sql(&p, "UPDATE tb_pggit_intent SET status = 'abandoned' WHERE id = '" EMAIL "'");
	document_free(asked(&p, "coordinate conflicts", "coordinate-conflicts"));
	status_is(&p, EMAIL, "registered");
	CHECK_INT(project_run(&p, "coordinate start --agent-id claude-1 --intent-id " EMAIL), 0);
	CHECK_INT(project_run(&p, "audit verify"), 0);
	project_close(&p);
}

/* What the operator's machine can read, the coordinator is given. */
static void
a_coordinator_takes_it_over_from_its_operator(void)
{
	struct project p;

	REQUIRE(setenv("CONFITURE_TEST_MODE", "fleet", 1) == 0);
	open_with_registry(&p);
	struct document *d = asked(&p, "coordinate import", "coordinate-import");
	CHECK_INT(document_int(d, "added"), 4);
	document_free(d);
	status_is(&p, EMAIL, "registered");
	status_is(&p, ENDED, "abandoned");
	project_close(&p);
	REQUIRE(unsetenv("CONFITURE_TEST_MODE") == 0);
}

/* ---- bad input ---- */
static void
what_is_no_intent_is_left_and_said(void)
{
	struct project p;

	open_with_registry(&p);
	sql(&p,
	    "INSERT INTO tb_pggit_intent (id, agent_id, feature_name, branch_name, "
	    "schema_changes, status) VALUES "
	    "('" BROKEN "', 'a', 'broken', 'feature/broken', '{\"no\": \"list\"}', 'registered'),"
	    "('b', E'a\\x1b[2J', 'control', 'feature/control', '[]', 'registered'),"
	    "('c d', 'a', 'id', 'feature/id', '[]', 'registered'),"
	    "('d', 'a', 'huge', 'feature/huge', jsonb_build_array(repeat('x', 600000)), "
	    "'registered'),"
	    "('e', 'a', 'status', 'feature/status', '[]', 'daydreaming')");
	struct document *d = asked(&p, "coordinate import", "coordinate-import");
	CHECK_INT(document_int(d, "added"), 4);
	CHECK_INT(document_count(d, "left"), 5);
	document_free(d);
	CHECK_INT(project_run(&p, "coordinate list-intents --format json"), 0);
	check_no_secret(&p.last);
	status_is(&p, OPAQUE, "in_progress");
	CHECK_HAS(p.last.out, "\"opaque\": true");
	project_close(&p);
}

static void
a_database_that_cannot_be_read_changes_nothing(void)
{
	struct project p;
	const char *home[] = {NULL, NULL};

	project_open(&p);
	home[0] = words("CONFITURE_COORDINATOR=ws://127.0.0.1:1");
	char *coordinator = strdup(home[0]);
	REQUIRE(coordinator != NULL);
	home[0] = coordinator;
	/* Without its tables there is nothing to read, and no journal is made for that. */
	CHECK_INT(project_run(&p, words("coordinate list-intents --database-url '%s'",
					project_url(&p))),
		  0);
	CHECK(!project_has(&p, ".confiture/journal.db"));
	CHECK_INT(project_run(&p, words("coordinate import --database-url '%s'", project_url(&p))),
		  1);
	CHECK_HAS(p.last.err, "INTENT_001");
	CHECK_INT(project_run(&p, "coordinate import --database-url "
				  "postgresql://nobody:pl4nted-s3cret@127.0.0.1:1/none"),
		  3);
	CHECK_HAS(p.last.err, "CONFIG_006");
	check_no_secret(&p.last);
	CHECK_INT(project_run(&p, "coordinate import --database-url nonsense://x"), 5);
	CHECK_INT(project_run(&p,
			      words("coordinate check --schema-changes 'DROP TABLE a' --env local "
				    "--database-url '%s'",
				    project_url(&p))),
		  5);
	CHECK_HAS(p.last.err, "CONFIG_007");
	CHECK_INT(project_run_env(
			  &p, words("coordinate conflicts --database-url '%s'", project_url(&p)),
			  home),
		  5);
	CHECK_HAS(p.last.err, "CONFIG_007");
	CHECK(!project_has(&p, ".confiture/journal.db"));
	free(coordinator);
	project_close(&p);
}

static void
a_role_that_may_not_read_them_is_told(void)
{
	struct project p;

	open_with_registry(&p);
	sql(&p, "DROP ROLE IF EXISTS registry_reader");
	sql(&p, "CREATE ROLE registry_reader LOGIN");
	CHECK_INT(project_run(&p, words("coordinate conflicts --database-url '%s'",
					cluster_url_as("registry_reader", p.database))),
		  3);
	CHECK_HAS(p.last.err, "permission denied");
	CHECK_HAS(p.last.err, "registry of the Python tool");
	sql(&p, "GRANT SELECT ON tb_pggit_intent TO registry_reader");
	CHECK_INT(project_run(&p, words("coordinate conflicts --database-url '%s'",
					cluster_url_as("registry_reader", p.database))),
		  0);
	sql(&p, "REVOKE ALL ON tb_pggit_intent FROM registry_reader");
	sql(&p, "DROP ROLE registry_reader");
	project_close(&p);
}

/* An agent may wait for an hour: no session of its own is left in the database meanwhile. */
static void
no_session_is_kept_while_something_else_goes_on(void)
{
	struct project p;

	open_with_registry(&p);
	struct document *d = asked(&p,
				   "coordinate register --agent-id me --feature-name own "
				   "--schema-changes 'CREATE TABLE own (id int)' --claim",
				   "coordinate-register");
	char id[64];
	snprintf(id, sizeof(id), "%s", document_text(d, "intent.id"));
	document_free(d);
	project_file(&p, "look.sh",
		     "psql -XAtqd '%s' -c \"SELECT 'sessions: ' || count(*) FROM pg_stat_activity "
		     "WHERE datname = current_database() AND application_name = 'confiture'\"\n",
		     project_url(&p));
	CHECK_INT(project_run(&p, words("coordinate hold --agent-id me --intent-id %s "
					"--database-url '%s' -- sh look.sh",
					id, project_url(&p))),
		  0);
	CHECK_HAS(p.last.out, "sessions: 0");
	project_close(&p);
}

static void
three_thousand_are_read_page_by_page(void)
{
	struct project p;

	open_with_registry(&p);
	sql(&p, "INSERT INTO tb_pggit_intent (id, agent_id, feature_name, branch_name, "
		"schema_changes) SELECT 'n' || n, 'agent', 'f' || n, 'feature/f' || n, "
		"jsonb_build_array('CREATE TABLE t' || n || ' (id int)') "
		"FROM generate_series(1, 3000) AS n");
	struct document *d = asked(&p, "coordinate conflicts", "coordinate-conflicts");
	document_free(d);
	d = asked(&p, "coordinate import", "coordinate-import");
	CHECK_INT(document_int(d, "added"), 3004);
	CHECK_INT(document_int(d, "open"), 3003);
	document_free(d);
	d = run_json(&p,
		     "coordinate check --agent-id me --schema-changes 'CREATE TABLE t777 (id int)'",
		     0, "coordinate-check");
	CHECK_STR(document_text(d, "conflicts.0.intent_b"), "n777");
	document_free(d);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(its_open_intents_are_in_the_way_of_others),
	CASE(copies_follow_what_stands_there),
	CASE(it_is_taken_over_once_with_ids_and_history),
	CASE(a_coordinator_takes_it_over_from_its_operator),
	CASE(what_is_no_intent_is_left_and_said),
	CASE(a_database_that_cannot_be_read_changes_nothing),
	CASE(a_role_that_may_not_read_them_is_told),
	CASE(no_session_is_kept_while_something_else_goes_on),
	CASE(three_thousand_are_read_page_by_page),
};

int
main(int argc, char **argv)
{
	return unit_main("registry", cases, ARRAY_LEN(cases), argc, argv);
}
