/*
 * Msgpack bytes back into records. The bytes come from whoever reached the port: a value of another
 * type, a word that is no choice or a missing field is refused with its path, and memory is taken
 * for elements that were read, never for those that were announced.
 */
#include "shared/wire/unpack.h"

#include <assert.h>

#include "shared/wire/field.h"
#include "shared/wire/messages.h"

#include "shared/base/banned.h"

struct unpacker {
	struct reader *r;
	struct arena *arena;
};

static bool unpack_into(struct unpacker *u, const struct record *of, void *ptr);

static bool
wrong(struct unpacker *u, const char *expected)
{
	return error_set(u->r->err, E_WIRE_001, "must be %s", expected);
}

static bool
next(struct unpacker *u, enum item_kind kind, const char *expected, struct item *out)
{
	if (!reader_next(u->r, out))
		return false;
	return out->kind == kind || wrong(u, expected);
}

static bool
unpack_text(struct unpacker *u, const char **out)
{
	struct item item;

	if (!next(u, ITEM_TEXT, "a text", &item))
		return false;
	if (item.bytes.len > 0 && memchr(item.bytes.ptr, '\0', item.bytes.len) != NULL)
		return wrong(u, "a text without NUL");
	*out = arena_span(u->arena, item.bytes);
	return true;
}

static bool
unpack_word(struct unpacker *u, const struct field *f, void *ptr)
{
	const char *word;

	if (!unpack_text(u, &word))
		return false;
	if (f->type == FIELD_CHOICE && !field_is_choice(f->choices, span_str(word)))
		return wrong(u, f->choices);
	field_set(ptr, f, word);
	return true;
}

static bool
unpack_int(struct unpacker *u, const struct field *f, void *ptr)
{
	struct item item;

	if (!next(u, ITEM_INT, "a whole number", &item))
		return false;
	if (item.number == INT_NULL)
		return wrong(u, "a whole number");
	field_set(ptr, f, item.number);
	return true;
}

static bool
unpack_real(struct unpacker *u, const struct field *f, void *ptr)
{
	struct item item;

	if (!next(u, ITEM_REAL, "a number", &item))
		return false;
	if (!isfinite(item.real))
		return wrong(u, "a number");
	field_set(ptr, f, item.real);
	return true;
}

static bool
unpack_bool(struct unpacker *u, const struct field *f, void *ptr)
{
	struct item item;

	if (!next(u, ITEM_BOOL, "true or false", &item))
		return false;
	field_set(ptr, f, item.yes);
	return true;
}

/* Empty bytes are there too: their address says so. */
static bool
unpack_bytes(struct unpacker *u, const struct field *f, void *ptr)
{
	struct item item;

	if (!next(u, ITEM_BYTES, "bytes", &item))
		return false;
	struct span bytes = span_of(arena_span(u->arena, item.bytes), item.bytes.len);
	field_set(ptr, f, bytes);
	return true;
}

static bool
unpack_element(struct unpacker *u, const struct field *f, void *slot)
{
	const char *text;

	if (f->type == FIELD_RECORDS)
		return unpack_into(u, f->of, slot);
	if (!unpack_text(u, &text))
		return false;
	memcpy(slot, &text, sizeof(text));
	return true;
}

static bool
unpack_list(struct unpacker *u, const struct field *f, void *ptr)
{
	enum { AT_ONCE = 8 };
	size_t size = f->type == FIELD_TEXTS ? sizeof(char *) : f->of->size;
	struct record_list list = {NULL, 0};
	struct item item;

	if (!next(u, ITEM_LIST, "a list", &item) || !reader_enter(u->r))
		return false;
	size_t room = item.count < AT_ONCE ? item.count : AT_ONCE;
	list.items = arena_array(u->arena, room, size);
	while (list.count < item.count) {
		list.items = arena_grow(u->arena, list.items, list.count, &room, size);
		if (!unpack_element(u, f, (char *)list.items + list.count * size))
			return error_wrap(u->r->err, "item %zu", list.count + 1);
		list.count++;
	}
	reader_leave(u->r);
	field_set(ptr, f, list);
	return true;
}

static bool
unpack_below(struct unpacker *u, const struct record *of, void **out)
{
	*out = arena_alloc(u->arena, of->size);
	return unpack_into(u, of, *out);
}

static bool
unpack_any(struct unpacker *u, const struct field *f, void *ptr)
{
	static const char expected[] = "a list of a record's name and the record";
	struct item item;
	const char *name;

	if (!next(u, ITEM_LIST, expected, &item))
		return false;
	if (item.count != 2)
		return wrong(u, expected);
	if (!reader_enter(u->r) || !unpack_text(u, &name))
		return false;
	struct any any = {.of = record_named(name)};
	if (any.of == NULL)
		return wrong(u, "a record of a kind that this version knows");
	if (!unpack_below(u, any.of, &any.ptr))
		return false;
	reader_leave(u->r);
	field_set(ptr, f, any);
	return true;
}

static bool
unpack_value(struct unpacker *u, const struct field *f, void *ptr)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
		return unpack_word(u, f, ptr);
	case FIELD_INT:
		return unpack_int(u, f, ptr);
	case FIELD_REAL:
		return unpack_real(u, f, ptr);
	case FIELD_BOOL:
		return unpack_bool(u, f, ptr);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return unpack_list(u, f, ptr);
	case FIELD_RECORD: {
		void *record;
		if (!unpack_below(u, f->of, &record))
			return false;
		field_set(ptr, f, record);
		return true;
	}
	case FIELD_ANY:
		return unpack_any(u, f, ptr);
	case FIELD_BYTES:
		return unpack_bytes(u, f, ptr);
	}
	return wrong(u, "of a type that is known");
}

static bool
wrap_field(struct unpacker *u, const struct record *of, const struct field *f)
{
	struct span key = field_key(f);

	return error_wrap(u->r->err, "%s.%.*s", of->name, (int)key.len, key.ptr);
}

/* One pair of the map; `seen` has a bit for each field that came. */
static bool
unpack_pair(struct unpacker *u, const struct record *of, void *ptr, uint64_t *seen)
{
	struct item key;
	size_t i = 0;

	if (!next(u, ITEM_INT, "a map from field numbers", &key))
		return error_wrap(u->r->err, "%s", of->name);
	if (key.number < 0)
		return error_set(u->r->err, E_WIRE_001,
				 "%s: field %lld must be understood, and this version does not",
				 of->name, (long long)key.number);
	while (i < of->count && of->fields[i].number != key.number)
		i++;
	if (i == of->count)
		return reader_skip(u->r);
	const struct field *f = &of->fields[i];
	bool ok = (*seen >> i & 1) == 0 ? unpack_value(u, f, ptr) : wrong(u, "there once");
	*seen |= (uint64_t)1 << i;
	return ok || wrap_field(u, of, f);
}

static bool
unpack_into(struct unpacker *u, const struct record *of, void *ptr)
{
	struct item item;
	uint64_t seen = 0;

	assert(of->count <= 64);
	record_init(of, ptr);
	if (!next(u, ITEM_MAP, "a map from field numbers", &item))
		return error_wrap(u->r->err, "%s", of->name);
	if (!reader_enter(u->r))
		return false;
	for (size_t i = 0; i < item.count; i++) {
		if (!unpack_pair(u, of, ptr, &seen))
			return false;
	}
	reader_leave(u->r);
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		if ((f->flags & (NULLABLE | OPTIONAL)) == 0 && (seen >> i & 1) == 0) {
			wrong(u, "there");
			return wrap_field(u, of, f);
		}
	}
	return true;
}

bool
unpack_record(struct reader *r, struct arena *arena, const struct record *of, void **out)
{
	struct unpacker u = {.r = r, .arena = arena};
	void *record;

	if (!unpack_below(&u, of, &record))
		return false;
	*out = record;
	return true;
}
