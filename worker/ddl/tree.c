/* Walks a folder of schema files. First the names, then the bytes, so that the order of reading is
 * the order of the result. */
#include "worker/ddl/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/sql/utf8.h"
#include "shared/sql/window.h"
#include "worker/ddl/items.h"

#include "shared/base/banned.h"

struct seen_folder {
	dev_t device;
	ino_t inode;
};

struct walk {
	struct arena *arena;
	const char *root;
	const char **names; /* below the root */
	size_t count, cap;
	struct seen_folder *seen;
	size_t seen_count, seen_cap;
};

static bool
too_large(const char *path, const char *what, struct error *err)
{
	return error_set(err, E_SCHEMA_206, "%s: %s", path, what);
}

/* ---- names ---- */

static bool
is_utf8(const char *name)
{
	size_t good;

	return utf8_check(name, strlen(name), &good) == UTF8_GOOD;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len > tail && strcmp(name + len - tail, end) == 0;
}

/* True the first time. */
static bool
is_new(struct walk *w, const struct stat *st)
{
	for (size_t i = 0; i < w->seen_count; i++) {
		if (w->seen[i].device == st->st_dev && w->seen[i].inode == st->st_ino)
			return false;
	}
	w->seen = arena_grow(w->arena, w->seen, w->seen_count, &w->seen_cap, sizeof(*w->seen));
	w->seen[w->seen_count++] = (struct seen_folder){st->st_dev, st->st_ino};
	return true;
}

static bool read_folder(struct walk *w, const char *below, int depth, struct error *err);

static bool
take_file(struct walk *w, const char *name, struct error *err)
{
	if (w->count == DDL_TREE_FILES)
		return too_large(w->root, "there are more than 100000 files", err);
	w->names = arena_grow(w->arena, w->names, w->count, &w->cap, sizeof(*w->names));
	w->names[w->count++] = name;
	return true;
}

/* `below` is the folder's path below the root: "" or "a/b/". */
static bool
take_entry(struct walk *w, const char *below, const char *name, int depth, struct error *err)
{
	const char *path = arena_printf(w->arena, "%s%s", below, name);
	const char *full = arena_printf(w->arena, "%s/%s", w->root, path);
	bool sql = ends_with(name, ".sql");
	struct stat st;

	if (name[0] == '.')
		return true;
	if (stat(full, &st) != 0) {
		/* a link to nowhere, of a name that nobody asked for, is nobody's trouble */
		return !sql || error_errno(err, E_SCHEMA_201, errno, "cannot read %s", full);
	}
	if (!S_ISDIR(st.st_mode) && !sql)
		return true;
	if (!is_utf8(name))
		return error_set(err, E_SCHEMA_200, "a name in %s/%s is not UTF-8", w->root, below);
	if (!S_ISDIR(st.st_mode))
		return take_file(w, path, err);
	if (!is_new(w, &st))
		return true;
	if (w->seen_count > DDL_TREE_FOLDERS)
		return too_large(w->root, "there are more than 10000 folders", err);
	return read_folder(w, arena_printf(w->arena, "%s/", path), depth + 1, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
read_folder(struct walk *w, const char *below, int depth, struct error *err)
{
	const char *full = arena_printf(w->arena, "%s/%s", w->root, below), **names = NULL;
	size_t count = 0, cap = 0;
	struct dirent *entry;
	bool ok = true;

	if (depth > DDL_TREE_DEPTH)
		return too_large(full, "folders lie more than 64 deep", err);
	DIR *dir = opendir(full);
	if (dir == NULL)
		return error_errno(err, E_SCHEMA_201, errno, "cannot read %s", full);
	while ((entry = readdir(dir)) != NULL) {
		names = arena_grow(w->arena, names, count, &cap, sizeof(*names));
		names[count++] = arena_str(w->arena, entry->d_name);
	}
	closedir(dir);
	/* which of two ways to a folder counts must not depend on the disk */
	if (count > 0)
		qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; ok && i < count; i++)
		ok = take_entry(w, below, names[i], depth, err);
	return ok;
}

/* ---- bytes ---- */

static bool
read_all(int fd, const char *path, size_t size, struct arena *arena, struct span *out,
	 struct error *err)
{
	char *bytes = arena_alloc(arena, size + 1);
	size_t have = 0;
	ssize_t n = 1;

	while (have < size && n != 0) {
		n = read(fd, bytes + have, size - have);
		if (n < 0 && errno != EINTR)
			return error_errno(err, E_SCHEMA_201, errno, "cannot read %s", path);
		have += n > 0 ? (size_t)n : 0;
	}
	*out = span_of(bytes, have);
	return true;
}

static bool
check_utf8(const char *path, struct span text, struct error *err)
{
	struct sql_place place = {1, 1};
	size_t good;
	enum utf8_verdict verdict = utf8_check(text.ptr, text.len, &good);

	if (verdict == UTF8_GOOD)
		return true;
	sql_place_over(&place, text.ptr, good);
	if (verdict == UTF8_NUL)
		error_set(err, E_SCHEMA_200, "%s: a NUL byte is no text", path);
	else
		error_set(err, E_SCHEMA_200, "%s: byte 0x%02x is not UTF-8", path,
			  (unsigned char)text.ptr[good]);
	error_hint(err, "iconv -f LATIN1 -t UTF-8 FILE > FILE.utf8");
	error_at(err, path, place.line, place.column);
	return false;
}

static bool
read_open(int fd, const char *path, size_t room, struct arena *arena, struct span *out,
	  struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_errno(err, E_SCHEMA_201, errno, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, E_SCHEMA_201, "%s is no regular file", path);
	if (st.st_size > DDL_TREE_FILE_BYTES)
		return too_large(path, "the file has more than 64 MiB", err);
	if ((size_t)st.st_size > room)
		return too_large(path, "with it the files have more than 256 MiB", err);
	return read_all(fd, path, (size_t)st.st_size, arena, out, err) &&
	       check_utf8(path, *out, err);
}

static bool
read_file(const char *path, size_t room, struct arena *arena, struct span *out, struct error *err)
{
	/* a pipe of that name must not hold us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_errno(err, E_SCHEMA_201, errno, "cannot read %s", path);
	bool ok = read_open(fd, path, room, arena, out, err);
	close(fd);
	return ok;
}

static void
add_to_hash(struct sha256 *hash, const char *name, struct span text)
{
	char sum[SHA256_HEX];

	sha256_of(text, sum);
	sha256_add(hash, name, strlen(name) + 1);
	sha256_add(hash, sum, strlen(sum));
	sha256_add(hash, "\n", 1);
}

/* ---- all of it ---- */

static bool
read_files(struct walk *w, bool folder, struct ddl_tree *out, struct error *err)
{
	struct sha256 hash;

	sha256_init(&hash);
	out->files = arena_array(w->arena, w->count, sizeof(*out->files));
	for (size_t i = 0; i < w->count; i++) {
		struct ddl_file *f = &out->files[i];
		f->path = folder ? arena_printf(w->arena, "%s/%s", w->root, w->names[i]) : w->root;
		if (!read_file(f->path, DDL_TREE_BYTES - out->bytes, w->arena, &f->text, err))
			return false;
		out->bytes += f->text.len;
		add_to_hash(&hash, w->names[i], f->text);
	}
	out->count = w->count;
	sha256_hex(&hash, out->sha256);
	return true;
}

/* Without the slashes at its end. */
static const char *
trimmed(struct arena *arena, const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return arena_span(arena, span_of(path, len));
}

bool
ddl_tree_read(const char *path, struct arena *arena, struct ddl_tree *out, struct error *err)
{
	struct walk w = {.arena = arena, .root = trimmed(arena, path)};
	struct stat st;

	*out = (struct ddl_tree){0};
	if (stat(w.root, &st) != 0)
		return error_errno(err, E_SCHEMA_201, errno, "cannot read %s", w.root);
	bool folder = S_ISDIR(st.st_mode);
	if (folder) {
		(void)is_new(&w, &st);
		if (!read_folder(&w, "", 0, err))
			return false;
		/* a folder's files need not lie together: "a b.sql", "a/c.sql" */
		if (w.count > 0)
			qsort(w.names, w.count, sizeof(*w.names), by_name);
	} else {
		const char *slash = strrchr(w.root, '/');
		if (!take_file(&w, slash != NULL ? slash + 1 : w.root, err))
			return false;
	}
	return read_files(&w, folder, out, err);
}

/* ---- whether anything stands in them ---- */

/* What cannot be split is something. */
static bool
file_is_bare(const struct ddl_file *file)
{
	struct span left = file->text;
	struct sql_splitter *s = sql_splitter_new(file->path, ddl_text_source(&left));
	struct sql_piece piece;
	struct error err = {0};
	bool end = false;
	bool bare = sql_splitter_next(s, &piece, &end, &err) && end;

	sql_splitter_free(s);
	return bare;
}

bool
ddl_tree_is_bare(const struct ddl_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (!file_is_bare(&tree->files[i]))
			return false;
	return true;
}
