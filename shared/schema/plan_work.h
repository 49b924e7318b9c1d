#ifndef CONFITURE_SCHEMA_PLAN_WORK_H
#define CONFITURE_SCHEMA_PLAN_WORK_H

#include "shared/schema/ddl.h"

/*
 * How a plan is made: what becomes of each object (plan_fate.c), the steps that this takes
 * (plan_steps.c), what must come before what (plan_edges.c), their order (plan_order.c), their
 * statements (plan.c).
 */
#define NONE UINT32_MAX

enum fate { FATE_KEEP, FATE_MAKE, FATE_ALTER, FATE_DROP, FATE_REPLACE };

/* Of an old object by its place in `from`, of a new one by its place in `to`. */
struct plan_side {
	const struct schema_model *m;
	uint32_t *pair;	 /* place on the other side, or NONE */
	enum fate *fate; /* a pair has the same on both sides */
	uint32_t *whole; /* what the object is a part of, or NONE */
	uint32_t *users; /* who needs it: users[first_user[i]] … users[first_user[i + 1] - 1] */
	uint32_t *first_user;
};

enum step_type {
	STEP_UNSET,  /* a default goes before what it uses, a sequence leaves a column that goes */
	STEP_DETACH, /* a partition from its parent */
	STEP_DROP,
	STEP_ASIDE,   /* a type is renamed, and another takes its name */
	STEP_SHELL,   /* a base type that its functions can name */
	STEP_MAKE,    /* create or alter */
	STEP_DEFAULT, /* a default that had to wait */
	STEP_ATTACH,  /* a partition, or its index, to the parent's */
	STEP_OWNED,   /* a sequence to its column */
	STEP_LATE,    /* what names an index of its table */
	STEP_FORGET,  /* a type that stepped aside */
	STEP_TYPES
};

static inline bool
step_is_of_old(enum step_type type)
{
	return type == STEP_UNSET || type == STEP_DETACH || type == STEP_DROP ||
	       type == STEP_ASIDE || type == STEP_FORGET;
}

struct step {
	enum step_type type;
	uint32_t object; /* an old one or a new one: step_is_of_old() */
	uint32_t rank;
	uint32_t blocked; /* steps that come before and are not done */
};

struct step_edge {
	uint32_t before, after;
};

struct plan_work {
	struct arena *arena;
	const struct schema_diff *diff;
	struct ddl ddl;
	struct plan_side old, new;
	const struct schema_change **change; /* of a new object, or NULL */
	bool *retype;			     /* of new columns: their type is made anew */
	bool *unset; /* of new columns: their default uses what is made anew */
	bool *again; /* of new ones that stay while something they name is made anew */
	bool *aside; /* of old types: columns use them */
	bool *made;  /* of new objects: it is made, or made anew */
	bool *swap;  /* of new indexes: built beside the old one, which serves until then */

	struct step *steps;
	size_t step_count, step_cap;
	struct step_edge *edges;
	size_t edge_count, edge_cap;
	uint32_t *at[STEP_TYPES]; /* step of that type of an object, or NONE */

	uint32_t *order; /* of the steps */
};

void plan_fates(struct plan_work *w);
void plan_steps(struct plan_work *w);
void plan_edges(struct plan_work *w);
MUST_USE bool plan_order(struct plan_work *w, struct error *err);

bool plan_is_type(enum schema_kind kind);
/* The index or key of the parent that an index or key of a partition is attached to, or NONE. */
uint32_t plan_attached_to(const struct plan_side *s, uint32_t i);
/* The attribute that the column of a typed table follows, or NONE. */
uint32_t plan_attribute_of(const struct plan_work *w, const struct plan_side *s, uint32_t i);
/* The old table whose partition the old table is, or NONE. */
uint32_t plan_partition_of(const struct plan_work *w, uint32_t old);
/* A table that stays leaves a parent or a type, or comes to one. */
bool plan_moves(const struct plan_work *w, uint32_t new_object);
/* The table that the object is, or is a part of, stays as it is and may hold rows. */
bool plan_in_use(const struct plan_work *w, uint32_t new_object);

static inline const struct schema_object *
plan_old(const struct plan_work *w, uint32_t i)
{
	return &w->old.m->objects[i];
}

static inline const struct schema_object *
plan_new(const struct plan_work *w, uint32_t i)
{
	return &w->new.m->objects[i];
}

static inline const char *
plan_value(const struct schema_object *o, size_t place)
{
	return o->values[place];
}

static inline bool
plan_is_foreign_key(const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_constraint && plan_value(o, SCHEMA_constraint_type)[0] == 'F';
}

static inline bool
plan_is_partition(const struct schema_object *o)
{
	return o->kind == SCHEMA_KIND_table && plan_value(o, SCHEMA_table_bound) != NULL;
}

static inline bool
fate_goes(enum fate f)
{
	return f == FATE_DROP || f == FATE_REPLACE;
}

static inline bool
fate_comes(enum fate f)
{
	return f == FATE_MAKE || f == FATE_REPLACE;
}

#endif
