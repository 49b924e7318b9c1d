/*
 * The ledger: nine columns shared with the Python confiture, so that either can go on where the
 * other stopped. Beside it lie our own tables; all are created under the runner's lock only,
 * because two sessions that run CREATE TABLE IF NOT EXISTS at once can both fail.
 */
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { OLDEST_SERVER = 130000 }; /* gen_random_uuid() without an extension */

static void
take_row(struct arena *arena, const struct pg_rows *rows, size_t i, struct ledger_row *out)
{
	*out = (struct ledger_row){
		.version = arena_str(arena, pg_rows_text(rows, i, 0)),
		.name = arena_str(arena, pg_rows_text(rows, i, 1)),
		.applied_at = arena_str(arena, pg_rows_text(rows, i, 2)),
		.checksum = arena_str(arena, pg_rows_text(rows, i, 3)),
		.execution_time_ms = pg_rows_int(rows, i, 4, INT64_MIN),
		.slug = arena_str(arena, pg_rows_text(rows, i, 5)),
		.applied_by = arena_str(arena, pg_rows_text(rows, i, 6)),
	};
}

bool
ledger_read(struct target *target, struct arena *arena, struct ledger *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_rows *rows;

	*out = (struct ledger){0};
	if (!t->names.present && !names_look(t, err))
		return false;
	if (!t->names.present)
		return true;
	if (!own_run(t, OWN_PLAIN, target_sql_ledger_read, 0, NULL, &rows, err))
		return false;
	out->present = true;
	out->resolved = arena_printf(arena, "%s.%s", t->names.schema, t->names.table);
	out->count = pg_rows_count(rows);
	out->rows = arena_array(arena, out->count + 1, sizeof(*out->rows));
	for (size_t i = 0; i < out->count; i++)
		take_row(arena, rows, i, &out->rows[i]);
	pg_rows_free(rows);
	return true;
}

/* What is missing, in the order of creation. */
static size_t
missing(const struct own_names *n, const char *out[10])
{
	const struct {
		bool needed;
		const char *sql;
	} parts[] = {
		{!n->present, target_sql_ledger_create},
		{!n->present, target_sql_ledger_index_pk},
		{!n->present, target_sql_ledger_index_slug},
		{!n->present, target_sql_ledger_index_version},
		{!n->present, target_sql_ledger_index_applied_at},
		{n->present && !n->has_applied_by, target_sql_ledger_add_applied_by},
		{!n->has_fence, target_sql_fence_create},
		{n->has_fence && !n->has_coordinator, target_sql_fence_add_coordinator},
		{!n->has_step, target_sql_step_create},
		{!n->has_mark, target_sql_mark_create},
	};
	size_t count = 0;

	_Static_assert(ARRAY_LEN(parts) == 10, "as large as the caller's array");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].needed)
			out[count++] = parts[i].sql;
	}
	return count;
}

static bool
can_create(struct target_pg *t, struct error *err)
{
	if (!t->names.present && t->info.server_version_num < OLDEST_SERVER) {
		error_set(err, E_SQL_001, "PostgreSQL %s has no gen_random_uuid() of its own",
			  t->info.server_version);
		error_hint(err, "confiture creates its ledger on PostgreSQL 13 or newer; a ledger "
				"that exists already is used on older ones");
		return false;
	}
	if (t->names.schema == NULL) {
		error_set(
			err, E_TARGET_003,
			"role \"%s\" may create the tracking table in no schema of its search_path",
			t->info.user);
		error_hint(err, "GRANT CREATE ON SCHEMA public TO \"%s\"", t->info.user);
		return false;
	}
	if (!t->names.schema_exists) {
		error_set(err, E_CONFIG_005,
			  "tracking_table names the schema \"%s\", which does "
			  "not exist",
			  t->names.schema);
		error_hint(err, "CREATE SCHEMA \"%s\"", t->names.schema);
		return false;
	}
	return true;
}

/* Its table only tells people who holds the lock: a role that may not have it does without. */
static bool
ensure_holder(struct target_pg *t, struct error *err)
{
	struct error why;

	if (t->names.has_holder || t->names.holder == NULL)
		return true;
	if (own_run(t, OWN_PLAIN, target_sql_holder_create, 0, NULL, NULL, &why))
		t->names.has_holder = true;
	else if (pg_lost(t->conn)) {
		*err = why;
		return false;
	}
	return true;
}

/* One batch is one transaction. */
static bool
create(struct target_pg *t, const char *const *parts, size_t count, struct error *err)
{
	struct pg_statement batch[11] = {{.sql = target_sql_guard}};

	for (size_t i = 0; i < count; i++)
		batch[i + 1] = (struct pg_statement){.sql = own_text(t, parts[i])};
	bool ok = own_batch(t, batch, count + 1, 0, NULL, err);
	if (!ok && error_is(err, E_TARGET_003))
		error_hint(
			err,
			"the tracking table's owner, or a role that may create in schema \"%s\", "
			"must run this once",
			t->names.schema);
	return ok || error_wrap(err, "creating the tracking table %s", t->names.ledger);
}

bool
ledger_ensure(struct target *target, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *parts[10];

	if (!names_read(t, err))
		return false;
	size_t count = missing(&t->names, parts);
	if (count > 0 && (!can_create(t, err) || !create(t, parts, count, err)))
		return false;
	if (count > 0)
		names_created(t);
	return ensure_holder(t, err);
}
