/*
 * The client's end of a connection: a request goes out, an answer comes back, or does not. What the
 * server said becomes a struct error here, by the same rules as in shared/pg/errors.c.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

static const struct {
	const char *state;
	enum error_id id;
	bool retryable;
} states[] = {
	{"57P01", E_TARGET_005, true},	{"57P02", E_TARGET_005, true},
	{"57P03", E_CONFIG_006, true},	{"3D000", E_CONFIG_006, false},
	{"53300", E_POOL_1200, true},	{"53100", E_TARGET_004, false},
	{"42501", E_TARGET_003, false}, {"40P01", E_SQL_702, true},
	{"55P03", E_SQL_703, true},
};

bool
memory_refused(const struct refusal *why, enum error_id fallback, const char *message,
	       struct error *err)
{
	enum error_id id = fallback;
	bool retryable = false;

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (strcmp(states[i].state, why->state) == 0) {
			id = states[i].id;
			retryable = states[i].retryable;
		}
	}
	error_set(err, id, "%s", message);
	error_cause(err, "%s", why->words);
	if (err == NULL)
		return false;
	err->retryable = retryable;
	err->at.column = why->position;
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", why->state);
	return false;
}

bool
memory_is_lost(struct memory_session *s)
{
	memory_lock(s->server);
	bool lost = s->cut;
	memory_unlock(s->server);
	return lost;
}

bool
memory_lost(struct memory_session *s, struct error *err)
{
	memory_lock(s->server);
	s->cut = true;
	const struct refusal why = s->farewell;
	memory_unlock(s->server);
	error_set(err, E_TARGET_005, "the connection to %s was lost", s->info.place);
	error_cause(err, "%s",
		    why.state[0] != '\0' ? why.words : "server closed the connection unexpectedly");
	if (err == NULL)
		return false;
	err->retryable = true;
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", why.state);
	return false;
}

struct request *
memory_request(struct memory_session *s, enum memory_operation operation)
{
	struct request *r = &s->requests[0];

	memory_lock(s->server);
	if (r->sent && !r->done) /* left behind: the backend may still be at it */
		r = &s->requests[1];
	memory_unlock(s->server);
	struct arena arena = r->arena;
	arena_reset(&arena);
	*r = (struct request){.operation = operation, .arena = arena};
	return r;
}

enum memory_fate
memory_ask_hook(struct memory_server *server, const struct memory_point *point)
{
	memory_lock(server);
	const struct memory_hooks hooks = server->hooks;
	memory_unlock(server);
	return hooks.client == NULL ? MEMORY_GO_ON : hooks.client(hooks.self, point);
}

static enum memory_fate
ask_hook(struct memory_session *s, const struct request *r, bool after)
{
	const struct memory_point point = {.operation = r->operation,
					   .after = after,
					   .process = s->process,
					   .database = s->db->name,
					   .backend_pid = s->info.backend_pid};

	return s->operator_ ? MEMORY_GO_ON : memory_ask_hook(s->server, &point);
}

/* The mutex is held. */
static void
cut(struct memory_session *s, enum memory_fate fate)
{
	if (fate == MEMORY_GO_ON)
		return;
	s->cut = true;
	if (fate == MEMORY_CUT || fate == MEMORY_CUT_SENT)
		s->hangup = true;
	s->server->rt->ops->cond_wake(s->server->rt, s->arrived);
}

static void
send_request(struct memory_session *s, struct request *r)
{
	s->request = r;
	r->sent = true;
	s->busy = true;
	s->server->rt->ops->cond_wake(s->server->rt, s->arrived);
}

/* Until there is an answer; false when none will come. */
static bool
await_answer(struct memory_session *s, const struct request *r)
{
	struct runtime *rt = s->server->rt;

	while (!r->done && s->alive && !s->cut)
		rt->ops->cond_wait(rt, s->answered, s->server->lock, RUNTIME_FOREVER);
	return r->done && !s->cut;
}

static bool
round_trip(struct memory_session *s, struct request *r)
{
	enum memory_fate fate = memory_is_lost(s) ? MEMORY_GO_ON : ask_hook(s, r, false);
	bool answered = false;

	memory_lock(s->server);
	if (fate == MEMORY_CUT || fate == MEMORY_HALF_OPEN)
		cut(s, fate);
	if (!s->cut && s->alive) {
		send_request(s, r);
		cut(s, fate);
		answered = await_answer(s, r);
	}
	memory_unlock(s->server);
	if (!answered)
		return false;
	fate = ask_hook(s, r, true);
	memory_lock(s->server);
	cut(s, fate);
	answered = !s->cut;
	memory_unlock(s->server);
	return answered;
}

bool
memory_exchange(struct memory_session *s, struct request *r, enum error_id fallback,
		struct error *err)
{
	if (!round_trip(s, r))
		return memory_lost(s, err);
	if (r->ok)
		return true;
	if (r->has_told)
		return error_set(err, r->told, "%s", r->refusal.words);
	return memory_refused(&r->refusal, fallback, "the server refused a statement", err);
}
