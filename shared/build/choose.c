/*
 * Which files belong to a build: patterns of the folders' entries in the settings, by the rules of
 * Python's pathlib as far as they make sense ("**" in an exclude pattern is one folder there).
 */
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "shared/build/build.h"

#include "shared/base/banned.h"

enum { COMPONENT = 256, PATH_DEPTH = 128 };

struct parts {
	struct span items[PATH_DEPTH];
	size_t count;
};

/* False when it has too many folders to be one of ours. */
static bool
cut_path(const char *path, struct parts *out)
{
	out->count = 0;
	while (*path != '\0') {
		size_t len = strcspn(path, "/");
		bool counts = len > 0 && !(len == 1 && *path == '.');
		if (counts && out->count == PATH_DEPTH)
			return false;
		if (counts)
			out->items[out->count++] = span_of(path, len);
		path += len + (path[len] == '/');
	}
	return true;
}

static bool
component_matches(struct span pattern, struct span name)
{
	char p[COMPONENT], n[COMPONENT];

	if (pattern.len >= COMPONENT || name.len >= COMPONENT)
		return false;
	memcpy(p, pattern.ptr, pattern.len);
	memcpy(n, name.ptr, name.len);
	p[pattern.len] = n[name.len] = '\0';
	return fnmatch(p, n, FNM_NOESCAPE) == 0;
}

/* Whether the pattern from `p` on matches the path from `n` on; "**" is tried with the fewest
 * folders first, and only the last one need ever be tried again. */
static bool
parts_match(const struct parts *pattern, const struct parts *path)
{
	size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;

	while (n < path->count || p < pattern->count) {
		if (p < pattern->count && span_is(pattern->items[p], "**")) {
			star = p++;
			resume = n;
		} else if (p < pattern->count && n < path->count &&
			   component_matches(pattern->items[p], path->items[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX && resume < path->count) {
			p = star + 1;
			n = ++resume;
		} else {
			return false;
		}
	}
	return true;
}

bool
build_glob(const char *pattern, const char *path)
{
	struct parts a, b;

	return cut_path(pattern, &a) && cut_path(path, &b) && parts_match(&a, &b);
}

/* The same, with whatever folders before what matches. */
static bool
ends_so(const char *pattern, const char *path)
{
	struct parts a, b;

	if (!cut_path(pattern, &a) || !cut_path(path, &b) || a.count == PATH_DEPTH)
		return false;
	memmove(a.items + 1, a.items, a.count * sizeof(*a.items));
	a.items[0] = span_str("**");
	a.count++;
	return parts_match(&a, &b);
}

static bool
is_below(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	return strncmp(folder, path, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || len == 1);
}

/* dir->path + "/" + below lies in a folder that is left out. */
static bool
is_excluded(const struct build_rules *rules, const struct build_dir *dir, const char *below)
{
	char path[8192];

	if (snprintf(path, sizeof(path), "%s/%s", strcmp(dir->path, "/") == 0 ? "" : dir->path,
		     below) >= (int)sizeof(path))
		return true;
	for (size_t i = 0; i < rules->excluded_count; i++) {
		if (is_below(rules->excluded[i], path))
			return true;
	}
	return false;
}

bool
build_takes(const struct build_rules *rules, const struct build_dir *dir, const char *below)
{
	bool found = false;

	for (size_t i = 0; !found && i < dir->include_count; i++)
		found = dir->recursive ? ends_so(dir->include[i], below)
				       : build_glob(dir->include[i], below);
	for (size_t i = 0; found && i < dir->exclude_count; i++)
		found = !ends_so(dir->exclude[i], below);
	return found && !is_excluded(rules, dir, below);
}

bool
build_enters(const struct build_rules *rules, const struct build_dir *dir, const char *below)
{
	bool deep = dir->recursive || *below == '\0';

	for (size_t i = 0; !deep && i < dir->include_count; i++)
		deep = strchr(dir->include[i], '/') != NULL;
	return deep && !is_excluded(rules, dir, below);
}
