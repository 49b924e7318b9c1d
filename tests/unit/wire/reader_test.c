/* The bounded reader: every form of msgpack, and everything that only looks like it. */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/wire/reader.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct form {
	const char *bytes;
	size_t len;
	struct item want;
} forms[] = {
	{BYTES("\xc0"), {.kind = ITEM_NIL}},
	{BYTES("\xc2"), {.kind = ITEM_BOOL}},
	{BYTES("\xc3"), {.kind = ITEM_BOOL, .yes = true}},
	{BYTES("\x00"), {.kind = ITEM_INT}},
	{BYTES("\x7f"), {.kind = ITEM_INT, .number = 127}},
	{BYTES("\xff"), {.kind = ITEM_INT, .number = -1}},
	{BYTES("\xe0"), {.kind = ITEM_INT, .number = -32}},
	{BYTES("\xcc\xff"), {.kind = ITEM_INT, .number = 255}},
	{BYTES("\xcd\x01\x02"), {.kind = ITEM_INT, .number = 258}},
	{BYTES("\xce\xff\xff\xff\xff"), {.kind = ITEM_INT, .number = UINT32_MAX}},
	{BYTES("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), {.kind = ITEM_INT, .number = INT64_MAX}},
	{BYTES("\xcf\x80\0\0\0\0\0\0\0"), {.kind = ITEM_HUGE}},
	{BYTES("\xd0\x80"), {.kind = ITEM_INT, .number = -128}},
	{BYTES("\xd0\x7f"), {.kind = ITEM_INT, .number = 127}},
	{BYTES("\xd1\xff\x00"), {.kind = ITEM_INT, .number = -256}},
	{BYTES("\xd2\x80\0\0\0"), {.kind = ITEM_INT, .number = INT32_MIN}},
	{BYTES("\xd3\x80\0\0\0\0\0\0\0"), {.kind = ITEM_INT, .number = INT64_MIN}},
	{BYTES("\xca\x3f\xc0\0\0"), {.kind = ITEM_REAL, .real = 1.5}},
	{BYTES("\xcb\xbf\xf8\0\0\0\0\0\0"), {.kind = ITEM_REAL, .real = -1.5}},
	{BYTES("\xa0"), {.kind = ITEM_TEXT}},
	{BYTES("\xa2\0b"), {.kind = ITEM_TEXT, .bytes = {"\0b", 2}}},
	{BYTES("\xd9\x01x"), {.kind = ITEM_TEXT, .bytes = {"x", 1}}},
	{BYTES("\xda\0\x01x"), {.kind = ITEM_TEXT, .bytes = {"x", 1}}},
	{BYTES("\xdb\0\0\0\x01x"), {.kind = ITEM_TEXT, .bytes = {"x", 1}}},
	{BYTES("\xc4\x01\xff"), {.kind = ITEM_BYTES, .bytes = {"\xff", 1}}},
	{BYTES("\xc5\0\x01\xff"), {.kind = ITEM_BYTES, .bytes = {"\xff", 1}}},
	{BYTES("\xc6\0\0\0\x01\xff"), {.kind = ITEM_BYTES, .bytes = {"\xff", 1}}},
	{BYTES("\xd4\x05z"), {.kind = ITEM_OTHER, .bytes = {"\x05z", 2}}},
	{BYTES("\xd8\x05zzzzzzzzzzzzzzzz"),
	 {.kind = ITEM_OTHER, .bytes = {"\x05zzzzzzzzzzzzzzzz", 17}}},
	{BYTES("\xc7\x00\x05"), {.kind = ITEM_OTHER, .bytes = {"\x05", 1}}},
	{BYTES("\xc8\0\x01\x05z"), {.kind = ITEM_OTHER, .bytes = {"\x05z", 2}}},
	{BYTES("\xc9\0\0\0\x01\x05z"), {.kind = ITEM_OTHER, .bytes = {"\x05z", 2}}},
	{BYTES("\x90"), {.kind = ITEM_LIST}},
	{BYTES("\x92\xc0\xc0"), {.kind = ITEM_LIST, .count = 2}},
	{BYTES("\xdc\0\x01\xc0"), {.kind = ITEM_LIST, .count = 1}},
	{BYTES("\xdd\0\0\0\x01\xc0"), {.kind = ITEM_LIST, .count = 1}},
	{BYTES("\x80"), {.kind = ITEM_MAP}},
	{BYTES("\x81\xc0\xc0"), {.kind = ITEM_MAP, .count = 1}},
	{BYTES("\xde\0\x01\xc0\xc0"), {.kind = ITEM_MAP, .count = 1}},
	{BYTES("\xdf\0\0\0\x01\xc0\xc0"), {.kind = ITEM_MAP, .count = 1}},
};

static void
every_form_is_read(void)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct error err = {0};
		struct reader r;
		struct item got;
		const struct item *want = &forms[i].want;
		reader_init(&r, span_of(forms[i].bytes, forms[i].len), &err);
		REQUIRE(reader_next(&r, &got));
		CHECK_INT(got.kind, want->kind);
		CHECK_INT(got.number, want->number);
		CHECK(got.real == want->real);
		CHECK_INT(got.yes, want->yes);
		CHECK(span_equal(got.bytes, want->bytes));
		CHECK_INT(got.count, want->count);
		/* Whole, it is skipped; with any byte less at its end it is not. */
		reader_init(&r, span_of(forms[i].bytes, forms[i].len), &err);
		CHECK(reader_skip(&r) && reader_end(&r));
		CHECK_STR(err.message, "");
		for (size_t len = 0; len < forms[i].len; len++) {
			reader_init(&r, span_of(forms[i].bytes, len), &err);
			CHECK(!reader_skip(&r));
			CHECK(error_is(&err, E_WIRE_001));
		}
	}
}

static void
what_only_looks_like_msgpack_is_refused_in_words(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *words;
	} table[] = {
		{NULL, 0, "the message ends in the middle of a value"},
		{BYTES("\xc1"), "the message is not msgpack"},
		{BYTES("\x91\xc1"), "the message is not msgpack"},
		{BYTES("\xdb\xff\xff\xff\xff"), "the message ends in the middle of a value"},
		{BYTES("\xc6\xff\xff\xff\xffx"), "the message ends in the middle of a value"},
		{BYTES("\xc9\xff\xff\xff\xff\x05x"), "the message ends in the middle of a value"},
		{BYTES("\xdd\x0f\xff\xff\xff"),
		 "the message announces 268435455 elements where 0 bytes are left"},
		{BYTES("\xdf\x10\x00\x00\x00"),
		 "the message announces 268435456 elements where 0 bytes are left"},
		{BYTES("\xdf\xff\xff\xff\xff\xc0\xc0\xc0"),
		 "the message announces 4294967295 elements where 3 bytes are left"},
		{BYTES("\x82\xc0\xc0\xc0"),
		 "the message announces 2 elements where 3 bytes are left"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct error err = {0};
		struct reader r;
		reader_init(&r, span_of(table[i].bytes, table[i].len), &err);
		CHECK(!reader_skip(&r));
		CHECK_STR(err.message, table[i].words);
		CHECK(error_is(&err, E_WIRE_001));
	}
}

static void
sixteen_levels_are_read_and_no_more(void)
{
	static const char levels[] = "\x91\x81\xc0\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"
				     "\x91\x91\xc0";
	char deeper[sizeof(levels) + 1] = "\x91";
	struct error err = {0};
	struct reader r;

	reader_init(&r, span_of(levels, sizeof(levels) - 1), &err);
	CHECK(reader_skip(&r) && reader_end(&r));
	memcpy(deeper + 1, levels, sizeof(levels));
	reader_init(&r, span_of(deeper, sizeof(deeper) - 1), &err);
	CHECK(!reader_skip(&r));
	CHECK_STR(err.message, "the message is nested deeper than 16");
}

static void
a_megabyte_of_opening_brackets_is_refused(void)
{
	struct error err = {0};
	struct reader r;
	struct text t;

	text_init(&t, 0);
	text_repeat(&t, '\x91', 1024 * 1024);
	reader_init(&r, text_span(&t), &err);
	CHECK(!reader_skip(&r));
	CHECK_STR(err.message, "the message is nested deeper than 16");
	text_fini(&t);
}

static void
values_are_counted(void)
{
	struct error err = {0};
	struct reader r;
	struct text t;

	text_init(&t, 0);
	/* A list of one value less than may be, itself being one. */
	text_put_span(&t, span_of("\xdd\x00\x03\xff\xff", 5));
	text_repeat(&t, '\xc0', READER_VALUES - 1);
	reader_init(&r, text_span(&t), &err);
	CHECK(reader_skip(&r) && reader_end(&r));
	text_clear(&t);
	text_put_span(&t, span_of("\xdd\x00\x04\x00\x00", 5));
	text_repeat(&t, '\xc0', READER_VALUES);
	reader_init(&r, text_span(&t), &err);
	CHECK(!reader_skip(&r));
	CHECK_STR(err.message, "the message holds more than 262144 values");
	text_fini(&t);
}

static void
what_follows_the_end_is_refused(void)
{
	struct error err = {0};
	struct reader r;

	reader_init(&r, span_of("\xc0\xc0\xc0", 3), &err);
	REQUIRE(reader_skip(&r));
	CHECK(!reader_end(&r));
	CHECK_STR(err.message, "2 bytes follow the end of the message");
}

static const struct unit_case cases[] = {
	CASE(every_form_is_read),
	CASE(what_only_looks_like_msgpack_is_refused_in_words),
	CASE(sixteen_levels_are_read_and_no_more),
	CASE(a_megabyte_of_opening_brackets_is_refused),
	CASE(values_are_counted),
	CASE(what_follows_the_end_is_refused),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_reader", cases, ARRAY_LEN(cases), argc, argv);
}
