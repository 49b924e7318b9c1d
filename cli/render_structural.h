#ifndef CONFITURE_CLI_RENDER_STRUCTURAL_H
#define CONFITURE_CLI_RENDER_STRUCTURAL_H

#include "cli/cli.h"
#include "shared/wire/structure.h"

/* What a run changes, as its result tells it: a line a change, and no more of them than people
 * read. */
void render_structural(struct cli *cli, int indent, const struct structure_change *changes,
		       size_t count, int64_t total);
/* How the schema files compare; NULL says nothing. */
void render_schema_drift(struct cli *cli, const struct schema_drift *drift);

#endif
