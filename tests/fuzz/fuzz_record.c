/*
 * Any bytes as a record at rest: the first line says which record, the rest is its JSON. What is
 * believed prints as valid JSON and reads back as the same; what is not is refused with words.
 */
#include <jansson.h>
#include <string.h>

#include "shared/wire/messages.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

/* By name, which seeds use; else the first byte counts, so that the fuzzer comes to all. */
static const struct record *
record_chosen(struct arena *arena, struct span line)
{
	const struct record *of = record_named(arena_span(arena, line));
	size_t count = 0;

	while (record_at(count) != NULL)
		count++;
	return of != NULL ? of : record_at((uint8_t)line.ptr[0] % count);
}

static void
check_valid(const struct text *json)
{
	json_t *tree = json_loadb(json->ptr, json->len, JSON_ALLOW_NUL, NULL);

	FUZZ_CHECK(json_is_object(tree));
	json_decref(tree);
}

static void
check_journey(struct arena *arena, const struct record *of, const void *record)
{
	struct text first, second, shown;
	struct error err = {0};
	void *back;

	text_init(&first, 0);
	text_init(&second, 0);
	text_init(&shown, 0);
	record_json_named(&first, of, record);
	FUZZ_CHECK(record_parse(arena, of, text_span(&first), &back, &err));
	record_json_named(&second, of, back);
	FUZZ_CHECK(span_equal(text_span(&first), text_span(&second)));
	record_json(&shown, of, record, 2);
	check_valid(&first);
	check_valid(&shown);
	text_fini(&shown);
	text_fini(&second);
	text_fini(&first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error err = {0};
	void *record;

	const char *end = size > 0 ? memchr(data + 1, '\n', size - 1) : NULL;
	if (end == NULL)
		return 0;
	const char *start = (const char *)data;
	arena_init(&arena);
	const struct record *of = record_chosen(&arena, span_of(start, (size_t)(end - start)));
	struct span json = span_of(end + 1, size - (size_t)(end + 1 - start));
	bool ok = record_parse(&arena, of, json, &record, &err);
	FUZZ_CHECK(ok == (err.code == NULL));
	FUZZ_CHECK(ok || err.message[0] != '\0');
	if (ok)
		check_journey(&arena, of, record);
	arena_fini(&arena);
	return 0;
}
