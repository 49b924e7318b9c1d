#ifndef CONFITURE_TESTS_UNIT_SQL_CASES_H
#define CONFITURE_TESTS_UNIT_SQL_CASES_H

#include <stdio.h>

#include "shared/base/arena.h"
#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "tests/support/unit.h"

/* A statement, and in one line what is found in it. */
struct sql_case {
	const char *sql;
	const char *expected;
};

typedef void (*sql_describe)(struct arena *arena, struct span sql, struct text *out);

static inline void
check_sql_cases(const struct sql_case *cases, size_t count, sql_describe describe)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena;
		struct text got;

		arena_init(&arena);
		text_init(&got, 0);
		describe(&arena, span_str(cases[i].sql), &got);
		if (!CHECK_STR(got.ptr, cases[i].expected))
			fprintf(stderr, "  of: %s\n", cases[i].sql);
		text_fini(&got);
		arena_fini(&arena);
	}
}

/* CHECK_SQL(describe, {"select 1", "SELECT"}, …) */
#define CHECK_SQL(describe, ...)                                                                   \
	do {                                                                                       \
		static const struct sql_case cases[] = {__VA_ARGS__};                              \
		check_sql_cases(cases, ARRAY_LEN(cases), describe);                                \
	} while (0)

#endif
