/*
 * Files with statements that PostgreSQL refuses inside a transaction: statement by statement, with
 * marks in the target that say how far the file came, so that a run that was cut is continued and
 * no effect happens twice. A statement that can run in a transaction gets one of its own with its
 * mark; the others are marked STARTED before and DONE after, and how a STARTED one is settled is in
 * settling.c.
 */
#include <string.h>

#include "shared/base/faults.h"
#include "shared/digest/digest.h"
#include "worker/execution.h"
#include "worker/settling.h"

#include "shared/base/banned.h"

static struct statement_mark
mark_of(struct outside *o, const struct body_statement *st, enum mark_state state)
{
	return (struct statement_mark){
		.version = o->x->req->migration->version,
		.direction = o->x->req->direction,
		.statement = st->piece.number,
		.sha256 = o->sha256,
		.state = state,
		.job = o->x->run->job,
	};
}

bool
outside_mark(struct outside *o, const struct body_statement *st, enum mark_state state,
	     struct error *err)
{
	struct statement_mark mark = mark_of(o, st, state);

	return o->x->target->ops->mark_write(o->x->target, &mark, err) ||
	       execution_failed_at(o->x, st, err);
}

/* The lock is this run's only fence while a statement runs outside a transaction. */
bool
outside_locked(struct outside *o, const struct body_statement *st, struct error *err)
{
	struct execution *x = o->x;
	struct lock_state state = {0};

	if (!x->target->ops->lock_read(x->target, &x->scratch, &state, err))
		return execution_failed_at(x, st, err);
	if (state.held_by_us)
		return true;
	error_set(err, E_LOCK_1301, "this session no longer holds the migration lock");
	return execution_failed_at(x, st, err);
}

static bool
in_own_transaction(struct outside *o, const struct body_statement *st, struct error *err)
{
	struct execution *x = o->x;
	struct target *t = x->target;
	struct statement_mark mark = mark_of(o, st, MARK_DONE);
	bool lost = false;

	if (!t->ops->begin(t, err))
		return execution_failed_at(x, st, err);
	if (!execution_statement(x, st, false, err))
		goto undo;
	if (!t->ops->in_transaction(t, err) || !t->ops->mark_write(t, &mark, err)) {
		execution_failed_at(x, st, err);
		goto undo;
	}
	if (!execution_commit(x, &mark, &lost, err))
		goto undo;
	if (!lost)
		return true;
	error_set(err, E_TARGET_005,
		  "the connection was lost after statement %u took effect; the next run goes on "
		  "after it",
		  st->piece.number);
	err->retryable = true;
	return execution_failed_at(x, st, err);
undo:
	execution_undo(x);
	return false;
}

/* Settings live in the session, not in the database: a continued run needs them again. */
static bool
sets_session(const struct body_statement *st)
{
	return strcmp(st->facts.tag, "SET") == 0 || strcmp(st->facts.tag, "RESET") == 0;
}

static bool
skip(struct execution *x, const struct body_statement *st, struct error *err)
{
	struct span data;

	if (!st->piece.copy_data)
		return true;
	do {
		if (!body_copy(x->body, &data, err))
			return execution_failed(x, "reading the file", err);
	} while (data.len > 0);
	return true;
}

static const struct statement_mark *
mark_find(const struct outside *o, uint32_t statement)
{
	for (size_t i = 0; i < o->mark_count; i++) {
		if (o->marks[i].statement == statement)
			return &o->marks[i];
	}
	return NULL;
}

static bool
changed(struct outside *o, const struct body_statement *st, struct error *err)
{
	error_set(err, E_MIGR_116,
		  "statement %u was %s by an earlier run and reads differently now",
		  st->piece.number, o->mark->state == MARK_DONE ? "done" : "begun");
	error_detail(err, "expected", "%s", o->mark->sha256);
	error_detail(err, "actual", "%s", o->sha256);
	error_at(err, o->x->req->file, st->piece.line, st->piece.column);
	err->at.statement = st->piece.number;
	return execution_failed_at(o->x, st, err);
}

/* A begun statement may be mended when its new form does no harm over the old one's traces. */
static bool
may_differ(const struct body_statement *st, const struct statement_mark *mark)
{
	return mark->state == MARK_STARTED && (st->facts.settle == SQL_SETTLE_AGAIN ||
					       (st->facts.settle == SQL_SETTLE_CATALOGUE &&
						st->facts.goal.kind == SQL_GOAL_INDEX_CREATED));
}

static bool
run_one(struct outside *o, const struct body_statement *st, struct error *err)
{
	struct execution *x = o->x;

	if (sets_session(st))
		return execution_statement(x, st, false, err);
	sha256_of(st->piece.text, o->sha256);
	o->mark = mark_find(o, st->piece.number);
	if (o->mark != NULL && strcmp(o->mark->sha256, o->sha256) != 0) {
		if (!may_differ(st, o->mark))
			return changed(o, st, err);
		o->mark = NULL;
	}
	if (o->mark != NULL && o->mark->state == MARK_DONE)
		return skip(x, st, err);
	if (!job_go_on(x->run, err))
		return execution_failed_at(x, st, err);
	if (st->facts.settle == SQL_SETTLE_TRANSACTION)
		return in_own_transaction(o, st, err);
	return settling_run(o, st, err);
}

static bool
shortened(struct outside *o, uint32_t statements, struct error *err)
{
	for (size_t i = 0; i < o->mark_count; i++) {
		if (o->marks[i].statement <= statements)
			continue;
		error_set(err, E_MIGR_116,
			  "statement %u was done by an earlier run and is no longer in the file",
			  o->marks[i].statement);
		return execution_failed(o->x, "end of the file", err);
	}
	return true;
}

static bool
run_all(struct outside *o, struct error *err)
{
	struct execution *x = o->x;
	struct body_statement st;
	uint32_t last = 0;
	bool end = false;

	for (;;) {
		if (!body_next(x->body, &st, &end, err))
			return execution_failed(x, "reading the file", err);
		if (end)
			return shortened(o, last, err);
		last = st.piece.number;
		if (!run_one(o, &st, err))
			return false;
		arena_reset(&x->scratch);
	}
}

/* The ledger row and the end of the marks, in one transaction. */
static bool
close_file(struct outside *o, struct error *err)
{
	struct execution *x = o->x;
	struct target *t = x->target;

	if (!t->ops->begin(t, err))
		return execution_failed(x, "BEGIN", err);
	return execution_close(x, err);
}

/* The make would take the time since its last BEGIN, which here holds nothing but the row. */
static bool
close_timed(struct outside *o, uint64_t start_ns, struct error *err)
{
	struct execution *x = o->x;
	const struct execute_request *req = x->req;
	struct execute_request timed = *req;

	timed.step.execution_time_ms =
		(int64_t)((runtime_boot_ns(x->run->rt) - start_ns) / NS_PER_MS);
	x->req = &timed;
	bool ok = close_file(o, err);
	x->req = req;
	return ok;
}

bool
outside_run(struct execution *x, struct error *err)
{
	struct outside o = {.x = x};
	uint64_t start = runtime_boot_ns(x->run->rt);
	const struct target_ops *ops = x->target->ops;
	struct arena marks;

	if (x->run->options->no_lock) {
		error_set(err, E_MIGR_115,
			  "%s has statements that cannot run in a transaction, and --no-lock was "
			  "given",
			  x->req->file);
		return execution_failed(x, "checking the file", err);
	}
	arena_init(&marks);
	bool ok = ops->marks_read(x->target, &marks, x->req->migration->version, x->req->direction,
				  &o.marks, &o.mark_count, err) ||
		  execution_failed(x, "reading the marks", err);
	if (FAULT(mark_not_looked_at))
		o.mark_count = 0;
	ok = ok && run_all(&o, err);
	if (ok)
		ok = close_timed(&o, start, err);
	else
		execution_undo(x);
	arena_fini(&marks);
	return ok;
}
