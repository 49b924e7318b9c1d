/*
 * The coordinator looks whether its chain contains what the worker shows. What can be known without
 * asking is known here too: a chain only grows, until an operator has accepted another one.
 */
#include "worker/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct seen {
	struct runtime *rt;
	struct worker_memory *memory;
	struct mutex *lock;
	struct arena arena; /* under the lock, with the next */
	struct chain_head *head;
};

struct seen *
seen_new(struct runtime *rt, struct worker_memory *memory)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	s->rt = rt;
	s->memory = memory;
	s->lock = rt->ops->mutex_new(rt);
	arena_init(&s->arena);
	if (memory != NULL)
		s->head = memory->load(memory, &s->arena);
	return s;
}

void
seen_free(struct seen *s)
{
	s->rt->ops->mutex_free(s->rt, s->lock);
	arena_fini(&s->arena);
	free(s);
}

struct chain_head *
seen_head(struct seen *s, struct arena *a)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	struct chain_head *copy = record_copy(a, &record_chain_head, s->head);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	return copy;
}

/* Of another journal the greeting has decided. */
static bool
goes_on(const struct chain_head *before, const struct chain_head *now)
{
	if (strcmp(before->journal, now->journal) != 0)
		return true;
	if (before->accepted != now->accepted)
		return now->accepted > before->accepted;
	return now->seq > before->seq ||
	       (now->seq == before->seq && strcmp(now->hash, before->hash) == 0);
}

bool
seen_note(struct seen *s, const struct chain_head *now, struct error *err)
{
	bool ok = true;

	if (now == NULL)
		return true;
	s->rt->ops->mutex_lock(s->rt, s->lock);
	if (s->head != NULL && !goes_on(s->head, now)) {
		error_set(err, E_AUDIT_002,
			  "the coordinator's journal %s ends at event %lld, and at event %lld "
			  "before: it was cut, rewritten, or restored from an older copy",
			  now->journal, (long long)now->seq, (long long)s->head->seq);
		ok = false;
	} else if (s->head == NULL || s->head->seq != now->seq ||
		   strcmp(s->head->hash, now->hash) != 0) {
		arena_reset(&s->arena);
		s->head = record_copy(&s->arena, &record_chain_head, now);
		if (s->memory != NULL)
			s->memory->keep(s->memory, s->head);
	}
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	return ok;
}
