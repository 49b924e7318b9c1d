/*
 * From two footprints to what stands between them: each pair of accesses that meet is judged by the
 * table of conflict_rules.c, and of what is found the worst per object and type is kept.
 */
#include "coordinator/conflict.h"

#include <stdlib.h>
#include <string.h>

#include "coordinator/conflict_index.h"
#include "coordinator/conflict_rules.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

/* What two texts may cost; the rest of them is unjudged. */
enum { CONFLICT_PAIRS_LIMIT = 200000 };

/* ---- two accesses ---- */

/* What an agent made itself is judged by its making alone. */
static const struct conflict_rule *
rule_of(const struct sql_access *a, const struct sql_access *b, bool *swapped)
{
	if ((a->mode == SQL_MODE_READ && b->mode == SQL_MODE_READ) || a->own || b->own)
		return NULL;
	return conflict_rule_of(a, b, swapped);
}

static enum conflict_severity
severity_of(const struct conflict_rule *rule, const struct sql_access *a,
	    const struct sql_access *b)
{
	if (rule == NULL)
		return CONFLICT_NONE;
	if ((a->guessed || b->guessed) && rule->severity > CONFLICT_WARNING)
		return CONFLICT_WARNING;
	return rule->severity;
}

enum conflict_severity
conflict_judge(const struct sql_access *a, const struct sql_access *b)
{
	bool swapped;

	return severity_of(rule_of(a, b, &swapped), a, b);
}

static enum conflict_type
type_by_object(const struct sql_access *a)
{
	if (a->part_kind == SQL_PART_CONSTRAINT || a->part_kind == SQL_PART_KEY)
		return CONFLICT_TYPE_CONSTRAINT;
	if (a->kind == SQL_KIND_INDEX || a->part_kind == SQL_PART_INDEX)
		return CONFLICT_TYPE_INDEX;
	if (strcmp(sql_kind_space(a->kind), "routine") == 0)
		return CONFLICT_TYPE_FUNCTION;
	if (a->kind == SQL_KIND_VERSION)
		return CONFLICT_TYPE_VERSION;
	if (strcmp(sql_kind_space(a->kind), "type") == 0)
		return CONFLICT_TYPE_TYPE;
	return a->part_kind == SQL_PART_COLUMN ? CONFLICT_TYPE_COLUMN : CONFLICT_TYPE_TABLE;
}

/* What both touch: the part when they meet in it, else the object or schema. */
static const char *
object_of(struct arena *arena, const struct sql_access *first, const struct sql_access *second)
{
	enum conflict_meeting meet = conflict_meet(first, second);
	struct sql_access object = *first;

	if (meet == MEET_SAME && object.part != NULL && second->part != NULL &&
	    (*object.part == '*' || *object.part == '#'))
		object = *second;
	if (meet == MEET_WHOLE && (first->mode == SQL_MODE_DATA || first->mode == SQL_MODE_READ))
		object = *second;
	if (object.part_kind == SQL_PART_MEMBER)
		object.part = NULL;
	if (meet == MEET_BESIDE)
		object.part = NULL;
	return sql_access_text(arena, &object);
}

bool
conflict_of(struct arena *arena, const struct sql_access *a, const struct sql_access *b,
	    struct conflict *out)
{
	bool swapped = false;
	const struct conflict_rule *rule = rule_of(a, b, &swapped);
	const struct sql_access *first = swapped ? b : a, *second = swapped ? a : b;
	struct text reason;

	if (severity_of(rule, a, b) == CONFLICT_NONE)
		return false;
	*out = (struct conflict){
		.severity = severity_of(rule, a, b),
		.type = rule->type == CONFLICT_BY_OBJECT ? type_by_object(first)
							 : (enum conflict_type)rule->type,
		.a = a,
		.b = b,
		.object = object_of(arena, first, second),
		.remedy = rule->remedy,
	};
	text_init(&reason, 0);
	conflict_fill(&reason, rule->reason,
		      (const char *[CONFLICT_WORDS]){out->object, sql_mode_word(first->mode),
						     sql_access_text(arena, first),
						     sql_access_text(arena, second)});
	out->reason = arena_str(arena, reason.ptr);
	text_fini(&reason);
	return true;
}

/* ---- two footprints ---- */

static struct conflict
copy_of(struct arena *arena, const struct conflict *found)
{
	struct conflict c = *found;

	c.object = arena_str(arena, found->object);
	c.reason = arena_str(arena, found->reason);
	return c;
}

static void
keep(struct arena *arena, struct conflict_list *out, const struct conflict *found)
{
	for (size_t i = 0; i < out->count; i++) {
		struct conflict *c = &out->items[i];
		if (c->type != found->type || strcmp(c->object, found->object) != 0)
			continue;
		if (found->severity > c->severity)
			*c = copy_of(arena, found);
		return;
	}
	out->items = arena_grow(arena, out->items, out->count, &out->cap, sizeof(*out->items));
	out->items[out->count++] = copy_of(arena, found);
}

static int
by_severity(const void *a, const void *b)
{
	const struct conflict *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

static bool
is_read(const struct sql_access *a)
{
	return a->mode == SQL_MODE_READ;
}

struct judging {
	struct arena *arena;
	struct arena scratch; /* for the texts of what is found, most of which is not kept */
	const struct sql_footprint *b;
	struct conflict_index index;
	size_t judged;
	struct conflict_list *out;
};

static void
judge_pair(struct judging *j, const struct sql_access *a, const struct sql_access *b)
{
	enum conflict_severity severity = conflict_judge(a, b);
	struct conflict found;

	if (severity == CONFLICT_NONE)
		return;
	if (severity > j->out->worst)
		j->out->worst = severity;
	if (j->out->count == CONFLICT_LIMIT)
		j->out->unjudged = true;
	else if (conflict_of(&j->scratch, a, b, &found))
		keep(j->arena, j->out, &found);
	arena_reset(&j->scratch);
}

/* One access of the first against the accesses of the second that it may meet. False when there
 * were too many. */
static bool
judge_access(struct judging *j, const struct sql_access *a)
{
	struct conflict_run runs[CONFLICT_RUNS];

	conflict_index_find(&j->index, a, runs);
	for (size_t r = 0; r < CONFLICT_RUNS; r++) {
		for (size_t k = 0; k < runs[r].count; k++) {
			const struct sql_access *b = &j->b->items[runs[r].first[k].at];
			if (is_read(a) && is_read(b))
				continue;
			if (++j->judged > CONFLICT_PAIRS_LIMIT)
				return false;
			judge_pair(j, a, b);
		}
	}
	return true;
}

void
conflict_between(struct arena *arena, const struct sql_footprint *a, const struct sql_footprint *b,
		 struct conflict_list *out)
{
	struct judging j = {.arena = arena, .b = b, .out = out};
	bool all = true;

	arena_init(&j.scratch);
	conflict_index_make(arena, b, &j.index);
	for (size_t i = 0; i < a->count && all; i++)
		all = judge_access(&j, &a->items[i]);
	arena_fini(&j.scratch);
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), by_severity);
	out->unjudged = out->unjudged || !all || a->opaque || b->opaque;
}
