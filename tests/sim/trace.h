#ifndef CONFITURE_TESTS_SIM_TRACE_H
#define CONFITURE_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/base/compiler.h"

/*
 * What happened, one line each: time, who, what. Every line goes into the hash, which two runs of
 * one seed must agree in; the lines themselves are only written when somebody wants to read them.
 */
struct trace;

struct trace *trace_new(FILE *out); /* NULL: hash only */
void trace_free(struct trace *t);
void trace_line(struct trace *t, uint64_t now_ns, const char *who, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* What happens too often for a line: only the hash gets it. */
void trace_mark(struct trace *t, uint64_t now_ns, uint64_t what);
uint64_t trace_hash(const struct trace *t);
uint64_t trace_lines(const struct trace *t);
/* Whether the lines are written: for words that cost much to find. */
bool trace_written(const struct trace *t);

#endif
