/*
 * What a change of state does to the rest of a job: times, attempt, exit code, note. In one place,
 * because the same fields are printed by job list, decide what a watcher is told, and go into the
 * audit log.
 */
#include "coordinator/job.h"

#include <assert.h>

#include "shared/base/banned.h"

enum job_state
job_state_of(const struct job *job)
{
	enum job_state state = JOB_QUEUED;
	bool known = job_state_named(job->info.state, &state);

	assert(known);
	(void)known;
	return state;
}

static const char *
time_of(struct arena *a, int64_t wall_us)
{
	char *text = arena_alloc(a, TIME_TEXT);

	time_print(wall_us, text);
	return text;
}

static void
note_times(struct job *job, enum job_state state, const struct job_change *change, struct arena *a)
{
	if (state == JOB_OFFERED) {
		job->info.attempt++;
		job->info.last_seq = 0;
	}
	if (state == JOB_RUNNING)
		job->info.started_at = time_of(a, change->wall_us);
	if (job_state_final(state))
		job->info.finished_at = time_of(a, change->wall_us);
	if (state == JOB_QUEUED || job_state_final(state))
		job->lease = (struct lease){0};
}

bool
job_move(struct job_store *s, struct job *job, const struct job_change *change, struct arena *a,
	 struct error *err)
{
	struct job after = *job;
	enum job_state state = job_state_of(job);
	const char *words;

	if (!job_state_move(&state, change->trigger, &words, err))
		return error_wrap(err, "job %s", job->info.id);
	after.info.state = job_state_name(state);
	after.info.note = change->note != NULL ? change->note : words;
	note_times(&after, state, change, a);
	if (change->trigger == TRIGGER_CANCEL && after.cancel_asked == 0)
		after.cancel_asked = after.info.attempt > 0 ? after.info.attempt : 1;
	if (change->outcome != NULL) {
		after.info.exit_code = change->outcome->exit_code;
		after.has_outcome = true;
	}
	if (!s->ops->moved(s, &after, change, err))
		return false;
	*job = after;
	return true;
}
