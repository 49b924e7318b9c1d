/*
 * Msgpack's own unpacker reserves memory for as many elements as a header announces: five bytes
 * cost it eight gigabytes. Hence this reader. Formats are a table by their first byte; what a
 * header says is held against the bytes that are really there before anybody hears of it.
 */
#include "shared/wire/reader.h"

#include <assert.h>
#include <string.h>

#include "shared/base/banned.h"

/* What follows the first byte: `size` bytes of a number that is the value itself, or the length or
 * count of what follows. */
struct format {
	enum item_kind kind;
	uint8_t size;
	bool sign;
	bool known;
};

static const struct format formats[] = {
	/* 0xc0 … 0xdf; the byte 0xc1 means nothing */
	[0xc0 - 0xc0] = {ITEM_NIL, 0, false, true},   [0xc2 - 0xc0] = {ITEM_BOOL, 0, false, true},
	[0xc3 - 0xc0] = {ITEM_BOOL, 0, false, true},  [0xc4 - 0xc0] = {ITEM_BYTES, 1, false, true},
	[0xc5 - 0xc0] = {ITEM_BYTES, 2, false, true}, [0xc6 - 0xc0] = {ITEM_BYTES, 4, false, true},
	[0xc7 - 0xc0] = {ITEM_OTHER, 1, false, true}, [0xc8 - 0xc0] = {ITEM_OTHER, 2, false, true},
	[0xc9 - 0xc0] = {ITEM_OTHER, 4, false, true}, [0xca - 0xc0] = {ITEM_REAL, 4, false, true},
	[0xcb - 0xc0] = {ITEM_REAL, 8, false, true},  [0xcc - 0xc0] = {ITEM_INT, 1, false, true},
	[0xcd - 0xc0] = {ITEM_INT, 2, false, true},   [0xce - 0xc0] = {ITEM_INT, 4, false, true},
	[0xcf - 0xc0] = {ITEM_INT, 8, false, true},   [0xd0 - 0xc0] = {ITEM_INT, 1, true, true},
	[0xd1 - 0xc0] = {ITEM_INT, 2, true, true},    [0xd2 - 0xc0] = {ITEM_INT, 4, true, true},
	[0xd3 - 0xc0] = {ITEM_INT, 8, true, true},    [0xd4 - 0xc0] = {ITEM_OTHER, 0, false, true},
	[0xd5 - 0xc0] = {ITEM_OTHER, 0, false, true}, [0xd6 - 0xc0] = {ITEM_OTHER, 0, false, true},
	[0xd7 - 0xc0] = {ITEM_OTHER, 0, false, true}, [0xd8 - 0xc0] = {ITEM_OTHER, 0, false, true},
	[0xd9 - 0xc0] = {ITEM_TEXT, 1, false, true},  [0xda - 0xc0] = {ITEM_TEXT, 2, false, true},
	[0xdb - 0xc0] = {ITEM_TEXT, 4, false, true},  [0xdc - 0xc0] = {ITEM_LIST, 2, false, true},
	[0xdd - 0xc0] = {ITEM_LIST, 4, false, true},  [0xde - 0xc0] = {ITEM_MAP, 2, false, true},
	[0xdf - 0xc0] = {ITEM_MAP, 4, false, true},
};

static size_t
left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

static bool
cut(const struct reader *r)
{
	return error_set(r->err, E_WIRE_001, "the message ends in the middle of a value");
}

void
reader_init(struct reader *r, struct span bytes, struct error *err)
{
	/* No bytes at all may come without an address. */
	const char *ptr = bytes.len > 0 ? bytes.ptr : "";

	*r = (struct reader){
		.at = (const uint8_t *)ptr, .end = (const uint8_t *)ptr + bytes.len, .err = err};
}

/* A number of `size` bytes, the greatest first. */
static bool
read_number(struct reader *r, uint8_t size, uint64_t *out)
{
	uint64_t value = 0;

	if (left(r) < size)
		return cut(r);
	for (uint8_t i = 0; i < size; i++)
		value = value << 8 | r->at[i];
	r->at += size;
	*out = value;
	return true;
}

static bool
take_bytes(struct reader *r, uint64_t len, struct item *out)
{
	if (len > left(r))
		return cut(r);
	out->bytes = span_of((const char *)r->at, (size_t)len);
	r->at += len;
	return true;
}

/* Every element takes a byte at least, every pair two. */
static bool
take_count(struct reader *r, uint64_t count, struct item *out)
{
	uint64_t bytes = out->kind == ITEM_MAP ? count * 2 : count;

	if (bytes > left(r))
		return error_set(r->err, E_WIRE_001,
				 "the message announces %llu elements where %zu bytes are left",
				 (unsigned long long)count, left(r));
	out->count = (size_t)count;
	return true;
}

static void
take_whole(const struct format *f, uint64_t raw, struct item *out)
{
	assert(f->size > 0);
	unsigned unused = 64 - 8 * f->size;

	if (!f->sign && raw > INT64_MAX)
		out->kind = ITEM_HUGE;
	else
		out->number = f->sign ? (int64_t)(raw << unused) >> unused : (int64_t)raw;
}

static void
take_real(const struct format *f, uint64_t raw, struct item *out)
{
	uint32_t half = (uint32_t)raw;
	float single;

	if (f->size == sizeof(double)) {
		memcpy(&out->real, &raw, sizeof(out->real));
		return;
	}
	memcpy(&single, &half, sizeof(single));
	out->real = single;
}

/* An extension's length lies in its first byte or behind it; a byte for its type comes first. */
static bool
take_other(struct reader *r, uint8_t first, uint64_t len, struct item *out)
{
	if (first >= 0xd4)
		len = 1u << (first - 0xd4);
	return take_bytes(r, len + 1, out);
}

static bool
take_long_form(struct reader *r, uint8_t first, struct item *out)
{
	const struct format *f = &formats[first - 0xc0];
	uint64_t raw = 0;

	if (!f->known)
		return error_set(r->err, E_WIRE_001, "the message is not msgpack");
	out->kind = f->kind;
	if (!read_number(r, f->size, &raw))
		return false;
	switch (f->kind) {
	case ITEM_INT:
		take_whole(f, raw, out);
		return true;
	case ITEM_REAL:
		take_real(f, raw, out);
		return true;
	case ITEM_BOOL:
		out->yes = first == 0xc3;
		return true;
	case ITEM_TEXT:
	case ITEM_BYTES:
		return take_bytes(r, raw, out);
	case ITEM_LIST:
	case ITEM_MAP:
		return take_count(r, raw, out);
	case ITEM_OTHER:
		return take_other(r, first, raw, out);
	case ITEM_NIL:
	case ITEM_HUGE:
		break;
	}
	return true;
}

bool
reader_next(struct reader *r, struct item *out)
{
	*out = (struct item){.kind = ITEM_INT};
	if (r->values == READER_VALUES)
		return error_set(r->err, E_WIRE_001, "the message holds more than %d values",
				 READER_VALUES);
	if (left(r) == 0)
		return cut(r);
	uint8_t first = *r->at++;
	r->values++;
	if (first <= 0x7f) {
		out->number = first;
		return true;
	}
	if (first >= 0xe0) {
		out->number = (int64_t)first - 256;
		return true;
	}
	if (first >= 0xc0)
		return take_long_form(r, first, out);
	if (first >= 0xa0) {
		out->kind = ITEM_TEXT;
		return take_bytes(r, first & 0x1f, out);
	}
	out->kind = first >= 0x90 ? ITEM_LIST : ITEM_MAP;
	return take_count(r, first & 0x0f, out);
}

bool
reader_enter(struct reader *r)
{
	if (r->depth == READER_DEPTH)
		return error_set(r->err, E_WIRE_001, "the message is nested deeper than %d",
				 READER_DEPTH);
	r->depth++;
	return true;
}

void
reader_leave(struct reader *r)
{
	r->depth--;
}

/* Calls itself no deeper than reader_enter() allows. */
bool
reader_skip(struct reader *r)
{
	struct item item;

	if (!reader_next(r, &item))
		return false;
	if (item.kind != ITEM_LIST && item.kind != ITEM_MAP)
		return true;
	if (!reader_enter(r))
		return false;
	for (size_t n = item.kind == ITEM_MAP ? item.count * 2 : item.count; n > 0; n--) {
		if (!reader_skip(r))
			return false;
	}
	reader_leave(r);
	return true;
}

bool
reader_end(const struct reader *r)
{
	if (left(r) > 0)
		return error_set(r->err, E_WIRE_001, "%zu bytes follow the end of the message",
				 left(r));
	return true;
}
