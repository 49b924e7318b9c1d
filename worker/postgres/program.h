#ifndef CONFITURE_WORKER_POSTGRES_PROGRAM_H
#define CONFITURE_WORKER_POSTGRES_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"

/*
 * PostgreSQL's own programs (initdb, postgres, pg_dump, psql), for throwaway clusters. Programs run
 * in a process group of their own, so that a Ctrl-C at the terminal is ours to deal with.
 */

/* The folder with PostgreSQL's server programs of at least major version `least`, the nearest one;
 * of all of them the newest when `least` is 0. NULL when there is none on this machine. */
const char *program_folder(struct arena *arena, int least);

struct program {
	const char *const *argv; /* argv[0] is a path; ended by NULL */
	const char *const
		*env;	    /* additions "NAME=value"; "NAME" removes; ended by NULL; may be NULL */
	const char *output; /* file for standard output; NULL = dropped */
	bool unprivileged;  /* as root: run as the user postgres (or nobody) */
};

/* Runs it to its end. False with the last lines of its standard error as the cause. */
MUST_USE bool program_run(const struct program *p, struct error *err);

/* Starts it and does not wait; the system ends it (SIGQUIT) when this process dies. */
MUST_USE bool program_start(const struct program *p, pid_t *pid, struct error *err);

/* The user that runs what must not run as root; NULL when we are not root. */
const char *program_user(void);

#endif
