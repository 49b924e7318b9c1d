#ifndef CONFITURE_WORKER_DDL_LOAD_H
#define CONFITURE_WORKER_DDL_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/span.h"
#include "shared/pg/connection.h"

/*
 * Loads schema files into an empty database: structure only, in whatever order the files need.
 * Statements run in the order of the files and of their lines; those that name what is not there
 * yet are tried again until a round moves nothing. So the order matters only where it means
 * something: two definitions by CREATE OR REPLACE, DROP, ALTER DEFAULT PRIVILEGES.
 *
 * Each file begins with the same settings, whoever loads it (search_path is public, the time zone
 * UTC, bodies of functions are not checked); what it sets holds to its end. Rows (INSERT, COPY …)
 * are passed over, and so is what acts on the server: databases, tablespaces, ALTER SYSTEM, and
 * roles where the server is not our own. Commands of psql are passed over and noted.
 */
struct ddl_file {
	const char *path; /* for errors and notes */
	struct span text;
};

struct ddl_load_options {
	bool own_server; /* roles that are named and not there are made, without LOGIN; so are
			    tablespaces, where PostgreSQL can keep them in its own folder */
};

/* Something that the author of a file may want to know. */
struct ddl_note {
	const char *file;
	uint32_t line;
	const char *words;
};

/* A statement that did not load. */
struct ddl_failure {
	const char *file;
	uint32_t line, column;
	char sqlstate[6];
	const char *statement; /* its first words */
	const char *words;     /* the server's */
	bool waits;	       /* only for what another statement of this list makes */
};

enum { DDL_NOTES_MOST = 200, DDL_FAILURES_MOST = 100 };

/* Strings live in the arena, or are those of the files. */
struct ddl_report {
	size_t statements;  /* that ran */
	size_t rows_passed; /* INSERT, COPY … and the like */
	size_t calls; /* statements that ran code (DO, SELECT …): what came of them may hang on
		       * the time, or on anything else */
	size_t rounds;
	const char **roles_made;
	size_t role_count;
	struct ddl_note *notes;
	size_t note_count, notes_dropped;
	struct ddl_failure *failures; /* after false: what stands in `err` is the first */
	size_t failure_count, failures_dropped;
};

/*
 * `c` is a session with the database, outside a transaction; its settings are reset. The database
 * is of no use after false. Errors, each with file, line and column: SCHEMA_200 what cannot be read
 * · SCHEMA_202 a cycle, with its path · SCHEMA_203 something defined twice, with where · SCHEMA_205
 * all else that the server refused, with its words and SQLSTATE; details name further statements
 * that failed. TARGET_004 and TARGET_005 as of shared/pg.
 */
MUST_USE bool ddl_load(struct pg_conn *c, const struct ddl_file *files, size_t count,
		       const struct ddl_load_options *options, struct arena *arena,
		       struct ddl_report *report, struct error *err);

#endif
