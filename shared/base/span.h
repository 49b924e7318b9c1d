#ifndef CONFITURE_BASE_SPAN_H
#define CONFITURE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A piece of bytes that somebody else owns. Not NUL-terminated. `ptr` may be NULL when `len` is 0.
 */
struct span {
	const char *ptr;
	size_t len;
};

static inline struct span
span_of(const char *ptr, size_t len)
{
	return (struct span){ptr, len};
}

static inline struct span
span_str(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
span_is(struct span a, const char *s)
{
	return span_equal(a, span_str(s));
}

#endif
