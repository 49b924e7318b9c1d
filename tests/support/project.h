#ifndef CONFITURE_TESTS_PROJECT_H
#define CONFITURE_TESTS_PROJECT_H

#include "tests/support/process.h"

/*
 * A project in a temporary folder, and confiture run in it. The environment "local" points at a
 * database that is made for the project on the test cluster (cluster.h) and named in `database`.
 *
 * With CONFITURE_TEST_MODE=fleet each project has a coordinator and a worker of its own; the worker
 * serves what stands in db/environments whenever confiture is started, and confiture is told where
 * the coordinator is. `program` is then only the command line's.
 */
struct fleet;
struct project {
	char dir[128];
	char database[64];
	const char *program; /* the confiture to run: CONFITURE_PROGRAM of the build, or another */
	struct process last; /* what ran last */
	struct fleet *fleet; /* NULL: embedded */
	char *served;	     /* what the fleet's worker serves now */
};

void project_open(struct project *p);
void project_close(struct project *p);

/* Writes a file below the project, folders included. printf-style. */
void project_file(struct project *p, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* <version>_<name>.up.sql and .down.sql (NULL = none). */
void project_migration(struct project *p, const char *version_name, const char *up,
		       const char *down);
void project_remove(struct project *p, const char *path);
/* A command line, printf-style; valid until the next call. */
const char *words(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Path below the project; valid for the next 8 calls. */
const char *project_path(struct project *p, const char *path);
bool project_has(struct project *p, const char *path);

/* `words` is the command line without the program, split at spaces ('single quotes' keep them):
 * project_run(p, "migrate up --format json"). Returns the exit code; output in p->last. */
int project_run(struct project *p, const char *words);
/* The same with additions to the environment, ended by NULL. */
int project_run_env(struct project *p, const char *words, const char *const *env);
/* Starts and does not wait. */
bool project_start(struct project *p, struct process *process, const char *words,
		   const char *const *env);

/* What to give to a program that runs confiture itself; made known to the fleet's worker before. */
const char *const *project_environment(struct project *p);

/* One value from the project's database; see pg_query_text(). */
const char *project_sql(struct project *p, const char *sql);
/* Connection string of the project's database. */
const char *project_url(struct project *p);
/* How a command of `p` names another database, in --against and --from-db: by its URL, or through
 * a fleet as a target that is made known as `name`. */
const char *project_database(struct project *p, const char *name, const char *url);
/* The same for the database of another project, as "other". */
const char *project_other(struct project *p, struct project *other);

#endif
