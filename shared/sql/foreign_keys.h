#ifndef CONFITURE_SQL_FOREIGN_KEYS_H
#define CONFITURE_SQL_FOREIGN_KEYS_H

#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * The foreign keys that CREATE TABLE declares, and how to take them out of its text: a schema that
 * makes all tables first and their keys afterwards needs no order between its files. What is a key,
 * and where it begins, the parser says.
 */

/* Bytes of the statement, from `start` up to `end`. */
struct sql_cut {
	size_t start, end;
};

struct sql_foreign_key {
	const char *name;   /* as SQL; NULL: the statement leaves it to the server */
	const char *chosen; /* without a name: the one that the server would take if nobody has it,
			       as SQL; NULL when it would be cut */
	const char *plain;  /* the one or the other as PostgreSQL stores it; may be NULL */
	const char *clause; /* FOREIGN KEY (…) REFERENCES … and what follows, as it was written */
	size_t start;	    /* where the key stands in the statement */
};

struct sql_foreign_keys {
	const char *table; /* as SQL */
	struct sql_foreign_key *items;
	size_t count;
	/* What to take out, in order: keys, and commas that would be left without an element. What
	 * stays is a CREATE TABLE with all else, comments too. */
	struct sql_cut *cuts;
	size_t cut_count;
};

enum sql_keys_found {
	SQL_KEYS_NONE,	/* no CREATE TABLE, or none of its own: nothing to do */
	SQL_KEYS_FOUND, /* `out` is filled */
	SQL_KEYS_UNREAD /* it may have keys, and PostgreSQL 15's grammar does not take it */
};

/* Temporary tables keep theirs: nobody knows how long they stay. Thread as for sql_classify(). */
enum sql_keys_found sql_foreign_keys_of(struct arena *arena, struct span statement,
					struct sql_foreign_keys *out);

/* What else a statement means to one whose keys come later. */
enum sql_late_note {
	SQL_LATE_NOTHING,
	SQL_LATE_PATH,	  /* sets search_path: names after it are found elsewhere */
	SQL_LATE_COMMENT, /* COMMENT ON CONSTRAINT *constraint ON a table */
};
enum sql_late_note sql_late_note_of(struct arena *arena, struct span statement,
				    const char **constraint);

#endif
