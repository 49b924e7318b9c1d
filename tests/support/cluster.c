/*
 * Starts and ends a real PostgreSQL server for one test program.
 *
 * A test program is often killed, by a developer or by a test of its own, and must not leave
 * servers behind: the postmaster gets SIGQUIT from the kernel when we die (PR_SET_PDEATHSIG, set
 * after the change of user, which would clear it), and each start removes the directories of dead
 * owners.
 */
#include "tests/support/cluster.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "tests/support/cluster_text.h"

#include "shared/base/banned.h"

#define DIRECTORY_PREFIX "confiture-pg-"
enum { START_SECONDS = 60, STOP_SECONDS = 30, PATH_SIZE = 512 };

static struct {
	char directory[128]; /* "" while it is not ours */
	char socket[128];
	pid_t owner, postmaster;
	uid_t uid;
	gid_t gid;
	bool exit_hook;
} cluster;

static bool
complain(const char *what, const char *detail)
{
	fprintf(stderr, "test cluster: %s: %s\n", what, detail);
	return false;
}

/* ---- files ---- */

static int
remove_one(const char *path, const struct stat *st UNUSED, int kind UNUSED, struct FTW *ftw UNUSED)
{
	return remove(path);
}

static void
remove_tree(const char *directory)
{
	nftw(directory, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* The number that a file begins with; 0 when there is none. */
static long
number_in_file(const char *directory, const char *name)
{
	char path[PATH_SIZE];
	long n = 0;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%ld", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static bool
append_line(const char *directory, const char *name, const char *text)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *f = fopen(path, "ae");
	if (f == NULL)
		return complain(path, strerror(errno));
	fprintf(f, "%s\n", text);
	return fclose(f) == 0;
}

/* Is that process a postmaster of this directory? Pids are used again. */
static bool
is_postmaster_of(pid_t pid, const char *directory)
{
	char path[64], cwd[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%ld/cwd", (long)pid);
	ssize_t n = readlink(path, cwd, sizeof(cwd) - 1);
	if (n <= 0)
		return false;
	cwd[n] = '\0';
	return strncmp(cwd, directory, strlen(directory)) == 0;
}

/* What a killed run left: its postmaster (should it live) and its directory. */
static void
sweep_one(const char *directory)
{
	long owner = number_in_file(directory, "owner");
	long postmaster = number_in_file(directory, "data/postmaster.pid");

	if (owner == 0 || kill((pid_t)owner, 0) == 0 || errno != ESRCH)
		return;
	if (postmaster > 0 && is_postmaster_of((pid_t)postmaster, directory)) {
		kill((pid_t)postmaster, SIGQUIT);
		for (int i = 0; i < 100 && kill((pid_t)postmaster, 0) == 0; i++)
			usleep(50 * 1000);
	}
	remove_tree(directory);
}

static void
sweep(void)
{
	DIR *tmp = opendir("/tmp");
	struct dirent *entry;

	while (tmp != NULL && (entry = readdir(tmp)) != NULL) {
		char path[PATH_SIZE];

		if (strncmp(entry->d_name, DIRECTORY_PREFIX, strlen(DIRECTORY_PREFIX)) != 0)
			continue;
		snprintf(path, sizeof(path), "/tmp/%s", entry->d_name);
		sweep_one(path);
	}
	if (tmp != NULL)
		closedir(tmp);
}

/* ---- processes ---- */

static const char *
program(const char *name)
{
	static char path[PATH_SIZE];
	const char *bindir = getenv("CONFITURE_PG_BINDIR");

	snprintf(path, sizeof(path), "%s/%s", bindir ? bindir : CONFITURE_PG_BINDIR, name);
	return path;
}

/* In the child: server's user, output to the log, and dead when we are. Returns only on failure. */
static void
become_server(char *const argv[])
{
	char log[PATH_SIZE];

	snprintf(log, sizeof(log), "%s/log", cluster.directory);
	if (geteuid() == 0 && (setgid(cluster.gid) != 0 || setuid(cluster.uid) != 0))
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || getppid() != cluster.owner)
		return;
	int in = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		return;
	/* A shell's background jobs ignore these two, and a server that inherits that misses the
	 * signal that comes before it has its own handlers. */
	signal(SIGQUIT, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	setpgid(0, 0); /* Ctrl-C is for the test program alone */
	execv(argv[0], argv);
}

static pid_t
spawn(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		become_server(argv);
		_exit(127);
	}
	return pid;
}

static bool
run_to_end(char *const argv[])
{
	int status = 0;
	pid_t pid = spawn(argv);

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return complain(argv[0], strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return complain(argv[0], "failed, see the log in its directory");
	return true;
}

static bool
gone_after(pid_t pid, int seconds)
{
	for (int i = 0; i < seconds * 50; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		usleep(20 * 1000);
	}
	return false;
}

static bool
wait_until_it_answers(void)
{
	for (int i = 0; i < START_SECONDS * 50; i++) {
		if (PQping(cluster_url("postgres")) == PQPING_OK)
			return true;
		if (cluster.postmaster > 0 && waitpid(cluster.postmaster, NULL, WNOHANG) != 0) {
			cluster.postmaster = 0;
			return complain("the server ended while it started", cluster.directory);
		}
		usleep(20 * 1000);
	}
	return complain("the server does not answer", cluster.socket);
}

bool
cluster_up(void)
{
	char data[PATH_SIZE];
	char server[PATH_SIZE];

	snprintf(server, sizeof(server), "%s", program("postgres"));
	snprintf(data, sizeof(data), "%s/data", cluster.directory);
	char dash_d[] = "-D";
	char *argv[] = {server, dash_d, data, NULL};
	cluster.postmaster = spawn(argv);
	return cluster.postmaster > 0 && wait_until_it_answers();
}

bool
cluster_down(bool immediate)
{
	if (cluster.postmaster <= 0)
		return complain("not a private server", cluster.socket);
	kill(cluster.postmaster, immediate ? SIGQUIT : SIGINT);
	if (!gone_after(cluster.postmaster, STOP_SECONDS))
		return complain("the server does not end", cluster.directory);
	cluster.postmaster = 0;
	return true;
}

bool
cluster_restart(bool immediate)
{
	return cluster_down(immediate) && cluster_up();
}

/* ---- begin and end ---- */

/* Only async-signal-safe calls: the postmaster ends, rm takes the directory, we die as we would. */
static void
on_signal(int sig)
{
	if (getpid() == cluster.owner && cluster.directory[0] != '\0') {
		if (cluster.postmaster > 0) {
			kill(cluster.postmaster, SIGQUIT);
			if (!gone_after(cluster.postmaster, STOP_SECONDS))
				kill(cluster.postmaster, SIGKILL);
		}
		if (fork() == 0) {
			execl("/bin/rm", "rm", "-rf", cluster.directory, (char *)NULL);
			_exit(127);
		}
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
stop_at_exit(void)
{
	cluster_stop();
	cluster_texts_free();
}

static void
set_hooks(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	if (cluster.exit_hook)
		return;
	cluster.exit_hook = true;
	atexit(stop_at_exit);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i], on_signal);
}

void
cluster_stop(void)
{
	/* A child that was forked by a test must not take its parent's server down. */
	if (getpid() != cluster.owner || cluster.directory[0] == '\0')
		return;
	if (cluster.postmaster > 0 && !cluster_down(true))
		kill(cluster.postmaster, SIGKILL);
	remove_tree(cluster.directory);
	cluster.directory[0] = '\0';
	cluster.socket[0] = '\0';
}

static bool
make_directory(void)
{
	char owner[32];

	cluster.uid = geteuid();
	cluster.gid = getegid();
	if (cluster.uid == 0) {
		const struct passwd *pw = getpwnam("postgres");

		if (pw == NULL)
			return complain("root needs a user postgres", "there is none");
		cluster.uid = pw->pw_uid;
		cluster.gid = pw->pw_gid;
	}
	snprintf(cluster.directory, sizeof(cluster.directory), "/tmp/%sXXXXXX", DIRECTORY_PREFIX);
	if (mkdtemp(cluster.directory) == NULL)
		return complain(cluster.directory, strerror(errno));
	snprintf(cluster.socket, sizeof(cluster.socket), "%s", cluster.directory);
	snprintf(owner, sizeof(owner), "%ld", (long)getpid());
	if (!append_line(cluster.directory, "owner", owner))
		return false;
	if (chmod(cluster.directory, 0755) != 0 ||
	    chown(cluster.directory, cluster.uid, cluster.gid) != 0)
		return complain(cluster.directory, strerror(errno));
	return true;
}

/* ---- a new data directory: initdb once, then copies of what it made ---- */

/* As the caller, not as the server's user. */
static bool
copy_tree(const char *from, const char *to)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		execl("/bin/cp", "cp", "-a", from, to, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* NULL for another server than the usual one. */
static const char *
kept_directory(void)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/pg-data-%s-%ld", CONFITURE_BINARY_DIR,
		 CONFITURE_PG_VERSION, (long)cluster.uid);
	return getenv("CONFITURE_PG_BINDIR") == NULL ? path : NULL;
}

static bool
take_kept(const char *data)
{
	const char *kept = kept_directory();

	return kept != NULL && access(kept, R_OK) == 0 && copy_tree(kept, data);
}

/* Under its name at once or not at all; who comes second loses, which is no harm. */
static void
keep(const char *data)
{
	const char *kept = kept_directory();
	char own[PATH_SIZE + 32];

	if (kept == NULL)
		return;
	snprintf(own, sizeof(own), "%s.%ld", kept, (long)getpid());
	if (!copy_tree(data, own) || rename(own, kept) != 0)
		remove_tree(own);
}

static bool
init_database(void)
{
	char initdb[PATH_SIZE], data[PATH_SIZE];
	char *argv[] = {initdb,
			(char[]){"-D"},
			data,
			(char[]){"-U"},
			(char[]){"postgres"},
			(char[]){"--no-sync"},
			(char[]){"--auth=trust"},
			(char[]){"--encoding=UTF8"},
			(char[]){"--locale=C"},
			NULL};

	snprintf(initdb, sizeof(initdb), "%s", program("initdb"));
	snprintf(data, sizeof(data), "%s/data", cluster.directory);
	if (take_kept(data))
		return true;
	remove_tree(data);
	if (!run_to_end(argv))
		return false;
	keep(data);
	return true;
}

static bool
configure(const char *settings)
{
	char line[PATH_SIZE];

	snprintf(line, sizeof(line),
		 "listen_addresses = ''\nport = 5432\nunix_socket_directories = '%s'\n"
		 "fsync = off\nmax_connections = 100\nlogging_collector = off\n"
		 "max_wal_senders = 0\nwal_level = minimal\nautovacuum = off",
		 cluster.socket);
	return append_line(cluster.directory, "data/postgresql.conf", line) &&
	       (settings == NULL ||
		append_line(cluster.directory, "data/postgresql.conf", settings));
}

bool
cluster_start_private(const char *settings)
{
	if (cluster.socket[0] != '\0')
		return complain("already started", cluster.socket);
	sweep();
	cluster.owner = getpid();
	set_hooks();
	if (make_directory() && init_database() && configure(settings) && cluster_up())
		return true;
	if (cluster.directory[0] != '\0') {
		char command[PATH_SIZE];

		snprintf(command, sizeof(command), "tail -n 20 %s/log >&2", cluster.directory);
		if (system(command) != 0)
			complain("no log", cluster.directory);
	}
	cluster_stop();
	return false;
}

bool
cluster_start(void)
{
	const char *shared = getenv("CONFITURE_TEST_CLUSTER");

	if (cluster.socket[0] != '\0')
		return true;
	if (shared == NULL || shared[0] == '\0')
		return cluster_start_private(NULL);
	cluster.owner = getpid();
	snprintf(cluster.socket, sizeof(cluster.socket), "%s", shared);
	set_hooks();
	return wait_until_it_answers();
}

/* ---- names ---- */

const char *
cluster_socket_dir(void)
{
	return cluster.socket;
}

static void
put_encoded(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			     (*s >= '0' && *s <= '9') || *s == '_' || *s == '-' || *s == '.';

		if (plain)
			text_put_char(t, *s);
		else
			text_printf(t, "%%%02X", (unsigned char)*s);
	}
}

const char *
cluster_url_as(const char *user, const char *database)
{
	struct text t;

	text_init(&t, 4096);
	text_put(&t, "postgresql://");
	put_encoded(&t, user ? user : "postgres");
	text_put(&t, "@/");
	put_encoded(&t, database);
	text_put(&t, "?host=");
	put_encoded(&t, cluster.socket);
	const char *kept = cluster_text_keep(t.ptr);
	text_fini(&t);
	return kept;
}

const char *
cluster_url(const char *database)
{
	return cluster_url_as(NULL, database);
}
