/*
 * Many rows of our own queries. Sent as COPY … TO STDOUT in one simple query: one round trip for
 * any number of queries, one small allocation a row, and rows that are handled as they arrive.
 */
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

static bool
take_rows(struct pg_conn *c, size_t query, struct pg_row_sink sink, bool wanted, struct error *err)
{
	char *row = NULL, *fields[PG_FIELDS];
	bool ok = wanted;

	while (PQgetCopyData(c->conn, &row, 0) > 0) {
		if (ok)
			ok = sink.take(sink.self, query, fields, split_row(row, fields), err);
		PQfreemem(row);
	}
	return ok;
}

#define BACK "ROLLBACK TO SAVEPOINT confiture_stream; RELEASE SAVEPOINT confiture_stream"

static void
write_script(struct text *script, bool inside, const char *settings, const char *const *queries,
	     size_t count)
{
	text_put(script, inside ? "SAVEPOINT confiture_stream;\n"
				: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;\n");
	if (settings != NULL)
		text_put(script, settings);
	for (size_t i = 0; i < count; i++)
		text_printf(script, "COPY (\n%s\n) TO STDOUT;\n", queries[i]);
	text_put(script, inside ? BACK : "COMMIT");
}

static bool
take_all(struct pg_conn *c, struct pg_row_sink sink, struct error *err)
{
	size_t query = 0;
	bool ok = true;
	PGresult *r;

	while ((r = PQgetResult(c->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(r);

		if (status == PGRES_COPY_OUT)
			ok = take_rows(c, query++, sink, ok, err);
		else if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			ok = pg_error_of(c, r, E_SQL_001, err);
		PQclear(r);
		if (pg_lost(c))
			break;
	}
	return ok && (!pg_lost(c) || pg_error_of(c, NULL, E_TARGET_005, err));
}

bool
pg_stream(struct pg_conn *c, const char *settings, const char *const *queries, size_t count,
	  struct pg_row_sink sink, struct error *err)
{
	bool inside = pg_transaction(c) == PG_OPEN;
	struct text script;

	text_init(&script, 0);
	write_script(&script, inside, settings, queries, count);
	bool ok = !pg_lost(c) && PQsendQuery(c->conn, script.ptr) == 1;
	text_fini(&script);
	if (!ok)
		return pg_error_of(c, NULL, E_SQL_001, err);
	ok = take_all(c, sink, err);
	if (pg_transaction(c) != (inside ? PG_OPEN : PG_IDLE) && !pg_lost(c))
		ok = pg_script(c, inside ? BACK : "ROLLBACK", ok ? err : NULL) && ok;
	return ok;
}
