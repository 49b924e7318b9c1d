#ifndef CONFITURE_PG_CONNECTION_H
#define CONFITURE_PG_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/base/span.h"

/*
 * One connection to a PostgreSQL server: the only room that sees libpq. A connection belongs to one
 * thread; only pg_cancel() may come from another. Nothing here reconnects: once the connection is
 * lost, every call says TARGET_005.
 */
struct pg_conn;

/* Called from inside the calls below, on their thread, while a foreign statement runs. The strings
 * end with the call. */
struct pg_notice_sink {
	void (*take)(void *self, const char *severity, const char *message, const char *detail);
	void *self;
};

struct pg_open_options {
	const char *application_name;
	const char *database; /* NULL = the one of the URL; else this one on the same server */
	struct pg_notice_sink notices; /* take may be NULL */
};

/*
 * Errors: CONFIG_003 and CONFIG_010 the URL · CONFIG_006 unreachable, refused, password, no such
 * database or role, server starting up (retryable where trying again may help) · POOL_1200 no free
 * slot. Each has the server's or libpq's words as the cause and a next step as the hint; none holds
 * the password. Added to the URL where it does not say so itself: connect_timeout 10 s, keepalives
 * and tcp_user_timeout, which notice a dead network after about a minute; always: application_name
 * and client_encoding UTF8.
 */
MUST_USE bool pg_open(struct secret url, const struct pg_open_options *options,
		      struct pg_conn **out, struct error *err);
void pg_close(struct pg_conn *c); /* NULL is fine */

/* host:port/database as really connected; no secret. */
const char *pg_place(const struct pg_conn *c);
bool pg_lost(const struct pg_conn *c);
/* "15.20" and 150020 */
const char *pg_server_version(const struct pg_conn *c);
int pg_server_version_num(const struct pg_conn *c);
/* The libpq that this program runs with: 150020. */
int pg_library_version_num(void);

enum pg_transaction { PG_IDLE, PG_OPEN, PG_FAILED, PG_GONE };
/* What the server last said; costs nothing. */
enum pg_transaction pg_transaction(const struct pg_conn *c);

/* From any thread, as long as the connection is not closed: asks the server to cancel what runs,
 * and waits until it has taken the request. Harmless when nothing runs. */
MUST_USE bool pg_cancel(struct pg_conn *c, struct error *err);

/* "schema"."name" with quotes doubled; `schema` may be NULL. The one way for a name to get into
 * SQL. */
const char *pg_quote(struct pg_conn *c, struct arena *arena, const char *schema, const char *name);

/* ---- our own statements: batch.c ---- */
enum pg_how {
	PG_DIRECT,
	PG_PREPARE, /* `sql` becomes the prepared statement `name` */
	PG_EXECUTE  /* runs the prepared statement `name`; `sql` is not looked at */
};
struct pg_statement {
	const char *sql;
	int count;
	const char *const *values; /* as text; NULL = null */
	enum pg_how how;
	const char *name;
};

struct pg_rows; /* a result */

/*
 * Sends several statements in ONE round trip (a pipeline with one sync at its end), each through
 * the extended protocol. Outside a transaction block they form one implicit transaction. After the
 * first failure the rest is skipped by the server and false is returned. `*rows` is the result of
 * statement `wanted`, to be freed with pg_rows_free(); `rows` may be NULL.
 */
MUST_USE bool pg_batch(struct pg_conn *c, const struct pg_statement *statements, size_t count,
		       size_t wanted, struct pg_rows **rows, struct error *err);
void pg_rows_free(struct pg_rows *rows); /* NULL is fine */
size_t pg_rows_count(const struct pg_rows *rows);
/* NULL for null. Valid until pg_rows_free(). */
const char *pg_rows_text(const struct pg_rows *rows, size_t row, int column);
int64_t pg_rows_int(const struct pg_rows *rows, size_t row, int column, int64_t when_null);
bool pg_rows_bool(const struct pg_rows *rows, size_t row, int column); /* null is false */

/* A script of ours through the simple protocol, one round trip; rows are dropped. */
MUST_USE bool pg_script(struct pg_conn *c, const char *sql, struct error *err);

/* ---- many rows of our own queries: stream.c ---- */

enum { PG_FIELDS = 64 };
/* Called for each row, on the calling thread. `fields` are the row's texts (NULL for null), valid
 * until it returns; `query` says whose row it is. False ends the reading with `err`. */
struct pg_row_sink {
	bool (*take)(void *self, size_t query, char *const *fields, size_t count,
		     struct error *err);
	void *self;
};

/* Queries of ours for one connection. `settings` (statements of ours, each with its semicolon; may
 * be NULL) hold for the transaction. */
struct pg_stream {
	struct pg_conn *conn;
	const char *settings;
	const char *const *queries;
	size_t count;
	struct pg_row_sink sink;
};
enum { PG_STREAMS = 2 };

/*
 * Runs the queries of each in ONE round trip, inside one read-only snapshot that sees all of them
 * at the same moment, and gives their rows as they come: memory does not depend on their number. At
 * most PG_STREAMS, whose servers work at the same time. A failed query ends the reading; `failed`
 * is whose it was; nothing stays open.
 */
MUST_USE bool pg_streams(struct pg_stream *streams, size_t count, struct pg_stream **failed,
			 struct error *err);

enum pg_commit { PG_COMMITTED, PG_ROLLED_BACK, PG_COMMIT_UNKNOWN };
/* COMMIT. PG_COMMIT_UNKNOWN: the connection was lost after it had been sent, and no answer came. */
enum pg_commit pg_commit(struct pg_conn *c, struct error *err);

/* ---- foreign statements: run.c ---- */

/* Data for COPY … FROM stdin: *data empty = the end. Borrowed until the next call. */
struct pg_copy_source {
	bool (*next)(void *self, struct span *data, struct error *err);
	void *self;
};

enum { PG_VALUE_LIMIT = 64 * 1024 };
struct pg_run_result {
	const char *tag; /* without its count: "INSERT", "CREATE TABLE"; "" for an empty one */
	int64_t rows;	 /* count of the tag; 0 where it has none */
	bool has_value;
	const char *value; /* first column of the first row, at most PG_VALUE_LIMIT bytes */
	const char *type;  /* its type's name as in pg_type; "oid N" for one that is not built in */
};

/*
 * Runs ONE statement, given by somebody else, through the extended protocol (the server refuses a
 * second one in the same text). Rows are read one by one and dropped, so memory does not depend on
 * their number; what COPY … TO stdout sends is dropped too. An error has the server's words in
 * `cause`, the SQLSTATE, the character position in `at.column` (`at.line` 0), and in details the
 * line of COPY data as "copy_line" where there is one. An error of the copy source is returned as
 * it is. Strings of `out` live in `arena`.
 */
MUST_USE bool pg_run(struct pg_conn *c, struct span sql, const struct pg_copy_source *copy,
		     struct arena *arena, struct pg_run_result *out, struct error *err);

/* ---- many of them: each.c ---- */

/* Told once for each statement, in their order. `err` NULL: it ran; else as of pg_run(), borrowed
 * during the call. */
struct pg_each_sink {
	void (*done)(void *self, size_t index, const struct error *err);
	void *self;
};

/*
 * Runs statements given by somebody else, each through the extended protocol and in a transaction
 * of its own, in ONE round trip: what one does wrong does not keep the next from running. Rows are
 * dropped. No COPY … FROM stdin and no COPY … TO stdout may be among them. False only when the
 * connection was lost; the sink then heard of those that were answered.
 */
MUST_USE bool pg_run_each(struct pg_conn *c, const struct span *statements, size_t count,
			  const struct pg_each_sink *sink, struct error *err);

#endif
