/*
 * Many rows of our own queries. Sent as COPY … TO STDOUT in one simple query: one round trip for
 * any number of queries, one small allocation a row, and rows that are handled as they arrive. From
 * several connections they are taken in turn, so that their servers work at the same time.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

/* COPY's escapes, which only make texts shorter: done in place. */
static char
unescaped(char c)
{
	static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
	const char *at = strchr(from, c);

	return at != NULL && c != '\0' ? to[at - from] : c;
}

/* One field, from *at to its tab or the row's end; NULL for null. */
static char *
next_field(char **at, bool *more)
{
	char *start = *at, *in = start, *out = start;
	bool null = in[0] == '\\' && in[1] == 'N';

	for (; *in != '\t' && *in != '\n' && *in != '\0'; in++) {
		if (*in == '\\' && in[1] != '\0')
			*out++ = unescaped(*++in);
		else
			*out++ = *in;
	}
	*more = *in == '\t';
	*at = in + 1;
	*out = '\0';
	return null ? NULL : start;
}

static size_t
split_row(char *row, char *fields[PG_FIELDS])
{
	size_t count = 0;
	bool more = true;

	for (char *at = row; more && count < PG_FIELDS;)
		fields[count++] = next_field(&at, &more);
	return count;
}

#define BACK "ROLLBACK TO SAVEPOINT confiture_stream; RELEASE SAVEPOINT confiture_stream"

static void
write_script(struct text *script, bool inside, const struct pg_stream *s)
{
	text_put(script, inside ? "SAVEPOINT confiture_stream;\n"
				: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;\n");
	if (s->settings != NULL)
		text_put(script, s->settings);
	for (size_t i = 0; i < s->count; i++)
		text_printf(script, "COPY (\n%s\n) TO STDOUT;\n", s->queries[i]);
	text_put(script, inside ? BACK : "COMMIT");
}

/* Where one of them stands. */
struct reading {
	struct pg_stream *of;
	size_t query;
	bool inside; /* a transaction that was open before */
	bool rows;   /* of a query, not a result */
	bool done, failed;
};

static void
fail(struct reading *r, bool *ok)
{
	r->failed = true;
	*ok = false;
}

/* False: no row is there yet, or none comes any more. */
static bool
take_row(struct reading *r, bool *ok, struct error *err)
{
	struct pg_stream *s = r->of;
	char *row = NULL, *fields[PG_FIELDS];
	int got = PQgetCopyData(s->conn->conn, &row, 1);

	if (got <= 0) {
		r->rows = got == 0;
		r->query += got < 0 ? 1 : 0;
		return got < 0;
	}
	if (*ok && !s->sink.take(s->sink.self, r->query, fields, split_row(row, fields), err))
		fail(r, ok);
	PQfreemem(row);
	return true;
}

/* False: none is there yet, or it was the last. */
static bool
take_result(struct reading *r, bool *ok, struct error *err)
{
	struct pg_conn *c = r->of->conn;

	if (PQisBusy(c->conn))
		return false;
	PGresult *result = PQgetResult(c->conn);
	ExecStatusType status = result != NULL ? PQresultStatus(result) : PGRES_COMMAND_OK;
	r->done = result == NULL;
	r->rows = status == PGRES_COPY_OUT;
	if (*ok && !r->rows && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		(void)pg_error_of(c, result, E_SQL_001, err);
		fail(r, ok);
	}
	PQclear(result);
	return !r->done;
}

/* All that has come so far. */
static void
advance(struct reading *r, bool *ok, struct error *err)
{
	struct pg_conn *c = r->of->conn;

	while (r->rows ? take_row(r, ok, err) : take_result(r, ok, err))
		;
	if (!r->done && pg_lost(c)) {
		r->done = true;
		if (*ok) {
			(void)pg_error_of(c, NULL, E_TARGET_005, err);
			fail(r, ok);
		}
	}
}

/* Until one of them has something to read. */
static void
wait_for_any(struct reading *all, size_t count)
{
	struct pollfd fds[PG_STREAMS];
	nfds_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (!all[i].done)
			fds[n++] = (struct pollfd){.fd = PQsocket(all[i].of->conn->conn),
						   .events = POLLIN};
	while (n > 0 && poll(fds, n, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < count; i++)
		if (!all[i].done && PQconsumeInput(all[i].of->conn->conn) == 0)
			all[i].of->conn->lost = true;
}

static bool
ask(struct reading *r, struct error *err)
{
	struct pg_conn *c = r->of->conn;
	struct text script;

	r->inside = pg_transaction(c) == PG_OPEN;
	text_init(&script, 0);
	write_script(&script, r->inside, r->of);
	bool ok = !pg_lost(c) && PQsendQuery(c->conn, script.ptr) == 1;
	text_fini(&script);
	return ok || pg_error_of(c, NULL, E_SQL_001, err);
}

/* Back where it was before, also after a failure. */
static bool
end(const struct reading *r, bool ok, struct error *err)
{
	struct pg_conn *c = r->of->conn;

	if (pg_transaction(c) == (r->inside ? PG_OPEN : PG_IDLE) || pg_lost(c))
		return ok;
	return pg_script(c, r->inside ? BACK : "ROLLBACK", ok ? err : NULL) && ok;
}

bool
pg_streams(struct pg_stream *streams, size_t count, struct pg_stream **failed, struct error *err)
{
	struct reading all[PG_STREAMS] = {0};
	bool ok = true, open = true;

	for (size_t i = 0; i < count; i++) {
		all[i].of = &streams[i];
		all[i].done = !ok;
		if (ok && !ask(&all[i], err)) {
			all[i].done = true;
			fail(&all[i], &ok);
		}
	}
	while (open) {
		open = false;
		for (size_t i = 0; i < count; i++) {
			if (!all[i].done)
				advance(&all[i], &ok, err);
			open = open || !all[i].done;
		}
		wait_for_any(all, count);
	}
	for (size_t i = 0; i < count; i++) {
		ok = end(&all[i], ok, err);
		if (all[i].failed)
			*failed = &streams[i];
	}
	return ok;
}
