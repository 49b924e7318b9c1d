/*
 * In a footprint, what a statement leans on follows what it makes: the reads after CREATE INDEX, or
 * after a constraint in CREATE TABLE, are those of that index or constraint. So the footprint of a
 * schema's text is its list of dependencies already.
 */
#include "shared/sql/catalogue.h"

#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

enum { COMPARISONS_LIMIT = 50000000, FOLLOWING_LIMIT = 10000 };

struct expansion {
	struct arena *arena;
	struct sql_footprint *f;
	const struct sql_footprint *known;
	size_t from; /* first access that was added */
	struct sql_access cause;
};

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_object(const struct sql_access *a, const struct sql_access *b)
{
	return same(a->name, b->name) && same(a->schema, b->schema) &&
	       same(sql_kind_space(a->kind), sql_kind_space(b->kind));
}

static bool
is_maker(const struct sql_access *a)
{
	return !a->implied && a->part_kind != SQL_PART_KEY &&
	       (a->mode == SQL_MODE_CREATE || a->mode == SQL_MODE_EXTEND ||
		a->mode == SQL_MODE_CONSTRAIN);
}

/* ---- adding ---- */

static bool
is_there(const struct expansion *e, const struct sql_access *a)
{
	for (size_t i = e->from; i < e->f->count; i++) {
		const struct sql_access *b = &e->f->items[i];
		if (b->mode == a->mode && b->part_kind == a->part_kind && same(b->part, a->part) &&
		    same_object(a, b))
			return true;
	}
	return false;
}

/* The same happens to `object` as to the cause. */
static void
add(struct expansion *e, const struct sql_access *object)
{
	struct sql_footprint *f = e->f;
	struct sql_access a = e->cause;

	a.object_may_lack = object->object_may_lack;
	a.kind = object->kind;
	a.schema = arena_str(e->arena, object->schema);
	a.name = arena_str(e->arena, object->name);
	a.part_kind = object->part_kind;
	a.part = arena_str(e->arena, object->part);
	a.implied = true;
	a.own = false;
	if (is_there(e, &a) || f->count - e->from >= FOLLOWING_LIMIT)
		return;
	f->items = arena_grow(e->arena, f->items, f->count, &f->cap, sizeof(*f->items));
	f->items[f->count++] = a;
}

/* ---- what follows ---- */

/* Whether what reads `read` loses it by the cause. */
static bool
is_lost(const struct sql_access *cause, const struct sql_access *read)
{
	if (read->mode != SQL_MODE_READ || !same_object(cause, read))
		return false;
	if (cause->part == NULL)
		return true;
	return read->part != NULL && read->part_kind == cause->part_kind &&
	       (strcmp(read->part, cause->part) == 0 || strcmp(read->part, "*") == 0);
}

/* Indexes, statistics and constraints go with a column of their own table; other things need
 * CASCADE. */
static bool
goes_along(const struct sql_access *cause, const struct sql_access *maker,
	   const struct sql_access *read)
{
	bool own = maker->kind == SQL_KIND_INDEX || maker->kind == SQL_KIND_STATISTICS ||
		   same_object(maker, cause);

	return cause->cascade || (read->bond == SQL_BOND_KEY && own);
}

/* The key that an index or constraint made stands behind it, on its table. */
static void
drop_key(struct expansion *e, size_t maker)
{
	const struct sql_footprint *known = e->known;

	for (size_t i = maker + 1; i < known->count && !is_maker(&known->items[i]) &&
				   known->items[i].statement == known->items[maker].statement;
	     i++) {
		if (known->items[i].part_kind == SQL_PART_KEY &&
		    known->items[i].mode == SQL_MODE_CONSTRAIN)
			add(e, &known->items[i]);
	}
}

static bool
is_same_part(const struct sql_access *a, const struct sql_access *b)
{
	return same_object(a, b) && a->part_kind == b->part_kind && same(a->part, b->part);
}

/* Partitions go with their parent, other heirs by CASCADE only. */
static void
drop_heirs(struct expansion *e)
{
	const struct sql_access *table = NULL;
	bool partition = false;

	for (size_t i = 0; e->cause.part == NULL && i < e->known->count; i++) {
		const struct sql_access *k = &e->known->items[i];
		if (table != NULL && table->statement != k->statement)
			table = NULL;
		if (k->mode == SQL_MODE_CREATE && !k->implied) {
			table = k;
			partition = false;
		}
		partition = partition || k->part_kind == SQL_PART_PARTITION;
		if (table != NULL && same(k->aspect, "parent") && same_object(k, &e->cause) &&
		    (partition || e->cause.cascade))
			add(e, table);
	}
}

static void
follow_drop(struct expansion *e)
{
	const struct sql_access *maker = NULL;

	for (size_t i = 0; i < e->known->count; i++) {
		const struct sql_access *k = &e->known->items[i];
		if (maker != NULL && maker->statement != k->statement)
			maker = NULL;
		if (is_maker(k)) {
			maker = k;
			if (is_same_part(k, &e->cause))
				drop_key(e, i);
		} else if (maker != NULL && k->mode == SQL_MODE_INDEX && e->cause.part == NULL &&
			   same_object(k, &e->cause)) {
			add(e, maker);
		} else if (maker != NULL && k->implied && k->mode == SQL_MODE_CREATE &&
			   e->cause.part == NULL && same_object(maker, &e->cause)) {
			add(e, k);
		} else if (maker != NULL && is_lost(&e->cause, k) &&
			   goes_along(&e->cause, maker, k)) {
			add(e, maker);
		}
	}
}

/* What is said of a parent's columns and constraints is said of its heirs. */
static void
follow_to_heirs(struct expansion *e)
{
	const struct sql_access *maker = NULL;
	struct sql_access heir;

	for (size_t i = 0; i < e->known->count; i++) {
		const struct sql_access *k = &e->known->items[i];
		if (k->mode == SQL_MODE_CREATE && !k->implied)
			maker = k;
		if (maker == NULL || k->statement != maker->statement || k->mode != SQL_MODE_READ ||
		    !same(k->aspect, "parent") || !same_object(k, &e->cause))
			continue;
		heir = e->cause;
		heir.kind = maker->kind;
		heir.schema = maker->schema;
		heir.name = maker->name;
		heir.object_may_lack = true; /* it is reached wherever it is, if it is */
		add(e, &heir);
	}
}

/* Indexes and sequences of a table move with it to another schema. */
static void
follow_move(struct expansion *e)
{
	const struct sql_access *maker = NULL;

	for (size_t i = 0; i < e->known->count; i++) {
		const struct sql_access *k = &e->known->items[i];
		if (is_maker(k))
			maker = k;
		if (maker == NULL || maker->statement != k->statement)
			continue;
		if (k->mode == SQL_MODE_INDEX && same_object(k, &e->cause))
			add(e, maker);
		if (k->implied && k->mode == SQL_MODE_CREATE && k->kind != SQL_KIND_TYPE &&
		    same_object(maker, &e->cause))
			add(e, k);
	}
}

static bool
reaches_heirs(const struct sql_access *a)
{
	bool inherited = a->part_kind == SQL_PART_COLUMN || a->mode == SQL_MODE_INDEX ||
			 (a->part_kind == SQL_PART_CONSTRAINT && a->mode != SQL_MODE_ALTER);

	return inherited && a->part != NULL && a->mode != SQL_MODE_READ &&
	       a->mode != SQL_MODE_GRANT && !same(a->aspect, "comment");
}

void
sql_footprint_expand(struct arena *arena, struct sql_footprint *f,
		     const struct sql_footprint *known)
{
	struct expansion e = {.arena = arena, .f = f, .known = known, .from = f->count};

	if (f->count > 0 && known->count > COMPARISONS_LIMIT / f->count) {
		f->opaques = arena_grow(arena, f->opaques, f->opaque_count, &f->opaque_cap,
					sizeof(*f->opaques));
		f->opaques[f->opaque_count++] =
			(struct sql_opaque){"too large for what it takes along to be found", 1, 1};
		f->opaque = true;
		return;
	}
	for (size_t i = 0; i < f->count; i++) {
		e.cause = f->items[i];
		if (e.cause.own)
			continue;
		if (e.cause.mode == SQL_MODE_DROP)
			follow_drop(&e);
		if (e.cause.mode == SQL_MODE_DROP)
			drop_heirs(&e);
		if (reaches_heirs(&e.cause))
			follow_to_heirs(&e);
		if (e.cause.mode == SQL_MODE_RENAME && same(e.cause.aspect, "schema"))
			follow_move(&e);
	}
}
