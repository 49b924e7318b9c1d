/* The table of job kinds: the one place where a name becomes a handler. */
#include "worker/kinds.h"

#include <string.h>

#include "shared/base/banned.h"

static const struct job_kind kinds[] = {
	{"status", status_run, true, false},	    {"current", current_run, true, false},
	{"apply", apply_run, true, false},	    {"rollback", rollback_run, true, false},
	{"baseline", baseline_run, true, false},    {"rollback_to", rollback_to_run, true, false},
	{"verify", verify_run, true, false},	    {"checksums", checksums_run, true, false},
	{"settle", settle_run, true, false},	    {"preflight", preflight_run, false, false},
	{"introspect", introspect_run, true, true},
};

const struct job_kind *
job_kind_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

size_t
job_kinds_told(struct arena *arena, const char ***out)
{
	size_t count = 0;

	*out = arena_array(arena, ARRAY_LEN(kinds), sizeof(**out));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].later)
			(*out)[count++] = kinds[i].name;
	}
	return count;
}
