#ifndef CONFITURE_SQL_WINDOW_H
#define CONFITURE_SQL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/error.h"
#include "shared/base/span.h"
#include "shared/sql/split.h"

/*
 * The part of a text that the scanner looks at, with a cursor: grows to the right as bytes are
 * asked for, forgets on the left what is no longer held. Bytes are checked as UTF-8 before they
 * can be seen; the first bad one ends the text with a fault.
 */
enum window_fault { FAULT_NONE, FAULT_READ, FAULT_UTF8, FAULT_NUL, FAULT_LARGE };

struct sql_place {
	uint32_t line;
	uint32_t column;
};

enum { WINDOW_END = -1 };

struct sql_window {
	struct sql_source source;
	char *buf;
	size_t cap;  /* 0: the bytes are borrowed */
	size_t read; /* bytes in buf */
	size_t len;  /* of them, checked */
	size_t pos;  /* the cursor */
	size_t keep; /* where the held part begins */
	bool holding;
	bool drained; /* the source has no more */
	enum window_fault fault;
	uint64_t base;	 /* offset of buf[0] in the text */
	uint64_t marked; /* an offset whose place is known */
	struct sql_place mark;
	struct error read_error; /* of FAULT_READ */
};

/* Reads from `source`; window_fini() frees. */
void window_init(struct sql_window *w, struct sql_source source);
/* Over bytes of the caller's, unchecked; needs no fini. */
void window_over(struct sql_window *w, struct span bytes);
void window_fini(struct sql_window *w);

/* Makes at least one more byte visible; false at the end or at a fault. Moves the indices. */
bool window_fill(struct sql_window *w);

/* The byte `ahead` of the cursor, or WINDOW_END at the end and at a fault. */
static inline int
window_peek(struct sql_window *w, size_t ahead)
{
	while (w->len - w->pos <= ahead) {
		if (!window_fill(w))
			return WINDOW_END;
	}
	return (unsigned char)w->buf[w->pos + ahead];
}

/* From here on bytes stay in memory, until window_release(). */
void window_hold(struct sql_window *w);
void window_release(struct sql_window *w);

static inline uint64_t
window_offset(const struct sql_window *w)
{
	return w->base + w->pos;
}

/* Line and column of an offset that is not before the held part (or the cursor), nor before one
 * that was asked for earlier. */
struct sql_place window_place(struct sql_window *w, uint64_t offset);

/* Moves `place` over `len` bytes of text. */
void sql_place_over(struct sql_place *place, const char *bytes, size_t len);

#endif
