/* The operations of worker/target.h as a client calls them: arguments into a request, results into
 * the caller's arena. Transactions and statements; the rest is in client_own.c. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/memory/client.h"

#include "shared/base/banned.h"

bool
memory_failed(struct memory_session *s, struct error *err)
{
	if (err != NULL && s->cancel_asked && strcmp(err->sqlstate, "57014") == 0) {
		char cause[ERROR_TEXT];

		memcpy(cause, err->cause, sizeof(cause));
		error_set(err, E_JOB_004, "cancelled while a statement ran");
		error_cause(err, "%s", cause);
	}
	return false;
}

bool
memory_ask(struct memory_session *s, struct request *r, struct error *err)
{
	return memory_exchange(s, r, E_SQL_001, err) || memory_failed(s, err);
}

/* ---- the session ---- */

static void
client_close(struct target *t)
{
	struct memory_session *s = memory_session_of(t);
	struct memory_server *server = s->server;

	memory_lock(server);
	s->client_open = false;
	/* A goodbye gets through only where anything does. */
	s->hangup = s->hangup || !s->cut;
	s->cut = true;
	server->rt->ops->cond_wake(server->rt, s->arrived);
	memory_session_put(s);
	memory_unlock(server);
}

static const struct target_info *
client_info(struct target *t)
{
	return &memory_session_of(t)->info;
}

static bool
client_cancel(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	const struct memory_point point = {.operation = MEMORY_cancel,
					   .process = s->process,
					   .database = s->db->name,
					   .backend_pid = s->info.backend_pid};
	enum memory_fate fate = memory_ask_hook(s->server, &point);

	memory_lock(s->server);
	s->cancel_asked = true;
	bool refused = s->server->state != MEMORY_UP;
	memory_unlock(s->server);
	if (fate == MEMORY_CUT || fate == MEMORY_HALF_OPEN || refused)
		return error_set(err, E_TARGET_005, "the request to cancel did not reach %s",
				 s->info.place);
	(void)memory_backend_cancel(s->server, s->info.backend_pid);
	return true;
}

/* ---- transactions ---- */

static bool
client_begin(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	bool ok = memory_ask(s, memory_request(s, MEMORY_begin), err);

	s->begun_transaction = ok ? s->told_transaction : 0;
	s->begun_again = s->begun_again && !ok;
	return ok;
}

static bool
with_name(struct target *t, enum memory_operation operation, const char *name, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, operation);

	r->name = arena_str(&r->arena, name);
	return memory_ask(s, r, err);
}

static bool
client_savepoint(struct target *t, const char *name, struct error *err)
{
	return with_name(t, MEMORY_savepoint, name, err);
}

static bool
client_rollback_to(struct target *t, const char *name, struct error *err)
{
	return with_name(t, MEMORY_rollback_to, name, err);
}

static bool
client_release(struct target *t, const char *name, struct error *err)
{
	return with_name(t, MEMORY_release, name, err);
}

static void
explain_failed_step(const struct target_step *step, struct error *err)
{
	char cause[ERROR_TEXT];

	if (err == NULL || strcmp(err->sqlstate, "23505") != 0)
		return;
	memcpy(cause, err->cause, sizeof(cause));
	error_set(err, E_MIGR_001, "version %s is in the ledger already: another run wrote it",
		  step->version);
	error_cause(err, "%s", cause);
	error_hint(err, "confiture migrate status");
}

static bool
client_step(struct target *t, const struct target_step *step, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	if (!s->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a step without a fence");
	struct request *r = memory_request(s, MEMORY_step);
	struct arena *arena = &r->arena;
	struct target_step *copy = arena_new(arena, struct target_step);

	*copy = *step;
	copy->action = arena_str(arena, step->action);
	copy->version = arena_str(arena, step->version);
	copy->name = arena_str(arena, step->name);
	copy->checksum = arena_str(arena, step->checksum);
	copy->slug_suffix = arena_str(arena, step->slug_suffix);
	copy->applied_at = arena_str(arena, step->applied_at);
	r->step = copy;
	if (memory_ask(s, r, err))
		return true;
	explain_failed_step(step, err);
	return false;
}

static enum commit_result
client_commit(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	bool lost_before = memory_is_lost(s);
	struct request *r = memory_request(s, MEMORY_commit);
	char cause[ERROR_TEXT] = "";

	s->begun_transaction = 0;
	if (memory_exchange(s, r, E_SQL_700, err))
		return COMMIT_DONE;
	if (lost_before || !memory_is_lost(s)) {
		(void)memory_failed(s, err);
		return COMMIT_ROLLED_BACK; /* or it was never sent */
	}
	if (err != NULL)
		memcpy(cause, err->cause, sizeof(cause));
	error_set(err, E_JOB_003, "the connection to %s was lost while COMMIT was on its way",
		  s->info.place);
	error_cause(err, "%s", cause);
	return COMMIT_UNKNOWN;
}

static bool
client_rollback(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	s->begun_transaction = 0;
	return memory_exchange(s, memory_request(s, MEMORY_rollback), E_SQL_001, err);
}

static bool
client_clean(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	return memory_ask(s, memory_request(s, MEMORY_clean), err);
}

/* Known from what the server last said: nothing is sent. */
/* The real make asks the server which transaction it is when that is not certain. As any query in
 * an open transaction this leaves a portal with its snapshot. */
static void
ask_which_transaction(struct memory_session *s)
{
	memory_lock(s->server);
	if (s->begun_again && s->told_state == TRANSACTION_OPEN && s->alive && !s->cut)
		s->snapshot = true;
	memory_unlock(s->server);
}

static bool
client_in_transaction(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	ask_which_transaction(s);
	if (memory_is_lost(s) || s->told_state == TRANSACTION_FAILED ||
	    (s->told_state == TRANSACTION_OPEN && s->told_transaction == s->begun_transaction))
		return true;
	return error_set(err, E_MIGR_107,
			 "a statement ended the transaction that the migration runs in");
}

/* ---- statements ---- */

static bool
may_have_begun_again(const char *tag)
{
	static const char *const tags[] = {"BEGIN", "COMMIT", "ROLLBACK"};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (strcmp(tag, tags[i]) == 0)
			return true;
	}
	return false;
}

static bool
client_run(struct target *t, struct span sql, copy_source copy UNUSED, void *copy_self UNUSED,
	   struct arena *arena, struct run_result *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_run);

	*out = (struct run_result){.tag = ""};
	r->sql = span_of(arena_bytes(&r->arena, sql.ptr, sql.len), sql.len);
	if (!memory_exchange(s, r, E_SQL_700, err)) {
		if (err != NULL && error_is(err, E_SQL_703))
			err->code = error_code(E_MIGR_010);
		return memory_failed(s, err);
	}
	*out = r->result;
	s->begun_again = s->begun_again || may_have_begun_again(r->result.tag);
	out->tag = arena_str(arena, r->result.tag);
	out->value = arena_str(arena, r->result.value);
	out->type = arena_str(arena, r->result.type);
	return true;
}

static size_t
client_notices(struct target *t, struct arena *arena, const char ***out, size_t *dropped)
{
	struct memory_session *s = memory_session_of(t);

	memory_lock(s->server);
	size_t count = s->notice_count;
	*out = arena_array(arena, count + 1, sizeof(**out));
	for (size_t i = 0; i < count; i++)
		(*out)[i] = arena_str(arena, s->notices[i]);
	*dropped = s->notice_dropped;
	s->notice_count = s->notice_dropped = 0;
	arena_reset(&s->notice_arena);
	memory_unlock(s->server);
	return count;
}

const struct target_ops memory_target_ops = {
	.close = client_close,
	.info = client_info,
	.cancel = client_cancel,
	.lock_try = client_lock_try,
	.lock_announce = client_lock_announce,
	.lock_read = client_lock_read,
	.lock_release = client_lock_release,
	.ledger_read = client_ledger_read,
	.ledger_ensure = client_ledger_ensure,
	.fence_read = client_fence_read,
	.fence_evict = client_fence_evict,
	.fence_take = client_fence_take,
	.steps_of = client_steps_of,
	.versions_of = client_versions_of,
	.begin = client_begin,
	.savepoint = client_savepoint,
	.rollback_to = client_rollback_to,
	.release = client_release,
	.step = client_step,
	.commit = client_commit,
	.rollback = client_rollback,
	.clean = client_clean,
	.run = client_run,
	.notices = client_notices,
	.in_transaction = client_in_transaction,
	.marks_read = client_marks_read,
	.mark_write = client_mark_write,
	.mark_clear = client_mark_clear,
	.marks_list = client_marks_list,
	.index_find = client_index_find,
	.index_drop = client_index_drop,
	.reindex_leftovers = client_reindex_leftovers,
	.goal_reached = client_goal_reached,
	.dependents = client_dependents,
	.structure = client_structure,
	.structure_note = client_structure_note,
	.structure_noted = client_structure_noted,
};
