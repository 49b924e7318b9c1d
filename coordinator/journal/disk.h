#ifndef CONFITURE_COORDINATOR_JOURNAL_DISK_H
#define CONFITURE_COORDINATOR_JOURNAL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The seam between the journal and the disk: a SQLite VFS named DISK_VFS that forwards to the
 * system's. Every journal opens through it, so that tests and the simulator decide what the n-th
 * read, write or sync does, in the very code that users run.
 */
#define DISK_VFS "confiture"

enum disk_op { DISK_OPEN, DISK_READ, DISK_WRITE, DISK_SYNC, DISK_TRUNCATE, DISK_DELETE, DISK_OPS };

enum disk_fate {
	DISK_GO_ON,
	DISK_FAIL, /* an I/O error; nothing is done */
	DISK_FULL, /* writes: no room; nothing is done */
	DISK_SHORT /* writes: half of it is done, then an I/O error */
};

/* Asked before each operation, on the thread that makes it. `path` may be NULL (temporary files).
 */
struct disk_hook {
	enum disk_fate (*before)(void *self, enum disk_op op, const char *path, int64_t offset,
				 size_t len);
	void *self;
};

/* A file control of the VFS: fills a struct disk_state about a database file. */
enum { DISK_ASK = 0x434f6e46 };
struct disk_state {
	bool checked; /* its pages carry checksums */
	/* The newest that was found; 0: none. A frame is one of the write-ahead log. */
	uint32_t damaged_page;
	int64_t damaged_frame;
};

/* Makes the VFS known to SQLite; once per process, harmless to repeat. False: no system VFS. */
bool disk_register(void);
/* NULL: none. Not while another thread uses a journal. */
void disk_set_hook(const struct disk_hook *hook);

#endif
