/*
 * An empty cluster on this machine. A killed run leaves a folder, and for a moment a server; both
 * are found by the lock file that nobody holds any more.
 */
#include "worker/postgres/local_cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "worker/postgres/program.h"

#include "shared/base/banned.h"

static const char pattern[] = "/tmp/confiture-throwaway-";

/* ---- folders ---- */

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	(void)!remove(path); /* one that is gone already must not keep the others */
	return 0;
}

static void
remove_folder(const char *folder)
{
	nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int
lock_owner_file(const char *folder)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/owner", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The first line of its file. Pids are used again, so it must also stand where it was started; 0
 * when there is none. */
static pid_t
postmaster_of(const char *folder)
{
	char path[160], line[32] = "", cwd[160] = "";
	snprintf(path, sizeof(path), "%s/data/postmaster.pid", folder);
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return 0;
	bool read = fgets(line, sizeof(line), file) != NULL;
	fclose(file);
	pid_t pid = read ? (pid_t)strtol(line, NULL, 10) : 0;
	snprintf(path, sizeof(path), "/proc/%ld/cwd", (long)pid);
	if (pid <= 1 || readlink(path, cwd, sizeof(cwd) - 1) <= 0)
		return 0;
	return strncmp(cwd, folder, strlen(folder)) == 0 ? pid : 0;
}

/* Waits for its end: until then it writes into its folder. */
static void
stop_postmaster(const char *folder)
{
	struct timespec pause = {0, 10 * 1000000L};
	pid_t pid = postmaster_of(folder);

	if (pid == 0)
		return;
	kill(pid, SIGQUIT);
	for (int tries = 0; tries < 1000 && kill(pid, 0) == 0; tries++)
		nanosleep(&pause, NULL);
}

static void
remove_left_overs(void)
{
	glob_t found;
	char all[64];

	snprintf(all, sizeof(all), "%s*", pattern);
	if (glob(all, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int fd = lock_owner_file(found.gl_pathv[i]);
		if (fd < 0)
			continue;
		stop_postmaster(found.gl_pathv[i]);
		remove_folder(found.gl_pathv[i]);
		close(fd);
	}
	globfree(&found);
}

static bool
make_folder(struct local_cluster *c, struct error *err)
{
	const char *user = program_user();
	const struct passwd *pw = user ? getpwnam(user) : NULL;

	snprintf(c->folder, sizeof(c->folder), "%sXXXXXX", pattern);
	if (mkdtemp(c->folder) == NULL) {
		c->folder[0] = '\0';
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot make a folder in /tmp");
	}
	c->owner_fd = lock_owner_file(c->folder);
	if (c->owner_fd < 0 || (pw != NULL && chown(c->folder, pw->pw_uid, pw->pw_gid) != 0))
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot prepare %s", c->folder);
	return true;
}

/* ---- the cluster ---- */

static bool
make_cluster(struct local_cluster *c, const char *bin, const char *encoding, struct arena *arena,
	     struct error *err)
{
	const char *initdb[] = {arena_printf(arena, "%s/initdb", bin),
				"-D",
				arena_printf(arena, "%s/data", c->folder),
				"-U",
				"postgres",
				"-A",
				"trust",
				"-E",
				encoding,
				"--locale=C",
				"--no-sync",
				NULL};
	const char *postgres[] = {
		arena_printf(arena, "%s/postgres", bin), "-D",
		arena_printf(arena, "%s/data", c->folder), "-c", "listen_addresses=", "-c",
		arena_printf(arena, "unix_socket_directories=%s", c->folder), "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "max_connections=10",
		/* a catalogue of a hundred thousand objects is read at once */
		"-c", "max_locks_per_transaction=4096", NULL};
	pid_t pid;

	if (!program_run(&(struct program){.argv = initdb, .unprivileged = true}, err) ||
	    !program_start(&(struct program){.argv = postgres, .unprivileged = true}, &pid, err))
		return false;
	c->postmaster = pid;
	return true;
}

static bool
wait_for_cluster(struct local_cluster *c, struct secret url, struct pg_conn **out,
		 struct error *err)
{
	struct pg_open_options options = {.application_name = "confiture scratch"};
	struct timespec pause = {0, 20 * 1000000L};

	for (int tries = 0; tries < 1500; tries++) {
		if (pg_open(url, &options, out, err))
			return true;
		if (waitpid(c->postmaster, NULL, WNOHANG) == c->postmaster) {
			c->postmaster = 0;
			return error_wrap(err, "the throwaway server ended at once");
		}
		nanosleep(&pause, NULL);
	}
	return error_wrap(err, "the throwaway server does not answer");
}

struct secret
local_cluster_url(const struct local_cluster *c, struct arena *arena)
{
	return secret_of(arena_printf(
		arena, "postgresql:///postgres?host=%s&user=postgres&port=5432", c->folder));
}

bool
local_cluster_open(struct local_cluster *c, const char *bin, const char *encoding,
		   struct arena *arena, struct pg_conn **out, struct error *err)
{
	*c = (struct local_cluster){.owner_fd = -1};
	remove_left_overs();
	if (make_folder(c, err) && make_cluster(c, bin, encoding, arena, err) &&
	    wait_for_cluster(c, local_cluster_url(c, arena), out, err))
		return true;
	local_cluster_close(c);
	return false;
}

void
local_cluster_close(struct local_cluster *c)
{
	if (c->postmaster > 0) {
		kill(c->postmaster, SIGQUIT);
		while (waitpid(c->postmaster, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (c->folder[0] != '\0')
		remove_folder(c->folder);
	if (c->owner_fd >= 0)
		close(c->owner_fd);
	*c = (struct local_cluster){.owner_fd = -1};
}
