/*
 * Any sequence of pieces of migration files, from two senders, right and wrong. Whatever came: a
 * file that the journal says it has is the file, byte for byte, and no other is ever handed out.
 */
#include <string.h>

#include "coordinator/journal/journal.h"
#include "shared/digest/digest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch_journal.h"

#include "shared/base/banned.h"

enum { FILES = 4, SIZE_MOST = 1500, OP_BYTES = 4, OPS_MOST = 64 };

/* What may be sent. The last one's name is the SHA-256 of something else: it is never whole. */
struct file {
	unsigned char bytes[SIZE_MOST];
	size_t size;
	char sha256[SHA256_HEX];
};
static struct file files[FILES];

static void
make_files(void)
{
	static const size_t sizes[FILES] = {1, 700, SIZE_MOST, 900};

	for (size_t i = 0; i < FILES; i++) {
		struct file *f = &files[i];
		f->size = sizes[i];
		for (size_t k = 0; k < f->size; k++)
			f->bytes[k] = (unsigned char)(k * 31 + k / 256 + i * 7);
		sha256_of(span_of((const char *)f->bytes, f->size), f->sha256);
	}
	sha256_of(span_of("something else", 14), files[FILES - 1].sha256);
}

static struct journal *
journal(void)
{
	static struct journal *j;

	if (j != NULL)
		return j;
	make_files();
	FUZZ_CHECK(journal_open(runtime_system(), scratch_journal(), true, &j, NULL));
	return j;
}

/* One piece, as four bytes say it. */
static struct bundle_put
piece_of(const uint8_t *op, unsigned char *room, const struct file **out)
{
	const struct file *f = &files[op[0] % FILES];
	size_t offset = (size_t)op[1] * 8 % (f->size + 8), len = (size_t)(op[2] + 1) * 8;
	struct bundle_put put = {.sha256 = f->sha256, .total = (int64_t)f->size};

	*out = f;
	put.offset = (int64_t)offset;
	if (offset >= f->size)
		len = op[3] % 3;
	else if (len > f->size - offset)
		len = f->size - offset;
	memset(room, 'x', SIZE_MOST + 8);
	if (offset < f->size)
		memcpy(room, f->bytes + offset, len);
	switch (op[0] >> 4) {
	case 1:
		room[op[3] % (len + 1)] ^= 1;
		break;
	case 2:
		put.total += (int8_t)op[3];
		break;
	case 3:
		put.offset = -put.offset - op[3];
		break;
	case 4:
		put.offset = INT64_MAX - op[3];
		break;
	default:
		break;
	}
	put.data = span_of((const char *)room, len);
	return put;
}

static bool
has(const struct file *f)
{
	bool here = false;

	FUZZ_CHECK(journal_bundle_has(journal(), f->sha256, &here, NULL));
	return here;
}

/* In a savepoint of its own, as a request is. */
static void
send_piece(struct journal *j, const uint8_t *op)
{
	static unsigned char room[SIZE_MOST + 16];
	const struct file *f;
	struct bundle_put put = piece_of(op, room, &f);
	struct error err = {0};
	bool known = false, before = has(f);

	FUZZ_CHECK(journal_savepoint(j, NULL));
	if (journal_bundle_put(j, (op[0] & 4) != 0 ? "agent:a" : "agent:b", &put, INT64_MAX, &known,
			       &err)) {
		FUZZ_CHECK(journal_release(j, NULL));
	} else {
		FUZZ_CHECK(error_is(&err, E_JOB_005) && err.message[0] != '\0');
		journal_undo(j);
	}
	FUZZ_CHECK(!before || has(f));
}

/* From any offset on, no more than is there. */
static void
check_file(struct journal *j, const struct file *f)
{
	struct arena arena;
	struct error err = {0};
	size_t at = 0;

	arena_init(&arena);
	for (size_t turn = 0; turn <= f->size; turn++) {
		struct bundle_chunk chunk = {0};
		if (!journal_bundle_get(j, &arena, f->sha256, (int64_t)at, &chunk, &err)) {
			FUZZ_CHECK(!has(f) && error_is(&err, E_JOB_005));
			break;
		}
		FUZZ_CHECK(has(f) && f != &files[FILES - 1]);
		FUZZ_CHECK(chunk.total == (int64_t)f->size);
		FUZZ_CHECK((chunk.data.len > 0) == (at < f->size));
		FUZZ_CHECK(chunk.data.len <= f->size - at);
		FUZZ_CHECK(memcmp(chunk.data.ptr, f->bytes + at, chunk.data.len) == 0);
		at += chunk.data.len;
		if (chunk.data.len == 0)
			break;
	}
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal *j = journal();

	FUZZ_CHECK(journal_begin(j, NULL));
	for (size_t i = 0; i < OPS_MOST && (i + 1) * OP_BYTES <= size; i++)
		send_piece(j, data + i * OP_BYTES);
	for (size_t i = 0; i < FILES; i++)
		check_file(j, &files[i]);
	journal_rollback(j);
	return 0;
}
