/*
 * Any change of a journal's two files: bits, runs of bytes, cut ends, something else in their
 * place. It is opened, read whole and proven, or refused with a code of the journal's; and where
 * only bytes in its inside were changed, what it answers is the truth. One change is left out: of
 * the mark at the log's end together with what it vouches for, which looks like a power cut before
 * the sync.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/journal/journal.h"
#include "coordinator/journal/wal.h"
#include "shared/base/text.h"
#include "shared/wire/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch_journal.h"

#include "shared/base/banned.h"

enum { IMAGE_MAX = 1 << 20, EVENTS = 6, EDIT_BYTES = 6 };

struct image {
	unsigned char bytes[IMAGE_MAX];
	size_t size;
	size_t first, last; /* what was changed, first == last: nothing */
};
static struct image database, wal;
static struct text truth;

static const char *
wal_path(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s-wal", scratch_journal());
	return path;
}

static void
read_image(const char *path, struct image *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	FUZZ_CHECK(fd >= 0);
	ssize_t n = read(fd, out->bytes, IMAGE_MAX);
	FUZZ_CHECK(n > 0 && n < IMAGE_MAX);
	close(fd);
	out->size = (size_t)n;
}

static void
put_image(const char *path, const struct image *image)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	FUZZ_CHECK(fd >= 0 && write(fd, image->bytes, image->size) == (ssize_t)image->size);
	close(fd);
}

static void
add_events(struct journal *j, int count)
{
	struct audit_entry entry = {.actor = "agent:a", .kind = "job.submit", .subject = "s"};

	for (int i = 0; i < count; i++) {
		FUZZ_CHECK(journal_begin(j, NULL) && journal_audit_add(j, &entry, NULL) &&
			   journal_commit(j, NULL));
	}
}

/* All that the audit log says; false with a code when it was refused. The proof may find fault with
 * pages that hold nothing of it, and then says so in words. */
static bool
answers(struct text *out, struct error *err)
{
	struct journal *j = NULL;
	struct arena arena;
	struct audit_show_request all = {.limit = 1000};
	struct audit_log log = {0};
	struct audit_report report = {0};

	arena_init(&arena);
	bool ok = journal_open(runtime_system(), scratch_journal(), false, &j, err);
	if (ok && j != NULL)
		ok = journal_audit_list(j, &arena, &all, &log, err) &&
		     journal_audit_verify(j, &arena, true, &report, err);
	if (ok && j != NULL) {
		text_put(out, journal_id(j));
		record_json(out, &record_audit_log, &log, 0);
		FUZZ_CHECK(report.ok == (report.problem == NULL));
	}
	journal_close(j);
	arena_fini(&arena);
	return ok;
}

/* Half in the file, half in its log, as a killed process leaves it. */
static void
make_images(void)
{
	struct journal *j = NULL, *held = NULL;

	FUZZ_CHECK(journal_open(runtime_system(), scratch_journal(), true, &j, NULL));
	add_events(j, EVENTS);
	journal_close(j);
	FUZZ_CHECK(journal_open(runtime_system(), scratch_journal(), true, &held, NULL));
	add_events(held, EVENTS);
	read_image(scratch_journal(), &database);
	read_image(wal_path(), &wal);
	journal_close(held);
	put_image(scratch_journal(), &database);
	put_image(wal_path(), &wal);
	text_init(&truth, 0);
	FUZZ_CHECK(answers(&truth, NULL) && truth.len > 0);
}

static void
changed(struct image *image, size_t at, size_t len)
{
	bool nothing = image->first == image->last;

	image->first = nothing || at < image->first ? at : image->first;
	image->last = nothing || at + len > image->last ? at + len : image->last;
}

/* Whether only the inside was changed. */
static bool
edit(struct image *image, const uint8_t *e, const uint8_t *rest, size_t rest_size)
{
	size_t at = ((size_t)e[1] << 16 | (size_t)e[2] << 8 | e[3]) % image->size;
	size_t len = e[4] < image->size - at ? e[4] : image->size - at;

	switch (e[0] >> 1 & 7) {
	case 0:
	case 1:
		image->bytes[at] ^= e[5];
		changed(image, at, 1);
		return true;
	case 2:
		memset(image->bytes + at, e[5], len);
		changed(image, at, len);
		return true;
	case 3:
		memmove(image->bytes + at, image->bytes + image->size - at - len, len);
		changed(image, at, len);
		return true;
	case 4:
		len = rest_size < image->size - at ? rest_size : image->size - at;
		memcpy(image->bytes + at, rest, len);
		changed(image, at, len);
		return true;
	case 5:
		image->size = at;
		return false;
	case 6:
		image->size = rest_size < IMAGE_MAX ? rest_size : IMAGE_MAX;
		memcpy(image->bytes, rest, image->size);
		return false;
	default:
		return true;
	}
}

/* The log ends with its mark. */
static bool
mark_and_frames(const struct image *log)
{
	size_t mark = wal.size - WAL_MARK;

	return log->first < mark && log->last > mark;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct image files[2];
	struct error err = {0};
	struct text found;
	bool inside = true;

	if (database.size == 0)
		make_images();
	files[0].first = files[0].last = files[1].first = files[1].last = 0;
	files[0].size = database.size;
	memcpy(files[0].bytes, database.bytes, database.size);
	files[1].size = wal.size;
	memcpy(files[1].bytes, wal.bytes, wal.size);
	for (size_t at = 0; at + EDIT_BYTES <= size; at += EDIT_BYTES) {
		struct image *image = &files[data[at] & 1];
		const uint8_t *rest = data + at + EDIT_BYTES;
		if (image->size > 0)
			inside &= edit(image, data + at, rest, size - at - EDIT_BYTES);
	}
	put_image(scratch_journal(), &files[0]);
	put_image(wal_path(), &files[1]);
	text_init(&found, 0);
	if (!answers(&found, &err))
		FUZZ_CHECK(error_is(&err, E_JRNL_001) || error_is(&err, E_JRNL_002) ||
			   error_is(&err, E_JRNL_003));
	else if (inside && !mark_and_frames(&files[1]))
		FUZZ_CHECK(span_equal(text_span(&found), text_span(&truth)));
	text_fini(&found);
	return 0;
}
