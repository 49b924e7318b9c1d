#include "shared/schema/diff.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct walk {
	struct arena *arena;
	struct schema_diff *out;
	size_t cap;
};

static void
put(struct walk *w, struct schema_change change)
{
	struct schema_diff *d = w->out;

	d->changes = arena_grow(w->arena, d->changes, d->count, &w->cap, sizeof(*d->changes));
	d->changes[d->count++] = change;
}

static bool
differs(const struct schema_kind_info *info, const struct schema_object *a,
	const struct schema_object *b, size_t place)
{
	/* Texts of one pool: the same text is the same pointer. */
	return info->attributes[place].use != SCHEMA_TOLD && a->values[place] != b->values[place];
}

static void
compare(struct walk *w, const struct schema_object *a, const struct schema_object *b)
{
	const struct schema_kind_info *info = schema_kind_info(a->kind);
	struct schema_change change = {.kind = a->kind, .before = a, .after = b};
	size_t count = 0;

	for (size_t i = 0; i < info->count; i++)
		count += differs(info, a, b, i) ? 1 : 0;
	if (count == 0)
		return;
	change.attributes = arena_array(w->arena, count, sizeof(*change.attributes));
	for (size_t i = 0; i < info->count; i++)
		if (differs(info, a, b, i))
			change.attributes[change.count++] =
				(struct schema_attribute_change){i, a->values[i], b->values[i]};
	put(w, change);
}

/* Whether what the object is a part of is only on this side. */
static bool
goes_with_whole(const struct schema_object *o, const struct schema_model *here,
		const struct schema_model *there)
{
	if (!schema_kind_is_part(o->kind))
		return false;
	for (uint32_t i = 0; i < o->needs_count; i++) {
		const struct schema_object *whole = &here->objects[o->needs[i]];
		if (whole->address == o->parent)
			return schema_model_find(there, whole->kind, whole->address) == NULL;
	}
	return false;
}

void
schema_diff(struct arena *arena, const struct schema_model *from, const struct schema_model *to,
	    struct schema_diff *out)
{
	struct walk w = {.arena = arena, .out = out};
	size_t i = 0, k = 0;

	*out = (struct schema_diff){.from = from, .to = to};
	while (i < from->count || k < to->count) {
		const struct schema_object *a = from->objects + i, *b = to->objects + k;
		bool only_a = k == to->count, only_b = i == from->count;
		int order = only_a || only_b ? 0 : schema_object_compare(a, b);

		if (only_a || order < 0) {
			put(&w, (struct schema_change){.kind = a->kind,
						       .before = a,
						       .with_whole = goes_with_whole(a, from, to)});
			i++;
		} else if (only_b || order > 0) {
			put(&w, (struct schema_change){.kind = b->kind,
						       .after = b,
						       .with_whole = goes_with_whole(b, to, from)});
			k++;
		} else {
			compare(&w, a, b);
			i++;
			k++;
		}
	}
}
