/*
 * Runs one migration file: in one transaction of ours together with its step and its ledger row,
 * statement by statement so that an error has a line. Files that cannot run so are in outside.c.
 */
#include "shared/base/faults.h"
#include "worker/execution.h"
#include "worker/outcome.h"

#include "shared/base/banned.h"

void
execution_undo(struct execution *x)
{
	struct target *t = x->target;
	struct error ignored;

	/* When the connection is gone the server undoes by itself, and every operation says so. */
	job_shield(x->run, true);
	if (t->ops->rollback(t, &ignored))
		(void)!t->ops->clean(t, &ignored);
	job_shield(x->run, false);
}

static bool
lost_at_commit(struct execution *x, const struct statement_mark *mark, bool *lost,
	       struct error *err)
{
	struct error connection = *err;
	bool committed = false;

	if (!outcome_ask(x->run, x->req->step.number, mark, &committed, err))
		return execution_failed(x, "COMMIT", err);
	if (committed) {
		*lost = true;
		job_warn(
			x->run,
			"the connection was lost at COMMIT; the database says that it took effect");
		return true;
	}
	error_set(err, E_TARGET_005,
		  "the connection was lost at COMMIT; the database says that nothing of it took "
		  "effect");
	error_cause(err, "%s", connection.cause);
	err->retryable = true;
	return execution_failed(x, "COMMIT", err);
}

bool
execution_commit(struct execution *x, const struct statement_mark *mark, bool *lost,
		 struct error *err)
{
	*lost = false;
	switch (x->target->ops->commit(x->target, err)) {
	case COMMIT_DONE:
		return true;
	case COMMIT_ROLLED_BACK:
		return execution_failed(x, "COMMIT", err);
	case COMMIT_UNKNOWN:
		break;
	}
	if (FAULT(unknown_commit_failed))
		return execution_failed(x, "COMMIT", err);
	if (FAULT(unknown_commit_done))
		return true;
	return lost_at_commit(x, mark, lost, err);
}

bool
execution_close(struct execution *x, struct error *err)
{
	struct target *t = x->target;
	struct error why = {0};

	if (FAULT(step_after_commit) &&
	    (t->ops->commit(t, err) != COMMIT_DONE || !t->ops->begin(t, err)))
		return execution_failed(x, "COMMIT", err);
	if (!t->ops->step(t, &x->req->step, err)) {
		execution_failed(x, "writing the ledger", err);
		execution_undo(x);
		return false;
	}
	if (!execution_commit(x, NULL, &x->out->session_lost, err)) {
		execution_undo(x);
		return false;
	}
	x->out->committed = true;
	if (x->out->session_lost || t->ops->clean(t, &why))
		return true;
	x->out->session_lost = error_is(&why, E_TARGET_005);
	if (x->out->session_lost)
		return true;
	*err = why;
	return execution_failed(x, "restoring the session", err);
}

static bool
run_statements(struct execution *x, struct error *err)
{
	struct body_statement st;
	bool end = false;

	for (;;) {
		if (!body_next(x->body, &st, &end, err))
			return execution_failed(x, "reading the file", err);
		if (end)
			return true;
		if (!execution_statement(x, &st, false, err))
			return false;
	}
}

/* What only a look at the session can tell: a body may have ended our transaction by a trick that
 * no parser sees. */
static bool
still_ours(struct execution *x, struct error *err)
{
	return x->target->ops->in_transaction(x->target, err) ||
	       execution_failed(x, "after its last statement", err);
}

static bool
run_in_transaction(struct execution *x, struct error *err)
{
	struct target *t = x->target;

	if (!t->ops->begin(t, err))
		return execution_failed(x, "BEGIN", err);
	if (!run_statements(x, err) || !still_ours(x, err) || !job_go_on(x->run, err)) {
		execution_undo(x);
		return false;
	}
	return execution_close(x, err);
}

static bool
rehearse(struct execution *x, struct error *err)
{
	return run_statements(x, err) && still_ours(x, err);
}

static bool
run_body(struct execution *x, struct error *err)
{
	struct job_run *r = x->run;
	bool ok;

	x->body = body_open(r->bundles, x->req->file, &x->plan, err);
	if (x->body == NULL)
		return execution_failed(x, "opening the file", err);
	if (!x->plan.transactional && x->req->mode == EXECUTE_REHEARSAL)
		ok = error_set(err, E_MIGR_115,
			       "%s runs outside transactions: it cannot be rehearsed",
			       x->req->file);
	else if (!x->plan.transactional)
		ok = outside_run(x, err);
	else if (x->req->mode == EXECUTE_REHEARSAL)
		ok = rehearse(x, err);
	else
		ok = run_in_transaction(x, err);
	body_close(x->body);
	return ok;
}

static bool
plan_body(struct execution *x, struct error *err)
{
	const struct migration *m = x->req->migration;
	bool up = x->req->file == m->file;

	if (x->req->plan != NULL) {
		x->plan = *x->req->plan;
		return true;
	}
	return body_check(x->run->bundles, x->req->file, up ? m->sha256 : NULL, NULL, NULL,
			  &x->plan, err) ||
	       execution_failed(x, "checking the file", err);
}

static void
emit_bounds(struct execution *x, const char *kind, int64_t done, const struct error *err)
{
	struct job_event event = execution_event(x, kind);

	if (x->req->step.planned > 0) {
		event.total = x->req->step.planned;
		event.done = done;
	}
	if (err != NULL) {
		event.code = err->code->name;
		event.message = err->message;
		event.line = err->at.line != 0 ? (int64_t)err->at.line : INT_NULL;
	} else if (x->out->duration_ms != INT_NULL) {
		event.duration_ms = x->out->duration_ms;
		event.rows = x->out->rows;
	}
	job_emit(x->run, &event);
	x->said_ms = runtime_boot_ms(x->run->rt);
}

bool
job_execute(struct job_run *r, struct target *t, const struct execute_request *req,
	    struct execute_result *out, struct error *err)
{
	struct execution x = {.run = r, .target = t, .req = req, .out = out};
	uint64_t start = runtime_boot_ns(r->rt);
	int64_t before = req->step.number > 0 ? (int64_t)req->step.number - 1 : 0;

	*out = (struct execute_result){.duration_ms = INT_NULL};
	arena_init(&x.scratch);
	bool ok = plan_body(&x, err);
	if (ok) {
		out->transactional = x.plan.transactional;
		emit_bounds(&x, "migration_started", before, NULL);
		if (x.plan.wrapped && req->plan == NULL)
			job_warn(r, "%s: the BEGIN … COMMIT around the whole file was left out",
				 req->file);
		ok = run_body(&x, err);
	}
	out->duration_ms = (int64_t)((runtime_boot_ns(r->rt) - start) / NS_PER_MS);
	bool done = ok || out->committed;
	emit_bounds(&x, done ? "migration_done" : "migration_failed",
		    done ? (int64_t)req->step.number : before, done ? NULL : err);
	arena_fini(&x.scratch);
	return ok;
}
