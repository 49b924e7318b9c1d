/*
 * What can be done to any record with nothing but its descriptor in hand: making an empty one and
 * copying one with all that hangs below it. The copy is what lets a request cross from one thread's
 * arena into another's.
 */
#include "shared/wire/record.h"

#include "shared/wire/field.h"

#include "shared/base/banned.h"

void
record_init(const struct record *of, void *ptr)
{
	static const int64_t no_int = INT_NULL;
	static const double no_real = REAL_NULL;

	memset(ptr, 0, of->size);
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		if (f->flags == 0)
			continue;
		if (f->type == FIELD_INT)
			field_set(ptr, f, no_int);
		else if (f->type == FIELD_REAL)
			field_set(ptr, f, no_real);
	}
}

void *
record_new(struct arena *arena, const struct record *of)
{
	void *ptr = arena_alloc(arena, of->size);

	record_init(of, ptr);
	return ptr;
}

static void copy_fields(struct arena *arena, const struct record *of, void *to);

static struct record_list
copy_texts(struct arena *arena, struct record_list from)
{
	const char **to = arena_array(arena, from.count, sizeof(*to));

	if (from.count > 0)
		memcpy(to, from.items, from.count * sizeof(*to));
	for (size_t i = 0; i < from.count; i++)
		to[i] = arena_str(arena, to[i]);
	return (struct record_list){to, from.count};
}

static struct record_list
copy_records(struct arena *arena, const struct record *of, struct record_list from)
{
	char *to = arena_array(arena, from.count, of->size);

	if (from.count > 0)
		memcpy(to, from.items, from.count * of->size);
	for (size_t i = 0; i < from.count; i++)
		copy_fields(arena, of, to + i * of->size);
	return (struct record_list){to, from.count};
}

/* `to` holds the bytes of the original; what it points to is replaced by copies. */
static void
copy_field(struct arena *arena, const struct field *f, void *to)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE: {
		const char *text = arena_str(arena, field_text(to, f));
		field_set(to, f, text);
		break;
	}
	case FIELD_TEXTS: {
		struct record_list list = copy_texts(arena, field_list(to, f));
		field_set(to, f, list);
		break;
	}
	case FIELD_RECORD: {
		void *record = record_copy(arena, f->of, field_record(to, f));
		field_set(to, f, record);
		break;
	}
	case FIELD_RECORDS: {
		struct record_list list = copy_records(arena, f->of, field_list(to, f));
		field_set(to, f, list);
		break;
	}
	case FIELD_ANY: {
		struct any any = field_any(to, f);
		any.ptr = any.ptr ? record_copy(arena, any.of, any.ptr) : NULL;
		field_set(to, f, any);
		break;
	}
	case FIELD_BYTES: {
		struct span bytes = field_bytes(to, f);
		bytes.ptr = bytes.ptr ? arena_bytes(arena, bytes.ptr, bytes.len) : NULL;
		field_set(to, f, bytes);
		break;
	}
	case FIELD_INT:
	case FIELD_REAL:
	case FIELD_BOOL:
		break;
	}
}

static void
copy_fields(struct arena *arena, const struct record *of, void *to)
{
	for (size_t i = 0; i < of->count; i++)
		copy_field(arena, &of->fields[i], to);
}

void *
record_copy(struct arena *arena, const struct record *of, const void *from)
{
	if (from == NULL)
		return NULL;
	void *to = arena_bytes(arena, from, of->size);

	copy_fields(arena, of, to);
	return to;
}
