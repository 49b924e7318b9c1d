/* Differences of any size as a record of a known one. */
#include "shared/snapshot/structural_diff.h"

#include <stddef.h>
#include <string.h>

#include "shared/snapshot/structure_changes.h"

#include "shared/base/banned.h"

/* Names of fields, lengths, and all that is no text. */
enum { CHANGE_FRAME = 250 };

/* Of a whole with very many parts, say, the first are told. */
enum { PARTS_MOST = 200, UNMODELLED_MOST = 200 };

_Static_assert(sizeof(struct structure_change) == offsetof(struct diff_change, sql),
	       "a change is the first part of a difference");

struct shortening {
	struct arena *arena;
	bool cut;
};

static void
shorten(struct shortening *s, const char **value)
{
	size_t len = *value != NULL ? strlen(*value) : 0, kept = STRUCTURAL_VALUE_MOST;

	if (len <= STRUCTURAL_VALUE_MOST)
		return;
	while (((unsigned char)(*value)[kept] & 0xC0) == 0x80)
		kept--;
	*value = arena_printf(s->arena, "%.*s … (%zu bytes more)", (int)kept, *value, len - kept);
	s->cut = true;
}

static size_t
text_size(const char *s)
{
	return s != NULL ? strlen(s) : 0;
}

static size_t
texts_size(const char *const *items, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += strlen(items[i]) + 8;
	return size;
}

static size_t
size_of(const struct structure_change *c)
{
	size_t size = CHANGE_FRAME + text_size(c->type) + text_size(c->table) +
		      text_size(c->column) + text_size(c->old_value) + text_size(c->new_value) +
		      text_size(c->object) + text_size(c->attribute) + text_size(c->before) +
		      text_size(c->after) + texts_size(c->parts.items, c->parts.count);
	const struct diff_details *d = c->details;

	if (d != NULL)
		size += CHANGE_FRAME + text_size(d->expression) +
			texts_size(d->columns.items, d->columns.count) +
			texts_size(d->added_values.items, d->added_values.count) +
			texts_size(d->removed_values.items, d->removed_values.count);
	return size;
}

static size_t
at_most(struct shortening *s, size_t count, size_t most)
{
	s->cut = s->cut || count > most;
	return count > most ? most : count;
}

static void
shorten_change(struct shortening *s, struct structure_change *c)
{
	shorten(s, &c->old_value);
	shorten(s, &c->new_value);
	shorten(s, &c->before);
	shorten(s, &c->after);
	if (c->details != NULL)
		shorten(s, &c->details->expression);
	c->parts.count = at_most(s, c->parts.count, PARTS_MOST);
}

static void
take_changes(struct shortening *s, const struct diff_result *all, size_t *room,
	     struct structural_diff *out)
{
	out->changes.items =
		arena_array(s->arena, all->changes.count + 1, sizeof(*out->changes.items));
	for (size_t i = 0; i < all->changes.count; i++) {
		struct structure_change c;

		memcpy(&c, &all->changes.items[i], sizeof(c));
		shorten_change(s, &c);
		size_t size = size_of(&c);
		if (size > *room) {
			s->cut = true;
			break;
		}
		*room -= size;
		out->changes.items[out->changes.count++] = c;
	}
}

struct structural_diff *
structural_diff_of(struct arena *arena, const struct schema_diff *d, size_t *room)
{
	struct arena scratch;

	arena_init(&scratch);
	struct shortening s = {.arena = &scratch};
	const struct diff_result *all = structure_changes(&scratch, d);
	struct structural_diff *out = RECORD_NEW(&scratch, structural_diff);
	out->has_changes = d->count > 0;
	out->total = (int64_t)all->changes.count;
	take_changes(&s, all, room, out);
	out->unmodelled.items = all->unmodelled.items;
	out->unmodelled.count = at_most(&s, all->unmodelled.count, UNMODELLED_MOST);
	out->cut = s.cut;
	out->fingerprint = all->fingerprint;
	out = record_copy(arena, &record_structural_diff, out);
	arena_fini(&scratch);
	return out;
}
