#ifndef CONFITURE_SQL_CATALOGUE_H
#define CONFITURE_SQL_CATALOGUE_H

#include "shared/sql/footprint.h"

/*
 * What a text does beyond its own words, once it is known what is there: DROP COLUMN takes the
 * column's indexes along, CASCADE what depends on it, a parent's columns are its heirs' too. What
 * is there comes from the footprint of the text that made it (a schema's files, a dump).
 *
 * Appends to `f` what follows, marked `implied`; in `arena`. `known` is only read. When both are
 * too large to be compared, `f` becomes opaque.
 */
void sql_footprint_expand(struct arena *arena, struct sql_footprint *f,
			  const struct sql_footprint *known);

#endif
