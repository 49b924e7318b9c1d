#ifndef CONFITURE_PG_INTERNAL_H
#define CONFITURE_PG_INTERNAL_H

#include <libpq-fe.h>

#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/pg/connection.h"

/* What the files of this room share. Nobody else includes it. */
struct pg_conn {
	PGconn *conn;
	PGcancel *cancel; /* made at open; the only part that other threads touch */
	struct pg_notice_sink sink;
	bool lost;	/* libpq does not always say so by itself: see pg_error_of() */
	bool listening; /* notices go to the sink only while foreign statements run */
	char place[256];
};

/* libpq's options of a connection string, to be freed with PQconninfoFree(); NULL with `err`. */
PQconninfoOption *dsn_options(struct secret url, struct error *err);

/* Fills `err` from a failed result (NULL: from the connection) and returns false. An error without
 * a SQLSTATE is libpq's own: it could not send or read, the connection is of no more use, although
 * PQstatus() may not say so (after a failed write in a pipeline). A connection that is gone is
 * TARGET_005, a SQLSTATE that the table knows is its code, all else is `fallback`. */
bool pg_error_of(struct pg_conn *c, const PGresult *r, enum error_id fallback, struct error *err);
/* The code that a SQLSTATE has in the table; `fallback` when it has none. */
void pg_error_by_state(const char *sqlstate, enum error_id fallback, struct error *err,
		       const char *message);

/* Reads and drops results until the connection is ready for the next statement. */
void pg_drain(struct pg_conn *c);

/* COPY in both directions, called by run.c when the server asks. */
bool pg_copy_in(struct pg_conn *c, const struct pg_copy_source *source, struct error *err);
void pg_copy_out(struct pg_conn *c);

#endif
