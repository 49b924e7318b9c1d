#ifndef CONFITURE_SNAPSHOT_INSIDE_H
#define CONFITURE_SNAPSHOT_INSIDE_H

#include "shared/schema/model.h"
#include "shared/wire/structure.h"

/* What the files of this room share. */

/* Everything but the objects. */
struct structure *snapshot_head(struct arena *arena, const struct schema_model *m,
				const char *source);
void snapshot_object(struct arena *arena, const struct schema_model *m,
		     const struct schema_object *o, struct structure_object *out);

#endif
