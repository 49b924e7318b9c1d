/*
 * The two files of a new migration. Two commands at once must not choose the same version. In one
 * folder a lock file keeps the second out, and every file is made only when its name is free;
 * between worktrees, branches and machines the version is reserved in the journal that they share.
 */
#include "cli/migration_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/coordinate.h"
#include "cli/files.h"
#include "cli/journal_place.h"
#include "cli/session.h"

#include "shared/base/banned.h"

enum { NAME_MOST = 150, VERSION_TEXT = 16 };

static const char lock_name[] = ".migration_lock";

bool
migration_pair_name(const char *name, struct error *err)
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
take_lock(struct migration_pair *p, int *fd, struct error *err)
{
	const char *path = arena_printf(&p->cli->arena, "%s/%s", p->dir, lock_name);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (*fd < 0) {
		int why = errno;
		error_errno(err, E_MIGR_102, why, "%s: the lock file cannot be opened", path);
		if (why == EACCES || why == EPERM || why == EROFS)
			error_hint(err, "ls -ld %s\nconfiture %s … --migrations-dir DIR", p->dir,
				   p->cli->command->path);
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
	error_set(err, E_LOCK_1300, "%s is locked: another run is making a migration", path);
	error_hint(err, "run the same command again");
	return false;
}

static bool
version_taken(const struct migration_pair *p, const char *version)
{
	if (migration_find(&p->set, version) != NULL)
		return true;
	size_t n = strlen(version);
	for (size_t i = 0; i < p->set.orphan_count; i++)
		if (strncmp(p->set.orphans[i], version, n) == 0 && p->set.orphans[i][n] == '_')
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
free_version(struct migration_pair *p, time_t *at)
{
	const char *version = version_at(&p->cli->arena, *at);
	while (version_taken(p, version)) {
		*at += 1;
		version = version_at(&p->cli->arena, *at);
	}
	return version;
}

static void
choose_version(struct migration_pair *p)
{
	time_t at = (time_t)(p->cli->rt->ops->wall_us(p->cli->rt) / 1000000);

	p->version = free_version(p, &at);
	at += 1;
	p->next_version = free_version(p, &at);
}

static void
name_files(struct migration_pair *p)
{
	struct arena *arena = &p->cli->arena;

	p->up_path = arena_printf(arena, "%s/%s_%s.up.sql", p->dir, p->version, p->name);
	p->down_path = arena_printf(arena, "%s/%s_%s.down.sql", p->dir, p->version, p->name);
	p->texts(p);
}

/* Versions of this folder from the chosen one on: what another reserved may come to lie there. */
static void
list_taken(struct migration_pair *p, struct version_reserve *m)
{
	m->taken.items = arena_array(&p->cli->arena, p->set.count + 1, sizeof(char *));
	for (size_t i = 0; i < p->set.count; i++) {
		const char *version = p->set.items[i].version;
		if (strcmp(version, p->version) >= 0)
			m->taken.items[m->taken.count++] = version;
	}
}

/* The one after a version that others had counted up to. */
static void
go_past(struct migration_pair *p)
{
	unsigned long long n = strtoull(p->version, NULL, 10);

	while (strcmp(p->next_version, p->version) <= 0 || version_taken(p, p->next_version))
		p->next_version = arena_printf(&p->cli->arena, "%014llu", ++n);
}

/* Where a coordinator was named it must answer; without one, a journal that cannot be used is no
 * reason to make no file. */
static bool
reserve_version(struct migration_pair *p, struct error *err)
{
	struct version_reserve m = {
		.version = p->version, .name = p->name, .agent = coordinate_agent(p->args)};
	const struct version_reserved *reply;
	struct git_place place;
	struct error why = {0};
	void *body;

	git_place_here(&p->cli->arena, &place);
	m.branch = place.branch;
	m.worktree = place.worktree;
	list_taken(p, &m);
	if (coordinate_ask(p->cli, p->args, false, MESSAGE_version_reserve, &m, &body, &why)) {
		reply = body;
		p->version = reply->version;
		go_past(p);
		return true;
	}
	if (session_remote(cli_session(p->cli)) != NULL) {
		*err = why;
		return false;
	}
	cli_warn(p->cli, "%s is not reserved, another worktree may choose it too: %s", p->version,
		 why.message);
	return true;
}

/* Same names are allowed, and easily confused. */
static void
warn_same_name(struct migration_pair *p)
{
	for (size_t i = 0; i < p->set.count; i++) {
		if (strcmp(p->set.items[i].name, p->name) != 0)
			continue;
		p->warning =
			arena_printf(&p->cli->arena, "%s has the same name", p->set.items[i].file);
		cli_warn(p->cli, "%s", p->warning);
		return;
	}
}

static bool
scan(struct migration_pair *p, struct error *err)
{
	struct bundle_info bundle = {0};
	if (!bundle_scan(&p->cli->arena, p->dir, false, &bundle, err))
		return false;
	migration_set_build(&p->cli->arena, &bundle, &p->set);
	return true;
}

static bool
write_pair(struct migration_pair *p, struct error *err)
{
	bool exists = false;
	if (!file_create(p->up_path, p->up, &exists, err))
		return false;
	if (p->down == NULL || file_create(p->down_path, p->down, &exists, err))
		return true;
	unlink(p->up_path);
	return false;
}

bool
migration_pair_make(struct migration_pair *p, struct error *err)
{
	if (p->dry_run && !file_exists(p->dir)) {
		choose_version(p);
		name_files(p);
		return true;
	}
	int fd = -1;
	if (!p->dry_run && (!folder_make(&p->cli->arena, p->dir, err) || !take_lock(p, &fd, err)))
		return false;
	bool ok = scan(p, err);
	if (ok) {
		choose_version(p);
		warn_same_name(p);
		ok = p->dry_run || reserve_version(p, err);
	}
	if (ok) {
		name_files(p);
		ok = p->dry_run || write_pair(p, err);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}
