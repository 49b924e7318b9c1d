#ifndef CONFITURE_WORKER_DDL_PLACE_H
#define CONFITURE_WORKER_DDL_PLACE_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"

/*
 * Empty databases to load a schema into: on a server that the user gives, or in a cluster of our
 * own on this machine. All of them go with the place; what a killed run left is removed by the next
 * one that has the same server, or the same machine. One thread at a time.
 */
struct ddl_place;

struct ddl_place_options {
	struct secret scratch_url; /* not given: a cluster of our own */
	int major; /* of a cluster of our own: at least this version; 0 = the newest there is */
};

/* How to open a session: pg_open() with `url`, and `database` in its options. Borrowed from the
 * place. */
struct ddl_database {
	struct secret url;
	const char *name;
};

/*
 * Makes the place with a first empty database. Errors: those of pg_open() for the URL · TARGET_003
 * the role may not create databases, with the ALTER ROLE that lets it · CONFIG_001 neither a URL
 * nor PostgreSQL's programs, with what to give or install.
 */
MUST_USE bool ddl_place_open(const struct ddl_place_options *options, struct ddl_place **out,
			     struct error *err);
/* Drops every database, whoever is connected (before PostgreSQL 13: nobody may be). NULL is fine.
 */
void ddl_place_close(struct ddl_place *p);

/*
 * What tells the server of a place with these options from other servers, without opening it: the
 * program, its size and date. NULL: it is a server that was given, which may be another one every
 * time, or there is none.
 */
const char *ddl_place_server(const struct ddl_place_options *options, struct arena *arena);

/* The first database. */
struct ddl_database ddl_place_url(const struct ddl_place *p);
/* A further empty one. The errors are those of ddl_place_open(). */
MUST_USE bool ddl_place_more(struct ddl_place *p, struct ddl_database *out, struct error *err);

/* Drops one that ddl_place_more() gave, before the place closes. */
void ddl_place_less(struct ddl_place *p, const char *name);

/* Whether the server is our own, so that roles may be made there. */
bool ddl_place_is_own(const struct ddl_place *p);

#endif
