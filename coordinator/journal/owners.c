/*
 * A process id can be reused and a heartbeat can be late; a lock of the kernel is neither. So an
 * owner is alive exactly as long as its lock file is locked, and a file that is gone or free is a
 * dead owner's.
 */
#include "coordinator/journal/owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { OPEN_TRIES = 8 };

struct owner {
	char id[ID_TEXT];
	int fd;
	char path[PATH_MAX];
};

static bool
owners_folder(const char *journal_path, char out[PATH_MAX])
{
	const char *slash = strrchr(journal_path, '/');
	int dir = slash == NULL ? 0 : (int)(slash - journal_path + 1);

	return snprintf(out, PATH_MAX, "%.*sowners", dir, journal_path) < PATH_MAX;
}

static bool
owner_path(const char *journal_path, const char *id, char out[PATH_MAX])
{
	char folder[PATH_MAX];

	return strchr(id, '/') == NULL && owners_folder(journal_path, folder) &&
	       snprintf(out, PATH_MAX, "%s/%s", folder, id) < PATH_MAX;
}

/* Whether the locked file is still the one at its path: a sweeper may have taken it for a dead
 * owner's between its creation and its lock. */
static bool
still_there(const struct owner *o)
{
	struct stat held, named;

	return fstat(o->fd, &held) == 0 && stat(o->path, &named) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static bool
try_open(struct owner *o, struct error *err)
{
	o->fd = open(o->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (o->fd < 0 || flock(o->fd, LOCK_EX) != 0)
		return error_errno(err, E_JRNL_001, errno, "%s cannot be locked", o->path);
	return true;
}

bool
owner_open(struct runtime *rt, const char *journal_path, struct owner **out, struct error *err)
{
	struct owner *o = calloc(1, sizeof(*o));
	char folder[PATH_MAX];

	if (o == NULL)
		abort();
	o->fd = -1;
	runtime_id(rt, o->id);
	bool ok = owners_folder(journal_path, folder) && owner_path(journal_path, o->id, o->path);
	if (!ok)
		error_set(err, E_JRNL_001, "the path of the journal %s is too long", journal_path);
	if (ok && mkdir(folder, 0700) != 0 && errno != EEXIST)
		ok = error_errno(err, E_JRNL_001, errno, "%s cannot be created", folder);
	for (int i = 0; ok && i < OPEN_TRIES; i++) {
		ok = try_open(o, err);
		if (ok && still_there(o)) {
			*out = o;
			return true;
		}
		if (o->fd >= 0)
			close(o->fd);
		o->fd = -1;
	}
	if (ok)
		error_set(err, E_JRNL_001, "%s vanishes as soon as it is created", o->path);
	if (o->fd >= 0)
		close(o->fd);
	free(o);
	return false;
}

const char *
owner_id(const struct owner *o)
{
	return o->id;
}

void
owner_close(struct owner *o)
{
	if (o == NULL)
		return;
	unlink(o->path);
	close(o->fd);
	free(o);
}

static bool
path_alive(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno != ENOENT;
	bool alive = flock(fd, LOCK_EX | LOCK_NB) != 0;
	if (!alive)
		unlink(path);
	close(fd);
	return alive;
}

bool
owner_alive(const char *journal_path, const char *id)
{
	char path[PATH_MAX];

	return !owner_path(journal_path, id, path) || path_alive(path);
}

void
owners_sweep(const char *journal_path)
{
	char path[PATH_MAX];
	DIR *dir = owners_folder(journal_path, path) ? opendir(path) : NULL;

	if (dir == NULL)
		return;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (e->d_name[0] != '.' && owner_path(journal_path, e->d_name, path))
			(void)path_alive(path);
	}
	closedir(dir);
}
