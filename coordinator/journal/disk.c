/*
 * A journal is only as good as its behaviour on a disk that fails, and a disk does not fail when a
 * test needs it. This shim stands between SQLite and its own VFS: it forwards every call, and lets
 * a hook fail, shorten or kill any of them first. In use no hook is set and it costs one branch.
 * Here too, what is read is held against its checksums: pages.h and wal.h.
 */
#include "coordinator/journal/disk.h"

#include <pthread.h>
#include <sqlite3.h>

#include "coordinator/journal/pages.h"
#include "coordinator/journal/wal.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

struct disk_file {
	sqlite3_file base; /* first: SQLite hands this back */
	const char *path;
	sqlite3_file *real; /* lies right behind */
	bool is_database, is_log;
	struct pages pages; /* of a database */
	struct wal wal;	    /* of a log */
	int64_t damaged_frame;
};

static sqlite3_vfs *system_vfs;
static const struct disk_hook *hook;

static enum disk_fate
fate(enum disk_op op, const char *path, int64_t offset, size_t len)
{
	return hook == NULL ? DISK_GO_ON : hook->before(hook->self, op, path, offset, len);
}

static struct disk_file *
disk_of(sqlite3_file *f)
{
	return (struct disk_file *)f;
}

static sqlite3_file *
real_of(sqlite3_file *f)
{
	return disk_of(f)->real;
}

/* ---- one open file ---- */
static int
file_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

/* The database that a log belongs to; NULL: it was opened without one. */
static struct disk_file *
database_of(const struct disk_file *log)
{
	return disk_of(sqlite3_database_file_object(log->path));
}

static int
log_damaged(struct disk_file *d, int64_t frame)
{
	database_of(d)->damaged_frame = frame;
	return SQLITE_IOERR_DATA;
}

/*
 * What a killed process wrote and did not sync is in the kernel's cache alone, and from now on it
 * is told as if it had been acknowledged: by a repeated request, which writes nothing itself.
 */
static int
before_recovery(struct disk_file *d)
{
	if (!FAULT(recovered_unsynced)) {
		if (fate(DISK_SYNC, d->path, 0, 0) != DISK_GO_ON)
			return SQLITE_IOERR_FSYNC;
		int rc = d->real->pMethods->xSync(d->real, SQLITE_SYNC_NORMAL);
		if (rc != SQLITE_OK)
			return rc;
	}
	int64_t frame = wal_damage(d->real, database_of(d)->real);
	return frame > 0 ? log_damaged(d, frame) : SQLITE_OK;
}

/* The log's header is read alone only where SQLite is about to recover what the log holds. */
static int
read_log(struct disk_file *d, void *buf, int len, int64_t offset)
{
	int64_t frame;
	int rc = SQLITE_OK;

	if (offset == 0 && len == WAL_HEADER)
		rc = before_recovery(d);
	if (rc != SQLITE_OK)
		return rc;
	rc = d->real->pMethods->xRead(d->real, buf, len, offset);
	if (rc == SQLITE_OK && len == PAGE_BYTES && !wal_frame_intact(d->real, buf, offset, &frame))
		return log_damaged(d, frame);
	return rc;
}

static int
file_read(sqlite3_file *f, void *buf, int len, sqlite3_int64 offset)
{
	struct disk_file *d = disk_of(f);

	if (fate(DISK_READ, d->path, offset, (size_t)len) != DISK_GO_ON)
		return SQLITE_IOERR_READ;
	if (d->is_database)
		return pages_read(&d->pages, d->real, buf, len, offset);
	if (d->is_log)
		return read_log(d, buf, len, offset);
	return d->real->pMethods->xRead(d->real, buf, len, offset);
}

static int
write_bytes(sqlite3_file *f, const void *buf, int len, sqlite3_int64 offset)
{
	switch (fate(DISK_WRITE, disk_of(f)->path, offset, (size_t)len)) {
	case DISK_GO_ON:
		return real_of(f)->pMethods->xWrite(real_of(f), buf, len, offset);
	case DISK_FULL:
		return SQLITE_FULL;
	case DISK_SHORT:
		(void)real_of(f)->pMethods->xWrite(real_of(f), buf, len / 2, offset);
		return SQLITE_IOERR_WRITE;
	case DISK_FAIL:
		break;
	}
	return SQLITE_IOERR_WRITE;
}

static int
file_write(sqlite3_file *f, const void *buf, int len, sqlite3_int64 offset)
{
	struct disk_file *d = disk_of(f);
	char room[PAGE_BYTES];

	if (d->is_database)
		buf = pages_stamp(&d->pages, d->real, buf, len, offset, room);
	int rc = write_bytes(f, buf, len, offset);
	if (d->is_log && rc == SQLITE_OK)
		wal_written(&d->wal, buf, len, offset);
	else
		wal_forget(&d->wal);
	return rc;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	if (fate(DISK_TRUNCATE, disk_of(f)->path, size, 0) != DISK_GO_ON)
		return SQLITE_IOERR_TRUNCATE;
	return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int
file_sync(sqlite3_file *f, int flags)
{
	struct disk_file *d = disk_of(f);
	unsigned char mark[WAL_MARK];
	int64_t offset;

	int rc = SQLITE_IOERR_FSYNC;
	if (FAULT(sync_skipped) || (FAULT(sync_normal) && d->is_log))
		return SQLITE_OK;
	if (fate(DISK_SYNC, d->path, 0, 0) == DISK_GO_ON)
		rc = d->real->pMethods->xSync(d->real, flags);
	/* Without the mark what was synced is as durable; only damage is seen later. */
	if (rc == SQLITE_OK && d->is_log && wal_mark(&d->wal, mark, &offset))
		(void)write_bytes(f, mark, sizeof(mark), offset);
	wal_forget(&d->wal);
	return rc;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int
file_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int
file_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	struct disk_file *d = disk_of(f);

	if (op == DISK_ASK) {
		*(struct disk_state *)arg = (struct disk_state){
			.checked = pages_kind_of(&d->pages, d->real) == PAGES_CHECKED,
			.damaged_page = d->pages.damaged,
			.damaged_frame = d->damaged_frame};
		return SQLITE_OK;
	}
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
file_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
file_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int
file_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), region, size, extend, out);
}

static int
file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int
file_shm_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

/* Version 2: shared memory for WAL, and no memory mapping, whose faults no hook could decide. */
static const sqlite3_io_methods file_methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- the file system ---- */
static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
	struct disk_file *d = disk_of(f);

	(void)vfs;
	*d = (struct disk_file){.path = path,
				.is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0,
				.is_log = (flags & SQLITE_OPEN_WAL) != 0};
	d->real = (sqlite3_file *)(d + 1);
	if (fate(DISK_OPEN, path, 0, 0) != DISK_GO_ON)
		return SQLITE_CANTOPEN;
	int rc = system_vfs->xOpen(system_vfs, path, d->real, flags, out_flags);
	if (d->real->pMethods != NULL)
		d->base.pMethods = &file_methods;
	return rc;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	(void)vfs;
	if (fate(DISK_DELETE, path, 0, 0) != DISK_GO_ON)
		return SQLITE_IOERR_DELETE;
	return system_vfs->xDelete(system_vfs, path, sync_dir);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	(void)vfs;
	return system_vfs->xAccess(system_vfs, path, flags, out);
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	return system_vfs->xFullPathname(system_vfs, path, size, out);
}

static int
vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	return system_vfs->xRandomness(system_vfs, len, out);
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return system_vfs->xSleep(system_vfs, us);
}

static int
vfs_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	return system_vfs->xCurrentTime(system_vfs, out);
}

static int
vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	return system_vfs->xCurrentTimeInt64(system_vfs, out);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	return system_vfs->xGetLastError(system_vfs, len, out);
}

static sqlite3_vfs confiture_vfs = {
	.iVersion = 2,
	.zName = DISK_VFS,
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_path,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xGetLastError = vfs_last_error,
	.xCurrentTime = vfs_time,
	.xCurrentTimeInt64 = vfs_time64,
};

static void
register_once(void)
{
	system_vfs = sqlite3_vfs_find(NULL);
	if (system_vfs == NULL)
		return;
	confiture_vfs.szOsFile = (int)sizeof(struct disk_file) + system_vfs->szOsFile;
	confiture_vfs.mxPathname = system_vfs->mxPathname;
	if (sqlite3_vfs_register(&confiture_vfs, 0) != SQLITE_OK)
		system_vfs = NULL;
}

bool
disk_register(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_once);
	return system_vfs != NULL;
}

void
disk_set_hook(const struct disk_hook *h)
{
	hook = h;
}
