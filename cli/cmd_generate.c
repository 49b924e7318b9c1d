/*
 * `confiture migrate generate NAME`: the two files of a new migration. Two of these at once must
 * not choose the same version. In one folder a lock file keeps the second out, and every file is
 * made only when its name is free; between worktrees, branches and machines the version is reserved
 * in the journal that they share.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmds.h"
#include "cli/coordinate.h"
#include "cli/files.h"
#include "cli/journal_place.h"
#include "cli/project_documents.h"
#include "cli/session.h"
#include "shared/migration/migration.h"

#include "shared/base/banned.h"

enum { NAME_MOST = 150, VERSION_TEXT = 16 };

static const char lock_name[] = ".migration_lock";

struct generate {
	struct cli *cli;
	const struct args *args;
	const char *dir;
	const char *name;
	bool dry_run;
	struct migration_set set;
	struct generate_result result;
	const char *up, *down; /* the texts */
};

static bool
name_valid(const char *name, struct error *err)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	if (n > 0 && name[n] == '\0' && n <= NAME_MOST)
		return true;
	if (n == 0 && name[0] == '\0')
		return error_set(err, E_USAGE_001, "the name of a migration is empty");
	if (n > NAME_MOST)
		return error_set(err, E_USAGE_001, "the name has %zu characters; up to %d may be",
				 n, NAME_MOST);
	error_set(err, E_USAGE_001,
		  "\"%s\" is no name for a migration: letters, digits, _ and - may be in it", name);
	return false;
}

/* Does not wait: whoever holds it is done in a moment. */
static bool
take_lock(struct generate *g, int *fd, struct error *err)
{
	const char *path = arena_printf(&g->cli->arena, "%s/%s", g->dir, lock_name);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (*fd < 0) {
		int why = errno;
		error_errno(err, E_MIGR_102, why, "%s: the lock file cannot be opened", path);
		if (why == EACCES || why == EPERM || why == EROFS)
			error_hint(err,
				   "ls -ld %s\nconfiture migrate generate --migrations-dir DIR",
				   g->dir);
		return false;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	int why = errno;
	close(*fd);
	*fd = -1;
	if (why != EWOULDBLOCK)
		return error_errno(err, E_MIGR_102, why, "%s: the lock file cannot be locked",
				   path);
	error_set(err, E_LOCK_1300, "%s is locked by another migrate generate", path);
	error_hint(err, "run the same command again");
	return false;
}

static bool
version_taken(const struct generate *g, const char *version)
{
	if (migration_find(&g->set, version) != NULL)
		return true;
	size_t n = strlen(version);
	for (size_t i = 0; i < g->set.orphan_count; i++)
		if (strncmp(g->set.orphans[i], version, n) == 0 && g->set.orphans[i][n] == '_')
			return true;
	return false;
}

static const char *
version_at(struct arena *arena, time_t at)
{
	struct tm tm;
	char text[VERSION_TEXT];
	localtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
	return arena_str(arena, text);
}

/* The first free version from `at` on; `at` moves to it. */
static const char *
free_version(struct generate *g, time_t *at)
{
	const char *version = version_at(&g->cli->arena, *at);
	while (version_taken(g, version)) {
		*at += 1;
		version = version_at(&g->cli->arena, *at);
	}
	return version;
}

static void
choose_version(struct generate *g)
{
	time_t at = (time_t)(g->cli->rt->ops->wall_us(g->cli->rt) / 1000000);

	g->result.version = free_version(g, &at);
	at += 1;
	g->result.next_available_version = free_version(g, &at);
}

static void
name_files(struct generate *g)
{
	struct arena *arena = &g->cli->arena;

	g->result.filepath =
		arena_printf(arena, "%s/%s_%s.up.sql", g->dir, g->result.version, g->name);
	g->result.down_filepath =
		arena_printf(arena, "%s/%s_%s.down.sql", g->dir, g->result.version, g->name);
	g->up = arena_printf(arena,
			     "-- %s\n"
			     "-- All of this file is one transaction; BEGIN and COMMIT are not "
			     "needed.\n\n",
			     g->name);
	g->down = arena_printf(arena, "-- Undoes %s_%s.up.sql\n\n", g->result.version, g->name);
}

/* Versions of this folder from the chosen one on: what another reserved may come to lie there. */
static void
list_taken(struct generate *g, struct version_reserve *m)
{
	m->taken.items = arena_array(&g->cli->arena, g->set.count + 1, sizeof(char *));
	for (size_t i = 0; i < g->set.count; i++) {
		const char *version = g->set.items[i].version;
		if (strcmp(version, g->result.version) >= 0)
			m->taken.items[m->taken.count++] = version;
	}
}

/* The one after a version that others had counted up to. */
static void
go_past(struct generate *g)
{
	unsigned long long n = strtoull(g->result.version, NULL, 10);

	while (strcmp(g->result.next_available_version, g->result.version) <= 0 ||
	       version_taken(g, g->result.next_available_version))
		g->result.next_available_version = arena_printf(&g->cli->arena, "%014llu", ++n);
}

/* Where a coordinator was named it must answer; without one, a journal that cannot be used is no
 * reason to make no file. */
static bool
reserve_version(struct generate *g, struct error *err)
{
	struct version_reserve m = {
		.version = g->result.version, .name = g->name, .agent = coordinate_agent(g->args)};
	const struct version_reserved *reply;
	struct git_place place;
	struct error why = {0};
	void *body;

	git_place_here(&g->cli->arena, &place);
	m.branch = place.branch;
	m.worktree = place.worktree;
	list_taken(g, &m);
	if (coordinate_ask(g->cli, g->args, false, MESSAGE_version_reserve, &m, &body, &why)) {
		reply = body;
		g->result.version = reply->version;
		go_past(g);
		return true;
	}
	if (session_remote(cli_session(g->cli)) != NULL) {
		*err = why;
		return false;
	}
	cli_warn(g->cli, "%s is not reserved, another worktree may choose it too: %s",
		 g->result.version, why.message);
	return true;
}

/* Same names are allowed, and easily confused. */
static void
warn_same_name(struct generate *g)
{
	for (size_t i = 0; i < g->set.count; i++) {
		if (strcmp(g->set.items[i].name, g->name) != 0)
			continue;
		const char **warnings = arena_array(&g->cli->arena, 1, sizeof(*warnings));
		warnings[0] =
			arena_printf(&g->cli->arena, "%s has the same name", g->set.items[i].file);
		g->result.warnings.items = warnings;
		g->result.warnings.count = 1;
		cli_warn(g->cli, "%s", warnings[0]);
		return;
	}
}

static bool
scan(struct generate *g, struct error *err)
{
	struct bundle_info bundle = {0};
	if (!bundle_scan(&g->cli->arena, g->dir, false, &bundle, err))
		return false;
	migration_set_build(&g->cli->arena, &bundle, &g->set);
	return true;
}

static bool
write_pair(struct generate *g, struct error *err)
{
	bool exists = false;
	if (!file_create(g->result.filepath, g->up, &exists, err))
		return false;
	if (file_create(g->result.down_filepath, g->down, &exists, err))
		return true;
	unlink(g->result.filepath);
	return false;
}

static bool
generate(struct generate *g, struct error *err)
{
	if (g->dry_run && !file_exists(g->dir)) {
		choose_version(g);
		name_files(g);
		return true;
	}
	int fd = -1;
	if (!g->dry_run && (!folder_make(&g->cli->arena, g->dir, err) || !take_lock(g, &fd, err)))
		return false;
	bool ok = scan(g, err);
	if (ok) {
		choose_version(g);
		warn_same_name(g);
		ok = g->dry_run || reserve_version(g, err);
	}
	if (ok) {
		name_files(g);
		ok = g->dry_run || write_pair(g, err);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static void
say_result(struct generate *g)
{
	struct cli *cli = g->cli;
	if (g->dry_run) {
		cli_say(cli, "would make  %s", cli_safe(cli, g->result.filepath));
		cli_say(cli, "would make  %s", cli_safe(cli, g->result.down_filepath));
		cli_say(cli, "\n%s", g->up);
		return;
	}
	cli_say(cli, "made  %s", cli_safe(cli, g->result.filepath));
	cli_say(cli, "made  %s", cli_safe(cli, g->result.down_filepath));
}

static bool
refuse_python(struct error *err, const char *name)
{
	error_set(err, E_USAGE_001,
		  "migrations in Python cannot be run by this confiture; it writes SQL files");
	error_hint(err, "confiture migrate generate %s", name);
	return false;
}

int
cmd_migrate_generate(struct cli *cli, const struct args *args)
{
	struct generate g = {.cli = cli,
			     .args = args,
			     .dir = args_text(args, "migrations-dir"),
			     .name = args_argument(args, 0),
			     .dry_run = args_flag(args, "dry-run")};
	struct error err = {0};
	if ((args_flag(args, "python") && !refuse_python(&err, g.name)) ||
	    !name_valid(g.name, &err) || !generate(&g, &err))
		return cli_fail(cli, &err);
	g.result.status = g.dry_run ? "dry_run" : "success";
	g.result.name = g.name;
	g.result.migrations_dir = g.dir;
	g.result.template_ = g.dry_run ? g.up : NULL;
	say_result(&g);
	cli_document(cli, &record_generate_result, &g.result);
	return 0;
}
