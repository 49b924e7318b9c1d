/*
 * Records filled by their descriptors, so that a test covers records that are added later. A
 * counter makes every value its own: a field that is mixed up with another shows.
 */
#include "tests/unit/wire/sample.h"

#include <string.h>

#include "shared/wire/field.h"
#include "shared/wire/results.h"

#include "shared/base/banned.h"

/* clang-format off */
#define RECORD_TYPE struct part
RECORD_DEFINE(part, "a part of a sample")
#undef RECORD_TYPE
#define RECORD_TYPE struct entry
RECORD_DEFINE(entry, "an entry of a map")
#undef RECORD_TYPE
#define RECORD_TYPE struct sample
RECORD_DEFINE(sample, "one field of every type")
#undef RECORD_TYPE
/* clang-format on */

static int64_t counter;

static void *fill(struct arena *a, const struct record *of, bool bare);

static const char *
some_text(struct arena *a)
{
	return arena_printf(a, "text \xc3\xa9 \"%lld\"\n", (long long)++counter);
}

static const char *
last_choice(struct arena *a, const struct field *f)
{
	const char *bar = strrchr(f->choices, '|');

	return arena_str(a, bar ? bar + 1 : f->choices);
}

/* With a NUL and bytes that are no UTF-8. */
static struct span
some_bytes(struct arena *a, int64_t number)
{
	char bytes[] = {(char)number, '\0', '\xff'};

	return span_of(arena_bytes(a, bytes, sizeof(bytes)), sizeof(bytes));
}

static struct record_list
some_list(struct arena *a, const struct field *f, bool bare)
{
	size_t count = bare ? 0 : 2;
	size_t size = f->type == FIELD_TEXTS ? sizeof(char *) : f->of->size;
	char *items = arena_array(a, count, size);

	for (size_t i = 0; i < count; i++) {
		const char *text = f->type == FIELD_TEXTS ? some_text(a) : NULL;
		memcpy(items + i * size,
		       f->type == FIELD_TEXTS ? (void *)&text : fill(a, f->of, bare), size);
	}
	return (struct record_list){items, count};
}

static void
fill_field(struct arena *a, const struct field *f, void *ptr, bool bare)
{
	int64_t number = ++counter;
	double real = (double)number + 0.25;
	bool yes = true;
	const char *text;

	if (f->type == FIELD_TEXT || f->type == FIELD_CHOICE) {
		text = f->flags & AS_JSON      ? "{\"a\":[1,2.5,true,null,{\"b\":\"c\"}]}"
		       : f->type == FIELD_TEXT ? some_text(a)
					       : last_choice(a, f);
		field_set(ptr, f, text);
	} else if (f->type == FIELD_INT) {
		if (f->flags & AS_TRUTH)
			number = 1;
		field_set(ptr, f, number);
	} else if (f->type == FIELD_REAL) {
		field_set(ptr, f, real);
	} else if (f->type == FIELD_BOOL) {
		field_set(ptr, f, yes);
	} else if (f->type == FIELD_RECORD) {
		void *below = fill(a, f->of, bare);
		field_set(ptr, f, below);
	} else if (f->type == FIELD_ANY) {
		struct any any = {&record_issue, fill(a, &record_issue, bare)};
		field_set(ptr, f, any);
	} else if (f->type == FIELD_BYTES) {
		struct span bytes = some_bytes(a, number);
		field_set(ptr, f, bytes);
	} else {
		struct record_list list = some_list(a, f, bare);
		field_set(ptr, f, list);
	}
}

static void *
fill(struct arena *a, const struct record *of, bool bare)
{
	void *ptr = record_new(a, of);

	for (size_t i = 0; i < of->count; i++) {
		if (!bare || (of->fields[i].flags & (NULLABLE | OPTIONAL)) == 0)
			fill_field(a, &of->fields[i], ptr, bare);
	}
	return ptr;
}

void *
sample_fill(struct arena *a, const struct record *of)
{
	return fill(a, of, false);
}

void *
sample_bare(struct arena *a, const struct record *of)
{
	return fill(a, of, true);
}
