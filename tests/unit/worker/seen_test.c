/* What a worker remembers of the coordinator's chain, in memory and in its file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"
#include "worker/daemon/memory.h"
#include "worker/seen.h"

#include "shared/base/banned.h"

static const char hash_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char hash_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void
p19_a_chain_only_grows_until_another_one_is_accepted(void)
{
	static const struct {
		struct chain_head now;
		bool ok;
	} t[] = {
		{{"j1", 5, hash_a, 0}, true},  {{"j1", 5, hash_a, 0}, true},
		{{"j1", 5, hash_b, 0}, false}, {{"j1", 4, hash_a, 0}, false},
		{{"j1", 9, hash_b, 0}, true},  {{"j1", 8, hash_b, 0}, false},
		{{"j1", 7, hash_a, 7}, true},  {{"j1", 20, hash_a, 0}, false},
		{{"j1", 8, hash_b, 7}, true},  {{"j2", 1, hash_b, 0}, true},
	};
	struct seen *seen = seen_new(runtime_system(), NULL);
	struct arena a;

	arena_init(&a);
	CHECK(seen_head(seen, &a) == NULL);
	CHECK(seen_note(seen, NULL, NULL));
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct error err = {0};
		CHECK_INT(seen_note(seen, &t[i].now, &err), t[i].ok);
		if (!t[i].ok)
			CHECK(error_is(&err, E_AUDIT_002));
		else
			CHECK_INT(seen_head(seen, &a)->seq, t[i].now.seq);
	}
	seen_free(seen);
	arena_fini(&a);
}

static void
what_was_seen_outlives_the_worker(void)
{
	char folder[] = "/tmp/confiture-unit-XXXXXX", path[64];
	const struct chain_head head = {"j1", 12, hash_a, 3};
	struct arena a;

	arena_init(&a);
	REQUIRE(mkdtemp(folder) != NULL);
	struct worker_memory *memory = memory_new(folder);
	struct seen *seen = seen_new(runtime_system(), memory);
	CHECK(seen_head(seen, &a) == NULL);
	CHECK(seen_note(seen, &head, NULL));
	seen_free(seen);
	free(memory);
	memory = memory_new(folder);
	seen = seen_new(runtime_system(), memory);
	struct chain_head *kept = seen_head(seen, &a);
	REQUIRE(kept != NULL);
	CHECK_STR(kept->journal, "j1");
	CHECK_INT(kept->seq, 12);
	CHECK_STR(kept->hash, hash_a);
	CHECK_INT(kept->accepted, 3);
	seen_free(seen);
	snprintf(path, sizeof(path), "%s/chain.json", folder);
	/* A file that was spoiled is as good as none. */
	CHECK_INT(truncate(path, 10), 0);
	CHECK(memory->load(memory, &a) == NULL);
	free(memory);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(rmdir(folder), 0);
	arena_fini(&a);
}

static const struct unit_case cases[] = {
	CASE(p19_a_chain_only_grows_until_another_one_is_accepted),
	CASE(what_was_seen_outlives_the_worker),
};

int
main(int argc, char **argv)
{
	return unit_main("worker/seen", cases, ARRAY_LEN(cases), argc, argv);
}
