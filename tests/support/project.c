/* A throwaway project beside a throwaway database: what most system tests begin with. */
#include "tests/support/project.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/project_fleet.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { WORDS = 64 };

void
project_open(struct project *p)
{
	static unsigned count;
	const char *program = getenv("CONFITURE_PROGRAM");

	*p = (struct project){.program = program ? program : CONFITURE_PROGRAM,
			      .last = {.out_fd = -1, .err_fd = -1}};
	snprintf(p->dir, sizeof(p->dir), "%s/confiture-project-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	REQUIRE(mkdtemp(p->dir) != NULL);
	snprintf(p->database, sizeof(p->database), "project_%d_%u", (int)getpid(), count++);
	REQUIRE(cluster_start());
	REQUIRE(cluster_create_database(p->database));
	project_file(p, "db/environments/local.yaml", "database_url: \"%s\"\n", project_url(p));
	REQUIRE(mkdir(project_path(p, "db/migrations"), 0755) == 0);
	if (unit_through_fleet())
		project_fleet_open(p);
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
project_close(struct project *p)
{
	process_free(&p->last);
	if (p->fleet != NULL)
		project_fleet_close(p);
	char cache[sizeof(p->dir) + 8];
	snprintf(cache, sizeof(cache), "%s.cache", p->dir);
	nftw(p->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	nftw(cache, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	(void)!cluster_drop_database(p->database);
}

const char *
words(const char *fmt, ...)
{
	static char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return line;
}

const char *
project_path(struct project *p, const char *path)
{
	static char ring[8][512];
	static unsigned next;
	char *slot = ring[next++ % 8];

	snprintf(slot, sizeof(ring[0]), "%s/%s", p->dir, path);
	return slot;
}

static void
make_folders(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) != 0 && errno != EEXIST)
			REQUIRE(false);
		*slash = '/';
	}
}

void
project_file(struct project *p, const char *path, const char *fmt, ...)
{
	const char *full = project_path(p, path);
	va_list ap;

	make_folders(full);
	FILE *file = fopen(full, "w");
	REQUIRE(file != NULL);
	va_start(ap, fmt);
	REQUIRE(vfprintf(file, fmt, ap) >= 0);
	va_end(ap);
	REQUIRE(fclose(file) == 0);
}

void
project_migration(struct project *p, const char *version_name, const char *up, const char *down)
{
	char path[256];

	snprintf(path, sizeof(path), "db/migrations/%s.up.sql", version_name);
	project_file(p, path, "%s\n", up);
	snprintf(path, sizeof(path), "db/migrations/%s.down.sql", version_name);
	if (down != NULL)
		project_file(p, path, "%s\n", down);
}

void
project_remove(struct project *p, const char *path)
{
	REQUIRE(unlink(project_path(p, path)) == 0);
}

bool
project_has(struct project *p, const char *path)
{
	return access(project_path(p, path), F_OK) == 0;
}

/* Cuts `text` (changed) into words; a quoted word keeps its spaces. */
static void
cut(char *text, const char **words, size_t most)
{
	size_t count = 0;

	for (char *c = text; *c != '\0' && count + 1 < most;) {
		char stop = ' ';
		while (*c == ' ')
			c++;
		if (*c == '\0')
			break;
		if (*c == '\'') {
			stop = '\'';
			c++;
		}
		words[count++] = c;
		while (*c != '\0' && *c != stop)
			c++;
		if (*c != '\0')
			*c++ = '\0';
	}
	words[count] = NULL;
}

const char *const *
project_environment(struct project *p)
{
	static const char *env[3];

	env[0] = NULL;
	if (p->fleet == NULL)
		return env;
	project_fleet_follow(p);
	env[0] = p->fleet->coordinator;
	env[1] = p->fleet->token_file;
	env[2] = NULL;
	return env;
}

bool
project_start(struct project *p, struct process *process, const char *words, const char *const *env)
{
	const char *argv[WORDS] = {p->program};
	const char *all[32] = {"DATABASE_URL",
			       "CONFITURE_DATABASE_URL",
			       "NO_COLOR=1",
			       "PGHOST",
			       "CONFITURE_COORDINATOR",
			       "CONFITURE_TOKEN",
			       "CONFITURE_TOKEN_FILE",
			       "XDG_CONFIG_HOME=/nonexistent"};
	char *copy = strdup(words), cache[sizeof(p->dir) + 32];
	size_t n = 8;

	REQUIRE(copy != NULL);
	/* What one project's files became is of no use to another's tests. */
	snprintf(cache, sizeof(cache), "XDG_CACHE_HOME=%s.cache", p->dir);
	all[n++] = cache;
	for (const char *const *e = project_environment(p); *e != NULL; e++)
		all[n++] = *e;
	cut(copy, argv + 1, WORDS - 1);
	for (size_t i = 0; env != NULL && env[i] != NULL && n + 1 < 32; i++)
		all[n++] = env[i];
	all[n] = NULL;
	struct process_spec spec = {.argv = argv, .cwd = p->dir, .env = all};
	bool ok = process_start(process, &spec);
	free(copy);
	return ok;
}

int
project_run_env(struct project *p, const char *words, const char *const *env)
{
	process_free(&p->last);
	REQUIRE(project_start(p, &p->last, words, env));
	if (!process_wait(&p->last, 180)) {
		process_signal(&p->last, 9);
		CHECK(false && "the command ends within three minutes");
		return -1;
	}
	return p->last.exit_code;
}

int
project_run(struct project *p, const char *words)
{
	return project_run_env(p, words, NULL);
}

const char *
project_url(struct project *p)
{
	return cluster_url(p->database);
}

const char *
project_sql(struct project *p, const char *sql)
{
	return pg_query_text(project_url(p), sql);
}

const char *
project_database(struct project *p, const char *name, const char *url)
{
	char path[128];

	if (p->fleet == NULL)
		return url;
	snprintf(path, sizeof(path), "db/environments/%s.yaml", name);
	project_file(p, path, "database_url: \"%s\"\n", url);
	return name;
}

const char *
project_other(struct project *p, struct project *other)
{
	return project_database(p, "other", project_url(other));
}
