/*
 * Intents are moved by agents that know nothing of each other, by an operator, and by time. What
 * may follow what is one table, so that two of them at once cannot make a history that never was.
 */
#include "coordinator/intent_states.h"

#include <string.h>

#include "coordinator/state_page.h"

#include "shared/base/banned.h"

static const struct state_row states[] = {
#define STATE_ROW(state, name, final, meaning) {name, final, meaning},
	INTENT_STATE_TABLE(STATE_ROW)
#undef STATE_ROW
};

static const struct trigger_row triggers[] = {
#define TRIGGER_ROW(trigger, name, by_agent, meaning) {name, meaning},
	INTENT_TRIGGERS(TRIGGER_ROW)
#undef TRIGGER_ROW
};

static const bool by_agents[] = {
#define BY_AGENT_ROW(trigger, name, by_agent, meaning) by_agent,
	INTENT_TRIGGERS(BY_AGENT_ROW)
#undef BY_AGENT_ROW
};

/* clang-format off */
#define ON(trigger) INTENT_ON_##trigger
const struct intent_transition intent_transitions[] = {
	{INTENT_REGISTERED, ON(CONFLICT), INTENT_CONFLICTED, "other open intents are in its way"},
	{INTENT_REGISTERED, ON(START), INTENT_IN_PROGRESS, "its agent is at work"},
	{INTENT_REGISTERED, ON(RENEW), INTENT_REGISTERED, "renewed"},
	{INTENT_REGISTERED, ON(RELEASE), INTENT_REGISTERED, "its claims were given back"},
	{INTENT_REGISTERED, ON(ABANDON), INTENT_ABANDONED, "given up"},
	{INTENT_REGISTERED, ON(EXPIRE), INTENT_EXPIRED, "nobody renewed it in time"},
	{INTENT_IN_PROGRESS, ON(COMPLETE), INTENT_COMPLETED, "done, and not landed yet"},
	{INTENT_IN_PROGRESS, ON(RENEW), INTENT_IN_PROGRESS, "renewed"},
	{INTENT_IN_PROGRESS, ON(RELEASE), INTENT_IN_PROGRESS, "its claims were given back"},
	{INTENT_IN_PROGRESS, ON(ABANDON), INTENT_ABANDONED, "given up"},
	{INTENT_IN_PROGRESS, ON(EXPIRE), INTENT_EXPIRED, "nobody renewed it in time"},
	{INTENT_CONFLICTED, ON(RESOLVE), INTENT_REGISTERED, "its conflicts were looked at"},
	{INTENT_CONFLICTED, ON(CLEAR), INTENT_REGISTERED, "what was in its way has ended"},
	{INTENT_CONFLICTED, ON(RENEW), INTENT_CONFLICTED, "renewed"},
	{INTENT_CONFLICTED, ON(RELEASE), INTENT_CONFLICTED, "its claims were given back"},
	{INTENT_CONFLICTED, ON(ABANDON), INTENT_ABANDONED, "given up"},
	{INTENT_CONFLICTED, ON(EXPIRE), INTENT_EXPIRED, "nobody renewed it in time"},
	{INTENT_COMPLETED, ON(MERGE), INTENT_MERGED, "landed"},
	{INTENT_COMPLETED, ON(RENEW), INTENT_COMPLETED, "renewed"},
	{INTENT_COMPLETED, ON(RELEASE), INTENT_COMPLETED, "its claims were given back"},
	{INTENT_COMPLETED, ON(LAPSE), INTENT_COMPLETED, "its claims lapsed; it can still be merged"},
	{INTENT_COMPLETED, ON(ABANDON), INTENT_ABANDONED, "given up"},
	{INTENT_COMPLETED, ON(EXPIRE), INTENT_EXPIRED, "it never landed"},
};
#undef ON
/* clang-format on */
const size_t intent_transition_count = ARRAY_LEN(intent_transitions);

const char *
intent_state_name(enum intent_state state)
{
	return states[state].name;
}

bool
intent_state_final(enum intent_state state)
{
	return states[state].final;
}

bool
intent_state_named(const char *name, enum intent_state *out)
{
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(states); i++) {
		if (strcmp(states[i].name, name) == 0) {
			*out = (enum intent_state)i;
			return true;
		}
	}
	return false;
}

const char *
intent_trigger_name(enum intent_trigger trigger)
{
	return triggers[trigger].name;
}

bool
intent_trigger_by_agent(enum intent_trigger trigger)
{
	return by_agents[trigger];
}

bool
intent_trigger_named(const char *name, enum intent_trigger *out)
{
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(triggers); i++) {
		if (strcmp(triggers[i].name, name) == 0) {
			*out = (enum intent_trigger)i;
			return true;
		}
	}
	return false;
}

const struct intent_transition *
intent_transition(enum intent_state from, enum intent_trigger trigger)
{
	for (size_t i = 0; i < intent_transition_count; i++) {
		if (intent_transitions[i].from == from && intent_transitions[i].trigger == trigger)
			return &intent_transitions[i];
	}
	return NULL;
}

/* The states in which a trigger would be legal, for people. */
static void
say_where(struct error *err, enum intent_trigger trigger)
{
	for (size_t i = 0; i < intent_transition_count; i++) {
		if (intent_transitions[i].trigger == trigger)
			error_detail_item(err, "possible_in",
					  intent_state_name(intent_transitions[i].from));
	}
}

bool
intent_state_move(enum intent_state *state, enum intent_trigger trigger, const char **words,
		  struct error *err)
{
	const struct intent_transition *t = intent_transition(*state, trigger);

	if (t == NULL) {
		error_set(err, E_INTENT_002, "the intent is %s: %s is not possible",
			  intent_state_name(*state), intent_trigger_name(trigger));
		say_where(err, trigger);
		return false;
	}
	*state = t->to;
	if (words != NULL)
		*words = t->words;
	return true;
}

void
intent_states_page(struct text *out)
{
	struct transition_row rows[ARRAY_LEN(intent_transitions)];

	for (size_t i = 0; i < intent_transition_count; i++) {
		const struct intent_transition *t = &intent_transitions[i];
		rows[i] = (struct transition_row){(int)t->from, (int)t->trigger, (int)t->to,
						  t->words};
	}
	state_page_print(out, &(struct state_page){.title = "States of an intent",
						   .of = "intent",
						   .entry = "register",
						   .states = states,
						   .state_count = ARRAY_LEN(states),
						   .triggers = triggers,
						   .transitions = rows,
						   .transition_count = intent_transition_count});
}
