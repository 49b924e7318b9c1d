/* Classification and change set under any bytes: never a crash, and facts that fit together. */
#include <string.h>

#include "shared/sql/classify.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

static void
check_facts(const struct sql_facts *f)
{
	FUZZ_CHECK(f->tag != NULL);
	FUZZ_CHECK(f->drops_lock == (f->drops_lock_by != NULL));
	FUZZ_CHECK(f->parsed || !f->read_only_query);
	FUZZ_CHECK(!f->read_only_query || (f->transactional && !f->counts_rows));
	if (f->settle == SQL_SETTLE_CATALOGUE)
		FUZZ_CHECK(!f->transactional && f->goal.kind != SQL_GOAL_NONE &&
			   f->goal.kind != SQL_GOAL_OTHER);
	if (!f->transactional)
		FUZZ_CHECK(f->settle != SQL_SETTLE_TRANSACTION);
	if (f->copy_from_stdin)
		FUZZ_CHECK(f->control == SQL_NO_CONTROL && f->transactional);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_of((const char *)data, size);
	struct sql_changes changes = {0};
	struct sql_facts facts;
	struct arena arena;

	arena_init(&arena);
	sql_classify(&arena, input, &facts);
	check_facts(&facts);
	sql_changes_of(&arena, input, &changes);
	for (size_t i = 0; i < changes.count; i++)
		FUZZ_CHECK(changes.items[i].kind != NULL && changes.items[i].object != NULL);
	arena_fini(&arena);
	return 0;
}
