/*
 * A window over a text that may be far larger than memory. It holds what the statement at hand
 * needs and no more: the buffer is moved together only when it is full and less than half of it is
 * held, and doubled otherwise, so that the cost per byte stays constant however the statements
 * lie. Lines and columns are counted once, when somebody asks or when bytes are about to go.
 */
#include "shared/sql/window.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/sql/utf8.h"

#include "shared/base/banned.h"

enum { FIRST_WINDOW = 128 * 1024 };

void
window_init(struct sql_window *w, struct sql_source source)
{
	*w = (struct sql_window){.source = source, .mark = {1, 1}};
}

void
window_over(struct sql_window *w, struct span bytes)
{
	static char nothing[1];

	*w = (struct sql_window){.drained = true, .mark = {1, 1}};
	/* The window never writes to borrowed bytes: that needs cap. */
	memcpy(&w->buf, &bytes.ptr, sizeof(w->buf));
	if (w->buf == NULL)
		w->buf = nothing;
	w->read = w->len = bytes.len;
}

void
window_fini(struct sql_window *w)
{
	if (w->cap > 0)
		free(w->buf);
	*w = (struct sql_window){0};
}

void
window_hold(struct sql_window *w)
{
	w->keep = w->pos;
	w->holding = true;
}

void
window_release(struct sql_window *w)
{
	w->holding = false;
}

void
sql_place_over(struct sql_place *place, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	for (const char *nl; len > 0 && (nl = memchr(bytes, '\n', len)) != NULL;) {
		place->line++;
		place->column = 1;
		bytes = nl + 1;
		len = (size_t)(end - bytes);
	}
	for (; bytes < end; bytes++)
		place->column += ((unsigned char)*bytes & 0xc0) != 0x80;
}

struct sql_place
window_place(struct sql_window *w, uint64_t offset)
{
	assert(offset >= w->marked && w->marked >= w->base && offset <= w->base + w->len);
	sql_place_over(&w->mark, w->buf + (w->marked - w->base), (size_t)(offset - w->marked));
	w->marked = offset;
	return w->mark;
}

static void
grow(struct sql_window *w)
{
	size_t want = w->cap ? w->cap * 2 : FIRST_WINDOW;
	char *bigger = realloc(w->buf, want);

	if (bigger == NULL) {
		fprintf(stderr, "confiture: out of memory (%zu bytes)\n", want);
		abort();
	}
	w->buf = bigger;
	w->cap = want;
}

/* Forgets what lies before the held part. */
static void
move_together(struct sql_window *w)
{
	size_t gone = w->keep;

	if (w->marked < w->base + gone)
		window_place(w, w->base + gone);
	memmove(w->buf, w->buf + gone, w->read - gone);
	w->base += gone;
	w->read -= gone;
	w->len -= gone;
	w->pos -= gone;
	w->keep = 0;
}

static void
make_room(struct sql_window *w)
{
	if (!w->holding)
		w->keep = w->pos;
	if (w->read < w->cap)
		return;
	if (w->keep > 0 && w->read - w->keep <= w->cap / 2)
		move_together(w);
	else
		grow(w);
}

/* Makes the checked part of what was read visible. */
static void
check(struct sql_window *w)
{
	size_t good = 0;
	enum utf8_verdict verdict = utf8_check(w->buf + w->len, w->read - w->len, &good);

	w->len += good;
	if (verdict == UTF8_NUL)
		w->fault = FAULT_NUL;
	else if (verdict == UTF8_BAD || (verdict == UTF8_CUT && w->drained))
		w->fault = FAULT_UTF8;
}

static void
read_more(struct sql_window *w)
{
	size_t got = 0;

	make_room(w);
	if (!w->source.read(w->source.self, w->buf + w->read, w->cap - w->read, &got,
			    &w->read_error)) {
		w->fault = FAULT_READ;
		return;
	}
	w->read += got;
	w->drained = got == 0;
	check(w);
}

bool
window_fill(struct sql_window *w)
{
	uint64_t end = w->base + w->len;

	while (w->base + w->len == end) {
		if (w->drained || w->fault != FAULT_NONE)
			return false;
		if (w->holding && w->pos - w->keep > SQL_STATEMENT_LIMIT) {
			w->fault = FAULT_LARGE;
			return false;
		}
		read_more(w);
	}
	return true;
}
