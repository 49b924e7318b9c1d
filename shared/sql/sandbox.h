#ifndef CONFITURE_SQL_SANDBOX_H
#define CONFITURE_SQL_SANDBOX_H

#include "shared/base/error.h"
#include "shared/base/runtime.h"
#include "shared/sql/footprint.h"

/*
 * Footprints of text from strangers. libpg_query can be crashed by a text of a few kilobytes, so a
 * daemon lets a child parse: the same program in a hidden mode, without a descriptor but its
 * socket, without environment, with limits on what it may use. It is started at the first question
 * and again after it died. A program that parses what its own user wrote does it in place.
 */

/* Who makes footprints: a table of one function, so that the core need not know which. False only
 * when nobody could be asked; a text that the parser did not survive is opaque. */
struct sql_parser {
	MUST_USE bool (*footprint)(void *self, struct arena *arena, struct span sql,
				   const struct sql_search_path *path, struct sql_footprint *out,
				   struct error *err);
	void *self;
};

/* In this process. On a thread of the runtime, for its stack. */
struct sql_parser sql_parser_here(void);

/* ---- the child ---- */

/* The hidden mode: argv[1] of the program. */
#define SQL_SANDBOX_WORD "--parse-for-parent"

struct sql_sandbox;
struct sql_sandbox_options {
	const char *program;  /* NULL: this very program */
	uint64_t deadline_ms; /* for one question; 0 = 10 s */
};

/* Starts nothing yet. Thread-safe: questions queue. */
struct sql_sandbox *sql_sandbox_new(struct runtime *rt, const struct sql_sandbox_options *options);
void sql_sandbox_free(struct sql_sandbox *s); /* ends the child; NULL is fine */
struct sql_parser sql_sandbox_parser(struct sql_sandbox *s);

/* How many children were started so far, and the process that runs now (0 = none). */
uint32_t sql_sandbox_starts(struct sql_sandbox *s);
int sql_sandbox_pid(struct sql_sandbox *s);

/* What main() calls in the hidden mode: answers on descriptor 0 until it is closed. The exit code.
 */
int sql_sandbox_child(struct runtime *rt);

#endif
