/*
 * A footprint is enums and flags where it is judged, and words where it is kept or shown: an enum's
 * number may change from one program to the next, its word does not.
 */
#include "coordinator/footprint_record.h"

#include <stddef.h>
#include <string.h>

#include "shared/base/banned.h"

/* Yes or no of an access: X(member). */
#define FLAGS(X)                                                                                   \
	X(cascade)                                                                                 \
	X(tolerant)                                                                                \
	X(replaces)                                                                                \
	X(object_may_lack)                                                                         \
	X(implied)                                                                                 \
	X(own)                                                                                     \
	X(guessed)                                                                                 \
	X(refuses_rows)                                                                            \
	X(named_by_server)

static const struct {
	const char *word;
	size_t offset;
} flags[] = {
#define FLAG_ROW(member) {#member, offsetof(struct sql_access, member)},
	FLAGS(FLAG_ROW)
#undef FLAG_ROW
};

static void
put_flags(struct arena *a, const struct sql_access *s, struct footprint_access *out)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (!*(const bool *)((const char *)s + flags[i].offset))
			continue;
		if (out->flags.items == NULL)
			out->flags.items = arena_array(a, ARRAY_LEN(flags), sizeof(char *));
		out->flags.items[out->flags.count++] = flags[i].word;
	}
}

/* A flag that this program does not know is one that it cannot judge by. */
static bool
take_flags(const struct footprint_access *r, struct sql_access *out)
{
	for (size_t k = 0; k < r->flags.count; k++) {
		size_t i = 0;
		while (i < ARRAY_LEN(flags) && strcmp(flags[i].word, r->flags.items[k]) != 0)
			i++;
		if (i == ARRAY_LEN(flags))
			return false;
		*(bool *)((char *)out + flags[i].offset) = true;
	}
	return true;
}

static struct footprint_access
to_record(struct arena *a, const struct sql_access *s)
{
	struct footprint_access out = {
		.kind = sql_kind_word(s->kind),
		.schema = s->schema,
		.name = s->name,
		.part = s->part,
		.mode = sql_mode_word(s->mode),
		.statement = s->statement,
		.line = s->line,
		.part_kind = s->part_kind != SQL_PART_NONE ? sql_part_word(s->part_kind) : NULL,
		.bond = s->mode == SQL_MODE_READ ? sql_bond_word(s->bond) : NULL,
		.aspect = s->aspect,
		.value = s->value,
	};
	put_flags(a, s, &out);
	return out;
}

void
footprint_to_record(struct arena *a, const struct sql_footprint *f, struct intent_objects *out)
{
	*out = (struct intent_objects){.statements = f->statements};
	out->accesses.items = arena_array(a, f->count, sizeof(*out->accesses.items));
	out->accesses.count = f->count;
	for (size_t i = 0; i < f->count; i++)
		out->accesses.items[i] = to_record(a, &f->items[i]);
	out->unjudged.items = arena_array(a, f->opaque_count, sizeof(*out->unjudged.items));
	out->unjudged.count = f->opaque_count;
	for (size_t i = 0; i < f->opaque_count; i++)
		out->unjudged.items[i] = (struct unjudged){.statement = f->opaques[i].statement,
							   .line = f->opaques[i].line,
							   .reason = f->opaques[i].reason};
}

static bool
from_record(const struct footprint_access *r, struct sql_access *out)
{
	*out = (struct sql_access){
		.schema = r->schema,
		.name = r->name,
		.part = r->part,
		.statement = (uint32_t)r->statement,
		.line = (uint32_t)r->line,
		.aspect = r->aspect,
		.value = r->value,
	};
	return take_flags(r, out) && sql_kind_from_word(r->kind, &out->kind) &&
	       sql_mode_from_word(r->mode, &out->mode) &&
	       (r->part_kind == NULL || sql_part_from_word(r->part_kind, &out->part_kind)) &&
	       (r->bond == NULL || sql_bond_from_word(r->bond, &out->bond));
}

void
footprint_from_record(struct arena *a, const struct intent_objects *r, struct sql_footprint *out)
{
	size_t opaques = r->unjudged.count + r->accesses.count;

	*out = (struct sql_footprint){.statements = (uint32_t)r->statements};
	out->items = arena_array(a, r->accesses.count, sizeof(*out->items));
	out->opaques = arena_array(a, opaques, sizeof(*out->opaques));
	for (size_t i = 0; i < r->unjudged.count; i++)
		out->opaques[out->opaque_count++] = (struct sql_opaque){
			r->unjudged.items[i].reason, (uint32_t)r->unjudged.items[i].statement,
			(uint32_t)r->unjudged.items[i].line};
	for (size_t i = 0; i < r->accesses.count; i++) {
		const struct footprint_access *x = &r->accesses.items[i];
		if (from_record(x, &out->items[out->count]))
			out->count++;
		else
			out->opaques[out->opaque_count++] =
				(struct sql_opaque){"it was judged by a newer confiture",
						    (uint32_t)x->statement, (uint32_t)x->line};
	}
	out->cap = out->count;
	out->opaque_cap = opaques;
	out->opaque = out->opaque_count > 0;
}

bool
footprint_parse(struct arena *a, const char *json, struct sql_footprint *out, struct error *err)
{
	void *record;

	if (!record_parse(a, &record_intent_objects, span_str(json), &record, err))
		return false;
	footprint_from_record(a, record, out);
	return true;
}

const char *
footprint_json(struct arena *a, const struct sql_footprint *f)
{
	struct intent_objects record;
	struct text json;

	footprint_to_record(a, f, &record);
	text_init(&json, 0);
	record_json_named(&json, &record_intent_objects, &record);
	const char *copy = arena_str(a, json.ptr);
	text_fini(&json);
	return copy;
}
