/*
 * What the catalogue says about the goal of a statement that ran outside a transaction: whether a
 * concurrent index build was finished, left an INVALID index, or is still going on in a backend
 * whose client is gone. Names are resolved under the session's own search_path, as the statement
 * itself was.
 */
#include <stdio.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

enum { OID_TEXT = 16 };

/* Oids of two relations as text, "" where there is none; NULL names stay unasked. */
static bool
find_two(struct target_pg *t, const char *schema, const char *name, const char *schema2,
	 const char *name2, char oid[OID_TEXT], char oid2[OID_TEXT], struct error *err)
{
	const char *values[] = {
		name ? pg_quote(t->conn, &t->scratch, schema, name) : NULL,
		name2 ? pg_quote(t->conn, &t->scratch, schema2, name2) : NULL,
	};
	const struct pg_statement ask = {
		.sql = target_sql_goal_find, .count = ARRAY_LEN(values), .values = values};
	struct pg_rows *rows;

	if (!own_batch(t, &ask, 1, 0, &rows, err))
		return false;
	const char *first = pg_rows_text(rows, 0, 0), *second = pg_rows_text(rows, 0, 1);
	snprintf(oid, OID_TEXT, "%s", first ? first : "");
	snprintf(oid2, OID_TEXT, "%s", second ? second : "");
	pg_rows_free(rows);
	return true;
}

static const char *
or_null(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static void
take_index(const struct pg_rows *rows, size_t i, int first, struct arena *arena,
	   struct index_info *out)
{
	out->schema = arena_str(arena, pg_rows_text(rows, i, first));
	out->name = arena_str(arena, pg_rows_text(rows, i, first + 1));
	out->table_schema = arena_str(arena, pg_rows_text(rows, i, first + 2));
	out->table = arena_str(arena, pg_rows_text(rows, i, first + 3));
}

/*
 * An index that is to be created lies in its table's schema, whatever the search_path finds under
 * its name; one that is to be dropped or rebuilt is found by its own name. Without a name only an
 * INVALID index with a name of PostgreSQL's making can be meant, and only when it is the only one.
 */
bool
index_find(struct target *target, struct arena *arena, const struct sql_goal *goal,
	   struct index_info *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	bool created = goal->kind == SQL_GOAL_INDEX_CREATED;
	char index[OID_TEXT], table[OID_TEXT];
	struct pg_rows *rows;

	*out = (struct index_info){.state = INDEX_ABSENT};
	if (!find_two(t, goal->schema, created ? NULL : goal->name, goal->table_schema, goal->table,
		      index, table, err))
		return false;
	if (index[0] == '\0' && (!created || table[0] == '\0'))
		return true;
	const char *values[] = {or_null(index), or_null(table), goal->name};
	if (!own_run(t, OWN_PLAIN, target_sql_index_facts, ARRAY_LEN(values), values, &rows, err))
		return false;
	if (pg_rows_count(rows) == 1) {
		out->state = pg_rows_bool(rows, 0, 0) ? INDEX_VALID : INDEX_INVALID;
		take_index(rows, 0, 1, arena, out);
		out->building_pid = (int)pg_rows_int(rows, 0, 5, 0);
	}
	pg_rows_free(rows);
	return true;
}

bool
index_drop(struct target *target, const struct index_info *index, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *name = pg_quote(t->conn, &t->scratch, index->schema, index->name);
	const char *sql = arena_printf(&t->scratch, "DROP INDEX CONCURRENTLY IF EXISTS %s", name);
	bool ok = pg_script(t->conn, sql, err);

	arena_reset(&t->scratch);
	return ok || own_failed(t, err);
}

bool
reindex_leftovers(struct target *target, struct arena *arena, const struct sql_goal *goal,
		  struct index_info **out, size_t *count, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	bool named = goal->name != NULL || goal->table != NULL;
	char index[OID_TEXT], table[OID_TEXT];
	struct pg_rows *rows;

	*out = NULL;
	*count = 0;
	if (!find_two(t, goal->schema, goal->name, goal->table_schema, goal->table, index, table,
		      err))
		return false;
	const char *values[] = {or_null(index), or_null(table), goal->schema,
				named ? "true" : "false"};
	if (!own_run(t, OWN_PLAIN, target_sql_index_leftovers, ARRAY_LEN(values), values, &rows,
		     err))
		return false;
	*count = pg_rows_count(rows);
	*out = arena_array(arena, *count + 1, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		(*out)[i].state = INDEX_INVALID;
		take_index(rows, i, 0, arena, &(*out)[i]);
	}
	pg_rows_free(rows);
	return true;
}

static bool
ask_bool(struct target_pg *t, const char *template, int count, const char *const *values,
	 bool *answer, struct error *err)
{
	struct pg_rows *rows;

	if (!own_run(t, OWN_PLAIN, template, count, values, &rows, err))
		return false;
	*answer = pg_rows_bool(rows, 0, 0);
	pg_rows_free(rows);
	return true;
}

/* A partition that a cut DETACH … CONCURRENTLY left pending is still in pg_inherits: not reached.
 */
static bool
is_detached(struct target_pg *t, const struct sql_goal *goal, bool *reached, struct error *err)
{
	char child[OID_TEXT], parent[OID_TEXT];

	if (!find_two(t, goal->schema, goal->name, goal->table_schema, goal->table, child, parent,
		      err))
		return false;
	const char *values[] = {or_null(child), or_null(parent)};
	return ask_bool(t, target_sql_goal_detached, ARRAY_LEN(values), values, reached, err);
}

bool
goal_reached(struct target *target, const struct sql_goal *goal, bool *reached, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	const char *name[] = {goal->name};
	bool dropped = goal->kind == SQL_GOAL_DATABASE_DROPPED;

	if (goal->kind == SQL_GOAL_PARTITION_DETACHED)
		return is_detached(t, goal, reached, err);
	if (!dropped && goal->kind != SQL_GOAL_DATABASE_CREATED)
		return error_set(err, E_INTERNAL_ERROR, "a goal of kind %d has no such question",
				 (int)goal->kind);
	if (!ask_bool(t, target_sql_goal_database, 1, name, reached, err))
		return false;
	*reached = *reached != dropped;
	return true;
}
