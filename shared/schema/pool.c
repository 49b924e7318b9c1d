#include "shared/schema/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { FIRST_SLOTS = 1024 };

struct slot {
	uint64_t hash;
	const char *text; /* NULL: free */
};

struct schema_pool {
	struct arena arena;
	struct slot *slots;
	size_t cap; /* a power of two */
	size_t count;
};

static struct slot *
new_slots(size_t count)
{
	struct slot *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		abort();
	return slots;
}

struct schema_pool *
schema_pool_new(void)
{
	struct schema_pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	arena_init(&p->arena);
	p->cap = FIRST_SLOTS;
	p->slots = new_slots(p->cap);
	return p;
}

void
schema_pool_free(struct schema_pool *p)
{
	if (p == NULL)
		return;
	arena_fini(&p->arena);
	free(p->slots);
	free(p);
}

struct arena *
schema_pool_arena(struct schema_pool *p)
{
	return &p->arena;
}

/* FNV-1a, finished by a mix so that the low bits are good. */
static uint64_t
hash_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3U;
	return h ^ (h >> 29);
}

/* Where the text is, or where it belongs. */
static struct slot *
find(const struct schema_pool *p, uint64_t hash, const char *s, size_t len)
{
	for (size_t i = hash & (p->cap - 1);; i = (i + 1) & (p->cap - 1)) {
		struct slot *slot = &p->slots[i];

		if (slot->text == NULL || (slot->hash == hash && strncmp(slot->text, s, len) == 0 &&
					   slot->text[len] == '\0'))
			return slot;
	}
}

static void
grow(struct schema_pool *p)
{
	struct slot *old = p->slots;
	size_t cap = p->cap;

	p->cap *= 2;
	p->slots = new_slots(p->cap);
	for (size_t i = 0; i < cap; i++) {
		if (old[i].text == NULL)
			continue;
		size_t at = old[i].hash & (p->cap - 1);
		while (p->slots[at].text != NULL)
			at = (at + 1) & (p->cap - 1);
		p->slots[at] = old[i];
	}
	free(old);
}

const char *
schema_pool_span(struct schema_pool *p, const char *s, size_t len)
{
	uint64_t hash = hash_of(s, len);
	struct slot *slot = find(p, hash, s, len);

	if (slot->text != NULL)
		return slot->text;
	if (++p->count > p->cap / 2) {
		grow(p);
		slot = find(p, hash, s, len);
	}
	char *copy = arena_alloc(&p->arena, len + 1);
	memcpy(copy, s, len);
	*slot = (struct slot){hash, copy};
	return copy;
}

const char *
schema_pool_text(struct schema_pool *p, const char *s)
{
	return s ? schema_pool_span(p, s, strlen(s)) : NULL;
}
