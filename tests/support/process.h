#ifndef CONFITURE_TESTS_PROCESS_H
#define CONFITURE_TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "shared/base/compiler.h"

/* Programs run as a user would run them: own process, own pipes, real exit code. */
struct process {
	pid_t pid;
	int out_fd, err_fd; /* -1 once they ended */
	char *out, *err;    /* all that came so far, NUL-terminated; owned */
	size_t out_len, err_len;
	int exit_code; /* -1 while it runs; 128 + n after signal n */
	bool stopped;  /* by SIGSTOP, seen by process_wait_stop */
	long max_rss_kb;
};

struct process_spec {
	const char *const *argv; /* argv[0] is the program; ended by NULL */
	const char *cwd;	 /* NULL = here */
	const char *const
		*env;	   /* additions "NAME=value" ("NAME" alone removes it), ended by NULL */
	const char *input; /* standard input; NULL = /dev/null */
};

MUST_USE bool process_start(struct process *p, const struct process_spec *spec);
/* Reads until it ends; false when `seconds` passed first (it then still runs; 0 = one look). */
MUST_USE bool process_wait(struct process *p, int seconds);
/* Waits until it was stopped by SIGSTOP or has ended: true when stopped. */
MUST_USE bool process_wait_stop(struct process *p, int seconds);
/* Waits until `text` was seen on standard error or standard output. */
MUST_USE bool process_wait_text(struct process *p, const char *text, int seconds);
void process_signal(struct process *p, int signal);
/* kill -9 where needed, reaped, freed. */
void process_free(struct process *p);

/* Starts, waits at most 120 s, kills then. The exit code, or -1. */
int process_run(struct process *p, const struct process_spec *spec);

#endif
