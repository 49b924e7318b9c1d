/* Versions of migration files: one for each, and in which order they will come. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

static struct intent_house h;

static const char add_email[] = "ALTER TABLE users ADD COLUMN email text",
		  other_table[] = "CREATE TABLE orders (id int)";

static void
one_version_is_for_one_migration(void)
{
	intent_house_open(&h, false);
	REQUIRE(say(&h, (struct saying){.agent = "alice", .sql = add_email, .version = "007"}));
	struct intent_registered *r =
		say(&h, (struct saying){.agent = "bob", .sql = other_table, .version = "007"});
	REQUIRE(r != NULL && r->conflicts.count == 1);
	CHECK_STR(r->conflicts.items[0].conflict_type, "version");
	CHECK_STR(r->conflicts.items[0].severity, "error");
	struct version_reserve m = {.version = "008", .name = "x", .agent = "alice"};
	struct version_reserved *first =
		house_ask(&h.house, h.house.client, MESSAGE_version_reserve, &m);
	struct version_reserved *second =
		house_ask(&h.house, h.house.client, MESSAGE_version_reserve, &m);
	REQUIRE(first != NULL && second != NULL);
	CHECK_STR(first->version, "008");
	CHECK_STR(second->version, "009");
	m.version = "8; DROP";
	CHECK(house_ask(&h.house, h.house.client, MESSAGE_version_reserve, &m) == NULL);
	CHECK(error_is(&h.house.err, E_INTENT_006));
	intent_house_close(&h);
}

static const char *
order_of(const struct intent_registered *r)
{
	for (size_t i = 0; r != NULL && i < r->conflicts.count; i++) {
		const struct intent_conflict *k = &r->conflicts.items[i];
		if (strcmp(k->conflict_type, "order") == 0 &&
		    strstr(k->affected_objects.items[0], "version") != NULL)
			return k->severity;
	}
	return "none";
}

static void
an_older_version_than_one_that_may_land_first_is_foretold(void)
{
	intent_house_open(&h, false);
	struct intent_registered *a = say(
		&h,
		(struct saying){.agent = "alice", .sql = "CREATE TABLE a ()", .version = "007"});
	REQUIRE(a != NULL);
	CHECK_STR(order_of(a), "none");
	struct intent_registered *b = say(
		&h, (struct saying){.agent = "bob", .sql = "CREATE TABLE b ()", .version = "005"});
	REQUIRE(b != NULL);
	CHECK_STR(order_of(b), "info");
	CHECK_STR(b->intent->status, "registered");
	CHECK_HAS(b->conflicts.items[0].reason, "005 is older than 007");
	/* The newer one of the two is in nobody's way, and one's own are in order as one likes. */
	CHECK_STR(order_of(say(&h, (struct saying){.agent = "carol",
						   .sql = "CREATE TABLE c ()",
						   .version = "009"})),
		  "none");
	CHECK_STR(order_of(say(&h, (struct saying){.agent = "carol",
						   .sql = "CREATE TABLE d ()",
						   .version = "008"})),
		  "none");
	REQUIRE(say_move(&h, a->intent->id, "start", "alice", INT_NULL) != NULL);
	REQUIRE(say_move(&h, a->intent->id, "complete", "alice", INT_NULL) != NULL);
	struct intent_registered *d = say(
		&h, (struct saying){.agent = "dave", .sql = "CREATE TABLE e ()", .version = "006"});
	CHECK_STR(order_of(d), "warning");
	CHECK_STR(d->intent->status, "conflicted");
	intent_house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(one_version_is_for_one_migration),
	CASE(an_older_version_than_one_that_may_land_first_is_foretold),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/versions", cases, ARRAY_LEN(cases), argc, argv);
}
