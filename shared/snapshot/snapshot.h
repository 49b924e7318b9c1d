#ifndef CONFITURE_SNAPSHOT_SNAPSHOT_H
#define CONFITURE_SNAPSHOT_SNAPSHOT_H

#include "shared/schema/model.h"
#include "shared/wire/structure.h"

/*
 * A model as a record, which is what `confiture introspect` prints, and back: a snapshot in a file
 * is a structure like any other.
 */
struct structure *snapshot_of(struct arena *arena, const struct schema_model *m,
			      const char *source);

/* DIFFER_400 when a kind or an attribute is not known, an object is there twice, or one needs what
 * is not there. The model is the pool's. */
MUST_USE bool snapshot_model(struct schema_pool *pool, const struct structure *s,
			     struct schema_model **out, struct error *err);

#endif
