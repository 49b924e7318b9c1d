/*
 * The order of a build's files, and what each is called in it. Names are compared component by
 * component, so that a folder's files stay together in every mode.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/build/build.h"
#include "shared/build/paths.h"

#include "shared/base/banned.h"

/* ---- by name ---- */

static int
rank(char c)
{
	/* Ends and folders before every other byte: components are compared one by one. */
	return c == '\0' ? 0 : c == '/' ? 1 : (unsigned char)c + 2;
}

static int
by_path(const char *a, const char *b)
{
	while (*a == *b && *a != '\0')
		a++, b++;
	return rank(*a) - rank(*b);
}

/* ---- by number ---- */

/* A component without its extension, cut into its number and the rest; len 0: it has none. */
struct numbered {
	struct span digits; /* without zeros before */
	struct span rest;   /* the whole stem, if there is no number */
	bool has;
};

static bool
is_hex(char c)
{
	return isdigit((unsigned char)c) || (c >= 'A' && c <= 'F');
}

static struct numbered
number_of(struct span name, bool last)
{
	struct numbered n = {.rest = name};
	size_t i = 0, start;

	for (size_t k = name.len; last && k > 1; k--) {
		if (name.ptr[k - 1] == '.') {
			n.rest.len = k - 1;
			break;
		}
	}
	struct span stem = n.rest;
	if (stem.len > 2 && memcmp(stem.ptr, "0x", 2) == 0)
		i = 2;
	for (start = i; i < stem.len && is_hex(stem.ptr[i]); i++)
		;
	if (i == start || i == stem.len || stem.ptr[i] != '_')
		return n;
	n.has = true;
	n.rest = span_of(stem.ptr + i + 1, stem.len - i - 1);
	while (start < i - 1 && stem.ptr[start] == '0')
		start++;
	n.digits = span_of(stem.ptr + start, i - start);
	return n;
}

static int
by_bytes(struct span a, struct span b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
by_number(struct numbered a, struct numbered b)
{
	if (a.has != b.has)
		return a.has ? -1 : 1;
	if (a.has && a.digits.len != b.digits.len)
		return a.digits.len < b.digits.len ? -1 : 1;
	int order = a.has ? by_bytes(a.digits, b.digits) : 0;
	return order != 0 ? order : by_bytes(a.rest, b.rest);
}

static int
by_hex(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		struct span x = span_of(a, strcspn(a, "/")), y = span_of(b, strcspn(b, "/"));
		bool a_last = a[x.len] == '\0', b_last = b[y.len] == '\0';
		int order = by_number(number_of(x, a_last), number_of(y, b_last));
		if (order == 0)
			order = by_bytes(x, y);
		if (order != 0)
			return order;
		a += x.len + !a_last;
		b += y.len + !b_last;
	}
	return (*a != '\0') - (*b != '\0');
}

/* ---- sorting ---- */

static int
by_place(const struct build_file *a, const struct build_file *b,
	 int (*compare)(const char *, const char *))
{
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return compare(a->path, b->path);
}

static int
files_by_path(const void *a, const void *b)
{
	return by_place(a, b, by_path);
}

static int
files_by_hex(const void *a, const void *b)
{
	return by_place(a, b, by_hex);
}

/* Equal paths beside each other, the lowest order first. */
static int
files_found_twice(const void *a, const void *b)
{
	const struct build_file *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static void
drop_twice(struct build *b)
{
	size_t kept = 0;

	qsort(b->files, b->count, sizeof(*b->files), files_found_twice);
	for (size_t i = 0; i < b->count; i++) {
		if (kept == 0 || strcmp(b->files[kept - 1].path, b->files[i].path) != 0)
			b->files[kept++] = b->files[i];
	}
	b->count = kept;
}

/* Without one number anywhere the mode is of no meaning, and names decide whole. */
static bool
has_number(const struct build_file *file, size_t from)
{
	for (const char *p = file->path + from; *p != '\0';) {
		size_t len = strcspn(p, "/");
		if (number_of(span_of(p, len), p[len] == '\0').has)
			return true;
		p += len + (p[len] == '/');
	}
	return false;
}

/* ---- seeds ---- */

static bool
ends_word(struct span name, size_t at)
{
	return at == name.len || (at < name.len && (name.ptr[at] == '_' || name.ptr[at] == '-'));
}

/* "seed" or "seeds" as a whole word: 30_seed_backend, but neither seedling nor proceeds. */
static bool
says_seed(struct span name)
{
	for (size_t i = 0; i + 4 <= name.len; i++) {
		if (strncasecmp(name.ptr + i, "seed", 4) != 0)
			continue;
		size_t end = i + 4;
		bool begins = i == 0 || name.ptr[i - 1] == '_' || name.ptr[i - 1] == '-';
		bool many = end < name.len && (name.ptr[end] == 's' || name.ptr[end] == 'S');
		if (begins && ends_word(name, many ? end + 1 : end))
			return true;
	}
	return false;
}

/* Only below the folder above the common parent: what lies further up is not the project's. */
static bool
is_seed(const char *path, size_t parent)
{
	size_t from = path_parent(span_of(path, parent)).len;

	for (const char *p = path + from; *p != '\0';) {
		size_t len = strcspn(p, "/");
		if (says_seed(span_of(p, len)))
			return true;
		p += len + (p[len] == '/');
	}
	return false;
}

/* The common parent of the folders that count. */
static struct span
base_of(const struct build_rules *rules, bool without_seeds, size_t all)
{
	struct span base = span_of(NULL, 0);

	for (size_t i = 0; i < rules->dir_count; i++) {
		if (without_seeds && is_seed(rules->dirs[i].path, all))
			continue;
		base = base.ptr == NULL ? span_str(rules->dirs[i].path)
					: path_common(base, span_str(rules->dirs[i].path));
	}
	return base;
}

static void
drop_seeds(struct build *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (!b->files[i].seed)
			b->files[kept++] = b->files[i];
	}
	b->count = kept;
}

void
build_arrange(struct arena *arena, const struct build_rules *rules, struct build *b)
{
	struct span base = base_of(rules, false, 0);
	bool numbers = false;

	drop_twice(b);
	for (size_t i = 0; i < b->count; i++)
		b->files[i].seed = is_seed(b->files[i].path, base.len);
	if (rules->schema_only) {
		struct span schema = base_of(rules, true, base.len);
		drop_seeds(b);
		base = schema.ptr != NULL ? schema : base;
	}
	for (size_t i = 0; i < b->count; i++) {
		b->files[i].name = arena_str(arena, path_below(base, b->files[i].path));
		numbers = numbers || has_number(&b->files[i], base.len);
	}
	qsort(b->files, b->count, sizeof(*b->files),
	      rules->hex && numbers ? files_by_hex : files_by_path);
}
