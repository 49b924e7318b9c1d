/*
 * A thousand agents that claim, wait, give back, fall silent and come back, over objects that are
 * never enough for all. What the audit log says happened is followed event by event: at no moment
 * do two of them hold the same thing, and who is refused is told who holds it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/intent_house.h"

#include "shared/base/banned.h"

enum { AGENTS = 1000, OBJECTS = 60, STEPS = 900, HELD_MOST = 4096, MINUTE = 60 * 1000 };

static struct intent_house h;
static uint64_t dice;

/* xorshift64*: the same steps in every run. */
static uint64_t
below(uint64_t n)
{
	dice ^= dice >> 12;
	dice ^= dice << 25;
	dice ^= dice >> 27;
	return dice * 2685821657736338717ULL % n;
}

/* ---- what the log says ---- */
struct held {
	const char *intent, *agent, *object;
};

static struct {
	struct held held[HELD_MOST];
	size_t count;
	int64_t seq, token;
	size_t grants, ends;
} log_now;

static const struct held *
holder_of(const char *object)
{
	for (size_t i = 0; i < log_now.count; i++) {
		if (strcmp(log_now.held[i].object, object) == 0)
			return &log_now.held[i];
	}
	return NULL;
}

static void
granted(const struct intent_event *e)
{
	CHECK(e->token > log_now.token);
	log_now.token = e->token;
	log_now.grants++;
	for (size_t i = 0; i < e->objects.count; i++) {
		const struct held *other = holder_of(e->objects.items[i]);
		if (other != NULL)
			CHECK_STR(other->agent, e->agent);
		REQUIRE(log_now.count < HELD_MOST);
		log_now.held[log_now.count++] =
			(struct held){e->intent, e->agent, e->objects.items[i]};
	}
}

/* A move that names objects is one that gave them up. */
static void
gave_up(const struct intent_event *e)
{
	size_t kept = 0;

	log_now.ends++;
	for (size_t i = 0; i < log_now.count; i++) {
		if (strcmp(log_now.held[i].intent, e->intent) != 0)
			log_now.held[kept++] = log_now.held[i];
	}
	CHECK(kept < log_now.count);
	log_now.count = kept;
}

static void
follow_log(void)
{
	struct intent_events *page;

	do {
		page = say_events(&h, log_now.seq);
		REQUIRE(page != NULL);
		for (size_t i = 0; i < page->events.count; i++) {
			const struct intent_event *e = &page->events.items[i];
			if (strcmp(e->kind, "claim.grant") == 0)
				granted(e);
			else if (e->objects.count > 0 && strcmp(e->kind, "intent.register") != 0)
				gave_up(e);
			log_now.seq = e->seq;
		}
	} while (page->events.count > 0);
}

/* ---- what agents do ---- */
static const char *
detail_of(const struct error *err, const char *key)
{
	for (uint32_t i = 0; i < err->detail_count; i++) {
		if (strcmp(err->details[i].key, key) == 0)
			return err->details[i].value;
	}
	return "";
}

/* Who is told "claimed" is told by whom, and that is true. Who waits, or would for ever, is told
 * for whom. */
static void
check_refusal(const char *agent)
{
	struct error refused = h.house.err;

	if (error_is(&refused, E_CLAIM_004) || strstr(refused.message, " waits for ") != NULL)
		return;
	CHECK_STR(refused.code->name, "CLAIM_001");
	follow_log();
	const struct held *holder = holder_of(detail_of(&refused, "claim.object"));
	REQUIRE(holder != NULL);
	CHECK_STR(detail_of(&refused, "claim.agent"), holder->agent);
	CHECK_STR(detail_of(&refused, "claim.intent"), holder->intent);
	CHECK(strcmp(holder->agent, agent) != 0);
}

static void
claim_something(const char *agent, bool wait, size_t *refused)
{
	const char *verb[] = {"ADD COLUMN c int", "DROP COLUMN c"};
	const char *sql = arena_printf(&h.house.arena, "ALTER TABLE t%d %s", (int)below(OBJECTS),
				       verb[below(2)]);
	struct saying s = {.agent = agent, .sql = sql, .claim = true, .wait_ms = wait ? 5000 : 0};

	if (say(&h, s) == NULL) {
		check_refusal(agent);
		(*refused)++;
	}
}

static void
give_back(const char *agent)
{
	for (size_t i = 0; i < log_now.count; i++) {
		const struct held *k = &log_now.held[i];
		if (strcmp(k->agent, agent) != 0)
			continue;
		CHECK(say_move(&h, k->intent, "release", agent, INT_NULL) != NULL ||
		      error_is(&h.house.err, E_CLAIM_002) || error_is(&h.house.err, E_INTENT_002));
		return;
	}
}

static void
run(bool distributed)
{
	size_t refused = 0;

	dice = 0x9e3779b97f4a7c15ULL;
	memset(&log_now, 0, sizeof(log_now));
	intent_house_open(&h, distributed);
	for (int step = 0; step < STEPS; step++) {
		const char *agent = arena_printf(&h.house.arena, distributed ? "tester/a%d" : "a%d",
						 (int)below(AGENTS));
		uint64_t what = below(20);
		follow_log();
		if (what < 13)
			claim_something(agent, what < 3, &refused);
		else if (what < 19 && log_now.count > 0)
			give_back(log_now.held[below(log_now.count)].agent);
		else
			intent_sleep(&h, (int64_t)below(8) * MINUTE);
	}
	follow_log();
	struct claim_list *l = say_claims(&h);
	REQUIRE(l != NULL);
	follow_log();
	CHECK_INT(l->total, log_now.count);
	printf("%zu granted, %zu ended, %zu refused ", log_now.grants, log_now.ends, refused);
	CHECK(log_now.grants > 150 && log_now.ends > 100 && refused > 150);
	intent_house_close(&h);
}

static void
p07_of_a_thousand_agents_no_two_ever_hold_the_same(void)
{
	run(false);
}

static void
p07_nor_through_a_coordinator(void)
{
	run(true);
}

static const struct unit_case cases[] = {
	CASE(p07_of_a_thousand_agents_no_two_ever_hold_the_same),
	CASE(p07_nor_through_a_coordinator),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/agents", cases, ARRAY_LEN(cases), argc, argv);
}
