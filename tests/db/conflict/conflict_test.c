/*
 * The rules of conflicts against the truth: every pair of cases.txt is applied in both orders to a
 * real server. Arguments: none = the file; a number N [seed] = N generated pairs instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "tests/db/conflict/cases.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { PAIRS_AT_LEAST = 300 };

static void
the_rules_agree_with_the_server_on_every_pair(void)
{
	struct tally tally = {0};
	struct pairs pairs = {0};
	struct arena arena;

	arena_init(&arena);
	REQUIRE(oracle_open(CONFLICT_DIR "/base.sql"));
	REQUIRE(pairs_read(&arena, CONFLICT_DIR "/cases.txt", &pairs));
	REQUIRE(pairs_judge(&pairs, &tally));
	tally_print(&tally);
	CHECK_INT(tally.missed, 0);
	CHECK_INT(tally.too_mild, 0);
	CHECK_INT(tally.false_alarm, 0);
	CHECK_INT(tally.misnamed, 0);
	size_t left_out = 0;
	for (int s = 0; s <= CONFLICT_ERROR; s++)
		left_out += tally.matrix[TRUTH_LEFT_OUT][s];
	CHECK_INT(left_out, 0);
	CHECK(pairs.count >= PAIRS_AT_LEAST);
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(the_rules_agree_with_the_server_on_every_pair),
};

int
main(int argc, char **argv)
{
	return unit_main("conflict", cases, ARRAY_LEN(cases), argc, argv);
}
