#ifndef CONFITURE_COORDINATOR_JOURNAL_BUNDLE_HASH_H
#define CONFITURE_COORDINATOR_JOURNAL_BUNDLE_HASH_H

#include "coordinator/journal/journal.h"
#include "shared/digest/digest.h"

/* Hashes of files that are on their way, by the id of their row; inside this folder only. */

/* `piece` was added behind the `stored` bytes that the file had. */
void bundle_hash_add(struct journal *j, int64_t file, int64_t stored, struct span piece);
/* The hash of the whole file of `size` bytes; its running hash is given up. */
MUST_USE bool bundle_hash_end(struct journal *j, int64_t file, int64_t size, char out[SHA256_HEX],
			      struct error *err);

/* What became of the pieces since the savepoint, or since the transaction began. */
void bundle_hashes_released(struct journal *j);
void bundle_hashes_undone(struct journal *j);
void bundle_hashes_committed(struct journal *j);
void bundle_hashes_rolled_back(struct journal *j);

#endif
