#ifndef CONFITURE_BASE_TEXT_H
#define CONFITURE_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "shared/base/compiler.h"
#include "shared/base/span.h"

/*
 * A text that grows, with a limit from birth. Owns its bytes (heap), always NUL-terminated. What
 * would pass the limit is dropped and `truncated` is set: a builder never fails in the middle of a
 * sentence. Zero-initialised is not ready for use: call text_init().
 */
struct text {
	char *ptr;
	size_t len;
	size_t cap;
	size_t limit;
	bool truncated;
};

/* `limit` 0 means TEXT_LIMIT. */
#define TEXT_LIMIT ((size_t)256 * 1024 * 1024)
void text_init(struct text *t, size_t limit);
void text_fini(struct text *t);
void text_clear(struct text *t);

void text_put(struct text *t, const char *s);
void text_put_char(struct text *t, char c);
void text_put_span(struct text *t, struct span s);
void text_repeat(struct text *t, char c, size_t times);
void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_vprintf(struct text *t, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static inline struct span
text_span(const struct text *t)
{
	return span_of(t->ptr, t->len);
}

#endif
