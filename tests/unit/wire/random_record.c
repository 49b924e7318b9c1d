/*
 * Records filled at random by their descriptors: the cases that nobody thinks of, over every record
 * that there is and will be.
 */
#include "tests/unit/wire/random_record.h"

#include <string.h>

#include "shared/wire/field.h"
#include "shared/wire/messages.h"

#include "shared/base/banned.h"

/* splitmix64 */
static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t
random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}

/* Lengths at which the form of a header changes are met more often than others. */
static size_t
random_length(uint64_t *state)
{
	static const size_t edges[] = {0, 1, 31, 32, 33, 255, 256, 300};

	return edges[random_below(state, ARRAY_LEN(edges))];
}

static struct span
random_bytes(struct arena *a, uint64_t *state, char lowest)
{
	size_t len = random_length(state);
	char *bytes = arena_alloc(a, len + 1);

	for (size_t i = 0; i < len; i++) {
		char c = (char)random_below(state, 256);
		bytes[i] = c == '\0' ? lowest : c;
	}
	return span_of(bytes, len);
}

static const char *
random_choice(struct arena *a, const struct field *f, uint64_t *state)
{
	const char *word = f->choices;

	for (uint64_t skip = random_below(state, 20); skip > 0; skip--) {
		const char *bar = strchr(word, '|');
		word = bar != NULL ? bar + 1 : f->choices;
	}
	return arena_span(a, span_of(word, strcspn(word, "|")));
}

static int64_t
random_int(uint64_t *state)
{
	static const int64_t edges[] = {0,	    -1,	       -32,	      -33,	127,  128,
					255,	    256,       65535,	      65536,	-128, -129,
					UINT32_MAX, INT64_MAX, INT64_MIN + 1, INT32_MIN};
	uint64_t pick = random_below(state, ARRAY_LEN(edges) + 4);

	if (pick < ARRAY_LEN(edges))
		return edges[pick];
	return (int64_t)(random_next(state) >> 1);
}

static struct any
random_any(struct arena *a, uint64_t *state)
{
	static const struct record *const some[] = {&record_issue, &record_up_result,
						    &record_status_result, &record_ack};
	const struct record *of = some[random_below(state, ARRAY_LEN(some))];

	return (struct any){of, random_record(a, of, state)};
}

static struct record_list
random_list(struct arena *a, const struct field *f, uint64_t *state)
{
	size_t count = random_below(state, 20) == 0 ? 20 : random_below(state, 3);
	size_t size = f->type == FIELD_TEXTS ? sizeof(char *) : f->of->size;
	char *items = arena_array(a, count, size);

	for (size_t i = 0; i < count; i++) {
		const char *text = random_bytes(a, state, 'n').ptr;
		memcpy(items + i * size,
		       f->type == FIELD_TEXTS ? (void *)&text : random_record(a, f->of, state),
		       size);
	}
	return (struct record_list){items, count};
}

static void
random_field(struct arena *a, const struct field *f, void *ptr, uint64_t *state)
{
	const char *text;
	int64_t whole = random_int(state);
	double real = (double)random_int(state) / 3;
	bool yes = random_below(state, 2) == 1;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
		text = f->flags & AS_JSON      ? "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}"
		       : f->type == FIELD_TEXT ? random_bytes(a, state, 'n').ptr
					       : random_choice(a, f, state);
		field_set(ptr, f, text);
		break;
	case FIELD_INT:
		if (f->flags & AS_TRUTH)
			whole = yes ? 1 : 0;
		field_set(ptr, f, whole);
		break;
	case FIELD_REAL:
		field_set(ptr, f, real);
		break;
	case FIELD_BOOL:
		field_set(ptr, f, yes);
		break;
	case FIELD_TEXTS:
	case FIELD_RECORDS: {
		struct record_list list = random_list(a, f, state);
		field_set(ptr, f, list);
		break;
	}
	case FIELD_RECORD: {
		void *below = random_record(a, f->of, state);
		field_set(ptr, f, below);
		break;
	}
	case FIELD_ANY: {
		struct any any = random_any(a, state);
		field_set(ptr, f, any);
		break;
	}
	case FIELD_BYTES: {
		struct span bytes = random_bytes(a, state, '\0');
		field_set(ptr, f, bytes);
		break;
	}
	}
}

void *
random_record(struct arena *a, const struct record *of, uint64_t *state)
{
	void *ptr = record_new(a, of);

	for (size_t i = 0; i < of->count; i++) {
		bool may_lack = (of->fields[i].flags & (NULLABLE | OPTIONAL)) != 0;
		if (!may_lack || random_below(state, 3) > 0)
			random_field(a, &of->fields[i], ptr, state);
	}
	return ptr;
}
