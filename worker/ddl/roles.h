#ifndef CONFITURE_WORKER_DDL_ROLES_H
#define CONFITURE_WORKER_DDL_ROLES_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/* Names of roles, each once, sorted by bytes. */
struct ddl_roles {
	const char **names;
	size_t count, cap;
	struct arena *arena;
};

/*
 * Adds the roles that a statement names where its grammar wants a role: owners, grantees, policies,
 * SET ROLE. Not PUBLIC, CURRENT_USER and the like. What functions and DO blocks name is not seen.
 */
void ddl_roles_of(struct span sql, struct ddl_roles *out);

bool ddl_roles_have(const struct ddl_roles *roles, const char *name);
/* True when it was not there. */
bool ddl_roles_add(struct ddl_roles *roles, const char *name);

#endif
