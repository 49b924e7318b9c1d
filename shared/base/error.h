#ifndef CONFITURE_BASE_ERROR_H
#define CONFITURE_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/base/compiler.h"
#include "shared/base/error_codes.h"

/*
 * An error is a value that travels: `MUST_USE bool f(…, struct error *err)`. On false, `err` is
 * filled and the caller passes it up (error_wrap() adds where), decides on its code, or shows it
 * once, at the edge. On true `err` is untouched. It holds copies only: it outlives whatever arena
 * or connection it came from.
 */
enum { ERROR_TEXT = 768, ERROR_DETAILS = 12 };

/* Where in the user's input; a 0 means "not known". Lines and columns count from 1, columns in
 * characters. */
struct error_position {
	char file[256];
	uint32_t line;
	uint32_t column;
	uint32_t statement; /* which statement of the file, from 1 */
};

enum error_detail_kind { DETAIL_TEXT, DETAIL_INT, DETAIL_LIST };

/* One extra fact for details{}. A dotted key nests ("holder.pid"); a LIST's items are separated by
 * newlines. */
struct error_detail {
	enum error_detail_kind kind;
	char key[40];
	char value[256];
};

struct error {
	const struct error_code *code; /* row of the table; NULL only while no error was set */
	char message[ERROR_TEXT];      /* what and where, in one sentence, in our words */
	char cause[ERROR_TEXT];	       /* why: the server's or system's own words; may be empty */
	char hint[ERROR_TEXT]; /* next step; commands one per line; empty = the code's own remedy */
	char sqlstate[6];
	char migration[256]; /* version, or empty */
	struct error_position at;
	bool retryable;
	int64_t retry_after_ms;
	struct error_detail details[ERROR_DETAILS];
	uint32_t detail_count;
};

/* All setters return false, so that `return error_set(err, …)` reads well. `err` may be NULL: the
 * caller does not care. */
bool error_set(struct error *err, enum error_id id, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts "<context>: " before the message: error_wrap(err, "target %s", name). Keeps the code and all
 * else. */
bool error_wrap(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Like error_set, and the cause becomes strerror(errno_value). */
bool error_errno(struct error *err, enum error_id id, int errno_value, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

void error_cause(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void error_at(struct error *err, const char *file, uint32_t line, uint32_t column);
void error_detail(struct error *err, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
void error_detail_int(struct error *err, const char *key, int64_t value);
/* Appends one item to the list under `key`; what does not fit is dropped. */
void error_detail_item(struct error *err, const char *key, const char *item);

static inline bool
error_is(const struct error *err, enum error_id id)
{
	return err->code != NULL && err->code->id == id;
}

/* Lets compilers and analyzers see in every file that these return false: without it they warn of
 * values that an error leaves unset and nobody reads. */
static inline bool
error_false(bool set)
{
	(void)set;
	return false;
}
#define error_set(...)	 error_false(error_set(__VA_ARGS__))
#define error_wrap(...)	 error_false(error_wrap(__VA_ARGS__))
#define error_errno(...) error_false(error_errno(__VA_ARGS__))

#endif
