/* The table of job kinds: the one place where a name becomes a handler. */
#include "worker/kinds.h"

#include <string.h>

#include "shared/base/banned.h"

static const struct job_kind kinds[] = {
	{"status", status_run},	    {"current", current_run},	      {"apply", apply_run},
	{"rollback", rollback_run}, {"rollback_to", rollback_to_run}, {"baseline", baseline_run},
	{"verify", verify_run},	    {"checksums", checksums_run},     {"preflight", preflight_run},
	{"settle", settle_run},
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
