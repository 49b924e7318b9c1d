#ifndef CONFITURE_COORDINATOR_JOB_RULES_H
#define CONFITURE_COORDINATOR_JOB_RULES_H

#include "coordinator/job_states.h"
#include "shared/wire/messages.h"

/*
 * What is decided about jobs, as pure functions: time and all other input come as arguments,
 * nothing is read, nothing is changed.
 */

enum { LEASE_MS = 10000, OUTCOME_UNKNOWN_EXIT = 9, CANCELLED_EXIT = 10 };

/* Until when a worker may go on without a word. Elapsed time of one boot of one machine. */
struct lease {
	const char *boot_id;
	uint64_t until_ms;
};

/* After another boot, or on another machine, `until_ms` means nothing: the lease counts anew. */
bool lease_comparable(const struct lease *lease, const char *boot_id);
bool lease_over(const struct lease *lease, const char *boot_id, uint64_t now_ms);
struct lease lease_from(const char *boot_id, uint64_t now_ms, uint64_t lease_ms);

/* What a lapsed lease means for a job in that state. False: nothing. */
bool lapsed_trigger(enum job_state state, enum job_trigger *out);
/* What it means that the process is gone that alone may run the job. False: nothing. An offer that
 * never durably began has done nothing, so there is nothing to ask the target about. */
bool dead_owner_trigger(enum job_state state, enum job_trigger *out);

/* What the worker's report means. `before` is a trigger to apply first (TRIGGER_COUNT: none). */
struct finish_ruling {
	enum job_trigger before;
	enum job_trigger trigger;
	const char *note; /* NULL: the table's words */
};
/* False: a job in that state cannot be finished by its worker. */
bool finish_ruling(enum job_state state, const struct job_outcome *outcome,
		   struct finish_ruling *out);

/* Whether a job that was cut in the middle may simply be run again, since it goes on from what the
 * target's ledger says. Others are only settled. */
bool job_repeatable(const char *kind, const struct job_options *options);

/* What the target's step table means for an attempt whose outcome was unknown. */
struct settle_ruling {
	enum job_trigger trigger;
	const char *note;
};
struct settle_ruling settle_ruling(int64_t steps, int64_t planned);

#endif
