/*
 * The session that executes is the session that holds the runner's lock: a connection that is lost
 * takes the lock with it, and nothing reconnects. The lock is polled for, because a blocking
 * pg_advisory_lock() deadlocks with a concurrent index build that waits for the waiter's snapshot.
 */
#include <stdio.h>

#include "shared/base/faults.h"
#include "worker/control.h"
#include "worker/job.h"
#include "worker/pause.h"
#include "worker/takeover.h"

#include "shared/base/banned.h"

enum {
	LOCK_TIMEOUT_MS = 30000,
	POLL_FIRST_MS = 20,
	POLL_MOST_MS = 250,
	LOOK_EVERY_MS = 1000, /* at the former run's session */
	STALE_SECONDS = 300,
	HOLDER_TEXT = 640
};

/* The holder in words, for people. */
static void
holder_words(const struct lock_state *s, char out[HOLDER_TEXT])
{
	if (s->has_row)
		snprintf(out, HOLDER_TEXT, "%s on %s (pid %lld, role %s) for %lld s: %s",
			 s->backend_pid != 0 ? "a run" : "a run whose session is gone",
			 s->hostname ? s->hostname : "?", (long long)s->client_pid,
			 s->user ? s->user : "?", (long long)s->held_for_seconds,
			 s->command ? s->command : "?");
	else if (s->backend_pid != 0)
		snprintf(out, HOLDER_TEXT, "server process %d, which left no name", s->backend_pid);
	else
		snprintf(out, HOLDER_TEXT, "somebody who has just let go of it");
}

static void
emit_waiting(struct job_run *r, const struct lock_state *s)
{
	struct job_event event = JOB_EVENT("lock_waiting");
	char words[HOLDER_TEXT];

	holder_words(s, words);
	event.message = words;
	job_emit(r, &event);
}

static void
detail_text(struct error *err, const char *key, const char *value)
{
	if (value != NULL)
		error_detail(err, key, "%s", value);
}

static bool
refuse(const struct lock_state *s, int64_t waited_ms, struct error *err)
{
	char words[HOLDER_TEXT];

	holder_words(s, words);
	error_set(err, E_LOCK_1300, "the migration lock was not free within %lld ms; held by %s",
		  (long long)waited_ms, words);
	err->retryable = true;
	if (s->backend_pid != 0)
		error_detail_int(err, "holder.backend_pid", s->backend_pid);
	if (!s->has_row)
		return false;
	error_detail_int(err, "holder.pid", s->client_pid);
	error_detail_int(err, "holder.held_for_seconds", s->held_for_seconds);
	detail_text(err, "holder.hostname", s->hostname);
	detail_text(err, "holder.user", s->user);
	detail_text(err, "holder.command", s->command);
	detail_text(err, "holder.acquired_at", s->acquired_at);
	if (s->held_for_seconds > STALE_SECONDS)
		error_hint(err,
			   "it has been held for long; when that run is stuck: SELECT "
			   "pg_terminate_backend(%d)",
			   s->backend_pid);
	return false;
}

static bool
read_holder(struct job_run *r, struct target *t, struct lock_state *out, struct error *err)
{
	*out = (struct lock_state){0};
	return t->ops->lock_read(t, r->arena, out, err);
}

/* The lock was not free at once: says so, looks after a dead predecessor, and polls. */
static bool
wait_for_lock(struct job_run *r, struct target *t, struct error *err)
{
	int64_t limit =
		r->options->lock_timeout_ms > 0 ? r->options->lock_timeout_ms : LOCK_TIMEOUT_MS;
	struct pause pause = {.first_ms = POLL_FIRST_MS, .most_ms = POLL_MOST_MS};
	uint64_t start = runtime_boot_ms(r->rt), looked = 0, now;
	struct lock_state state;
	bool held = false;

	if (!read_holder(r, t, &state, err))
		return false;
	emit_waiting(r, &state);
	while ((now = runtime_boot_ms(r->rt)) < start + (uint64_t)limit) {
		if (now >= looked + LOOK_EVERY_MS) {
			if (!takeover_consider(r, t, err))
				return false;
			looked = now;
		}
		uint64_t rest = start + (uint64_t)limit - now, ms = pause_next_ms(r->rt, &pause);
		if (!job_pause(r, ms < rest ? ms : rest, err) || !t->ops->lock_try(t, &held, err))
			return false;
		if (held)
			return true;
	}
	return read_holder(r, t, &state, err) && refuse(&state, limit, err);
}

static bool
take_lock(struct job_run *r, struct job_session *s, struct error *err)
{
	struct job_event event = JOB_EVENT("lock_acquired");

	if (r->options->no_lock || FAULT(no_lock))
		return true;
	if (!s->target->ops->lock_try(s->target, &s->locked, err))
		return false;
	if (!s->locked && !wait_for_lock(r, s->target, err))
		return false;
	s->locked = true;
	job_emit(r, &event);
	return true;
}

/* All that is written before the first migration. The token comes before the settling: from then on
 * no earlier run can commit, so what is read is final. */
static bool
prepare(struct job_run *r, struct target *t, struct error *err)
{
	struct fence_claim claim = {.journal = r->journal,
				    .job = r->job,
				    .attempt = r->attempt,
				    .coordinator = r->served ? r->journal : NULL};
	const char *command = r->options->command != NULL ? r->options->command : r->spec->kind;

	return takeover_allowed(r, t, err) && t->ops->ledger_ensure(t, err) &&
	       (FAULT(no_fence) || t->ops->fence_take(t, &claim, err)) &&
	       takeover_settle(r, t, err) &&
	       (r->options->no_lock || t->ops->lock_announce(t, command, err));
}

static bool
writable(struct target *t, struct error *err)
{
	const struct target_info *info = t->ops->info(t);

	return !info->read_only || error_set(err, E_TARGET_001, "%s is read-only", info->place);
}

static bool
lock_parts(struct job_run *r, struct job_session *s, struct error *err)
{
	bool writes = !r->options->dry_run && !r->options->dry_run_execute;

	if (FAULT(pending_before_lock) &&
	    !s->target->ops->ledger_read(s->target, r->arena, &s->ledger, err))
		return false;
	if (!take_lock(r, s, err) || !job_go_on(r, err))
		return false;
	if (writes && !prepare(r, s->target, err))
		return false;
	return FAULT(pending_before_lock) ||
	       s->target->ops->ledger_read(s->target, r->arena, &s->ledger, err);
}

/* Ends a session that did not come about. */
static bool
closed(struct job_run *r, struct job_session *s, struct error *err)
{
	job_failed(r, err);
	job_session_close(r, s);
	return false;
}

bool
job_session_connect(struct job_run *r, struct job_session *out, struct error *err)
{
	*out = (struct job_session){0};
	if (!job_connect(r, NULL, &out->target, err))
		return false;
	return writable(out->target, err) || closed(r, out, err);
}

bool
job_session_lock(struct job_run *r, struct job_session *s, struct error *err)
{
	return lock_parts(r, s, err) || closed(r, s, err);
}

bool
job_session_look(struct job_run *r, struct job_session *s, struct error *err)
{
	return s->target->ops->ledger_read(s->target, r->arena, &s->ledger, err) ||
	       closed(r, s, err);
}

bool
job_session_open(struct job_run *r, struct job_session *out, struct error *err)
{
	return job_session_connect(r, out, err) && job_session_lock(r, out, err);
}

void
job_session_close(struct job_run *r, struct job_session *s)
{
	struct error ignored;

	if (s->target == NULL)
		return;
	job_shield(r, true);
	/* Closing would free it too; a release also takes our name off the holder's table. */
	if (s->locked)
		(void)!s->target->ops->lock_release(s->target, &ignored);
	job_shield(r, false);
	job_disconnect(r, s->target);
	*s = (struct job_session){0};
}
