/*
 * Starting PostgreSQL's own programs. posix_spawn rather than fork: the worker has threads. What
 * must not run as root, and what must not outlive us, goes through setpriv.
 */
#include "worker/postgres/program.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { MOST_WORDS = 40, MOST_VARIABLES = 400 };

extern char **environ;

static const char *const patterns[] = {
	"/usr/lib/postgresql/*/bin/initdb",
	"/usr/pgsql-*/bin/initdb",
	"/usr/local/pgsql/bin/initdb",
	"/usr/local/bin/initdb",
};

enum { ANY_MAJOR = 9999 };

/* The first number in the path; a folder without one counts as new enough for anything. */
static int
major_of(const char *path)
{
	const char *digits = strpbrk(path, "0123456789");

	return digits == NULL ? ANY_MAJOR : (int)strtol(digits, NULL, 10);
}

/* Whether `major` serves better than `best`. One that is known goes before one that is not. */
static bool
is_nearer(int major, int best, int least)
{
	if (best == 0 || major == ANY_MAJOR || best == ANY_MAJOR)
		return best == 0 || (best == ANY_MAJOR && major != ANY_MAJOR);
	return least == 0 ? major > best : major < best;
}

const char *
program_folder(struct arena *arena, int least)
{
	const char *best = NULL;
	int best_major = 0;

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		glob_t found;
		if (glob(patterns[i], 0, NULL, &found) != 0)
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++) {
			int major = major_of(found.gl_pathv[k]);
			if (major < least || !is_nearer(major, best_major, least))
				continue;
			best = arena_str(arena, found.gl_pathv[k]);
			best_major = major;
		}
		globfree(&found);
	}
	return best == NULL ? NULL
			    : arena_span(arena, span_of(best, strlen(best) - strlen("/initdb")));
}

const char *
program_user(void)
{
	if (geteuid() != 0)
		return NULL;
	return getpwnam("postgres") != NULL ? "postgres" : "nobody";
}

struct command_line {
	const char *words[MOST_WORDS];
	size_t count;
	char user[64], group[64];
};

static void
word(struct command_line *line, const char *w)
{
	if (line->count + 1 < MOST_WORDS)
		line->words[line->count++] = w;
}

static void
make_line(const struct program *p, bool dies_with_us, struct command_line *line)
{
	const char *user = p->unprivileged ? program_user() : NULL;

	*line = (struct command_line){0};
	if (user != NULL || dies_with_us) {
		word(line, "setpriv");
		if (user != NULL) {
			const struct passwd *pw = getpwnam(user);
			snprintf(line->user, sizeof(line->user), "--reuid=%s", user);
			snprintf(line->group, sizeof(line->group), "--regid=%u",
				 pw ? (unsigned)pw->pw_gid : 65534u);
			word(line, line->user);
			word(line, line->group);
			word(line, "--clear-groups");
		}
		if (dies_with_us) {
			word(line, "--pdeathsig");
			word(line, "QUIT");
		}
		word(line, "--");
	}
	for (size_t i = 0; p->argv[i] != NULL; i++)
		word(line, p->argv[i]);
}

/* Is `variable` ("NAME=value") one that an addition sets or removes? */
static bool
is_replaced(const struct program *p, const char *variable)
{
	size_t len = strcspn(variable, "=");

	for (size_t i = 0; p->env != NULL && p->env[i] != NULL; i++) {
		if (strcspn(p->env[i], "=") == len && strncmp(p->env[i], variable, len) == 0)
			return true;
	}
	return false;
}

static void
make_environment(const struct program *p, const char **out)
{
	size_t n = 0;

	for (size_t i = 0; p->env != NULL && p->env[i] != NULL; i++) {
		if (strchr(p->env[i], '=') != NULL)
			out[n++] = p->env[i];
	}
	for (size_t i = 0; environ[i] != NULL && n + 1 < MOST_VARIABLES; i++) {
		if (!is_replaced(p, environ[i]))
			out[n++] = environ[i];
	}
	out[n] = NULL;
}

static bool
spawn(const struct program *p, bool dies_with_us, int err_fd, pid_t *pid, struct error *err)
{
	const char *environment[MOST_VARIABLES];
	struct command_line line;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;

	make_line(p, dies_with_us, &line);
	make_environment(p, environment);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
					 p->output ? p->output : "/dev/null",
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&actions, "/");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int rc = posix_spawnp(pid, line.words[0], &actions, &attributes,
			      (char *const *)(void *)(size_t)line.words,
			      (char *const *)(void *)(size_t)environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		return error_errno(err, E_INTERNAL_ERROR, rc, "cannot start %s", line.words[0]);
	return true;
}

/* Reads to the end and keeps the last bytes. */
static void
keep_tail(int fd, char *tail, size_t size)
{
	char chunk[4096];
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		size_t add = n > 0 ? (size_t)n : 0;
		size_t skip = add >= size ? add - (size - 1) : 0;
		if (have + add - skip > size - 1) {
			size_t drop = have + add - skip - (size - 1);
			memmove(tail, tail + drop, have - drop);
			have -= drop;
		}
		memcpy(tail + have, chunk + skip, add - skip);
		have += add - skip;
	}
	while (have > 0 && (tail[have - 1] == '\n' || tail[have - 1] == ' '))
		have--;
	tail[have] = '\0';
}

bool
program_run(const struct program *p, struct error *err)
{
	char tail[600];
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot make a pipe");
	bool started = spawn(p, false, fds[1], &pid, err);
	close(fds[1]);
	if (!started) {
		close(fds[0]);
		return false;
	}
	keep_tail(fds[0], tail, sizeof(tail));
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	const char *slash = strrchr(p->argv[0], '/');
	error_set(err, E_INTERNAL_ERROR, "%s failed", slash ? slash + 1 : p->argv[0]);
	error_cause(err, "%s", tail);
	return false;
}

bool
program_start(const struct program *p, pid_t *pid, struct error *err)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot open /dev/null");
	bool ok = spawn(p, true, null, pid, err);
	close(null);
	return ok;
}
