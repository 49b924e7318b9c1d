/*
 * The schema tree as it lies on the disk. Folders are followed by their real paths, so that two
 * ways to the same file are one; links to folders inside the tree are not followed, links to files
 * are. What build itself writes is never read.
 */
#include "cli/build_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/banned.h"

#define GENERATED "db/generated"

/* One folder of the settings while it is walked. */
struct walk {
	struct build_tree *t;
	const struct build_rules *rules;
	const struct build_dir *dir;
	const char *shown; /* the folder as people know it */
	struct error *err;
};

/* ---- paths ---- */

static const char *
in_project(const struct build_tree *t, const char *path)
{
	if (path[0] == '/' || strcmp(t->project, ".") == 0)
		return path;
	return arena_printf(t->arena, "%s/%s", t->project, path);
}

/* NULL with errno when it is not there. */
static const char *
real_path(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL)
		return NULL;
	const char *copy = arena_str(arena, real);
	free(real);
	return copy;
}

static const char *
join(struct arena *arena, const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (len == 0)
		return arena_str(arena, name);
	return arena_printf(arena, "%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name);
}

static void
warn(struct build_tree *t, const char *words)
{
	t->warnings = arena_grow(t->arena, t->warnings, t->warning_count, &t->warning_cap,
				 sizeof(*t->warnings));
	t->warnings[t->warning_count++] = words;
}

/* ---- reading ---- */

static bool
unreadable(const struct walk *w, const char *shown, int why)
{
	error_errno(w->err, E_SCHEMA_201, why, "%s cannot be read", shown);
	error_hint(w->err, "ls -ld %s", shown);
	return false;
}

static bool
too_much(const struct walk *w, const char *what)
{
	return error_set(w->err, E_SCHEMA_206, "the schema tree has more than %s", what);
}

/* The whole file; what is added to it meanwhile is left. */
static bool
read_bytes(struct walk *w, int fd, size_t size, const char *shown, struct span *out)
{
	char *bytes = arena_alloc(w->t->arena, size + 1);
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, bytes + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unreadable(w, shown, errno);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*out = span_of(bytes, got);
	return true;
}

static bool
take_file(struct walk *w, int folder, const char *name, const char *below)
{
	struct build_tree *t = w->t;
	struct build_file file = {
		.path = join(t->arena, w->dir->path, below),
		.shown = join(t->arena, w->shown, below),
		.order = w->dir->order,
	};
	struct stat st;

	if (t->output != NULL && strcmp(t->output, file.path) == 0)
		return true;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return unreadable(w, file.shown, why);
	}
	bool ok = true;
	if (S_ISREG(st.st_mode)) {
		t->bytes += (size_t)st.st_size;
		if (t->count == BUILD_FILES_MOST)
			ok = too_much(w, "100000 files");
		else if (t->bytes > BUILD_BYTES_MOST)
			ok = too_much(w, "192 MiB");
		else
			ok = read_bytes(w, fd, (size_t)st.st_size, file.shown, &file.bytes);
	}
	close(fd);
	if (!ok || !S_ISREG(st.st_mode))
		return ok;
	if (build_is_printed(file.bytes)) {
		warn(t,
		     arena_printf(t->arena, "%s is left out: it was made by a build", file.shown));
		return true;
	}
	t->files = arena_grow(t->arena, t->files, t->count, &t->cap, sizeof(*t->files));
	t->files[t->count++] = file;
	return true;
}

/* ---- walking ---- */

static bool walk_folder(struct walk *w, int parent, const char *name, const char *below,
			size_t depth);

static unsigned char
kind_of(int folder, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
}

static bool
walk_entry(struct walk *w, int folder, const struct dirent *e, const char *below, size_t depth)
{
	const char *name = e->d_name;
	bool ok = true;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	const char *path = join(w->t->arena, below, name);
	if (kind_of(folder, e) != DT_DIR)
		return !build_takes(w->rules, w->dir, path) || take_file(w, folder, name, path);
	if (build_enters(w->rules, w->dir, path))
		ok = walk_folder(w, folder, name, path, depth + 1);
	return ok;
}

static bool
walk_folder(struct walk *w, int parent, const char *name, const char *below, size_t depth)
{
	const char *shown = *below == '\0' ? w->shown : join(w->t->arena, w->shown, below);
	struct dirent *e;
	bool ok = true;

	if (depth > BUILD_FOLDERS_DEEP)
		return too_much(w, "64 folders within each other");
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL)
		return unreadable(w, shown, errno);
	while (ok && (errno = 0, e = readdir(d)) != NULL)
		ok = walk_entry(w, dirfd(d), e, below, depth);
	if (ok && errno != 0)
		ok = unreadable(w, shown, errno);
	closedir(d);
	return ok;
}

/* ---- the settings' folders ---- */

static bool
no_folder(const struct config_build *settings, const struct config_dir *dir, int why,
	  struct error *err)
{
	error_errno(err, E_CONFIG_005, why, "include_dirs: %s is no folder", dir->path);
	error_at(err, settings->file, dir->line, dir->column);
	error_hint(err, "mkdir -p %s\nor mend include_dirs in %s", dir->path, settings->file);
	return false;
}

/* Which of the folders are there; their real paths. */
static bool
find_dirs(struct build_tree *t, const struct config_build *settings, struct build_dir *dirs,
	  const char **shown, size_t *count, struct error *err)
{
	*count = 0;
	for (size_t i = 0; i < settings->dir_count; i++) {
		const struct config_dir *d = &settings->dirs[i];
		const char *path = in_project(t, d->path);
		const char *real = real_path(t->arena, path);
		struct stat st;
		if (real == NULL && errno == ENOENT && d->may_lack) {
			warn(t,
			     arena_printf(t->arena, "%s is not there; it is in include_dirs of %s",
					  path, settings->file));
			continue;
		}
		if (real == NULL)
			return no_folder(settings, d, errno, err);
		if (stat(real, &st) != 0 || !S_ISDIR(st.st_mode))
			return no_folder(settings, d, ENOTDIR, err);
		shown[*count] = path;
		dirs[(*count)++] = (struct build_dir){.path = real,
						      .recursive = d->recursive,
						      .include = d->include,
						      .include_count = d->include_count,
						      .exclude = d->exclude,
						      .exclude_count = d->exclude_count,
						      .order = d->order};
	}
	return true;
}

static bool
is_at_or_below(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	return strncmp(folder, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* The folders that are left out: those of the settings, and the one that builds go to. */
static void
find_excluded(struct build_tree *t, const struct config_build *settings, struct build_rules *rules)
{
	const char **out = arena_array(t->arena, settings->excluded_count + 1, sizeof(*out));
	size_t count = 0;
	const char *generated = real_path(t->arena, in_project(t, GENERATED));

	for (size_t i = 0; i < settings->excluded_count; i++) {
		const char *real = real_path(t->arena, in_project(t, settings->excluded[i]));
		if (real != NULL)
			out[count++] = real;
	}
	for (size_t i = 0; generated != NULL && i < rules->dir_count; i++) {
		if (is_at_or_below(generated, rules->dirs[i].path))
			generated = NULL;
	}
	if (generated != NULL)
		out[count++] = generated;
	rules->excluded = out;
	rules->excluded_count = count;
}

bool
build_tree_read(struct build_tree *t, const struct config_build *settings,
		struct build_rules *rules, struct error *err)
{
	struct build_dir *dirs = arena_array(t->arena, settings->dir_count + 1, sizeof(*dirs));
	const char **shown = arena_array(t->arena, settings->dir_count + 1, sizeof(*shown));

	if (!find_dirs(t, settings, dirs, shown, &rules->dir_count, err))
		return false;
	rules->dirs = dirs;
	find_excluded(t, settings, rules);
	for (size_t i = 0; i < rules->dir_count; i++) {
		struct walk w = {t, rules, &dirs[i], shown[i], err};
		if (build_enters(rules, &dirs[i], "") &&
		    !walk_folder(&w, AT_FDCWD, dirs[i].path, "", 0))
			return false;
	}
	return true;
}
