/* The state table is well formed. */
#include <string.h>

#include "coordinator/job_states.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* States from which `to` can be reached, by growing a set until it stands still. */
static void
grow(bool set[JOB_STATE_COUNT], bool forward)
{
	bool grown = true;

	while (grown) {
		grown = false;
		for (size_t i = 0; i < job_transition_count; i++) {
			const struct job_transition *t = &job_transitions[i];
			enum job_state from = forward ? t->from : t->to;
			enum job_state to = forward ? t->to : t->from;
			if (set[from] && !set[to])
				set[to] = grown = true;
		}
	}
}

static void
every_state_is_reachable_from_queued(void)
{
	bool set[JOB_STATE_COUNT] = {[JOB_QUEUED] = true};

	grow(set, true);
	for (int s = 0; s < JOB_STATE_COUNT; s++)
		CHECK(set[s]);
}

static void
every_state_can_end(void)
{
	bool set[JOB_STATE_COUNT] = {false};

	for (int s = 0; s < JOB_STATE_COUNT; s++)
		set[s] = job_state_final((enum job_state)s);
	grow(set, false);
	for (int s = 0; s < JOB_STATE_COUNT; s++)
		CHECK(set[s]);
}

static void
a_final_state_is_left_by_nothing(void)
{
	for (size_t i = 0; i < job_transition_count; i++)
		CHECK(!job_state_final(job_transitions[i].from));
}

static void
a_trigger_leads_to_one_state_only(void)
{
	for (size_t i = 0; i < job_transition_count; i++) {
		for (size_t k = i + 1; k < job_transition_count; k++)
			CHECK(job_transitions[i].from != job_transitions[k].from ||
			      job_transitions[i].trigger != job_transitions[k].trigger);
	}
}

static void
every_trigger_is_used_and_has_words(void)
{
	for (int trigger = 0; trigger < TRIGGER_COUNT; trigger++) {
		bool used = false;
		for (size_t i = 0; i < job_transition_count; i++)
			used |= (int)job_transitions[i].trigger == trigger;
		CHECK(used);
		CHECK(strlen(job_trigger_name((enum job_trigger)trigger)) > 0);
	}
	for (size_t i = 0; i < job_transition_count; i++)
		CHECK(strlen(job_transitions[i].words) > 0);
}

static void
an_illegal_trigger_is_an_error_and_changes_nothing(void)
{
	size_t illegal = 0;

	for (int s = 0; s < JOB_STATE_COUNT; s++) {
		for (int t = 0; t < TRIGGER_COUNT; t++) {
			enum job_state state = (enum job_state)s;
			struct error err = {0};
			if (job_transition(state, (enum job_trigger)t) != NULL)
				continue;
			illegal++;
			CHECK(!job_state_move(&state, (enum job_trigger)t, NULL, &err));
			CHECK(error_is(&err, E_JOB_002));
			CHECK_HAS(err.message, job_state_name((enum job_state)s));
			CHECK_INT(state, s);
		}
	}
	CHECK_INT(illegal, JOB_STATE_COUNT * TRIGGER_COUNT - (int)job_transition_count);
}

static void
names_and_states_map_both_ways(void)
{
	enum job_state state;

	for (int s = 0; s < JOB_STATE_COUNT; s++) {
		CHECK(job_state_named(job_state_name((enum job_state)s), &state));
		CHECK_INT(state, s);
	}
	CHECK(!job_state_named("asleep", &state));
	CHECK(!job_state_named(NULL, &state));
}

static void
the_page_names_every_state_and_transition(void)
{
	struct text page;

	text_init(&page, 0);
	job_states_page(&page);
	for (int s = 0; s < JOB_STATE_COUNT; s++)
		CHECK_HAS(page.ptr, job_state_name((enum job_state)s));
	for (size_t i = 0; i < job_transition_count; i++)
		CHECK_HAS(page.ptr, job_transitions[i].words);
	CHECK_HAS(page.ptr, "    running --> cancelling: cancel\n");
	CHECK_HAS(page.ptr, "    [*] --> queued: submit\n");
	CHECK_HAS(page.ptr, "    cancelled --> [*]\n");
	text_fini(&page);
}

static const struct unit_case cases[] = {
	CASE(every_state_is_reachable_from_queued),
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
	return unit_main("coordinator/job_states", cases, ARRAY_LEN(cases), argc, argv);
}
