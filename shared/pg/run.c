/*
 * Statements that somebody else wrote. They go through the extended protocol, where the server
 * itself refuses a second statement in the same text, so that no splitting mistake can smuggle one
 * past the checks that were made on the first. Rows are read one at a time: a migration may well
 * SELECT a function that returns millions.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

/* Oids of types that are fixed in every server (src/include/catalog/pg_type.dat). */
static const struct {
	Oid oid;
	const char *name;
} types[] = {
	{16, "bool"},	    {17, "bytea"},     {18, "char"},	    {19, "name"},
	{20, "int8"},	    {21, "int2"},      {23, "int4"},	    {25, "text"},
	{26, "oid"},	    {114, "json"},     {700, "float4"},	    {701, "float8"},
	{705, "unknown"},   {790, "money"},    {1042, "bpchar"},    {1043, "varchar"},
	{1082, "date"},	    {1083, "time"},    {1114, "timestamp"}, {1184, "timestamptz"},
	{1186, "interval"}, {1700, "numeric"}, {2278, "void"},	    {2950, "uuid"},
	{3802, "jsonb"},
};

static const char *
type_name(struct arena *arena, Oid oid)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].oid == oid)
			return types[i].name;
	}
	return arena_printf(arena, "oid %u", oid);
}

static void
take_value(const PGresult *r, struct arena *arena, struct pg_run_result *out)
{
	if (out->has_value || PQntuples(r) == 0 || PQnfields(r) == 0)
		return;
	out->has_value = true;
	out->type = type_name(arena, PQftype(r, 0));
	if (PQgetisnull(r, 0, 0))
		return;
	size_t len = (size_t)PQgetlength(r, 0, 0);
	len = len < PG_VALUE_LIMIT ? len : PG_VALUE_LIMIT;
	out->value = arena_span(arena, span_of(PQgetvalue(r, 0, 0), len));
}

/* "INSERT 0 5" is INSERT and 5; "CREATE TABLE" is itself and 0. */
static void
take_tag(PGresult *r, struct arena *arena, struct pg_run_result *out)
{
	const char *status = PQcmdStatus(r);
	size_t len = strcspn(status, "0123456789");
	int64_t rows;

	while (len > 0 && status[len - 1] == ' ')
		len--;
	out->tag = arena_span(arena, span_of(status, len));
	if (parse_int(PQcmdTuples(r), &rows))
		out->rows = rows;
}

/* One result. False when it is an error; the statement's end is seen by the caller. */
static bool
take(struct pg_conn *c, PGresult *r, const struct pg_copy_source *copy, struct arena *arena,
     struct pg_run_result *out, struct error *err)
{
	switch (PQresultStatus(r)) {
	case PGRES_SINGLE_TUPLE:
		take_value(r, arena, out);
		return true;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		take_tag(r, arena, out);
		return true;
	case PGRES_EMPTY_QUERY:
		return true;
	case PGRES_COPY_OUT:
		pg_copy_out(c);
		return true;
	case PGRES_COPY_IN:
		return pg_copy_in(c, copy, err);
	default:
		return pg_error_of(c, r, E_SQL_700, err);
	}
}

static bool
send_statement(struct pg_conn *c, struct span sql)
{
	/* libpq wants a NUL at the end; a span need not have one. */
	char *text = malloc(sql.len + 1);

	if (text == NULL)
		abort();
	if (sql.len > 0)
		memcpy(text, sql.ptr, sql.len);
	text[sql.len] = '\0';
	bool ok = PQsendQueryParams(c->conn, text, 0, NULL, NULL, NULL, NULL, 0) == 1 &&
		  PQsetSingleRowMode(c->conn) == 1;
	free(text);
	return ok;
}

/*
 * libpq keeps single-row mode for the first statement of a pipeline that follows; only the start of
 * a plain statement ends it. So one is started without a text, which libpq refuses after that, and
 * before it sends anything.
 */
static void
end_single_row_mode(struct pg_conn *c)
{
	(void)PQsendQuery(c->conn, NULL);
}

bool
pg_run(struct pg_conn *c, struct span sql, const struct pg_copy_source *copy, struct arena *arena,
       struct pg_run_result *out, struct error *err)
{
	PGresult *r;
	bool ok = true;

	*out = (struct pg_run_result){.tag = ""};
	if (pg_lost(c) || !send_statement(c, sql))
		return pg_error_of(c, NULL, E_SQL_700, err);
	c->listening = true;
	while ((r = PQgetResult(c->conn)) != NULL) {
		/* The first failure is the cause, later ones follow from it. */
		ok = take(c, r, copy, arena, out, ok ? err : NULL) && ok;
		PQclear(r);
		if (pg_lost(c))
			break;
	}
	c->listening = false;
	if (pg_lost(c) && ok)
		return pg_error_of(c, NULL, E_SQL_700, err);
	end_single_row_mode(c);
	return ok;
}
