/* Intents and claims from the command line: what agents on one machine see of each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char add_email[] = "'ALTER TABLE users ADD COLUMN email text'",
		  drop_email[] = "'ALTER TABLE users DROP COLUMN email'";

/* The id of a new intent; the document is checked against its schema. */
static void
registered(struct project *p, const char *agent, const char *sql, const char *more, char id[64])
{
	struct document *d = run_json(p,
				      words("coordinate register --agent-id %s --feature-name work "
					    "--schema-changes %s %s",
					    agent, sql, more),
				      0, "coordinate-register");

	snprintf(id, 64, "%s", document_text(d, "intent.id"));
	document_free(d);
}

/* The other commands of the Python tool: `id` is in the way of another, by conflict `number`. */
static void
and_go_on(struct project *p, const char *id, int64_t number)
{
	struct document *d = run_json(p, "coordinate list-intents", 0, "coordinate-list-intents");
	CHECK_INT(document_int(d, "total"), 2);
	document_free(d);
	d = run_json(p, "coordinate conflicts", 0, "coordinate-conflicts");
	CHECK_INT(document_int(d, "total_conflicted_intents"), 1);
	CHECK_INT(document_int(d, "conflicted_intents.0.conflicts.0.id"), number);
	document_free(d);
	d = run_json(
		p, words("coordinate resolve --conflict-id %lld --notes agreed", (long long)number),
		0, "coordinate-resolve");
	CHECK_INT(document_bool(d, "resolved"), 1);
	CHECK_STR(document_text(d, "resolution_notes"), "agreed");
	document_free(d);
	d = run_json(p, words("coordinate abandon --intent-id %s --reason done", id), 0,
		     "coordinate-move");
	CHECK_STR(document_text(d, "status"), "abandoned");
	CHECK_STR(document_text(d, "reason"), "done");
	CHECK_STR(document_text(d, "feature_name"), "work");
	document_free(d);
}

static void
the_fields_of_the_python_tool_are_there(void)
{
	static const char *const intent[] = {"id",
					     "agent_id",
					     "feature_name",
					     "branch_name",
					     "schema_changes",
					     "tables_affected",
					     "estimated_duration_ms",
					     "risk_level",
					     "status",
					     "created_at",
					     "updated_at",
					     "conflicts_with",
					     "metadata"};
	static const char *const conflict[] = {"id",
					       "intent_a",
					       "intent_b",
					       "conflict_type",
					       "affected_objects",
					       "severity",
					       "resolution_suggestions",
					       "reviewed",
					       "reviewed_at",
					       "resolution_notes",
					       "created_at"};
	struct project p;
	char id[64], path[128];

	project_open(&p);
	registered(&p, "alice", add_email, "", id);
	struct document *d =
		run_json(&p,
			 words("coordinate register --agent-id bob --feature-name 'Drop It' "
			       "--schema-changes %s --tables-affected orders --risk-level high "
			       "--estimated-hours 1.5 --metadata {\"a\":1}",
			       drop_email),
			 0, "coordinate-register");
	for (size_t i = 0; i < sizeof(intent) / sizeof(*intent); i++) {
		snprintf(path, sizeof(path), "intent.%s", intent[i]);
		CHECK(document_has(d, path));
	}
	for (size_t i = 0; i < sizeof(conflict) / sizeof(*conflict); i++) {
		snprintf(path, sizeof(path), "conflicts.0.%s", conflict[i]);
		CHECK(document_has(d, path));
	}
	CHECK_STR(document_text(d, "intent.status"), "conflicted");
	CHECK_STR(document_text(d, "intent.branch_name"), "feature/drop_it");
	CHECK_INT(document_int(d, "intent.estimated_duration_ms"), 5400000);
	CHECK_INT(document_int(d, "intent.metadata.a"), 1);
	CHECK_STR(document_text(d, "intent.conflicts_with.0"), id);
	int64_t number = document_int(d, "conflicts.0.id");
	document_free(d);
	and_go_on(&p, id, number);
	project_close(&p);
}

static void
an_intent_goes_from_claim_to_merge(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	project_migration(&p, "007_email", "ALTER TABLE users ADD COLUMN email text;\n", NULL);
	registered(&p, "alice", "db/migrations/007_email.up.sql", "--claim", id);
	struct document *d = run_json(&p, words("coordinate status --intent-id %.8s", id), 0,
				      "coordinate-status");
	CHECK_STR(document_text(d, "intent.claims.0.object"), "public.users.email");
	CHECK_STR(document_text(d, "intent.versions.0"), "007");
	document_free(d);
	static const char *const moves[] = {"start", "renew", "complete"};
	for (size_t i = 0; i < 3; i++) {
		d = run_json(&p,
			     words("coordinate %s --intent-id %s --agent-id alice", moves[i], id),
			     0, "coordinate-move");
		document_free(d);
	}
	project_file(&p, "db/migrations/008_more.up.sql", "DROP TABLE orders;\n");
	d = run_json(&p,
		     words("coordinate merge --intent-id %s --agent-id alice --files "
			   "db/migrations/007_email.up.sql,db/migrations/008_more.up.sql",
			   id),
		     0, "coordinate-move");
	CHECK_STR(document_text(d, "status"), "merged");
	CHECK_INT(document_count(d, "files"), 2);
	CHECK_INT(document_count(d, "exceeds"), 1);
	CHECK_STR(document_text(d, "exceeds.0.name"), "orders");
	document_free(d);
	d = run_json(&p, words("coordinate history --intent-id %s", id), 0, "coordinate-history");
	CHECK_INT(document_count(d, "events"), 6);
	document_free(d);
	project_close(&p);
}

static void
check_can_fail_a_pipeline(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	registered(&p, "alice", add_email, "", id);
	struct document *d = run_json(
		&p, words("coordinate check --agent-id bob --schema-changes %s", drop_email), 0,
		"coordinate-check");
	CHECK_INT(document_bool(d, "conflicts_detected"), 1);
	document_free(d);
	CHECK_INT(project_run(&p, words("coordinate check --agent-id bob --schema-changes %s "
					"--fail-on error",
					drop_email)),
		  6);
	CHECK_INT(project_run(&p, "coordinate check --agent-id bob --schema-changes "
				  "'CREATE TABLE t (id int)' --fail-on warning"),
		  0);
	project_close(&p);
}

static void
p21_bad_input_is_refused_in_words_and_nothing_changes(void)
{
	static const char *const control[] = {"CONFITURE_AGENT_ID=a\033[2J", NULL};
	struct project p;
	char id[64], other[128], token[128];

	project_open(&p);
	registered(&p, "alice", add_email, "--claim", id);
	char *big = malloc(10 * 1024 * 1024 + 1);
	REQUIRE(big != NULL);
	memset(big, ' ', 10 * 1024 * 1024);
	big[10 * 1024 * 1024] = '\0';
	project_file(&p, "big.sql", "%s", big);
	free(big);
	snprintf(other, sizeof(other), "coordinate start --agent-id bob --intent-id %s", id);
	snprintf(token, sizeof(token),
		 "coordinate start --agent-id alice --token 99 --intent-id %s", id);
	const struct refusal rows[] = {
		{"coordinate status --intent-id nope", 1, "INTENT_001", "nope", NULL, NULL, NULL},
		{"coordinate start --intent-id nope", 1, "INTENT_001", "nope", NULL, NULL, NULL},
		{"coordinate resolve --conflict-id 77 --notes x", 1, "INTENT_004", "77", NULL, NULL,
		 NULL},
		{other, 5, "INTENT_003", "belongs to agent alice", NULL, NULL, NULL},
		{token, 6, "CLAIM_003", "not 99", NULL, NULL, NULL},
		{"coordinate register --agent-id bob --feature-name x --schema-changes "
		 "'ALTER TABLE users DROP COLUMN email' --claim",
		 6, "CLAIM_001", "claimed by alice", "coordinate claims", NULL, NULL},
		{"coordinate register --feature-name x --schema-changes 'SELECT 1' --metadata {a",
		 5, "INTENT_006", "--metadata", NULL, NULL, NULL},
		{"coordinate register --feature-name x --schema-changes gone.sql", 5, "INTENT_006",
		 "gone.sql", NULL, NULL, NULL},
		{"coordinate register --feature-name x --schema-changes big.sql", 5, "INTENT_006",
		 "10485760 bytes", NULL, NULL, NULL},
		{"coordinate register --feature-name x --schema-changes 'SELECT 1' --env nowhere",
		 5, "CONFIG_004", "nowhere", NULL, NULL, NULL},
		{"coordinate register --feature-name x --schema-changes 'SELECT 1'", 5,
		 "INTENT_006", "control characters", NULL, NULL, control},
		{"coordinate register --feature-name x --schema-changes 'SELECT 1' "
		 "--estimated-hours soon",
		 2, "USAGE_001", "--estimated-hours", NULL, NULL, NULL},
		{"coordinate register --feature-name x --schema-changes 'SELECT 1' --ttl 90d", 5,
		 "INTENT_006", "30 days", NULL, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		refusal_check(&p, &rows[i]);
	struct document *d = run_json(&p, "coordinate list-intents", 0, "coordinate-list-intents");
	CHECK_INT(document_int(d, "total"), 1);
	document_free(d);
	project_close(&p);
}

static void
what_cannot_be_judged_is_registered_with_a_warning(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	registered(&p, "alice", "'ALTER TABLE nonsense nonsense'", "", id);
	CHECK_HAS(p.last.err, "cannot be judged");
	struct document *d =
		run_json(&p, words("coordinate status --intent-id %s", id), 0, "coordinate-status");
	CHECK_INT(document_bool(d, "intent.opaque"), 1);
	CHECK_INT(document_count(d, "intent.unjudged"), 1);
	document_free(d);
	project_close(&p);
}

static void
p22_passwords_in_statements_are_not_kept(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	project_file(&p, "role.sql", "CREATE ROLE r PASSWORD '" PLANTED_SECRET "';\n");
	registered(&p, "alice", "role.sql", "", id);
	check_no_secret(&p.last);
	CHECK_INT(project_run(&p, "coordinate list-intents -f json"), 0);
	check_no_secret(&p.last);
	CHECK_HAS(p.last.out, "CREATE ROLE r PASSWORD '***'");
	project_close(&p);
}

/* ---- one machine, many worktrees ---- */
static int
git(struct project *p, const char *cwd, const char *command)
{
	struct process run;
	const char *argv[] = {"sh", "-c", command, NULL};
	int code = process_run(&run, &(struct process_spec){.argv = argv, .cwd = cwd});

	(void)p;
	process_free(&run);
	return code;
}

static void
worktrees_of_one_clone_share_their_claims(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	REQUIRE(git(&p, p.dir,
		    "git init -q . && git -c user.name=t -c user.email=t@t commit -q "
		    "--allow-empty -m x && git worktree add -q -b side side") == 0);
	registered(&p, "alice", add_email, "--claim", id);
	CHECK(project_has(&p, ".git/confiture/journal.db"));
	struct project side = p;
	memset(&side.last, 0, sizeof(side.last));
	snprintf(side.dir, sizeof(side.dir), "%s/side", p.dir);
	CHECK_INT(project_run(&side, words("coordinate register --agent-id alice --feature-name x "
					   "--schema-changes %s --claim",
					   drop_email)),
		  6);
	CHECK_HAS(side.last.err, "claimed by alice");
	process_free(&side.last);
	struct document *d =
		run_json(&p, words("coordinate status --intent-id %s", id), 0, "coordinate-status");
	CHECK_STR(document_text(d, "intent.worktree"), p.dir);
	document_free(d);
	project_close(&p);
}

static void
a_journal_that_is_not_shared_is_refused(void)
{
	struct project p;
	const char *home[] = {NULL, NULL};

	project_open(&p);
	home[0] = words("XDG_STATE_HOME=%s/state", p.dir);
	project_file(&p, ".confiture", "no folder\n");
	CHECK_INT(project_run_env(&p, "coordinate list-intents", home), 1);
	CHECK_HAS(p.last.err, "JRNL_001");
	CHECK_HAS(p.last.err, "everybody on this project shares");
	project_close(&p);
}

/* ---- time and other processes ---- */
static void
hold_keeps_a_lease_and_exits_as_its_command(void)
{
	struct project p;
	char id[64];

	project_open(&p);
	registered(&p, "alice", add_email, "--claim --ttl 2s", id);
	CHECK_INT(project_run(&p, words("coordinate hold --agent-id alice --intent-id %s -- "
					"sh -c 'sleep 5; exit 7'",
					id)),
		  7);
	CHECK(strstr(p.last.err, "was lost") == NULL);
	CHECK_INT(project_run(&p, words("coordinate hold --agent-id alice --intent-id %s -- "
					"no-such-program",
					id)),
		  127);
	/* Through the fleet everybody is its operator. */
	CHECK_INT(
		project_run(&p, words("coordinate hold --agent-id bob --intent-id %s -- true", id)),
		unit_through_fleet() ? 0 : 5);
	project_close(&p);
}

static void
hold_says_when_the_lease_was_lost(void)
{
	struct process holder;
	struct project p;
	char id[64];

	project_open(&p);
	registered(&p, "alice", add_email, "--claim --ttl 3s", id);
	REQUIRE(project_start(&p, &holder,
			      words("coordinate hold --agent-id alice --intent-id %s -- "
				    "sh -c 'echo begun; while [ ! -e go ]; do sleep 0.1; done'",
				    id),
			      NULL));
	REQUIRE(process_wait_text(&holder, "begun", 30));
	CHECK_INT(project_run(&p, words("coordinate abandon --intent-id %s --reason x", id)), 0);
	CHECK(process_wait_text(&holder, "was lost", 30));
	project_file(&p, "go", "%s", "");
	REQUIRE(process_wait(&holder, 30));
	CHECK_INT(holder.exit_code, 0);
	process_free(&holder);
	project_close(&p);
}

static void
who_waits_gets_the_claims_of_who_gives_them_back(void)
{
	struct process waiter;
	struct project p;
	char id[64];

	project_open(&p);
	registered(&p, "alice", add_email, "--claim", id);
	REQUIRE(project_start(&p, &waiter,
			      words("coordinate register --agent-id bob --feature-name x "
				    "--schema-changes %s --claim --wait 60s",
				    drop_email),
			      NULL));
	REQUIRE(process_wait_text(&waiter, "waiting for the claims", 30));
	CHECK_INT(project_run(&p, words("coordinate release --agent-id alice --intent-id %s", id)),
		  0);
	REQUIRE(process_wait(&waiter, 30));
	CHECK_INT(waiter.exit_code, 0);
	CHECK_HAS(waiter.out, "public.users.email");
	process_free(&waiter);
	CHECK_INT(project_run(&p, words("coordinate register --agent-id carol --feature-name x "
					"--schema-changes %s --claim --wait 300ms",
					drop_email)),
		  6);
	CHECK_HAS(p.last.err, "bob still held");
	struct document *d = run_json(&p, "coordinate claims", 0, "coordinate-claims");
	CHECK_INT(document_count(d, "waiting"), 0);
	CHECK_STR(document_text(d, "claims.0.agent_id"), "bob");
	document_free(d);
	project_close(&p);
}

static void
watch_goes_on_where_it_stopped(void)
{
	struct project p;
	char id[64];
	long long seq = 0;

	project_open(&p);
	registered(&p, "alice", add_email, "--claim", id);
	CHECK_INT(project_run(&p, "coordinate watch --since 0 -f ndjson --timeout 300ms"), 0);
	CHECK_HAS(p.last.out, "\"kind\":\"intent.register\"");
	CHECK_HAS(p.last.out, "\"kind\":\"claim.grant\"");
	const char *last = strstr(p.last.out, "\"last_seq\":");
	REQUIRE(last != NULL && sscanf(last, "\"last_seq\":%lld", &seq) == 1);
	CHECK_INT(project_run(&p, words("coordinate release --intent-id %s", id)), 0);
	CHECK_INT(project_run(&p, words("coordinate watch --since %lld -f ndjson --timeout 300ms",
					seq)),
		  0);
	CHECK(strstr(p.last.out, "claim.grant") == NULL);
	CHECK_HAS(p.last.out, "\"kind\":\"intent.release\"");
	project_close(&p);
}

/* Of eight that come at once one wins, and each of the others is told who. */
static void
p07_of_eight_processes_one_gets_the_claim(void)
{
	enum { RACERS = 8, ROUNDS = 3 };
	struct project p;

	project_open(&p);
	for (int round = 0; round < ROUNDS; round++) {
		struct process racers[RACERS];
		int won = 0;
		for (int i = 0; i < RACERS; i++)
			REQUIRE(project_start(
				&p, &racers[i],
				words("coordinate register --agent-id a%d --feature-name x "
				      "--schema-changes 'ALTER TABLE t%d ADD COLUMN c%d int, "
				      "ADD COLUMN shared text' --claim",
				      i, round, i),
				NULL));
		for (int i = 0; i < RACERS; i++) {
			REQUIRE(process_wait(&racers[i], 60));
			won += racers[i].exit_code == 0;
			CHECK(racers[i].exit_code == 0 || racers[i].exit_code == 6);
			if (racers[i].exit_code == 6)
				CHECK_HAS(racers[i].err, "is claimed by a");
			process_free(&racers[i]);
		}
		CHECK_INT(won, 1);
	}
	CHECK_INT(project_run(&p, "audit verify"), 0);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(the_fields_of_the_python_tool_are_there),
	CASE(an_intent_goes_from_claim_to_merge),
	CASE(check_can_fail_a_pipeline),
	CASE_EMBEDDED(p21_bad_input_is_refused_in_words_and_nothing_changes),
	CASE(what_cannot_be_judged_is_registered_with_a_warning),
	CASE_EMBEDDED(p22_passwords_in_statements_are_not_kept),
	CASE_EMBEDDED(worktrees_of_one_clone_share_their_claims),
	CASE_EMBEDDED(a_journal_that_is_not_shared_is_refused),
	CASE(hold_keeps_a_lease_and_exits_as_its_command),
	CASE(hold_says_when_the_lease_was_lost),
	CASE(who_waits_gets_the_claims_of_who_gives_them_back),
	CASE(watch_goes_on_where_it_stopped),
	CASE(p07_of_eight_processes_one_gets_the_claim),
};

int
main(int argc, char **argv)
{
	return unit_main("system/coordinate", cases, sizeof(cases) / sizeof(*cases), argc, argv);
}
