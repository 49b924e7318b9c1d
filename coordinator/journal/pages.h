#ifndef CONFITURE_COORDINATOR_JOURNAL_PAGES_H
#define CONFITURE_COORDINATOR_JOURNAL_PAGES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Checksums of a database file's pages. The last PAGE_RESERVED bytes of each page, which SQLite
 * leaves alone in a file made with that many reserved bytes, hold a 64-bit hash over the page's
 * other bytes and its number: a flipped bit is seen, and so is a page that lies where another
 * belongs. A file without reserved bytes is read and written as it is.
 */
enum { PAGE_BYTES = 4096, PAGE_RESERVED = 8 };

/* Seeded, fast, not cryptographic: against disks, not against people. */
uint64_t pages_hash(const void *bytes, size_t len, uint64_t seed);

enum pages_kind {
	PAGES_UNDECIDED, /* nothing was read or written yet, or the file is empty */
	PAGES_CHECKED,
	PAGES_PLAIN
};

struct pages {
	enum pages_kind kind;
	uint32_t damaged; /* number of the page whose checksum was wrong; 0: none was seen */
};

/* Looks at the file, if that was not done. */
enum pages_kind pages_kind_of(struct pages *p, sqlite3_file *file);
/* Like xRead; SQLITE_IOERR_DATA with `damaged` set where a checksum is wrong. The first 100 bytes
 * can be read alone and are believed: SQLite looks there for the page size, and again at the whole
 * page later. */
int pages_read(struct pages *p, sqlite3_file *file, void *buf, int len, int64_t offset);
/* The bytes to write instead of `bytes`: those, or a copy in `room` with its checksum. */
const void *pages_stamp(struct pages *p, sqlite3_file *file, const void *bytes, int len,
			int64_t offset, char room[PAGE_BYTES]);

#endif
