/*
 * The folder of fetched files: who may use it, how much it may hold, what goes when. Files are
 * complete from the moment that they bear their name, since they get it by a rename; whatever else
 * lies there is a left-over.
 */
#include "worker/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/spool_files.h"

#include "shared/base/banned.h"

struct spool {
	struct runtime *rt;
	struct spool_config config;
	char *path;
	int dir;  /* the folder */
	int lock; /* a file in it that we hold */
	struct bundle_source *files;
	struct mutex *mutex;
	int64_t used;	  /* bytes of complete files, about */
	int64_t reserved; /* bytes on their way */
	uint64_t parts;	  /* counts names of unfinished files */
};

/* ---- looking through the folder ---- */
struct spool_file {
	char name[SHA256_HEX];
	int64_t size;
	int64_t used_us; /* last use */
};

static bool
is_digest(const char *name)
{
	return strlen(name) == SHA256_HEX - 1 && strspn(name, "0123456789abcdef") == SHA256_HEX - 1;
}

static bool
look(struct spool *s, const char *name, struct spool_file *out)
{
	struct stat st;

	if (!is_digest(name) || fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->size = st.st_size;
	out->used_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
	return true;
}

/* Calls `each` for every complete file; with `leftovers`, removes everything else of ours. */
static void
walk(struct spool *s, bool leftovers, void (*each)(void *self, const struct spool_file *f),
     void *self)
{
	int fd = dup(s->dir);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct spool_file file;
	struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	rewinddir(dir);
	while ((e = readdir(dir)) != NULL) {
		if (look(s, e->d_name, &file))
			each(self, &file);
		else if (leftovers && strncmp(e->d_name, SPOOL_PART, strlen(SPOOL_PART)) == 0)
			(void)unlinkat(s->dir, e->d_name, 0);
	}
	closedir(dir);
}

struct survey {
	struct spool *s;
	int64_t bytes;
	int64_t older_than_us; /* those go; 0 = none */
	bool found;
	struct spool_file oldest;
};

static void
survey_one(void *self, const struct spool_file *f)
{
	struct survey *v = self;

	if (f->used_us < v->older_than_us && unlinkat(v->s->dir, f->name, 0) == 0)
		return;
	v->bytes += f->size;
	if (!v->found || f->used_us < v->oldest.used_us)
		v->oldest = *f;
	v->found = true;
}

/* Under the mutex: counts anew what is there. */
static struct survey
survey(struct spool *s, int64_t older_than_us, bool leftovers)
{
	struct survey v = {.s = s, .older_than_us = older_than_us};

	walk(s, leftovers, survey_one, &v);
	s->used = v.bytes;
	return v;
}

/* ---- room ---- */
bool
spool_reserve(struct spool *s, int64_t bytes)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	bool fits = s->used + s->reserved + bytes <= s->config.most_bytes;
	/* A file that is open goes on being read when its name is gone. */
	while (!fits) {
		struct survey v = survey(s, 0, false);
		fits = s->used + s->reserved + bytes <= s->config.most_bytes;
		if (fits || !v.found || unlinkat(s->dir, v.oldest.name, 0) != 0)
			break;
	}
	if (fits)
		s->reserved += bytes;
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
	return fits;
}

void
spool_release(struct spool *s, int64_t bytes, bool kept)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	s->reserved -= bytes;
	if (kept)
		s->used += bytes;
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
}

void
spool_clean(struct spool *s)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	(void)survey(s, s->rt->ops->wall_us(s->rt) - s->config.keep_ms * 1000, false);
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
}

/* ---- single files ---- */
int
spool_create(struct spool *s, char part[SPOOL_NAME])
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	uint64_t number = ++s->parts;
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
	snprintf(part, SPOOL_NAME, SPOOL_PART "%llu", (unsigned long long)number);
	return openat(s->dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool
spool_keep(struct spool *s, const char *part, const char *sha256)
{
	return renameat(s->dir, part, s->dir, sha256) == 0;
}

void
spool_drop(struct spool *s, const char *name)
{
	(void)unlinkat(s->dir, name, 0);
}

int
spool_find(struct spool *s, const char *sha256)
{
	int fd = openat(s->dir, sha256, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0)
		(void)futimens(fd, NULL); /* the time of its last use */
	return fd;
}

struct bundle_source *
spool_files(struct spool *s)
{
	return s->files;
}

const char *
spool_path(const struct spool *s)
{
	return s->path;
}

/* ---- life ---- */
static bool
unusable(const char *dir, const char *what, int failed, struct error *err)
{
	if (failed != 0)
		error_errno(err, E_CONFIG_005, failed, "spool_dir: %s %s", dir, what);
	else
		error_set(err, E_CONFIG_005, "spool_dir: %s %s", dir, what);
	error_hint(err, "name a folder that this worker's user alone may enter, and no other "
			"worker's");
	return false;
}

/* Whether others could read or change what is in there. */
static bool
is_private(const char *path, const struct stat *st, struct error *err)
{
	if (st->st_uid != geteuid())
		return unusable(path, "belongs to another user", 0, err);
	if ((st->st_mode & 077) != 0)
		return unusable(path, "may be entered by others; chmod 700 it", 0, err);
	return true;
}

bool
spool_check(const char *dir, struct error *err)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		return errno == ENOENT || unusable(dir, "cannot be opened", errno, err);
	if (!S_ISDIR(st.st_mode))
		return unusable(dir, "is no folder", 0, err);
	if (geteuid() == 0 && st.st_uid != 0)
		return true; /* an administrator asks for the worker's user */
	if (!is_private(dir, &st, err))
		return false;
	return access(dir, W_OK | X_OK) == 0 || unusable(dir, "cannot be written", errno, err);
}

static bool
open_folder(struct spool *s, struct error *err)
{
	struct stat st;

	if (mkdir(s->path, 0700) != 0 && errno != EEXIST)
		return unusable(s->path, "cannot be made", errno, err);
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 || fstat(s->dir, &st) != 0)
		return unusable(s->path, "cannot be opened", errno, err);
	if (!is_private(s->path, &st, err))
		return false;
	s->lock = openat(s->dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		return unusable(s->path, "cannot be written", errno, err);
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return unusable(s->path, "is used by another worker", 0, err);
	return true;
}

bool
spool_open(struct runtime *rt, const struct spool_config *config, struct spool **out,
	   struct error *err)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->path = strdup(config->dir)) == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	s->rt = rt;
	s->config = *config;
	s->config.dir = s->path;
	s->dir = s->lock = -1;
	s->mutex = rt->ops->mutex_new(rt);
	s->files = bundle_source_directory(s->path);
	if (!open_folder(s, err)) {
		spool_close(s);
		return false;
	}
	(void)survey(s, rt->ops->wall_us(rt) - config->keep_ms * 1000, true);
	*out = s;
	return true;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->lock >= 0)
		close(s->lock);
	if (s->dir >= 0)
		close(s->dir);
	bundle_source_free(s->files);
	s->rt->ops->mutex_free(s->rt, s->mutex);
	free(s->path);
	free(s);
}
