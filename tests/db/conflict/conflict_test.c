/*
 * The rules of conflicts against the truth: every pair of cases.txt is applied in both orders to a
 * real server. Arguments: none = the file; a number N [seed] = N generated pairs instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/parse.h"
#include "tests/db/conflict/cases.h"
#include "tests/db/conflict/generate.h"
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

/* Drawn pairs: the figures are printed, and every disagreement. What needs to know the base itself
 * (which index lies on which column …) is not seen from two texts, so that only false alarms and a
 * bound are held. */
static void
drawn_pairs(uint64_t seed, size_t count)
{
	struct tally tally = {0};
	struct pairs pairs = {0};
	struct arena arena;

	arena_init(&arena);
	REQUIRE(oracle_open(CONFLICT_DIR "/base.sql"));
	pairs_generate(&arena, seed, count, &pairs);
	REQUIRE(pairs_judge(&pairs, &tally));
	printf("seed %llu\n", (unsigned long long)seed);
	tally_print(&tally);
	CHECK_INT(tally.false_alarm, 0);
	CHECK_INT(tally.missed + tally.too_mild, 0);
	arena_fini(&arena);
}

static uint64_t drawn_seed = 1;
static size_t drawn_count;

static void
the_rules_agree_with_the_server_on_drawn_pairs(void)
{
	drawn_pairs(drawn_seed, drawn_count);
}

static const struct unit_case drawn[] = {
	CASE(the_rules_agree_with_the_server_on_drawn_pairs),
};

static const struct unit_case cases[] = {
	CASE(the_rules_agree_with_the_server_on_every_pair),
};

int
main(int argc, char **argv)
{
	int64_t count, seed;

	if (argc > 1 && parse_int(argv[1], &count) && count > 0) {
		drawn_count = (size_t)count;
		if (argc > 2 && parse_int(argv[2], &seed))
			drawn_seed = (uint64_t)seed;
		return unit_main("conflict", drawn, ARRAY_LEN(drawn), 1, argv);
	}
	return unit_main("conflict", cases, ARRAY_LEN(cases), argc, argv);
}
