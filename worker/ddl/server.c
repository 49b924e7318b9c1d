/*
 * What a schema takes for granted on its server. On one of our own it is made: roles before all
 * else, and later what no look at the statements could have found.
 */
#include <string.h>

#include "ddl_sql.h"
#include "worker/ddl/items.h"
#include "worker/ddl/words.h"

#include "shared/base/banned.h"

bool
ddl_make_roles(struct pg_conn *c, struct ddl_items *items, struct ddl_roles *names,
	       const struct ddl_roles *silent, struct error *err)
{
	struct ddl_report *r = items->report;
	struct arena *arena = items->arena;
	const char **all = arena_array(arena, r->role_count + names->count, sizeof(*all));

	if (r->role_count > 0)
		memcpy(all, r->roles_made, r->role_count * sizeof(*all));
	for (size_t i = 0; i < names->count; i++) {
		const char *quoted = pg_quote(c, arena, NULL, names->names[i]);
		if (!pg_script(c, arena_printf(arena, "CREATE ROLE %s", quoted), err))
			return error_wrap(err, "the role %s, which the schema names", quoted);
		if (silent == NULL || !ddl_roles_have(silent, names->names[i]))
			all[r->role_count++] = names->names[i];
	}
	r->roles_made = all;
	names->count = 0;
	return true;
}

/* Within the data folder, which PostgreSQL allows since version 15; an older one keeps its refusal.
 */
bool
ddl_make_tablespaces(struct pg_conn *c, struct ddl_items *items, struct ddl_roles *names)
{
	struct arena *arena = items->arena;
	bool any = false;

	if (names->count == 0 || !pg_script(c, "SET allow_in_place_tablespaces = on", NULL))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		const char *quoted = pg_quote(c, arena, NULL, names->names[i]);
		any = pg_script(c, arena_printf(arena, "CREATE TABLESPACE %s LOCATION ''", quoted),
				NULL) ||
		      any;
	}
	names->count = 0;
	return any;
}

/* CREATE ROLE x: the schema makes it itself. */
static void
add_made_role(struct span sql, struct ddl_roles *out)
{
	struct ddl_words words;
	struct ddl_word verb, kind, name;

	ddl_words_init(&words, sql);
	if (ddl_words_next(&words, &verb) && ddl_word_is(&verb, "create") &&
	    ddl_words_next(&words, &kind) && ddl_words_next(&words, &name) && ddl_word_names(&name))
		ddl_roles_add(out, ddl_word_name(out->arena, &name));
}

/* Which roles are named and not there; on a server of our own they are made before all else. */
bool
ddl_prepare_roles(struct pg_conn *c, struct ddl_items *items, struct error *err)
{
	struct arena *arena = items->arena;
	struct ddl_roles named = {.arena = arena}, made = {.arena = arena},
			 there = {.arena = arena};
	struct pg_statement statement = {.sql = ddl_sql_load_roles};
	struct pg_rows *rows;

	for (size_t i = 0; i < items->count; i++) {
		ddl_roles_of(items->items[i].piece.text, &named);
		if (items->items[i].way == DDL_ROLES)
			add_made_role(items->items[i].piece.text, &made);
	}
	if (named.count == 0)
		return true;
	if (!pg_batch(c, &statement, 1, 0, &rows, err))
		return false;
	for (size_t i = 0; i < pg_rows_count(rows); i++)
		ddl_roles_add(&there, pg_rows_text(rows, i, 0));
	pg_rows_free(rows);
	for (size_t i = 0; i < named.count; i++) {
		if (!ddl_roles_have(&there, named.names[i]))
			ddl_roles_add(&items->missing, named.names[i]);
	}
	return !items->own_server || ddl_make_roles(c, items, &items->missing, &made, err);
}
