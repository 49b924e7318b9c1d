#ifndef CONFITURE_WORKER_POSTGRES_TEMPORARY_H
#define CONFITURE_WORKER_POSTGRES_TEMPORARY_H

#include "shared/pg/connection.h"

/*
 * Databases that are meant to go with the session that makes them. The name holds the session's pid
 * and start; a database of such a name without that session is a left-over of a run that was
 * killed, and the next run drops it.
 */
enum temporary_kind { TEMPORARY_CLONE, TEMPORARY_SCRATCH };
enum { TEMPORARY_NAME = 64 };

/* What keeps a database from being dropped (55006) may be taken away by who knows how to reach it.
 */
struct temporary_helper {
	bool (*free)(void *self, const char *database);
	void *self;
};

/* Drops the left-overs of all kinds that this role may drop. What somebody looks at stays. `helper`
 * may be NULL. */
void temporary_sweep(struct pg_conn *c, const struct temporary_helper *helper);

/*
 * CREATE DATABASE <name> <how>: `how` is the rest of the statement. `number` tells several of one
 * session apart. `name` is "" when it fails. The errors are the server's.
 */
MUST_USE bool temporary_create(struct pg_conn *c, enum temporary_kind kind, unsigned number,
			       const char *how, char name[TEMPORARY_NAME], struct error *err);

/* Whoever is connected to it. "" is fine. A database that cannot be dropped is a left-over later.
 * `helper` may be NULL. */
void temporary_drop(struct pg_conn *c, const char *name, const struct temporary_helper *helper);

#endif
