#ifndef CONFITURE_SCHEMA_DIFF_H
#define CONFITURE_SCHEMA_DIFF_H

#include "shared/schema/model.h"

/*
 * What differs between two structures: one merge walk over both, the same for every kind. Both are
 * models of one pool.
 */
struct schema_attribute_change {
	size_t place; /* in the objects' values */
	const char *before, *after;
};

struct schema_change {
	enum schema_kind kind;
	const struct schema_object *before, *after; /* NULL: made; NULL: dropped */
	/* Both are there: what differs, by place. */
	struct schema_attribute_change *attributes;
	size_t count;
	/* A part of an object that is itself made or dropped. */
	bool with_whole;
};

struct schema_renames;

struct schema_diff {
	const struct schema_model *from, *to;
	/* `from` is the structure in which these are done (rename.h); NULL: none was said. */
	const struct schema_renames *renames;
	struct schema_change *changes; /* by kind, then address */
	size_t count;
};

void schema_diff(struct arena *arena, const struct schema_model *from,
		 const struct schema_model *to, struct schema_diff *out);

#endif
