#ifndef CONFITURE_BASE_ARENA_H
#define CONFITURE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/compiler.h"
#include "shared/base/span.h"

/*
 * One arena per request, job or command: everything is freed at once by arena_fini(). Memory comes
 * zeroed and aligned for any type. Allocation never returns NULL: a small allocation that fails
 * aborts the process, and sizes that come from input must be limited by the caller before they
 * arrive here. Not thread-safe: an arena belongs to one thread at a time.
 */
struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out, for limits and tests */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
/* Frees everything and leaves the arena ready for use. Keeps one block so that loops do not pay for
 * malloc. */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
/* `count * size` bytes; aborts on overflow of the product. */
void *arena_array(struct arena *a, size_t count, size_t size);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* Copies; the result is NUL-terminated in every case. arena_str(a, NULL) is NULL. */
char *arena_str(struct arena *a, const char *s);
char *arena_span(struct arena *a, struct span s);
void *arena_bytes(struct arena *a, const void *p, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/*
 * A growable array in an arena. `items` has room for *cap elements of `size` bytes, `count` of them
 * in use; the result has room for at least one more. The old storage stays in the arena (growth
 * doubles, so at most twice the final size is used).
 */
void *arena_grow(struct arena *a, void *items, size_t count, size_t *cap, size_t size);

#endif
