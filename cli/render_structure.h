#ifndef CONFITURE_CLI_RENDER_STRUCTURE_H
#define CONFITURE_CLI_RENDER_STRUCTURE_H

#include "cli/cli.h"
#include "shared/schema/diff.h"

/* Structures and their differences as text on out. `from`, `to`, `source`: what was read. */
void render_structure(struct cli *cli, const struct schema_model *m, const char *source);
void render_structure_diff(struct cli *cli, const struct schema_diff *d, const char *from,
			   const char *to);

#endif
