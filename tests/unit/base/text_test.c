/* Growing texts and their limits. */
#include <string.h>

#include "shared/base/text.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
a_text_is_what_was_put_into_it(void)
{
	struct text t;

	text_init(&t, 0);
	CHECK_STR(t.ptr, "");
	text_put(&t, "a");
	text_put(&t, "");
	text_put_char(&t, '-');
	text_put_span(&t, span_of("bcd", 2));
	text_put_span(&t, span_of(NULL, 0));
	text_repeat(&t, '.', 3);
	text_printf(&t, "%d%s", 7, "x");
	CHECK_STR(t.ptr, "a-bc...7x");
	CHECK_INT(t.len, 9);
	CHECK(!t.truncated);
	CHECK(span_is(text_span(&t), "a-bc...7x"));
	text_clear(&t);
	CHECK_STR(t.ptr, "");
	CHECK_INT(t.len, 0);
	text_fini(&t);
}

static void
a_text_grows_far_beyond_its_first_size(void)
{
	struct text t;

	text_init(&t, 0);
	for (int i = 0; i < 100000; i++)
		text_put(&t, "0123456789");
	CHECK_INT(t.len, 1000000);
	CHECK(memcmp(t.ptr + 999990, "0123456789", 11) == 0);
	text_fini(&t);
}

static void
put_ten(struct text *t, int how)
{
	if (how == 0)
		text_put(t, "0123456789");
	else if (how == 1)
		text_printf(t, "%s", "0123456789");
	else if (how == 2)
		text_repeat(t, '0', 10);
	else
		for (char c = '0'; c <= '9'; c++)
			text_put_char(t, c);
}

static void
what_passes_the_limit_is_dropped_and_said(void)
{
	static const char *const expected[] = {"ab01234567", "ab01234567", "ab00000000",
					       "ab01234567"};

	for (int how = 0; how < 4; how++) {
		struct text t;
		text_init(&t, 10);
		text_put(&t, "ab");
		CHECK(!t.truncated);
		put_ten(&t, how);
		CHECK(t.truncated);
		CHECK_STR(t.ptr, expected[how]);
		put_ten(&t, how);
		CHECK_STR(t.ptr, expected[how]);
		CHECK_INT(t.len, 10);
		text_clear(&t);
		CHECK(!t.truncated);
		put_ten(&t, how);
		CHECK(!t.truncated);
		CHECK_INT(t.len, 10);
		text_fini(&t);
	}
}

static const struct unit_case cases[] = {
	CASE(a_text_is_what_was_put_into_it),
	CASE(a_text_grows_far_beyond_its_first_size),
	CASE(what_passes_the_limit_is_dropped_and_said),
};

int
main(int argc, char **argv)
{
	return unit_main("base_text", cases, ARRAY_LEN(cases), argc, argv);
}
