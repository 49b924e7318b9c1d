/* Decisions about jobs, with any clock and any history. */
#include <string.h>

#include "coordinator/coordinator.h"
#include "coordinator/job_rules.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
kinds_that_change_nothing_need_no_journal(void)
{
	static const struct {
		const char *kind;
		struct job_options options;
		bool read_only;
	} t[] = {
		{"status", {0}, true},
		{"current", {0}, true},
		{"verify", {0}, true},
		{"preflight", {0}, true},
		{"checksums", {0}, true},
		{"checksums", {.fix = true}, false},
		{"checksums", {.fix = true, .dry_run = true}, true},
		{"apply", {0}, false},
		{"apply", {.dry_run = true}, true},
		{"apply", {.dry_run_execute = true}, false},
		{"apply", {.dry_run = true, .dry_run_execute = true}, false},
		{"rollback", {0}, false},
		{"rollback", {.dry_run = true}, true},
		{"rollback_to", {0}, false},
		{"baseline", {0}, false},
		{"baseline", {.dry_run = true}, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		CHECK_INT(job_kind_read_only(t[i].kind, &t[i].options), t[i].read_only);
	CHECK(!job_kind_read_only("apply", NULL));
	CHECK(job_kind_read_only("status", NULL));
}

static void
a_lease_is_over_when_its_time_has_come_and_not_before(void)
{
	struct lease lease = lease_from("boot-a", 1000, 500);

	CHECK_INT(lease.until_ms, 1500);
	CHECK(!lease_over(&lease, "boot-a", 1499));
	CHECK(lease_over(&lease, "boot-a", 1500));
	CHECK(lease_over(&lease, "boot-a", UINT64_MAX));
}

static void
p08_a_lease_of_another_boot_is_never_over(void)
{
	struct lease lease = lease_from("boot-a", 1000, 500), none = {0};

	CHECK(!lease_over(&lease, "boot-b", UINT64_MAX));
	CHECK(!lease_comparable(&lease, "boot-b"));
	CHECK(!lease_over(&none, "boot-a", UINT64_MAX));
}

static void
a_lapsed_lease_gives_back_an_offer_and_loses_a_run(void)
{
	static const struct {
		enum job_state state;
		enum job_trigger trigger; /* TRIGGER_COUNT: nothing */
	} t[] = {
		{JOB_QUEUED, TRIGGER_COUNT},	{JOB_OFFERED, TRIGGER_LAPSE},
		{JOB_RUNNING, TRIGGER_LOSE},	{JOB_CANCELLING, TRIGGER_LOSE},
		{JOB_UNKNOWN, TRIGGER_COUNT},	{JOB_SUCCEEDED, TRIGGER_COUNT},
		{JOB_CANCELLED, TRIGGER_COUNT}, {JOB_FAILED, TRIGGER_COUNT},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		enum job_trigger trigger = TRIGGER_COUNT;
		CHECK_INT(lapsed_trigger(t[i].state, &trigger), t[i].trigger != TRIGGER_COUNT);
		CHECK_INT(trigger, t[i].trigger);
	}
}

static void
a_dead_owner_abandons_what_never_began_and_loses_what_did(void)
{
	static const struct {
		enum job_state state;
		enum job_trigger trigger;
	} t[] = {
		{JOB_QUEUED, TRIGGER_ABANDON},	{JOB_OFFERED, TRIGGER_ABANDON},
		{JOB_RUNNING, TRIGGER_LOSE},	{JOB_CANCELLING, TRIGGER_LOSE},
		{JOB_UNKNOWN, TRIGGER_COUNT},	{JOB_SUCCEEDED, TRIGGER_COUNT},
		{JOB_CANCELLED, TRIGGER_COUNT}, {JOB_FAILED, TRIGGER_COUNT},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		enum job_trigger trigger = TRIGGER_COUNT;
		CHECK_INT(dead_owner_trigger(t[i].state, &trigger), t[i].trigger != TRIGGER_COUNT);
		CHECK_INT(trigger, t[i].trigger);
	}
}

/* Every rule only ever asks for what the table allows. */
static void
rules_and_table_agree(void)
{
	for (int s = 0; s < JOB_STATE_COUNT; s++) {
		enum job_trigger trigger;
		if (lapsed_trigger((enum job_state)s, &trigger))
			CHECK(job_transition((enum job_state)s, trigger) != NULL);
		if (dead_owner_trigger((enum job_state)s, &trigger))
			CHECK(job_transition((enum job_state)s, trigger) != NULL);
	}
}

static void
a_report_ends_a_job_by_its_outcome_and_its_state(void)
{
	struct issue failed = {.code = "MIGR_001"}, stopped = {.code = "JOB_004"};
	const struct job_outcome good = {0}, bad = {.error = &failed}, stop = {.error = &stopped},
				 unknown = {.error = &failed, .unknown = true},
				 pending = {.exit_code = 1};
	const struct {
		enum job_state state;
		const struct job_outcome *outcome;
		bool possible;
		enum job_trigger before, trigger;
	} t[] = {
		{JOB_RUNNING, &good, true, TRIGGER_COUNT, TRIGGER_SUCCEED},
		{JOB_RUNNING, &pending, true, TRIGGER_COUNT, TRIGGER_SUCCEED},
		{JOB_RUNNING, &bad, true, TRIGGER_COUNT, TRIGGER_FAIL},
		{JOB_RUNNING, &stop, true, TRIGGER_CANCEL, TRIGGER_STOP},
		{JOB_RUNNING, &unknown, true, TRIGGER_COUNT, TRIGGER_LOSE},
		{JOB_CANCELLING, &good, true, TRIGGER_COUNT, TRIGGER_SUCCEED},
		{JOB_CANCELLING, &bad, true, TRIGGER_COUNT, TRIGGER_FAIL},
		{JOB_CANCELLING, &stop, true, TRIGGER_COUNT, TRIGGER_STOP},
		{JOB_CANCELLING, &unknown, true, TRIGGER_COUNT, TRIGGER_LOSE},
		{JOB_UNKNOWN, &good, true, TRIGGER_COUNT, TRIGGER_SETTLE_SUCCEEDED},
		{JOB_UNKNOWN, &bad, true, TRIGGER_COUNT, TRIGGER_SETTLE_FAILED},
		{JOB_UNKNOWN, &unknown, false, 0, 0},
		{JOB_QUEUED, &good, false, 0, 0},
		{JOB_OFFERED, &good, false, 0, 0},
		{JOB_SUCCEEDED, &good, false, 0, 0},
		{JOB_CANCELLED, &stop, false, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct finish_ruling ruling;
		bool possible = finish_ruling(t[i].state, t[i].outcome, &ruling);
		CHECK_INT(possible, t[i].possible);
		if (!possible || !t[i].possible)
			continue;
		CHECK_INT(ruling.before, t[i].before);
		CHECK_INT(ruling.trigger, t[i].trigger);
		enum job_state state = t[i].state;
		if (ruling.before != TRIGGER_COUNT)
			CHECK(job_state_move(&state, ruling.before, NULL, NULL));
		CHECK(job_state_move(&state, ruling.trigger, NULL, NULL));
	}
}

static void
settling_believes_the_steps_that_committed(void)
{
	static const struct {
		int64_t steps, planned;
		enum job_trigger trigger;
		const char *note;
	} t[] = {
		{0, 0, TRIGGER_SETTLE_FAILED, "interrupted before anything was done"},
		{0, 3, TRIGGER_SETTLE_FAILED, "interrupted"},
		{2, 3, TRIGGER_SETTLE_FAILED, "interrupted"},
		{3, 3, TRIGGER_SETTLE_SUCCEEDED, "interrupted after every step was committed"},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct settle_ruling ruling = settle_ruling(t[i].steps, t[i].planned);
		CHECK_INT(ruling.trigger, t[i].trigger);
		CHECK_STR(ruling.note, t[i].note);
	}
}

static const struct unit_case cases[] = {
	CASE(kinds_that_change_nothing_need_no_journal),
	CASE(a_lease_is_over_when_its_time_has_come_and_not_before),
	CASE(p08_a_lease_of_another_boot_is_never_over),
	CASE(a_lapsed_lease_gives_back_an_offer_and_loses_a_run),
	CASE(a_dead_owner_abandons_what_never_began_and_loses_what_did),
	CASE(rules_and_table_agree),
	CASE(a_report_ends_a_job_by_its_outcome_and_its_state),
	CASE(settling_believes_the_steps_that_committed),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/job_rules", cases, ARRAY_LEN(cases), argc, argv);
}
