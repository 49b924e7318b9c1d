/*
 * The statements. Parts come before what they are a part of, and schemas last, so that each names
 * its container as it was. What takes the name of another waits for it; in a circle one steps aside
 * under a name of ours.
 */
#include "shared/schema/ddl.h"
#include "shared/schema/rename_work.h"

#include "shared/base/banned.h"

struct stepping {
	struct renaming *r;
	struct schema_renames *out;
	size_t cap;
	const char *
		*now; /* of each change: its name at this moment, as SQL writes it; NULL: done */
	size_t aside; /* names of ours that were used */
};

static unsigned
phase_of(const struct name_change *c)
{
	if (c->label || c->whole != NULL)
		return 0;
	if (rename_is_routine(c->before->kind))
		return 1;
	return c->before->kind == SCHEMA_KIND_schema ? 3 : 2;
}

static const char *
statement(struct stepping *s, const struct name_change *c, const char *from, const char *to)
{
	const struct schema_object *o = c->before;
	struct arena *arena = s->r->arena;

	if (c->label)
		return arena_printf(arena, "ALTER TYPE %s RENAME VALUE %s TO %s", o->address, from,
				    to);
	switch (o->kind) {
	case SCHEMA_KIND_column:
		if (o->values[SCHEMA_column_of][0] == 't' && o->values[SCHEMA_column_of][1] == 'y')
			return arena_printf(arena,
					    "ALTER TYPE %s RENAME ATTRIBUTE %s TO %s CASCADE",
					    o->parent, from, to);
		return arena_printf(arena, "ALTER TABLE %s RENAME COLUMN %s TO %s", o->parent, from,
				    to);
	case SCHEMA_KIND_constraint:
		return arena_printf(arena, "ALTER TABLE %s RENAME CONSTRAINT %s TO %s", o->parent,
				    from, to);
	case SCHEMA_KIND_domain_constraint:
		return arena_printf(arena, "ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s", o->parent,
				    from, to);
	default:
		return arena_printf(arena, "ALTER %s %s RENAME TO %s", ddl_keyword(o),
				    rename_address_as(arena, o, from), to);
	}
}

static void
put(struct stepping *s, size_t i, const char *to)
{
	const struct name_change *c = &s->r->items[i];
	struct schema_renames *out = s->out;

	out->steps =
		arena_grow(s->r->arena, out->steps, out->step_count, &s->cap, sizeof(*out->steps));
	out->steps[out->step_count++] =
		(struct schema_rename_step){statement(s, c, s->now[i], to), c->before};
	s->now[i] = to;
}

/* Whether `a` is to have the name that `b` has now. */
static bool
waits_for(const struct stepping *s, size_t a, size_t b)
{
	const struct name_change *x = &s->r->items[a], *y = &s->r->items[b];
	bool relations = rename_is_relation(x->before->kind) && rename_is_relation(y->before->kind);

	if (a == b || s->now[b] == NULL || strcmp(x->word, s->now[b]) != 0 ||
	    x->label != y->label || x->whole != y->whole || (x->label && x->before != y->before) ||
	    (x->before->kind != y->before->kind && !relations))
		return false;
	return x->before->schema == y->before->schema;
}

static bool
is_free(const struct stepping *s, size_t i)
{
	for (size_t k = 0; k < s->r->count; k++)
		if (waits_for(s, i, k))
			return false;
	return true;
}

/* One that can be done now, or has to step aside; false when the phase is over. */
static bool
step(struct stepping *s, unsigned phase)
{
	size_t waiting = s->r->count;

	for (size_t i = 0; i < s->r->count; i++) {
		const struct name_change *c = &s->r->items[i];
		if (s->now[i] == NULL || phase_of(c) != phase)
			continue;
		if (is_free(s, i)) {
			put(s, i, c->word);
			s->now[i] = NULL;
			return true;
		}
		waiting = waiting == s->r->count ? i : waiting;
	}
	if (waiting == s->r->count)
		return false;
	const char *quote = s->r->items[waiting].label ? "'" : "";
	put(s, waiting,
	    arena_printf(s->r->arena, "%sconfiture_renamed_%zu%s", quote, ++s->aside, quote));
	return true;
}

void
rename_steps(struct renaming *r, struct schema_renames *out)
{
	struct stepping s = {.r = r, .out = out};

	s.now = arena_array(r->arena, r->count + 1, sizeof(*s.now));
	for (size_t i = 0; i < r->count; i++)
		s.now[i] = r->items[i].implied ? NULL
			   : r->items[i].label ? r->items[i].old
					       : rename_own_word(r->arena, r->items[i].before);
	for (unsigned phase = 0; phase < 4; phase++)
		while (step(&s, phase))
			continue;
}
