/*
 * Many foreign statements in one round trip. A sync after each makes it a transaction of its own,
 * and an error skips no further than to the next sync.
 */
#include <libpq-fe.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

static bool
send_each(struct pg_conn *c, const struct span *statements, size_t count)
{
	struct text sql; /* libpq wants a NUL at the end; a span need not have one */
	bool ok = PQenterPipelineMode(c->conn) == 1;

	text_init(&sql, 0);
	for (size_t i = 0; ok && i < count; i++) {
		text_clear(&sql);
		text_put_span(&sql, statements[i]);
		ok = PQsendQueryParams(c->conn, sql.ptr, 0, NULL, NULL, NULL, NULL, 0) == 1 &&
		     PQpipelineSync(c->conn) == 1;
	}
	text_fini(&sql);
	return ok;
}

/* The results of one statement, up to its sync. False when the connection is lost: then with what
 * the server said before, if it did. */
static bool
take_until_sync(struct pg_conn *c, const struct pg_each_sink *sink, size_t index, struct error *err)
{
	struct error failure = {0};
	bool failed = false;
	int nothing = 0;

	/* NULLs lie between results; two in a row mean that libpq has given up. */
	while (!pg_lost(c) && nothing < 2) {
		PGresult *r = PQgetResult(c->conn);
		ExecStatusType status = r != NULL ? PQresultStatus(r) : PGRES_EMPTY_QUERY;

		nothing = r == NULL ? nothing + 1 : 0;
		if (status == PGRES_FATAL_ERROR && !failed)
			failed = !pg_error_of(c, r, E_SQL_700, &failure);
		PQclear(r);
		if (status == PGRES_PIPELINE_SYNC) {
			sink->done(sink->self, index, failed ? &failure : NULL);
			return true;
		}
	}
	c->lost = true;
	if (!failed)
		return pg_error_of(c, NULL, E_SQL_700, err);
	if (err != NULL)
		*err = failure;
	return false;
}

bool
pg_run_each(struct pg_conn *c, const struct span *statements, size_t count,
	    const struct pg_each_sink *sink, struct error *err)
{
	if (count == 0)
		return true;
	if (pg_lost(c) || !send_each(c, statements, count))
		return pg_error_of(c, NULL, E_SQL_700, err);
	for (size_t i = 0; i < count; i++) {
		if (!take_until_sync(c, sink, i, err))
			return false;
	}
	return PQexitPipelineMode(c->conn) == 1 || pg_error_of(c, NULL, E_SQL_700, err);
}
