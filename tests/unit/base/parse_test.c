/* The strict readers, as tables. */
#include <string.h>

#include "shared/base/parse.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { UNTOUCHED = -77 };

static void
whole_numbers(void)
{
	static const struct {
		const char *in;
		bool ok;
		int64_t out;
	} table[] = {
		{"0", true, 0},
		{"42", true, 42},
		{"-7", true, -7},
		{"007", true, 7},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"12x", false, 0},
		{"0x10", false, 0},
		{"1.0", false, 0},
		{"1e3", false, 0},
		{"-", false, 0},
		{"--1", false, 0},
		{NULL, false, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		int64_t out = UNTOUCHED;
		CHECK_INT(parse_int(table[i].in, &out), table[i].ok);
		CHECK_INT(out, table[i].ok ? table[i].out : UNTOUCHED);
	}
}

static void
durations(void)
{
	static const struct {
		const char *in;
		int64_t bare, out;
		bool ok;
	} table[] = {
		{"500ms", 1, 500, true},
		{"30s", 1, 30000, true},
		{"10m", 1, 600000, true},
		{"2h", 1, 7200000, true},
		{"1d", 1, 86400000, true},
		{"5", 1, 5, true},
		{"5", 1000, 5000, true},
		{"0", 1000, 0, true},
		{"0s", 1, 0, true},
		{"", 1, 0, false},
		{"s", 1, 0, false},
		{"-1s", 1, 0, false},
		{"+1s", 1, 0, false},
		{" 1s", 1, 0, false},
		{"1s ", 1, 0, false},
		{"1 s", 1, 0, false},
		{"1S", 1, 0, false},
		{"1.5s", 1, 0, false},
		{"1w", 1, 0, false},
		{"1ms2", 1, 0, false},
		{"106751991168d", 1, 0, false},
		{"99999999999999999999", 1, 0, false},
		{"9223372036854775807", 1000, 0, false},
		{NULL, 1, 0, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		int64_t out = UNTOUCHED;
		CHECK_INT(parse_duration_ms(table[i].in, table[i].bare, &out), table[i].ok);
		CHECK_INT(out, table[i].ok ? table[i].out : UNTOUCHED);
	}
}

static void
yes_and_no(void)
{
	static const struct {
		const char *in;
		int out; /* -1: neither */
	} table[] = {
		{"true", 1},  {"TRUE", 1}, {"yes", 1},	{"Yes", 1},   {"on", 1},  {"1", 1},
		{"false", 0}, {"no", 0},   {"OFF", 0},	{"0", 0},     {"", -1},	  {"2", -1},
		{"t", -1},    {"y", -1},   {"on ", -1}, {" off", -1}, {"01", -1}, {"truefalse", -1},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		for (int before = 0; before < 2; before++) {
			bool out = before != 0;
			CHECK_INT(parse_bool(table[i].in, &out), table[i].out >= 0);
			CHECK_INT(out, table[i].out >= 0 ? table[i].out : before);
		}
	}
}

static void
the_nearest_word_is_what_was_probably_meant(void)
{
	static const char *const words[] = {"migrate", "baseline",  "status",	"up",
					    "down",    "preflight", "validate", "down-to"};
	static const struct {
		const char *typed, *meant;
	} table[] = {
		{"migrate", "migrate"},	 {"migarte", "migrate"},
		{"statsu", "status"},	 {"preflght", "preflight"},
		{"baselin", "baseline"}, {"downto", "down-to"},
		{"validte", "validate"}, {"pu", "up"},
		{"xyzzy", NULL},	 {"completely-else", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		CHECK_STR(nearest_word(table[i].typed, words, ARRAY_LEN(words)), table[i].meant);
	CHECK(nearest_word("status", words, 0) == NULL);
}

static void
words_of_any_length_are_compared_in_bounds(void)
{
	char typed[200], candidate[200];
	const char *list[] = {candidate};

	for (size_t a = 60; a < 70; a++) {
		for (size_t b = 60; b < 70; b++) {
			memset(typed, 'w', a);
			memset(candidate, 'w', b);
			typed[a] = candidate[b] = '\0';
			const char *found = nearest_word(typed, list, 1);
			CHECK(found == (a <= 63 && b <= 63 ? candidate : NULL));
		}
	}
}

static const struct unit_case cases[] = {
	CASE(whole_numbers),
	CASE(durations),
	CASE(yes_and_no),
	CASE(the_nearest_word_is_what_was_probably_meant),
	CASE(words_of_any_length_are_compared_in_bounds),
};

int
main(int argc, char **argv)
{
	return unit_main("base_parse", cases, ARRAY_LEN(cases), argc, argv);
}
