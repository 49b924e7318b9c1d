/* Claims stop who would run over them: two agents, one database. */
#include <stdio.h>
#include <string.h>

#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char *const ann[] = {"CONFITURE_AGENT_ID=ann", NULL}, *const bob[] = {
									   "CONFITURE_AGENT_ID=bob",
									   NULL};

/* users is there, ann holds its column email, and the file that drops it is pending. */
static void
open_claimed(struct project *p, char id[64])
{
	project_open(p);
	project_migration(p, "001_users", "CREATE TABLE users (id int, email text);\n",
			  "DROP TABLE users;\n");
	REQUIRE(project_run_env(p, "migrate up", bob) == 0);
	struct document *d =
		run_json(p,
			 "coordinate register --agent-id ann --feature-name unique "
			 "--schema-changes "
			 "'ALTER TABLE users ADD CONSTRAINT email_once UNIQUE (email)' "
			 "--claim",
			 0, "coordinate-register");
	snprintf(id, 64, "%s", document_text(d, "intent.id"));
	document_free(d);
	project_migration(p, "002_drop", "\nALTER TABLE users DROP COLUMN email;\n",
			  "ALTER TABLE users ADD COLUMN email text;\n");
}

static const char *
column_left(struct project *p)
{
	return project_sql(p, "SELECT count(*) FROM information_schema.columns "
			      "WHERE table_name = 'users' AND column_name = 'email'");
}

static void
p07_who_runs_over_a_claim_is_refused_and_told_whose_it_is(void)
{
	struct project p;
	char id[64];

	open_claimed(&p, id);
	CHECK_INT(project_run_env(&p, "migrate up", bob), 6);
	CHECK_HAS(p.last.err, "CLAIM_001");
	CHECK_HAS(p.last.err, "is claimed by ann");
	CHECK_HAS(p.last.err, "db/migrations/002_drop.up.sql:2");
	CHECK_HAS(p.last.err, id);
	CHECK_STR(column_left(&p), "1");
	/* It goes with everything or not at all: nothing of what came before it ran either. */
	project_migration(&p, "0015_other", "CREATE TABLE other (i int);\n", NULL);
	struct document *d;
	CHECK_INT(project_run_env(&p, "migrate up --format json", bob), 6);
	d = document_parse(p.last.out);
	CHECK(document_valid(d, "error"));
	CHECK_STR(document_text(d, "error.code"), "CLAIM_001");
	CHECK_STR(document_text(d, "error.details.claim.agent"), "ann");
	CHECK_STR(document_text(d, "error.details.claim.intent"), id);
	CHECK_STR(document_text(d, "error.details.claim.feature"), "unique");
	CHECK(document_has(d, "error.details.claim.since"));
	CHECK(document_has(d, "error.details.claim.until"));
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT to_regclass('other') IS NULL"), "t");
	project_remove(&p, "db/migrations/0015_other.up.sql");
	CHECK_INT(project_run(&p, words("coordinate release --agent-id ann --intent-id %s", id)),
		  0);
	CHECK_INT(project_run_env(&p, "migrate up", bob), 0);
	CHECK_STR(column_left(&p), "0");
	project_close(&p);
}

static void
what_is_undone_is_held_against_claims_too(void)
{
	struct project p;
	char id[64];

	open_claimed(&p, id);
	CHECK_INT(project_run_env(&p, "migrate down", bob), 6);
	CHECK_HAS(p.last.err, "001_users.down.sql:1");
	project_remove(&p, "db/migrations/002_drop.up.sql");
	project_remove(&p, "db/migrations/002_drop.down.sql");
	project_migration(&p, "003_more", "CREATE TABLE more (i int);\n", "DROP TABLE more;\n");
	CHECK_INT(project_run_env(&p, "migrate up", bob), 0);
	CHECK_INT(project_run_env(&p, "migrate down-to 001", bob), 0);
	CHECK_INT(project_run_env(&p, "migrate down", bob), 6);
	CHECK_STR(column_left(&p), "1");
	project_close(&p);
}

static void
the_holder_passes_and_so_does_who_overrides_with_a_reason(void)
{
	struct project p;
	char id[64];

	open_claimed(&p, id);
	CHECK_INT(project_run_env(&p, words("migrate up --override-claim %s", id), bob), 2);
	CHECK_HAS(p.last.err, "needs --reason");
	CHECK_INT(project_run_env(&p,
				  words("migrate up --override-claim %s --reason 'she knows'", id),
				  bob),
		  0);
	CHECK_HAS(p.last.err, "runs over a claim of ann");
	CHECK_STR(column_left(&p), "0");
	CHECK_INT(project_run(&p, words("coordinate history --intent-id %s", id)), 0);
	CHECK_HAS(p.last.out, "claim.override");
	CHECK_HAS(p.last.out, "she knows");
	CHECK_INT(project_run(&p, "audit verify"), 0);
	CHECK_INT(project_run_env(&p, "migrate down", ann), 0);
	CHECK_STR(column_left(&p), "1");
	CHECK_INT(project_run_env(&p, "migrate up", ann), 0);
	project_close(&p);
}

/* Folders of two worktrees, as far as the versions are concerned: they lie in no folder together.
 */
static void
a_version_is_given_out_once_whoever_asks_where(void)
{
	enum { MAKERS = 6 };
	struct process makers[MAKERS];
	char versions[MAKERS][32];
	struct project p;

	project_open(&p);
	for (int i = 0; i < MAKERS; i++)
		REQUIRE(project_start(&p, &makers[i],
				      words("migrate generate m --migrations-dir w%d -f json", i),
				      NULL));
	for (int i = 0; i < MAKERS; i++) {
		REQUIRE(process_wait(&makers[i], 60));
		CHECK_INT(makers[i].exit_code, 0);
		struct document *d = document_parse(makers[i].out);
		snprintf(versions[i], sizeof(versions[i]), "%s", document_text(d, "version"));
		CHECK(strcmp(document_text(d, "next_available_version"), versions[i]) > 0);
		CHECK(project_has(&p, document_text(d, "filepath")));
		document_free(d);
		process_free(&makers[i]);
		for (int k = 0; k < i; k++)
			CHECK(strcmp(versions[i], versions[k]) != 0);
	}
	/* A coordinator that was named must answer; without a token it is not even asked. */
	CHECK_INT(project_run(&p, "migrate generate m --migrations-dir away --coordinator "
				  "ws://127.0.0.1:1 --timeout 300ms"),
		  unit_through_fleet() ? 3 : 5);
	CHECK_INT(project_run(&p, "migrate validate --migrations-dir away --format json"), 0);
	CHECK(strstr(p.last.out, ".up.sql") == NULL);
	project_close(&p);
}

static void
a_version_that_will_run_out_of_order_is_foretold(void)
{
	struct project p;

	project_open(&p);
	project_migration(&p, "007_new", "CREATE TABLE new (i int);\n", NULL);
	struct document *d = run_json(&p,
				      "coordinate register --agent-id ann --feature-name new "
				      "--schema-changes db/migrations/007_new.up.sql",
				      0, "coordinate-register");
	CHECK_INT(document_count(d, "conflicts"), 0);
	CHECK_STR(p.last.err, "");
	document_free(d);
	project_migration(&p, "005_old", "CREATE TABLE old (i int);\n", NULL);
	d = run_json(&p,
		     "coordinate register --agent-id bob --feature-name old "
		     "--schema-changes db/migrations/005_old.up.sql",
		     0, "coordinate-register");
	CHECK_HAS(p.last.err, "005 is older than 007_new.up.sql");
	CHECK_STR(document_text(d, "conflicts.0.conflict_type"), "order");
	CHECK_STR(document_text(d, "conflicts.0.severity"), "info");
	CHECK_STR(document_text(d, "intent.status"), "registered");
	document_free(d);
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(p07_who_runs_over_a_claim_is_refused_and_told_whose_it_is),
	CASE(what_is_undone_is_held_against_claims_too),
	CASE(the_holder_passes_and_so_does_who_overrides_with_a_reason),
	CASE(a_version_is_given_out_once_whoever_asks_where),
	CASE(a_version_that_will_run_out_of_order_is_foretold),
};

int
main(int argc, char **argv)
{
	return unit_main("claims", cases, ARRAY_LEN(cases), argc, argv);
}
