/* Tables, partitions and foreign tables. */
#include "shared/schema/ddl.h"

#include <stdlib.h>

#include "shared/base/banned.h"

#define T(o, name) ((o)->values[SCHEMA_table_##name])

/* ---- CREATE TABLE ---- */

static int
by_position(const void *a, const void *b)
{
	const struct schema_object *const *x = a, *const *y = b;

	return (int)strtol((*x)->values[SCHEMA_column_position], NULL, 10) -
	       (int)strtol((*y)->values[SCHEMA_column_position], NULL, 10);
}

const struct schema_object **
ddl_columns_of(struct ddl *d, const struct schema_model *m, const struct schema_object *whole)
{
	const struct schema_object **all = NULL;
	const char *first = ddl_say(d, "%s.", whole->address);
	size_t count = 0, cap = 0;

	/* Sorted by address, so they lie together behind that of their table. */
	for (size_t i = schema_model_from(m, SCHEMA_KIND_column, first); i < m->count; i++) {
		const struct schema_object *o = &m->objects[i];
		if (o->kind != SCHEMA_KIND_column || o->parent != whole->address)
			break;
		all = arena_grow(d->arena, (void *)all, count, &cap, sizeof(*all));
		all[count++] = o;
	}
	if (count > 0)
		qsort((void *)all, count, sizeof(*all), by_position);
	all = arena_grow(d->arena, (void *)all, count, &cap, sizeof(*all));
	all[count] = NULL;
	return all;
}

static bool
needs_new_routine(const struct ddl *d, const struct schema_object *column)
{
	for (uint32_t i = 0; i < column->needs_count; i++) {
		const struct schema_object *n = &d->to->objects[column->needs[i]];
		bool routine = n->kind == SCHEMA_KIND_function || n->kind == SCHEMA_KIND_operator;
		if (routine && schema_model_find(d->from, n->kind, n->address) == NULL)
			return true;
	}
	return false;
}

bool
ddl_default_comes_later(const struct ddl *d, const struct schema_object *column)
{
	return column->values[SCHEMA_column_default] != NULL &&
	       column->values[SCHEMA_column_generated] == NULL && needs_new_routine(d, column);
}

static const char *
column_list(struct ddl *d, const struct schema_object *o, const struct schema_object **columns)
{
	const char *list = "";
	bool partition = T(o, bound) != NULL;

	for (size_t i = 0, n = 0; columns[i] != NULL; i++) {
		if (columns[i]->values[SCHEMA_column_inherited] != NULL && !partition)
			continue;
		list = ddl_say(
			d, "%s%s\n    %s", list, n++ > 0 ? "," : "",
			ddl_column_words(d, columns[i], !ddl_default_comes_later(d, columns[i])));
	}
	return ddl_say(d, "(%s%s)", list, list[0] != '\0' ? "\n" : "");
}

static const char *
tail(struct ddl *d, const struct schema_object *o)
{
	const char *options = ddl_options_set(d, NULL, T(o, options), "");
	const char *toast = ddl_options_set(d, NULL, T(o, toast_options), "toast.");
	const char *t = "";

	if (T(o, parents) != NULL && T(o, bound) == NULL)
		t = ddl_say(d, "%s INHERITS (%s)", t, ddl_join(d, T(o, parents), ", "));
	if (T(o, partition_key) != NULL)
		t = ddl_say(d, "%s PARTITION BY %s", t, T(o, partition_key));
	if (T(o, server) != NULL)
		t = ddl_say(d, "%s SERVER %s", t, T(o, server));
	if (T(o, server_options) != NULL)
		t = ddl_say(d, "%s OPTIONS (%s)", t, ddl_join(d, T(o, server_options), ", "));
	if (T(o, access_method) != NULL)
		t = ddl_say(d, "%s USING %s", t, T(o, access_method));
	if (options != NULL || toast != NULL)
		t = ddl_say(d, "%s WITH (%s%s%s)", t, options ? options : "",
			    options && toast ? ", " : "", toast ? toast : "");
	if (T(o, tablespace) != NULL)
		t = ddl_say(d, "%s TABLESPACE %s", t, T(o, tablespace));
	return t;
}

static void
put_row_security(struct ddl *d, const struct schema_object *before,
		 const struct schema_object *after)
{
	const char *was = before ? T(before, row_security) : NULL;
	const char *forced = before ? T(before, force_row_security) : NULL;

	if (was != T(after, row_security))
		ddl_put(d, "ALTER TABLE %s %s ROW LEVEL SECURITY", after->address,
			T(after, row_security) ? "ENABLE" : "DISABLE");
	if (forced != T(after, force_row_security))
		ddl_put(d, "ALTER TABLE %s %s ROW LEVEL SECURITY", after->address,
			T(after, force_row_security) ? "FORCE" : "NO FORCE");
}

/* What CREATE TABLE … INHERITS gives the column as its default. */
static const char *
inherited_default(struct ddl *d, const struct schema_object *o, const char *name)
{
	const char **parents;
	size_t count = ddl_lines(d, T(o, parents), &parents);

	for (size_t i = 0; i < count; i++) {
		const struct schema_object *table =
			schema_model_find(d->to, SCHEMA_KIND_table, parents[i]);
		const struct schema_object **columns =
			table ? ddl_columns_of(d, d->to, table) : NULL;
		for (size_t k = 0; columns != NULL && columns[k] != NULL; k++)
			if (columns[k]->name == name)
				return columns[k]->values[SCHEMA_column_default];
	}
	return NULL;
}

static void
put_own_default(struct ddl *d, const struct schema_object *o, const struct schema_object *column)
{
	const char *own = column->values[SCHEMA_column_default];
	const char *theirs = inherited_default(d, o, column->name);

	if (own == theirs || column->values[SCHEMA_column_generated] != NULL)
		return;
	if (own != NULL)
		ddl_column_set_default(d, column);
	else
		ddl_column_unset_default(d, column);
}

void
ddl_column_typed(struct ddl *d, const struct schema_object *column)
{
	if (column->values[SCHEMA_column_default] != NULL)
		ddl_column_set_default(d, column);
	if (column->values[SCHEMA_column_not_null] != NULL)
		ddl_put(d, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL", column->parent,
			ddl_own_name(d, column));
}

void
ddl_table_create(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object **columns = ddl_columns_of(d, d->to, o);
	const char *what = T(o, server)	    ? "FOREIGN TABLE"
			   : T(o, unlogged) ? "UNLOGGED TABLE"
					    : "TABLE";

	if (T(o, of_type) != NULL)
		ddl_put(d, "CREATE %s %s OF %s%s", what, o->address, T(o, of_type), tail(d, o));
	else
		ddl_put(d, "CREATE %s %s %s%s", what, o->address, column_list(d, o, columns),
			tail(d, o));
	put_row_security(d, NULL, o);
	for (size_t i = 0; columns[i] != NULL; i++) {
		if (columns[i]->values[SCHEMA_column_inherited] != NULL && T(o, bound) == NULL)
			put_own_default(d, o, columns[i]);
		if (T(o, of_type) != NULL)
			ddl_column_typed(d, columns[i]);
		ddl_column_extras(d, columns[i]);
	}
}

/* Indexes and constraints come after the table, and what names them after those. */
struct late {
	const char *cluster, *identity;
};

static struct late
late_of(const struct schema_object *o)
{
	if (o == NULL)
		return (struct late){0};
	if (o->kind == SCHEMA_KIND_materialized_view)
		return (struct late){o->values[SCHEMA_materialized_view_clustered_on], NULL};
	return (struct late){T(o, clustered_on), T(o, replica_identity)};
}

bool
ddl_table_has_late(const struct schema_object *before, const struct schema_object *after)
{
	struct late was = late_of(before), is = late_of(after);

	return was.cluster != is.cluster || was.identity != is.identity;
}

static bool
is_made(const struct ddl *d, const bool *made, enum schema_kind kind, const char *address)
{
	const struct schema_object *o = schema_model_find(d->to, kind, address);

	return o != NULL && made[o - d->to->objects];
}

bool
ddl_table_names_made(struct ddl *d, const struct schema_object *o, const bool *made)
{
	static const char *const by = "USING INDEX ";
	struct late is = late_of(o);
	const char *names[] = {is.cluster,
			       is.identity != NULL && strncmp(is.identity, by, strlen(by)) == 0
				       ? is.identity + strlen(by)
				       : NULL};
	int schema = (int)ddl_until(o->address, '.');

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i] != NULL &&
		    (is_made(d, made, SCHEMA_KIND_index,
			     ddl_say(d, "%.*s.%s", schema, o->address, names[i])) ||
		     is_made(d, made, SCHEMA_KIND_constraint,
			     ddl_say(d, "%s ON %s", names[i], o->address))))
			return true;
	return false;
}

void
ddl_table_late(struct ddl *d, const struct schema_object *before, const struct schema_object *after,
	       bool again)
{
	struct late was = late_of(before), is = late_of(after);
	const char *what = after->kind == SCHEMA_KIND_table ? "TABLE" : "MATERIALIZED VIEW";

	if (is.cluster != NULL && (again || was.cluster != is.cluster))
		ddl_put(d, "ALTER %s %s CLUSTER ON %s", what, after->address, is.cluster);
	else if (was.cluster != is.cluster)
		ddl_put(d, "ALTER %s %s SET WITHOUT CLUSTER", what, after->address);
	if (was.identity != is.identity || (again && is.identity != NULL))
		ddl_put(d, "ALTER TABLE %s REPLICA IDENTITY %s", after->address,
			is.identity ? is.identity : "DEFAULT");
}

/* ---- parents ---- */

/* Parents of the one that are not the other's as well. */
static void
put_inheritance(struct ddl *d, const struct schema_object *before,
		const struct schema_object *after, const char *parents, const char *how)
{
	const char **all;
	size_t count = ddl_lines(d, parents, &all);

	for (size_t i = 0; i < count; i++)
		if (!ddl_parent_stays(d, before, after, all[i]))
			ddl_put(d, "ALTER TABLE %s %s %s", after->address, how, all[i]);
}

static const char *
plain_parents(const struct schema_object *o)
{
	return T(o, bound) ? NULL : T(o, parents);
}

void
ddl_table_attach(struct ddl *d, const struct schema_object *before,
		 const struct schema_object *after)
{
	if (T(after, bound) != NULL)
		ddl_put(d, "ALTER TABLE %s ATTACH PARTITION %s %s", T(after, parents),
			after->address, T(after, bound));
	if (T(after, bound) != NULL || before == NULL)
		return;
	if (T(after, of_type) != NULL && !ddl_keeps_type(d, before, after))
		ddl_put(d, "ALTER TABLE %s OF %s", after->address, T(after, of_type));
	put_inheritance(d, before, after, plain_parents(after), "INHERIT");
	if (ddl_heir_has_helper(d, before, after))
		ddl_heir_let_go(d, before);
}

void
ddl_table_detach(struct ddl *d, const struct schema_object *before,
		 const struct schema_object *after)
{
	if (T(before, bound) != NULL) {
		ddl_put(d, "ALTER TABLE %s DETACH PARTITION %s", T(before, parents),
			before->address);
		return;
	}
	if (T(before, of_type) != NULL && !ddl_keeps_type(d, before, after))
		ddl_put(d, "ALTER TABLE %s NOT OF", before->address);
	if (ddl_heir_has_helper(d, before, after))
		ddl_heir_help(d, before);
	put_inheritance(d, before, after, plain_parents(before), "NO INHERIT");
}

/* ---- ALTER TABLE ---- */

static void
put_options(struct ddl *d, const struct schema_change *c)
{
	const char *what = ddl_keyword(c->after), *name = c->after->address;
	const struct schema_object *a = c->before, *b = c->after;
	const char *set = ddl_options_set(d, T(a, options), T(b, options), "");
	const char *reset = ddl_options_reset(d, T(a, options), T(b, options), "");

	if (set != NULL)
		ddl_put(d, "ALTER %s %s SET (%s)", what, name, set);
	if (reset != NULL)
		ddl_put(d, "ALTER %s %s RESET (%s)", what, name, reset);
	set = ddl_options_set(d, T(a, toast_options), T(b, toast_options), "toast.");
	reset = ddl_options_reset(d, T(a, toast_options), T(b, toast_options), "toast.");
	if (set != NULL)
		ddl_put(d, "ALTER TABLE %s SET (%s)", name, set);
	if (reset != NULL)
		ddl_put(d, "ALTER TABLE %s RESET (%s)", name, reset);
	const char *foreign = ddl_foreign_options(d, T(a, server_options), T(b, server_options));
	if (foreign != NULL)
		ddl_put(d, "ALTER FOREIGN TABLE %s OPTIONS (%s)", name, foreign);
}

static void
put_storage(struct ddl *d, const struct schema_change *c)
{
	const char *name = c->after->address;

	if (!ddl_same(c, SCHEMA_table_unlogged))
		ddl_put(d, "ALTER TABLE %s SET %s", name,
			T(c->after, unlogged) ? "UNLOGGED" : "LOGGED")
			->hazards = HAZARD_REWRITE | HAZARD_BLOCKS_READS;
	if (!ddl_same(c, SCHEMA_table_access_method))
		ddl_put(d, "ALTER TABLE %s SET ACCESS METHOD %s", name,
			T(c->after, access_method) ? T(c->after, access_method) : "heap")
			->hazards = HAZARD_REWRITE | HAZARD_BLOCKS_READS;
	if (!ddl_same(c, SCHEMA_table_tablespace))
		ddl_put(d, "ALTER TABLE %s SET TABLESPACE %s", name,
			T(c->after, tablespace) ? T(c->after, tablespace) : "pg_default")
			->hazards = HAZARD_REWRITE | HAZARD_BLOCKS_READS;
}

bool
ddl_table_alter(struct ddl *d, const struct schema_change *c)
{
	/* A table of another make has to be made anew. */
	if (!ddl_same(c, SCHEMA_table_partition_key) || !ddl_same(c, SCHEMA_table_server))
		return false;
	if (!ddl_same(c, SCHEMA_table_of_type) && T(c->after, of_type) != NULL &&
	    !ddl_fits_type(d, c->after))
		return false;
	put_storage(d, c);
	put_options(d, c);
	put_row_security(d, c->before, c->after);
	return true;
}

void
ddl_composite_create(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object **columns = ddl_columns_of(d, d->to, o);
	const char *list = "";

	for (size_t i = 0; columns[i] != NULL; i++)
		list = ddl_say(d, "%s%s\n    %s", list, i > 0 ? "," : "",
			       ddl_column_words(d, columns[i], false));
	ddl_put(d, "CREATE TYPE %s AS (%s%s)", o->address, list, list[0] != '\0' ? "\n" : "");
	for (size_t i = 0; columns[i] != NULL; i++)
		ddl_column_extras(d, columns[i]);
}

bool
ddl_composite_alter(struct ddl *d, const struct schema_change *c)
{
	(void)d;
	(void)c;
	return true; /* it has only common attributes */
}
