/*
 * What a migrations directory holds, as the bundle that a job carries: names, sizes and hashes.
 * Only the top is read and only regular files count, whether they lie there or are linked to. The
 * order is that of the bytes of the names, so that the same files give the same bundle hash on
 * every machine and file system.
 */
#include "shared/migration/migration.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/digest/digest.h"
#include "shared/sql/utf8.h"

#include "shared/base/banned.h"

enum { READ_CHUNK = 65536 };

struct scan {
	struct arena *arena;
	const char *dir;
	int fd;
	bool hash;
	struct bundle_file *files;
	size_t count, cap;
};

static bool
ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), e = strlen(ending);

	return n > e && strcmp(name + n - e, ending) == 0;
}

/* A Python file that starts with "_" is a module beside the migrations. A .sql file never is: it
 * comes into the bundle and is reported as an orphan rather than passed over in silence. A .yaml
 * file may hold preconditions of the Python confiture. */
static bool
belongs(const char *name)
{
	if (name[0] == '.')
		return false;
	return ends_with(name, ".sql") ||
	       (name[0] != '_' && (ends_with(name, ".py") || ends_with(name, ".yaml")));
}

static bool
unusable(const struct scan *s, const char *name, int errno_value, struct error *err)
{
	char shown[MIGRATION_SHOWN];

	migration_show_name(name, shown);
	error_errno(err, E_MIGR_102, errno_value, "cannot read %s/%s", s->dir, shown);
	error_at(err, shown, 0, 0);
	return false;
}

static bool
hash_file(struct scan *s, struct bundle_file *file, struct error *err)
{
	char chunk[READ_CHUNK], hex[SHA256_HEX];
	struct sha256 state;
	ssize_t got;
	int fd = openat(s->fd, file->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return unusable(s, file->name, errno, err);
	sha256_init(&state);
	file->size = 0;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		sha256_add(&state, chunk, (size_t)got);
		file->size += got;
	}
	int failed = got < 0 ? errno : 0;
	close(fd);
	if (failed)
		return unusable(s, file->name, failed, err);
	sha256_hex(&state, hex);
	file->sha256 = arena_str(s->arena, hex);
	return true;
}

/* Only the size needs a call per file: a scan for names alone takes the folder's word for what is a
 * plain file. */
static bool
take(struct scan *s, const struct dirent *entry, struct error *err)
{
	const char *name = entry->d_name;
	struct stat st = {.st_mode = S_IFREG};

	if (!belongs(name))
		return true;
	if ((s->hash || entry->d_type != DT_REG) && fstatat(s->fd, name, &st, 0) != 0)
		return unusable(s, name, errno, err);
	if (!S_ISREG(st.st_mode))
		return true;
	if (s->count == BUNDLE_FILE_LIMIT)
		return error_set(err, E_MIGR_102, "%s holds more than %d migration files", s->dir,
				 BUNDLE_FILE_LIMIT);
	s->files = arena_grow(s->arena, s->files, s->count, &s->cap, sizeof(*s->files));
	s->files[s->count++] =
		(struct bundle_file){.name = arena_str(s->arena, name), .size = st.st_size};
	return true;
}

static bool
list(struct scan *s, DIR *d, struct error *err)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(d)) != NULL) {
		if (!take(s, entry, err))
			return false;
	}
	if (errno != 0)
		return error_errno(err, E_MIGR_102, errno, "cannot list %s", s->dir);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct bundle_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static const char *
hash_bundle(struct arena *arena, const struct bundle_file *files, size_t count)
{
	struct sha256 state;
	char hex[SHA256_HEX];

	sha256_init(&state);
	for (size_t i = 0; i < count; i++) {
		const struct bundle_file *f = &files[i];
		sha256_add(&state, f->name, strlen(f->name) + 1);
		sha256_add(&state, f->sha256, strlen(f->sha256));
		sha256_add(&state, "\n", 1);
	}
	sha256_hex(&state, hex);
	return arena_str(arena, hex);
}

static bool
scan(struct scan *s, DIR *d, struct bundle_info *out, struct error *err)
{
	if (!list(s, d, err))
		return false;
	if (s->count > 0)
		qsort(s->files, s->count, sizeof(*s->files), by_name);
	for (size_t i = 0; s->hash && i < s->count; i++) {
		if (!hash_file(s, &s->files[i], err))
			return false;
	}
	*out = (struct bundle_info){.hash = s->hash ? hash_bundle(s->arena, s->files, s->count)
						    : NULL};
	out->files.items = s->files;
	out->files.count = s->count;
	return true;
}

static bool
no_directory(const char *dir, int why, struct error *err)
{
	error_errno(err, E_MIGR_102, why, "cannot open the migrations directory %s", dir);
	if (why == ENOENT)
		error_hint(err, "confiture init\nor name it: --migrations-dir DIR");
	return false;
}

bool
bundle_scan(struct arena *arena, const char *dir, bool hash, struct bundle_info *out,
	    struct error *err)
{
	DIR *d = opendir(dir);

	if (d == NULL)
		return no_directory(dir, errno, err);
	struct scan s = {.arena = arena, .dir = dir, .fd = dirfd(d), .hash = hash};
	bool ok = scan(&s, d, out, err);
	closedir(d);
	return ok;
}

size_t
bundle_drop_unspeakable(struct arena *arena, struct bundle_info *bundle, const char ***names)
{
	size_t count = bundle->files.count, kept = 0, dropped = 0, cap = 0, good;

	*names = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct bundle_file *f = &bundle->files.items[i];
		char shown[MIGRATION_SHOWN];
		if (utf8_check(f->name, strlen(f->name), &good) == UTF8_GOOD) {
			bundle->files.items[kept++] = *f;
			continue;
		}
		migration_show_name(f->name, shown);
		*names = arena_grow(arena, *names, dropped, &cap, sizeof(**names));
		(*names)[dropped++] = arena_str(arena, shown);
	}
	bundle->files.count = kept;
	if (dropped > 0 && bundle->hash != NULL)
		bundle->hash = hash_bundle(arena, bundle->files.items, kept);
	return dropped;
}
