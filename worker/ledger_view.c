/*
 * The join of migration files and ledger rows. Done in one place, by version, so that status, up,
 * down, baseline and the checksum commands can never disagree about what is pending.
 */
#include "worker/ledger_view.h"

#include <stdio.h>
#include <string.h>

#include "shared/net/net.h"

#include "shared/base/banned.h"

void
ledger_view_build(struct arena *arena, const struct migration_set *set, const struct ledger *ledger,
		  struct ledger_view *out)
{
	*out = (struct ledger_view){.set = set, .ledger = ledger};
	out->row_of = arena_array(arena, set->count + 1, sizeof(out->row_of[0]));
	out->file_of = arena_array(arena, ledger->count + 1, sizeof(out->file_of[0]));
	for (size_t i = 0; i < ledger->count; i++) {
		const struct migration *file = migration_find(set, ledger->rows[i].version);
		out->file_of[i] = file;
		if (file != NULL)
			out->row_of[file - set->items] = &ledger->rows[i];
	}
}

enum checksum_verdict
ledger_view_checksum(const struct ledger_view *v, size_t row)
{
	const struct migration *file = v->file_of[row];
	const char *recorded = v->ledger->rows[row].checksum;

	if (file == NULL || file->sha256 == NULL)
		return CHECKSUM_NO_FILE;
	if (recorded == NULL || recorded[0] == '\0')
		return CHECKSUM_NOT_RECORDED;
	return strcmp(recorded, file->sha256) == 0 ? CHECKSUM_SAME : CHECKSUM_DIFFERS;
}

static void
mismatch(struct arena *arena, const struct ledger_row *row, const struct migration *file,
	 struct issue *out)
{
	struct error err;

	error_set(&err, E_CHECKSUM_MISMATCH, "%s was changed after it was applied", file->file);
	error_at(&err, file->file, 0, 0);
	snprintf(err.migration, sizeof(err.migration), "%s", row->version);
	error_detail(&err, "expected", "%s", row->checksum);
	error_detail(&err, "actual", "%s", file->sha256);
	error_to_issue(arena, &err, out);
}

void
ledger_view_mismatches(struct arena *arena, const struct ledger_view *v, struct issue **out,
		       size_t *count)
{
	*out = arena_array(arena, v->ledger->count + 1, sizeof(**out));
	*count = 0;
	for (size_t i = 0; i < v->ledger->count; i++) {
		if (ledger_view_checksum(v, i) == CHECKSUM_DIFFERS)
			mismatch(arena, &v->ledger->rows[i], v->file_of[i], &(*out)[(*count)++]);
	}
}
