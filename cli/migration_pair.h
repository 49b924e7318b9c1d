#ifndef CONFITURE_CLI_MIGRATION_PAIR_H
#define CONFITURE_CLI_MIGRATION_PAIR_H

#include "cli/cli.h"
#include "shared/migration/migration.h"

/* The two files of a new migration, under a version that nobody else has. */
struct migration_pair {
	struct cli *cli;
	const struct args *args;
	const char *dir;
	const char *name;
	bool dry_run; /* choose and name, write nothing */
	/* Sets `up`, and `down` unless there is none, once version and paths are known. */
	void (*texts)(struct migration_pair *p);
	void *self;

	const char *version, *next_version; /* the one after this one */
	const char *up_path, *down_path;
	const char *up, *down;
	const char *warning;	  /* it was shown already; NULL: none */
	struct migration_set set; /* what was in the folder before */
};

/* USAGE_001: letters, digits, _ and - may be in a name. */
MUST_USE bool migration_pair_name(const char *name, struct error *err);

/*
 * Makes the folder where it is not there. Errors: MIGR_102 the folder or a file · LOCK_1300 another
 * run is at it · those of the coordinator, where one was named.
 */
MUST_USE bool migration_pair_make(struct migration_pair *p, struct error *err);

#endif
