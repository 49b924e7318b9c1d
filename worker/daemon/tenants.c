/* One database per tenant: which there are is asked of the server, not written down. */
#include "worker/daemon/tenants.h"

#include "shared/pg/connection.h"
#include "worker_sql.h"

#include "shared/base/banned.h"

bool
tenants_list(struct arena *arena, struct secret url, const char *pattern, bool regex,
	     struct tenant_list *out, struct error *err)
{
	const struct pg_open_options options = {.application_name = "confiture-worker"};
	const char *values[] = {pattern, regex ? "true" : "false"};
	const struct pg_statement list = {
		.sql = worker_sql_databases, .count = 2, .values = values};
	struct pg_rows *rows = NULL;
	struct pg_conn *c;

	if (!pg_open(url, &options, &c, err))
		return false;
	bool ok = pg_batch(c, &list, 1, 0, &rows, err);
	if (ok) {
		out->count = pg_rows_count(rows);
		out->names = arena_array(arena, out->count + 1, sizeof(*out->names));
		for (size_t i = 0; i < out->count; i++)
			out->names[i] = arena_str(arena, pg_rows_text(rows, i, 0));
	}
	pg_rows_free(rows);
	pg_close(c);
	return ok;
}
