/*
 * The same somebody as an agent who claims what it is going to change: waits its turn, keeps its
 * lease or lets it lapse, gives it back, and tries what it may not. What it was told lies in the
 * plan and survives the process.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/house.h"

#include "shared/base/banned.h"

enum { AGAIN_MS = 700, CALL_MS = 8000, WAIT_ROUND_MS = 2000, WAIT_ROUNDS = 12 };

struct visit {
	struct client_actor *client;
	struct claim_wish *wish;
	struct runtime *rt;
	struct arena arena;
};

static void
rest(struct visit *v, uint64_t ns)
{
	v->rt->ops->sleep_ns(v->rt, ns);
}

/* Until there is an answer that another try would not change. */
static void *
ask(struct visit *v, enum message_kind kind, const void *request, struct error *err)
{
	void *reply;

	for (;;) {
		*err = (struct error){0};
		if (net_call(v->client->client, kind, request, runtime_deadline(v->rt, CALL_MS),
			     &v->arena, &reply, err))
			return reply;
		/* A disk that is not well gets well. */
		if (!err->retryable && !error_is(err, E_JRNL_001) && !error_is(err, E_JRNL_002))
			return NULL;
		rest(v, AGAIN_MS * NS_PER_MS);
	}
}

static struct history *
history_of(const struct visit *v)
{
	return v->client->actor.house->history;
}

static const char *
me(const struct visit *v)
{
	return v->client->actor.name;
}

static void
say(const struct visit *v, const char *what, const struct error *err)
{
	house_say(v->client->actor.house, me(v), "%s %s: %s%s%s", v->wish->key, v->wish->intent,
		  what, err != NULL && err->code != NULL ? " " : "",
		  err != NULL && err->code != NULL ? err->code->name : "");
}

/* ---- what it may not ---- */
static void
pretend(struct visit *v, const struct intent_register *honest)
{
	struct intent_draft draft = *honest->draft;
	struct intent_register m = *honest;
	struct error err;

	draft.agent = "mallory";
	m.draft = &draft;
	m.idempotency_key = NULL;
	if (ask(v, MESSAGE_intent_register, &m, &err) != NULL)
		history_breach(history_of(v), "P18", "%s registered an intent as mallory", me(v));
	else if (!error_is(&err, E_INTENT_003))
		history_breach(history_of(v), "P18", "%s as mallory: %s", me(v), err.code->name);
}

/* Moves what is another's, whichever name it gives itself. */
static void
steal(struct visit *v)
{
	const struct plan *plan = v->client->actor.house->plan;
	struct error err;

	for (size_t c = 0; c < plan->client_count; c++) {
		const struct claim_wish *other = &plan->clients[c].wishes[0];
		if (plan->clients[c].wish_count == 0 || &v->client->plan->wishes[0] == other ||
		    other->intent[0] == '\0')
			continue;
		struct intent_move m = {.intent = other->intent,
					.action = v->wish->table == 0 ? "abandon" : "release",
					.reason = "mine now",
					.token = INT_NULL};
		if (ask(v, MESSAGE_intent_move, &m, &err) != NULL)
			history_breach(history_of(v), "P18", "%s moved intent %s of another", me(v),
				       other->intent);
		return;
	}
}

/* ---- claims ---- */
static bool
move(struct visit *v, const char *action, int64_t token)
{
	struct intent_move m = {.intent = v->wish->intent,
				.action = action,
				.agent = me(v),
				.reason = "as planned",
				.token = token};
	struct error err;
	bool ok = ask(v, MESSAGE_intent_move, &m, &err) != NULL;

	say(v, action, &err);
	if (!ok && error_is(&err, E_INTENT_001))
		history_breach(history_of(v), "P5", "intent %s was acknowledged and is gone",
			       v->wish->intent);
	return ok;
}

static void
told(struct visit *v, const struct intent_registered *r)
{
	snprintf(v->wish->intent, sizeof(v->wish->intent), "%s", r->intent->id);
	v->wish->waiting = r->intent->waiting;
	v->wish->waited |= r->intent->waiting;
	if (r->intent->token == INT_NULL)
		return;
	if (v->wish->token != 0 && v->wish->token != r->intent->token)
		history_breach(history_of(v), "P7", "intent %s: number %lld, and then %lld",
			       v->wish->intent, (long long)v->wish->token,
			       (long long)r->intent->token);
	v->wish->token = r->intent->token;
}

static bool
register_it(struct visit *v)
{
	struct claim_wish *w = v->wish;
	struct intent_draft draft = {.agent = me(v),
				     .feature_name = "wish",
				     .risk_level = "low",
				     .estimated_duration_ms = INT_NULL,
				     .metadata = "{}"};
	struct intent_register m = {.draft = &draft,
				    .claim = true,
				    .wait_ms = w->waits ? WAIT_ROUND_MS * WAIT_ROUNDS : 0,
				    .ttl_ms = w->ttl_ms,
				    .idempotency_key = w->key};
	const char *sql = claim_wish_sql(w);
	struct error err;

	draft.schema_changes.items = &sql;
	draft.schema_changes.count = 1;
	if (w->pretends)
		pretend(v, &m);
	const struct intent_registered *r = ask(v, MESSAGE_intent_register, &m, &err);
	say(v, sql, &err);
	if (r != NULL)
		told(v, r);
	else if (!error_is(&err, E_CLAIM_001) && !error_is(&err, E_CLAIM_004))
		history_breach(history_of(v), "P2", "%s is refused: %s: %s", w->key, err.code->name,
			       err.message);
	return r != NULL;
}

/* In the queue, first come first served, as long as it has patience. */
static bool
wait_for_it(struct visit *v)
{
	struct claim_wait m = {.intent = v->wish->intent, .agent = me(v), .wait_ms = WAIT_ROUND_MS};
	struct error err;

	for (int i = 0; v->wish->waiting && i < WAIT_ROUNDS; i++) {
		const struct intent_registered *r = ask(v, MESSAGE_claim_wait, &m, &err);
		say(v, "waits", &err);
		if (r == NULL)
			return false; /* its place in the queue has lapsed */
		told(v, r);
	}
	if (v->wish->waiting)
		(void)move(v, "abandon", INT_NULL);
	return !v->wish->waiting;
}

/* An acknowledged end takes the number with it. */
static void
try_again(struct visit *v)
{
	if (move(v, "renew", v->wish->token))
		history_breach(history_of(v), "P7",
			       "intent %s was renewed with a number it gave back", v->wish->intent);
}

static void
hold(struct visit *v)
{
	struct claim_wish *w = v->wish;

	for (unsigned i = 0; i < w->renewals; i++) {
		rest(v, w->hold_ns);
		if (!move(v, "renew", w->token))
			return; /* too late */
	}
	rest(v, w->hold_ns);
	switch (w->end) {
	case WISH_RELEASES:
		if (move(v, "release", w->token))
			try_again(v);
		break;
	case WISH_COMPLETES:
		if (move(v, "start", w->token) && move(v, "complete", w->token))
			(void)move(v, "release", w->token);
		break;
	case WISH_ABANDONS:
		if (move(v, "abandon", w->token))
			try_again(v);
		break;
	case WISH_FORGETS:
		break;
	}
}

static void
fulfil(struct visit *v)
{
	rest(v, v->wish->pause_ns);
	if ((v->wish->intent[0] != '\0' || register_it(v)) && wait_for_it(v) && v->wish->token != 0)
		hold(v);
	if (v->wish->steals)
		steal(v);
	v->wish->over = true;
}

static void
run(void *arg)
{
	struct client_actor *c = arg;
	struct visit v = {.client = c, .rt = &c->actor.process->rt};

	for (size_t i = 0; i < c->plan->wish_count; i++) {
		v.wish = &c->plan->wishes[i];
		if (v.wish->over)
			continue;
		arena_init(&v.arena);
		fulfil(&v);
		arena_fini(&v.arena);
	}
	c->wishes_over = true;
}

void
agent_start(struct client_actor *c)
{
	if (c->plan->wish_count == 0)
		c->wishes_over = true;
	else
		fiber_start(&c->actor.process->group, "agent", run, c);
}
