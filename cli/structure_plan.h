#ifndef CONFITURE_CLI_STRUCTURE_PLAN_H
#define CONFITURE_CLI_STRUCTURE_PLAN_H

#include "cli/cli.h"
#include "cli/structure_documents.h"
#include "shared/schema/plan.h"

/* The SQL that takes one structure to the other, as `confiture diff` shows it. */

/* Adds the statements to the document: all of them in their order, and to each change its own, with
 * what they lock. `diff` is what the plan was made of; the plan's statements get their remarks. */
void structure_plan_fill(struct arena *arena, const struct schema_diff *diff,
			 struct schema_plan *plan, struct diff_result *out);

/* DIFFER_403, with the statements that lose rows or values, where there are any. */
MUST_USE bool structure_plan_keeps(struct arena *arena, const struct schema_plan *plan,
				   struct error *err);
/* Warns of what lacks a secret. */
void structure_plan_warn(struct cli *cli, const struct schema_plan *plan);

/* Prints the script, or refuses: DIFFER_403 when rows or values would be lost and
 * --allow-data-loss was not given. */
MUST_USE bool structure_plan_show(struct cli *cli, const struct args *args,
				  const struct schema_diff *diff, struct schema_plan *plan,
				  struct error *err);

#endif
