/*
 * A job is the one thing in the house whose state several programs change at once. Keeping the
 * legal changes in a table, and every change in one function, makes an impossible history an error
 * at the moment it would begin instead of a riddle afterwards.
 */
#include "coordinator/job_states.h"

#include <string.h>

#include "coordinator/state_page.h"

#include "shared/base/banned.h"

static const struct state_row states[] = {
#define STATE_ROW(state, name, final, meaning) {name, final, meaning},
	JOB_STATES(STATE_ROW)
#undef STATE_ROW
};

static const struct trigger_row triggers[] = {
#define TRIGGER_ROW(trigger, name, meaning) {name, meaning},
	JOB_TRIGGERS(TRIGGER_ROW)
#undef TRIGGER_ROW
};

/* clang-format off */
const struct job_transition job_transitions[] = {
	{JOB_QUEUED, TRIGGER_OFFER, JOB_OFFERED, "offered to a worker"},
	{JOB_QUEUED, TRIGGER_CANCEL, JOB_CANCELLED, "cancelled before it began"},
	{JOB_QUEUED, TRIGGER_ABANDON, JOB_CANCELLED, "interrupted before it began"},
	{JOB_OFFERED, TRIGGER_BEGIN, JOB_RUNNING, "running"},
	{JOB_OFFERED, TRIGGER_LAPSE, JOB_QUEUED, "the worker did not begin in time"},
	{JOB_OFFERED, TRIGGER_LOSE, JOB_UNKNOWN,
	 "not begun in time; an earlier attempt has to be settled first"},
	{JOB_OFFERED, TRIGGER_CANCEL, JOB_CANCELLED, "cancelled before it began"},
	{JOB_OFFERED, TRIGGER_ABANDON, JOB_CANCELLED, "interrupted before it began"},
	{JOB_RUNNING, TRIGGER_SUCCEED, JOB_SUCCEEDED, "finished"},
	{JOB_RUNNING, TRIGGER_FAIL, JOB_FAILED, "ended with an error"},
	{JOB_RUNNING, TRIGGER_LOSE, JOB_UNKNOWN, "the target has to be asked what became of it"},
	{JOB_RUNNING, TRIGGER_CANCEL, JOB_CANCELLING, "waiting for the worker to stop"},
	{JOB_CANCELLING, TRIGGER_STOP, JOB_CANCELLED, "cancelled"},
	{JOB_CANCELLING, TRIGGER_SUCCEED, JOB_SUCCEEDED, "finished before the cancel reached it"},
	{JOB_CANCELLING, TRIGGER_FAIL, JOB_FAILED, "ended with an error before the cancel reached it"},
	{JOB_CANCELLING, TRIGGER_LOSE, JOB_UNKNOWN, "the target has to be asked what became of it"},
	{JOB_UNKNOWN, TRIGGER_OFFER, JOB_OFFERED, "offered again, to be settled first"},
	{JOB_UNKNOWN, TRIGGER_CANCEL, JOB_CANCELLING, "waiting for the worker that settles it"},
	{JOB_UNKNOWN, TRIGGER_SETTLE_SUCCEEDED, JOB_SUCCEEDED, "settled: every step was committed"},
	{JOB_UNKNOWN, TRIGGER_SETTLE_FAILED, JOB_FAILED, "settled: interrupted"},
};
/* clang-format on */
const size_t job_transition_count = ARRAY_LEN(job_transitions);

const char *
job_state_name(enum job_state state)
{
	return states[state].name;
}

bool
job_state_final(enum job_state state)
{
	return states[state].final;
}

bool
job_state_named(const char *name, enum job_state *out)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (name != NULL && strcmp(states[i].name, name) == 0) {
			*out = (enum job_state)i;
			return true;
		}
	}
	return false;
}

const char *
job_trigger_name(enum job_trigger trigger)
{
	return triggers[trigger].name;
}

const struct job_transition *
job_transition(enum job_state from, enum job_trigger trigger)
{
	for (size_t i = 0; i < job_transition_count; i++) {
		if (job_transitions[i].from == from && job_transitions[i].trigger == trigger)
			return &job_transitions[i];
	}
	return NULL;
}

bool
job_state_move(enum job_state *state, enum job_trigger trigger, const char **words,
	       struct error *err)
{
	const struct job_transition *t = job_transition(*state, trigger);

	if (t == NULL)
		return error_set(err, E_JOB_002, "the job is %s: %s is not possible",
				 job_state_name(*state), job_trigger_name(trigger));
	*state = t->to;
	if (words != NULL)
		*words = t->words;
	return true;
}

void
job_states_page(struct text *out)
{
	struct transition_row rows[ARRAY_LEN(job_transitions)];

	for (size_t i = 0; i < job_transition_count; i++) {
		const struct job_transition *t = &job_transitions[i];
		rows[i] = (struct transition_row){(int)t->from, (int)t->trigger, (int)t->to,
						  t->words};
	}
	state_page_print(out, &(struct state_page){.title = "States of a job",
						   .of = "job",
						   .entry = "submit",
						   .states = states,
						   .state_count = ARRAY_LEN(states),
						   .triggers = triggers,
						   .transitions = rows,
						   .transition_count = job_transition_count});
}
