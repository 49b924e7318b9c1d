/*
 * Our own tables come and go with the runs, and are nobody's schema: they are found as a run finds
 * them, by the session's search_path.
 */
#include <string.h>

#include "catalog_sql.h"
#include "worker/catalog/catalog.h"

#include "shared/base/banned.h"

bool
catalog_own_tables(struct pg_conn *c, const char *ledger, struct arena *arena,
		   struct catalog_own *out, struct error *err)
{
	const char *dot = strchr(ledger, '.');
	const char *schema =
		dot ? arena_span(arena, span_of(ledger, (size_t)(dot - ledger))) : NULL;
	const char *name = pg_quote(c, arena, schema, dot ? dot + 1 : ledger);
	const struct pg_statement statements[] = {
		{.sql = catalog_sql_own_tables_find, .count = 1, .values = &name},
		{.sql = catalog_sql_own_tables, .count = 1, .values = &schema},
	};
	struct pg_rows *rows;

	if (!pg_batch(c, statements, ARRAY_LEN(statements), 1, &rows, err))
		return false;
	size_t count = pg_rows_count(rows);
	const char **addresses = arena_array(arena, count + 1, sizeof(*addresses));
	*out = (struct catalog_own){
		.role = arena_str(arena, count > 0 ? pg_rows_text(rows, 0, 0) : NULL),
		.options = {.leave_out = addresses},
	};
	for (size_t i = 0; i < count; i++) {
		const char *address = pg_rows_text(rows, i, 1);
		if (address != NULL)
			addresses[out->options.leave_out_count++] = arena_str(arena, address);
	}
	pg_rows_free(rows);
	return true;
}
