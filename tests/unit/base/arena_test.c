/* Arenas: what is handed out is zeroed, aligned and apart from everything else. */
#include <stdint.h>
#include <string.h>

#include "shared/base/arena.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static bool
all_are(const unsigned char *p, size_t len, unsigned char value)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != value)
			return false;
	}
	return true;
}

static void
memory_comes_zeroed_aligned_and_apart(void)
{
	struct arena a;
	unsigned char *given[300];

	arena_init(&a);
	for (size_t i = 0; i < 300; i++) {
		size_t size = i * 17;
		given[i] = arena_alloc(&a, size);
		CHECK_INT((uintptr_t)given[i] % 16, 0);
		CHECK(all_are(given[i], size, 0));
		memset(given[i], (int)(i & 0xff), size);
	}
	for (size_t i = 0; i < 300; i++)
		CHECK(all_are(given[i], i * 17, (unsigned char)i));
	CHECK(a.used >= 17 * 299 * 300 / 2);
	arena_fini(&a);
	CHECK(a.blocks == NULL);
	CHECK_INT(a.used, 0);
}

static void
what_is_larger_than_any_block_fits_too(void)
{
	struct arena a;

	arena_init(&a);
	char *before = arena_str(&a, "before");
	unsigned char *large = arena_alloc(&a, 3 * 1024 * 1024);
	memset(large, 0xaa, 3 * 1024 * 1024);
	CHECK_STR(before, "before");
	CHECK_STR(arena_str(&a, "after"), "after");
	arena_fini(&a);
}

static void
a_reset_arena_hands_out_zeroes_again(void)
{
	struct arena a;

	arena_init(&a);
	arena_reset(&a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 40; i++) {
			unsigned char *p = arena_alloc(&a, 1000);
			CHECK(all_are(p, 1000, 0));
			memset(p, 0xff, 1000);
		}
		arena_reset(&a);
		CHECK_INT(a.used, 0);
		CHECK(a.blocks != NULL);
	}
	arena_fini(&a);
}

static void
copies_end_with_a_nul_and_stand_alone(void)
{
	struct arena a;
	char from[] = "abcdef";

	arena_init(&a);
	char *str = arena_str(&a, from), *span = arena_span(&a, span_of(from + 1, 3));
	char *bytes = arena_bytes(&a, from, 2);
	memset(from, 'x', 6);
	CHECK_STR(str, "abcdef");
	CHECK_STR(span, "bcd");
	CHECK(memcmp(bytes, "ab", 2) == 0);
	CHECK(arena_str(&a, NULL) == NULL);
	CHECK_STR(arena_span(&a, span_of(NULL, 0)), "");
	CHECK(arena_bytes(&a, NULL, 0) != NULL);
	CHECK_STR(arena_printf(&a, "%s-%d", "v", 12), "v-12");
	arena_fini(&a);
}

static void
a_growing_array_keeps_its_items(void)
{
	struct arena a;
	int *items = NULL;
	size_t cap = 0;

	arena_init(&a);
	for (size_t i = 0; i < 10000; i++) {
		items = arena_grow(&a, items, i, &cap, sizeof(*items));
		REQUIRE(cap > i);
		items[i] = (int)i;
	}
	for (size_t i = 0; i < 10000; i++)
		CHECK_INT(items[i], i);
	CHECK(a.used < 3 * 16384 * sizeof(int));
	arena_fini(&a);
}

static const struct unit_case cases[] = {
	CASE(memory_comes_zeroed_aligned_and_apart), CASE(what_is_larger_than_any_block_fits_too),
	CASE(a_reset_arena_hands_out_zeroes_again),  CASE(copies_end_with_a_nul_and_stand_alone),
	CASE(a_growing_array_keeps_its_items),
};

int
main(int argc, char **argv)
{
	return unit_main("base_arena", cases, ARRAY_LEN(cases), argc, argv);
}
