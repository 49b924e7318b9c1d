/* The one place that sees CUnit. */
#include "tests/support/unit.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

/* Outside a test (a benchmark, a fixture of main) there is nobody to report to: say it and leave.
 */
static bool
record(bool ok, const char *what, const char *file, int line, bool fatal)
{
	if (CU_get_current_test() != NULL)
		return CU_assertImplementation(ok, (unsigned)line, what, file, "", fatal);
	if (!ok) {
		fprintf(stderr, "%s:%d: %s\n", file, line, what);
		exit(1);
	}
	return true;
}

bool
unit_check(bool ok, const char *what, const char *file, int line)
{
	return record(ok, what, file, line, false);
}

bool
unit_check_int(int64_t actual, int64_t expected, const char *what, const char *file, int line)
{
	char text[512];

	snprintf(text, sizeof(text), "%s is %lld, expected %lld", what, (long long)actual,
		 (long long)expected);
	return record(actual == expected, text, file, line, false);
}

bool
unit_check_str(const char *actual, const char *expected, const char *what, const char *file,
	       int line)
{
	bool equal = actual == expected ||
		     (actual != NULL && expected != NULL && strcmp(actual, expected) == 0);
	char text[2048];

	snprintf(text, sizeof(text), "%s is \"%s\", expected \"%s\"", what,
		 actual ? actual : "(null)", expected ? expected : "(null)");
	return record(equal, text, file, line, false);
}

bool
unit_check_has(const char *actual, const char *part, const char *what, const char *file, int line)
{
	bool found = actual != NULL && strstr(actual, part) != NULL;
	char text[2048];

	snprintf(text, sizeof(text), "%s is \"%.1500s\", expected to hold \"%s\"", what,
		 actual ? actual : "(null)", part);
	return record(found, text, file, line, false);
}

void
unit_require(bool ok, const char *what, const char *file, int line)
{
	(void)record(ok, what, file, line, true);
}

bool
unit_through_fleet(void)
{
	const char *mode = getenv("CONFITURE_TEST_MODE");

	return mode != NULL && strcmp(mode, "fleet") == 0;
}

int
unit_main(const char *suite_name, const struct unit_case *cases, size_t count, int argc,
	  char **argv)
{
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
	if (suite == NULL)
		return 2;
	for (size_t i = 0; i < count; i++) {
		if (argc > 1 && strstr(cases[i].name, argv[1]) == NULL)
			continue;
		if (cases[i].embedded_only && unit_through_fleet())
			continue;
		if (CU_add_test(suite, cases[i].name, cases[i].run) == NULL)
			return 2;
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	bool good = CU_get_number_of_tests_failed() == 0 && CU_get_number_of_tests_run() > 0 &&
		    CU_get_number_of_asserts() > 0;
	CU_cleanup_registry();
	return good ? 0 : 1;
}
