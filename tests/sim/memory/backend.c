/* A backend does one request after another: transaction control here, the rest by the table. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/memory/internal.h"
#include "tests/sim/memory/operations.h"

#include "shared/base/banned.h"

/* ---- what it says ---- */

static void
fill(struct refusal *out, uint32_t position, const char *state, const char *fmt, va_list ap)
{
	snprintf(out->state, sizeof(out->state), "%s", state);
	vsnprintf(out->words, sizeof(out->words), fmt, ap);
	out->position = position;
}

bool
refuse(struct memory_session *s, const char *state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(&s->request->refusal, 0, state, fmt, ap);
	va_end(ap);
	return false;
}

bool
refuse_at(struct memory_session *s, uint32_t position, const char *state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(&s->request->refusal, position, state, fmt, ap);
	va_end(ap);
	return false;
}

bool
refuse_aborted(struct memory_session *s)
{
	return refuse(s, "25P02",
		      "current transaction is aborted, commands ignored until end of transaction "
		      "block");
}

bool
refuse_told(struct memory_session *s, enum error_id id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(&s->request->refusal, 0, "", fmt, ap);
	va_end(ap);
	s->request->has_told = true;
	s->request->told = id;
	return false;
}

void
session_notice(struct memory_session *s, const char *fmt, ...)
{
	va_list ap;

	if (s->notice_count == MEMORY_NOTICES) {
		s->notice_dropped++;
		return;
	}
	va_start(ap, fmt);
	s->notices[s->notice_count++] = arena_vprintf(&s->notice_arena, fmt, ap);
	va_end(ap);
}

bool
session_go_on(struct memory_session *s)
{
	if (s->alive && s->terminate)
		memory_session_end(s, "57P01",
				   "terminating connection due to administrator command");
	if (!s->alive)
		return false;
	if (s->cancel) {
		s->cancel = false;
		return refuse(s, "57014", "canceling statement due to user request");
	}
	if (runtime_boot_ns(s->server->rt) >= s->statement_deadline_ns)
		return refuse(s, "57014", "canceling statement due to statement timeout");
	return true;
}

/* The hook runs without the mutex: it may wait, end this very session, or all of them. */
static bool
call_hook(struct memory_session *s, bool after, const char *phase)
{
	const struct memory_hooks hooks = s->server->hooks;
	const struct memory_point point = {.operation = s->request->operation,
					   .after = after,
					   .process = s->process,
					   .database = s->db->name,
					   .backend_pid = s->info.backend_pid,
					   .phase = phase};

	if (hooks.server == NULL || s->operator_)
		return s->alive;
	memory_unlock(s->server);
	hooks.server(hooks.self, &point);
	memory_lock(s->server);
	return s->alive;
}

bool
session_phase(struct memory_session *s, const char *phase)
{
	return call_hook(s, false, phase) && session_go_on(s);
}

/* ---- transactions ---- */

bool
fence_is_ours(struct memory_session *s, bool *ours)
{
	struct record *fence = record_of(s->db, RECORD_FENCE, "", s->ledger);
	const struct fence_row *row = record_see(s, fence);

	*ours = row != NULL && row->token == s->token;
	if (!*ours)
		return true;
	if (!lock_take(s, fence, LOCK_SHARE, s->transaction.savepoint_count))
		return false;
	row = record_see(s, fence);
	*ours = row->token == s->token;
	return true;
}

static bool
check_fence(struct memory_session *s)
{
	bool ours;

	if (!fence_is_ours(s, &ours))
		return false;
	return ours || refuse_told(s, E_LOCK_1302, "another run has taken over %s", s->info.place);
}

static bool
do_begin(struct memory_session *s, struct request *r)
{
	(void)r;
	if (s->transaction.state == TRANSACTION_FAILED) {
		transaction_finish(s, false);
		return refuse_aborted(s);
	}
	if (s->transaction.state == TRANSACTION_IDLE)
		transaction_start(s);
	if (s->claim.job == NULL || check_fence(s))
		return true;
	if (s->alive)
		transaction_finish(s, false);
	return false;
}

static bool
do_savepoint(struct memory_session *s, struct request *r)
{
	return savepoint_set(s, r->name);
}

static bool
do_rollback_to(struct memory_session *s, struct request *r)
{
	return savepoint_back(s, r->name);
}

static bool
do_release(struct memory_session *s, struct request *r)
{
	return savepoint_release(s, r->name);
}

static bool
do_commit(struct memory_session *s, struct request *r)
{
	bool good = s->transaction.state != TRANSACTION_FAILED;

	if (s->transaction.state != TRANSACTION_IDLE)
		transaction_finish(s, good);
	else
		session_notice(s, "WARNING: there is no transaction in progress");
	r->commit = good ? COMMIT_DONE : COMMIT_ROLLED_BACK;
	if (good)
		return true;
	return refuse_told(s, E_SQL_700, "the transaction had failed and was rolled back");
}

static bool
do_rollback(struct memory_session *s, struct request *r)
{
	(void)r;
	if (s->transaction.state != TRANSACTION_IDLE)
		transaction_finish(s, false);
	return true;
}

static bool
do_clean(struct memory_session *s, struct request *r)
{
	(void)r;
	if (s->transaction.state == TRANSACTION_FAILED)
		return refuse_aborted(s);
	s->lock_timeout_ms = s->lock_timeout_session = s->lock_timeout_before = 0;
	return true;
}

static bool
do_run(struct memory_session *s, struct request *r)
{
	(void)r;
	bool ok = sql_run(s);
	if (s->alive)
		lock_drop_statement(s);
	s->building = NULL;
	return ok;
}

/* ---- the table ---- */

static const struct {
	backend_fn fn;
	bool around; /* in the open transaction, else in one of its own */
} operations[MEMORY_OPERATION_COUNT] = {
	[MEMORY_begin] = {do_begin, false},
	[MEMORY_savepoint] = {do_savepoint, false},
	[MEMORY_rollback_to] = {do_rollback_to, false},
	[MEMORY_release] = {do_release, false},
	[MEMORY_commit] = {do_commit, false},
	[MEMORY_rollback] = {do_rollback, false},
	[MEMORY_clean] = {do_clean, false},
	[MEMORY_run] = {do_run, false},
	[MEMORY_index_drop] = {operation_index_drop, false},
	[MEMORY_lock_try] = {operation_lock_try, true},
	[MEMORY_lock_announce] = {operation_lock_announce, true},
	[MEMORY_lock_read] = {operation_lock_read, true},
	[MEMORY_lock_release] = {operation_lock_release, false},
	[MEMORY_ledger_read] = {operation_ledger_read, true},
	[MEMORY_ledger_ensure] = {operation_ledger_ensure, true},
	[MEMORY_fence_read] = {operation_fence_read, true},
	[MEMORY_fence_evict] = {operation_fence_evict, true},
	[MEMORY_fence_take] = {operation_fence_take, true},
	[MEMORY_steps_of] = {operation_steps_of, true},
	[MEMORY_versions_of] = {operation_versions_of, true},
	[MEMORY_step] = {operation_step, true},
	[MEMORY_marks_read] = {operation_marks_read, true},
	[MEMORY_mark_write] = {operation_mark_write, true},
	[MEMORY_mark_clear] = {operation_mark_clear, true},
	[MEMORY_marks_list] = {operation_marks_list, true},
	[MEMORY_index_find] = {operation_index_find, true},
	[MEMORY_reindex_leftovers] = {operation_reindex_leftovers, true},
	[MEMORY_goal_reached] = {operation_goal_reached, true},
	[MEMORY_dependents] = {operation_dependents, true},
	[MEMORY_structure] = {operation_structure, true},
	[MEMORY_structure_note] = {operation_structure_note, true},
	[MEMORY_structure_noted] = {operation_structure_noted, true},
};

static bool
run_operation(struct memory_session *s, void *arg)
{
	struct request *r = arg;

	return operations[r->operation].fn(s, r);
}

/*
 * In an open transaction the last query's portal stays until the next statement, and its snapshot
 * with it: concurrent index builds wait for that. Statements without rows, and those sent as a
 * script, leave none.
 */
static bool
keeps_snapshot(const struct memory_session *s, const struct request *r)
{
	static const enum memory_operation none[] = {
		MEMORY_savepoint, MEMORY_rollback_to, MEMORY_release,
		MEMORY_clean,	  MEMORY_mark_clear,  MEMORY_structure,
	};

	if (!s->alive || s->transaction.state != TRANSACTION_OPEN)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		if (r->operation == none[i])
			return false;
	}
	return r->operation != MEMORY_run || strcmp(r->result.tag, "SELECT") == 0;
}

void
backend_perform(struct memory_session *s)
{
	struct runtime *rt = s->server->rt;
	struct request *r = s->request;
	bool ok = false;

	if (call_hook(s, false, NULL) && session_go_on(s)) {
		s->snapshot = true;
		ok = operations[r->operation].around ? transaction_around(s, run_operation, r)
						     : run_operation(s, r);
		s->snapshot = keeps_snapshot(s, r);
	}
	if (!s->alive || !call_hook(s, true, NULL))
		return;
	r->ok = ok && !r->has_told;
	r->done = true;
	s->busy = s->cancel = false;
	s->told_state = s->transaction.state;
	s->told_transaction = s->transaction.number;
	s->idle_since_ns = runtime_boot_ns(rt);
	rt->ops->cond_wake(rt, s->answered);
}
