/*
 * Each file is kept twice: as it reads (what the kernel would have in its cache) and as it would be
 * after a power cut; between the two lies the list of writes since the last sync. SQLite promises
 * to survive any subset of them, so any subset is what it gets.
 */
#include "tests/sim/simdisk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { FILES = 8, REGION_MOST = 64, SECTOR = 512, PATH_ROOM = 512, YIELD_ONCE_IN = 48 };

struct content {
	char *bytes;
	size_t size, cap;
};

/* A write, or with `bytes` NULL a truncation to `offset`. */
struct pending {
	struct pending *next;
	size_t offset, len;
	char bytes[];
};

struct sim_file {
	char path[PATH_ROOM];
	bool exists;
	struct content seen, safe;
	struct pending *pending, **pending_end;
	void *regions[REGION_MOST]; /* shared memory of the WAL index */
	size_t region_count;
};

struct simdisk {
	struct world *world;
	struct simdisk_rules rules;
	struct sim_file files[FILES];
	struct dice dice;
};

struct handle {
	sqlite3_file base; /* first */
	struct simdisk *disk;
	struct sim_file *file;
	bool delete_on_close;
};

static struct simdisk *in_use;

/* ---- contents ---- */
static void
content_room(struct content *c, size_t size)
{
	if (size <= c->cap)
		return;
	size_t cap = c->cap ? c->cap : 65536;
	while (cap < size)
		cap *= 2;
	c->bytes = realloc(c->bytes, cap);
	if (c->bytes == NULL)
		abort();
	c->cap = cap;
}

static void
content_put(struct content *c, size_t offset, const void *bytes, size_t len)
{
	content_room(c, offset + len);
	if (offset > c->size)
		memset(c->bytes + c->size, 0, offset - c->size);
	memcpy(c->bytes + offset, bytes, len);
	if (offset + len > c->size)
		c->size = offset + len;
}

static void
content_cut(struct content *c, size_t size)
{
	if (size < c->size)
		c->size = size;
}

static void
content_set(struct content *to, const struct content *from)
{
	to->size = 0;
	if (from->size > 0)
		content_put(to, 0, from->bytes, from->size);
}

/* ---- what was not synced ---- */
static void
pending_add(struct sim_file *f, size_t offset, const void *bytes, size_t len)
{
	struct pending *p = malloc(sizeof(*p) + len);

	if (p == NULL)
		abort();
	*p = (struct pending){.offset = offset, .len = len};
	if (len > 0)
		memcpy(p->bytes, bytes, len);
	*f->pending_end = p;
	f->pending_end = &p->next;
}

static void
pending_apply(struct sim_file *f, const struct pending *p, size_t len)
{
	if (p->len == 0)
		content_cut(&f->safe, p->offset);
	else
		content_put(&f->safe, p->offset, p->bytes, len);
}

/* `dice` NULL: all of it. Else each one is kept, lost or torn. */
static void
pending_settle(struct sim_file *f, struct dice *dice)
{
	uint64_t mood = dice != NULL ? dice_below(dice, 4) : 0;

	for (struct pending *p = f->pending, *next; p != NULL; p = next) {
		next = p->next;
		uint64_t fate = dice != NULL ? dice_below(dice, 8) : 0;
		if (dice == NULL || mood == 0 || (mood == 1 && fate < 6))
			pending_apply(f, p, p->len);
		else if (mood != 3 && fate == 7 && p->len > SECTOR)
			pending_apply(f, p, SECTOR * dice_between(dice, 1, p->len / SECTOR));
		else if (mood == 2 && fate < 4)
			pending_apply(f, p, p->len);
		free(p);
	}
	f->pending = NULL;
	f->pending_end = &f->pending;
}

/* ---- files of the disk ---- */
static struct sim_file *
file_find(struct simdisk *d, const char *path)
{
	for (size_t i = 0; i < FILES; i++) {
		if (d->files[i].path[0] != '\0' && strcmp(d->files[i].path, path) == 0)
			return &d->files[i];
	}
	return NULL;
}

static struct sim_file *
file_make(struct simdisk *d, const char *path)
{
	struct sim_file *f = file_find(d, path);

	for (size_t i = 0; f == NULL && i < FILES; i++) {
		if (d->files[i].path[0] != '\0')
			continue;
		f = &d->files[i];
		snprintf(f->path, sizeof(f->path), "%s", path);
		f->pending_end = &f->pending;
	}
	if (f == NULL)
		abort();
	f->exists = true;
	return f;
}

static void
file_remove(struct sim_file *f)
{
	pending_settle(f, NULL);
	f->seen.size = f->safe.size = 0;
	f->exists = false;
}

static void
drop_regions(struct sim_file *f)
{
	for (size_t i = 0; i < f->region_count; i++)
		free(f->regions[i]);
	f->region_count = 0;
}

/* ---- faults ---- */
/* True: the operation fails. */
static bool
strike(struct simdisk *d, uint32_t share)
{
	struct world *w = d->world;

	if (w == NULL || fiber_current(w->sched) == NULL)
		return false;
	if (dice_once_in(&d->dice, YIELD_ONCE_IN))
		fiber_yield(w->sched);
	return d->rules.fail_once_in > 0 && dice_once_in(&d->dice, d->rules.fail_once_in * share);
}

static struct handle *
handle_of(sqlite3_file *f)
{
	return (struct handle *)f;
}

/* ---- one open file ---- */
static int
sim_close(sqlite3_file *base)
{
	struct handle *h = handle_of(base);

	if (h->delete_on_close)
		file_remove(h->file);
	return SQLITE_OK;
}

static int
sim_read(sqlite3_file *base, void *buf, int len, sqlite3_int64 offset)
{
	struct handle *h = handle_of(base);
	const struct content *c = &h->file->seen;
	size_t at = (size_t)offset, want = (size_t)len;

	if (strike(h->disk, 8))
		return SQLITE_IOERR_READ;
	size_t have = at >= c->size ? 0 : c->size - at < want ? c->size - at : want;
	if (have > 0)
		memcpy(buf, c->bytes + at, have);
	if (have == want)
		return SQLITE_OK;
	memset((char *)buf + have, 0, want - have);
	return SQLITE_IOERR_SHORT_READ;
}

static int
sim_write(sqlite3_file *base, const void *buf, int len, sqlite3_int64 offset)
{
	struct handle *h = handle_of(base);
	size_t want = (size_t)len;
	bool strikes = strike(h->disk, 1);

	if (strikes && dice_once_in(&h->disk->dice, 2))
		return SQLITE_IOERR_WRITE;
	if (strikes)
		want /= 2;
	if (h->disk->rules.full && (size_t)offset + want > h->file->seen.size)
		return SQLITE_FULL;
	content_put(&h->file->seen, (size_t)offset, buf, want);
	if (want > 0)
		pending_add(h->file, (size_t)offset, buf, want);
	return strikes ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int
sim_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct handle *h = handle_of(base);

	if (strike(h->disk, 1))
		return SQLITE_IOERR_TRUNCATE;
	content_cut(&h->file->seen, (size_t)size);
	pending_add(h->file, (size_t)size, NULL, 0);
	return SQLITE_OK;
}

static int
sim_sync(sqlite3_file *base, int flags)
{
	struct handle *h = handle_of(base);
	struct simdisk *d = h->disk;

	(void)flags;
	if (strike(d, 1))
		return SQLITE_IOERR_FSYNC;
	if (d->world != NULL && fiber_current(d->world->sched) != NULL)
		fiber_sleep(d->world->sched,
			    dice_between(&d->dice, d->rules.sync_least_ns, d->rules.sync_most_ns));
	pending_settle(h->file, NULL);
	return SQLITE_OK;
}

static int
sim_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)handle_of(base)->file->seen.size;
	return SQLITE_OK;
}

/* One connection: nobody is in its way. */
static int
sim_lock(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int
sim_reserved(sqlite3_file *base, int *out)
{
	(void)base;
	*out = 0;
	return SQLITE_OK;
}

static int
sim_control(sqlite3_file *base, int op, void *arg)
{
	(void)base;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
sim_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

static int
sim_device(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
sim_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
	struct sim_file *f = handle_of(base)->file;

	*out = NULL;
	if (region >= REGION_MOST)
		return SQLITE_IOERR_SHMMAP;
	while ((size_t)region >= f->region_count && extend) {
		f->regions[f->region_count] = calloc(1, (size_t)size);
		if (f->regions[f->region_count++] == NULL)
			abort();
	}
	if ((size_t)region < f->region_count)
		*out = f->regions[region];
	return SQLITE_OK;
}

static int
sim_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	(void)base;
	(void)offset;
	(void)n;
	(void)flags;
	return SQLITE_OK;
}

static void
sim_shm_barrier(sqlite3_file *base)
{
	(void)base;
}

static int
sim_shm_unmap(sqlite3_file *base, int remove)
{
	if (remove)
		drop_regions(handle_of(base)->file);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = sim_close,
	.xRead = sim_read,
	.xWrite = sim_write,
	.xTruncate = sim_truncate,
	.xSync = sim_sync,
	.xFileSize = sim_size,
	.xLock = sim_lock,
	.xUnlock = sim_lock,
	.xCheckReservedLock = sim_reserved,
	.xFileControl = sim_control,
	.xSectorSize = sim_sector,
	.xDeviceCharacteristics = sim_device,
	.xShmMap = sim_shm_map,
	.xShmLock = sim_shm_lock,
	.xShmBarrier = sim_shm_barrier,
	.xShmUnmap = sim_shm_unmap,
};

/* ---- the file system ---- */
static int
sim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags)
{
	struct handle *h = handle_of(base);
	struct simdisk *d = in_use;

	(void)vfs;
	*h = (struct handle){0};
	if (strike(d, 1))
		return SQLITE_CANTOPEN;
	struct sim_file *f = file_find(d, path != NULL ? path : "temporary");
	if ((f == NULL || !f->exists) && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	h->disk = d;
	h->file = file_make(d, path != NULL ? path : "temporary");
	h->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	h->base.pMethods = &methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
sim_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	struct sim_file *f = file_find(in_use, path);

	(void)vfs;
	(void)sync_dir;
	if (strike(in_use, 1))
		return SQLITE_IOERR_DELETE;
	if (f == NULL || !f->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	file_remove(f);
	return SQLITE_OK;
}

static int
sim_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	const struct sim_file *f = file_find(in_use, path);

	(void)vfs;
	/* As the real one: an empty file does not count as existing. */
	*out = f != NULL && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->seen.size > 0);
	return SQLITE_OK;
}

static int
sim_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	snprintf(out, (size_t)size, "%s", path);
	return SQLITE_OK;
}

static int
sim_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	for (int i = 0; i < len; i++)
		out[i] = (char)dice_next(&in_use->dice);
	return len;
}

static int
sim_sleep(sqlite3_vfs *vfs, int us)
{
	struct world *w = in_use->world;

	(void)vfs;
	if (w != NULL && fiber_current(w->sched) != NULL)
		fiber_sleep(w->sched, (uint64_t)us * 1000);
	return us;
}

static int
sim_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	uint64_t ns = in_use->world != NULL ? sched_now(in_use->world->sched) : 0;

	(void)vfs;
	*out = (sqlite3_int64)(2451910.5 * 86400000.0) + (sqlite3_int64)(ns / 1000000);
	return SQLITE_OK;
}

static int
sim_time(sqlite3_vfs *vfs, double *out)
{
	sqlite3_int64 ms;

	(void)sim_time64(vfs, &ms);
	*out = (double)ms / 86400000.0;
	return SQLITE_OK;
}

static int
sim_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	if (len > 0)
		out[0] = '\0';
	return 0;
}

static sqlite3_vfs vfs = {
	.iVersion = 2,
	.szOsFile = sizeof(struct handle),
	.mxPathname = PATH_ROOM - 1,
	.zName = "simdisk",
	.xOpen = sim_open,
	.xDelete = sim_delete,
	.xAccess = sim_access,
	.xFullPathname = sim_full_path,
	.xRandomness = sim_randomness,
	.xSleep = sim_sleep,
	.xGetLastError = sim_last_error,
	.xCurrentTime = sim_time,
	.xCurrentTimeInt64 = sim_time64,
};

bool
simdisk_install(void)
{
	return sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
	       sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
	       sqlite3_initialize() == SQLITE_OK && sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
}

struct simdisk *
simdisk_new(struct world *w)
{
	struct simdisk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		abort();
	d->world = w;
	if (w != NULL)
		d->dice = dice_fork(&w->dice);
	return d;
}

void
simdisk_free(struct simdisk *d)
{
	for (size_t i = 0; i < FILES; i++) {
		struct sim_file *f = &d->files[i];
		if (f->path[0] == '\0')
			continue;
		pending_settle(f, NULL);
		drop_regions(f);
		free(f->seen.bytes);
		free(f->safe.bytes);
	}
	if (in_use == d)
		in_use = NULL;
	free(d);
}

void
simdisk_use(struct simdisk *d)
{
	in_use = d;
	/* Its generator is one for the whole program: it begins anew from this disk's stream. */
	sqlite3_randomness(0, NULL);
}

void
simdisk_copy(struct simdisk *to, const struct simdisk *from)
{
	for (size_t i = 0; i < FILES; i++) {
		const struct sim_file *f = &from->files[i];
		if (f->path[0] == '\0' || !f->exists)
			continue;
		struct sim_file *copy = file_make(to, f->path);
		content_set(&copy->seen, &f->seen);
		content_set(&copy->safe, &f->seen);
	}
}

void
simdisk_create(struct simdisk *d, const char *path)
{
	(void)file_make(d, path);
}

void
simdisk_set_rules(struct simdisk *d, const struct simdisk_rules *rules)
{
	d->rules = *rules;
}

void
simdisk_crash(struct simdisk *d, bool power)
{
	for (size_t i = 0; i < FILES; i++) {
		struct sim_file *f = &d->files[i];
		if (f->path[0] == '\0')
			continue;
		drop_regions(f);
		if (!power)
			continue;
		pending_settle(f, &d->dice);
		content_set(&f->seen, &f->safe);
	}
}
