/* What an intent is told of others, who may move it, and what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

static struct intent_house h;

static const char add_email[] = "ALTER TABLE users ADD COLUMN email text",
		  drop_email[] = "ALTER TABLE users DROP COLUMN email",
		  other_table[] = "CREATE TABLE orders (id int)";

static struct intent_registered *
register_for(const char *agent, const char *sql)
{
	struct intent_registered *r = say(&h, (struct saying){.agent = agent, .sql = sql});

	REQUIRE(r != NULL);
	return r;
}

static const struct intent_event *
last_event_of(const char *intent, const char *kind)
{
	struct intent_events *e = say_events(&h, 0);
	const struct intent_event *found = NULL;

	REQUIRE(e != NULL);
	for (size_t i = 0; i < e->events.count; i++) {
		if (strcmp(e->events.items[i].intent, intent) == 0 &&
		    strcmp(e->events.items[i].kind, kind) == 0)
			found = &e->events.items[i];
	}
	return found;
}

static void
an_intent_says_what_it_touches(void)
{
	intent_house_open(&h, false);
	struct intent_registered *r = register_for("alice", add_email);
	const struct intent *i = r->intent;

	CHECK_STR(i->status, "registered");
	CHECK_STR(i->branch_name, "feature/work");
	CHECK_STR(i->scope, "project");
	CHECK_INT(i->tables_affected.count, 1);
	CHECK_STR(i->tables_affected.items[0], "users");
	REQUIRE(i->footprint.count >= 1);
	CHECK_STR(i->footprint.items[0].name, "users");
	CHECK_STR(i->footprint.items[0].part, "email");
	CHECK_INT(i->claims.count, 0);
	CHECK_INT(i->token, INT_NULL);
	CHECK(!i->opaque);
	CHECK_INT(r->conflicts.count, 0);
	CHECK(i->lease_expires_at != NULL);
	CHECK_STR(register_for("bob", other_table)->intent->branch_name, "feature/work_001");
	intent_house_close(&h);
}

static void
both_sides_of_a_conflict_are_told(void)
{
	intent_house_open(&h, false);
	const char *a = register_for("alice", add_email)->intent->id;
	struct intent_registered *r = register_for("bob", drop_email);
	const char *b = r->intent->id;

	CHECK_STR(r->intent->status, "conflicted");
	REQUIRE(r->conflicts.count >= 1);
	CHECK_STR(r->conflicts.items[0].severity, "error");
	CHECK_STR(r->conflicts.items[0].intent_a, b);
	CHECK_STR(r->conflicts.items[0].intent_b, a);
	CHECK_STR(r->conflicts.items[0].affected_objects.items[0], "public.users.email");
	CHECK_STR(r->conflicts.items[0].statement_a, drop_email);
	CHECK_STR(r->conflicts.items[0].statement_b, add_email);
	CHECK_INT(r->conflicts.items[0].resolution_suggestions.count, 4);
	CHECK(strlen(r->conflicts.items[0].remedy) > 0);
	struct intent_shown *older = say_show(&h, a);
	REQUIRE(older != NULL);
	CHECK_STR(older->intent->status, "registered");
	REQUIRE(older->intent->conflicts_with.count == 1);
	CHECK_STR(older->intent->conflicts_with.items[0], b);
	CHECK_INT(older->conflicts.count, r->conflicts.count);
	const struct intent_event *told = last_event_of(a, "intent.conflict");
	REQUIRE(told != NULL);
	CHECK_STR(told->others.items[0], b);
	intent_house_close(&h);
}

static void
a_conflicted_intent_is_seen_by_those_after_it(void)
{
	intent_house_open(&h, false);
	(void)register_for("alice", add_email);
	const char *b = register_for("bob", drop_email)->intent->id;
	struct intent_registered *r = register_for("carol", drop_email);
	bool seen = false;

	for (size_t i = 0; i < r->intent->conflicts_with.count; i++)
		seen |= strcmp(r->intent->conflicts_with.items[i], b) == 0;
	CHECK(seen);
	intent_house_close(&h);
}

static void
what_touches_other_things_is_in_nobodys_way(void)
{
	intent_house_open(&h, false);
	(void)register_for("alice", add_email);
	CHECK_INT(register_for("bob", other_table)->conflicts.count, 0);
	CHECK_INT(
		register_for("carol", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
			->conflicts.count,
		0);
	intent_house_close(&h);
}

static void
an_agent_is_in_its_own_way_only_from_another_worktree(void)
{
	intent_house_open(&h, false);
	REQUIRE(say(&h, (struct saying){.agent = "alice", .sql = add_email, .worktree = "/a"}));
	struct intent_registered *same =
		say(&h, (struct saying){.agent = "alice", .sql = drop_email, .worktree = "/a"});
	struct intent_registered *other =
		say(&h, (struct saying){.agent = "alice", .sql = drop_email, .worktree = "/b"});
	REQUIRE(same != NULL && other != NULL);
	CHECK_INT(same->conflicts.count, 0);
	CHECK(other->conflicts.count > 0);
	intent_house_close(&h);
}

static void
environments_do_not_meet_and_the_project_meets_all(void)
{
	static const struct {
		const char *a, *b;
		bool meet;
	} pairs[] = {{"staging", "staging", true},
		     {"staging", "production", false},
		     {"staging", NULL, true},
		     {NULL, "production", true},
		     {NULL, NULL, true}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		intent_house_open(&h, false);
		REQUIRE(say(&h, (struct saying){.agent = "alice",
						.sql = add_email,
						.environment = pairs[i].a}));
		struct intent_registered *r = say(&h, (struct saying){.agent = "bob",
								      .sql = drop_email,
								      .environment = pairs[i].b});
		REQUIRE(r != NULL);
		CHECK_INT(r->conflicts.count > 0, pairs[i].meet);
		intent_house_close(&h);
	}
}

static void
check_compares_and_keeps_nothing(void)
{
	intent_house_open(&h, false);
	struct intent_checked *first =
		say_check(&h, (struct saying){.agent = "bob", .sql = drop_email});
	REQUIRE(first != NULL);
	CHECK(!first->conflicts_detected);
	CHECK(!file_exists(h.scratch.journal));
	(void)register_for("alice", add_email);
	struct intent_checked *r =
		say_check(&h, (struct saying){.agent = "bob", .sql = drop_email});
	REQUIRE(r != NULL);
	CHECK(r->conflicts_detected);
	CHECK_INT(r->conflicts.items[0].id, 0);
	CHECK_STR(r->conflicts.items[0].intent_a, "");
	struct intent_list_request all = {.agent = "bob"};
	struct intent_list *list =
		house_ask(&h.house, h.house.client, MESSAGE_intent_list_request, &all);
	REQUIRE(list != NULL);
	CHECK_INT(list->total, 1);
	intent_house_close(&h);
}

static void
looking_at_the_last_conflict_lets_an_intent_go_on(void)
{
	intent_house_open(&h, false);
	(void)register_for("alice", add_email);
	struct intent_registered *r = register_for("bob", drop_email);

	CHECK(say_move(&h, r->intent->id, "start", "bob", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_002));
	for (size_t i = 0; i < r->conflicts.count; i++) {
		struct conflict_resolve m = {.conflict = r->conflicts.items[i].id,
					     .notes = "alice goes first",
					     .agent = "bob"};
		struct conflict_resolved *done =
			house_ask(&h.house, h.house.client, MESSAGE_conflict_resolve, &m);
		REQUIRE(done != NULL);
		CHECK(done->resolved);
	}
	CHECK_STR(say_status(&h, r->intent->id), "registered");
	CHECK(say_move(&h, r->intent->id, "start", "bob", INT_NULL) != NULL);
	struct conflict_resolve none = {.conflict = 99, .notes = "x", .agent = "bob"};
	CHECK(house_ask(&h.house, h.house.client, MESSAGE_conflict_resolve, &none) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_004));
	intent_house_close(&h);
}

static void
when_what_was_in_the_way_ends_an_intent_goes_on(void)
{
	intent_house_open(&h, false);
	const char *a = register_for("alice", add_email)->intent->id;
	const char *b = register_for("bob", drop_email)->intent->id;

	CHECK_STR(say_status(&h, b), "conflicted");
	CHECK(say_move(&h, a, "abandon", "alice", INT_NULL) != NULL);
	CHECK_STR(say_status(&h, b), "registered");
	const struct intent_event *e = last_event_of(b, "intent.clear");
	REQUIRE(e != NULL);
	CHECK_HAS(e->reason, a);
	intent_house_close(&h);
}

static void
warnings_that_are_allowed_do_not_stop_an_intent(void)
{
	const char *index = "CREATE INDEX i ON users (name)";

	intent_house_open(&h, false);
	(void)register_for("alice", add_email);
	struct intent_registered *r =
		say(&h, (struct saying){.agent = "bob", .sql = index, .allow_warnings = true});
	REQUIRE(r != NULL && r->conflicts.count > 0);
	CHECK_STR(r->intent->status, "registered");
	CHECK_STR(register_for("carol", "CREATE INDEX k ON users (name)")->intent->status,
		  "conflicted");
	intent_house_close(&h);
}

/* ---- moves ---- */
static void
an_intent_goes_its_way_and_history_has_every_move(void)
{
	static const char *const kinds[] = {"intent.register", "intent.start", "intent.complete",
					    "intent.merge"};

	intent_house_open(&h, false);
	const char *id = register_for("alice", add_email)->intent->id;
	for (size_t i = 1; i < ARRAY_LEN(kinds); i++)
		REQUIRE(say_move(&h, id, kinds[i] + strlen("intent."), "alice", INT_NULL) != NULL);
	CHECK_STR(say_status(&h, id), "merged");
	struct intent_history m = {.intent = id};
	struct intent_events *e = house_ask(&h.house, h.house.client, MESSAGE_intent_history, &m);
	REQUIRE(e != NULL && e->events.count == ARRAY_LEN(kinds));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		CHECK_STR(e->events.items[i].kind, kinds[i]);
	CHECK_STR(e->events.items[1].from, "registered");
	CHECK_STR(e->events.items[1].to, "in_progress");
	CHECK(say_move(&h, id, "renew", "alice", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_002));
	intent_house_close(&h);
}

static void
moves_that_the_table_does_not_have_change_nothing(void)
{
	static const char *const early[] = {"complete", "merge"};

	intent_house_open(&h, false);
	const char *id = register_for("alice", add_email)->intent->id;
	for (size_t i = 0; i < ARRAY_LEN(early); i++) {
		CHECK(say_move(&h, id, early[i], "alice", INT_NULL) == NULL);
		CHECK(error_is(&h.house.err, E_INTENT_002));
	}
	CHECK_STR(say_status(&h, id), "registered");
	CHECK(say_move(&h, "0000", "start", "alice", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_001));
	intent_house_close(&h);
}

static void
p18_only_its_owner_moves_an_intent(void)
{
	static const char *const actions[] = {"start", "renew", "release", "abandon"};

	intent_house_open(&h, false);
	const char *id = register_for("alice", add_email)->intent->id;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		CHECK(say_move(&h, id, actions[i], "bob", INT_NULL) == NULL);
		CHECK(error_is(&h.house.err, E_INTENT_003));
	}
	CHECK_STR(say_status(&h, id), "registered");
	CHECK(say_move(&h, id, "start", "alice", INT_NULL) != NULL);
	/* Nobody named: the person at the machine. */
	CHECK(say_move(&h, id, "abandon", NULL, INT_NULL) != NULL);
	intent_house_close(&h);
}

static void
p18_a_token_speaks_for_its_own_agents_only(void)
{
	intent_house_open(&h, true);
	CHECK(say(&h, (struct saying){.agent = "bob", .sql = add_email}) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_003));
	CHECK(say(&h, (struct saying){.agent = "testers", .sql = add_email}) == NULL);
	struct intent_registered *r =
		say(&h, (struct saying){.agent = "tester/1", .sql = add_email});
	REQUIRE(r != NULL);
	CHECK(say_move(&h, r->intent->id, "start", "tester/2", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_003));
	CHECK(say_move(&h, r->intent->id, "start", "tester/1", INT_NULL) != NULL);
	struct intent_registered *theirs = say(
		&h, (struct saying){.agent = "bob", .sql = other_table, .from = h.house.operator_});
	REQUIRE(theirs != NULL);
	CHECK(say_move(&h, theirs->intent->id, "abandon", "bob", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_003));
	struct intent_move m = {.intent = r->intent->id, .action = "abandon", .token = INT_NULL};
	CHECK(house_ask(&h.house, h.house.operator_, MESSAGE_intent_move, &m) != NULL);
	CHECK(house_ask(&h.house, h.house.worker, MESSAGE_intent_move, &m) == NULL);
	CHECK(error_is(&h.house.err, E_AUTH_002));
	intent_house_close(&h);
}

static void
an_environment_that_nobody_serves_is_a_mistake(void)
{
	intent_house_open(&h, true);
	CHECK(say(&h, (struct saying){.sql = add_email, .environment = "d"}) == NULL);
	CHECK(error_is(&h.house.err, E_CONFIG_011));
	CHECK_HAS(h.house.err.message, "did you mean db");
	CHECK(say(&h, (struct saying){.sql = add_email, .environment = "db"}) != NULL);
	intent_house_close(&h);
}

static void
what_landed_beyond_an_intent_is_listed(void)
{
	struct landed_file file = {.name = "007_email.up.sql",
				   .sql = "ALTER TABLE users ADD COLUMN email text;\n"
					  "DROP TABLE orders;"};
	struct intent_move m = {.action = "merge", .agent = "alice", .token = INT_NULL};

	intent_house_open(&h, false);
	m.intent = register_for("alice", add_email)->intent->id;
	m.files.items = &file;
	m.files.count = 1;
	REQUIRE(say_move(&h, m.intent, "start", "alice", INT_NULL) &&
		say_move(&h, m.intent, "complete", "alice", INT_NULL));
	struct intent_shown *r = house_ask(&h.house, h.house.client, MESSAGE_intent_move, &m);
	REQUIRE(r != NULL);
	CHECK_STR(r->intent->status, "merged");
	CHECK_INT(r->intent->files.count, 1);
	REQUIRE(r->exceeds.count == 1);
	CHECK_STR(r->exceeds.items[0].name, "orders");
	CHECK_STR(r->exceeds.items[0].mode, "drop");
	CHECK_INT(r->exceeds.items[0].statement, 2);
	intent_house_close(&h);
}

/* ---- what is refused ---- */
static void
p21_what_is_no_intent_is_refused_and_nothing_is_kept(void)
{
	char *big = malloc(1100000);
	static const char long_name[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaa";

	REQUIRE(big != NULL);
	memset(big, 'x', 1099999);
	big[1099999] = '\0';
	const struct saying wrong[] = {
		{.agent = "a\033[2Jb", .sql = add_email},
		{.agent = "", .sql = add_email},
		{.agent = "a\xc2\x9b", .sql = add_email},
		{.agent = "a\xff", .sql = add_email},
		{.agent = long_name, .sql = add_email},
		{.agent = "a", .sql = big},
		{.agent = "a", .sql = add_email, .feature = "x\ny"},
		{.agent = "a", .sql = add_email, .tables = "a\tb"},
		{.agent = "a", .sql = add_email, .ttl_ms = (int64_t)1 << 40},
		{.agent = "a", .sql = add_email, .ttl_ms = -1},
	};
	intent_house_open(&h, false);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CHECK(say(&h, wrong[i]) == NULL);
		CHECK(error_is(&h.house.err, E_INTENT_006));
	}
	struct intent_events *e = say_events(&h, 0);
	CHECK(e != NULL && e->events.count == 0);
	free(big);
	intent_house_close(&h);
}

static void
metadata_is_an_object_or_nothing(void)
{
	static const char *const wrong[] = {"",	 "nonsense", "[1]",
					    "1", "{\"a\":1", "{\"a\":1,\"a\":2}"};
	struct intent_draft d = {.agent = "a",
				 .feature_name = "f",
				 .risk_level = "low",
				 .estimated_duration_ms = INT_NULL,
				 .metadata = "{\"b\": [1, {\"c\": null}], \"a\": \"\\u001b\"}"};
	struct intent_register m = {.draft = &d};

	intent_house_open(&h, false);
	struct intent_registered *r =
		house_ask(&h.house, h.house.client, MESSAGE_intent_register, &m);
	REQUIRE(r != NULL);
	CHECK_STR(r->intent->metadata, "{\"b\":[1,{\"c\":null}],\"a\":\"\\u001b\"}");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		d.metadata = wrong[i];
		CHECK(house_ask(&h.house, h.house.client, MESSAGE_intent_register, &m) == NULL);
		CHECK(error_is(&h.house.err, E_INTENT_006));
	}
	intent_house_close(&h);
}

static void
what_cannot_be_judged_is_said_and_never_safe(void)
{
	static const char *const texts[] = {"DO $$ BEGIN EXECUTE 'x'; END $$", "ALTER TABLE"};

	intent_house_open(&h, false);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct intent_registered *r = register_for("alice", texts[i]);
		CHECK(r->intent->opaque);
		REQUIRE(r->intent->unjudged.count >= 1);
		CHECK_INT(r->intent->unjudged.items[0].statement, 1);
		CHECK(strlen(r->intent->unjudged.items[0].reason) > 0);
	}
	intent_house_close(&h);
}

static void
an_agent_has_so_many_open_intents_and_no_more(void)
{
	intent_house_open(&h, false);
	const char *id = NULL;
	for (int i = 0; i < 50; i++)
		id = register_for("alice", "CREATE TABLE t (id int)")->intent->id;
	CHECK(say(&h, (struct saying){.agent = "alice", .sql = add_email}) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_005));
	(void)register_for("bob", other_table);
	REQUIRE(say_move(&h, id, "abandon", "alice", INT_NULL) != NULL);
	(void)register_for("alice", add_email);
	intent_house_close(&h);
}

static void
p10_one_key_is_one_intent(void)
{
	struct saying s = {.agent = "alice", .sql = add_email, .key = "k1"};

	intent_house_open(&h, false);
	struct intent_registered *first = say(&h, s), *again = say(&h, s);
	REQUIRE(first != NULL && again != NULL);
	CHECK_STR(again->intent->id, first->intent->id);
	CHECK(again->replayed);
	s.sql = drop_email;
	CHECK(say(&h, s) == NULL);
	CHECK(error_is(&h.house.err, E_USAGE_001));
	intent_house_close(&h);
}

static void
tables_that_are_only_named_are_warned_of(void)
{
	intent_house_open(&h, false);
	REQUIRE(say(&h, (struct saying){.agent = "alice", .tables = "users"}));
	struct intent_registered *r = say(&h, (struct saying){.agent = "bob", .tables = "users"});
	REQUIRE(r != NULL && r->conflicts.count == 1);
	CHECK_STR(r->conflicts.items[0].conflict_type, "table");
	CHECK_STR(r->conflicts.items[0].severity, "warning");
	r = register_for("carol", add_email);
	CHECK(r->conflicts.count >= 2);
	intent_house_close(&h);
}

/* Found by a thousand agents: the end of one let the other go on, which then was not what had been
 * read of it, and every request was refused with that. */
static void
two_that_lapse_at_once_and_one_in_the_way_of_the_other_both_end(void)
{
	enum { MINUTE = 60 * 1000 };

	intent_house_open(&h, false);
	struct intent_registered *a =
		say(&h, (struct saying){.agent = "alice", .sql = add_email, .ttl_ms = 10 * MINUTE});
	struct intent_registered *b =
		say(&h, (struct saying){.agent = "bob",
					.sql = "ALTER TABLE users DROP COLUMN email",
					.ttl_ms = 10 * MINUTE});
	REQUIRE(a != NULL && b != NULL);
	CHECK_STR(b->intent->status, "conflicted");
	intent_sleep(&h, 11 * MINUTE);
	CHECK_STR(say_status(&h, a->intent->id), "expired");
	CHECK_STR(say_status(&h, b->intent->id), "expired");
	intent_house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(an_intent_says_what_it_touches),
	CASE(both_sides_of_a_conflict_are_told),
	CASE(a_conflicted_intent_is_seen_by_those_after_it),
	CASE(what_touches_other_things_is_in_nobodys_way),
	CASE(an_agent_is_in_its_own_way_only_from_another_worktree),
	CASE(environments_do_not_meet_and_the_project_meets_all),
	CASE(check_compares_and_keeps_nothing),
	CASE(looking_at_the_last_conflict_lets_an_intent_go_on),
	CASE(when_what_was_in_the_way_ends_an_intent_goes_on),
	CASE(two_that_lapse_at_once_and_one_in_the_way_of_the_other_both_end),
	CASE(warnings_that_are_allowed_do_not_stop_an_intent),
	CASE(an_intent_goes_its_way_and_history_has_every_move),
	CASE(moves_that_the_table_does_not_have_change_nothing),
	CASE(p18_only_its_owner_moves_an_intent),
	CASE(p18_a_token_speaks_for_its_own_agents_only),
	CASE(an_environment_that_nobody_serves_is_a_mistake),
	CASE(what_landed_beyond_an_intent_is_listed),
	CASE(p21_what_is_no_intent_is_refused_and_nothing_is_kept),
	CASE(metadata_is_an_object_or_nothing),
	CASE(what_cannot_be_judged_is_said_and_never_safe),
	CASE(an_agent_has_so_many_open_intents_and_no_more),
	CASE(p10_one_key_is_one_intent),
	CASE(tables_that_are_only_named_are_warned_of),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/intents", cases, ARRAY_LEN(cases), argc, argv);
}
