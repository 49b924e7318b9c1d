/* A coordinator that reads SQL, with clocks that a test can move, and what agents ask most. */
#include "tests/unit/coordinator/intent_house.h"

#include <stdatomic.h>
#include <string.h>

#include "shared/base/banned.h"

/* ---- clocks ---- */
static _Atomic uint64_t slept_ns;
static _Atomic int64_t jumped_us;
static struct runtime_ops ops;
static struct runtime runtime;

static uint64_t
boot_ns(struct runtime *rt)
{
	(void)rt;
	return runtime_boot_ns(runtime_system()) + atomic_load(&slept_ns);
}

static int64_t
wall_us(struct runtime *rt)
{
	(void)rt;
	struct runtime *real = runtime_system();
	return real->ops->wall_us(real) + atomic_load(&jumped_us) +
	       (int64_t)(atomic_load(&slept_ns) / 1000);
}

static bool
cond_wait(struct runtime *rt, struct cond *c, struct mutex *m, uint64_t deadline_ns)
{
	struct runtime *real = runtime_system();
	uint64_t slept = atomic_load(&slept_ns);

	(void)rt;
	if (deadline_ns != RUNTIME_FOREVER)
		deadline_ns = deadline_ns > slept ? deadline_ns - slept : 0;
	return real->ops->cond_wait(real, c, m, deadline_ns);
}

static struct runtime *
moved_runtime(void)
{
	ops = *runtime_system()->ops;
	ops.boot_ns = boot_ns;
	ops.wall_us = wall_us;
	ops.cond_wait = cond_wait;
	runtime = *runtime_system();
	runtime.ops = &ops;
	return &runtime;
}

void
intent_sleep(struct intent_house *h, int64_t ms)
{
	struct audit_verify m = {.full = false};

	atomic_fetch_add(&slept_ns, (uint64_t)ms * NS_PER_MS);
	/* An answered request is a round of the loop that saw the clock. */
	REQUIRE(house_ask(&h->house, h->house.client, MESSAGE_audit_verify, &m) != NULL);
}

void
intent_jump(int64_t ms)
{
	atomic_fetch_add(&jumped_us, ms * 1000);
}

/* ---- the house ---- */
void
intent_house_open(struct intent_house *h, bool distributed)
{
	scratch_open(&h->scratch);
	house_open(&h->house, &(struct house_plan){.journal = h->scratch.journal,
						   .distributed = distributed,
						   .rt = moved_runtime(),
						   .parser = sql_parser_here(),
						   .intents_per_agent = 50});
}

void
intent_house_close(struct intent_house *h)
{
	house_close(&h->house);
	scratch_close(&h->scratch);
}

/* ---- requests ---- */
static struct intent_draft
draft_of(struct intent_house *h, const struct saying *s)
{
	struct arena *a = &h->house.arena;
	struct intent_draft d = {.agent = s->agent,
				 .feature_name = s->feature != NULL ? s->feature : "work",
				 .risk_level = "low",
				 .estimated_duration_ms = INT_NULL,
				 .metadata = "{}",
				 .environment = s->environment,
				 .worktree = s->worktree};
	const char **texts = arena_array(a, 3, sizeof(*texts));

	texts[0] = s->sql;
	texts[1] = s->tables;
	texts[2] = s->version;
	d.schema_changes.items = &texts[0];
	d.schema_changes.count = s->sql != NULL;
	d.tables_affected.items = &texts[1];
	d.tables_affected.count = s->tables != NULL;
	d.versions.items = &texts[2];
	d.versions.count = s->version != NULL;
	return d;
}

struct intent_registered *
say(struct intent_house *h, struct saying s)
{
	struct intent_draft d = draft_of(h, &s);
	struct intent_register m = {.draft = &d,
				    .claim = s.claim,
				    .allow_warnings = s.allow_warnings,
				    .wait_ms = s.wait_ms,
				    .ttl_ms = s.ttl_ms,
				    .idempotency_key = s.key};

	return house_ask(&h->house, s.from != NULL ? s.from : h->house.client,
			 MESSAGE_intent_register, &m);
}

struct intent_checked *
say_check(struct intent_house *h, struct saying s)
{
	struct intent_draft d = draft_of(h, &s);
	struct intent_check m = {.draft = &d};

	return house_ask(&h->house, h->house.client, MESSAGE_intent_check, &m);
}

struct intent_registered *
say_wait(struct intent_house *h, const char *intent, const char *agent, int64_t wait_ms)
{
	struct claim_wait m = {.intent = intent, .agent = agent, .wait_ms = wait_ms};

	return house_ask(&h->house, h->house.client, MESSAGE_claim_wait, &m);
}

struct intent_shown *
say_move(struct intent_house *h, const char *intent, const char *action, const char *agent,
	 int64_t token)
{
	struct intent_move m = {.intent = intent, .action = action, .agent = agent, .token = token};

	return house_ask(&h->house, h->house.client, MESSAGE_intent_move, &m);
}

struct intent_shown *
say_show(struct intent_house *h, const char *intent)
{
	struct intent_show m = {.intent = intent, .agent = "onlooker"};

	return house_ask(&h->house, h->house.client, MESSAGE_intent_show, &m);
}

struct intent_events *
say_events(struct intent_house *h, int64_t since)
{
	struct intent_watch m = {.since = since};

	return house_ask(&h->house, h->house.client, MESSAGE_intent_watch, &m);
}

struct claim_list *
say_claims(struct intent_house *h)
{
	struct claim_list_request m = {.object = NULL};

	return house_ask(&h->house, h->house.client, MESSAGE_claim_list_request, &m);
}

const char *
say_status(struct intent_house *h, const char *intent)
{
	struct intent_shown *shown = say_show(h, intent);

	return shown != NULL ? shown->intent->status : "(none)";
}
