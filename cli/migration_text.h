#ifndef CONFITURE_CLI_MIGRATION_TEXT_H
#define CONFITURE_CLI_MIGRATION_TEXT_H

#include "cli/cli.h"
#include "shared/schema/plan.h"

/*
 * A plan as a migration file that `migrate up` and `migrate down` run. One transaction where that
 * can be; else a directive says that it runs statement by statement. Statements that lose rows or
 * values have a remark above them. `head`: comment lines that come first, without their dashes.
 */
const char *migration_text(struct cli *cli, const struct schema_plan *plan, const char *head);

/* Those statements, for a document. */
void migration_text_losses(struct arena *arena, const struct schema_plan *plan, const char ***items,
			   size_t *count);

#endif
