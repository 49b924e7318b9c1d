#ifndef CONFITURE_COORDINATOR_INTENT_STATES_H
#define CONFITURE_COORDINATOR_INTENT_STATES_H

#include "shared/base/error.h"
#include "shared/base/text.h"

/*
 * The life of an intent as data: (state, trigger) -> state, with words. Nothing else in the house
 * may change an intent's state. docs/reference/states.md is printed from here.
 */

/* S(state, name as in intent.status, final, meaning) */
#define INTENT_STATE_TABLE(S)                                                                      \
	S(REGISTERED, "registered", false, "kept, and nothing is in its way")                      \
	S(IN_PROGRESS, "in_progress", false, "its agent is at work")                               \
	S(CONFLICTED, "conflicted", false, "something is in its way that nobody has looked at")    \
	S(COMPLETED, "completed", false, "the work is done and has not landed")                    \
	S(MERGED, "merged", true, "its migration files landed")                                    \
	S(ABANDONED, "abandoned", true, "its agent gave it up")                                    \
	S(EXPIRED, "expired", true, "nobody renewed it in time")

/* T(trigger, name, by_agent, meaning); by_agent: only its owner or an operator. */
#define INTENT_TRIGGERS(T)                                                                         \
	T(START, "start", true, "the agent begins to work")                                        \
	T(COMPLETE, "complete", true, "the agent says that the work is done")                      \
	T(MERGE, "merge", true, "its migration files landed on the common branch")                 \
	T(RENEW, "renew", true, "its lease counts anew; any command of the agent does that too")   \
	T(RELEASE, "release", true, "the agent gives its claims back")                             \
	T(ABANDON, "abandon", true, "the agent gives it up")                                       \
	T(CONFLICT, "conflict", false, "registration finds another open intent in its way")        \
	T(RESOLVE, "resolve", true, "the last of its conflicts was looked at")                     \
	T(CLEAR, "clear", false, "the last of what was in its way has ended")                      \
	T(LAPSE, "lapse", false, "its lease is over; its claims are free")                         \
	T(EXPIRE, "expire", false, "its lease is over and nobody is at work on it")

enum intent_state {
#define INTENT_STATE_ID(state, name, final, meaning) INTENT_##state,
	INTENT_STATE_TABLE(INTENT_STATE_ID)
#undef INTENT_STATE_ID
		INTENT_STATE_COUNT
};

enum intent_trigger {
#define INTENT_TRIGGER_ID(trigger, name, by_agent, meaning) INTENT_ON_##trigger,
	INTENT_TRIGGERS(INTENT_TRIGGER_ID)
#undef INTENT_TRIGGER_ID
		INTENT_TRIGGER_COUNT
};

struct intent_transition {
	enum intent_state from;
	enum intent_trigger trigger;
	enum intent_state to;
	const char *words; /* why it is in that state, when nobody has a better reason */
};

extern const struct intent_transition intent_transitions[];
extern const size_t intent_transition_count;

const char *intent_state_name(enum intent_state state);
bool intent_state_final(enum intent_state state);
/* False when no state has that name. */
MUST_USE bool intent_state_named(const char *name, enum intent_state *out);
const char *intent_trigger_name(enum intent_trigger trigger);
bool intent_trigger_by_agent(enum intent_trigger trigger);
MUST_USE bool intent_trigger_named(const char *name, enum intent_trigger *out);

/* NULL when the trigger is illegal in that state. */
const struct intent_transition *intent_transition(enum intent_state from,
						  enum intent_trigger trigger);
/* The one way to change a state; INTENT_002 when the trigger is illegal there. */
MUST_USE bool intent_state_move(enum intent_state *state, enum intent_trigger trigger,
				const char **words, struct error *err);

/* The page of the documentation: both tables and a mermaid diagram. */
void intent_states_page(struct text *out);

#endif
