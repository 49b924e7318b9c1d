/*
 * Secrets that stand in a file of their own: the settings file can then be shown and kept with the
 * others, and systemd can hand secrets over (LoadCredential=) without anybody else seeing them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { SECRET_BYTES = 4096 };

static const char *
beside(struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (*path == '/' || slash == NULL)
		return path;
	return arena_printf(arena, "%.*s%s", (int)(slash - file + 1), file, path);
}

static const char *
place_of(const struct settings_check *c, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (folder != NULL && *folder == '/' && strchr(name, '/') == NULL && name[0] != '.') {
		const char *path = arena_printf(c->arena, "%s/%s", folder, name);
		if (access(path, F_OK) == 0)
			return path;
	}
	return beside(c->arena, c->file, name);
}

/* First line of an open file. NULL and errno, or NULL and 0 when there is no usable line. */
static const char *
first_line(struct arena *arena, int fd)
{
	char buf[SECRET_BYTES];
	size_t len = 0;
	ssize_t got;

	do {
		got = read(fd, buf + len, sizeof(buf) - len);
		len += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && len < sizeof(buf)) || (got < 0 && errno == EINTR));
	if (got < 0)
		return NULL;
	errno = 0;
	struct span line = span_of(buf, len);
	const char *end = memchr(buf, '\n', len);
	if (end != NULL)
		line.len = (size_t)(end - buf);
	else if (len == sizeof(buf))
		return NULL;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	bool usable = line.len > 0 && memchr(line.ptr, '\0', line.len) == NULL;
	return usable ? arena_span(arena, line) : NULL;
}

bool
settings_secret_file(const struct settings_check *c, const struct node *node, const char *path,
		     const char *what, const char **out)
{
	const char *file = place_of(c, node->text);
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	*out = fd < 0 ? NULL : first_line(c->arena, fd);
	int failed = errno;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
		settings_warn(c, node->line, true, "%s: %s can be read by everybody; chmod 600 it",
			      path, file);
	if (fd >= 0)
		close(fd);
	if (*out != NULL)
		return true;
	setting_wrong(c, node->line, node->column, path,
		      failed ? "cannot be read"
			     : arena_printf(c->arena, "has no %s in its first line", what));
	if (failed)
		error_cause(c->err, "%s: %s", file, strerrordesc_np(failed));
	return false;
}
