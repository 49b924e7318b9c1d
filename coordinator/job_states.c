/*
 * A job is the one thing in the house whose state several programs change at once. Keeping the
 * legal changes in a table, and every change in one function, makes an impossible history an error
 * at the moment it would begin instead of a riddle afterwards.
 */
#include "coordinator/job_states.h"

#include <string.h>

#include "shared/base/banned.h"

static const struct {
	const char *name;
	bool final;
	const char *meaning;
} states[] = {
#define STATE_ROW(state, name, final, meaning) {name, final, meaning},
	JOB_STATES(STATE_ROW)
#undef STATE_ROW
};

static const struct {
	const char *name;
	const char *meaning;
} triggers[] = {
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

static void
print_states(struct text *out)
{
	text_put(out, "| state | ends the job | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		text_printf(out, "| `%s` | %s | %s |\n", states[i].name,
			    states[i].final ? "yes" : "no", states[i].meaning);
}

static void
print_transitions(struct text *out)
{
	text_put(out, "| from | trigger | to | note |\n|---|---|---|---|\n");
	for (size_t i = 0; i < job_transition_count; i++) {
		const struct job_transition *t = &job_transitions[i];
		text_printf(out, "| `%s` | `%s`: %s | `%s` | %s |\n", states[t->from].name,
			    triggers[t->trigger].name, triggers[t->trigger].meaning,
			    states[t->to].name, t->words);
	}
}

static void
print_diagram(struct text *out)
{
	text_put(out, "```mermaid\nstateDiagram-v2\n    [*] --> queued: submit\n");
	for (size_t i = 0; i < job_transition_count; i++) {
		const struct job_transition *t = &job_transitions[i];
		text_printf(out, "    %s --> %s: %s\n", states[t->from].name, states[t->to].name,
			    triggers[t->trigger].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (states[i].final)
			text_printf(out, "    %s --> [*]\n", states[i].name);
	}
	text_put(out, "```\n");
}

void
job_states_page(struct text *out)
{
	text_put(out, "# States of a job\n\n");
	print_diagram(out);
	text_put(out, "\n## States\n\n");
	print_states(out);
	text_put(out, "\n## Transitions\n\n");
	print_transitions(out);
}
