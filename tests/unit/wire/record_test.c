/* Copies and documents of records. Original memory is freed before a copy is looked at. */
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/messages.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

static char *
print(const struct record *of, const void *ptr, int indent)
{
	struct text t;
	text_init(&t, 0);

	record_json(&t, of, ptr, indent);
	return t.ptr;
}

static struct sample *
make_sample(struct arena *a)
{
	struct sample *s = RECORD_NEW(a, sample);

	s->default_ = "caf\xc3\xa9";
	s->kind = "large";
	s->count = -3;
	s->ratio = 0.5;
	s->ready = true;
	s->used_up = true;
	s->names.count = 2;
	s->names.items = arena_array(a, 2, sizeof(char *));
	s->names.items[0] = "one";
	s->names.items[1] = "two";
	s->first = RECORD_NEW(a, part);
	s->first->label = "begin";
	s->parts.count = 2;
	s->parts.items = arena_array(a, 2, sizeof(struct part));
	s->parts.items[0] = (struct part){"a", 1};
	s->parts.items[1] = (struct part){"b", INT_NULL};
	s->result = (struct any){&record_part,
				 arena_bytes(a, &(struct part){"any", 7}, sizeof(struct part))};
	s->map.count = 2;
	s->map.items = arena_array(a, 2, sizeof(struct entry));
	s->map.items[0].key = "\"b\"";
	s->map.items[0].words.count = 1;
	s->map.items[0].words.items = s->names.items;
	s->map.items[1].key = "a";
	return s;
}

static void
a_record_prints_its_fields_in_order(void)
{
	struct arena a;
	arena_init(&a);
	char *json = print(&record_sample, make_sample(&a), 0);

	CHECK_STR(json,
		  "{\"default\":\"caf\xc3\xa9\",\"kind\":\"large\",\"count\":-3,\"ratio\":0.5,"
		  "\"ready\":true,\"used_up\":true,\"names\":[\"one\",\"two\"],"
		  "\"first\":{\"label\":\"begin\",\"size\":null},"
		  "\"parts\":[{\"label\":\"a\",\"size\":1},{\"label\":\"b\",\"size\":null}],"
		  "\"result\":{\"label\":\"any\",\"size\":7},"
		  "\"map\":{\"\\\"b\\\"\":[\"one\"],\"a\":[]}}");
	free(json);
	arena_fini(&a);
}

static void
absent_values_are_null_or_left_out_by_their_flags(void)
{
	struct arena a;
	arena_init(&a);
	struct sample *s = RECORD_NEW(&a, sample);

	s->default_ = "";
	char *json = print(&record_sample, s, 2);
	CHECK_STR(json, "{\n"
			"  \"default\": \"\",\n"
			"  \"kind\": null,\n"
			"  \"count\": 0,\n"
			"  \"ready\": false,\n"
			"  \"names\": [],\n"
			"  \"first\": null,\n"
			"  \"result\": null\n"
			"}");
	free(json);
	arena_fini(&a);
}

static void
a_record_at_rest_says_what_its_any_holds(void)
{
	struct arena a;
	struct text t;

	arena_init(&a);
	text_init(&t, 0);
	record_json_named(&t, &record_sample, make_sample(&a));
	CHECK_HAS(t.ptr, "\"result\":{\"record\":\"part\",\"value\":{\"label\":\"any\",\"size\":7}}"
			 ",\"map\":");
	CHECK(strchr(t.ptr, '\n') == NULL);
	text_fini(&t);
	arena_fini(&a);
}

static void
a_copy_outlives_its_original(void)
{
	for (size_t i = 0; record_at(i) != NULL; i++) {
		const struct record *of = record_at(i);
		struct arena from, to;
		arena_init(&from);
		arena_init(&to);
		void *original = sample_fill(&from, of);
		char *before = print(of, original, 2);
		void *copy = record_copy(&to, of, original);
		CHECK(copy != original);
		arena_fini(&from);
		char *after = print(of, copy, 2);
		CHECK_STR(after, before);
		free(before);
		free(after);
		arena_fini(&to);
	}
}

static void
bytes_print_as_their_number(void)
{
	struct bundle_chunk chunk = {.total = 9, .data = span_of("a\0secret", 8)};
	char *json = print(&record_bundle_chunk, &chunk, 0);

	CHECK_STR(json, "{\"total\":9,\"data\":8}");
	free(json);
	chunk.data = (struct span){NULL, 0};
	json = print(&record_bundle_chunk, &chunk, 0);
	CHECK_STR(json, "{\"total\":9,\"data\":0}");
	free(json);
}

static void
copied_bytes_are_the_same_and_elsewhere(void)
{
	struct arena a;
	arena_init(&a);
	struct bundle_chunk chunk = {.total = 9, .data = span_of("a\0b", 3)};

	const struct bundle_chunk *copy = record_copy(&a, &record_bundle_chunk, &chunk);
	CHECK(copy->data.ptr != chunk.data.ptr && span_equal(copy->data, chunk.data));
	arena_fini(&a);
}

static void
a_copy_of_nothing_is_nothing(void)
{
	struct arena a;
	arena_init(&a);

	CHECK(record_copy(&a, &record_sample, NULL) == NULL);
	struct sample *s = record_copy(&a, &record_sample, RECORD_NEW(&a, sample));
	CHECK(s->default_ == NULL && s->first == NULL && s->result.ptr == NULL);
	CHECK_INT(s->parts.count, 0);
	arena_fini(&a);
}

static const struct unit_case cases[] = {
	CASE(a_record_prints_its_fields_in_order),
	CASE(absent_values_are_null_or_left_out_by_their_flags),
	CASE(a_record_at_rest_says_what_its_any_holds),
	CASE(a_copy_outlives_its_original),
	CASE(bytes_print_as_their_number),
	CASE(copied_bytes_are_the_same_and_elsewhere),
	CASE(a_copy_of_nothing_is_nothing),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_record", cases, ARRAY_LEN(cases), argc, argv);
}
