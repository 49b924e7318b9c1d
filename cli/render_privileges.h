#ifndef CONFITURE_CLI_RENDER_PRIVILEGES_H
#define CONFITURE_CLI_RENDER_PRIVILEGES_H

#include "cli/cli.h"
#include "shared/schema/model.h"

/* Lists of privileges as GRANT and REVOKE, the way from `before` to `after`; NULL is what the owner
 * has by default. `of` is the object as it is afterwards. */
bool render_is_privileges(enum schema_kind kind, size_t place);

struct privilege_change {
	bool grant;
	const char *what; /* "INSERT, SELECT", or "ALL" */
	const char *grantee;
	bool again; /* with the right to grant it on */
};
/* The same as data, what goes first; returns how many. */
size_t privilege_changes(struct arena *arena, const struct schema_object *of, const char *before,
			 const char *after, struct privilege_change **out);

void render_privileges(struct cli *cli, int indent, const struct schema_object *of,
		       const char *before, const char *after);

#endif
