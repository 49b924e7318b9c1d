/*
 * P6: whatever flips in the journal's file or in its log, the journal is refused or recovered, and
 * never answers with anything but the truth. The truth is every row of every table, read before.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/disk.h"
#include "coordinator/journal/pages.h"
#include "coordinator/journal/query.h"
#include "coordinator/journal/wal.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

enum { IMAGE_MAX = 1 << 20, TRUTH_MAX = 1 << 18 };

static struct scratch scratch;

/* ---- files ---- */
struct image {
	unsigned char *bytes;
	size_t size;
};

static const char *
log_path(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s-wal", scratch.journal);
	return path;
}

static struct image
read_image(const char *path)
{
	struct image image = {.bytes = malloc(IMAGE_MAX)};
	int fd = open(path, O_RDONLY);

	REQUIRE(image.bytes != NULL && fd >= 0);
	ssize_t n = read(fd, image.bytes, IMAGE_MAX);
	REQUIRE(n >= 0 && n < IMAGE_MAX);
	close(fd);
	image.size = (size_t)n;
	return image;
}

/* Both files as they were, whatever was done to them since. */
static void
put_image(const char *path, const struct image *image)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, image->bytes, image->size) == (ssize_t)image->size);
	close(fd);
}

/* ---- the truth ---- */
/* Every row of every table, in order; NULL when it was refused. */
static char *
all_rows(struct journal *j, struct error *err)
{
	static const char tables[] =
		"SELECT 'SELECT * FROM \"' || name || '\" ORDER BY 1, 2' FROM sqlite_schema "
		"WHERE type = 'table' ORDER BY name";
	struct text out;
	sqlite3_stmt *list = NULL, *rows = NULL;
	int rc = sqlite3_prepare_v2(j->db, tables, -1, &list, NULL);

	text_init(&out, 0);
	while (rc == SQLITE_OK && (rc = sqlite3_step(list)) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(list, 0);
		text_printf(&out, "%s\n", sql);
		rc = sqlite3_prepare_v2(j->db, sql, -1, &rows, NULL);
		while (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
			for (int i = 0; i < sqlite3_column_count(rows); i++) {
				const char *s = (const char *)sqlite3_column_text(rows, i);
				text_printf(&out, "%s|", s != NULL ? s : "NULL");
			}
			text_put(&out, "\n");
			rc = SQLITE_OK;
		}
		sqlite3_finalize(rows);
		rows = NULL;
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	bool ok = rc == SQLITE_DONE || journal_failed(j, rc, err);
	sqlite3_finalize(list);
	char *copy = ok ? strdup(out.ptr) : NULL;
	text_fini(&out);
	return copy;
}

/* Opens what is there and reads all of it; NULL: refused. */
static char *
read_truth(struct error *err)
{
	struct journal *j = NULL;
	char *truth = NULL;

	if (journal_open(runtime_system(), scratch.journal, false, &j, err))
		truth = all_rows(j, err);
	journal_close(j);
	return truth;
}

/* A job with its stream, and one that is still open. */
static void
live(void)
{
	struct house h;

	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	struct worker_offer *offer = house_run(&h, "key");
	CHECK(house_emit(&h, offer, 1, 3));
	CHECK(house_finish(&h, offer, NULL, false));
	(void)house_run(&h, "key");
	house_close(&h);
}

struct files {
	struct image database, log;
	char *truth;
};

/* `killed`: with a log, as a process leaves it that is killed after its last answer. */
static void
make_files(struct files *f, bool killed)
{
	struct journal *held = NULL;

	scratch_open(&scratch);
	live();
	if (killed) {
		/* Whoever holds it open keeps the log from being carried over. */
		REQUIRE(journal_open(runtime_system(), scratch.journal, true, &held, NULL));
		live();
	}
	f->truth = NULL;
	f->database = read_image(scratch.journal);
	f->log = (struct image){.bytes = NULL};
	if (killed)
		f->log = read_image(log_path());
	journal_close(held);
	put_image(scratch.journal, &f->database);
	if (killed)
		put_image(log_path(), &f->log);
	f->truth = read_truth(NULL);
	REQUIRE(f->truth != NULL);
}

static void
drop_files(struct files *f)
{
	free(f->database.bytes);
	free(f->log.bytes);
	free(f->truth);
	scratch_close(&scratch);
}

/* With one thing changed. Returns whether it was refused. */
static bool
try_files(const struct files *f, const char *what, size_t at)
{
	struct error err = {0};

	put_image(scratch.journal, &f->database);
	if (f->log.bytes != NULL)
		put_image(log_path(), &f->log);
	else
		(void)unlink(log_path());
	char *answer = read_truth(&err);
	if (answer == NULL) {
		CHECK(error_is(&err, E_JRNL_001) || error_is(&err, E_JRNL_002) ||
		      error_is(&err, E_JRNL_003));
		return true;
	}
	bool same = strcmp(answer, f->truth) == 0;
	CHECK(same);
	if (!same)
		printf("%s: a wrong answer after a change at %zu\n", what, at);
	free(answer);
	return false;
}

/* Every `step`-th byte from `from`, each with one bit flipped, another one each time, or all. */
static size_t
flip(const struct files *f, struct image *image, const char *what, size_t from, size_t to,
     size_t step, bool all_bits)
{
	size_t refused = 0;
	unsigned turn = 0;

	for (size_t at = from; at < to && at < image->size; at += step) {
		for (int bit = 0; bit < 8; bit++) {
			if (!all_bits && bit != (int)(turn % 8))
				continue;
			image->bytes[at] ^= (unsigned char)(1U << bit);
			refused += try_files(f, what, at);
			image->bytes[at] ^= (unsigned char)(1U << bit);
		}
		turn++;
	}
	return refused;
}

/* ---- */
/* Each bit of a page, and pages that changed places. */
static void
p06_every_bit_of_a_page_changes_its_checksum(void)
{
	static unsigned char page[PAGE_BYTES];

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (unsigned char)(i * 7 + i / 256);
	uint64_t truth = pages_hash(page, sizeof(page), 5);
	CHECK(pages_hash(page, sizeof(page), 6) != truth);
	CHECK(pages_hash(page, sizeof(page) - 1, 5) != truth);
	for (size_t bit = 0; bit < sizeof(page) * 8; bit++) {
		page[bit / 8] ^= (unsigned char)(1U << bit % 8);
		CHECK(pages_hash(page, sizeof(page), 5) != truth);
		page[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	CHECK(pages_hash(page, sizeof(page), 5) == truth);
}

/* XXH64's published values: a hash that was mistyped is still one that nobody has looked at. */
static void
the_hash_is_xxh64(void)
{
	static const char words[] = "Nobody inspects the spammish repetition";

	CHECK(pages_hash("", 0, 0) == 0xef46db3751d8e999);
	CHECK(pages_hash("abc", 3, 0) == 0x44bc2cf5ad770999);
	CHECK(pages_hash(words, sizeof(words) - 1, 0) == 0xfbcea83c8a378bf1);
}

static void
a_new_journal_has_checksums_and_one_changed_page_is_named(void)
{
	struct files f;
	struct error err = {0};
	struct journal *j = NULL;
	char words[32];
	int64_t page = 0;

	make_files(&f, false);
	REQUIRE(journal_open(runtime_system(), scratch.journal, false, &j, NULL));
	CHECK(j->checked);
	REQUIRE(journal_get_int(j, "SELECT rootpage FROM sqlite_schema WHERE name = 'event'", &page,
				NULL));
	journal_close(j);
	f.database.bytes[(page - 1) * PAGE_BYTES + 77] ^= 4;
	put_image(scratch.journal, &f.database);
	snprintf(words, sizeof(words), "damaged: page %lld", (long long)page);
	CHECK(read_truth(&err) == NULL);
	CHECK(error_is(&err, E_JRNL_002));
	CHECK_HAS(err.message, words);
	drop_files(&f);
}

static void
p06_a_page_in_the_place_of_another_is_seen(void)
{
	struct files f;
	struct error err = {0};
	unsigned char kept[PAGE_BYTES];

	make_files(&f, false);
	memcpy(kept, f.database.bytes + PAGE_BYTES, PAGE_BYTES);
	memcpy(f.database.bytes + PAGE_BYTES, f.database.bytes + 2 * PAGE_BYTES, PAGE_BYTES);
	memcpy(f.database.bytes + 2 * PAGE_BYTES, kept, PAGE_BYTES);
	put_image(scratch.journal, &f.database);
	CHECK(read_truth(&err) == NULL);
	CHECK(error_is(&err, E_JRNL_002));
	drop_files(&f);
}

/* Every bit of the header, one bit of every so many bytes of the rest. */
static void
p06_any_flipped_bit_of_the_file_is_refused_or_changes_no_answer(void)
{
	struct files f;
	size_t step = getenv("CONFITURE_LONG") != NULL ? 1 : 97;

	make_files(&f, false);
	CHECK(flip(&f, &f.database, "journal", 0, 100, 1, true) > 90 * 8);
	size_t refused = flip(&f, &f.database, "journal", 100, IMAGE_MAX, step, step == 1);
	/* Pages of the free list hold nothing. */
	CHECK(refused > f.database.size / step / 2);
	CHECK(!try_files(&f, "journal", 0));
	drop_files(&f);
}

static void
p06_any_flipped_bit_of_the_log_is_refused_or_changes_no_answer(void)
{
	struct files f;
	size_t step = getenv("CONFITURE_LONG") != NULL ? 1 : 131;
	const size_t frame = WAL_FRAME_HEADER + PAGE_BYTES;

	make_files(&f, true);
	REQUIRE(f.log.size > WAL_HEADER + 4 * frame);
	CHECK_INT(flip(&f, &f.log, "log", 0, WAL_HEADER, 1, true), WAL_HEADER * 8);
	/* Frames at the begin, and the last one, which only its mark speaks for. */
	for (size_t n = 0; WAL_HEADER + (n + 1) * frame <= f.log.size; n++) {
		size_t at = WAL_HEADER + n * frame;
		bool edge = n < 2 || at + 2 * frame > f.log.size;
		(void)flip(&f, &f.log, "log", at, at + WAL_FRAME_HEADER, edge ? 1 : 5, edge);
	}
	(void)flip(&f, &f.log, "log", WAL_HEADER, IMAGE_MAX, step, step == 1);
	CHECK(!try_files(&f, "log", 0));
	drop_files(&f);
}

/* A mark is the only witness of the last transaction; without its own truth it says nothing. */
static void
p06_a_damaged_mark_costs_nothing(void)
{
	struct files f;
	size_t mark;

	make_files(&f, true);
	mark = f.log.size - WAL_MARK;
	CHECK(memcmp(f.log.bytes + mark, "COnFsync", 8) == 0);
	CHECK_INT(flip(&f, &f.log, "mark", mark, f.log.size, 1, true), 0);
	drop_files(&f);
}

/* What a power cut leaves of a transaction that was not synced is no damage. */
static void
p05_an_unfinished_write_behind_the_last_sync_is_recovered(void)
{
	struct files f;
	const size_t frame = WAL_FRAME_HEADER + PAGE_BYTES;
	size_t size, last;

	make_files(&f, true);
	/* The last frame of the log again, behind itself: it follows nothing. */
	size = f.log.size - WAL_MARK;
	last = size - frame;
	REQUIRE(size + 3 * frame < IMAGE_MAX);
	memcpy(f.log.bytes + size, f.log.bytes + last, frame);
	f.log.size = size + frame;
	CHECK(!try_files(&f, "log", size));
	f.log.size = size + frame / 2;
	CHECK(!try_files(&f, "log", size));
	memset(f.log.bytes + size, 0, 2 * frame);
	f.log.size = size + 2 * frame;
	CHECK(!try_files(&f, "log", size));
	drop_files(&f);
}

/* The disk of one bad moment: a sync of the log fails, then half a frame is written, then nothing
 * reaches the database's file. */
struct moment {
	int syncs_that_fail, frames_that_tear;
	bool database_fails;
};

static enum disk_fate
bad_moment(void *self, enum disk_op op, const char *path, int64_t offset, size_t len)
{
	struct moment *m = self;
	bool log = path != NULL && strcmp(path, log_path()) == 0;

	(void)offset;
	if (op == DISK_SYNC && log && m->syncs_that_fail > 0)
		return m->syncs_that_fail--, DISK_FAIL;
	if (op == DISK_WRITE && log && len == WAL_FRAME_HEADER && m->frames_that_tear > 0)
		return m->frames_that_tear--, DISK_SHORT;
	return op == DISK_WRITE && !log && m->database_fails ? DISK_FAIL : DISK_GO_ON;
}

static bool
add_event(struct journal *j)
{
	struct audit_entry entry = {.actor = "agent:a", .kind = "job.submit", .subject = "s"};

	return journal_begin(j, NULL) && journal_audit_add(j, &entry, NULL) &&
	       journal_commit(j, NULL);
}

/* SQLite takes back what could not be synced, and writes the next transaction over it: a later sync
 * of the log, as that of a checkpoint, does not speak for those frames. */
static void
p06_a_transaction_that_was_taken_back_is_no_damage(void)
{
	struct moment moment = {0};
	struct disk_hook hook = {bad_moment, &moment};
	struct journal *j = NULL;
	struct error err = {0};

	scratch_open(&scratch);
	live();
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &j, NULL));
	REQUIRE(add_event(j));
	disk_set_hook(&hook);
	moment.syncs_that_fail = 1;
	CHECK(!add_event(j));
	journal_rollback(j);
	/* Of another page, so that half of its frame's header already tells the difference. */
	moment.frames_that_tear = 1;
	CHECK(journal_begin(j, NULL) && journal_worker_forget(j, "w1", NULL));
	CHECK(!journal_commit(j, NULL));
	journal_rollback(j);
	CHECK_INT(moment.syncs_that_fail + moment.frames_that_tear, 0);
	moment.database_fails = true;
	journal_close(j);
	disk_set_hook(NULL);
	/* Whether they are there or not: nobody was told that they are. */
	free(read_truth(&err));
	CHECK_STR(err.message, "");
	scratch_close(&scratch);
}

/* While it is open and another process's pages are in the log. */
static void
p06_damage_of_the_log_is_seen_while_the_journal_is_open(void)
{
	struct journal *j = NULL, *held = NULL;
	struct error err = {0};
	struct image log;

	scratch_open(&scratch);
	live();
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &held, NULL));
	live();
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &j, NULL));
	log = read_image(log_path());
	for (size_t at = WAL_HEADER + WAL_FRAME_HEADER + 2000; at < log.size;
	     at += WAL_FRAME_HEADER + PAGE_BYTES)
		log.bytes[at] ^= 1;
	int fd = open(log_path(), O_WRONLY);
	REQUIRE(fd >= 0 && pwrite(fd, log.bytes, log.size, 0) == (ssize_t)log.size);
	close(fd);
	free(all_rows(held, &err));
	CHECK(error_is(&err, E_JRNL_002));
	CHECK_HAS(err.message, "-wal");
	journal_close(j);
	journal_close(held);
	free(log.bytes);
	scratch_close(&scratch);
}

static void
nothing_is_done_in_a_savepoint_of_a_transaction_that_is_gone(void)
{
	struct journal *j = NULL;
	struct error err = {0};

	scratch_open(&scratch);
	REQUIRE(journal_open(runtime_system(), scratch.journal, true, &j, NULL));
	CHECK(!journal_savepoint(j, &err));
	CHECK(error_is(&err, E_JRNL_001));
	CHECK(!journal_in_transaction(j));
	REQUIRE(journal_begin(j, NULL));
	CHECK(journal_savepoint(j, &err) && journal_release(j, &err) && journal_in_transaction(j));
	journal_rollback(j);
	journal_close(j);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(p06_every_bit_of_a_page_changes_its_checksum),
	CASE(the_hash_is_xxh64),
	CASE(a_new_journal_has_checksums_and_one_changed_page_is_named),
	CASE(p06_a_page_in_the_place_of_another_is_seen),
	CASE(p06_any_flipped_bit_of_the_file_is_refused_or_changes_no_answer),
	CASE(p06_any_flipped_bit_of_the_log_is_refused_or_changes_no_answer),
	CASE(p06_a_damaged_mark_costs_nothing),
	CASE(p05_an_unfinished_write_behind_the_last_sync_is_recovered),
	CASE(p06_a_transaction_that_was_taken_back_is_no_damage),
	CASE(p06_damage_of_the_log_is_seen_while_the_journal_is_open),
	CASE(nothing_is_done_in_a_savepoint_of_a_transaction_that_is_gone),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/damage", cases, ARRAY_LEN(cases), argc, argv);
}
