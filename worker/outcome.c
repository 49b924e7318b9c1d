/*
 * Unknown is a state, and usually a short one: the server is restarting, or the network is back in
 * a second. While the old backend lives its COMMIT may still come, so its end is waited for first;
 * the fence names it exactly.
 */
#include "worker/outcome.h"

#include <string.h>

#include "worker/pause.h"

#include "shared/base/banned.h"

enum { PATIENCE_MS = 15000 };

struct question {
	struct job_run *run;
	uint32_t step;
	const struct statement_mark *mark;
	struct arena arena;
};

static bool
open_session(struct question *q, struct target **out, struct error *err)
{
	struct job_run *r = q->run;
	struct target_spec spec = {0};

	if (!r->directory->find(r->directory, r->spec->target, &spec, err))
		return false;
	spec.application_name = arena_printf(&q->arena, "confiture %s (asking)", r->job);
	return r->factory->open(r->factory, &spec, out, err);
}

/* The session that sent COMMIT has ended, or another run's token proves that its transaction has.
 */
static bool
old_session_gone(struct question *q, struct target *t, bool *gone, struct error *err)
{
	struct fence_owner owner = {0};

	if (!t->ops->fence_read(t, &q->arena, &owner, err))
		return false;
	*gone = !owner.present || !owner.alive || strcmp(owner.job, q->run->job) != 0 ||
		owner.attempt != q->run->attempt;
	return true;
}

static bool
mark_done(struct question *q, struct target *t, bool *committed, struct error *err)
{
	struct statement_mark *marks;
	size_t count;

	if (!t->ops->marks_read(t, &q->arena, q->mark->version, q->mark->direction, &marks, &count,
				err))
		return false;
	*committed = false;
	for (size_t i = 0; i < count; i++) {
		if (marks[i].statement == q->mark->statement && marks[i].state == MARK_DONE)
			*committed = true;
	}
	return true;
}

static bool
step_done(struct question *q, struct target *t, bool *committed, struct error *err)
{
	int64_t steps = 0, planned = 0;

	if (!t->ops->steps_of(t, q->run->job, q->run->attempt, &steps, &planned, err))
		return false;
	*committed = steps >= (int64_t)q->step;
	return true;
}

/* One try with one session. False: not answered, try again. */
static bool
try_once(struct question *q, bool *committed, struct error *err)
{
	struct target *t;
	bool gone = false, ok;

	if (!open_session(q, &t, err))
		return false;
	ok = old_session_gone(q, t, &gone, err);
	if (ok && !gone)
		ok = error_set(err, E_TARGET_005, "the session that was lost is still at work");
	if (ok)
		ok = q->mark != NULL ? mark_done(q, t, committed, err)
				     : step_done(q, t, committed, err);
	t->ops->close(t);
	return ok;
}

bool
outcome_ask(struct job_run *r, uint32_t step, const struct statement_mark *mark, bool *committed,
	    struct error *err)
{
	struct question q = {.run = r, .step = step, .mark = mark};
	struct pause pause = {.first_ms = 50, .most_ms = 1000};
	uint64_t end = runtime_deadline(r->rt, PATIENCE_MS);
	struct error why;
	bool answered;

	arena_init(&q.arena);
	while (!(answered = try_once(&q, committed, &why)) && runtime_boot_ns(r->rt) < end) {
		pause_wait(r->rt, &pause);
		arena_reset(&q.arena);
	}
	arena_fini(&q.arena);
	if (answered)
		return true;
	error_set(err, E_JOB_003,
		  "the connection was lost at COMMIT, and the database could not be asked since");
	error_cause(err, "%s%s%s", why.message, why.cause[0] != '\0' ? ": " : "", why.cause);
	error_hint(err, "confiture migrate status\nconfiture job settle %s", r->job);
	return false;
}
