#ifndef CONFITURE_WIRE_FIELD_H
#define CONFITURE_WIRE_FIELD_H

#include <math.h>
#include <string.h>

#include "shared/wire/record.h"

/*
 * Reading and writing one field of a record through its descriptor; for the walks of this room. By
 * memcpy, because a list of some record is read here as a list of anything.
 */
#define FIELD_GETTER(suffix, type)                                                                 \
	static inline type field_##suffix(const void *record, const struct field *f)               \
	{                                                                                          \
		type value;                                                                        \
		memcpy(&value, (const char *)record + f->offset, sizeof(value));                   \
		return value;                                                                      \
	}

FIELD_GETTER(text, const char *)
FIELD_GETTER(int, int64_t)
FIELD_GETTER(real, double)
FIELD_GETTER(bool, bool)
FIELD_GETTER(record, void *)
FIELD_GETTER(list, struct record_list)
FIELD_GETTER(any, struct any)
FIELD_GETTER(bytes, struct span)

#define field_set(record, f, value) memcpy((char *)(record) + (f)->offset, &(value), sizeof(value))

/* The name in JSON: a trailing underscore keeps C's keywords away and is no part of it. */
static inline struct span
field_key(const struct field *f)
{
	struct span key = span_str(f->name);

	if (key.len > 0 && key.ptr[key.len - 1] == '_')
		key.len--;
	return key;
}

/* Whether the value may be missing at all. */
static inline bool
field_may_lack(const struct field *f)
{
	return (f->flags & (NULLABLE | OPTIONAL)) != 0;
}

static inline bool
field_absent(const void *record, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
		return field_text(record, f) == NULL;
	case FIELD_INT:
		return field_int(record, f) == INT_NULL;
	case FIELD_REAL:
		return isnan(field_real(record, f));
	case FIELD_BOOL:
		return (f->flags & OPTIONAL) != 0 && !field_bool(record, f);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return (f->flags & OPTIONAL) != 0 && field_list(record, f).count == 0;
	case FIELD_RECORD:
		return field_record(record, f) == NULL;
	case FIELD_ANY:
		return field_any(record, f).ptr == NULL;
	case FIELD_BYTES:
		return f->flags != 0 && field_bytes(record, f).ptr == NULL;
	}
	return true;
}

/* Is `word` one of "a|b|c"? */
static inline bool
field_is_choice(const char *choices, struct span word)
{
	for (const char *p = choices; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		if (span_equal(span_of(p, strcspn(p, "|")), word))
			return true;
	}
	return false;
}

#endif
