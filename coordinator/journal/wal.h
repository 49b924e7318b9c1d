#ifndef CONFITURE_COORDINATOR_JOURNAL_WAL_H
#define CONFITURE_COORDINATOR_JOURNAL_WAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What SQLite does not tell about its write-ahead log. Its recovery ends at the first frame that
 * does not fit and calls the rest an unfinished write: after a flipped bit it would drop
 * transactions that were acknowledged. And a frame that is read later is not checked at all.
 *
 * So each frame is checked when it is read, by the log's own sums; a mark behind the last frame of
 * each synced transaction says that it was synced; and recovery is refused when frames were synced
 * that it would drop. What is not seen is damage to the newest mark and to the transaction right
 * before it at once: that is what a power cut before the sync leaves. The log's format is SQLite's
 * (https://www.sqlite.org/fileformat2.html, 4).
 */
enum { WAL_HEADER = 32, WAL_FRAME_HEADER = 24, WAL_MARK = 32 };

struct wal {
	int64_t frames; /* up to the newest one that this process wrote; 0: none since a sync */
	unsigned char salt[8]; /* of that frame */
	bool commits;	       /* it ends a transaction */
};

/* Whether the page at `offset`, which is in `page`, is what was written there. *frame counts from
 * 1. */
bool wal_frame_intact(sqlite3_file *log, const void *page, int64_t offset, int64_t *frame);
/* Before SQLite recovers: the first frame that is damaged although it was synced, 0 when there is
 * none. `database` is the file that the log belongs to, and may be NULL. */
int64_t wal_damage(sqlite3_file *log, sqlite3_file *database);
/* Remembers what was written. */
void wal_written(struct wal *w, const void *bytes, int len, int64_t offset);
/* After a sync. The mark to write, and where; false: none is due. */
bool wal_mark(const struct wal *w, unsigned char mark[WAL_MARK], int64_t *offset);
/* After that, and whenever a write or a sync failed: SQLite takes the transaction back then and
 * writes the next one over its frames, so that no later sync may speak for them. */
void wal_forget(struct wal *w);

#endif
