/* The table of job kinds: the one place where a name becomes a handler. */
#include "worker/kinds.h"

#include <string.h>

#include "shared/base/banned.h"

static const struct job_kind kinds[] = {
	{"status", status_run, true},	  {"current", current_run, true},
	{"apply", apply_run, true},	  {"rollback", rollback_run, true},
	{"baseline", baseline_run, true}, {"rollback_to", rollback_to_run, true},
	{"verify", verify_run, true},	  {"checksums", checksums_run, true},
	{"settle", settle_run, true},	  {"preflight", preflight_run, false},
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
