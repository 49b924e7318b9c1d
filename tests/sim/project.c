/*
 * The files of the real disk. Their content never changes, and what the workers keep of them is
 * emptied before each seed, so that a seed does not depend on those that ran before it.
 */
#include "tests/sim/project.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/journal.h"
#include "tests/sim/old_journal.h"
#include "tests/sim/simdisk.h"

#include "shared/base/banned.h"

#define COUNT_UP(id)   "UPDATE " PROJECT_TABLE " SET n = n + 1 WHERE id = '" id "';\n"
#define COUNT_DOWN(id) "UPDATE " PROJECT_TABLE " SET n = n - 1 WHERE id = '" id "';\n"

static const char *const versions[PROJECT_VERSIONS] = {"001", "002", "003", "004", "005", "006"};

/* `kinds`: which projects have it, as bits. */
static const struct {
	unsigned kinds;
	const char *name, *text;
} files[] = {
	{7, "001_table.up.sql",
	 "CREATE TABLE a1 (id text PRIMARY KEY, n bigint);\n" COUNT_UP("001")},
	{7, "001_table.down.sql", COUNT_DOWN("001") "DROP TABLE a1;\n"},
	{7, "002_rows.up.sql",
	 "INSERT INTO a1 (id, n) VALUES ('one', 1);\nINSERT INTO a1 (id, n) VALUES ('two', "
	 "2);\n" COUNT_UP("002") "UPDATE a1 SET n = n + 1 WHERE id = 'one';\n"},
	{7, "002_rows.down.sql",
	 COUNT_DOWN("002") "DELETE FROM a1 WHERE id = 'one';\nDELETE FROM a1 WHERE id = 'two';\n"},
	{7, "003_count.up.sql", COUNT_UP("003")},
	{7, "003_count.down.sql", COUNT_DOWN("003")},
	{1, "004_more.up.sql",
	 "CREATE TABLE a4 (id text PRIMARY KEY, n bigint);\n" COUNT_UP("004")},
	{1, "004_more.down.sql", "DROP TABLE a4;\n" COUNT_DOWN("004")},
	{2, "005_outside.up.sql",
	 "CREATE INDEX CONCURRENTLY i5 ON a1 (n);\n" COUNT_UP(
		 "005") "CREATE INDEX CONCURRENTLY j5 ON a1 (n);\nREINDEX INDEX CONCURRENTLY i5;\n"
			"INSERT INTO a1 (id, n) VALUES ('five', 5);\n"},
	{2, "005_outside.down.sql",
	 "DROP INDEX CONCURRENTLY j5;\n" COUNT_DOWN(
		 "005") "DELETE FROM a1 WHERE id = 'five';\nDROP INDEX CONCURRENTLY i5;\n"},
	{4, "006_fails.up.sql",
	 COUNT_UP("006") "INSERT INTO a1 (id, n) VALUES ('same', 1);\n"
			 "INSERT INTO a1 (id, n) VALUES ('same', 2);\n"},
};

static void
fail(const char *what, const char *path)
{
	perror(what);
	fprintf(stderr, "%s\n", path);
	exit(2);
}

const char *
project_version(size_t i)
{
	return versions[i];
}

size_t
project_version_count(enum project_files kind)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		count += (files[i].kinds >> kind & 1) != 0 && strstr(files[i].name, ".up.") != NULL;
	return count;
}

/* ---- making ---- */
static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[2 * PROJECT_PATH];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		fail("write", path);
}

static void
make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0)
		fail("mkdir", path);
}

static void
make_migrations(struct project *p)
{
	struct error err = {0};

	for (int kind = 0; kind < PROJECT_KINDS; kind++) {
		snprintf(p->migrations[kind], sizeof(p->migrations[kind]), "%s/m%d", p->folder,
			 kind);
		make_folder(p->migrations[kind]);
		for (size_t i = 0; i < ARRAY_LEN(files); i++) {
			if ((files[i].kinds >> kind & 1) != 0)
				write_file(p->migrations[kind], files[i].name, files[i].text);
		}
		if (!bundle_scan(&p->arena, p->migrations[kind], true, &p->bundles[kind], &err))
			fail(err.message, p->migrations[kind]);
	}
}

static const char *
text_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (strcmp(files[i].name, name) == 0)
			return files[i].text;
	}
	abort();
}

static bool
put_files(const struct project *p, struct journal *j, struct error *err)
{
	bool known;

	if (!journal_begin(j, err))
		return false;
	for (int kind = 0; kind < PROJECT_KINDS; kind++) {
		for (size_t i = 0; i < p->bundles[kind].files.count; i++) {
			const struct bundle_file *f = &p->bundles[kind].files.items[i];
			struct bundle_put piece = {.sha256 = f->sha256,
						   .total = f->size,
						   .data = span_str(text_of(f->name))};
			known = false;
			if (!journal_bundle_put(j, "agent:maker", &piece, INT64_MAX, &known, err) &&
			    !known)
				return false;
		}
	}
	return journal_commit(j, err);
}

/* A journal as a coordinator leaves it that was used and stopped. */
static void
make_image(struct project *p)
{
	struct world w = {.dice = {20010101}};
	struct machine m = {0};
	struct error err = {0};
	struct journal *j = NULL;

	w.sched = sched_new(&w.dice);
	machine_boot(&m, &w);
	struct process *maker = process_new(&w, &m, "maker");
	p->image = simdisk_new(NULL);
	simdisk_create(p->image, p->journal);
	simdisk_use(p->image);
	if (!journal_open(&maker->rt, p->journal, true, &j, &err) || !put_files(p, j, &err))
		fail(err.message, p->journal);
	journal_close(j);
	world_end(&w);
}

static void
make_old_images(struct project *p)
{
	p->old_count = old_journal_versions();
	if (p->old_count > PROJECT_OLD_JOURNALS)
		abort();
	for (size_t i = 0; i < p->old_count; i++) {
		p->old[i] = simdisk_new(NULL);
		simdisk_create(p->old[i], p->journal);
		simdisk_use(p->old[i]);
		old_journal_make(p->journal, i + 1);
	}
}

void
project_open(struct project *p)
{
	const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	*p = (struct project){0};
	arena_init(&p->arena);
	snprintf(p->folder, sizeof(p->folder), "%s/confiture-sim-XXXXXX", root);
	if (mkdtemp(p->folder) == NULL)
		fail("mkdtemp", p->folder);
	snprintf(p->journal, sizeof(p->journal), "%s/journal.db", p->folder);
	write_file(p->folder, "journal.db", "");
	for (int i = 0; i < PROJECT_SPOOLS; i++) {
		snprintf(p->spools[i], sizeof(p->spools[i]), "%s/spool%d", p->folder, i);
		make_folder(p->spools[i]);
	}
	make_migrations(p);
	make_image(p);
	make_old_images(p);
}

static void
empty_folder(const char *path)
{
	DIR *dir = opendir(path);

	if (dir == NULL)
		fail("opendir", path);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), e->d_name, 0) != 0)
			fail("unlink", path);
	}
	closedir(dir);
}

void
project_reset(const struct project *p)
{
	for (int i = 0; i < PROJECT_SPOOLS; i++)
		empty_folder(p->spools[i]);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
project_close(struct project *p)
{
	simdisk_free(p->image);
	for (size_t i = 0; i < p->old_count; i++)
		simdisk_free(p->old[i]);
	(void)nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_fini(&p->arena);
}
