/*
 * What tests ask a server beside the code under test, through libpq alone: nothing of ours may
 * stand between a test and the truth.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "tests/support/cluster.h"
#include "tests/support/cluster_text.h"

#include "shared/base/banned.h"

enum { KEPT = 32 };
static char *kept[KEPT];
static unsigned next_kept;

struct pg_session {
	PGconn *conn;
};

const char *
cluster_text_keep(const char *s)
{
	if (s == NULL)
		return NULL;
	char **slot = &kept[next_kept++ % KEPT];
	free(*slot);
	*slot = strdup(s);
	return *slot;
}

void
cluster_texts_free(void)
{
	for (unsigned i = 0; i < KEPT; i++) {
		free(kept[i]);
		kept[i] = NULL;
	}
}

/* "does not exist, skipping" is no news to a test. */
static void
drop_notice(void *self UNUSED, const PGresult *r UNUSED)
{
}

struct pg_session *
pg_session_open(const char *url)
{
	struct pg_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->conn = PQconnectdb(url);
	PQsetNoticeReceiver(s->conn, drop_notice, NULL);
	if (PQstatus(s->conn) == CONNECTION_OK)
		return s;
	fprintf(stderr, "test session: %s", PQerrorMessage(s->conn));
	pg_session_close(s);
	return NULL;
}

void
pg_session_close(struct pg_session *s)
{
	if (s == NULL)
		return;
	PQfinish(s->conn);
	free(s);
}

static bool
is_good(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

const char *
pg_session_text(struct pg_session *s, const char *sql)
{
	PGresult *r = PQexec(s->conn, sql);
	const char *value = NULL;
	struct text t;

	text_init(&t, 8192);
	if (!is_good(r)) {
		const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

		text_printf(&t, "ERROR %s: %s", state ? state : "(no state)",
			    PQerrorMessage(s->conn));
		value = cluster_text_keep(t.ptr);
	} else if (PQntuples(r) > 0 && PQnfields(r) > 0 && !PQgetisnull(r, 0, 0)) {
		value = cluster_text_keep(PQgetvalue(r, 0, 0));
	}
	text_fini(&t);
	PQclear(r);
	return value;
}

bool
pg_session_exec(struct pg_session *s, const char *sql)
{
	PGresult *r = PQexec(s->conn, sql);
	bool good = is_good(r);

	if (!good)
		fprintf(stderr, "test session: %s", PQerrorMessage(s->conn));
	PQclear(r);
	return good;
}

const char *
pg_query_text(const char *url, const char *sql)
{
	struct pg_session *s = pg_session_open(url);
	const char *value = s == NULL ? "ERROR: no connection" : pg_session_text(s, sql);

	pg_session_close(s);
	return value;
}

bool
pg_exec(const char *url, const char *sql)
{
	struct pg_session *s = pg_session_open(url);
	bool good = s != NULL && pg_session_exec(s, sql);

	pg_session_close(s);
	return good;
}

/* "name" quoted by libpq into a statement around it, run on the database postgres. */
static bool
about_database(const char *before, const char *name, const char *after)
{
	struct pg_session *s = pg_session_open(cluster_url("postgres"));
	char *quoted = s == NULL ? NULL : PQescapeIdentifier(s->conn, name, strlen(name));
	struct text t;

	text_init(&t, 1024);
	text_printf(&t, "%s %s %s", before, quoted ? quoted : "", after);
	bool good = quoted != NULL && pg_session_exec(s, t.ptr);
	text_fini(&t);
	PQfreemem(quoted);
	pg_session_close(s);
	return good;
}

int
cluster_major(void)
{
	static int major;

	if (major == 0)
		major = (int)strtol(
				pg_query_text(cluster_url("postgres"), "SHOW server_version_num"),
				NULL, 10) /
			10000;
	return major;
}

bool
cluster_drop_database(const char *name)
{
	return about_database("DROP DATABASE IF EXISTS", name,
			      cluster_major() >= 13 ? "WITH (FORCE)" : "");
}

bool
cluster_create_database(const char *name)
{
	return cluster_drop_database(name) &&
	       about_database("CREATE DATABASE", name, "TEMPLATE template0");
}
