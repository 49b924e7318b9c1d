/* The writer of JSON: what is escaped, and where commas and line ends go. */
#include <math.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/json.h"
#include "shared/wire/record.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

struct escape {
	struct span in;
	const char *out;
};

#define BYTES(s)                                                                                   \
	{                                                                                          \
		s, sizeof(s) - 1                                                                   \
	}

static void
check_escapes(const struct escape *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text t;
		text_init(&t, 0);
		json_put_string(&t, table[i].in);
		CHECK_STR(t.ptr, table[i].out);
		text_fini(&t);
	}
}

static void
strings_escape_what_json_asks_for(void)
{
	static const struct escape table[] = {
		{{NULL, 0}, "\"\""},
		{BYTES("plain"), "\"plain\""},
		{BYTES("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
		{BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
		{BYTES("\0"), "\"\\u0000\""},
		{BYTES("a\x01\x1f z"), "\"a\\u0001\\u001f z\""},
		{BYTES("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
		 "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
	};

	check_escapes(table, ARRAY_LEN(table));
}

static void
strings_escape_what_steers_a_terminal_or_hides_from_the_eye(void)
{
	static const struct escape table[] = {
		{BYTES("\x1b[31m"), "\"\\u001b[31m\""},
		{BYTES("\x7f"), "\"\\u007f\""},
		{BYTES("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"), "\"\\u0080\\u009b\\u009f\xc2\xa0\""},
		{BYTES("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\""},
		{BYTES("\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9"),
		 "\"\\u202a\\u202e\\u2066\\u2069\""},
		{BYTES("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), "\"\\u200e\\u200f\\u061c\""},
		{BYTES("\xef\xbb\xbfx"), "\"\\ufeffx\""},
		{BYTES("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\""},
	};

	check_escapes(table, ARRAY_LEN(table));
}

#define FFFD "\xef\xbf\xbd"

static void
each_byte_that_is_no_utf8_becomes_a_replacement_character(void)
{
	static const struct escape table[] = {
		{BYTES("\xff"), "\"" FFFD "\""},
		{BYTES("a\x80z"), "\"a" FFFD "z\""},
		{BYTES("\xc3"), "\"" FFFD "\""},			    /* cut short */
		{BYTES("\xe2\x82"), "\"" FFFD FFFD "\""},		    /* cut short */
		{BYTES("\xc3(\xc3\xa9"), "\"" FFFD "(\xc3\xa9\""},	    /* no continuation */
		{BYTES("\xc0\x80"), "\"" FFFD FFFD "\""},		    /* overlong */
		{BYTES("\xe0\x9f\xbf"), "\"" FFFD FFFD FFFD "\""},	    /* overlong */
		{BYTES("\xf0\x8f\xbf\xbf"), "\"" FFFD FFFD FFFD FFFD "\""}, /* overlong */
		{BYTES("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\""},	    /* surrogate */
		{BYTES("\xf4\x90\x80\x80"), "\"" FFFD FFFD FFFD FFFD "\""}, /* above U+10FFFF */
		{BYTES("\xf4\x8f\xbf\xbf"), "\"\xf4\x8f\xbf\xbf\""},
		{BYTES("\xed\x9f\xbf\xee\x80\x80"), "\"\xed\x9f\xbf\xee\x80\x80\""},
	};

	check_escapes(table, ARRAY_LEN(table));
}

static void
write_document(struct text *t, int indent)
{
	struct json j = {.out = t, .indent = indent};

	json_put_open(&j, '{');
	json_put_key(&j, "empty");
	json_put_open(&j, '[');
	json_put_close(&j, ']');
	json_put_key(&j, "none");
	json_put_open(&j, '{');
	json_put_close(&j, '}');
	json_put_key(&j, "list");
	json_put_open(&j, '[');
	json_put_int(&j, INT64_MIN);
	json_put_bool(&j, true);
	json_put_open(&j, '[');
	json_put_null(&j);
	json_put_close(&j, ']');
	json_put_open(&j, '{');
	json_put_key(&j, "a");
	json_put_text(&j, NULL);
	json_put_key(&j, "b");
	json_put_text(&j, "x");
	json_put_close(&j, '}');
	json_put_close(&j, ']');
	json_put_close(&j, '}');
}

static void
pretty_json_looks_as_python_prints_it(void)
{
	struct text t;

	text_init(&t, 0);
	write_document(&t, 2);
	CHECK_STR(t.ptr, "{\n"
			 "  \"empty\": [],\n"
			 "  \"none\": {},\n"
			 "  \"list\": [\n"
			 "    -9223372036854775808,\n"
			 "    true,\n"
			 "    [\n"
			 "      null\n"
			 "    ],\n"
			 "    {\n"
			 "      \"a\": null,\n"
			 "      \"b\": \"x\"\n"
			 "    }\n"
			 "  ]\n"
			 "}");
	text_fini(&t);
}

static void
compact_json_has_no_spaces(void)
{
	struct text t;

	text_init(&t, 0);
	write_document(&t, 0);
	CHECK_STR(t.ptr, "{\"empty\":[],\"none\":{},\"list\":[-9223372036854775808,true,[null],"
			 "{\"a\":null,\"b\":\"x\"}]}");
	text_fini(&t);
}

static void
reals_print_the_fewest_digits_that_read_back(void)
{
	static const struct {
		double in;
		const char *out;
	} table[] = {
		{0, "0.0"},
		{1, "1.0"},
		{-2.5, "-2.5"},
		{0.1, "0.1"},
		{1.0 / 3, "0.3333333333333333"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1e300, "1e+300"},
		{123456789.125, "123456789.125"},
		{NAN, "null"},
		{INFINITY, "null"},
		{-INFINITY, "null"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct text t;
		text_init(&t, 0);
		struct json j = {.out = &t};
		json_put_real(&j, table[i].in);
		CHECK_STR(t.ptr, table[i].out);
		text_fini(&t);
	}
}

static const struct unit_case cases[] = {
	CASE(strings_escape_what_json_asks_for),
	CASE(strings_escape_what_steers_a_terminal_or_hides_from_the_eye),
	CASE(each_byte_that_is_no_utf8_becomes_a_replacement_character),
	CASE(pretty_json_looks_as_python_prints_it),
	CASE(compact_json_has_no_spaces),
	CASE(reals_print_the_fewest_digits_that_read_back),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_json", cases, ARRAY_LEN(cases), argc, argv);
}
