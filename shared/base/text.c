/* Growable text; the one place where strings are put together on the heap. */
#include "shared/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/base/banned.h"

/* Makes room for `more` bytes plus the NUL, or for as many as the limit leaves; returns how many
 * fit. */
static size_t
reserve(struct text *t, size_t more)
{
	if (more > t->limit - t->len) {
		more = t->limit - t->len;
		t->truncated = true;
	}
	size_t need = t->len + more + 1;

	if (need > t->cap) {
		size_t cap = t->cap ? t->cap : 64;
		while (cap < need)
			cap *= 2;
		char *ptr = realloc(t->ptr, cap);
		if (ptr == NULL) {
			fprintf(stderr, "confiture: out of memory (%zu bytes)\n", cap);
			abort();
		}
		t->ptr = ptr;
		t->cap = cap;
	}
	return more;
}

void
text_init(struct text *t, size_t limit)
{
	*t = (struct text){.limit = limit ? limit : TEXT_LIMIT};
	reserve(t, 0);
	t->ptr[0] = '\0';
}

void
text_fini(struct text *t)
{
	free(t->ptr);
	*t = (struct text){0};
}

void
text_clear(struct text *t)
{
	t->len = 0;
	t->truncated = false;
	t->ptr[0] = '\0';
}

void
text_put_span(struct text *t, struct span s)
{
	size_t n = reserve(t, s.len);

	if (n > 0)
		memcpy(t->ptr + t->len, s.ptr, n);
	t->len += n;
	t->ptr[t->len] = '\0';
}

void
text_put(struct text *t, const char *s)
{
	text_put_span(t, span_str(s));
}

void
text_put_char(struct text *t, char c)
{
	text_put_span(t, span_of(&c, 1));
}

void
text_repeat(struct text *t, char c, size_t times)
{
	size_t n = reserve(t, times);

	memset(t->ptr + t->len, c, n);
	t->len += n;
	t->ptr[t->len] = '\0';
}

void
text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);

	if (len < 0)
		abort();
	size_t n = reserve(t, (size_t)len);
	vsnprintf(t->ptr + t->len, n + 1, fmt, again);
	t->len += n;
	va_end(again);
}

void
text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}
