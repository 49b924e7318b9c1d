/*
 * Bump allocation in blocks. Blocks grow from 4 KiB to 256 KiB so that a small command stays small
 * and a large job does not call malloc for every name; anything larger than a block gets a block of
 * its own.
 */
#include "shared/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/base/banned.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	size_t pad;
	char data[];
};

static size_t
round_up(size_t n)
{
	return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *b = calloc(1, sizeof(*b) + size);

	if (b == NULL) {
		fprintf(stderr, "confiture: out of memory (%zu bytes)\n", size);
		abort();
	}
	b->size = size;
	return b;
}

void
arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

void
arena_fini(struct arena *a)
{
	for (struct arena_block *b = a->blocks; b != NULL;) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
	*a = (struct arena){0};
}

void
arena_reset(struct arena *a)
{
	struct arena_block *keep = a->blocks;

	if (keep == NULL)
		return;
	a->blocks = keep->next;
	arena_fini(a);
	memset(keep->data, 0, keep->used);
	keep->used = 0;
	keep->next = NULL;
	a->blocks = keep;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	size_t need = round_up(size ? size : 1);

	if (need < size)
		abort();
	if (b == NULL || b->size - b->used < need) {
		size_t want = b == NULL ? FIRST_BLOCK : b->size * 2;
		if (want > LARGEST_BLOCK)
			want = LARGEST_BLOCK;
		b = block_new(want < need ? need : want);
		b->next = a->blocks;
		a->blocks = b;
	}
	void *p = b->data + b->used;
	b->used += need;
	a->used += need;
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		abort();
	return arena_alloc(a, bytes);
}

void *
arena_bytes(struct arena *a, const void *p, size_t len)
{
	void *copy = arena_alloc(a, len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_span(struct arena *a, struct span s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_span(a, span_str(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);

	if (len < 0)
		abort();
	char *s = arena_alloc(a, (size_t)len + 1);
	vsnprintf(s, (size_t)len + 1, fmt, again);
	va_end(again);
	return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);

	va_end(ap);
	return s;
}

void *
arena_grow(struct arena *a, void *items, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	size_t want = *cap ? *cap * 2 : 8;
	void *bigger = arena_array(a, want, size);

	if (count > 0)
		memcpy(bigger, items, count * size);
	*cap = want;
	return bigger;
}
