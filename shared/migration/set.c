/*
 * From names to migrations: which files belong together, in which order they run, which of them
 * say the same version, and which are nothing that anybody would run. Pure: it sees names only,
 * so the same code serves a directory here and a bundle that came over the wire.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/migration/migration.h"

#include "shared/base/banned.h"

/* In the order in which files of one stem are looked at. */
enum file_kind { FILE_UP, FILE_PYTHON, FILE_DOWN, FILE_VERIFY, FILE_CONDITIONS, FILE_KINDS };

static const char *const endings[FILE_KINDS] = {
	[FILE_UP] = ".up.sql",	       [FILE_PYTHON] = ".py",	    [FILE_DOWN] = ".down.sql",
	[FILE_VERIFY] = ".verify.sql", [FILE_CONDITIONS] = ".yaml",
};

/* One file of the bundle, its name taken apart. */
struct part {
	struct span stem;
	enum file_kind kind;
	const struct bundle_file *file;
};

struct builder {
	struct arena *arena;
	struct migration_set *out;
	struct part *parts;
	size_t part_count;
	size_t item_cap, orphan_cap, duplicate_cap;
};

/* Length of the UTF-8 character at `s` that may be shown as it is; 0 for bad bytes and for control
 * characters, C1 and those that turn the direction of writing included. */
static size_t
printable(const unsigned char *s)
{
	static const unsigned char low[5] = {0, 0, 0xC2, 0xE0, 0xF0};
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

	if (n == 0 || s[0] > 0xF4 || s[0] < 0x20 || s[0] == 0x7F)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	}
	bool overlong =
		(s[0] == low[3] && n == 3 && s[1] < 0xA0) || (s[0] == low[4] && s[1] < 0x90);
	bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
	bool beyond = s[0] == 0xF4 && s[1] >= 0x90;
	bool c1 = s[0] == 0xC2 && s[1] < 0xA0;
	bool turns = s[0] == 0xE2 && ((s[1] == 0x80 && s[2] >= 0xA8 && s[2] <= 0xAE) ||
				      (s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9));
	return overlong || surrogate || beyond || c1 || turns ? 0 : n;
}

void
migration_show_name(const char *name, char out[MIGRATION_SHOWN])
{
	const unsigned char *s = (const unsigned char *)name;
	size_t used = 0, n;

	while (*s != '\0' && used + 5 < MIGRATION_SHOWN) {
		n = printable(s);
		if (n == 0) {
			used += (size_t)snprintf(out + used, MIGRATION_SHOWN - used, "\\x%02x", *s);
			n = 1;
		} else {
			memcpy(out + used, s, n);
			used += n;
		}
		s += n;
	}
	out[used] = '\0';
}

static bool
is_clean(const char *name)
{
	const unsigned char *s = (const unsigned char *)name;
	size_t n;

	while (*s != '\0') {
		n = printable(s);
		if (n == 0 || *s == '/')
			return false;
		s += n;
	}
	return true;
}

/* The stem of a migration file's name; false when it is none. */
static bool
take_apart(const struct bundle_file *file, struct part *out)
{
	size_t len = strlen(file->name);

	if (!is_clean(file->name))
		return false;
	for (enum file_kind kind = 0; kind < FILE_KINDS; kind++) {
		size_t e = strlen(endings[kind]);
		if (len <= e || strcmp(file->name + len - e, endings[kind]) != 0)
			continue;
		*out = (struct part){span_of(file->name, len - e), kind, file};
		return file->name[0] != '_';
	}
	return false;
}

static int
compare_spans(struct span a, struct span b)
{
	int c = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static int
by_stem(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int c = compare_spans(x->stem, y->stem);

	return c != 0 ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

static int
by_version(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;
	int c = strcmp(x->version, y->version);

	if (c == 0)
		c = (int)y->python - (int)x->python;
	return c != 0 ? c : strcmp(x->file, y->file);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_conditions(const char *name)
{
	size_t n = strlen(name), e = strlen(endings[FILE_CONDITIONS]);

	return n >= e && strcmp(name + n - e, endings[FILE_CONDITIONS]) == 0;
}

static void
add_orphan(struct builder *b, const struct bundle_file *file)
{
	struct migration_set *out = b->out;
	char shown[MIGRATION_SHOWN];

	/* A .yaml file beside no migration is anybody's. */
	if (is_conditions(file->name))
		return;
	migration_show_name(file->name, shown);
	out->orphans = arena_grow(b->arena, out->orphans, out->orphan_count, &b->orphan_cap,
				  sizeof(*out->orphans));
	out->orphans[out->orphan_count++] = arena_str(b->arena, shown);
}

/* A stem without "_" is version and name at once, as the Python confiture has it. */
static struct migration *
add_migration(struct builder *b, const struct part *p)
{
	struct migration_set *out = b->out;
	const char *cut = memchr(p->stem.ptr, '_', p->stem.len);
	size_t head = cut ? (size_t)(cut - p->stem.ptr) : p->stem.len;
	struct span name = cut ? span_of(cut + 1, p->stem.len - head - 1) : p->stem;

	out->items =
		arena_grow(b->arena, out->items, out->count, &b->item_cap, sizeof(*out->items));
	struct migration *m = &out->items[out->count++];
	*m = (struct migration){
		.version = arena_span(b->arena, span_of(p->stem.ptr, head)),
		.name = arena_span(b->arena, name),
		.file = arena_str(b->arena, p->file->name),
		.sha256 = arena_str(b->arena, p->file->sha256),
		.python = p->kind == FILE_PYTHON,
	};
	return m;
}

/* The files of one stem. A down file belongs to an up file only, since a Python migration brings
 * its own; a verify file belongs to either. */
static void
pair(struct builder *b, const struct part *parts, size_t count)
{
	struct migration *m = NULL;
	size_t first = b->out->count;

	for (size_t i = 0; i < count; i++) {
		const struct part *p = &parts[i];
		const char **side = NULL;
		if (p->kind == FILE_UP || p->kind == FILE_PYTHON) {
			add_migration(b, p);
			m = &b->out->items[first];
			continue;
		}
		if (m != NULL && p->kind == FILE_VERIFY)
			side = &m->verify_file;
		else if (m != NULL && !m->python && p->kind == FILE_CONDITIONS)
			side = &m->conditions_file;
		else if (m != NULL && !m->python && p->kind == FILE_DOWN)
			side = &m->down_file;
		if (side != NULL && *side == NULL)
			*side = arena_str(b->arena, p->file->name);
		else
			add_orphan(b, p->file);
	}
}

static void
collect(struct builder *b, const struct bundle_info *bundle)
{
	b->parts = arena_array(b->arena, bundle->files.count + 1, sizeof(*b->parts));
	for (size_t i = 0; i < bundle->files.count; i++) {
		const struct bundle_file *file = &bundle->files.items[i];
		if (file->schema)
			continue;
		if (take_apart(file, &b->parts[b->part_count]))
			b->part_count++;
		else
			add_orphan(b, file);
	}
	if (b->part_count > 0)
		qsort(b->parts, b->part_count, sizeof(*b->parts), by_stem);
}

static void
find_duplicates(struct builder *b)
{
	struct migration_set *out = b->out;

	for (size_t i = 0, n; i < out->count; i += n) {
		const char *version = out->items[i].version;
		for (n = 1; i + n < out->count; n++) {
			if (strcmp(out->items[i + n].version, version) != 0)
				break;
		}
		if (n == 1)
			continue;
		out->duplicates = arena_grow(b->arena, out->duplicates, out->duplicate_count,
					     &b->duplicate_cap, sizeof(*out->duplicates));
		struct migration_duplicate *d = &out->duplicates[out->duplicate_count++];
		*d = (struct migration_duplicate){.version = version, .count = n};
		d->files = arena_array(b->arena, n, sizeof(*d->files));
		for (size_t k = 0; k < n; k++)
			d->files[k] = out->items[i + k].file;
		qsort(d->files, n, sizeof(*d->files), by_text);
	}
}

void
migration_set_build(struct arena *arena, const struct bundle_info *bundle,
		    struct migration_set *out)
{
	struct builder b = {.arena = arena, .out = out};

	*out = (struct migration_set){0};
	collect(&b, bundle);
	for (size_t i = 0, n; i < b.part_count; i += n) {
		for (n = 1; i + n < b.part_count; n++) {
			if (!span_equal(b.parts[i].stem, b.parts[i + n].stem))
				break;
		}
		pair(&b, &b.parts[i], n);
	}
	if (out->count > 0)
		qsort(out->items, out->count, sizeof(*out->items), by_version);
	if (out->orphan_count > 0)
		qsort(out->orphans, out->orphan_count, sizeof(*out->orphans), by_text);
	find_duplicates(&b);
}

const struct migration *
migration_find(const struct migration_set *set, const char *version)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(set->items[mid].version, version) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == set->count || strcmp(set->items[low].version, version) != 0)
		return NULL;
	return &set->items[low];
}

bool
migration_set_unique(const struct migration_set *set, struct error *err)
{
	if (set->duplicate_count == 0)
		return true;
	const struct migration_duplicate *first = &set->duplicates[0];
	error_set(err, E_MIGR_106, "version %s has %zu files: %s and %s", first->version,
		  first->count, first->files[0], first->files[1]);
	error_at(err, first->files[0], 0, 0);
	for (size_t i = 0; i < set->duplicate_count; i++) {
		for (size_t k = 0; k < set->duplicates[i].count; k++)
			error_detail_item(err, "conflicting_files", set->duplicates[i].files[k]);
	}
	return false;
}

void
migration_set_problems(struct arena *arena, const struct migration_set *set,
		       struct status_result *out)
{
	out->orphaned_migrations.items = set->orphans;
	out->orphaned_migrations.count = set->orphan_count;
	out->duplicate_versions.items =
		arena_array(arena, set->duplicate_count + 1, sizeof(struct duplicate_version));
	out->duplicate_versions.count = set->duplicate_count;
	for (size_t i = 0; i < set->duplicate_count; i++) {
		struct duplicate_version *d = &out->duplicate_versions.items[i];
		d->version = set->duplicates[i].version;
		d->files.items = set->duplicates[i].files;
		d->files.count = set->duplicates[i].count;
	}
}
