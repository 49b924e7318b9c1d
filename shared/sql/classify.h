#ifndef CONFITURE_SQL_CLASSIFY_H
#define CONFITURE_SQL_CLASSIFY_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * What one statement is, as far as running it safely needs to know. Parsed with libpg_query; a
 * statement that the PostgreSQL 15 grammar does not know, or that is too large or too deep to parse
 * (a cap on size and nesting is checked before, since the parser has none), is judged by its
 * leading keywords and `parsed` is false: it goes to the server as it is.
 *
 * CALL: whether the procedure commits cannot be seen. It is `transactional`, so that it runs in a
 * transaction block, where a COMMIT inside fails with the server's words and changes nothing; its
 * settle class is SQL_SETTLE_NEVER for those who must run it outside one.
 */
enum sql_transaction_control {
	SQL_NO_CONTROL,
	SQL_BEGIN,     /* BEGIN, START TRANSACTION */
	SQL_COMMIT,    /* COMMIT, END */
	SQL_ROLLBACK,  /* ROLLBACK, ABORT */
	SQL_SAVEPOINT, /* SAVEPOINT, RELEASE, ROLLBACK TO: allowed in a body */
	SQL_TWO_PHASE  /* PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED */
};

/* How a statement that ran outside a transaction is settled after a crash: one table in classify.c.
 */
enum sql_settle {
	SQL_SETTLE_TRANSACTION, /* can run in a transaction: gets one of its own, with its mark */
	SQL_SETTLE_AGAIN, /* running it again does no harm: VACUUM, ANALYZE, REINDEX, ALTER SYSTEM …
			   */
	SQL_SETTLE_CATALOGUE, /* the goal can be read in the catalogue: see `goal` */
	SQL_SETTLE_NEVER      /* CALL or DO with COMMIT inside: nothing can tell */
};

enum sql_goal_kind {
	SQL_GOAL_NONE,
	SQL_GOAL_INDEX_CREATED, /* CREATE INDEX CONCURRENTLY */
	SQL_GOAL_INDEX_DROPPED, /* DROP INDEX CONCURRENTLY */
	SQL_GOAL_INDEX_REBUILT, /* REINDEX … CONCURRENTLY: run again, left-overs (_ccnew, _ccold)
				   dropped */
	SQL_GOAL_DATABASE_CREATED,
	SQL_GOAL_DATABASE_DROPPED,
	SQL_GOAL_PARTITION_DETACHED,
	SQL_GOAL_OTHER /* readable in principle, not by us yet: treated as SQL_SETTLE_NEVER */
};

struct sql_goal {
	enum sql_goal_kind kind;
	const char *schema;	  /* of the index or partition; NULL = through search_path */
	const char *name;	  /* NULL: CREATE INDEX CONCURRENTLY without a name */
	const char *table_schema; /* of the table indexed, or the parent */
	const char *table;
	bool if_exists; /* IF EXISTS or IF NOT EXISTS was written */
};

struct sql_facts {
	bool parsed;
	const char *tag; /* command tag in PostgreSQL's words: "CREATE TABLE"; never NULL; static or
			    in the arena */
	bool transactional; /* false: PostgreSQL refuses it inside a transaction block */
	enum sql_transaction_control control;
	enum sql_settle settle;
	struct sql_goal goal;
	bool drops_lock; /* DISCARD ALL, a call of pg_advisory_unlock, pg_advisory_unlock_all or
			    pg_advisory_unlock_shared anywhere in it, also inside DO and function
			    bodies as text */
	const char *drops_lock_by; /* the word that does it */
	bool adds_enum_value;	   /* ALTER TYPE … ADD VALUE */
	bool copy_from_stdin;
	bool read_only_query; /* SELECT, VALUES, TABLE, or WITH over only those, without INTO and
				 FOR UPDATE */
	bool counts_rows; /* its affected-rows figure is a change of rows (INSERT, UPDATE, DELETE,
			     MERGE, COPY FROM) */
};

/* Strings of `out` live in `arena`. Never fails and never crashes, whatever the bytes. Deep input
 * is bounded: call it on a thread of the runtime, whose stacks are large enough for what the caps
 * let through. */
void sql_classify(struct arena *arena, struct span statement, struct sql_facts *out);

/* "a"."b" with quotes doubled; `schema` may be NULL. The one way for a name to get into SQL. */
const char *sql_quote_name(struct arena *arena, const char *schema, const char *name);

/*
 * The change set of preflight: what a statement changes, with the risk tier of the Python
 * confiture, mended where it misjudged. Appends to *items. Unparsed statements give one change
 * without tier.
 */
struct sql_change {
	const char *kind;   /* create_table, add_column, drop_column, unknown … */
	const char *object; /* schema.name, or name as written; table.column for columns */
	const char *tier;   /* NULL = not classified */
	const char *detail; /* NULL or a few words */
};
struct sql_changes {
	struct sql_change *items;
	size_t count, cap;
};
void sql_changes_of(struct arena *arena, struct span statement, struct sql_changes *out);

#endif
