/*
 * Every statement of the journal goes through here: prepared once, bound in order, reset in any
 * case. The one place that translates SQLite's many result codes into our three.
 */
#include "coordinator/journal/query.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct disk_state
journal_disk(struct journal *j)
{
	struct disk_state state = {0};

	if (j->db != NULL)
		(void)sqlite3_file_control(j->db, "main", DISK_ASK, &state);
	return state;
}

/* The place is named, so that it can be looked for in a copy of the file. */
static bool
damaged(struct journal *j, struct error *err)
{
	struct disk_state state = journal_disk(j);

	if (state.damaged_frame > 0) {
		error_set(err, E_JRNL_002, "the journal %s is damaged: frame %lld of %s-wal",
			  j->path, (long long)state.damaged_frame, j->path);
		error_detail_int(err, "frame", state.damaged_frame);
	} else {
		error_set(err, E_JRNL_002, "the journal %s is damaged: page %u", j->path,
			  state.damaged_page);
		error_detail_int(err, "page", state.damaged_page);
	}
	error_cause(err, "its bytes do not fit their checksum");
	return false;
}

bool
journal_failed(struct journal *j, int rc, struct error *err)
{
	const char *cause = j->db != NULL ? sqlite3_errmsg(j->db) : sqlite3_errstr(rc);

	if (rc == SQLITE_IOERR_DATA)
		return damaged(j, err);
	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		error_set(err, E_JRNL_002, "the journal %s is damaged", j->path);
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		error_set(err, E_JRNL_001, "another process holds the journal %s too long",
			  j->path);
		if (err != NULL)
			err->retryable = true;
		break;
	case SQLITE_CONSTRAINT:
		error_set(err, E_INTERNAL_ERROR, "the journal %s refused a row", j->path);
		break;
	default:
		error_set(err, E_JRNL_001, "the journal %s cannot be used", j->path);
	}
	error_cause(err, "%s", cause);
	return false;
}

static sqlite3_stmt *
statement_of(struct journal *j, const char *sql)
{
	for (size_t i = 0; i < j->statement_count; i++) {
		if (j->statements[i].sql == sql)
			return j->statements[i].stmt;
	}
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v3(j->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
		return NULL;
	if (j->statement_count == JOURNAL_STATEMENTS)
		abort();
	j->statements[j->statement_count++] = (struct journal_statement){sql, stmt};
	return stmt;
}

struct query
query_begin(struct journal *j, const char *sql)
{
	return (struct query){.journal = j, .stmt = statement_of(j, sql)};
}

void
query_text(struct query *q, const char *s)
{
	q->args++;
	if (q->stmt != NULL && s != NULL)
		sqlite3_bind_text(q->stmt, q->args, s, -1, SQLITE_STATIC);
}

void
query_int(struct query *q, int64_t v)
{
	q->args++;
	if (q->stmt != NULL && v != INT_NULL)
		sqlite3_bind_int64(q->stmt, q->args, v);
}

void
query_bytes(struct query *q, struct span s)
{
	q->args++;
	if (q->stmt != NULL)
		sqlite3_bind_blob64(q->stmt, q->args, s.len > 0 ? s.ptr : "", s.len, SQLITE_STATIC);
}

bool
query_step(struct query *q, bool *row, struct error *err)
{
	struct journal *j = q->journal;

	*row = false;
	if (q->stmt == NULL)
		return journal_failed(j, sqlite3_errcode(j->db), err);
	int rc = sqlite3_step(q->stmt);
	*row = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE || journal_failed(j, rc, err);
}

void
query_end(struct query *q)
{
	if (q->stmt == NULL)
		return;
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
}

bool
query_run(struct query *q, struct error *err)
{
	bool row, ok = query_step(q, &row, err);

	query_end(q);
	return ok;
}

bool
journal_run(struct journal *j, const char *sql, struct error *err)
{
	struct query q = query_begin(j, sql);

	return query_run(&q, err);
}

bool
journal_get_int(struct journal *j, const char *sql, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, sql);
	bool row, ok = query_step(&q, &row, err);

	if (ok)
		*out = row ? query_col_int(&q, 0) : 0;
	query_end(&q);
	return ok;
}

struct span
query_col_span(struct query *q, int col)
{
	const char *s = (const char *)sqlite3_column_text(q->stmt, col);

	return span_of(s, s == NULL ? 0 : (size_t)sqlite3_column_bytes(q->stmt, col));
}

struct span
query_col_bytes(struct query *q, int col)
{
	const char *p = sqlite3_column_blob(q->stmt, col);

	return span_of(p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(q->stmt, col));
}

const char *
query_col(struct query *q, struct arena *a, int col)
{
	struct span s = query_col_span(q, col);

	return s.ptr == NULL ? NULL : arena_span(a, s);
}

int64_t
query_col_int(struct query *q, int col)
{
	if (sqlite3_column_type(q->stmt, col) == SQLITE_NULL)
		return INT_NULL;
	return sqlite3_column_int64(q->stmt, col);
}
