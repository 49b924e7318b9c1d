/*
 * The newest copy's name says when the next one is due, so that a coordinator which is started
 * anew again and again makes no more of them, and one that was away makes up for it.
 */
#include "coordinator/daemon/copies.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/copy.h"

#include "shared/base/banned.h"

enum { AGAIN_MS = 60000, COPIES_MAX = 10000, NAME = 40 };

static const char prefix[] = "journal-", suffix[] = "Z.db";

struct copies {
	struct runtime *rt;
	const struct daemon_config *config;
	struct log *log;
	struct thread *thread;
	struct mutex *lock;
	struct cond *changed;
	bool stopping; /* under the lock */
};

/* ---- names ---- */
/* "2026-01-02T03:04:05.000000Z" without what a file name is better off without. */
static void
name_of_now(struct runtime *rt, char out[NAME])
{
	char now[TIME_TEXT], digits[TIME_TEXT];
	size_t n = 0;

	time_print(rt->ops->wall_us(rt), now);
	for (size_t i = 0; now[i] != '\0' && now[i] != '.'; i++) {
		if (now[i] != '-' && now[i] != ':')
			digits[n++] = now[i];
	}
	digits[n] = '\0';
	snprintf(out, NAME, "%s%s%s", prefix, digits, suffix);
}

static bool
is_copy(const char *name)
{
	size_t len = strlen(name);

	return len < NAME && len > sizeof(prefix) + sizeof(suffix) &&
	       strncmp(name, prefix, sizeof(prefix) - 1) == 0 &&
	       strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Those that are there, oldest first. */
static size_t
list(const char *folder, char (*out)[NAME])
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	if (dir == NULL)
		return 0;
	for (struct dirent *e = readdir(dir); e != NULL && count < COPIES_MAX; e = readdir(dir)) {
		if (is_copy(e->d_name))
			snprintf(out[count++], NAME, "%s", e->d_name);
	}
	closedir(dir);
	qsort(out, count, NAME, by_name);
	return count;
}

static const char *
path_of(const struct copies *c, const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", c->config->copies_folder, name);
	return out;
}

/* ---- one look at the folder ---- */
/* How long the newest copy is good for yet. */
static int64_t
due_in_ms(const struct copies *c, char (*names)[NAME], size_t count)
{
	char path[PATH_MAX];
	struct stat st;

	if (count == 0 || stat(path_of(c, names[count - 1], path), &st) != 0)
		return 0;
	int64_t age = c->rt->ops->wall_us(c->rt) / 1000 - (int64_t)st.st_mtime * 1000;
	return age < 0 || age >= c->config->copies_every_ms ? 0 : c->config->copies_every_ms - age;
}

static void
prune(const struct copies *c, char (*names)[NAME], size_t count)
{
	char path[PATH_MAX];

	for (size_t i = 0; i + (size_t)c->config->copies_keep < count; i++)
		(void)unlink(path_of(c, names[i], path));
}

/* Returns when to look again. */
static int64_t
look(struct copies *c, char (*names)[NAME])
{
	char name[NAME], path[PATH_MAX];
	struct error err = {0};
	int64_t due = due_in_ms(c, names, list(c->config->copies_folder, names));

	if (due > 0)
		return due;
	name_of_now(c->rt, name);
	if (!journal_copy(c->rt, c->config->journal, path_of(c, name, path), &err)) {
		log_error(c->log, LEVEL_ERROR, "the journal could not be copied", &err, NULL);
		return AGAIN_MS;
	}
	log_put(c->log, LEVEL_INFO, "journal copied", "file", path, NULL);
	prune(c, names, list(c->config->copies_folder, names));
	return c->config->copies_every_ms;
}

static void
run(void *arg)
{
	struct copies *c = arg;
	char(*names)[NAME] = calloc(COPIES_MAX, NAME);

	if (names == NULL)
		abort();
	c->rt->ops->mutex_lock(c->rt, c->lock);
	while (!c->stopping) {
		c->rt->ops->mutex_unlock(c->rt, c->lock);
		uint64_t next = runtime_deadline(c->rt, look(c, names));
		c->rt->ops->mutex_lock(c->rt, c->lock);
		while (!c->stopping && runtime_boot_ns(c->rt) < next)
			(void)c->rt->ops->cond_wait(c->rt, c->changed, c->lock, next);
	}
	c->rt->ops->mutex_unlock(c->rt, c->lock);
	free(names);
}

struct copies *
copies_start(struct runtime *rt, const struct daemon_config *config, struct log *log)
{
	struct copies *c = config->copies_folder != NULL ? calloc(1, sizeof(*c)) : NULL;

	if (config->copies_folder == NULL)
		return NULL;
	if (c == NULL)
		abort();
	c->rt = rt;
	c->config = config;
	c->log = log;
	c->lock = rt->ops->mutex_new(rt);
	c->changed = rt->ops->cond_new(rt);
	c->thread = rt->ops->thread_start(rt, "copies", run, c);
	return c;
}

void
copies_stop(struct copies *c)
{
	if (c == NULL)
		return;
	c->rt->ops->mutex_lock(c->rt, c->lock);
	c->stopping = true;
	c->rt->ops->cond_wake(c->rt, c->changed);
	c->rt->ops->mutex_unlock(c->rt, c->lock);
	c->rt->ops->thread_join(c->rt, c->thread);
	c->rt->ops->mutex_free(c->rt, c->lock);
	c->rt->ops->cond_free(c->rt, c->changed);
	free(c);
}
