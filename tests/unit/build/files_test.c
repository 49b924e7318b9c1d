/* Which files a build takes, in which order, and what their hash is. */
#include <stdio.h>
#include <string.h>

#include "shared/build/build.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct arena arena;

static void
patterns_match_component_by_component(void)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{"*.sql", "a.sql", true},
		{"*.sql", "x/a.sql", false},
		{"*.sql", ".sql", true},
		{"*.sql", "a.sqlx", false},
		{"**/*.sql", "a.sql", true},
		{"**/*.sql", "x/y/a.sql", true},
		{"x/**/a.sql", "x/a.sql", true},
		{"x/**/a.sql", "x/y/z/a.sql", true},
		{"x/**/a.sql", "y/a.sql", false},
		{"**/y/**", "x/y/a.sql", true},
		{"**/y/**", "x/a.sql", false},
		{"**/y/**/z/*.sql", "y/y/q/z/a.sql", true},
		{"[0-9]*_?.sql", "10_a.sql", true},
		{"[!0-9]*.sql", "10_a.sql", false},
		{"a\\*.sql", "a\\b.sql", true}, /* a backslash is itself */
		{"", "", true},
		{"**", "", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (build_glob(cases[i].pattern, cases[i].path) != cases[i].matches)
			fprintf(stderr, "  %s beside %s\n", cases[i].pattern, cases[i].path);
		CHECK_INT(build_glob(cases[i].pattern, cases[i].path), cases[i].matches);
	}
}

static void
a_folder_takes_what_its_patterns_say(void)
{
	static const char *const all[] = {"**/*.sql"}, *const top[] = {"*.sql"};
	static const char *const views[] = {"views/*.sql"}, *const drafts[] = {"*.draft.sql"};
	static const char *const old[] = {"**/old/**"}, *const away[] = {"/p/db/schema/away"};
	const struct build_dir dirs[] = {
		{.path = "/p/db/schema", .recursive = true, .include = all, .include_count = 1},
		{.path = "/p/db/schema", .include = top, .include_count = 1},
		{.path = "/p/db/schema", .include = views, .include_count = 1},
		{.path = "/p/db/schema",
		 .recursive = true,
		 .include = all,
		 .include_count = 1,
		 .exclude = drafts,
		 .exclude_count = 1},
		{.path = "/p/db/schema",
		 .recursive = true,
		 .include = all,
		 .include_count = 1,
		 .exclude = old,
		 .exclude_count = 1},
	};
	const struct build_rules rules = {.excluded = away, .excluded_count = 1};
	static const struct {
		size_t dir;
		const char *path;
		bool taken;
	} cases[] = {
		{0, "a.sql", true},	     {0, "x/y/a.sql", true},
		{0, "a.txt", false},	     {0, ".hidden.sql", true},
		{0, "away/a.sql", false},    {0, "away_too/a.sql", true},
		{1, "a.sql", true},	     {1, "x/a.sql", false},
		{2, "views/a.sql", true},    {2, "x/views/a.sql", false},
		{3, "x/a.draft.sql", false}, {3, "x/a.sql", true},
		{4, "old/a.sql", false},     {4, "x/old/y/a.sql", false},
		{4, "older/a.sql", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool taken = build_takes(&rules, &dirs[cases[i].dir], cases[i].path);
		if (taken != cases[i].taken)
			fprintf(stderr, "  %zu: %s\n", cases[i].dir, cases[i].path);
		CHECK_INT(taken, cases[i].taken);
	}
	CHECK(build_enters(&rules, &dirs[0], "x") && !build_enters(&rules, &dirs[0], "away"));
	CHECK(build_enters(&rules, &dirs[1], "") && !build_enters(&rules, &dirs[1], "x"));
	CHECK(build_enters(&rules, &dirs[2], "views"));
}

/* Paths in, with "3:" before one whose folder has that order; names out. */
static const char *
arranged(const struct build_rules *rules, const char *const *paths)
{
	struct build b = {.files = arena_array(&arena, 16, sizeof(struct build_file))};
	struct text t;

	for (; *paths != NULL; paths++) {
		const char *p = *paths;
		int64_t order = p[1] == ':' ? p[0] - '0' : 0;
		p += p[1] == ':' ? 2 : 0;
		b.files[b.count++] = (struct build_file){.path = p, .order = order};
	}
	build_arrange(&arena, rules, &b);
	text_init(&t, 0);
	for (size_t i = 0; i < b.count; i++)
		text_printf(&t, "%s%s%s", i > 0 ? " " : "", b.files[i].name,
			    b.files[i].seed ? "*" : "");
	const char *out = arena_span(&arena, text_span(&t));
	text_fini(&t);
	return out;
}

static const struct build_dir one_dir[] = {{.path = "/p/db/schema"}};
static const struct build_dir two_dirs[] = {{.path = "/p/db/schema"}, {.path = "/p/db/seeds"}};

static void
names_are_ordered_component_by_component(void)
{
	const struct build_rules rules = {.dirs = one_dir, .dir_count = 1};
	const char *const paths[] = {"/p/db/schema/b.sql",   "/p/db/schema/a.sql",
				     "/p/db/schema/a/z.sql", "/p/db/schema/a-b.sql",
				     "/p/db/schema/a b.sql", "/p/db/schema/B.sql",
				     "/p/db/schema/é.sql",   NULL};

	CHECK_STR(arranged(&rules, paths), "B.sql a/z.sql a b.sql a-b.sql a.sql b.sql é.sql");
}

static void
the_order_of_folders_comes_first(void)
{
	const struct build_rules rules = {.dirs = two_dirs, .dir_count = 2};
	const char *const paths[] = {"9:/p/db/schema/a.sql", "1:/p/db/schema/z.sql",
				     "1:/p/db/schema/y.sql", "0:/p/db/schema/zz.sql", NULL};

	CHECK_STR(arranged(&rules, paths), "schema/zz.sql schema/y.sql schema/z.sql schema/a.sql");
}

static void
a_file_that_is_found_twice_comes_once(void)
{
	const struct build_rules rules = {.dirs = one_dir, .dir_count = 1};
	const char *const paths[] = {"5:/p/db/schema/a.sql", "2:/p/db/schema/b.sql",
				     "1:/p/db/schema/a.sql", "5:/p/db/schema/a.sql", NULL};

	CHECK_STR(arranged(&rules, paths), "a.sql b.sql");
}

static void
numbers_in_base_16_decide_in_every_folder(void)
{
	const struct build_rules rules = {.dirs = one_dir, .dir_count = 1, .hex = true};
	const char *const flat[] = {"/p/db/schema/01F231_late.sql",
				    "/p/db/schema/012311_early.sql",
				    "/p/db/schema/012A31_middle.sql",
				    "/p/db/schema/abc.sql",
				    "/p/db/schema/A_ten.sql",
				    "/p/db/schema/9_nine.sql",
				    "/p/db/schema/0x0B_eleven.sql",
				    "/p/db/schema/0A_ten.sql",
				    "/p/db/schema/10.sql",
				    NULL};
	const char *const deep[] = {"/p/db/schema/10_b/01_x.sql", "/p/db/schema/0A_a/FF_y.sql",
				    "/p/db/schema/z.sql", "/p/db/schema/9_c.sql", NULL};
	const char *const none[] = {"/p/db/schema/a.sql", "/p/db/schema/a-b.sql", NULL};

	CHECK_STR(arranged(&rules, flat),
		  "9_nine.sql 0A_ten.sql A_ten.sql 0x0B_eleven.sql 012311_early.sql "
		  "012A31_middle.sql 01F231_late.sql 10.sql abc.sql");
	CHECK_STR(arranged(&rules, deep), "9_c.sql 0A_a/FF_y.sql 10_b/01_x.sql z.sql");
	CHECK_STR(arranged(&rules, none), "a-b.sql a.sql");
}

static void
seeds_are_known_by_their_folder_or_name(void)
{
	struct build_rules rules = {.dirs = two_dirs, .dir_count = 2};
	const char *const paths[] = {"/p/db/schema/a.sql",
				     "/p/db/schema/30_seed_backend/b.sql",
				     "/p/db/schema/seedling.sql",
				     "/p/db/schema/proceeds.sql",
				     "/p/db/schema/10-Seeds/c.sql",
				     "/p/db/schema/seed.sql",
				     "/p/db/schema/x_seed_y.sql",
				     "/p/db/seeds/d.sql",
				     NULL};
	static const struct build_dir above[] = {{.path = "/my_seed_app/db"}};
	const char *const lies_above[] = {"/my_seed_app/db/a.sql", NULL};

	CHECK_STR(arranged(&rules, paths),
		  "schema/10-Seeds/c.sql* schema/30_seed_backend/b.sql* schema/a.sql "
		  "schema/proceeds.sql schema/seed.sql schema/seedling.sql schema/x_seed_y.sql* "
		  "seeds/d.sql*");
	rules.schema_only = true;
	CHECK_STR(arranged(&rules, paths), "a.sql proceeds.sql seed.sql seedling.sql");
	rules = (struct build_rules){.dirs = above, .dir_count = 1, .schema_only = true};
	CHECK_STR(arranged(&rules, lies_above), "a.sql");
}

static void
the_hash_is_that_of_the_published_wheels(void)
{
	/*
	 * By hand, of the two files:
	 *   h() { printf '%s\0%s\0' "$1" "$2" | sha256sum | cut -c1-64 | xxd -r -p; }
	 *   { h 00_common/a.sql 'SELECT 1;'; h 10_tables/b.sql 'SELECT 2;'; } | sha256sum
	 * and of one, whose path begins at its own folder:
	 *   h a.sql 'SELECT 1;' | sha256sum
	 */
	const struct build_file files[] = {
		{.path = "/p/db/schema/00_common/a.sql", .bytes = span_str("SELECT 1;")},
		{.path = "/p/db/schema/10_tables/b.sql", .bytes = span_str("SELECT 2;")},
	};
	char hash[SHA256_HEX];

	build_hash(files, 2, hash);
	CHECK_STR(hash, "38c739ed7bc39f2235c4c7136c9759714bd65c8ec3cd7b861948dc8733bdafd3");
	build_hash(files, 1, hash);
	CHECK_STR(hash, "fe9083d13f5f5bc45fee066658c287deb1e0478a260232c55b8da3db8e4603af");
}

static const struct unit_case cases[] = {
	CASE(patterns_match_component_by_component),
	CASE(a_folder_takes_what_its_patterns_say),
	CASE(names_are_ordered_component_by_component),
	CASE(the_order_of_folders_comes_first),
	CASE(a_file_that_is_found_twice_comes_once),
	CASE(numbers_in_base_16_decide_in_every_folder),
	CASE(seeds_are_known_by_their_folder_or_name),
	CASE(the_hash_is_that_of_the_published_wheels),
};

int
main(int argc, char **argv)
{
	arena_init(&arena);
	int code = unit_main("build files", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&arena);
	return code;
}
