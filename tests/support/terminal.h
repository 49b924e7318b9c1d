#ifndef CONFITURE_TESTS_TERMINAL_H
#define CONFITURE_TESTS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "shared/base/compiler.h"

/* A program at a terminal of its own (a pty): what is typed, what is shown, Ctrl-C as the kernel
 * makes it. */
struct terminal {
	pid_t pid;
	int fd;
	char *shown; /* all that came so far, NUL-terminated; owned */
	size_t len;
	int exit_code; /* -1 while it runs; 128 + n after signal n */
};

#define TERMINAL_CTRL_C "\x03"

/* Runs `line` with sh in `cwd`; `env` are additions "NAME=value", ended by NULL; may be NULL. */
void terminal_open(struct terminal *t, const char *line, const char *cwd, const char *const *env);
void terminal_type(struct terminal *t, const char *bytes);
/* Waits until `text` is shown. */
MUST_USE bool terminal_await(struct terminal *t, const char *text, int seconds);
/* What has been shown so far counts no more. */
void terminal_forget(struct terminal *t);
/* Reads until it ends; false when `seconds` passed first. */
MUST_USE bool terminal_wait(struct terminal *t, int seconds);
/* kill -9 where needed, reaped, freed. */
void terminal_close(struct terminal *t);

#endif
