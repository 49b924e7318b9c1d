#ifndef CONFITURE_WORKER_DDL_ITEMS_H
#define CONFITURE_WORKER_DDL_ITEMS_H

#include "shared/sql/split.h"
#include "worker/ddl/judge.h"
#include "worker/ddl/load.h"
#include "worker/ddl/roles.h"
#include "worker/ddl/states.h"

/* The statements of all files, judged: what the rounds of load.c go through. */

/* What the server said last about a statement. */
struct ddl_refusal {
	char sqlstate[6];
	enum ddl_fate fate;
	uint32_t position; /* in characters, from 1; 0 = not known */
	const char *words;
};

struct ddl_item {
	struct sql_piece piece; /* its text lies in the file */
	struct span sql;	/* as it is run */
	uint32_t file;
	uint32_t stand; /* the item of its file whose settings it has: itself */
	uint32_t until; /* of a SET LOCAL: the item that ends it */
	enum ddl_way way;
	unsigned flags;
	const char *known;
	bool pending;
	struct ddl_refusal *refusal; /* NULL: none, or none any more */
};

struct ddl_items {
	struct arena *arena;
	const struct ddl_file *files;
	size_t file_count;
	struct ddl_item *items;
	size_t count, cap;
	size_t *first; /* first[f] … first[f + 1]: the items of a file; behind the last file's are
			* keys that were cut out */
	bool own_server;
	struct ddl_roles missing; /* roles that are named and not there; on a server of our own
				   * they are made */
	struct ddl_report *report;
};

/* Splits and judges; notes what is passed over. Only what will be run is kept, and settings. */
MUST_USE bool ddl_items_read(struct ddl_items *items, struct error *err);

/* A text for the splitter; `left` is what it has not read yet. */
struct sql_source ddl_text_source(struct span *left);

/* The first words of a statement, on one line and without passwords. */
const char *ddl_item_words(struct arena *arena, const struct ddl_item *item);

PRINTF_LIKE(4, 5)
void ddl_note(struct ddl_items *items, uint32_t file, uint32_t line, const char *fmt, ...);

/* ---- server.c ---- */

/* Finds the roles that are named and not there; makes them where the server is our own. */
MUST_USE bool ddl_prepare_roles(struct pg_conn *c, struct ddl_items *items, struct error *err);
/* Makes them, and puts all but the `silent` (may be NULL) into the report. `names` is empty then.
 */
MUST_USE bool ddl_make_roles(struct pg_conn *c, struct ddl_items *items, struct ddl_roles *names,
			     const struct ddl_roles *silent, struct error *err);
/* Whether one was made; the session's settings have changed then. */
bool ddl_make_tablespaces(struct pg_conn *c, struct ddl_items *items, struct ddl_roles *names);

/* ---- keys.c ---- */

/* Takes foreign keys out of the tables that still wait for others, and makes items of them behind
 * all files. How many. */
size_t ddl_items_cut_keys(struct ddl_items *items);

/* ---- blame.c ---- */

/* Fills the failures of the report and `err` from the items that are still pending. */
bool ddl_blame(struct ddl_items *items, struct error *err);

#endif
