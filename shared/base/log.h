#ifndef CONFITURE_BASE_LOG_H
#define CONFITURE_BASE_LOG_H

#include "shared/base/error.h"
#include "shared/base/runtime.h"

/*
 * The log of a program that runs for long: one line an event, made of a few fixed words and of
 * named values, so that both people and machines can search it. Thread-safe; a line is one write().
 * What comes from outside (names, words of a server) is escaped.
 */
struct log;

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

struct log *log_new(struct runtime *rt, int fd, enum log_level least, enum log_format format);
void log_free(struct log *log); /* NULL is fine */
/* From any thread; from the next line on. */
void log_change(struct log *log, enum log_level least, enum log_format format);

/*
 * "job finished", then names and values in turn, ended by NULL. A pair whose value is NULL is left
 * out. `log` NULL: says nothing, for cores that are hosted by a program without a log.
 */
void log_put(struct log *log, enum log_level level, const char *event, ...)
	__attribute__((sentinel));
/* The same with code, message and cause of an error before the pairs. */
void log_error(struct log *log, enum log_level level, const char *event, const struct error *err,
	       ...) __attribute__((sentinel));

/* By the names "debug", "info", "warning", "error" and "text", "json"; false for another. */
MUST_USE bool log_level_named(const char *name, enum log_level *out);
MUST_USE bool log_format_named(const char *name, enum log_format *out);

#endif
