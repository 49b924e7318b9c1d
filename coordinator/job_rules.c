/*
 * Decisions about jobs, apart from the loop that carries them out, so that tests and the simulator
 * can ask for each of them with any clock and any history.
 */
#include "coordinator/job_rules.h"

#include <string.h>

#include "coordinator/coordinator.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

bool
job_kind_read_only(const char *kind, const struct job_options *options)
{
	static const char *const readers[] = {"status", "current", "verify", "preflight",
					      "introspect"};

	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		if (strcmp(kind, readers[i]) == 0)
			return true;
	}
	if (options == NULL)
		return false;
	if (strcmp(kind, "checksums") == 0 && !options->fix)
		return true;
	/* A dry run that executes takes the lock and touches the target for a while, so it is kept
	 * like a real run. */
	return options->dry_run && !options->dry_run_execute;
}

bool
job_repeatable(const char *kind, const struct job_options *options)
{
	static const char *const kinds[] = {"apply", "rollback_to", "baseline", "settle"};

	if (job_kind_read_only(kind, options) || FAULT(repeat_anything))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i], kind) == 0)
			return options == NULL || (!options->force && !options->dry_run_execute);
	}
	return false;
}

bool
lease_comparable(const struct lease *lease, const char *boot_id)
{
	return lease->boot_id != NULL && strcmp(lease->boot_id, boot_id) == 0;
}

bool
lease_over(const struct lease *lease, const char *boot_id, uint64_t now_ms)
{
	return lease_comparable(lease, boot_id) && now_ms >= lease->until_ms;
}

struct lease
lease_from(const char *boot_id, uint64_t now_ms, uint64_t lease_ms)
{
	return (struct lease){.boot_id = boot_id, .until_ms = now_ms + lease_ms};
}

bool
lapsed_trigger(enum job_state state, enum job_trigger *out)
{
	switch (state) {
	case JOB_OFFERED:
		*out = TRIGGER_LAPSE;
		return true;
	case JOB_RUNNING:
	case JOB_CANCELLING:
		*out = TRIGGER_LOSE;
		return true;
	default:
		return false;
	}
}

bool
dead_owner_trigger(enum job_state state, enum job_trigger *out)
{
	switch (state) {
	case JOB_QUEUED:
	case JOB_OFFERED:
		*out = TRIGGER_ABANDON;
		return true;
	case JOB_RUNNING:
	case JOB_CANCELLING:
		*out = TRIGGER_LOSE;
		return true;
	default:
		return false;
	}
}

static bool
outcome_cancelled(const struct job_outcome *outcome)
{
	return outcome->error != NULL &&
	       strcmp(outcome->error->code, error_code(E_JOB_004)->name) == 0;
}

/* A report after the lease was over is as good as an answer of the target: the attempt is the same.
 */
static void
rule_late_report(const struct job_outcome *outcome, struct finish_ruling *out)
{
	bool good = outcome->error == NULL;

	out->trigger = good ? TRIGGER_SETTLE_SUCCEEDED : TRIGGER_SETTLE_FAILED;
	out->note = good ? "finished; reported after its lease was over"
			 : "ended with an error; reported after its lease was over";
}

bool
finish_ruling(enum job_state state, const struct job_outcome *outcome, struct finish_ruling *out)
{
	*out = (struct finish_ruling){.before = TRIGGER_COUNT, .trigger = TRIGGER_FAIL};
	if (state == JOB_UNKNOWN && !outcome->unknown) {
		rule_late_report(outcome, out);
		return true;
	}
	if (state != JOB_RUNNING && state != JOB_CANCELLING)
		return false;
	if (outcome->unknown) {
		out->trigger = TRIGGER_LOSE;
	} else if (outcome->error == NULL) {
		out->trigger = TRIGGER_SUCCEED;
	} else if (outcome_cancelled(outcome)) {
		/* A worker that is shut down cancels its job by itself. */
		out->before = state == JOB_RUNNING ? TRIGGER_CANCEL : TRIGGER_COUNT;
		out->trigger = TRIGGER_STOP;
	}
	return true;
}

struct settle_ruling
settle_ruling(int64_t steps, int64_t planned)
{
	if (FAULT(settle_by_guess))
		steps = planned = 1;
	if (planned == 0)
		return (struct settle_ruling){TRIGGER_SETTLE_FAILED,
					      "interrupted before anything was done"};
	if (steps == planned)
		return (struct settle_ruling){TRIGGER_SETTLE_SUCCEEDED,
					      "interrupted after every step was committed"};
	return (struct settle_ruling){TRIGGER_SETTLE_FAILED, "interrupted"};
}
