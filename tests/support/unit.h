#ifndef CONFITURE_TESTS_UNIT_H
#define CONFITURE_TESTS_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * CUnit with less ceremony: a test program is a table of cases, each named for the behaviour it
 * holds (a_lost_lease_after_begin_is_unknown). Failed checks print both values.
 */
struct unit_case {
	const char *name;
	void (*run)(void);
	bool embedded_only;
};
/* clang-format off */
#define CASE(fn) { #fn, fn, false }
/* A case that means something only without a coordinator: left out with CONFITURE_TEST_MODE=fleet. */
#define CASE_EMBEDDED(fn) { #fn, fn, true }
/* clang-format on */

/* Runs the cases whose name contains argv[1] (all without one); returns the exit code. Prints
 * CUnit's summary and a line for each failure. */
int unit_main(const char *suite, const struct unit_case *cases, size_t count, int argc,
	      char **argv);

/* Whether CONFITURE_TEST_MODE=fleet: what runs confiture does it through a coordinator and a worker
 * of its own (project.h). */
bool unit_through_fleet(void);

#define CHECK(condition) unit_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected)                                                                \
	unit_check_int((int64_t)(actual), (int64_t)(expected), #actual, __FILE__, __LINE__)
#define CHECK_STR(actual, expected)                                                                \
	unit_check_str((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_HAS(actual, part) unit_check_has((actual), (part), #actual, __FILE__, __LINE__)
/* For what the rest of the case cannot do without. */
#define REQUIRE(condition) unit_require((condition), #condition, __FILE__, __LINE__)

bool unit_check(bool ok, const char *what, const char *file, int line);
bool unit_check_int(int64_t actual, int64_t expected, const char *what, const char *file, int line);
bool unit_check_str(const char *actual, const char *expected, const char *what, const char *file,
		    int line);
bool unit_check_has(const char *actual, const char *part, const char *what, const char *file,
		    int line);
void unit_require(bool ok, const char *what, const char *file, int line);

#endif
