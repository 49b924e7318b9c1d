/* The rows of the error table, and the order of exit codes. */
#include "shared/base/error_codes.h"

#include <strings.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

static const struct error_code codes[] = {
#define ERROR_ROW(code, exit_code, severity, meaning, why, remedy)                                 \
	{E_##code, #code, exit_code, SEVERITY_##severity, meaning, why, remedy},
	ERROR_CODES(ERROR_ROW)
#undef ERROR_ROW
};

const struct error_code *
error_code(enum error_id id)
{
	return &codes[id];
}

const struct error_code *
error_code_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (strcasecmp(codes[i].name, name) == 0)
			return &codes[i];
	}
	return NULL;
}

const char *
error_severity_name(enum error_severity s)
{
	static const char *const names[] = {"info", "warning", "error", "critical"};

	return names[s];
}

int
exit_code_worst(int a, int b)
{
	static const int order[] = {9, 8, 3, 7, 6, 5, 4, 2, 1, 10, 0};

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (order[i] == a || order[i] == b)
			return order[i];
	}
	return a;
}
