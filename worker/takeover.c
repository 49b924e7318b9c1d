/*
 * What a run does about the runs before it. A run that was killed leaves its session behind when
 * its machine froze or its network was cut; until that session ends it holds the lock, and nobody
 * else will end it.
 */
#include "worker/takeover.h"

#include <string.h>

#include "shared/base/faults.h"
#include "worker/control.h"

#include "shared/base/banned.h"

static bool
evict(struct job_run *r, struct target *t, const struct fence_owner *owner, struct error *err)
{
	struct error why;

	job_warn(r,
		 "the former run (job %s, backend %d) has not moved for %lld s: ending its session",
		 owner->job, owner->backend_pid, (long long)(owner->idle_ms / 1000));
	if (t->ops->fence_evict(t, owner, &why))
		return true;
	if (!error_is(&why, E_TARGET_003)) {
		*err = why;
		return false;
	}
	error_set(err, E_LOCK_1303,
		  "the session of the former run (job %s) sits idle in backend %d and holds the "
		  "lock, and this role may not end it",
		  owner->job, owner->backend_pid);
	error_cause(err, "%s", why.cause);
	error_hint(err, "as a superuser or a member of its role: SELECT pg_terminate_backend(%d)",
		   owner->backend_pid);
	error_detail(err, "job", "%s", owner->job);
	error_detail_int(err, "holder.backend_pid", owner->backend_pid);
	return false;
}

bool
takeover_consider(struct job_run *r, struct target *t, struct error *err)
{
	struct fence_owner owner = {0};
	struct arena arena;

	arena_init(&arena);
	bool ok = t->ops->fence_read(t, &arena, &owner, err);
	if (ok && owner.present && owner.alive && owner.holds_lock && !owner.active &&
	    (owner.idle_ms > control_lease_ms(r->control) || FAULT(idle_run_shot)) &&
	    !FAULT(predecessor_left))
		ok = evict(r, t, &owner, err);
	arena_fini(&arena);
	return ok;
}

/* ---- another coordinator's database ---- */
static bool
refuse_foreign(const struct job_run *r, const struct fence_owner *owner, struct error *err)
{
	error_set(
		err, E_LOCK_1304,
		"this database is served by a coordinator with another journal (%s); jobs of this "
		"one (%s) do not see its claims and its runs",
		owner->coordinator, r->journal != NULL ? r->journal : "none");
	error_cause(err, "last changed there by job %s", owner->job);
	error_hint(err, "run it through that coordinator (--coordinator URL), or, knowing what you "
			"do:\nthe same command with --foreign-journal --reason \"TEXT\"");
	error_detail(err, "holder.journal", "%s", owner->coordinator);
	return false;
}

bool
takeover_allowed(struct job_run *r, struct target *t, struct error *err)
{
	struct fence_owner owner = {0};
	const char *reason = r->options->foreign_journal;
	bool ok = true;

	if (strcmp(r->spec->kind, "settle") == 0)
		return true;
	if (!t->ops->fence_read(t, r->arena, &owner, err))
		return false;
	if (!owner.present || owner.coordinator == NULL ||
	    (r->journal != NULL && strcmp(owner.coordinator, r->journal) == 0))
		return true;
	if (reason == NULL || reason[0] == '\0')
		ok = refuse_foreign(r, &owner, err);
	else
		job_warn(r, "changing a database of another coordinator's journal (%s): %s",
			 owner.coordinator, reason);
	return ok;
}

/* ---- settling ---- */
static void
emit_settled(struct job_run *r, const struct settled_attempt *a)
{
	struct job_event event = JOB_EVENT("settled");

	event.done = a->steps;
	event.total = a->planned;
	event.message =
		arena_printf(r->arena, "job %s, attempt %lld: %lld of %lld steps committed", a->job,
			     (long long)a->attempt, (long long)a->steps, (long long)a->planned);
	job_emit(r, &event);
}

static bool
tell(struct job_run *r, struct settled_attempt *attempts, struct error *err)
{
	struct job_settled told = {.worker = r->control->worker};
	void *reply;

	told.attempts.items = attempts;
	told.attempts.count = r->unsettled_count;
	return control_call(r->control, MESSAGE_job_settled, &told, r->arena, &reply, err);
}

bool
takeover_settle(struct job_run *r, struct target *t, struct error *err)
{
	if (r->unsettled_count == 0)
		return true;
	struct settled_attempt *attempts =
		arena_array(r->arena, r->unsettled_count, sizeof(*attempts));
	for (size_t i = 0; i < r->unsettled_count; i++) {
		const struct unsettled *u = &r->unsettled[i];
		struct settled_attempt *a = &attempts[i];
		*a = (struct settled_attempt){.job = u->job, .attempt = u->attempt};
		int64_t attempt = FAULT(settle_other_attempt) ? r->attempt : u->attempt;
		if (!t->ops->steps_of(t, u->job, attempt, &a->steps, &a->planned, err))
			return false;
		emit_settled(r, a);
	}
	/* The journal can be told again by the next run; the target's own truth is not touched. */
	struct error why;
	if (!tell(r, attempts, &why))
		job_warn(r, "the journal did not take what became of earlier runs: %s",
			 why.message);
	return true;
}
