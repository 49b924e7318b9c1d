/* Any bytes as SQL: a footprint, and what stands between it and itself. */
#include "coordinator/conflict.h"
#include "shared/sql/catalogue.h"
#include "shared/sql/marshal.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

/* libpg_query loses a buffer when a body in PL/pgSQL does not parse. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:pg_query_raw_parse";
}

/* What was written is read back the same. */
static void
check_marshal(struct arena *arena, const struct sql_footprint *f)
{
	struct sql_footprint back;
	struct text once, twice;

	text_init(&once, MARSHAL_LIMIT);
	text_init(&twice, MARSHAL_LIMIT);
	marshal_footprint(&once, f);
	FUZZ_CHECK(unmarshal_footprint(arena, text_span(&once), &back));
	marshal_footprint(&twice, &back);
	FUZZ_CHECK(span_equal(text_span(&once), text_span(&twice)));
	text_fini(&once);
	text_fini(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct sql_footprint f = {0}, known, got;
	struct conflict_list conflicts = {0};
	struct arena arena;

	arena_init(&arena);
	sql_footprint_of(&arena, text, NULL, &f);
	for (size_t i = 0; i < f.count; i++) {
		FUZZ_CHECK(f.items[i].name != NULL);
		FUZZ_CHECK(sql_access_text(&arena, &f.items[i]) != NULL);
		FUZZ_CHECK(sql_access_keys(&arena, &f.items[i]).object != NULL);
	}
	known = f;
	sql_footprint_expand(&arena, &f, &known);
	conflict_between(&arena, &f, &f, &conflicts);
	check_marshal(&arena, &f);
	if (unmarshal_footprint(&arena, text, &got))
		check_marshal(&arena, &got);
	arena_fini(&arena);
	return 0;
}
