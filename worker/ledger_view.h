#ifndef CONFITURE_WORKER_LEDGER_VIEW_H
#define CONFITURE_WORKER_LEDGER_VIEW_H

#include "shared/migration/migration.h"
#include "worker/target.h"

/*
 * Files and ledger, joined once: what every job kind asks about them. Pure; everything lives in the
 * arena given.
 */
struct ledger_view {
	const struct migration_set *set;
	const struct ledger *ledger;
	const struct ledger_row **row_of; /* for each file of the set: its row, or NULL = pending */
	const struct migration **file_of; /* for each row of the ledger: its file, or NULL = gone */
};

void ledger_view_build(struct arena *arena, const struct migration_set *set,
		       const struct ledger *ledger, struct ledger_view *out);

/* How a row and its file compare. Rows without a checksum cannot be compared: an older tool wrote
 * them. */
enum checksum_verdict { CHECKSUM_SAME, CHECKSUM_DIFFERS, CHECKSUM_NOT_RECORDED, CHECKSUM_NO_FILE };
enum checksum_verdict ledger_view_checksum(const struct ledger_view *v, size_t row);

/* One issue per row that differs. */
void ledger_view_mismatches(struct arena *arena, const struct ledger_view *v, struct issue **out,
			    size_t *count);

#endif
