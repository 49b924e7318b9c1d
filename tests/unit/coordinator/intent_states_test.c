/* The table of states of an intent is well formed. */
#include <string.h>

#include "coordinator/intent_states.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* States from which `to` can be reached, by growing a set until it stands still. */
static void
grow(bool set[INTENT_STATE_COUNT], bool forward)
{
	bool grown = true;

	while (grown) {
		grown = false;
		for (size_t i = 0; i < intent_transition_count; i++) {
			const struct intent_transition *t = &intent_transitions[i];
			enum intent_state from = forward ? t->from : t->to;
			enum intent_state to = forward ? t->to : t->from;
			if (set[from] && !set[to])
				set[to] = grown = true;
		}
	}
}

static void
every_state_is_reachable_from_registered(void)
{
	bool set[INTENT_STATE_COUNT] = {[INTENT_REGISTERED] = true};

	grow(set, true);
	for (int s = 0; s < INTENT_STATE_COUNT; s++)
		CHECK(set[s]);
}

static void
every_state_can_end(void)
{
	bool set[INTENT_STATE_COUNT] = {false};

	for (int s = 0; s < INTENT_STATE_COUNT; s++)
		set[s] = intent_state_final((enum intent_state)s);
	grow(set, false);
	for (int s = 0; s < INTENT_STATE_COUNT; s++)
		CHECK(set[s]);
}

static void
a_final_state_is_left_by_nothing(void)
{
	for (size_t i = 0; i < intent_transition_count; i++)
		CHECK(!intent_state_final(intent_transitions[i].from));
}

static void
a_trigger_leads_to_one_state_only(void)
{
	for (size_t i = 0; i < intent_transition_count; i++) {
		for (size_t k = i + 1; k < intent_transition_count; k++)
			CHECK(intent_transitions[i].from != intent_transitions[k].from ||
			      intent_transitions[i].trigger != intent_transitions[k].trigger);
	}
}

static void
every_trigger_is_used_and_has_words(void)
{
	for (int trigger = 0; trigger < INTENT_TRIGGER_COUNT; trigger++) {
		bool used = false;
		for (size_t i = 0; i < intent_transition_count; i++)
			used |= (int)intent_transitions[i].trigger == trigger;
		CHECK(used);
		CHECK(strlen(intent_trigger_name((enum intent_trigger)trigger)) > 0);
	}
	for (size_t i = 0; i < intent_transition_count; i++)
		CHECK(strlen(intent_transitions[i].words) > 0);
}

static void
an_illegal_trigger_is_an_error_and_changes_nothing(void)
{
	size_t illegal = 0;

	for (int s = 0; s < INTENT_STATE_COUNT; s++) {
		for (int t = 0; t < INTENT_TRIGGER_COUNT; t++) {
			enum intent_state state = (enum intent_state)s;
			struct error err = {0};
			if (intent_transition(state, (enum intent_trigger)t) != NULL)
				continue;
			illegal++;
			CHECK(!intent_state_move(&state, (enum intent_trigger)t, NULL, &err));
			CHECK(error_is(&err, E_INTENT_002));
			CHECK_HAS(err.message, intent_state_name((enum intent_state)s));
			CHECK_INT(state, s);
		}
	}
	CHECK_INT(illegal,
		  INTENT_STATE_COUNT * INTENT_TRIGGER_COUNT - (int)intent_transition_count);
}

static void
names_and_states_map_both_ways(void)
{
	enum intent_state state;

	for (int s = 0; s < INTENT_STATE_COUNT; s++) {
		CHECK(intent_state_named(intent_state_name((enum intent_state)s), &state));
		CHECK_INT(state, s);
	}
	CHECK(!intent_state_named("asleep", &state));
	CHECK(!intent_state_named(NULL, &state));
}

static void
the_page_names_every_state_and_transition(void)
{
	struct text page;

	text_init(&page, 0);
	intent_states_page(&page);
	for (int s = 0; s < INTENT_STATE_COUNT; s++)
		CHECK_HAS(page.ptr, intent_state_name((enum intent_state)s));
	for (size_t i = 0; i < intent_transition_count; i++)
		CHECK_HAS(page.ptr, intent_transitions[i].words);
	CHECK_HAS(page.ptr, "    in_progress --> completed: complete\n");
	CHECK_HAS(page.ptr, "    [*] --> registered: register\n");
	CHECK_HAS(page.ptr, "    merged --> [*]\n");
	text_fini(&page);
}

static const struct unit_case cases[] = {
	CASE(every_state_is_reachable_from_registered),
	CASE(every_state_can_end),
	CASE(a_final_state_is_left_by_nothing),
	CASE(a_trigger_leads_to_one_state_only),
	CASE(every_trigger_is_used_and_has_words),
	CASE(an_illegal_trigger_is_an_error_and_changes_nothing),
	CASE(names_and_states_map_both_ways),
	CASE(the_page_names_every_state_and_transition),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/intent_states", cases, ARRAY_LEN(cases), argc, argv);
}
