/*
 * A model told as tables, for programs that know the Python tool's document. Foreign keys are told
 * twice, at either end; those of other schemas lead here too.
 */
#include "cli/introspection.h"

#include <stdlib.h>
#include <string.h>

#include "shared/snapshot/structure_changes.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct introspected_column
RECORD_DEFINE(introspected_column, "a column of a table")
#undef RECORD_TYPE
#define RECORD_TYPE struct introspected_reference
RECORD_DEFINE(introspected_reference, "a column of a foreign key, from one of its ends")
#undef RECORD_TYPE
#define RECORD_TYPE struct introspected_hints
RECORD_DEFINE(introspected_hints, "what a table's names say by a convention of the Python tool")
#undef RECORD_TYPE
#define RECORD_TYPE struct introspected_table
RECORD_DEFINE(introspected_table, "a table")
#undef RECORD_TYPE
#define RECORD_TYPE struct introspection_result
RECORD_DEFINE(introspection_result, "the tables of one schema")
#undef RECORD_TYPE

/* What belongs to a table, found in one walk over the model. */
struct parts {
	const struct schema_object **columns;
	size_t column_count, column_cap;
	const struct diff_details *key; /* the primary one; NULL */
	struct introspected_reference *in, *out;
	size_t in_count, in_cap, out_count, out_cap;
};

struct telling {
	struct arena *arena;
	const struct schema_model *m;
	const struct introspection_options *options;
	struct parts *parts; /* by the place of the table in the model */
};

/* "a ""b""" -> a "b"; what has no quotes stays. */
static const char *
bare(struct arena *arena, const char *name)
{
	size_t len = strlen(name), n = 0;

	if (len < 2 || name[0] != '"')
		return name;
	char *out = arena_alloc(arena, len);
	for (size_t i = 1; i + 1 < len; i++) {
		out[n++] = name[i];
		i += name[i] == '"' ? 1 : 0;
	}
	out[n] = '\0';
	return out;
}

static const struct schema_object *
table_at(const struct telling *t, const char *address)
{
	return address != NULL ? schema_model_find(t->m, SCHEMA_KIND_table, address) : NULL;
}

static struct parts *
parts_of(const struct telling *t, const struct schema_object *table)
{
	return &t->parts[table - t->m->objects];
}

/* ---- keys ---- */

static const struct diff_details *
details_of(struct arena *arena, const struct schema_object *o)
{
	const struct schema_change c = {.kind = o->kind, .after = o};

	return structure_change_details(arena, &c, NULL);
}

static const char *
name_of(const struct telling *t, const struct schema_object *table)
{
	return strcmp(table->schema, t->options->schema) == 0
		       ? table->name
		       : arena_printf(t->arena, "%s.%s", table->schema, table->name);
}

static void
add_reference(struct telling *t, const struct schema_object *from, const struct schema_object *to,
	      const char *via, const char *on)
{
	struct parts *f = parts_of(t, from), *p = parts_of(t, to);

	f->out = arena_grow(t->arena, f->out, f->out_count, &f->out_cap, sizeof(*f->out));
	f->out[f->out_count++] = (struct introspected_reference){NULL, name_of(t, to), via, on};
	p->in = arena_grow(t->arena, p->in, p->in_count, &p->in_cap, sizeof(*p->in));
	p->in[p->in_count++] = (struct introspected_reference){name_of(t, from), NULL, via, on};
}

static void
add_foreign_key(struct telling *t, const struct schema_object *from,
		const struct schema_object *key)
{
	const struct diff_details *d = details_of(t->arena, key);
	const struct schema_object *to = table_at(t, d->ref_table);

	if (to == NULL && d->ref_table != NULL)
		to = table_at(t, arena_printf(t->arena, "public.%s", d->ref_table));
	for (size_t i = 0; to != NULL && i < d->columns.count && i < d->ref_columns.count; i++)
		add_reference(t, from, to, bare(t->arena, d->columns.items[i]),
			      bare(t->arena, d->ref_columns.items[i]));
}

static void
add_part(struct telling *t, const struct schema_object *table, const struct schema_object *o)
{
	struct parts *p = parts_of(t, table);

	if (o->kind == SCHEMA_KIND_column) {
		p->columns = arena_grow(t->arena, p->columns, p->column_count, &p->column_cap,
					sizeof(*p->columns));
		p->columns[p->column_count++] = o;
	} else if (strcmp(o->values[SCHEMA_constraint_type], "PRIMARY KEY") == 0) {
		p->key = details_of(t->arena, o);
	} else if (strcmp(o->values[SCHEMA_constraint_type], "FOREIGN KEY") == 0) {
		add_foreign_key(t, table, o);
	}
}

static void
find_parts(struct telling *t)
{
	t->parts = arena_array(t->arena, t->m->count + 1, sizeof(*t->parts));
	for (size_t i = 0; i < t->m->count; i++) {
		const struct schema_object *o = &t->m->objects[i];
		const struct schema_object *table =
			o->kind == SCHEMA_KIND_column || o->kind == SCHEMA_KIND_constraint
				? table_at(t, o->parent)
				: NULL;
		if (table != NULL)
			add_part(t, table, o);
	}
}

/* ---- columns ---- */

static int
by_place(const void *a, const void *b)
{
	const struct schema_object *const *x = a, *const *y = b;
	long left = strtol((*x)->values[SCHEMA_column_position], NULL, 10);
	long right = strtol((*y)->values[SCHEMA_column_position], NULL, 10);

	return left == right ? 0 : left < right ? -1 : 1;
}

static bool
in_key(struct telling *t, const struct diff_details *key, const char *name)
{
	for (size_t i = 0; key != NULL && i < key->columns.count; i++) {
		if (strcmp(bare(t->arena, key->columns.items[i]), name) == 0)
			return true;
	}
	return false;
}

static struct introspected_hints *
hints_of(struct telling *t, const struct diff_details *key, const struct introspected_table *table)
{
	struct introspected_hints *h = RECORD_NEW(t->arena, introspected_hints);

	for (size_t i = 0; key != NULL && i < key->columns.count && h->surrogate_pk == NULL; i++) {
		const char *name = bare(t->arena, key->columns.items[i]);
		if (strncmp(name, "pk_", 3) == 0)
			h->surrogate_pk = name;
	}
	for (size_t i = 0; i < table->columns.count; i++) {
		if (strcmp(table->columns.items[i].name, "id") == 0)
			h->natural_id = table->columns.items[i].name;
	}
	return h->surrogate_pk != NULL || h->natural_id != NULL ? h : NULL;
}

/* ---- tables ---- */

static void
put_table(struct telling *t, const struct schema_object *table, struct introspected_table *out)
{
	struct parts *p = parts_of(t, table);

	*out = (struct introspected_table){.name = table->name};
	if (p->column_count > 1)
		qsort(p->columns, p->column_count, sizeof(*p->columns), by_place);
	out->columns.count = p->column_count;
	out->columns.items =
		arena_array(t->arena, p->column_count + 1, sizeof(*out->columns.items));
	for (size_t i = 0; i < p->column_count; i++) {
		const struct schema_object *c = p->columns[i];
		out->columns.items[i] = (struct introspected_column){
			.name = c->name,
			.pg_type = c->values[SCHEMA_column_type],
			.nullable = c->values[SCHEMA_column_not_null] == NULL,
			.is_primary_key = in_key(t, p->key, c->name),
		};
	}
	out->outbound_fks.items = p->out;
	out->outbound_fks.count = p->out_count;
	out->inbound_fks.items = p->in;
	out->inbound_fks.count = p->in_count;
	if (t->options->hints)
		out->hints = hints_of(t, p->key, out);
}

static bool
is_told(const struct introspection_options *options, const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_table && strcmp(o->schema, options->schema) == 0 &&
	       (options->all_tables || strncmp(o->name, "tb_", 3) == 0);
}

static int
by_name(const void *a, const void *b)
{
	const struct introspected_table *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
introspection_of(struct arena *arena, const struct schema_model *m,
		 const struct introspection_options *options, struct introspection_result *out)
{
	struct telling t = {.arena = arena, .m = m, .options = options};
	size_t count = 0;

	out->schema = options->schema;
	find_parts(&t);
	for (size_t i = 0; i < m->count; i++)
		count += is_told(options, &m->objects[i]);
	out->tables.items = arena_array(arena, count + 1, sizeof(*out->tables.items));
	for (size_t i = 0; i < m->count; i++) {
		if (is_told(options, &m->objects[i]))
			put_table(&t, &m->objects[i], &out->tables.items[out->tables.count++]);
	}
	if (count > 1)
		qsort(out->tables.items, count, sizeof(*out->tables.items), by_name);
}
