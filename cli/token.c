/*
 * Where a token comes from. It is as good as a password: a file that others can read is refused and
 * not only warned of, since by then it may have been read.
 */
#include "cli/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { TOKEN_LIMIT = 1024 };

static const char *
given(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
is_private(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_errno(err, E_AUTH_001, errno, "cannot look at the token file %s",
				   path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, E_AUTH_001, "the token file %s is no file", path);
	if ((st.st_mode & 077) == 0)
		return true;
	error_set(err, E_AUTH_001, "others can read the token file %s", path);
	error_hint(err, "chmod 600 %s\nand, if somebody may have read it, replace the token", path);
	return false;
}

/* The first word of the file. */
static bool
read_word(struct arena *arena, int fd, const char *path, struct secret *out, struct error *err)
{
	char buf[TOKEN_LIMIT + 1];
	ssize_t got = read(fd, buf, TOKEN_LIMIT);

	if (got < 0)
		return error_errno(err, E_AUTH_001, errno, "cannot read the token file %s", path);
	buf[got] = '\0';
	const char *start = buf + strspn(buf, " \t\r\n");
	size_t len = strcspn(start, " \t\r\n");
	bool found = len > 0 && got < TOKEN_LIMIT;
	if (found)
		*out = secret_of(arena_span(arena, span_of(start, len)));
	explicit_bzero(buf, sizeof(buf));
	return found || error_set(err, E_AUTH_001, "the token file %s holds no token", path);
}

static bool
read_file(struct arena *arena, const char *path, bool named, struct secret *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && !named && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (fd < 0)
		return error_errno(err, E_AUTH_001, errno, "cannot open the token file %s", path);
	bool ok = is_private(fd, path, err) && read_word(arena, fd, path, out, err);
	close(fd);
	return ok;
}

bool
token_find(struct arena *arena, struct secret *out, struct error *err)
{
	const char *file = given("CONFITURE_TOKEN_FILE");
	const char *settings = given("XDG_CONFIG_HOME");
	const char *home = given("HOME");

	*out = secret_of(NULL);
	if (given("CONFITURE_TOKEN") != NULL) {
		*out = secret_of(arena_str(arena, given("CONFITURE_TOKEN")));
		return true;
	}
	if (file != NULL)
		return read_file(arena, file, true, out, err);
	if (settings != NULL)
		file = arena_printf(arena, "%s/confiture/token", settings);
	else if (home != NULL)
		file = arena_printf(arena, "%s/.config/confiture/token", home);
	return file == NULL || read_file(arena, file, false, out, err);
}
