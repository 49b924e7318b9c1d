#include "cli/structure_locks.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

/* ---- what the plan makes ---- */

static int
compare_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int
by_name(const void *a, const void *b)
{
	const struct schema_object *const *x = a, *const *y = b;
	int order = compare_text((*x)->schema, (*y)->schema);

	return order != 0 ? order : compare_text((*x)->name, (*y)->name);
}

struct made {
	const struct schema_object **items; /* by name */
	size_t count;
};

static bool
has_effects(enum schema_kind kind)
{
	static const enum schema_kind kinds[] = {
		SCHEMA_KIND_table,  SCHEMA_KIND_view,	   SCHEMA_KIND_materialized_view,
		SCHEMA_KIND_domain, SCHEMA_KIND_composite, SCHEMA_KIND_sequence,
		SCHEMA_KIND_index,
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

static void
find_made(struct arena *arena, const struct schema_diff *d, struct made *out)
{
	out->items = arena_array(arena, d->count + 1, sizeof(*out->items));
	for (size_t i = 0; i < d->count; i++)
		if (d->changes[i].before == NULL && has_effects(d->changes[i].kind))
			out->items[out->count++] = d->changes[i].after;
	if (out->count > 0)
		qsort(out->items, out->count, sizeof(*out->items), by_name);
}

static bool
is_made(const struct made *made, const struct sql_effect *e)
{
	const struct schema_object wanted = {.schema = e->schema, .name = e->name};
	const struct schema_object *key = &wanted;

	return e->name != NULL && made->count > 0 &&
	       bsearch(&key, made->items, made->count, sizeof(*made->items), by_name) != NULL;
}

/* ---- what is there before ---- */

static const struct schema_object *
table_there(const struct schema_model *m, const struct sql_effect *e)
{
	size_t i = schema_model_from(m, SCHEMA_KIND_table, "");

	for (; i < m->count && m->objects[i].kind == SCHEMA_KIND_table; i++)
		if (compare_text(m->objects[i].schema, e->schema) == 0 &&
		    compare_text(m->objects[i].name, e->name) == 0)
			return &m->objects[i];
	return NULL;
}

static bool
is_foreign_key(const struct schema_object *o)
{
	const char *type = o->values[SCHEMA_constraint_type];

	return type != NULL && strcmp(type, "FOREIGN KEY") == 0;
}

/* The key itself, or one of its columns or constraints. */
static bool
needs_part_of(const struct schema_model *m, const struct schema_object *o,
	      const struct schema_object *table)
{
	for (uint32_t i = 0; i < o->needs_count; i++) {
		const struct schema_object *needed = &m->objects[o->needs[i]];
		if (needed == table || compare_text(needed->parent, table->address) == 0)
			return true;
	}
	return false;
}

static bool
has_foreign_key(const struct schema_model *m, const struct schema_object *table, bool to_it)
{
	size_t i = schema_model_from(m, SCHEMA_KIND_constraint, "");

	for (; i < m->count && m->objects[i].kind == SCHEMA_KIND_constraint; i++) {
		const struct schema_object *o = &m->objects[i];
		bool own = compare_text(o->parent, table->address) == 0;
		if (is_foreign_key(o) && (to_it ? !own && needs_part_of(m, o, table) : own))
			return true;
	}
	return false;
}

/* What the structure shows not to be there. */
static bool
is_impossible(const struct schema_model *from, const struct sql_effect *e)
{
	const struct schema_object *table;

	if (e->named || e->name == NULL)
		return false;
	table = table_there(from, e);
	if (table == NULL)
		return false;
	switch (e->role) {
	case SQL_ROLE_REFERENCED:
		return !has_foreign_key(from, table, false);
	case SQL_ROLE_REFERENCING:
		return !has_foreign_key(from, table, true);
	case SQL_ROLE_PARENT:
	case SQL_ROLE_DEFAULT_PARTITION:
	case SQL_ROLE_SIBLINGS:
		return table->values[SCHEMA_table_parents] == NULL &&
		       table->values[SCHEMA_table_partition_key] == NULL;
	default:
		return false;
	}
}

/* ---- one statement ---- */

/* A comment ends with its line, and a name may hold any character. */
static const char *
on_one_line(struct arena *arena, const char *words)
{
	char *line = arena_str(arena, words);

	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return line;
}

/* "ACCESS EXCLUSIVE on public.t, public.u; perhaps on partitions and children". */
struct remark {
	struct arena *arena;
	const char *sure, *perhaps;
};

static void
put_effect(struct remark *r, const struct sql_effect *e)
{
	const char *name =
		e->schema != NULL ? arena_printf(r->arena, "%s.%s", e->schema, e->name) : e->name;

	/* What is a part of it goes without saying. */
	if (e->role == SQL_ROLE_HEIRS || e->role == SQL_ROLE_INDEXES)
		return;
	if (e->named && e->least != SQL_LOCK_NONE)
		r->sure = arena_printf(r->arena, "%s%s%s on %s", r->sure, *r->sure ? ", " : "",
				       sql_lock_words(e->lock), name);
	else
		r->perhaps = arena_printf(r->arena, "%s%s%s", r->perhaps, *r->perhaps ? ", " : "",
					  e->named ? name : sql_role_words(e->role));
}

static const char *
remark_words(const struct remark *r, enum sql_lock lock, enum sql_certainty rewrite)
{
	static const char *const rewrites[] = {
		[SQL_NO] = "", [SQL_MAYBE] = "; may rewrite it", [SQL_YES] = "; rewrites it"};
	const char *sure = *r->sure ? r->sure : sql_lock_words(lock);
	const char *joint = *r->sure ? "; perhaps on " : " perhaps on ";

	if (*r->sure == '\0' && *r->perhaps == '\0')
		return NULL;
	return on_one_line(r->arena,
			   arena_printf(r->arena, "lock: %s%s%s%s", sure, rewrites[rewrite],
					*r->perhaps ? joint : "", r->perhaps));
}

static struct statement_locks
judge(struct arena *arena, const struct schema_model *from, const struct made *made,
      struct schema_statement *s)
{
	struct statement_locks out = {SQL_LOCK_NONE, SQL_NO};
	struct remark remark = {arena, "", ""};
	struct sql_effects effects;

	sql_effects_of(arena, span_str(s->sql), &effects);
	if (effects.opaque != NULL)
		out.rewrite = SQL_MAYBE;
	for (size_t i = 0; i < effects.count; i++) {
		const struct sql_effect *e = &effects.items[i];
		if (is_made(made, e) || is_impossible(from, e))
			continue;
		out.lock = e->lock > out.lock ? e->lock : out.lock;
		out.rewrite = e->rewrite > out.rewrite ? e->rewrite : out.rewrite;
		if (sql_lock_stops_writes(e->lock))
			put_effect(&remark, e);
	}
	s->remark = remark_words(&remark, out.lock, out.rewrite);
	return out;
}

struct statement_locks *
structure_locks(struct arena *arena, const struct schema_diff *diff, struct schema_plan *plan)
{
	struct statement_locks *all = arena_array(arena, plan->count + 1, sizeof(*all));
	struct made made = {0};

	find_made(arena, diff, &made);
	for (size_t i = 0; i < plan->count; i++)
		all[i] = judge(arena, diff->from, &made, &plan->statements[i]);
	return all;
}

int64_t
structure_locks_truth(enum sql_certainty certainty)
{
	return certainty == SQL_MAYBE ? INT_NULL : certainty == SQL_YES ? 1 : 0;
}
