#ifndef CONFITURE_WORKER_CATALOG_CATALOG_H
#define CONFITURE_WORKER_CATALOG_CATALOG_H

#include "shared/pg/connection.h"
#include "shared/schema/model.h"

/*
 * Reads the structure of a database into a model: every kind of shared/schema/kinds.h, in one round
 * trip and one snapshot, whatever the number of objects. What belongs to an extension is left out,
 * and so is what the server made itself. Values that may be secret are not read at all.
 */
struct catalog_options {
	/* Tables that are nobody's business (our own), as addresses; they and all that belongs to
	 * them are left out. */
	const char *const *leave_out;
	size_t leave_out_count;
};

struct catalog_own {
	const char *role; /* of the session */
	struct catalog_options options;
};
/*
 * Finds our own tables as a run with that ledger ("tb_confiture" or "schema.table") finds them.
 * Texts live in `arena`. Inside an open transaction the search_path is another one behind it.
 */
MUST_USE bool catalog_own_tables(struct pg_conn *c, const char *ledger, struct arena *arena,
				 struct catalog_own *out, struct error *err);

struct catalog_reading {
	struct pg_conn *conn;
	struct catalog_options options;
	struct schema_model *model; /* the result: the pool's, and lives as long */
};

/* Several (at most PG_STREAMS) at the same time. Errors: as pg_streams(); TARGET_003 names what the
 * role may not read. */
MUST_USE bool catalog_read_all(struct catalog_reading *all, size_t count, struct schema_pool *pool,
			       struct error *err);
/* One; `options` may be NULL. */
MUST_USE bool catalog_read(struct pg_conn *c, const struct catalog_options *options,
			   struct schema_pool *pool, struct schema_model **out, struct error *err);

/* The oldest and the newest major version that the queries are written for. */
enum { CATALOG_OLDEST = 12, CATALOG_NEWEST = 18 };

#endif
