#ifndef CONFITURE_TESTS_UNIT_COORDINATOR_INTENT_HOUSE_H
#define CONFITURE_TESTS_UNIT_COORDINATOR_INTENT_HOUSE_H

#include "tests/unit/coordinator/house.h"

/* Requests about intents, against a coordinator whose clocks a test can move. */
struct intent_house {
	struct scratch scratch;
	struct house house;
};
void intent_house_open(struct intent_house *h, bool distributed);
void intent_house_close(struct intent_house *h);

/* Elapsed time goes on by that much, for the whole process, and the coordinator looks at it. */
void intent_sleep(struct intent_house *h, int64_t ms);
/* The clock on the wall alone jumps. */
void intent_jump(int64_t ms);

/* What a test says of an intent; NULL and 0 are left out. */
struct saying {
	const char *agent, *sql, *environment, *worktree, *feature, *tables, *version, *key;
	bool claim, allow_warnings;
	int64_t wait_ms, ttl_ms;
	struct net_client *from; /* NULL: house.client */
};
/* NULL when it was refused: h->house.err. */
struct intent_registered *say(struct intent_house *h, struct saying s);
struct intent_checked *say_check(struct intent_house *h, struct saying s);
struct intent_registered *say_wait(struct intent_house *h, const char *intent, const char *agent,
				   int64_t wait_ms);
struct intent_shown *say_move(struct intent_house *h, const char *intent, const char *action,
			      const char *agent, int64_t token);
struct intent_shown *say_show(struct intent_house *h, const char *intent);
struct intent_events *say_events(struct intent_house *h, int64_t since);
struct claim_list *say_claims(struct intent_house *h);
/* "registered", "conflicted" … of an intent now. */
const char *say_status(struct intent_house *h, const char *intent);

#endif
