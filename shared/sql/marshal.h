#ifndef CONFITURE_SQL_MARSHAL_H
#define CONFITURE_SQL_MARSHAL_H

#include "shared/base/text.h"
#include "shared/sql/footprint.h"

/*
 * Footprints and what they are made from as bytes, between two processes of one program on one
 * machine. The reader trusts nothing: it takes what is whole and within the limits, and refuses the
 * rest.
 */
enum {
	MARSHAL_TEXT_LIMIT = 32 * 1024 * 1024, /* of the SQL asked about */
	MARSHAL_LIMIT = 256 * 1024 * 1024      /* of one message */
};

/* ---- what is asked ---- */

void marshal_request(struct text *out, struct span sql, const struct sql_search_path *path);
/* Borrows from `bytes` and `arena`. */
MUST_USE bool unmarshal_request(struct arena *arena, struct span bytes, struct span *sql,
				struct sql_search_path *path);

/* ---- what is answered ---- */

void marshal_footprint(struct text *out, const struct sql_footprint *f);
/* Fills `out`, which starts zeroed; everything is copied into `arena`. */
MUST_USE bool unmarshal_footprint(struct arena *arena, struct span bytes,
				  struct sql_footprint *out);

#endif
