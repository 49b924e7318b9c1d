/* Folders of schema files: which files, in which order, and what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "tests/support/unit.h"
#include "worker/ddl/tree.h"

#include "shared/base/banned.h"

static char folder[64];
static struct arena arena;
static struct error failure;

static void
run(const char *format, const char *argument)
{
	char command[400];

	snprintf(command, sizeof(command), format, argument);
	REQUIRE(system(command) == 0);
}

static void
fresh(void)
{
	arena_reset(&arena);
	if (folder[0] != '\0')
		run("rm -rf %s", folder);
	snprintf(folder, sizeof(folder), "/tmp/confiture-unit-XXXXXX");
	REQUIRE(mkdtemp(folder) != NULL);
}

static void
put(const char *name, const char *bytes, size_t len)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	FILE *f = fopen(path, "we");
	REQUIRE(f != NULL && fwrite(bytes, 1, len, f) == len && fclose(f) == 0);
}
#define PUT(name, text) put((name), (text), strlen(text))

static void
put_link(const char *to, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	REQUIRE(symlink(to, path) == 0);
}

static bool
read_below(const char *name, struct ddl_tree *out)
{
	failure = (struct error){0};
	return ddl_tree_read(arena_printf(&arena, "%s%s", folder, name), &arena, out, &failure);
}

/* "path=text" of each, without the folder. */
static const char *
files_of(const char *name)
{
	struct ddl_tree tree;
	struct text t;

	if (!read_below(name, &tree)) {
		fprintf(stderr, "  %s: %s\n", failure.message, failure.cause);
		return "failed";
	}
	text_init(&t, 0);
	for (size_t i = 0; i < tree.count; i++)
		text_printf(&t, "%s=%.*s ", tree.files[i].path + strlen(folder) + 1,
			    (int)tree.files[i].text.len, tree.files[i].text.ptr);
	const char *all = arena_str(&arena, t.ptr);
	text_fini(&t);
	return all;
}

static void
files_come_in_the_order_of_codepoints(void)
{
	fresh();
	PUT("b.sql", "1");
	PUT("a/z.sql", "2");
	PUT("a.sql", "3");
	PUT("a b/x.sql", "4");
	PUT("B.sql", "5");
	PUT("é.sql", "6");
	PUT("😀.sql", "7");
	PUT("a/readme.md", "no");
	PUT("a/deep/er/q.sql", "8");
	PUT(".hidden.sql", "no");
	PUT(".git/x.sql", "no");
	PUT("sql", "no");
	PUT("empty.sql", "");
	CHECK_STR(files_of(""), "B.sql=5 a b/x.sql=4 a.sql=3 a/deep/er/q.sql=8 a/z.sql=2 b.sql=1 "
				"empty.sql= é.sql=6 😀.sql=7 ");
	CHECK_STR(files_of("//"), files_of(""));
	CHECK_STR(files_of("/a/z.sql"), "a/z.sql=2 ");
}

static void
an_empty_folder_has_no_files(void)
{
	struct ddl_tree tree;

	fresh();
	CHECK_STR(files_of(""), "");
	REQUIRE(read_below("", &tree));
	CHECK_INT(tree.count, 0);
	CHECK_INT(strlen(tree.sha256), 64);
}

static void
links_are_followed_but_not_in_circles(void)
{
	fresh();
	PUT("a/one.sql", "1");
	put_link("..", "a/up");
	put_link(".", "self");
	put_link("a", "b");
	put_link("a/one.sql", "two.sql");
	put_link("nowhere", "dangling");
	put_link("loop", "loop");
	CHECK_STR(files_of(""), "a/one.sql=1 two.sql=1 ");
	put_link("nowhere", "gone.sql");
	struct ddl_tree tree;
	CHECK(!read_below("", &tree));
	CHECK(error_is(&failure, E_SCHEMA_201));
	CHECK_HAS(failure.message, "gone.sql");
}

static void
the_hash_changes_with_names_and_bytes_only(void)
{
	struct ddl_tree a, b;
	char first[SHA256_HEX];

	fresh();
	PUT("x/a.sql", "1");
	PUT("x/b.sql", "2");
	PUT("y/b.sql", "2");
	PUT("y/a.sql", "1");
	REQUIRE(read_below("/x", &a) && read_below("/y", &b));
	CHECK_STR(a.sha256, b.sha256);
	CHECK_INT(a.bytes, 2);
	memcpy(first, a.sha256, sizeof(first));
	PUT("y/a.sql", "12");
	PUT("y/b.sql", "");
	REQUIRE(read_below("/y", &b));
	CHECK(strcmp(first, b.sha256) != 0);
	PUT("y/a.sql", "1");
	PUT("y/b.sql", "2");
	REQUIRE(read_below("/y", &b));
	CHECK_STR(b.sha256, first);
	PUT("y/c.sql", "");
	REQUIRE(read_below("/y", &b));
	CHECK(strcmp(first, b.sha256) != 0);
}

static void
check_refused(const char *name, enum error_id id, const char *part, uint32_t line, uint32_t column)
{
	struct ddl_tree tree;

	REQUIRE(!read_below(name, &tree));
	CHECK(error_is(&failure, id));
	CHECK_HAS(failure.message, part);
	CHECK_INT(failure.at.line, line);
	CHECK_INT(failure.at.column, column);
}

static void
what_is_no_text_is_refused_where_it_is(void)
{
	fresh();
	put("a.sql", "x\n\xc3\xa9 \xff;", 7);
	check_refused("", E_SCHEMA_200, "a.sql: byte 0xff is not UTF-8", 2, 3);
	CHECK_HAS(failure.at.file, "/a.sql");
	put("a.sql", "ab\0c", 4);
	check_refused("", E_SCHEMA_200, "NUL", 1, 3);
	put("a.sql", "ab\xc3", 3);
	check_refused("", E_SCHEMA_200, "0xc3", 1, 3);
	put("a.sql",
	    "\xff\xfe"
	    "a\0",
	    4);
	check_refused("", E_SCHEMA_200, "0xff", 1, 1);
	PUT("a.sql", "");
	PUT("b\xff.sql", "");
	check_refused("", E_SCHEMA_200, "not UTF-8", 0, 0);
}

static void
what_cannot_be_read_is_named(void)
{
	fresh();
	check_refused("/none", E_SCHEMA_201, "/none", 0, 0);
	run("mkfifo %s/pipe.sql", folder);
	check_refused("", E_SCHEMA_201, "pipe.sql is no regular file", 0, 0);
}

static void
what_is_too_large_is_refused(void)
{
	char path[300];

	fresh();
	snprintf(path, sizeof(path), "%s/a.sql", folder);
	PUT("a.sql", "x");
	REQUIRE(truncate(path, (off_t)DDL_TREE_FILE_BYTES + 1) == 0);
	check_refused("", E_SCHEMA_206, "64 MiB", 0, 0);
	fresh();
	struct text deep;
	text_init(&deep, 0);
	for (int i = 0; i <= DDL_TREE_DEPTH; i++)
		text_put(&deep, "d/");
	text_put(&deep, "a.sql");
	PUT(deep.ptr, "x");
	text_fini(&deep);
	check_refused("", E_SCHEMA_206, "64 deep", 0, 0);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(files_come_in_the_order_of_codepoints),
		CASE(an_empty_folder_has_no_files),
		CASE(links_are_followed_but_not_in_circles),
		CASE(the_hash_changes_with_names_and_bytes_only),
		CASE(what_is_no_text_is_refused_where_it_is),
		CASE(what_cannot_be_read_is_named),
		CASE(what_is_too_large_is_refused),
	};

	arena_init(&arena);
	int code = unit_main("ddl tree", cases, ARRAY_LEN(cases), argc, argv);
	if (folder[0] != '\0')
		run("rm -rf %s", folder);
	arena_fini(&arena);
	return code;
}
