#ifndef CONFITURE_WORKER_DAEMON_TENANTS_H
#define CONFITURE_WORKER_DAEMON_TENANTS_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"

struct tenant_list {
	const char **names; /* in the server's order */
	size_t count;
};

/* Names of the databases of the URL's server that are LIKE the pattern, or match it as a regular
 * expression; templates and those that nobody may enter are left out. At most 4096. */
MUST_USE bool tenants_list(struct arena *arena, struct secret url, const char *pattern, bool regex,
			   struct tenant_list *out, struct error *err);

#endif
