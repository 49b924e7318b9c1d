#ifndef CONFITURE_COORDINATOR_JOURNAL_QUERY_H
#define CONFITURE_COORDINATOR_JOURNAL_QUERY_H

#include <sqlite3.h>

#include "coordinator/journal/disk.h"
#include "coordinator/journal/journal.h"
#include "journal_sql.h"

/*
 * One run of one prepared statement, inside this folder only: arguments in their order, then
 * query_run() or query_step() until there are no rows, then query_end(). Statements are kept
 * prepared by the journal. Bound texts are not copied: they live until the end.
 */
enum { JOURNAL_STATEMENTS = 256 };

struct journal_statement {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct journal {
	struct runtime *rt;
	sqlite3 *db;
	char *path;
	char id[ID_TEXT];
	int64_t data_version;
	int64_t schema_version;
	bool checked; /* its pages carry checksums */
	struct job_store jobs;
	struct journal_statement statements[JOURNAL_STATEMENTS];
	size_t statement_count;
	struct bundle_hashes *hashes; /* NULL: no file came yet */
};

struct query {
	struct journal *journal;
	sqlite3_stmt *stmt; /* NULL: could not be prepared */
	int args;
};

struct query query_begin(struct journal *j, const char *sql);
void query_text(struct query *q, const char *s); /* NULL is NULL */
void query_int(struct query *q, int64_t v);	 /* INT_NULL is NULL */
void query_bytes(struct query *q, struct span s);
MUST_USE bool query_step(struct query *q, bool *row, struct error *err);
void query_end(struct query *q);
/* For statements without rows: steps and ends. */
MUST_USE bool query_run(struct query *q, struct error *err);
/* The same for a statement without arguments. */
MUST_USE bool journal_run(struct journal *j, const char *sql, struct error *err);
/* First column of the first row, 0 without rows; for statements without arguments. */
MUST_USE bool journal_get_int(struct journal *j, const char *sql, int64_t *out, struct error *err);

/* Copies into `a`; NULL is NULL. */
const char *query_col(struct query *q, struct arena *a, int col);
/* As SQLite holds it: until the next step. */
struct span query_col_span(struct query *q, int col);
int64_t query_col_int(struct query *q, int col);       /* NULL is INT_NULL */
struct span query_col_bytes(struct query *q, int col); /* of a BLOB; until the next step */

/* ---- intents.c: rows of the columns that every query of intents has; ends the query ---- */
struct intent_set;
struct id_set;
MUST_USE bool intent_rows_read(struct query *q, struct arena *a, struct intent_set *out,
			       struct error *err);
MUST_USE bool journal_ids_read(struct query *q, struct arena *a, struct id_set *out,
			       struct error *err);

/* Turns SQLite's last error into ours. Returns false. */
bool journal_failed(struct journal *j, int rc, struct error *err);

/* What the disk knows of the file. */
struct disk_state journal_disk(struct journal *j);

/* ---- schema.c ---- */
struct journal_version {
	const char *const *statements;
	size_t count;
};
extern const struct journal_version journal_versions[];
extern const size_t journal_version_count;
/* Moves the file forward, each version in a transaction of its own. */
MUST_USE bool journal_upgrade(struct journal *j, const struct journal_version *versions,
			      size_t count, struct error *err);

#endif
