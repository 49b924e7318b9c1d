/* bundle_scan over real directories. Hashes below were made with sha256sum. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/digest/digest.h"
#include "shared/migration/migration.h"
#include "tests/support/unit.h"
#include "tests/unit/migration/scratch.h"

#include "shared/base/banned.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_SHA256   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct scratch room;
static struct arena arena;
static struct error err;

static void
begin(void)
{
	scratch_make(&room);
	arena_init(&arena);
	err = (struct error){0};
}

static void
end(void)
{
	arena_fini(&arena);
	scratch_remove(&room);
}

static void
files_come_in_byte_order_with_size_and_hash(void)
{
	static const char *const expect[] = {"0_b.up.sql", "10_x.up.sql", "9_x.up.sql",
					     "A_x.py",	   "_odd.sql",	  "a_x.up.sql"};
	struct bundle_info b;

	begin();
	for (size_t i = ARRAY_LEN(expect); i > 0; i--)
		scratch_write(&room, expect[i - 1], "abc", i == 1 ? 0 : 3);
	REQUIRE(bundle_scan(&arena, room.dir, true, &b, &err));
	CHECK_INT(b.files.count, ARRAY_LEN(expect));
	for (size_t i = 0; i < ARRAY_LEN(expect); i++) {
		CHECK_STR(b.files.items[i].name, expect[i]);
		CHECK_STR(b.files.items[i].sha256, i == 0 ? EMPTY_SHA256 : ABC_SHA256);
		CHECK_INT(b.files.items[i].size, i == 0 ? 0 : 3);
	}
	end();
}

static void
the_bundle_hash_is_over_names_and_hashes(void)
{
	static const char expect[] = "1_a.up.sql\0" ABC_SHA256 "\n2_b.up.sql\0" EMPTY_SHA256 "\n";
	struct bundle_info b;
	char hex[SHA256_HEX];

	begin();
	scratch_write(&room, "2_b.up.sql", "", 0);
	scratch_write(&room, "1_a.up.sql", "abc", 3);
	REQUIRE(bundle_scan(&arena, room.dir, true, &b, &err));
	sha256_of(span_of(expect, sizeof(expect) - 1), hex);
	CHECK_STR(b.hash, hex);
	scratch_write(&room, "2_b.up.sql", "x", 1);
	REQUIRE(bundle_scan(&arena, room.dir, true, &b, &err));
	CHECK(strcmp(b.hash, hex) != 0);
	end();
}

static void
only_sql_and_python_migrations_are_listed(void)
{
	static const char *const passed_over[] = {"__init__.py", "_help.py", ".hidden.up.sql",
						  "notes.txt",	 "_a.yaml",  "1_a.up.sql~",
						  ".sql",	 "1_a.SQL"};
	struct bundle_info b;
	char path[1024];

	begin();
	for (size_t i = 0; i < ARRAY_LEN(passed_over); i++)
		scratch_write(&room, passed_over[i], "x", 1);
	scratch_path(&room, "3_dir.up.sql", path);
	CHECK_INT(mkdir(path, 0755), 0);
	scratch_path(&room, "4_fifo.up.sql", path);
	CHECK_INT(mkfifo(path, 0600), 0);
	REQUIRE(bundle_scan(&arena, room.dir, true, &b, &err));
	CHECK_INT(b.files.count, 0);
	CHECK_STR(b.hash, EMPTY_SHA256);
	end();
}

static void
without_hash_there_are_names_alone(void)
{
	struct bundle_info b;

	begin();
	scratch_write(&room, "1_a.up.sql", "abc", 3);
	REQUIRE(bundle_scan(&arena, room.dir, false, &b, &err));
	REQUIRE(b.files.count == 1);
	CHECK_INT(b.files.items[0].size, 0);
	CHECK(b.files.items[0].sha256 == NULL && b.hash == NULL);
	end();
}

static void
a_link_to_a_file_counts_and_a_broken_one_is_named(void)
{
	struct bundle_info b;
	char path[1024];

	begin();
	scratch_write(&room, "body.txt", "abc", 3);
	scratch_path(&room, "1_a.up.sql", path);
	CHECK_INT(symlink("body.txt", path), 0);
	REQUIRE(bundle_scan(&arena, room.dir, true, &b, &err));
	REQUIRE(b.files.count == 1);
	CHECK_STR(b.files.items[0].sha256, ABC_SHA256);
	scratch_path(&room, "2_b\x1b.up.sql", path);
	CHECK_INT(symlink("nowhere", path), 0);
	CHECK(!bundle_scan(&arena, room.dir, true, &b, &err));
	CHECK(error_is(&err, E_MIGR_102));
	CHECK_HAS(err.message, "2_b\\x1b.up.sql");
	CHECK_STR(err.cause, "No such file or directory");
	end();
}

static void
a_missing_directory_is_an_error_with_its_path(void)
{
	struct bundle_info b;

	begin();
	CHECK(!bundle_scan(&arena, "/nowhere/at/all", true, &b, &err));
	CHECK(error_is(&err, E_MIGR_102));
	CHECK_HAS(err.message, "/nowhere/at/all");
	CHECK_STR(err.cause, "No such file or directory");
	end();
}

static void
a_file_is_read_in_pieces_until_its_end(void)
{
	struct bundle_source *source;
	struct sql_source in;
	char buf[2], all[16];
	size_t got = 1, len = 0;

	begin();
	scratch_write(&room, "1_a.up.sql", "abcde", 5);
	source = bundle_source_directory(room.dir);
	REQUIRE(source->ops->open(source, "1_a.up.sql", &in, &err));
	while (got > 0 && len < sizeof(all) - sizeof(buf)) {
		REQUIRE(in.read(in.self, buf, sizeof(buf), &got, &err));
		memcpy(all + len, buf, got);
		len += got;
	}
	all[len] = '\0';
	CHECK_STR(all, "abcde");
	source->ops->close(source, &in);
	bundle_source_free(source);
	end();
}

static void
a_source_opens_nothing_outside_its_directory(void)
{
	static const char *const names[] = {"../x", "/etc/passwd", "a/b.up.sql", "", ".", ".."};
	struct bundle_source *source;
	struct sql_source in;
	char path[1024];

	begin();
	source = bundle_source_directory(room.dir);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		err = (struct error){0};
		CHECK(!source->ops->open(source, names[i], &in, &err));
		CHECK(error_is(&err, E_MIGR_102));
		CHECK_HAS(err.message, "is not the name of a migration file");
	}
	CHECK(!source->ops->open(source, "gone.up.sql", &in, &err));
	CHECK_STR(err.cause, "No such file or directory");
	scratch_path(&room, "fifo.up.sql", path);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK(!source->ops->open(source, "fifo.up.sql", &in, &err));
	CHECK_HAS(err.message, "is not a regular file");
	bundle_source_free(source);
	end();
}

static void
names_that_are_no_text_can_be_taken_out(void)
{
	struct bundle_info with, without;
	const char **names;

	begin();
	scratch_write(&room, "1_a.up.sql", "abc", 3);
	scratch_write(&room, "2_b\nc.up.sql", "abc", 3);
	REQUIRE(bundle_scan(&arena, room.dir, true, &without, &err));
	CHECK_INT(bundle_drop_unspeakable(&arena, &without, &names), 0);
	scratch_write(&room, "1_\xff.up.sql", "abc", 3);
	scratch_write(&room, "3_\xc3.up.sql", "abc", 3);
	REQUIRE(bundle_scan(&arena, room.dir, true, &with, &err));
	CHECK_INT(with.files.count, 4);
	CHECK(strcmp(with.hash, without.hash) != 0);
	CHECK_INT(bundle_drop_unspeakable(&arena, &with, &names), 2);
	CHECK_STR(names[0], "1_\\xff.up.sql");
	CHECK_STR(names[1], "3_\\xc3.up.sql");
	CHECK_INT(with.files.count, 2);
	CHECK_STR(with.files.items[1].name, "2_b\nc.up.sql");
	CHECK_STR(with.hash, without.hash);
	REQUIRE(bundle_scan(&arena, room.dir, false, &with, &err));
	CHECK_INT(bundle_drop_unspeakable(&arena, &with, &names), 2);
	CHECK(with.hash == NULL);
	end();
}

static const struct unit_case cases[] = {
	CASE(names_that_are_no_text_can_be_taken_out),
	CASE(files_come_in_byte_order_with_size_and_hash),
	CASE(the_bundle_hash_is_over_names_and_hashes),
	CASE(only_sql_and_python_migrations_are_listed),
	CASE(without_hash_there_are_names_alone),
	CASE(a_link_to_a_file_counts_and_a_broken_one_is_named),
	CASE(a_missing_directory_is_an_error_with_its_path),
	CASE(a_file_is_read_in_pieces_until_its_end),
	CASE(a_source_opens_nothing_outside_its_directory),
};

int
main(int argc, char **argv)
{
	return unit_main("migration bundle", cases, ARRAY_LEN(cases), argc, argv);
}
