/*
 * Conflicts between two texts. What is true on a server is held by tests/db/conflict; here stands
 * what does not need one: words, keys, texts that cannot be judged, texts that are large.
 */
#include <stdio.h>
#include <string.h>

#include "coordinator/conflict.h"
#include "coordinator/conflict_rules.h"
#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct arena arena;

static struct conflict_list
between(const char *a, const char *b)
{
	struct sql_footprint x = {0}, y = {0};
	struct conflict_list list = {0};

	sql_footprint_of(&arena, span_str(a), NULL, &x);
	sql_footprint_of(&arena, span_str(b), NULL, &y);
	conflict_between(&arena, &x, &y, &list);
	return list;
}

/* severity type object: reason, of the worst */
static const char *
worst(const char *a, const char *b)
{
	struct conflict_list list = between(a, b);

	if (list.count == 0)
		return list.unjudged ? "unjudged" : "none";
	return arena_printf(&arena, "%s %s %s: %s", conflict_severity_word(list.items[0].severity),
			    conflict_type_word(list.items[0].type), list.items[0].object,
			    list.items[0].reason);
}

static void
the_python_tools_misses_are_found(void)
{
	arena_init(&arena);
	CHECK_STR(worst("CREATE TABLE IF NOT EXISTS users (a int)",
			"CREATE TABLE IF NOT EXISTS \"if\" (a int)"),
		  "none");
	CHECK_STR(worst("ALTER TABLE ONLY t ADD a int, ADD b int",
			"alter table public.T add column B text"),
		  "error column public.t.b: both make public.t.b: the second fails, it exists by "
		  "then");
	CHECK_STR(worst("CREATE INDEX CONCURRENTLY i ON t (a)",
			"CREATE INDEX CONCURRENTLY j ON u (a)"),
		  "none");
	CHECK_STR(worst("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
			"DROP FUNCTION f()"),
		  "error order public.f(): one drops public.f(), the other makes it: which is true "
		  "at "
		  "the end depends on the order");
	CHECK_STR(worst("COMMENT ON TABLE t IS 'alter table u add column c int'",
			"ALTER TABLE u ADD COLUMN c int"),
		  "none");
	arena_fini(&arena);
}

static void
either_order_of_the_two_gives_the_same(void)
{
	static const char *const texts[] = {
		"ALTER TABLE t DROP COLUMN a",
		"CREATE VIEW v AS SELECT a FROM t",
		"CREATE INDEX ON t (a)",
		"INSERT INTO t VALUES (1)",
		"GRANT ALL ON t TO bob",
		"REVOKE SELECT ON t FROM bob",
		"DROP SCHEMA public",
		"ALTER TABLE t RENAME TO u",
		"CREATE TABLE u (LIKE t)",
		"ALTER TABLE t ALTER a TYPE text",
		"TRUNCATE t",
		"ALTER TABLE x ADD FOREIGN KEY (a) REFERENCES t",
	};

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (size_t j = 0; j < ARRAY_LEN(texts); j++) {
			struct conflict_list ab = between(texts[i], texts[j]);
			struct conflict_list ba = between(texts[j], texts[i]);
			CHECK_INT(ab.worst, ba.worst);
			CHECK_INT(ab.count, ba.count);
		}
	}
	arena_fini(&arena);
}

static void
what_cannot_be_seen_through_is_unjudged_and_never_safe(void)
{
	arena_init(&arena);
	CHECK(between("DO $$BEGIN EXECUTE x; END$$", "SELECT 1").unjudged);
	CHECK(between("SELECT 1", "this is no SQL").unjudged);
	CHECK(!between("SELECT 1", "ALTER TABLE t ADD a int").unjudged);
	arena_fini(&arena);
}

static void
large_texts_are_judged_within_limits(void)
{
	struct text big;
	struct conflict_list list;

	arena_init(&arena);
	text_init(&big, 0);
	for (int i = 0; i < 2000; i++)
		text_printf(&big, "CREATE TABLE t%d (a int); ALTER TABLE other%d ADD c int;\n", i,
			    i);
	list = between(big.ptr, big.ptr);
	CHECK_INT(list.worst, CONFLICT_ERROR);
	CHECK_INT(list.count, CONFLICT_LIMIT);
	CHECK(list.unjudged);
	text_clear(&big);
	for (int i = 0; i < 500; i++)
		text_printf(&big, "ALTER TABLE one ADD c%d int;\n", i);
	list = between(big.ptr, big.ptr);
	CHECK_INT(list.worst, CONFLICT_ERROR);
	CHECK(list.unjudged);
	text_fini(&big);
	arena_fini(&arena);
}

static void
keys_find_whatever_may_conflict(void)
{
	struct sql_footprint f = {0};

	arena_init(&arena);
	sql_footprint_of(&arena,
			 span_str("ALTER TABLE \"My.T\" DROP COLUMN \"a b\"; DROP SCHEMA s; "
				  "ALTER SEQUENCE q OWNER TO bob"),
			 NULL, &f);
	struct sql_keys column = sql_access_keys(&arena, &f.items[0]);
	struct sql_keys schema = sql_access_keys(&arena, &f.items[1]);
	struct sql_keys sequence = sql_access_keys(&arena, &f.items[2]);
	CHECK_STR(column.object, "relation public.\"My.T\"");
	CHECK_STR(column.container, "schema public");
	CHECK_STR(column.part, "relation public.\"My.T\" column \"a b\"");
	CHECK_STR(schema.object, "schema s");
	CHECK_STR(schema.container, NULL);
	CHECK_STR(sequence.object, "relation public.q");
	arena_fini(&arena);
}

static void
suggestions_name_the_other_agent(void)
{
	const char *lines[CONFLICT_SUGGESTIONS];
	struct conflict_list list;

	arena_init(&arena);
	list = between("ALTER TABLE t ADD a int", "ALTER TABLE t ADD a int");
	conflict_suggestions(&arena, &list.items[0], "ada", "search", lines);
	CHECK_STR(lines[0], "Both change public.t.a.");
	CHECK_STR(lines[1], "High priority: settle this with ada (search) before either goes on.");
	CHECK_STR(lines[2], "Merge both changes into one migration.");
	CHECK_STR(lines[3], "Severity: error - Proceed with caution");
	for (int type = 0; type < CONFLICT_TYPE_COUNT; type++) {
		enum conflict_type back;
		REQUIRE(conflict_type_from_word(conflict_type_word((enum conflict_type)type),
						&back));
		CHECK_INT(back, type);
	}
	arena_fini(&arena);
}

static void
bounds_of_partitions_are_compared(void)
{
	CHECK(bounds_overlap("range\n'2024\nto\n'2025", "range\n'2024-06\nto\n'2024-07"));
	CHECK(!bounds_overlap("range\n'2024\nto\n'2025", "range\n'2025\nto\n'2026"));
	CHECK(bounds_overlap("range\nminvalue\nto\n10", "range\n9\nto\nmaxvalue"));
	CHECK(!bounds_overlap("range\n2\nto\n10", "range\n10\nto\n11"));
	CHECK(bounds_overlap("range\n1\n5\nto\n1\n9", "range\n1\n8\nto\n2\n0"));
	CHECK(bounds_overlap("list\n'a\n'b", "list\n'c\n'b"));
	CHECK(!bounds_overlap("list\n'a\n'b", "list\n'c"));
	CHECK(!bounds_overlap("list\n'a", "default"));
	CHECK(bounds_overlap("default", "default"));
	CHECK(!bounds_overlap("hash\n4\n1", "hash\n4\n2"));
	CHECK(!bounds_overlap("range\n?1\nto\n?2", "range\n5\nto\n6"));
}

static const struct unit_case cases[] = {
	CASE(the_python_tools_misses_are_found),
	CASE(either_order_of_the_two_gives_the_same),
	CASE(what_cannot_be_seen_through_is_unjudged_and_never_safe),
	CASE(large_texts_are_judged_within_limits),
	CASE(keys_find_whatever_may_conflict),
	CASE(suggestions_name_the_other_agent),
	CASE(bounds_of_partitions_are_compared),
};

int
main(int argc, char **argv)
{
	return unit_main("conflict", cases, ARRAY_LEN(cases), argc, argv);
}
