/* Structures that are kept: by what they are told apart, what is believed, and how much is kept. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/structure_cache.h"
#include "shared/schema/fingerprint.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static char dir[64];
static struct schema_pool *pool;

static void
open_cache(void)
{
	snprintf(dir, sizeof(dir), "/tmp/confiture-cache-XXXXXX");
	REQUIRE(mkdtemp(dir) != NULL);
	REQUIRE(setenv("XDG_CACHE_HOME", dir, 1) == 0);
	pool = schema_pool_new();
}

static void
close_cache(void)
{
	char line[128];

	schema_pool_free(pool);
	snprintf(line, sizeof(line), "rm -rf '%s'", dir);
	CHECK_INT(system(line), 0);
}

/* A schema with a comment. */
static struct schema_model *
model_of(const char *comment)
{
	struct arena *arena = schema_pool_arena(pool);
	struct schema_model *m = arena_new(arena, struct schema_model);
	struct schema_object *o = arena_new(arena, struct schema_object);

	o->kind = SCHEMA_KIND_schema;
	o->name = o->address = schema_pool_text(pool, "s");
	o->values = arena_array(arena, schema_kind_info(o->kind)->count, sizeof(*o->values));
	o->values[SCHEMA_comment] = schema_pool_text(pool, comment);
	*m = (struct schema_model){.objects = o,
				   .count = 1,
				   .server_version = schema_pool_text(pool, "15.1"),
				   .role = schema_pool_text(pool, "postgres")};
	return m;
}

static const char *
named(int i)
{
	static char name[SHA256_HEX];
	char text[16];
	const struct structure_cache_key key = {.files = text, .server = "s", .own = "o"};

	snprintf(text, sizeof(text), "%d", i);
	structure_cache_name(&key, name);
	return name;
}

static const char *
file_of(int i)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/confiture/structures/%s", dir, named(i));
	return path;
}

static bool
found(int i, struct schema_model **out)
{
	return structure_cache_find(named(i), pool, out);
}

static void
each_part_of_the_key_tells_apart(void)
{
	static const struct structure_cache_key keys[] = {
		{"f", "15", "o"}, {"g", "15", "o"}, {"f", "16", "o"},
		{"f", "15", "p"}, {"f1", "5", "o"},
	};
	char names[ARRAY_LEN(keys)][SHA256_HEX], again[SHA256_HEX];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		structure_cache_name(&keys[i], names[i]);
		structure_cache_name(&keys[i], again);
		CHECK_STR(again, names[i]);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(names[k], names[i]) != 0);
	}
}

static void
what_is_kept_comes_back_as_it_was(void)
{
	char a[SHA256_HEX], b[SHA256_HEX];
	struct schema_model *m;

	open_cache();
	CHECK(!found(1, &m));
	struct schema_model *kept = model_of("a \"comment\"\nof two lines");
	structure_cache_keep(named(1), kept);
	REQUIRE(found(1, &m));
	schema_fingerprint(kept, a);
	schema_fingerprint(m, b);
	CHECK_STR(b, a);
	CHECK_STR(m->role, "postgres");
	CHECK_STR(m->server_version, "15.1");
	CHECK(!found(2, &m));
	close_cache();
}

static void
spoil(int i, off_t at, bool cut)
{
	int fd = open(file_of(i), O_RDWR | O_CLOEXEC);
	char byte;

	REQUIRE(fd >= 0);
	if (cut) {
		CHECK_INT(ftruncate(fd, at), 0);
	} else {
		CHECK_INT(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		CHECK_INT(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
}

static void
what_is_damaged_or_open_to_others_is_not_believed_and_goes(void)
{
	struct schema_model *m;
	struct stat st;

	open_cache();
	structure_cache_keep(named(1), model_of("c"));
	REQUIRE(stat(file_of(1), &st) == 0);
	for (off_t at = 0; at < st.st_size; at += 7) {
		for (int cut = 0; cut < 2; cut++) {
			structure_cache_keep(named(1), model_of("c"));
			spoil(1, at, cut == 1);
			CHECK(!found(1, &m));
			CHECK(access(file_of(1), F_OK) != 0);
		}
	}
	structure_cache_keep(named(1), model_of("c"));
	REQUIRE(chmod(file_of(1), 0622) == 0);
	CHECK(!found(1, &m));
	structure_cache_keep(named(1), model_of("c"));
	REQUIRE(found(1, &m));
	close_cache();
}

static void
the_least_used_go(void)
{
	struct schema_model *m;

	open_cache();
	for (int i = 0; i < STRUCTURE_CACHE_ENTRIES; i++) {
		structure_cache_keep(named(i), model_of("c"));
		/* In the order of their numbers, an hour ago and less. */
		struct timespec then[2] = {{time(NULL) - 3600 + i, 0}, {time(NULL) - 3600 + i, 0}};
		REQUIRE(utimensat(AT_FDCWD, file_of(i), then, 0) == 0);
	}
	CHECK(found(0, &m)); /* used now */
	structure_cache_keep(named(STRUCTURE_CACHE_ENTRIES), model_of("c"));
	CHECK(access(file_of(1), F_OK) != 0);
	CHECK(access(file_of(0), F_OK) == 0);
	CHECK(access(file_of(2), F_OK) == 0);
	CHECK(found(STRUCTURE_CACHE_ENTRIES, &m));
	close_cache();
}

static const struct unit_case cases[] = {
	CASE(each_part_of_the_key_tells_apart),
	CASE(what_is_kept_comes_back_as_it_was),
	CASE(what_is_damaged_or_open_to_others_is_not_believed_and_goes),
	CASE(the_least_used_go),
};

int
main(int argc, char **argv)
{
	return unit_main("cli/structure_cache", cases, ARRAY_LEN(cases), argc, argv);
}
