/* Reading records back: every record there is survives the journey, and nothing else is believed.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/messages.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

static void
check_journey(const struct record *of, const void *original)
{
	struct arena a;
	struct text first, second;
	struct error err = {0};
	void *back;

	arena_init(&a);
	text_init(&first, 0);
	text_init(&second, 0);
	record_json_named(&first, of, original);
	bool ok = record_parse(&a, of, text_span(&first), &back, &err);
	CHECK_STR(err.message, "");
	if (ok)
		record_json_named(&second, of, back);
	CHECK_STR(second.ptr, first.ptr);
	text_fini(&second);
	text_fini(&first);
	arena_fini(&a);
}

/* Bytes of files never rest in JSON. */
static bool
holds_bytes(const struct record *of)
{
	for (size_t i = 0; i < of->count; i++) {
		if (of->fields[i].type == FIELD_BYTES)
			return true;
	}
	return false;
}

static void
every_record_survives_print_and_parse(void)
{
	size_t count = 0;

	for (size_t i = 0; record_at(i) != NULL; i++) {
		struct arena a;
		arena_init(&a);
		if (!holds_bytes(record_at(i))) {
			check_journey(record_at(i), sample_fill(&a, record_at(i)));
			check_journey(record_at(i), sample_bare(&a, record_at(i)));
			count++;
		}
		arena_fini(&a);
	}
	CHECK(count > 50);
}

static void
a_field_of_every_type_survives_print_and_parse(void)
{
	struct arena a;
	arena_init(&a);

	check_journey(&record_sample, sample_fill(&a, &record_sample));
	check_journey(&record_sample, sample_bare(&a, &record_sample));
	arena_fini(&a);
}

/* The least that is a sample, with one more member in front. */
#define LEAST "\"default\":\"x\",\"count\":1,\"ready\":true,\"names\":[]}"

static void
absent_keys_leave_absent_values(void)
{
	struct arena a;
	void *out;
	struct error err = {0};

	arena_init(&a);
	REQUIRE(record_parse(&a, &record_sample, span_str("{\"future\":{\"a\":[1]}," LEAST), &out,
			     &err));
	const struct sample *s = out;
	CHECK_STR(s->default_, "x");
	CHECK(s->kind == NULL && s->first == NULL && s->result.ptr == NULL);
	CHECK(s->ratio != s->ratio);
	CHECK_INT(s->parts.count, 0);
	REQUIRE(record_parse(&a, &record_part, span_str("{\"label\":\"\"}"), &out, &err));
	CHECK_INT(((const struct part *)out)->size, INT_NULL);
	arena_fini(&a);
}

static void
a_document_that_does_not_fit_is_refused_by_name(void)
{
	static const struct {
		const char *json, *words;
	} table[] = {
		{"", "sample: not JSON"},
		{"{" LEAST "}", "sample: not JSON"},
		{"{\"count\":1," LEAST, "sample: not JSON"},
		{"{\"kind\":\"a\\u0000b\"," LEAST, "sample: not JSON"},
		{"{\"kind\":\"\xff\"," LEAST, "sample: not JSON"},
		{"[]", "sample: must be an object"},
		{"{}", "sample.default: must be there"},
		{"{\"default\":null}", "sample.default: must be a text"},
		{"{\"default\":1}", "sample.default: must be a text"},
		{"{\"default\":\"x\",\"count\":1.0}", "sample.count: must be a whole number"},
		{"{\"default\":\"x\",\"count\":\"1\"}", "sample.count: must be a whole number"},
		{"{\"default\":\"x\",\"count\":-9223372036854775808}",
		 "sample.count: must be a whole number"},
		{"{\"kind\":\"smal\"," LEAST, "sample.kind: must be small|large"},
		{"{\"kind\":\"\"," LEAST, "sample.kind: must be small|large"},
		{"{\"kind\":\"small|large\"," LEAST, "sample.kind: must be small|large"},
		{"{\"ratio\":true," LEAST, "sample.ratio: must be a number"},
		{"{\"ratio\":null," LEAST, "sample.ratio: must be a number"},
		{"{\"used_up\":1," LEAST, "sample.used_up: must be true or false"},
		{"{\"parts\":{}," LEAST, "sample.parts: must be a list"},
		{"{\"parts\":[{\"label\":\"a\"},{}]," LEAST,
		 "sample.parts: item 2: part.label: must be there"},
		{"{\"first\":[]," LEAST, "sample.first: part: must be an object"},
		{"{\"map\":[]," LEAST, "sample.map: must be an object"},
		{"{\"map\":{\"a\":[],\"b\":[1]}," LEAST, "sample.map: b: item 1: must be a text"},
		{"{\"result\":{\"record\":\"nothing\",\"value\":{}}," LEAST,
		 "sample.result: must be a record with its name"},
		{"{\"result\":{\"record\":\"hint\"}," LEAST,
		 "sample.result: hint: must be an object"},
		{"{\"result\":{\"record\":\"hint\",\"value\":{\"code\":\"A\"}}," LEAST,
		 "sample.result: hint.message: must be there"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err = {0};
		void *out = &err;
		arena_init(&a);
		CHECK(!record_parse(&a, &record_sample, span_str(table[i].json), &out, &err));
		CHECK(out == &err);
		CHECK(error_is(&err, E_INTERNAL_ERROR));
		if (strncmp(err.message, table[i].words, strlen(table[i].words)) != 0)
			CHECK_STR(err.message, table[i].words);
		arena_fini(&a);
	}
}

static void
bytes_are_never_read_from_json(void)
{
	struct arena a;
	struct error err = {0};
	void *out = &err;

	arena_init(&a);
	CHECK(!record_parse(&a, &record_bundle_chunk, span_str("{\"total\":9,\"data\":3}"), &out,
			    &err));
	CHECK_STR(err.message, "bundle_chunk.data: must be bytes, which JSON does not hold");
	arena_fini(&a);
}

static void
nesting_without_end_is_refused(void)
{
	struct arena a;
	struct text t;
	struct error err = {0};
	void *out;

	arena_init(&a);
	text_init(&t, 0);
	text_put(&t, "{\"future\":");
	text_repeat(&t, '[', 1000000);
	CHECK(!record_parse(&a, &record_sample, text_span(&t), &out, &err));
	CHECK_HAS(err.message, "not JSON");
	text_fini(&t);
	arena_fini(&a);
}

static const struct unit_case cases[] = {
	CASE(every_record_survives_print_and_parse),
	CASE(a_field_of_every_type_survives_print_and_parse),
	CASE(absent_keys_leave_absent_values),
	CASE(a_document_that_does_not_fit_is_refused_by_name),
	CASE(bytes_are_never_read_from_json),
	CASE(nesting_without_end_is_refused),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_parse", cases, ARRAY_LEN(cases), argc, argv);
}
