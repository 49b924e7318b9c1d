/*
 * What the server knows of each connection: who it is, how much it asks at once, when it last said
 * something. NNG itself never drops a silent peer and does not say which connection it failed to
 * reap, so both are found here.
 */
#include "shared/net/nng_pipes.h"

#include <stdlib.h>

#include "shared/base/banned.h"

/* A connection that we closed is gone within milliseconds, unless NNG's reaper hangs. */
#define STUCK_NS (30 * NS_PER_S)

static struct pipe_entry **
bucket_of(struct pipes *p, int id)
{
	return &p->buckets[(unsigned)id % PIPE_BUCKETS];
}

void
pipes_add(struct pipes *p, nng_pipe pipe, uint64_t now_ns)
{
	struct pipe_entry *e = calloc(1, sizeof(*e));
	struct pipe_entry **bucket = bucket_of(p, nng_pipe_id(pipe));

	if (e == NULL)
		abort();
	e->pipe = pipe;
	e->last_ns = now_ns;
	arena_init(&e->arena);
	e->chain = *bucket;
	*bucket = e;
	p->count++;
}

static struct pipe_entry **
place_of(struct pipes *p, int id)
{
	struct pipe_entry **at = bucket_of(p, id);

	while (*at != NULL && nng_pipe_id((*at)->pipe) != id)
		at = &(*at)->chain;
	return at;
}

struct pipe_entry *
pipes_find(struct pipes *p, int id)
{
	return *place_of(p, id);
}

void
pipes_remove(struct pipes *p, nng_pipe pipe)
{
	struct pipe_entry **at = place_of(p, nng_pipe_id(pipe));
	struct pipe_entry *e = *at;

	if (e == NULL)
		return;
	*at = e->chain;
	e->chain = p->gone;
	p->gone = e;
	p->count--;
}

static void
drop(struct pipe_entry *e)
{
	while (e != NULL) {
		struct pipe_entry *next = e->chain;
		arena_fini(&e->arena);
		free(e);
		e = next;
	}
}

void
pipes_drop_gone(struct pipes *p)
{
	drop(p->gone);
	p->gone = NULL;
}

void
pipes_fini(struct pipes *p)
{
	pipes_drop_gone(p);
	for (size_t i = 0; i < PIPE_BUCKETS; i++) {
		drop(p->buckets[i]);
		p->buckets[i] = NULL;
	}
}

static bool
is_due(const struct pipe_entry *e, uint64_t now_ns, uint64_t idle_ns)
{
	if (e->close_at_ns != 0 && now_ns >= e->close_at_ns)
		return true;
	return e->outstanding == 0 && now_ns > e->last_ns && now_ns - e->last_ns > idle_ns;
}

size_t
pipes_sweep(struct pipes *p, uint64_t now_ns, uint64_t idle_ns, nng_pipe *out, size_t room)
{
	size_t count = 0;

	p->stuck = 0;
	for (size_t i = 0; i < PIPE_BUCKETS; i++) {
		for (struct pipe_entry *e = p->buckets[i]; e != NULL; e = e->chain) {
			if (e->closed_ns != 0) {
				p->stuck += now_ns - e->closed_ns > STUCK_NS;
			} else if (count < room && is_due(e, now_ns, idle_ns)) {
				e->closed_ns = now_ns;
				out[count++] = e->pipe;
			}
		}
	}
	return count;
}

size_t
pipes_all(const struct pipes *p, struct pipe_entry **out, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < PIPE_BUCKETS; i++) {
		for (struct pipe_entry *e = p->buckets[i]; e != NULL && count < room;
		     e = e->chain) {
			if (e->closed_ns == 0)
				out[count++] = e;
		}
	}
	return count;
}
