/* Builds of any bytes: never a crash; what foreign keys were taken out of has none left, and each
 * of them, and the table without them, is a statement. */
#include <stdlib.h>
#include <string.h>

#include "shared/build/build.h"
#include "shared/sql/classify.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

static bool
is_parsed(struct arena *arena, struct span sql)
{
	struct sql_facts facts;

	sql_classify(arena, sql, &facts);
	return facts.parsed;
}

/* The statement without its keys. */
static struct span
cut_out(struct arena *arena, struct span input, const struct sql_foreign_keys *keys)
{
	char *left = arena_alloc(arena, input.len + 1);
	size_t at = 0, len = 0;

	for (size_t i = 0; i <= keys->cut_count; i++) {
		size_t end = i < keys->cut_count ? keys->cuts[i].start : input.len;
		FUZZ_CHECK(at <= end && end <= input.len);
		memcpy(left + len, input.ptr + at, end - at);
		len += end - at;
		at = i < keys->cut_count ? keys->cuts[i].end : at;
	}
	return span_of(left, len);
}

static void
check_keys(struct arena *arena, struct span input)
{
	struct sql_foreign_keys keys, none;

	if (sql_foreign_keys_of(arena, input, &keys) != SQL_KEYS_FOUND)
		return;
	struct span left = cut_out(arena, input, &keys);
	FUZZ_CHECK(is_parsed(arena, left));
	FUZZ_CHECK(sql_foreign_keys_of(arena, left, &none) == SQL_KEYS_NONE);
	for (size_t i = 0; i < keys.count; i++) {
		const struct sql_foreign_key *k = &keys.items[i];
		const char *name = k->name != NULL ? k->name : k->chosen;
		const char *sql =
			arena_printf(arena, "ALTER TABLE %s ADD %s%s %s", keys.table,
				     name ? "CONSTRAINT " : "", name ? name : "", k->clause);
		FUZZ_CHECK(k->start < input.len && is_parsed(arena, span_str(sql)));
	}
}

static void
check_build(struct arena *arena, struct span input)
{
	static const struct build_dir dir = {.path = "/p"};
	const struct build_rules rules = {.dirs = &dir, .dir_count = 1, .two_pass = true};
	struct build_file *files = arena_array(arena, 2, sizeof(*files));
	struct build b;
	struct text text;
	struct error err = {0};

	files[0] = (struct build_file){.path = "/p/a.sql", .shown = "a.sql", .bytes = input};
	files[1] = (struct build_file){.path = "/p/b.sql", .shown = "b.sql", .bytes = input};
	text_init(&text, 0);
	if (build_make(arena, &rules, files, 2, &b, &err)) {
		FUZZ_CHECK(build_print(&rules, &b, "local", "now", &text, &err));
		FUZZ_CHECK(text.len > 0 && text.ptr[text.len - 1] == '\n');
		FUZZ_CHECK(build_is_printed(text_span(&text)));
	} else {
		FUZZ_CHECK(err.code != NULL);
	}
	text_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_of((const char *)data, size);
	struct arena arena;

	arena_init(&arena);
	check_keys(&arena, input);
	check_build(&arena, input);
	arena_fini(&arena);
	return 0;
}
