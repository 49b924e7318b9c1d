#ifndef CONFITURE_TESTS_CLUSTER_H
#define CONFITURE_TESTS_CLUSTER_H

#include <stdbool.h>

#include "shared/base/compiler.h"

/*
 * A throwaway PostgreSQL server for tests, one per process: its own directory under /tmp, its own
 * private socket, no TCP, superuser "postgres" without a password. As root it runs as the user
 * postgres. It ends with the process, whatever ends the process; directories that a killed run left
 * are removed by the next one.
 *
 * CONFITURE_TEST_CLUSTER=<socket directory> makes cluster_start() use the server that listens there
 * instead (port 5432, superuser postgres), so that many test programs can share one.
 *
 * Call from the main thread. Failures are told on stderr. Strings that are returned stay valid for
 * the next 31 calls of the function.
 */
MUST_USE bool cluster_start(void);
/* Like cluster_start(), and never the shared server: for tests that restart it. `settings` are
 * further lines for postgresql.conf; may be NULL. */
MUST_USE bool cluster_start_private(const char *settings);
/* At exit it is called by itself. */
void cluster_stop(void);

/* Down with SIGQUIT (immediate: a crash for the server) or SIGINT, then up again and waited for.
 * Only the private one. */
MUST_USE bool cluster_restart(bool immediate);
/* The two halves of it. */
MUST_USE bool cluster_down(bool immediate);
MUST_USE bool cluster_up(void);

/* Connection string of a database of the server; `user` NULL is postgres. */
const char *cluster_url(const char *database);
const char *cluster_url_as(const char *user, const char *database);
/* Directory of the socket .s.PGSQL.5432, and of the server's log (its own clusters only). */
const char *cluster_socket_dir(void);
/* 15, 16 … */
int cluster_major(void);
/* Drops a database of that name first, whoever is connected (12: nobody may be). */
MUST_USE bool cluster_create_database(const char *name);
MUST_USE bool cluster_drop_database(const char *name);

/* First column of the first row as text; NULL for null or no row; "ERROR <sqlstate>: …" when it
 * fails. */
const char *pg_query_text(const char *url, const char *sql);
/* Runs a script (several statements allowed). False, and told on stderr, when it fails. */
MUST_USE bool pg_exec(const char *url, const char *sql);

/* A session that stays open: to hold locks, to be in the way. Same results as above. */
struct pg_session;
MUST_USE struct pg_session *pg_session_open(const char *url); /* NULL when it cannot */
const char *pg_session_text(struct pg_session *s, const char *sql);
MUST_USE bool pg_session_exec(struct pg_session *s, const char *sql);
void pg_session_close(struct pg_session *s); /* NULL is fine */

#endif
