/*
 * Loading schema files takes a server and its time, and mostly gives what it gave before. An entry
 * is one file: the hash of what follows it, and the lines of the model. It gets its name by a
 * rename, so that nobody reads half of one, and is hashed before it is believed.
 */
#include "cli/structure_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared/snapshot/lines.h"

#include "shared/base/banned.h"

enum { NAME = SHA256_HEX - 1, PATH = 4096, LEFT_OVER_S = 3600, BITS = 0700 };

/* ---- names ---- */

void
structure_cache_name(const struct structure_cache_key *key, char out[SHA256_HEX])
{
	const char *const parts[] = {"1", key->files, key->server, key->own};
	struct sha256 hash;

	sha256_init(&hash);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		sha256_add(&hash, parts[i], strlen(parts[i]) + 1);
	sha256_hex(&hash, out);
}

const char *
structure_cache_own(struct arena *arena)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) != 0)
		return NULL;
	return arena_printf(arena, "%s %lld %lld.%09ld", CONFITURE_VERSION, (long long)st.st_size,
			    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* ---- the folder ---- */

static bool
is_ours(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
	       (st.st_mode & 077) == 0;
}

/* With `make`, its folders that are not there. -1: there is none that can be used. */
static int
open_folder(bool make)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	bool given = xdg != NULL && xdg[0] == '/';
	char path[PATH];

	if (!given && (home == NULL || home[0] != '/'))
		return -1;
	int n = snprintf(path, sizeof(path), "%s%s/confiture/structures", given ? xdg : home,
			 given ? "" : "/.cache");
	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	for (char *slash = strchr(path + 1, '/'); make && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)!mkdir(path, BITS);
		*slash = '/';
	}
	if (make)
		(void)!mkdir(path, BITS);
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir >= 0 && !is_ours(dir, S_IFDIR)) {
		close(dir);
		return -1;
	}
	return dir;
}

/* ---- out of it ---- */

static bool
read_all(int fd, struct text *out)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			text_put_span(out, span_of(chunk, (size_t)n));
	}
	return n == 0 && !out->truncated;
}

static bool
believe(const struct text *all, struct schema_pool *pool, struct schema_model **out)
{
	char hash[SHA256_HEX];
	struct error why = {0};

	if (all->len <= NAME || all->ptr[NAME] != '\n')
		return false;
	struct span lines = span_of(all->ptr + SHA256_HEX, all->len - SHA256_HEX);
	sha256_of(lines, hash);
	return memcmp(hash, all->ptr, NAME) == 0 && snapshot_lines_read(pool, lines, out, &why);
}

static bool
find_in(int dir, const char *name, struct schema_pool *pool, struct schema_model **out)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct text all;

	if (fd < 0)
		return false;
	text_init(&all, (size_t)2 * STRUCTURE_CACHE_BYTES);
	bool ok = is_ours(fd, S_IFREG) && read_all(fd, &all) && believe(&all, pool, out);
	text_fini(&all);
	/* It was used now; what is no good goes. */
	if (ok)
		(void)!futimens(fd, NULL);
	else
		(void)!unlinkat(dir, name, 0);
	close(fd);
	return ok;
}

bool
structure_cache_find(const char *name, struct schema_pool *pool, struct schema_model **out)
{
	int dir = open_folder(false);

	if (dir < 0)
		return false;
	bool ok = find_in(dir, name, pool, out);
	close(dir);
	return ok;
}

/* ---- not too much of it ---- */

struct entry {
	char name[SHA256_HEX];
	off_t size;
	struct timespec used;
};

static int
newest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec > y->used.tv_sec ? -1 : 1;
	return x->used.tv_nsec == y->used.tv_nsec ? 0 : x->used.tv_nsec > y->used.tv_nsec ? -1 : 1;
}

/* Entries are collected; what a killed process left half-written goes. */
static size_t
collect(DIR *folder, struct arena *arena, struct entry **out)
{
	size_t count = 0, cap = 0;
	struct dirent *d;
	struct stat st;

	*out = NULL;
	while ((d = readdir(folder)) != NULL) {
		if (fstatat(dirfd(folder), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (d->d_name[0] == '.') {
			if (time(NULL) - st.st_mtim.tv_sec > LEFT_OVER_S)
				(void)!unlinkat(dirfd(folder), d->d_name, 0);
			continue;
		}
		if (strlen(d->d_name) != NAME)
			continue;
		*out = arena_grow(arena, *out, count, &cap, sizeof(**out));
		struct entry *e = &(*out)[count++];
		*e = (struct entry){.size = st.st_size, .used = st.st_mtim};
		memcpy(e->name, d->d_name, SHA256_HEX);
	}
	return count;
}

static void
tidy(int dir)
{
	int again = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	DIR *folder = again >= 0 ? fdopendir(again) : NULL;
	struct entry *entries;
	struct arena arena;
	off_t bytes = 0;

	if (folder == NULL) {
		if (again >= 0)
			close(again);
		return;
	}
	arena_init(&arena);
	size_t count = collect(folder, &arena, &entries);
	if (count > 1)
		qsort(entries, count, sizeof(*entries), newest_first);
	for (size_t i = 0; i < count; i++) {
		bytes += entries[i].size;
		if (i >= STRUCTURE_CACHE_ENTRIES || bytes > STRUCTURE_CACHE_BYTES)
			(void)!unlinkat(dir, entries[i].name, 0);
	}
	arena_fini(&arena);
	closedir(folder);
}

/* ---- into it ---- */

static bool
write_all(int fd, struct span data)
{
	for (size_t done = 0; done < data.len;) {
		ssize_t n = write(fd, data.ptr + done, data.len - done);
		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* The hash stands in front and is known last: it is written over its place. */
static bool
write_model(int fd, const struct schema_model *m)
{
	char head[SHA256_HEX] = "";
	struct snapshot_lines lines;
	struct sha256 hash;
	struct text line;
	bool ok = write_all(fd, span_of(head, SHA256_HEX));

	sha256_init(&hash);
	text_init(&line, 0);
	snapshot_lines_open(&lines, m, "");
	while (ok && snapshot_lines_next(&lines, &line)) {
		sha256_add(&hash, line.ptr, line.len);
		ok = write_all(fd, text_span(&line));
		text_clear(&line);
	}
	snapshot_lines_close(&lines);
	text_fini(&line);
	sha256_hex(&hash, head);
	head[NAME] = '\n';
	return ok && pwrite(fd, head, SHA256_HEX, 0) == SHA256_HEX;
}

void
structure_cache_keep(const char *name, const struct schema_model *m)
{
	int dir = open_folder(true);
	char part[SHA256_HEX + 32];

	if (dir < 0)
		return;
	snprintf(part, sizeof(part), ".%s.%lld", name, (long long)getpid());
	int fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		bool ok = write_model(fd, m);
		close(fd);
		if (!ok || renameat(dir, part, dir, name) != 0)
			(void)!unlinkat(dir, part, 0);
		tidy(dir);
	}
	close(dir);
}
