/* Making small files and folders with words for every way it can go wrong. */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
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
write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		ssize_t n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		left -= (size_t)n;
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
	bool ok = write_all(fd, text);
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

bool
file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}
