#ifndef CONFITURE_WORKER_CATALOG_QUERIES_H
#define CONFITURE_WORKER_CATALOG_QUERIES_H

#include "shared/schema/kinds.h"

/* What is asked, in its order: one query for each kind, then those whose rows belong to any kind.
 */
enum {
	CATALOG_PRIVILEGES = SCHEMA_KIND_COUNT,
	CATALOG_COMMENTS,
	CATALOG_LABELS,
	CATALOG_DEPENDENCIES,
	CATALOG_UNMODELLED,
	CATALOG_ROLE,
	CATALOG_QUERIES
};

/* Columns of a kind's query before its own attributes. */
enum {
	CATALOG_CLASS,
	CATALOG_ID,
	CATALOG_SUBID,
	CATALOG_SCHEMA,
	CATALOG_PARENT,
	CATALOG_NAME,
	CATALOG_ADDRESS,
	CATALOG_OWNER,
	CATALOG_COLUMNS
};

/* The text for a server of that version (150020). */
const char *catalog_query(size_t which, int server_version_num);
/* Every text that there is for it, the newest first; for tests. NULL after the last. */
const char *catalog_variant(size_t which, size_t n);
/* What the server's printers look at. */
extern const char *const catalog_settings;

#endif
