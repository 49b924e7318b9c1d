#ifndef CONFITURE_SNAPSHOT_STRUCTURE_CHANGES_H
#define CONFITURE_SNAPSHOT_STRUCTURE_CHANGES_H

#include "shared/wire/structure.h"
#include "shared/schema/diff.h"

/* Differences as the document of `confiture diff`. */

/* The Python tool's name of a change where it has one, else the action and the kind: CREATE_VIEW.
 * `attribute`: for objects that are on both sides, which one differs; else NULL. */
const char *structure_change_type(struct arena *arena, const struct schema_change *c,
				  const struct schema_attribute_change *attribute);

/* What a change is about; NULL where there is nothing to add. */
struct diff_details *structure_change_details(struct arena *arena, const struct schema_change *c,
					      const struct schema_attribute_change *attribute);

/* Parts of what is made or dropped are told with their whole. */
struct diff_result *structure_changes(struct arena *arena, const struct schema_diff *d);

#endif
