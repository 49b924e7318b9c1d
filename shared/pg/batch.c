/*
 * Our own statements. A migration of one table costs the server about a millisecond, so each round
 * trip that we add to it shows: what belongs together is sent together, through libpq's pipeline.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/pg/internal.h"

#include "shared/base/banned.h"

void
pg_drain(struct pg_conn *c)
{
	PGresult *r;

	/* A COPY that nobody expects must be ended before the next result can come. */
	while ((r = PQgetResult(c->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(r);

		PQclear(r);
		if (status == PGRES_COPY_IN && PQputCopyEnd(c->conn, "not expected") != 1)
			return;
		if (status == PGRES_COPY_OUT)
			pg_copy_out(c);
		if (status == PGRES_COPY_BOTH || pg_lost(c))
			return;
	}
}

static bool
send_one(PGconn *conn, const struct pg_statement *s)
{
	switch (s->how) {
	case PG_PREPARE:
		return PQsendPrepare(conn, s->name, s->sql, 0, NULL) == 1;
	case PG_EXECUTE:
		return PQsendQueryPrepared(conn, s->name, s->count, s->values, NULL, NULL, 0) == 1;
	default:
		return PQsendQueryParams(conn, s->sql, s->count, NULL, s->values, NULL, NULL, 0) ==
		       1;
	}
}

static bool
send_all(struct pg_conn *c, const struct pg_statement *statements, size_t count)
{
	if (PQenterPipelineMode(c->conn) != 1)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!send_one(c->conn, &statements[i]))
			return false;
	}
	return PQpipelineSync(c->conn) == 1;
}

static bool
is_good(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* The results of one statement up to the NULL that ends it. */
static bool
take_one(struct pg_conn *c, PGresult **keep, struct error *err)
{
	bool ok = true;
	PGresult *r;

	*keep = NULL;
	while ((r = PQgetResult(c->conn)) != NULL) {
		if (ok && !is_good(r))
			ok = pg_error_of(c, r, E_SQL_001, err);
		PQclear(*keep);
		*keep = r;
		if (pg_lost(c))
			break;
	}
	return ok && (*keep != NULL || pg_error_of(c, NULL, E_SQL_001, err));
}

/* Up to the sync's own result. NULLs lie between the statements; two in a row mean that libpq has
 * given up on the connection. */
static void
leave_pipeline(struct pg_conn *c)
{
	bool synced = false;
	int nothing = 0;

	while (!synced && !pg_lost(c)) {
		PGresult *r = PQgetResult(c->conn);

		synced = r != NULL && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
		nothing = r == NULL ? nothing + 1 : 0;
		if (nothing > 1)
			c->lost = true;
		PQclear(r);
	}
	if (!pg_lost(c))
		(void)PQexitPipelineMode(c->conn);
}

bool
pg_batch(struct pg_conn *c, const struct pg_statement *statements, size_t count, size_t wanted,
	 struct pg_rows **rows, struct error *err)
{
	PGresult *kept = NULL;
	bool ok = true;

	if (pg_lost(c) || !send_all(c, statements, count))
		return pg_error_of(c, NULL, E_SQL_001, err);
	for (size_t i = 0; ok && i < count; i++) {
		PGresult *r;

		ok = take_one(c, &r, err);
		if (ok && i == wanted && rows != NULL)
			kept = r;
		else
			PQclear(r);
	}
	leave_pipeline(c);
	if (ok && rows != NULL)
		*rows = (struct pg_rows *)kept;
	else
		PQclear(kept);
	return ok;
}

/* struct pg_rows is libpq's result under a name that other rooms may see. */
static const PGresult *
result_of(const struct pg_rows *rows)
{
	return (const PGresult *)rows;
}

void
pg_rows_free(struct pg_rows *rows)
{
	PQclear((PGresult *)rows);
}

size_t
pg_rows_count(const struct pg_rows *rows)
{
	return (size_t)PQntuples(result_of(rows));
}

const char *
pg_rows_text(const struct pg_rows *rows, size_t row, int column)
{
	const PGresult *r = result_of(rows);

	return PQgetisnull(r, (int)row, column) ? NULL : PQgetvalue(r, (int)row, column);
}

int64_t
pg_rows_int(const struct pg_rows *rows, size_t row, int column, int64_t when_null)
{
	const char *text = pg_rows_text(rows, row, column);

	return text == NULL ? when_null : strtoll(text, NULL, 10);
}

bool
pg_rows_bool(const struct pg_rows *rows, size_t row, int column)
{
	const char *text = pg_rows_text(rows, row, column);

	return text != NULL && text[0] == 't';
}

bool
pg_script(struct pg_conn *c, const char *sql, struct error *err)
{
	PGresult *r;
	bool ok = true;

	if (pg_lost(c) || PQsendQuery(c->conn, sql) != 1)
		return pg_error_of(c, NULL, E_SQL_001, err);
	while ((r = PQgetResult(c->conn)) != NULL) {
		if (ok && !is_good(r))
			ok = pg_error_of(c, r, E_SQL_001, err);
		PQclear(r);
		if (pg_lost(c))
			break;
	}
	if (ok && pg_lost(c))
		return pg_error_of(c, NULL, E_SQL_001, err);
	return ok;
}

static enum pg_commit
commit_unknown(struct pg_conn *c, const PGresult *r, struct error *err)
{
	(void)pg_error_of(c, r, E_TARGET_005, err);
	return PG_COMMIT_UNKNOWN;
}

enum pg_commit
pg_commit(struct pg_conn *c, struct error *err)
{
	if (pg_lost(c)) {
		(void)pg_error_of(c, NULL, E_TARGET_005, err);
		return PG_ROLLED_BACK; /* it was never sent */
	}
	c->listening = true; /* deferred triggers may have something to say */
	bool sent = PQsendQuery(c->conn, "COMMIT") == 1;
	PGresult *r = sent ? PQgetResult(c->conn) : NULL;
	enum pg_commit fate = PG_COMMIT_UNKNOWN;

	if (r != NULL && strcmp(PQcmdStatus(r), "COMMIT") == 0) {
		fate = PG_COMMITTED;
	} else if (r != NULL && PQresultStatus(r) == PGRES_COMMAND_OK) {
		/* The server answers ROLLBACK to a COMMIT of a failed transaction. */
		error_set(err, E_SQL_700, "the transaction had failed and was rolled back");
		fate = PG_ROLLED_BACK;
	} else if (r != NULL && !pg_lost(c) && PQresultErrorField(r, PG_DIAG_SQLSTATE) != NULL) {
		(void)pg_error_of(c, r, E_SQL_700, err);
		fate = PG_ROLLED_BACK;
	} else {
		fate = commit_unknown(c, r, err);
	}
	PQclear(r);
	if (!pg_lost(c))
		pg_drain(c);
	c->listening = false;
	/* FATAL after the error: what was an answer may have been the connection's end. */
	if (fate == PG_ROLLED_BACK && pg_lost(c))
		return commit_unknown(c, NULL, err);
	return fate;
}
