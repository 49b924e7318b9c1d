/*
 * The hash of a file that is on its way, kept in step with its pieces: reading a large file back to
 * hash it in one go would keep everybody else waiting. What the database takes back is forgotten
 * here too; a file without a running hash is read back once, when it is whole.
 */
#include "coordinator/journal/bundle_hash.h"

#include <stdlib.h>

#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

enum { HASHES = 64 };

/* How far what the hash has seen is from being durable. */
enum standing { STANDING_DURABLE, STANDING_IN_TRANSACTION, STANDING_IN_SAVEPOINT };

struct running_hash {
	int64_t file; /* row of bundle_file; 0: free */
	int64_t bytes;
	uint64_t used;
	enum standing standing;
	struct sha256 state;
};

struct bundle_hashes {
	uint64_t uses;
	struct running_hash items[HASHES];
};

static struct running_hash *
find(struct bundle_hashes *h, int64_t file)
{
	for (size_t i = 0; i < HASHES; i++) {
		if (h->items[i].file == file)
			return &h->items[i];
	}
	return NULL;
}

/* A free one, else that which was not used for longest. */
static struct running_hash *
replace(struct bundle_hashes *h)
{
	struct running_hash *oldest = &h->items[0];

	for (size_t i = 1; i < HASHES; i++) {
		if (h->items[i].used < oldest->used)
			oldest = &h->items[i];
	}
	return oldest;
}

void
bundle_hash_add(struct journal *j, int64_t file, int64_t stored, struct span piece)
{
	if (j->hashes == NULL && (j->hashes = calloc(1, sizeof(*j->hashes))) == NULL)
		abort();
	struct running_hash *r = find(j->hashes, file);

	if (stored == 0) {
		if (r == NULL)
			r = replace(j->hashes);
		*r = (struct running_hash){.file = file};
		sha256_init(&r->state);
	}
	if (r == NULL)
		return;
	if (r->bytes != stored) {
		*r = (struct running_hash){0};
		return;
	}
	sha256_add(&r->state, piece.ptr, piece.len);
	r->bytes += (int64_t)piece.len;
	r->used = ++j->hashes->uses;
	r->standing = STANDING_IN_SAVEPOINT;
}

static bool
read_back(struct journal *j, int64_t file, struct sha256 *h, struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_parts);
	bool row, ok;

	sha256_init(h);
	query_int(&q, file);
	while ((ok = query_step(&q, &row, err)) && row) {
		struct span part = query_col_bytes(&q, 0);
		sha256_add(h, part.ptr, part.len);
	}
	query_end(&q);
	return ok;
}

bool
bundle_hash_end(struct journal *j, int64_t file, int64_t size, char out[SHA256_HEX],
		struct error *err)
{
	struct running_hash *r = j->hashes != NULL ? find(j->hashes, file) : NULL;
	struct sha256 h;

	if (r != NULL && r->bytes == size)
		h = r->state;
	else if (!read_back(j, file, &h, err))
		return false;
	if (r != NULL)
		*r = (struct running_hash){0};
	sha256_hex(&h, out);
	return true;
}

static void
settle(struct journal *j, enum standing from, bool kept, enum standing now)
{
	for (size_t i = 0; j->hashes != NULL && i < HASHES; i++) {
		struct running_hash *r = &j->hashes->items[i];
		if (r->standing < from)
			continue;
		if (kept)
			r->standing = now;
		else
			*r = (struct running_hash){0};
	}
}

void
bundle_hashes_released(struct journal *j)
{
	settle(j, STANDING_IN_SAVEPOINT, true, STANDING_IN_TRANSACTION);
}

void
bundle_hashes_undone(struct journal *j)
{
	settle(j, STANDING_IN_SAVEPOINT, false, STANDING_DURABLE);
}

void
bundle_hashes_committed(struct journal *j)
{
	settle(j, STANDING_IN_TRANSACTION, true, STANDING_DURABLE);
}

void
bundle_hashes_rolled_back(struct journal *j)
{
	settle(j, STANDING_IN_TRANSACTION, false, STANDING_DURABLE);
}
