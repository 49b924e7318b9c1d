/* Claims: exclusive, leased by elapsed time, numbered, waited for in turn. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static struct intent_house h;

static const char add_email[] = "ALTER TABLE users ADD COLUMN email text",
		  drop_email[] = "ALTER TABLE users DROP COLUMN email",
		  drop_orders[] = "DROP TABLE orders";

static struct intent_registered *
claim(const char *agent, const char *sql)
{
	return say(&h, (struct saying){.agent = agent, .sql = sql, .claim = true});
}

static struct intent_registered *
queue(const char *agent, const char *sql)
{
	return say(&h,
		   (struct saying){.agent = agent, .sql = sql, .claim = true, .wait_ms = MINUTE});
}

static void
p07_a_second_claim_is_refused_and_names_the_holder(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email);
	REQUIRE(a != NULL);
	REQUIRE(a->intent->claims.count == 1);
	CHECK_STR(a->intent->claims.items[0].object, "public.users.email");
	CHECK_STR(a->intent->claims.items[0].mode, "extend");
	CHECK_INT(a->intent->claims.items[0].token, 1);
	REQUIRE(claim("bob", drop_email) == NULL);
	REQUIRE(error_is(&h.house.err, E_CLAIM_001));
	CHECK_INT(h.house.err.code->exit_code, 6);
	CHECK_HAS(h.house.err.message, "alice");
	CHECK_HAS(h.house.err.message, "public.users.email");
	struct claim_list *l = say_claims(&h);
	REQUIRE(l != NULL);
	CHECK_INT(l->total, 1);
	CHECK_STR(l->claims.items[0].agent_id, "alice");
	struct intent_events *e = say_events(&h, 0);
	REQUIRE(e != NULL);
	CHECK_INT(e->events.count, 2);
	intent_house_close(&h);
}

static void
claims_are_all_or_nothing(void)
{
	intent_house_open(&h, false);
	REQUIRE(claim("alice", add_email) != NULL);
	CHECK(claim("bob", "DROP TABLE orders; ALTER TABLE users DROP COLUMN email") == NULL);
	CHECK(claim("carol", drop_orders) != NULL);
	intent_house_close(&h);
}

static void
claims_on_different_things_stand_side_by_side(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email), *b = claim("bob", drop_orders);
	REQUIRE(a != NULL && b != NULL);
	CHECK(b->intent->token > a->intent->token);
	intent_house_close(&h);
}

/* ---- leases ---- */
static void
p08_a_lease_ends_by_elapsed_time_and_its_holder_is_told(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email);
	REQUIRE(a != NULL);
	intent_sleep(&h, 29 * MINUTE);
	CHECK(claim("bob", drop_email) == NULL);
	intent_sleep(&h, 2 * MINUTE);
	CHECK(claim("bob", drop_email) != NULL);
	CHECK(say_move(&h, a->intent->id, "start", "alice", a->intent->token) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_002));
	CHECK_INT(h.house.err.code->exit_code, 6);
	CHECK(say_move(&h, a->intent->id, "renew", "alice", INT_NULL) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_002));
	CHECK_STR(say_status(&h, a->intent->id), "expired");
	intent_house_close(&h);
}

static void
p08_a_jump_of_the_wall_clock_changes_nothing(void)
{
	intent_house_open(&h, false);
	REQUIRE(claim("alice", add_email) != NULL);
	intent_jump(DAY);
	CHECK(claim("bob", drop_email) == NULL);
	intent_jump(-2 * (int64_t)DAY);
	CHECK(claim("bob", drop_email) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_001));
	intent_jump(DAY);
	intent_house_close(&h);
}

static void
an_expiry_needs_no_request(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email);
	REQUIRE(a != NULL);
	intent_sleep(&h, 31 * MINUTE);
	struct intent_events *e = say_events(&h, 0);
	REQUIRE(e != NULL && e->events.count > 0);
	const struct intent_event *last = &e->events.items[e->events.count - 1];
	CHECK_STR(last->kind, "intent.expire");
	CHECK_STR(last->intent, a->intent->id);
	REQUIRE(last->objects.count == 1);
	CHECK_STR(last->objects.items[0], "public.users.email");
	intent_house_close(&h);
}

static void
any_command_of_the_agent_renews(void)
{
	struct intent_list_request list = {.agent = "alice"};

	intent_house_open(&h, false);
	REQUIRE(claim("alice", add_email) != NULL);
	for (int i = 0; i < 4; i++) {
		intent_sleep(&h, 20 * MINUTE);
		REQUIRE(house_ask(&h.house, h.house.client, MESSAGE_intent_list_request, &list));
		CHECK(claim("bob", drop_email) == NULL);
	}
	intent_sleep(&h, 31 * MINUTE);
	CHECK(claim("bob", drop_email) != NULL);
	intent_house_close(&h);
}

static void
a_lease_lasts_as_long_as_it_was_asked_for(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = say(&h, (struct saying){.agent = "alice",
							      .sql = add_email,
							      .claim = true,
							      .ttl_ms = 2 * 60 * MINUTE});
	REQUIRE(a != NULL);
	intent_sleep(&h, 100 * MINUTE);
	CHECK(claim("bob", drop_email) == NULL);
	intent_sleep(&h, 30 * MINUTE);
	CHECK(claim("bob", drop_email) != NULL);
	intent_house_close(&h);
}

static void
a_completed_intent_loses_its_claims_and_can_still_land(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email);
	REQUIRE(a != NULL && say_move(&h, a->intent->id, "start", "alice", INT_NULL) &&
		say_move(&h, a->intent->id, "complete", "alice", a->intent->token));
	CHECK(claim("bob", drop_email) == NULL);
	intent_sleep(&h, 31 * MINUTE);
	CHECK_STR(say_status(&h, a->intent->id), "completed");
	CHECK(claim("bob", drop_email) != NULL);
	CHECK(say_move(&h, a->intent->id, "merge", "alice", INT_NULL) != NULL);
	intent_house_close(&h);
}

/* A coordinator that starts anew did not see what was renewed meanwhile. */
static void
after_a_restart_leases_count_anew_in_full(void)
{
	intent_house_open(&h, true);
	struct intent_registered *a =
		say(&h, (struct saying){.agent = "tester", .sql = add_email, .claim = true});
	REQUIRE(a != NULL);
	const char *id = a->intent->id;
	intent_sleep(&h, 20 * MINUTE);
	struct arena keep = h.house.arena;
	arena_init(&h.house.arena);
	struct runtime *rt = h.house.rt;
	house_close(&h.house);
	house_open(&h.house, &(struct house_plan){.journal = h.scratch.journal,
						  .distributed = true,
						  .rt = rt,
						  .parser = sql_parser_here()});
	intent_sleep(&h, 20 * MINUTE);
	struct intent_show m = {.intent = id, .agent = NULL};
	struct intent_shown *shown =
		house_ask(&h.house, h.house.operator_, MESSAGE_intent_show, &m);
	REQUIRE(shown != NULL);
	CHECK_STR(shown->intent->status, "registered");
	arena_fini(&keep);
	intent_house_close(&h);
}

/* ---- numbers ---- */
static void
the_number_of_the_claims_is_checked(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email);
	REQUIRE(a != NULL);
	int64_t token = a->intent->token;
	CHECK(say_move(&h, a->intent->id, "start", "alice", token + 1) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_003));
	CHECK(say_move(&h, a->intent->id, "start", "alice", token) != NULL);
	CHECK(say_move(&h, a->intent->id, "release", "alice", token) != NULL);
	CHECK(say_move(&h, a->intent->id, "renew", "alice", token) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_002));
	CHECK_STR(say_status(&h, a->intent->id), "in_progress");
	struct intent_registered *b = claim("bob", drop_orders);
	REQUIRE(b != NULL);
	CHECK(b->intent->token > token);
	intent_house_close(&h);
}

/* ---- waiting ---- */
static void
who_waits_gets_the_claims_when_they_are_given_back(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email), *b = queue("bob", drop_email);
	REQUIRE(a != NULL && b != NULL);
	CHECK(b->intent->waiting);
	CHECK_INT(b->intent->claims.count, 0);
	struct claim_list *l = say_claims(&h);
	REQUIRE(l != NULL && l->waiting.count == 1);
	CHECK_STR(l->waiting.items[0].agent_id, "bob");
	REQUIRE(l->waiting.items[0].waits_for.count == 1);
	CHECK_STR(l->waiting.items[0].waits_for.items[0], "alice");
	struct intent_registered *still = say_wait(&h, b->intent->id, "bob", 0);
	REQUIRE(still != NULL);
	CHECK(still->intent->waiting);
	REQUIRE(say_move(&h, a->intent->id, "release", "alice", INT_NULL) != NULL);
	struct intent_registered *now = say_wait(&h, b->intent->id, "bob", 0);
	REQUIRE(now != NULL);
	CHECK(!now->intent->waiting);
	CHECK(now->intent->token > a->intent->token);
	CHECK_INT(now->intent->claims.count, 1);
	intent_house_close(&h);
}

static void *
release_soon(void *arg)
{
	REQUIRE(say_move(&h, arg, "release", "alice", INT_NULL) != NULL);
	return NULL;
}

static void
a_parked_wait_ends_with_the_release(void)
{
	pthread_t thread;

	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email), *b = queue("bob", drop_email);
	REQUIRE(a != NULL && b != NULL);
	struct claim_wait m = {.intent = b->intent->id, .agent = "bob", .wait_ms = 20000};
	struct arena own;
	void *reply = NULL;
	arena_init(&own);
	char id[ID_TEXT];
	snprintf(id, sizeof(id), "%s", a->intent->id);
	REQUIRE(pthread_create(&thread, NULL, release_soon, id) == 0);
	CHECK(net_call(h.house.operator_, MESSAGE_claim_wait, &m,
		       runtime_deadline(h.house.rt, 25000), &own, &reply, NULL));
	pthread_join(thread, NULL);
	CHECK(reply != NULL && !((struct intent_registered *)reply)->intent->waiting);
	arena_fini(&own);
	intent_house_close(&h);
}

static void
first_come_first_served(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email), *b = queue("bob", drop_email),
				 *c = queue("carol", "ALTER TABLE users RENAME email TO mail");
	REQUIRE(a != NULL && b != NULL && c != NULL);
	REQUIRE(say_move(&h, a->intent->id, "abandon", "alice", INT_NULL) != NULL);
	/* Bob came first; neither carol nor somebody new goes before him. */
	struct intent_registered *late = say_wait(&h, c->intent->id, "carol", 0);
	REQUIRE(late != NULL);
	CHECK(late->intent->waiting);
	CHECK(claim("dave", drop_email) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_001));
	struct intent_registered *first = say_wait(&h, b->intent->id, "bob", 0);
	REQUIRE(first != NULL);
	CHECK(!first->intent->waiting);
	intent_house_close(&h);
}

static void
a_dead_waiter_blocks_nobody(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = claim("alice", add_email), *b = queue("bob", drop_email),
				 *c = queue("carol", drop_email);
	REQUIRE(a != NULL && b != NULL && c != NULL);
	for (int i = 0; i < 3; i++) {
		intent_sleep(&h, 20 * 1000);
		REQUIRE(say_wait(&h, c->intent->id, "carol", 0) != NULL);
	}
	CHECK_STR(say_status(&h, b->intent->id), "expired");
	REQUIRE(say_move(&h, a->intent->id, "release", "alice", INT_NULL) != NULL);
	struct intent_registered *now = say_wait(&h, c->intent->id, "carol", 0);
	REQUIRE(now != NULL);
	CHECK(!now->intent->waiting);
	CHECK(say_wait(&h, b->intent->id, "bob", 0) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_002));
	intent_house_close(&h);
}

static void
a_cycle_of_waits_is_refused_and_shown(void)
{
	static const char drop_items[] = "DROP TABLE items",
			  add_item[] = "ALTER TABLE items ADD n int",
			  add_order[] = "ALTER TABLE orders ADD n int";

	intent_house_open(&h, false);
	REQUIRE(claim("alice", add_email) && claim("bob", drop_orders) &&
		claim("carol", drop_items));
	REQUIRE(queue("alice", add_order) != NULL);
	REQUIRE(queue("bob", add_item) != NULL);
	CHECK(queue("carol", drop_email) == NULL);
	CHECK(error_is(&h.house.err, E_CLAIM_004));
	CHECK_HAS(h.house.err.message, "carol waits for alice");
	CHECK_HAS(h.house.err.message, "alice waits for bob");
	CHECK_HAS(h.house.err.message, "bob waits for carol");
	CHECK(queue("dave", drop_email) != NULL);
	intent_house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(p07_a_second_claim_is_refused_and_names_the_holder),
	CASE(claims_are_all_or_nothing),
	CASE(claims_on_different_things_stand_side_by_side),
	CASE(p08_a_lease_ends_by_elapsed_time_and_its_holder_is_told),
	CASE(p08_a_jump_of_the_wall_clock_changes_nothing),
	CASE(an_expiry_needs_no_request),
	CASE(any_command_of_the_agent_renews),
	CASE(a_lease_lasts_as_long_as_it_was_asked_for),
	CASE(a_completed_intent_loses_its_claims_and_can_still_land),
	CASE(after_a_restart_leases_count_anew_in_full),
	CASE(the_number_of_the_claims_is_checked),
	CASE(who_waits_gets_the_claims_when_they_are_given_back),
	CASE(a_parked_wait_ends_with_the_release),
	CASE(first_come_first_served),
	CASE(a_dead_waiter_blocks_nobody),
	CASE(a_cycle_of_waits_is_refused_and_shown),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/claims", cases, ARRAY_LEN(cases), argc, argv);
}
