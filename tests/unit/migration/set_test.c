/* migration_set_build as a table: a list of names in, the whole set as one text out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/migration/migration.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { MOST_NAMES = 12 };

static void
build(struct arena *arena, const char *const *names, struct migration_set *out)
{
	struct bundle_info bundle = {0};

	bundle.files.items = arena_array(arena, MOST_NAMES, sizeof(struct bundle_file));
	for (size_t i = 0; names[i] != NULL; i++) {
		REQUIRE(i < MOST_NAMES);
		bundle.files.items[bundle.files.count++] = (struct bundle_file){.name = names[i]};
	}
	migration_set_build(arena, &bundle, out);
}

/* version|name|file|down|verify, one a line; then "orphan …" and "twice …" */
static void
print_set(struct text *t, const struct migration_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct migration *m = &set->items[i];
		text_printf(t, "%s|%s|%s|%s|%s%s\n", m->version, m->name, m->file,
			    m->down_file ? m->down_file : "-",
			    m->verify_file ? m->verify_file : "-", m->python ? "|python" : "");
	}
	for (size_t i = 0; i < set->orphan_count; i++)
		text_printf(t, "orphan %s\n", set->orphans[i]);
	for (size_t i = 0; i < set->duplicate_count; i++) {
		text_printf(t, "twice %s:", set->duplicates[i].version);
		for (size_t k = 0; k < set->duplicates[i].count; k++)
			text_printf(t, " %s", set->duplicates[i].files[k]);
		text_put(t, "\n");
	}
}

static const struct {
	const char *names[MOST_NAMES + 1];
	const char *expect;
} rules[] = {
	{{NULL}, ""},
	/* pairing */
	{{"001_a.up.sql", "001_a.down.sql", "001_a.verify.sql"},
	 "001|a|001_a.up.sql|001_a.down.sql|001_a.verify.sql\n"},
	{{"001_a.up.sql"}, "001|a|001_a.up.sql|-|-\n"},
	{{"001_a.up.sql", "001_b.down.sql"}, "001|a|001_a.up.sql|-|-\norphan 001_b.down.sql\n"},
	{{"001_a.down.sql", "001_a.verify.sql"},
	 "orphan 001_a.down.sql\norphan 001_a.verify.sql\n"},
	/* order of plain bytes */
	{{"9_x.up.sql", "10_x.up.sql", "20260101120000_y.up.sql", "001_z.up.sql"},
	 "001|z|001_z.up.sql|-|-\n10|x|10_x.up.sql|-|-\n"
	 "20260101120000|y|20260101120000_y.up.sql|-|-\n9|x|9_x.up.sql|-|-\n"},
	{{"a_x.up.sql", "B_x.up.sql", "\xc3\xa9_x.up.sql"},
	 "B|x|B_x.up.sql|-|-\na|x|a_x.up.sql|-|-\n\xc3\xa9|x|\xc3\xa9_x.up.sql|-|-\n"},
	/* the version ends at the first underscore, whatever byte order says about "_" */
	{{"1_b_c.up.sql", "1a_b.up.sql", "1-2_b.up.sql"},
	 "1|b_c|1_b_c.up.sql|-|-\n1-2|b|1-2_b.up.sql|-|-\n1a|b|1a_b.up.sql|-|-\n"},
	{{"001.up.sql", "001.down.sql"}, "001|001|001.up.sql|001.down.sql|-\n"},
	{{"001_.up.sql"}, "001||001_.up.sql|-|-\n"},
	{{"1.5_a.up.sql"}, "1.5|a|1.5_a.up.sql|-|-\n"},
	/* Python */
	{{"001_a.py", "001_a.verify.sql"}, "001|a|001_a.py|-|001_a.verify.sql|python\n"},
	{{"001_a.py", "001_a.down.sql"}, "001|a|001_a.py|-|-|python\norphan 001_a.down.sql\n"},
	/* two files of one version */
	{{"001_a.up.sql", "001_a.py", "001_a.down.sql"},
	 "001|a|001_a.py|-|-|python\n001|a|001_a.up.sql|001_a.down.sql|-\n"
	 "twice 001: 001_a.py 001_a.up.sql\n"},
	{{"001_b.py", "001_a.up.sql", "001_c.up.sql", "002_a.up.sql"},
	 "001|b|001_b.py|-|-|python\n001|a|001_a.up.sql|-|-\n001|c|001_c.up.sql|-|-\n"
	 "002|a|002_a.up.sql|-|-\ntwice 001: 001_a.up.sql 001_b.py 001_c.up.sql\n"},
	{{"1_a.up.sql", "1_a.up.sql"},
	 "1|a|1_a.up.sql|-|-\n1|a|1_a.up.sql|-|-\ntwice 1: 1_a.up.sql 1_a.up.sql\n"},
	{{"01_a.up.sql", "1_a.up.sql"}, "01|a|01_a.up.sql|-|-\n1|a|1_a.up.sql|-|-\n"},
	/* no migrations at all */
	{{"schema.sql", "001_a.sql", "001_a.up.sql.bak", "x"},
	 "orphan 001_a.sql\norphan 001_a.up.sql.bak\norphan schema.sql\norphan x\n"},
	{{"_a.up.sql", "_.up.sql", ".up.sql", ".py"},
	 "orphan .py\norphan .up.sql\norphan _.up.sql\norphan _a.up.sql\n"},
	{{"001_a.UP.sql"}, "orphan 001_a.UP.sql\n"},
	{{"../1_a.up.sql", "d/1_a.up.sql"}, "orphan ../1_a.up.sql\norphan d/1_a.up.sql\n"},
	/* names that would harm a terminal or the ledger */
	{{"1_\x1b[31m.up.sql", "1_a\n.up.sql", "1_\x7f.up.sql", "1_\xff.up.sql"},
	 "orphan 1_\\x1b[31m.up.sql\norphan 1_\\x7f.up.sql\norphan 1_\\xff.up.sql\n"
	 "orphan 1_a\\x0a.up.sql\n"},
	{{"1_\xc2\x9b.py", "1_\xe2\x80\xae.up.sql", "1_\xed\xa0\x80.up.sql", "1_\xc0\xaf.up.sql"},
	 "orphan 1_\\xc0\\xaf.up.sql\norphan 1_\\xc2\\x9b.py\norphan 1_\\xe2\\x80\\xae.up.sql\n"
	 "orphan 1_\\xed\\xa0\\x80.up.sql\n"},
};

static void
names_become_migrations_by_the_rules(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct arena arena;
		struct migration_set set;
		struct text t;

		arena_init(&arena);
		text_init(&t, 0);
		build(&arena, rules[i].names, &set);
		print_set(&t, &set);
		CHECK_STR(t.ptr, rules[i].expect);
		text_fini(&t);
		arena_fini(&arena);
	}
}

static void
a_version_is_found_and_a_missing_one_is_not(void)
{
	static const char *const names[] = {"001_a.up.sql", "002_b.up.sql", "002_b.py",
					    "10_c.up.sql",  "9_d.up.sql",   NULL};
	static const struct {
		const char *version, *file;
	} asked[] = {{"001", "001_a.up.sql"},
		     {"002", "002_b.py"},
		     {"10", "10_c.up.sql"},
		     {"9", "9_d.up.sql"},
		     {"00", NULL},
		     {"0010", NULL},
		     {"99", NULL},
		     {"", NULL}};
	struct arena arena;
	struct migration_set set;

	arena_init(&arena);
	build(&arena, names, &set);
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		const struct migration *m = migration_find(&set, asked[i].version);
		CHECK_STR(m ? m->file : NULL, asked[i].file);
	}
	set = (struct migration_set){0};
	CHECK(migration_find(&set, "1") == NULL);
	arena_fini(&arena);
}

static void
two_files_of_one_version_are_an_error_that_names_both(void)
{
	static const char *const names[] = {"1_a.up.sql", "1_b.up.sql", "2_c.py",
					    "2_c.up.sql", "3_d.up.sql", NULL};
	static const char *const fine[] = {"1_a.up.sql", "2_c.py", NULL};
	struct arena arena;
	struct migration_set set;
	struct error err = {0};

	arena_init(&arena);
	build(&arena, fine, &set);
	CHECK(migration_set_unique(&set, &err));
	CHECK(err.code == NULL);
	build(&arena, names, &set);
	CHECK(!migration_set_unique(&set, &err));
	CHECK(error_is(&err, E_MIGR_106));
	CHECK_STR(err.message, "version 1 has 2 files: 1_a.up.sql and 1_b.up.sql");
	CHECK_INT(err.detail_count, 1);
	CHECK_STR(err.details[0].key, "conflicting_files");
	CHECK_STR(err.details[0].value, "1_a.up.sql\n1_b.up.sql\n2_c.py\n2_c.up.sql");
	arena_fini(&arena);
}

static void
hashes_travel_from_the_bundle_to_the_migration(void)
{
	struct bundle_file files[] = {{.name = "1_a.down.sql", .sha256 = "dd"},
				      {.name = "1_a.up.sql", .sha256 = "uu"}};
	struct bundle_info bundle = {.files = {files, 2}};
	struct arena arena;
	struct migration_set set;

	arena_init(&arena);
	migration_set_build(&arena, &bundle, &set);
	REQUIRE(set.count == 1);
	CHECK_STR(set.items[0].sha256, "uu");
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(names_become_migrations_by_the_rules),
	CASE(a_version_is_found_and_a_missing_one_is_not),
	CASE(two_files_of_one_version_are_an_error_that_names_both),
	CASE(hashes_travel_from_the_bundle_to_the_migration),
};

int
main(int argc, char **argv)
{
	return unit_main("migration set", cases, ARRAY_LEN(cases), argc, argv);
}
