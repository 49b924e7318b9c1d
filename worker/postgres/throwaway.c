/*
 * A fresh cluster on this machine with the structure of the source and none of its rows: initdb,
 * postgres on a private socket, pg_dump -s of the source, psql. It needs no right on the source but
 * to read it. The folder holds a lock file; a folder whose lock is free belongs to a run that died
 * and is removed by the next one. The server itself is told by the system when we die.
 */
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

#include "shared/pg/dsn.h"
#include "worker/postgres/program.h"
#include "worker/postgres/scratch.h"
#include "target_sql.h"

#include "shared/base/banned.h"

static const char pattern[] = "/tmp/confiture-throwaway-";

struct source_facts {
	const char *database;
	const char *encoding;
	const char *bin; /* folder of the server programs */
};

/* ---- folders ---- */

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
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

/* The postmaster's pid stands in the first line of its file. */
static void
stop_postmaster(const char *folder)
{
	char path[160], line[32] = "";
	snprintf(path, sizeof(path), "%s/data/postmaster.pid", folder);
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return;
	if (fgets(line, sizeof(line), file) != NULL) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);
		if (pid > 1)
			kill(pid, SIGQUIT);
	}
	fclose(file);
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
make_folder(struct scratch *s, struct error *err)
{
	const char *user = program_user();
	const struct passwd *pw = user ? getpwnam(user) : NULL;

	snprintf(s->folder, sizeof(s->folder), "%sXXXXXX", pattern);
	if (mkdtemp(s->folder) == NULL) {
		s->folder[0] = '\0';
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot make a folder in /tmp");
	}
	s->owner_fd = lock_owner_file(s->folder);
	if (s->owner_fd < 0 || (pw != NULL && chown(s->folder, pw->pw_uid, pw->pw_gid) != 0))
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot prepare %s", s->folder);
	return true;
}

/* ---- the cluster ---- */

static bool
make_cluster(struct scratch *s, const struct source_facts *facts, struct arena *arena,
	     struct error *err)
{
	const char *initdb[] = {arena_printf(arena, "%s/initdb", facts->bin),
				"-D",
				arena_printf(arena, "%s/data", s->folder),
				"-U",
				"postgres",
				"-A",
				"trust",
				"-E",
				facts->encoding,
				"--locale=C",
				"--no-sync",
				NULL};
	const char *postgres[] = {arena_printf(arena, "%s/postgres", facts->bin),
				  "-D",
				  arena_printf(arena, "%s/data", s->folder),
				  "-c",
				  "listen_addresses=",
				  "-c",
				  arena_printf(arena, "unix_socket_directories=%s", s->folder),
				  "-c",
				  "fsync=off",
				  "-c",
				  "full_page_writes=off",
				  "-c",
				  "autovacuum=off",
				  "-c",
				  "max_connections=10",
				  NULL};
	pid_t pid;

	if (!program_run(&(struct program){.argv = initdb, .unprivileged = true}, err) ||
	    !program_start(&(struct program){.argv = postgres, .unprivileged = true}, &pid, err))
		return false;
	s->postmaster = pid;
	return true;
}

static struct secret
cluster_url(const struct scratch *s, struct arena *arena)
{
	return secret_of(arena_printf(
		arena, "postgresql:///postgres?host=%s&user=postgres&port=5432", s->folder));
}

static bool
wait_for_cluster(struct scratch *s, struct secret url, struct pg_conn **out, struct error *err)
{
	struct pg_open_options options = {.application_name = "confiture scratch"};
	struct timespec pause = {0, 20 * 1000000L};

	for (int tries = 0; tries < 1500; tries++) {
		if (pg_open(url, &options, out, err))
			return true;
		if (waitpid(s->postmaster, NULL, WNOHANG) == s->postmaster) {
			s->postmaster = 0;
			return error_wrap(err, "the throwaway server ended at once");
		}
		nanosleep(&pause, NULL);
	}
	return error_wrap(err, "the throwaway server does not answer");
}

/* ---- its content ---- */

static bool
copy_roles(struct scratch *s, struct pg_conn *to, struct arena *arena, struct error *err)
{
	struct pg_statement statement = {.sql = target_sql_throwaway_roles};
	struct pg_rows *rows;
	bool ok = pg_batch(s->admin, &statement, 1, 0, &rows, err);

	for (size_t i = 0; ok && i < pg_rows_count(rows); i++) {
		const char *name = pg_quote(to, arena, NULL, pg_rows_text(rows, i, 0));
		ok = pg_script(to, arena_printf(arena, "CREATE ROLE %s", name), err);
	}
	if (ok)
		pg_rows_free(rows);
	return ok;
}

static bool
make_database(struct pg_conn *to, const char *name, struct arena *arena, struct error *err)
{
	if (strcmp(name, "postgres") == 0)
		return true;
	return pg_script(to,
			 arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0",
				      pg_quote(to, arena, NULL, name)),
			 err);
}

/* The source's credentials reach pg_dump in a file that only we can read, never in its arguments.
 */
static bool
write_service(struct scratch *s, const struct target_spec *source, struct arena *arena,
	      const char **path, struct error *err)
{
	*path = arena_printf(arena, "%s/service", s->folder);
	int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot write %s", *path);
	bool ok = dsn_write_service(source->url, source->database, fd, err);
	return close(fd) == 0 && ok;
}

static bool
copy_structure(struct scratch *s, const struct target_spec *source,
	       const struct source_facts *facts, struct arena *arena, struct error *err)
{
	const char *service, *dump = arena_printf(arena, "%s/structure.sql", s->folder);

	if (!write_service(s, source, arena, &service, err))
		return false;
	const char *pg_dump[] = {arena_printf(arena, "%s/pg_dump", facts->bin), "--schema-only",
				 "--no-tablespaces", "--no-subscriptions", NULL};
	const char *env[] = {"PGSERVICE=source", arena_printf(arena, "PGSERVICEFILE=%s", service),
			     "PGAPPNAME=confiture scratch", NULL};
	const char *psql[] = {arena_printf(arena, "%s/psql", facts->bin),
			      "-Xq",
			      "-v",
			      "ON_ERROR_STOP=1",
			      "-h",
			      s->folder,
			      "-p",
			      "5432",
			      "-U",
			      "postgres",
			      "-d",
			      s->name,
			      "-f",
			      dump,
			      NULL};
	const char *psql_env[] = {"PGOPTIONS=-c client_min_messages=warning", "PGSERVICE",
				  "PGPASSWORD", NULL};
	if (!program_run(&(struct program){.argv = pg_dump, .env = env, .output = dump}, err))
		return error_wrap(err, "reading the structure of %s", facts->database);
	unlink(service);
	if (!program_run(&(struct program){.argv = psql, .env = psql_env}, err))
		return error_wrap(err, "loading the structure of %s into the throwaway cluster",
				  facts->database);
	return true;
}

static bool
read_source(struct scratch *s, struct arena *arena, struct source_facts *out, struct error *err)
{
	struct pg_statement statement = {.sql = target_sql_throwaway_source};
	struct pg_rows *rows;
	int major = pg_server_version_num(s->admin) / 10000;

	if (!pg_batch(s->admin, &statement, 1, 0, &rows, err))
		return false;
	out->database = arena_str(arena, pg_rows_text(rows, 0, 0));
	out->encoding = arena_str(arena, pg_rows_text(rows, 0, 1));
	pg_rows_free(rows);
	out->bin = program_folder(arena, major);
	if (out->bin != NULL)
		return true;
	error_set(err, E_CONFIG_001,
		  "PostgreSQL's server programs (%d or newer) are not on this machine", major);
	error_hint(err, "apt-get install postgresql-%d\nconfiture migrate preflight --against URL",
		   major);
	return false;
}

bool
throwaway_make(struct scratch *s, const struct target_spec *source, struct arena *arena,
	       struct target_spec *spec, struct error *err)
{
	struct source_facts facts;
	struct pg_conn *to;

	remove_left_overs();
	if (!read_source(s, arena, &facts, err) || !make_folder(s, err) ||
	    !make_cluster(s, &facts, arena, err))
		return false;
	struct secret url = cluster_url(s, arena);
	if (!wait_for_cluster(s, url, &to, err))
		return false;
	snprintf(s->name, sizeof(s->name), "%s", facts.database);
	bool ok = copy_roles(s, to, arena, err) && make_database(to, s->name, arena, err);
	pg_close(to);
	if (!ok || !copy_structure(s, source, &facts, arena, err))
		return false;
	*spec = *source;
	spec->url = url;
	spec->database = facts.database;
	return true;
}

void
throwaway_drop(struct scratch *s)
{
	if (s->postmaster > 0) {
		kill(s->postmaster, SIGQUIT);
		while (waitpid(s->postmaster, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (s->folder[0] != '\0')
		remove_folder(s->folder);
	if (s->owner_fd >= 0)
		close(s->owner_fd);
}
