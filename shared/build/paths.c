/* Absolute paths as lists of components: what several of them share, and what is left of one. */
#include "shared/build/paths.h"

#include <string.h>

#include "shared/base/banned.h"

struct span
path_common(struct span a, struct span b)
{
	size_t at = 0, end = 0;

	while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at]) {
		if (a.ptr[at] == '/')
			end = at;
		at++;
	}
	bool a_ends = at == a.len || a.ptr[at] == '/', b_ends = at == b.len || b.ptr[at] == '/';
	if (a_ends && b_ends)
		end = at;
	return span_of(a.ptr, end == 0 && a.len > 0 && a.ptr[0] == '/' ? 1 : end);
}

struct span
path_parent(struct span path)
{
	size_t len = path.len;

	while (len > 1 && path.ptr[len - 1] != '/')
		len--;
	return span_of(path.ptr, len > 1 ? len - 1 : len);
}

const char *
path_below(struct span folder, const char *path)
{
	size_t len = folder.len;

	if (len == 1 && path[0] == '/')
		return path + 1;
	if (strncmp(folder.ptr, path, len) != 0 || path[len] != '/')
		return path;
	return path + len + 1;
}
