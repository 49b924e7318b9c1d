/*
 * Bytes of migration files from a directory: the make of bundle_source that one machine uses. A
 * name that came in a message is never a path, so names with a folder in them are refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/migration/migration.h"

#include "shared/base/banned.h"

struct directory_source {
	struct bundle_source source; /* first: a bundle_source is cast back to this */
	char dir[];
};

struct open_file {
	int fd;
	char path[];
};

static void *
allocate(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

static bool
file_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct open_file *file = self;
	ssize_t n;

	do {
		n = read(file->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(err, E_MIGR_102, errno, "cannot read %s", file->path);
	*got = (size_t)n;
	return true;
}

static bool
open_regular(struct open_file *file, struct error *err)
{
	struct stat st;

	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd < 0)
		return error_errno(err, E_MIGR_102, errno, "cannot read %s", file->path);
	if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	close(file->fd);
	return error_set(err, E_MIGR_102, "%s is not a regular file", file->path);
}

static bool
directory_open(struct bundle_source *b, const char *name, struct sql_source *out, struct error *err)
{
	struct directory_source *d = (struct directory_source *)b;
	size_t size = strlen(d->dir) + strlen(name) + 2;
	struct open_file *file;

	if (strchr(name, '/') != NULL || name[0] == '\0' || name[0] == '.') {
		char shown[MIGRATION_SHOWN];
		migration_show_name(name, shown);
		return error_set(err, E_MIGR_102, "\"%s\" is not the name of a migration file",
				 shown);
	}
	file = allocate(sizeof(*file) + size);
	snprintf(file->path, size, "%s/%s", d->dir, name);
	if (!open_regular(file, err)) {
		error_at(err, name, 0, 0);
		free(file);
		return false;
	}
	*out = (struct sql_source){.read = file_read, .self = file};
	return true;
}

static void
directory_close(struct bundle_source *b, struct sql_source *source)
{
	struct open_file *file = source->self;

	(void)b;
	close(file->fd);
	free(file);
	source->self = NULL;
}

static const struct bundle_source_ops directory_ops = {directory_open, directory_close};

struct bundle_source *
bundle_source_directory(const char *dir)
{
	size_t size = strlen(dir) + 1;
	struct directory_source *d = allocate(sizeof(*d) + size);

	d->source.ops = &directory_ops;
	memcpy(d->dir, dir, size);
	return &d->source;
}

void
bundle_source_free(struct bundle_source *b)
{
	free(b);
}
