/*
 * Any bytes as the names of a bundle's files, one a line. Whatever the names, the set keeps its
 * promises: order, every file in one place only, duplicates complete, nothing unprintable shown.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/migration/migration.h"

#include "shared/base/banned.h"

enum { MOST_FILES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(bool promise)
{
	if (!promise)
		abort();
}

static void
names_of(struct arena *arena, struct span bytes, struct bundle_info *out)
{
	out->files.items = arena_array(arena, MOST_FILES, sizeof(*out->files.items));
	while (bytes.len > 0 && out->files.count < MOST_FILES) {
		const char *nl = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = nl ? (size_t)(nl - bytes.ptr) : bytes.len;
		size_t kept = len < 255 ? len : 255;
		out->files.items[out->files.count++].name =
			arena_span(arena, span_of(bytes.ptr, kept));
		bytes = span_of(bytes.ptr + len + (nl != NULL), bytes.len - len - (nl != NULL));
	}
}

static void
check_shown(const char *name)
{
	for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++)
		hold(*p >= 0x20 && *p != 0x7F);
}

/* A .yaml file holds a migration's conditions, or is nobody's and left alone. */
static size_t
count_conditions(const struct bundle_info *bundle)
{
	size_t count = 0;

	for (size_t i = 0; i < bundle->files.count; i++) {
		const char *name = bundle->files.items[i].name;
		size_t len = strlen(name);
		count += len >= 5 && strcmp(name + len - 5, ".yaml") == 0;
	}
	return count;
}

static void
check_set(const struct migration_set *set, size_t files, size_t conditions)
{
	size_t placed = set->orphan_count, guarded = 0, twice = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct migration *m = &set->items[i];
		placed += 1 + (m->down_file != NULL) + (m->verify_file != NULL);
		guarded += m->conditions_file != NULL;
		check_shown(m->file);
		hold(m->version[0] != '\0' && strchr(m->version, '_') == NULL);
		hold(i == 0 || strcmp(set->items[i - 1].version, m->version) <= 0);
		hold(strcmp(migration_find(set, m->version)->version, m->version) == 0);
		twice += i > 0 && strcmp(set->items[i - 1].version, m->version) == 0;
	}
	hold(placed + conditions == files);
	hold(guarded <= conditions);
	for (size_t i = 0; i < set->orphan_count; i++)
		check_shown(set->orphans[i]);
	for (size_t i = 0; i < set->duplicate_count; i++)
		twice -= set->duplicates[i].count - 1;
	hold(twice == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct bundle_info bundle = {0};
	struct migration_set set;
	struct error err = {0};

	arena_init(&arena);
	names_of(&arena, span_of((const char *)data, size), &bundle);
	migration_set_build(&arena, &bundle, &set);
	check_set(&set, bundle.files.count, count_conditions(&bundle));
	hold(migration_set_unique(&set, &err) == (set.duplicate_count == 0));
	arena_fini(&arena);
	return 0;
}
