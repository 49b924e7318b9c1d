#ifndef CONFITURE_CLI_COMPARISON_H
#define CONFITURE_CLI_COMPARISON_H

#include "cli/structure.h"
#include "shared/schema/plan.h"
#include "shared/schema/rename.h"

/* Two structures, what differs, and the ways from one to the other. */
struct comparison {
	struct structures structures;
	struct structure_source sources[2]; /* the caller sets option and word; from, to */
	struct schema_rename *said;	    /* --rename */
	size_t said_count;
	struct schema_renames renames;
	struct schema_diff diff;
};

/*
 * Reads both sides and compares them, as --scratch-url, --strict-coverage and --rename of the
 * command say. Errors: USAGE_001 --rename without a = · DIFFER_404 something is not compared ·
 * those of structures_read() and schema_rename(). To be closed either way.
 */
MUST_USE bool comparison_open(struct comparison *c, struct cli *cli, const struct args *args,
			      struct error *err);
/* Something differs, or was renamed. */
bool comparison_differs(const struct comparison *c);
void comparison_close(struct comparison *c);

/* The statements that take from to to, as --no-online says. SCHEMA_202 when no order works. */
MUST_USE bool comparison_plan(const struct comparison *c, const struct args *args,
			      struct schema_plan *out, struct error *err);
/* The same, and back: to to from. */
MUST_USE bool comparison_plan_back(const struct comparison *c, const struct args *args,
				   struct schema_plan *out, struct error *err);

#endif
