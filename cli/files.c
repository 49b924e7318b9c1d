/* Making small files and folders with words for every way it can go wrong. */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/banned.h"

bool
folder_make(struct arena *arena, const char *path, struct error *err)
{
	char *copy = arena_str(arena, path);
	for (char *p = copy + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char kept = *p;
		*p = '\0';
		struct stat st;
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			return error_errno(err, E_INTERNAL_ERROR, errno,
					   "%s: the folder cannot be made", copy);
		if (stat(copy, &st) != 0 || !S_ISDIR(st.st_mode))
			return error_errno(err, E_INTERNAL_ERROR, ENOTDIR,
					   "%s: the folder cannot be made", copy);
		*p = kept;
		if (kept == '\0')
			return true;
	}
}

static bool
write_all(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = span_of(bytes.ptr + n, bytes.len - (size_t)n);
	}
	return true;
}

static bool
write_file(const char *path, int flags, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
	if (fd < 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "%s: the file cannot be made",
				   path);
	bool ok = write_all(fd, span_str(text));
	int why = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		why = errno;
	}
	if (ok)
		return true;
	unlink(path);
	return error_errno(err, E_INTERNAL_ERROR, why, "%s: the file cannot be written", path);
}

bool
file_create(const char *path, const char *text, bool *exists, struct error *err)
{
	errno = 0;
	bool ok = write_file(path, O_EXCL, text, err);
	*exists = !ok && errno == EEXIST;
	return ok;
}

bool
file_replace(const char *path, const char *text, struct error *err)
{
	return write_file(path, O_TRUNC, text, err);
}

static bool
not_written(const char *path, int why, struct error *err)
{
	return error_errno(err, E_INTERNAL_ERROR, why, "%s: the file cannot be written", path);
}

static bool
write_special(const char *path, struct span bytes, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return not_written(path, errno, err);
	bool ok = write_all(fd, bytes);
	int why = errno;
	close(fd);
	return ok || not_written(path, why, err);
}

/* mkstemp() lets only its owner read. */
static mode_t
usual_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool
write_beside(const struct prepared_file *f, char *made, mode_t mode, struct error *err)
{
	int fd = mkostemp(made, O_CLOEXEC);
	if (fd < 0)
		return not_written(f->path, errno, err);
	bool ok = write_all(fd, f->bytes) && fchmod(fd, mode) == 0;
	int why = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		why = errno;
	}
	if (ok)
		return true;
	unlink(made);
	return not_written(f->path, why, err);
}

bool
file_prepare(struct arena *arena, const char *path, struct span bytes, struct prepared_file *out,
	     struct error *err)
{
	struct stat st;
	bool there = stat(path, &st) == 0;
	*out = (struct prepared_file){.path = path, .bytes = bytes};
	if (there && S_ISDIR(st.st_mode))
		return not_written(path, EISDIR, err);
	if (there && !S_ISREG(st.st_mode))
		return true;
	char *real = there ? realpath(path, NULL) : NULL; /* a link stays one */
	out->to = real != NULL ? arena_str(arena, real) : path;
	free(real);
	char *made = arena_printf(arena, "%s.XXXXXX", out->to);
	if (!write_beside(out, made, there ? st.st_mode & 07777 : usual_mode(), err))
		return false;
	out->made = made;
	return true;
}

bool
file_keep(const struct prepared_file *file, struct error *err)
{
	if (file->made == NULL)
		return write_special(file->path, file->bytes, err);
	if (rename(file->made, file->to) == 0)
		return true;
	int why = errno;
	unlink(file->made);
	return not_written(file->path, why, err);
}

void
file_drop(const struct prepared_file *file)
{
	if (file->made != NULL)
		unlink(file->made);
}

bool
file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}
