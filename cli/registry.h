#ifndef CONFITURE_CLI_REGISTRY_H
#define CONFITURE_CLI_REGISTRY_H

#include "cli/cli.h"

/*
 * The Python tool keeps intents in three tables of a database. With --database-url its open ones
 * are copied into the journal before anything is asked, so that they count. The tables are only
 * read.
 */
struct registry;

/* *database: the identity of the database that --database-url names, NULL without that option.
 * CONFIG_007 with a coordinator elsewhere, CONFIG_006 when it cannot be reached. A connection is
 * made once, and lasts until the registry was read. */
MUST_USE bool registry_database(struct cli *cli, const struct args *args, const char **database,
				struct error *err);
/* Brings copies of its open intents, ends copies of those that have ended there, and says so. The
 * first time in a process; nothing without --database-url, or without such tables. */
MUST_USE bool registry_count(struct cli *cli, const struct args *args, struct error *err);
/* How many open ones of it count; INT_NULL where nothing was counted. */
int64_t registry_open(const struct cli *cli);
/* All of them, with their history, to be kept here, or by the coordinator, from now on. Before the
 * two above. */
MUST_USE bool registry_take_over(struct cli *cli, const struct args *args,
				 struct registry_imported *out, struct error *err);
void registry_close(struct cli *cli);

#endif
