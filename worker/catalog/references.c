#include "worker/catalog/references.h"

#include <stdlib.h>

#include "shared/base/banned.h"

enum { FIRST_SLOTS = 1024 };

struct reference_slot {
	struct reference key;
	uint32_t value; /* REFERENCE_NOTHING: free */
};

static struct reference_slot *
new_slots(size_t count)
{
	struct reference_slot *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		slots[i].value = REFERENCE_NOTHING;
	return slots;
}

void
reference_map_init(struct reference_map *m)
{
	*m = (struct reference_map){.cap = FIRST_SLOTS, .slots = new_slots(FIRST_SLOTS)};
}

void
reference_map_fini(struct reference_map *m)
{
	free(m->slots);
	*m = (struct reference_map){0};
}

static struct reference_slot *
find(const struct reference_map *m, struct reference r)
{
	uint64_t h = ((uint64_t)r.class << 32 ^ r.id) * 0x9e3779b97f4a7c15U;

	h = (h ^ (uint64_t)(uint32_t)r.subid) * 0xff51afd7ed558ccdU;
	for (size_t i = (h >> 32) & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
		if (m->slots[i].value == REFERENCE_NOTHING || reference_same(m->slots[i].key, r))
			return &m->slots[i];
	}
}

static void
grow(struct reference_map *m)
{
	struct reference_map larger = {.cap = m->cap * 2, .slots = new_slots(m->cap * 2)};

	for (size_t i = 0; i < m->cap; i++) {
		if (m->slots[i].value != REFERENCE_NOTHING)
			reference_map_put(&larger, m->slots[i].key, m->slots[i].value);
	}
	free(m->slots);
	*m = larger;
}

void
reference_map_put(struct reference_map *m, struct reference r, uint32_t value)
{
	if (m->count >= m->cap / 2)
		grow(m);
	struct reference_slot *slot = find(m, r);
	if (slot->value != REFERENCE_NOTHING)
		return;
	*slot = (struct reference_slot){r, value};
	m->count++;
}

uint32_t
reference_map_get(const struct reference_map *m, struct reference r)
{
	return find(m, r)->value;
}
