#ifndef CONFITURE_PG_DSN_H
#define CONFITURE_PG_DSN_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"

/*
 * Connection strings: what libpq takes, a URL or "key=value …". What a string leaves out comes from
 * libpq's defaults: PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE and its file, PGPASSFILE.
 */

/* CONFIG_003 when libpq cannot read it, or when a password with @, : or / that was not
 * percent-encoded has moved into host or port. The message holds nothing of the string. */
MUST_USE bool dsn_check(struct secret url, struct error *err);

/* "user@host:port/database" for people, without secrets: a socket's host is its directory, a
 * service whose file holds the rest is "service NAME". "an unreadable connection URL" when libpq
 * cannot read it. */
const char *dsn_print(struct arena *arena, struct secret url);

/* "host:port/database", the same for every way to write the same place: host in lower case; "local"
 * for libpq's own default socket. Never NULL; for a string that libpq cannot read, "invalid". */
const char *dsn_key(struct arena *arena, struct secret url);

/* Writes "[source]" of a service file to `fd`: how pg_dump is told where to connect without a
 * password in its arguments. `database` NULL = the URL's. The file must be readable by nobody else.
 */
MUST_USE bool dsn_write_service(struct secret url, const char *database, int fd, struct error *err);

#endif
