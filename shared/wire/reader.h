#ifndef CONFITURE_WIRE_READER_H
#define CONFITURE_WIRE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/compiler.h"
#include "shared/base/error.h"
#include "shared/base/span.h"

/*
 * A cursor over msgpack bytes that others sent. It reads one header at a time, allocates nothing
 * and believes no number: a text is no longer, and a list has no more elements, than bytes are
 * left; nesting and the number of all values have limits. Every refusal is WIRE_001 in words.
 */
enum { READER_DEPTH = 16, READER_VALUES = 256 * 1024 };

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	unsigned depth;
	size_t values; /* read so far */
	struct error *err;
};

enum item_kind {
	ITEM_NIL,
	ITEM_BOOL,
	ITEM_INT,
	ITEM_HUGE, /* a whole number above INT64_MAX; its value is not kept */
	ITEM_REAL,
	ITEM_TEXT,
	ITEM_BYTES,
	ITEM_LIST,
	ITEM_MAP,
	ITEM_OTHER /* an extension of msgpack */
};

struct item {
	enum item_kind kind;
	int64_t number;	   /* INT */
	double real;	   /* REAL */
	bool yes;	   /* BOOL */
	struct span bytes; /* TEXT, BYTES, OTHER; in the cursor's bytes */
	size_t count;	   /* LIST: elements that follow, MAP: pairs that follow */
};

void reader_init(struct reader *r, struct span bytes, struct error *err);
/* The next value, of a LIST or MAP only its header: its elements come next, between reader_enter()
 * and reader_leave(). */
MUST_USE bool reader_next(struct reader *r, struct item *out);
MUST_USE bool reader_enter(struct reader *r);
void reader_leave(struct reader *r);
/* The next value with all that is in it. */
MUST_USE bool reader_skip(struct reader *r);
/* Nothing may be left. */
MUST_USE bool reader_end(const struct reader *r);

#endif
