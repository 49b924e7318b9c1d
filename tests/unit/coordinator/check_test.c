/* What is about to run is held against the claims of others: who is stopped, and by whom. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

enum { MINUTE = 60 * 1000 };

static struct intent_house h;

static const char add_email[] = "ALTER TABLE users ADD COLUMN email text",
		  drop_email[] = "ALTER TABLE users DROP COLUMN email",
		  drop_orders[] = "DROP TABLE orders";

/* A changing job of an agent, begun; with what it may override. */
struct asker {
	const char *agent, *worktree, *environment, *override;
};

static struct worker_offer *
begin(struct asker a)
{
	const char *overrides[] = {a.override};
	struct job_spec spec = spec_of("apply", "db", NULL);
	struct job_options options = {.override_reason = "she is away"};

	options.override_claims.items = overrides;
	options.override_claims.count = a.override != NULL;
	spec.options = &options;
	spec.agent = a.agent;
	spec.worktree = a.worktree;
	spec.environment = a.environment;
	(void)house_submit(&h.house, &spec, NULL);
	struct worker_offer *offer = house_next(&h.house, "db");
	REQUIRE(offer != NULL && offer->job != NULL && house_begin(&h.house, offer));
	return offer;
}

/* The reply, or NULL with the house's error. */
static struct job_checked *
check(const struct worker_offer *offer, const char *sql)
{
	struct job_check m = {.worker = "w1",
			      .job = offer->job,
			      .attempt = offer->attempt,
			      .version = "7",
			      .file = "7_x.up.sql",
			      .sql = sql};

	return house_ask(&h.house, h.house.worker, MESSAGE_job_check, &m);
}

static const char *
claim_as(const char *agent, const char *sql)
{
	struct intent_registered *r =
		say(&h, (struct saying){.agent = agent, .sql = sql, .claim = true});

	REQUIRE(r != NULL);
	return r->intent->id;
}

static void
p07_what_meets_another_agents_claim_does_not_run(void)
{
	intent_house_open(&h, false);
	const char *intent = claim_as("ann", add_email);
	struct worker_offer *offer = begin((struct asker){.agent = "bob"});
	CHECK(offer->claimed);
	CHECK(check(offer, "\n\nALTER TABLE users DROP COLUMN email;") == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_001));
	CHECK_INT(h.house.err.code->exit_code, 6);
	CHECK(!h.house.err.retryable);
	CHECK_HAS(h.house.err.message, "public.users.email is claimed by ann");
	CHECK_HAS(h.house.err.message, " since ");
	CHECK_HAS(h.house.err.message, " until ");
	CHECK_STR(h.house.err.at.file, "7_x.up.sql");
	CHECK_INT(h.house.err.at.line, 3);
	CHECK_HAS(h.house.err.hint, intent);
	CHECK_HAS(h.house.err.hint, "--override-claim");
	/* The rest of the database is nobody's. */
	struct job_checked *r = check(offer, drop_orders);
	REQUIRE(r != NULL);
	CHECK_INT(r->warnings.count, 0);
	intent_house_close(&h);
}

static void
nobody_is_asked_about_while_nobody_claims_anything(void)
{
	intent_house_open(&h, false);
	struct worker_offer *offer = begin((struct asker){.agent = "bob"});
	CHECK(!offer->claimed);
	CHECK(house_finish(&h.house, offer, NULL, false));
	/* An intent alone holds nothing. */
	REQUIRE(say(&h, (struct saying){.agent = "ann", .sql = add_email}) != NULL);
	offer = begin((struct asker){.agent = "bob"});
	CHECK(!offer->claimed);
	CHECK(check(offer, drop_email) != NULL);
	intent_house_close(&h);
}

static void
an_agents_own_claim_lets_it_pass_and_anothers_worktree_does_not(void)
{
	intent_house_open(&h, false);
	REQUIRE(say(&h, (struct saying){.agent = "ann",
					.sql = add_email,
					.worktree = "/src/a",
					.claim = true}) != NULL);
	CHECK(check(begin((struct asker){.agent = "ann", .worktree = "/src/a"}), drop_email) !=
	      NULL);
	intent_house_close(&h);

	intent_house_open(&h, false);
	REQUIRE(say(&h, (struct saying){.agent = "ann",
					.sql = add_email,
					.worktree = "/src/a",
					.claim = true}) != NULL);
	CHECK(check(begin((struct asker){.agent = "ann", .worktree = "/src/b"}), drop_email) ==
	      NULL);
	CHECK_HAS(h.house.err.message, "/src/a");
	intent_house_close(&h);
}

static void
a_claim_counts_in_its_environment_and_until_its_end(void)
{
	intent_house_open(&h, false);
	struct intent_registered *r = say(&h, (struct saying){.agent = "ann",
							      .sql = add_email,
							      .environment = "staging",
							      .claim = true});
	REQUIRE(r != NULL);
	struct worker_offer *offer =
		begin((struct asker){.agent = "bob", .environment = "production"});
	CHECK(check(offer, drop_email) != NULL);
	CHECK(house_finish(&h.house, offer, NULL, false));
	offer = begin((struct asker){.agent = "bob", .environment = "staging"});
	CHECK(check(offer, drop_email) == NULL);
	intent_sleep(&h, 31 * MINUTE);
	CHECK_STR(say_status(&h, r->intent->id), "expired");
	intent_house_close(&h);
}

static void
an_override_is_for_one_intent_and_its_agent_reads_of_it(void)
{
	intent_house_open(&h, false);
	const char *intent = claim_as("ann", add_email);
	(void)claim_as("carol", drop_orders);
	struct worker_offer *offer = begin((struct asker){.agent = "bob", .override = intent});
	CHECK(check(offer, "DROP TABLE orders; DROP TABLE users") == NULL);
	CHECK_HAS(h.house.err.message, "carol");
	struct job_checked *r = check(offer, drop_email);
	REQUIRE(r != NULL && r->warnings.count == 1);
	CHECK_HAS(r->warnings.items[0], "ann");
	CHECK_HAS(r->warnings.items[0], "she is away");
	struct intent_events *e = say_events(&h, 0);
	REQUIRE(e != NULL);
	const struct intent_event *last = &e->events.items[e->events.count - 1];
	CHECK_STR(last->kind, "claim.override");
	CHECK_STR(last->intent, intent);
	CHECK_HAS(last->actor, "bob");
	CHECK_HAS(last->reason, "7_x.up.sql: she is away");
	CHECK_STR(last->others.items[0], offer->job);
	intent_house_close(&h);
}

/* A refused request leaves no trace: neither of what was overridden in it. */
static void
an_override_in_a_refused_check_is_not_told(void)
{
	intent_house_open(&h, false);
	const char *intent = claim_as("ann", add_email);
	(void)claim_as("carol", drop_orders);
	struct worker_offer *offer = begin((struct asker){.agent = "bob", .override = intent});
	CHECK(check(offer, "ALTER TABLE users DROP COLUMN email; DROP TABLE orders") == NULL);
	struct intent_events *e = say_events(&h, 0);
	REQUIRE(e != NULL);
	for (size_t i = 0; i < e->events.count; i++)
		CHECK(strcmp(e->events.items[i].kind, "claim.override") != 0);
	intent_house_close(&h);
}

static void
what_cannot_be_judged_is_said(void)
{
	intent_house_open(&h, false);
	(void)claim_as("ann", add_email);
	struct worker_offer *offer = begin((struct asker){.agent = "bob"});
	struct job_checked *r =
		check(offer, "\nDO $$ BEGIN EXECUTE 'DROP TABLE ' || current_user; END $$");
	REQUIRE(r != NULL && r->warnings.count == 1);
	CHECK_HAS(r->warnings.items[0], "7_x.up.sql:2: not compared");
	struct job_check m = {.worker = "w1",
			      .job = offer->job,
			      .attempt = offer->attempt,
			      .version = "7",
			      .file = "7_x.up.sql",
			      .sql = "",
			      .too_long = true};
	r = house_ask(&h.house, h.house.worker, MESSAGE_job_check, &m);
	REQUIRE(r != NULL && r->warnings.count == 1);
	CHECK_HAS(r->warnings.items[0], "too long");
	intent_house_close(&h);
}

/* While a worker asks, its agent is at work: its own claims count anew. */
static void
p08_a_run_renews_its_agents_claims(void)
{
	intent_house_open(&h, false);
	const char *intent = claim_as("bob", add_email);
	(void)claim_as("ann", drop_orders);
	intent_sleep(&h, 20 * MINUTE);
	CHECK(check(begin((struct asker){.agent = "bob"}), drop_email) != NULL);
	intent_sleep(&h, 20 * MINUTE);
	CHECK_STR(say_status(&h, intent), "registered");
	intent_house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(p07_what_meets_another_agents_claim_does_not_run),
	CASE(nobody_is_asked_about_while_nobody_claims_anything),
	CASE(an_agents_own_claim_lets_it_pass_and_anothers_worktree_does_not),
	CASE(a_claim_counts_in_its_environment_and_until_its_end),
	CASE(an_override_is_for_one_intent_and_its_agent_reads_of_it),
	CASE(an_override_in_a_refused_check_is_not_told),
	CASE(what_cannot_be_judged_is_said),
	CASE(p08_a_run_renews_its_agents_claims),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/check", cases, ARRAY_LEN(cases), argc, argv);
}
