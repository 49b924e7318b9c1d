/*
 * The journal is shared by every worktree and every agent that works on one clone, so it lies in
 * git's common directory, found here without running git: by walking up to .git, following a
 * worktree's "gitdir:" line and its commondir file. SQLite's write-ahead log needs real locks and
 * shared memory, so a network file system is avoided rather than hoped for.
 */
#include "cli/journal_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "shared/digest/digest.h"

#include "shared/base/banned.h"

enum { SMALL_FILE = 4096, HASH_SHOWN = 16 };

/* f_type values of statfs(2) and linux/magic.h. */
static const long remote_types[] = {
	0x6969,	    /* NFS */
	0x517B,	    /* SMB */
	0xFF534D42, /* CIFS */
	0xFE534D42, /* SMB2 */
	0x01021997, /* 9P */
	0x65735546, /* FUSE: sshfs and the like */
	0x5346414F, /* AFS */
	0x00C36400, /* Ceph */
	0x73757245, /* Coda */
	0x0BD00BD0, /* Lustre */
	0x01161970, /* GFS2 */
	0x7461636F, /* OCFS2 */
	0x47504653, /* GPFS */
};

bool
journal_place_remote(long type)
{
	for (size_t i = 0; i < ARRAY_LEN(remote_types); i++) {
		/* f_type is a signed word on some machines: compare 32 bits. */
		if ((unsigned)remote_types[i] == (unsigned)type)
			return true;
	}
	return false;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The first line of a small file, without its end; NULL when it cannot be read. */
static char *
first_line(struct arena *arena, const char *path)
{
	char buf[SMALL_FILE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	buf[strcspn(buf, "\r\n")] = '\0';
	return arena_str(arena, buf);
}

static const char *
joined(struct arena *arena, const char *base, const char *path)
{
	return path[0] == '/' ? path : arena_printf(arena, "%s/%s", base, path);
}

/* Without "..", links and doubled slashes, so that two ways to one folder look the same. */
static const char *
resolved(struct arena *arena, const char *path)
{
	char buf[PATH_MAX];

	return realpath(path, buf) ? arena_str(arena, buf) : path;
}

/* `dot_git` is a .git entry: a folder, or a worktree's or submodule's file that points to one. */
static const char *
follow_dot_git(struct arena *arena, const char *parent, const char *dot_git)
{
	const char *dir = dot_git;

	if (!is_folder(dot_git)) {
		const char *line = first_line(arena, dot_git);
		if (line == NULL || strncmp(line, "gitdir:", 7) != 0)
			return NULL;
		dir = joined(arena, parent, line + 7 + strspn(line + 7, " "));
	}
	if (!exists(arena_printf(arena, "%s/HEAD", dir)))
		return NULL;
	const char *common = first_line(arena, arena_printf(arena, "%s/commondir", dir));
	if (common != NULL)
		dir = joined(arena, dir, common);
	return is_folder(dir) ? resolved(arena, dir) : NULL;
}

const char *
git_common_dir(struct arena *arena, const char *path)
{
	char *at = arena_str(arena, resolved(arena, path));

	for (;;) {
		const char *dot_git = arena_printf(arena, "%s/.git", at);
		const char *found = exists(dot_git) ? follow_dot_git(arena, at, dot_git) : NULL;
		if (found != NULL)
			return found;
		char *slash = strrchr(at, '/');
		if (slash == NULL || at[0] == '\0')
			return NULL;
		*slash = '\0';
	}
}

/* The branch that HEAD of this git directory names; NULL when it is detached. */
static const char *
checked_out(struct arena *arena, const char *parent, const char *dot_git)
{
	static const char ref[] = "ref: refs/heads/";
	const char *dir = dot_git;

	if (!is_folder(dot_git)) {
		const char *line = first_line(arena, dot_git);
		if (line == NULL || strncmp(line, "gitdir:", 7) != 0)
			return NULL;
		dir = joined(arena, parent, line + 7 + strspn(line + 7, " "));
	}
	const char *head = first_line(arena, arena_printf(arena, "%s/HEAD", dir));
	if (head == NULL || strncmp(head, ref, sizeof(ref) - 1) != 0)
		return NULL;
	return head + sizeof(ref) - 1;
}

bool
git_place_find(struct arena *arena, const char *path, struct git_place *out)
{
	char *at = arena_str(arena, resolved(arena, path));

	for (;;) {
		const char *dot_git = arena_printf(arena, "%s/.git", at);
		if (exists(dot_git) && follow_dot_git(arena, at, dot_git) != NULL) {
			out->worktree = at;
			out->branch = checked_out(arena, at, dot_git);
			return true;
		}
		char *slash = strrchr(at, '/');
		if (slash == NULL || at[0] == '\0')
			return false;
		*slash = '\0';
	}
}

void
git_place_here(struct arena *arena, struct git_place *out)
{
	char cwd[4096];

	*out = (struct git_place){0};
	if (getcwd(cwd, sizeof(cwd)) != NULL && !git_place_find(arena, cwd, out))
		out->worktree = arena_str(arena, cwd);
}

/* The folder itself or, while that is not there, the nearest one above it. */
static const char *
nearest_folder(struct arena *arena, const char *path)
{
	char *at = arena_str(arena, path);

	while (!is_folder(at)) {
		char *slash = strrchr(at, '/');
		if (slash == NULL || slash == at)
			return "/";
		*slash = '\0';
	}
	return at;
}

static const char *
why_not(struct arena *arena, const char *folder)
{
	const char *at = nearest_folder(arena, folder);
	struct statfs fs;

	if (exists(folder) && !is_folder(folder))
		return arena_printf(arena, "%s is no folder", folder);
	if (access(at, W_OK | X_OK) != 0)
		return arena_printf(arena, "%s cannot be written", at);
	if (statfs(at, &fs) == 0 && journal_place_remote((long)fs.f_type))
		return arena_printf(arena, "%s lies on a network file system", at);
	return NULL;
}

static const char *
state_home(struct arena *arena)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg != NULL && xdg[0] == '/')
		return xdg;
	if (home != NULL && home[0] == '/')
		return arena_printf(arena, "%s/.local/state", home);
	return NULL;
}

static const char *
state_folder(struct arena *arena, const char *home, const char *beside)
{
	char hash[SHA256_HEX];

	sha256_of(span_str(beside), hash);
	return arena_printf(arena, "%s/confiture/%.*s", home, HASH_SHOWN, hash);
}

bool
journal_place_find(struct arena *arena, const char *project, struct journal_place *out,
		   struct error *err)
{
	const char *git = git_common_dir(arena, project);
	const char *beside = git ? arena_printf(arena, "%s/confiture", git)
				 : arena_printf(arena, "%s/.confiture", resolved(arena, project));
	const char *reason = why_not(arena, beside);
	const char *home = state_home(arena);

	*out = (struct journal_place){.folder = beside};
	if (reason != NULL) {
		if (home == NULL) {
			error_set(err, E_JRNL_001, "there is no place for the journal: %s", reason);
			error_hint(err, "set XDG_STATE_HOME to a folder that can be written");
			return false;
		}
		out->folder = state_folder(arena, home, beside);
		out->moved =
			arena_printf(arena, "%s, so the journal lies in %s", reason, out->folder);
	}
	out->file = arena_printf(arena, "%s/journal.db", out->folder);
	return true;
}

bool
journal_place_make(const struct journal_place *place, struct error *err)
{
	char path[PATH_MAX];
	size_t len = strlen(place->folder);

	if (len >= sizeof(path))
		return error_set(err, E_JRNL_001, "the journal's path is too long: %s",
				 place->folder);
	memcpy(path, place->folder, len + 1);
	for (char *slash = path + 1; slash != NULL;) {
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return error_errno(err, E_JRNL_001, errno,
					   "the journal's folder %s cannot be made", path);
		if (slash != NULL)
			*slash++ = '/';
	}
	return true;
}
