#ifndef CONFITURE_TESTS_SYSTEM_BUILD_HOUSE_H
#define CONFITURE_TESTS_SYSTEM_BUILD_HOUSE_H

#include "tests/support/project.h"

/* A project with a schema tree of three files: a type, and two tables of which the first needs the
 * second. */
void build_open(struct project *p);
/* Its environment's file, with lines after include_dirs: [db/schema]. */
void build_settings(struct project *p, const char *more);
/* Runs a file of the project with psql in its database, in one transaction. The exit code. */
int build_load(struct project *p, const char *file);

#endif
