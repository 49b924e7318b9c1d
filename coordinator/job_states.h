#ifndef CONFITURE_COORDINATOR_JOB_STATES_H
#define CONFITURE_COORDINATOR_JOB_STATES_H

#include "shared/base/error.h"
#include "shared/base/text.h"

/*
 * The life of a job as data: (state, trigger) -> state, with words. Nothing else in the house may
 * change a job's state. docs/reference/states.md is printed from here.
 */

/* S(state, name as in job_info.state, final, meaning) */
#define JOB_STATES(S)                                                                              \
	S(QUEUED, "queued", false, "accepted, and no worker has it")                               \
	S(OFFERED, "offered", false, "given to a worker that has not begun")                       \
	S(RUNNING, "running", false, "a worker is at it and keeps the lease")                      \
	S(UNKNOWN, "unknown", false, "what became of it has to be asked of the target")            \
	S(CANCELLING, "cancelling", false, "somebody asked to cancel it; its worker is not done")  \
	S(SUCCEEDED, "succeeded", true, "all that was asked is done")                              \
	S(FAILED, "failed", true, "it ended with an error; what was not committed is undone")      \
	S(CANCELLED, "cancelled", true, "it ended because somebody asked; nothing is half done")

/* T(trigger, name, meaning) */
#define JOB_TRIGGERS(T)                                                                            \
	T(OFFER, "offer", "a worker asks for work")                                                \
	T(LAPSE, "lapse", "an offer's lease is over before the job began")                         \
	T(BEGIN, "begin", "the worker begins; durable before it acts")                             \
	T(SUCCEED, "succeed", "the worker reports success")                                        \
	T(FAIL, "fail", "the worker reports an error")                                             \
	T(STOP, "stop", "the worker reports that it stopped because of the cancel")                \
	T(LOSE, "lose", "the lease is over, the process is gone, or COMMIT's fate is not known")   \
	T(CANCEL, "cancel", "somebody asks to cancel")                                             \
	T(ABANDON, "abandon", "the only process that may run it is gone")                          \
	T(SETTLE_SUCCEEDED, "settle-succeeded", "the target says that every step committed")       \
	T(SETTLE_FAILED, "settle-failed", "the target says that not every step committed")

enum job_state {
#define JOB_STATE_ID(state, name, final, meaning) JOB_##state,
	JOB_STATES(JOB_STATE_ID)
#undef JOB_STATE_ID
		JOB_STATE_COUNT
};

enum job_trigger {
#define JOB_TRIGGER_ID(trigger, name, meaning) TRIGGER_##trigger,
	JOB_TRIGGERS(JOB_TRIGGER_ID)
#undef JOB_TRIGGER_ID
		TRIGGER_COUNT
};

struct job_transition {
	enum job_state from;
	enum job_trigger trigger;
	enum job_state to;
	const char *words; /* the job's note, when nobody has a better one */
};

extern const struct job_transition job_transitions[];
extern const size_t job_transition_count;

const char *job_state_name(enum job_state state);
bool job_state_final(enum job_state state);
/* False when no state has that name. */
MUST_USE bool job_state_named(const char *name, enum job_state *out);
const char *job_trigger_name(enum job_trigger trigger);

/* NULL when the trigger is illegal in that state. */
const struct job_transition *job_transition(enum job_state from, enum job_trigger trigger);
/* The one way to change a state; JOB_002 when the trigger is illegal there. */
MUST_USE bool job_state_move(enum job_state *state, enum job_trigger trigger, const char **words,
			     struct error *err);

/* The page of the documentation: both tables and a mermaid diagram. */
void job_states_page(struct text *out);

#endif
