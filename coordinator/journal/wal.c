/*
 * A power cut may leave any part of the last transaction that was not synced; everything before it
 * is there. So a frame that does not fit is an unfinished write when nothing behind it was synced,
 * and damage otherwise. That something was synced is known from a mark, which is written after the
 * sync and lies behind the last whole frame, where SQLite does not look; or from a frame right
 * behind a commit, since no transaction is written before the one before it is synced.
 */
#include "coordinator/journal/wal.h"

#include <string.h>

#include "coordinator/journal/pages.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

enum {
	FRAME = WAL_FRAME_HEADER + PAGE_BYTES,
	/* in the log's header */
	HEADER_PAGE_SIZE = 8,
	HEADER_SALT = 16,
	HEADER_SUMS = 24,
	/* in a frame's header */
	FRAME_PAGE = 0,
	FRAME_COMMIT = 4,
	FRAME_SALT = 8,
	FRAME_SUMS = 16,
	/* in a mark */
	MARK_SALT = 8,
	MARK_FRAMES = 16,
	MARK_HASH = 24
};

static const unsigned char mark_words[8] = {'C', 'O', 'n', 'F', 's', 'y', 'n', 'c'};
static const uint32_t magic_little = 0x377f0682, magic_big = 0x377f0683;

static uint32_t
big_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
little_at(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void
put_64(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t
get_64(const unsigned char *p)
{
	return (uint64_t)little_at(p + 4) << 32 | little_at(p);
}

/* ---- the log's own sums ---- */
struct sums {
	uint32_t a, b;
	bool big; /* the words of the data are read as big-endian ones */
};

static void
sums_add(struct sums *s, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		s->a += (s->big ? big_at(p + i) : little_at(p + i)) + s->b;
		s->b += (s->big ? big_at(p + i + 4) : little_at(p + i + 4)) + s->a;
	}
}

static bool
sums_are(const struct sums *s, const unsigned char *stored)
{
	return s->a == big_at(stored) && s->b == big_at(stored + 4);
}

static void
sums_from(struct sums *s, const unsigned char *stored)
{
	s->a = big_at(stored);
	s->b = big_at(stored + 4);
}

static bool
read_at(sqlite3_file *f, void *buf, int len, int64_t offset)
{
	return f->pMethods->xRead(f, buf, len, offset) == SQLITE_OK;
}

/* ---- one frame ---- */
static int64_t
frame_offset(int64_t index)
{
	return WAL_HEADER + index * FRAME;
}

/* What the sums of the frame go on from. */
static bool
read_sums_before(sqlite3_file *log, int64_t index, struct sums *out)
{
	unsigned char stored[8];
	int64_t at = index == 0 ? HEADER_SUMS : frame_offset(index - 1) + FRAME_SUMS;

	if (!read_at(log, stored, sizeof(stored), at))
		return false;
	sums_from(out, stored);
	return true;
}

static bool
fits(struct sums s, const unsigned char *header, const void *page)
{
	sums_add(&s, header, 8);
	sums_add(&s, page, PAGE_BYTES);
	return sums_are(&s, header + FRAME_SUMS);
}

bool
wal_frame_intact(sqlite3_file *log, const void *page, int64_t offset, int64_t *frame)
{
	unsigned char magic[4], header[WAL_FRAME_HEADER];
	int64_t index = (offset - WAL_HEADER) / FRAME;
	struct sums before;

	*frame = index + 1;
	if (offset != frame_offset(index) + WAL_FRAME_HEADER)
		return true;
	if (!read_at(log, magic, sizeof(magic), 0) ||
	    !read_at(log, header, sizeof(header), frame_offset(index)) ||
	    !read_sums_before(log, index, &before))
		return false;
	before.big = big_at(magic) == magic_big;
	return fits(before, header, page);
}

/* ---- before a recovery ---- */
struct judge {
	sqlite3_file *log;
	unsigned char header[WAL_HEADER];
	const unsigned char *salt; /* of the generation that is looked at */
	bool big;
	int64_t count; /* whole frames in the file, of any generation */
};

static bool
header_fits(const struct judge *j)
{
	uint32_t magic = big_at(j->header);
	struct sums s = {.big = magic == magic_big};

	sums_add(&s, j->header, HEADER_SUMS);
	return (magic == magic_big || magic == magic_little) &&
	       sums_are(&s, j->header + HEADER_SUMS);
}

/* A frame of this generation, going on from what the one before it says of itself. */
static bool
frame_fits(const struct judge *j, int64_t index, bool *commits)
{
	unsigned char frame[FRAME];
	struct sums before;

	if (!read_at(j->log, frame, FRAME, frame_offset(index)) ||
	    !read_sums_before(j->log, index, &before) ||
	    memcmp(frame + FRAME_SALT, j->salt, 8) != 0 || big_at(frame + FRAME_PAGE) == 0)
		return false;
	before.big = j->big;
	*commits = big_at(frame + FRAME_COMMIT) != 0;
	return fits(before, frame, frame + WAL_FRAME_HEADER);
}

/* Whether a mark lies behind the first `count` frames. */
static bool
read_mark(sqlite3_file *log, int64_t count, unsigned char mark[WAL_MARK])
{
	return read_at(log, mark, WAL_MARK, frame_offset(count)) &&
	       memcmp(mark, mark_words, sizeof(mark_words)) == 0 &&
	       get_64(mark + MARK_HASH) == pages_hash(mark, MARK_HASH, 0) &&
	       get_64(mark + MARK_FRAMES) == (uint64_t)count;
}

static bool
marked(const struct judge *j, int64_t count)
{
	unsigned char mark[WAL_MARK];

	return read_mark(j->log, count, mark) && memcmp(mark + MARK_SALT, j->salt, 8) == 0;
}

/* How many of the frames behind `bad` are known to have been synced. */
static int64_t
synced_behind(const struct judge *j, int64_t bad)
{
	bool after_commit = false;
	int64_t synced = 0;

	for (int64_t i = bad; i <= j->count; i++) {
		bool commits = false;
		bool fit = i < j->count && frame_fits(j, i, &commits);
		if ((i > bad && marked(j, i)) || (after_commit && fit))
			synced = i;
		after_commit = fit && commits;
	}
	return synced;
}

/* Whether the database holds what the newest frame of that page says. */
static bool
carried_over(const struct judge *j, sqlite3_file *database, int64_t index, int64_t count)
{
	unsigned char frame[FRAME], later[4], page[PAGE_BYTES];

	if (!read_at(j->log, frame, FRAME, frame_offset(index)))
		return false;
	for (int64_t i = index + 1; i < count; i++) {
		if (!read_at(j->log, later, sizeof(later), frame_offset(i)))
			return false;
		if (memcmp(later, frame + FRAME_PAGE, sizeof(later)) == 0)
			return true;
	}
	/* What is asked may be damaged itself: there is no page 0. */
	int64_t number = big_at(frame + FRAME_PAGE);
	return number > 0 && read_at(database, page, PAGE_BYTES, (number - 1) * PAGE_BYTES) &&
	       memcmp(page, frame + WAL_FRAME_HEADER, PAGE_BYTES - PAGE_RESERVED) == 0;
}

/*
 * A header that does not fit may be half of a new one: a log is begun anew once all of it is in the
 * database. Then nothing is lost with it.
 */
static int64_t
damage_of_header(struct judge *j, sqlite3_file *database)
{
	unsigned char mark[WAL_MARK];

	for (int64_t count = j->count; count > 0; count--) {
		if (!read_mark(j->log, count, mark))
			continue;
		for (int64_t i = 0; database != NULL && i < count; i++) {
			if (!carried_over(j, database, i, count))
				return i + 1;
		}
		return 0;
	}
	return 0;
}

int64_t
wal_damage(sqlite3_file *log, sqlite3_file *database)
{
	struct judge j = {.log = log};
	sqlite3_int64 size = 0;
	int64_t index = 0, kept = 0;
	bool commits;

	if (log->pMethods->xFileSize(log, &size) != SQLITE_OK || size < WAL_HEADER ||
	    !read_at(log, j.header, WAL_HEADER, 0))
		return 0;
	j.count = (size - WAL_HEADER) / FRAME;
	if (!header_fits(&j))
		return damage_of_header(&j, database);
	j.salt = j.header + HEADER_SALT;
	j.big = big_at(j.header) == magic_big;
	if (big_at(j.header + HEADER_PAGE_SIZE) != PAGE_BYTES)
		return 0;
	for (; index < j.count && frame_fits(&j, index, &commits); index++) {
		if (commits)
			kept = index + 1;
	}
	return synced_behind(&j, index) > kept ? index + 1 : 0;
}

/* ---- while writing ---- */
void
wal_written(struct wal *w, const void *bytes, int len, int64_t offset)
{
	const unsigned char *header = bytes;

	if (len != WAL_FRAME_HEADER || (offset - WAL_HEADER) % FRAME != 0)
		return;
	w->frames = (offset - WAL_HEADER) / FRAME + 1;
	w->commits = big_at(header + FRAME_COMMIT) != 0;
	memcpy(w->salt, header + FRAME_SALT, sizeof(w->salt));
}

bool
wal_mark(const struct wal *w, unsigned char mark[WAL_MARK], int64_t *offset)
{
	bool due = w->frames > 0 && w->commits;

	if (due) {
		memcpy(mark, mark_words, sizeof(mark_words));
		memcpy(mark + MARK_SALT, w->salt, sizeof(w->salt));
		put_64(mark + MARK_FRAMES, (uint64_t)w->frames);
		put_64(mark + MARK_HASH, pages_hash(mark, MARK_HASH, 0));
		*offset = frame_offset(w->frames);
	}
	return due;
}

void
wal_forget(struct wal *w)
{
	*w = (struct wal){0};
}
