/*
 * The link survives everything: a coordinator that restarts has forgotten who is there and refuses
 * to hand out jobs until it was greeted, so every failed ask leads back to the greeting. Trouble is
 * logged when it begins and when it ends, not every five seconds.
 */
#include "worker/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "worker/job.h"
#include "worker/seen.h"

#include "shared/base/banned.h"

enum {
	PROTOCOL = 1,
	PARK_MS = 20000,
	PARK_GRACE_MS = 10000,
	GREET_MS = 10000,
	GREET_BESIDE_MS = 3000 /* link_greet(): somebody waits for it */
};

struct link {
	struct runtime *rt;
	struct net_client *client;
	struct log *log;
	const char *name;
	const char **targets; /* embedded mode */
	size_t target_count;
	bool greets;
	struct seen *seen;

	struct mutex *lock;
	struct arena said; /* under the lock, with the next two */
	const struct worker_hello *hello;
	uint64_t version; /* of the hello, from 1 */

	/* ---- of the asking thread ---- */
	uint64_t greeted;		  /* which version was said; 0 = none */
	const struct error_code *trouble; /* NULL: all is well */
	bool was_up;
};

static void
set_hello(struct link *l, const struct worker_hello *hello)
{
	l->rt->ops->mutex_lock(l->rt, l->lock);
	arena_reset(&l->said);
	l->hello = record_copy(&l->said, &record_worker_hello, hello);
	l->version++;
	l->rt->ops->mutex_unlock(l->rt, l->lock);
}

/* A copy for the time of one call. */
static const struct worker_hello *
get_hello(struct link *l, struct arena *arena, uint64_t *version)
{
	l->rt->ops->mutex_lock(l->rt, l->lock);
	struct worker_hello *copy = record_copy(arena, &record_worker_hello, l->hello);
	*version = l->version;
	l->rt->ops->mutex_unlock(l->rt, l->lock);
	copy->seen = seen_head(l->seen, arena);
	return copy;
}

struct link *
link_new(struct runtime *rt, struct net_client *client, const struct worker_config *config)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	l->rt = rt;
	l->client = client;
	l->log = config->log;
	l->name = config->name;
	l->targets = config->targets;
	l->target_count = config->target_count;
	l->greets = config->hello != NULL;
	l->seen = seen_new(rt, config->memory);
	l->lock = rt->ops->mutex_new(rt);
	arena_init(&l->said);
	if (l->greets)
		set_hello(l, config->hello);
	return l;
}

void
link_free(struct link *l)
{
	seen_free(l->seen);
	l->rt->ops->mutex_free(l->rt, l->lock);
	arena_fini(&l->said);
	free(l);
}

/* ---- the greeting ---- */
static bool
greet(struct link *l, const struct worker_hello *hello, uint64_t deadline_ns, struct arena *arena,
      const struct worker_welcome **welcome, struct error *err)
{
	struct hello first = {.protocol_min = PROTOCOL,
			      .protocol_max = PROTOCOL,
			      .program = "confiture-worker",
			      .version = hello->version};
	void *reply;

	if (!net_call(l->client, MESSAGE_hello, &first, deadline_ns, arena, &reply, err) ||
	    !net_call(l->client, MESSAGE_worker_hello, hello, deadline_ns, arena, &reply, err))
		return false;
	*welcome = reply;
	return true;
}

void
link_serve(struct link *l, const struct worker_hello *hello)
{
	set_hello(l, hello);
}

void
link_greet(struct link *l)
{
	const struct worker_welcome *welcome;
	struct error ignored;
	struct arena arena;
	uint64_t version;

	if (!l->greets)
		return;
	arena_init(&arena);
	/* When it fails, the asking thread says it with its next ask. */
	(void)!greet(l, get_hello(l, &arena, &version), runtime_deadline(l->rt, GREET_BESIDE_MS),
		     &arena, &welcome, &ignored);
	arena_fini(&arena);
}

static void
tell_up(struct link *l, const struct worker_hello *hello, const struct worker_welcome *welcome)
{
	char count[24];

	snprintf(count, sizeof(count), "%zu", hello->targets.count);
	log_put(l->log, LEVEL_INFO, l->was_up ? "greeted the coordinator again" : "link is up",
		"worker", welcome->worker, "journal", welcome->journal, "targets", count, NULL);
	l->was_up = true;
	l->trouble = NULL;
}

static bool
greet_if_due(struct link *l, const struct worker_hello *hello, uint64_t version,
	     struct arena *arena, struct error *err)
{
	const struct worker_welcome *welcome;

	if (l->greeted == version)
		return true;
	if (!greet(l, hello, runtime_deadline(l->rt, GREET_MS), arena, &welcome, err))
		return false;
	l->greeted = version;
	tell_up(l, hello, welcome);
	return true;
}

/* ---- the ask ---- */
static bool
ask(struct link *l, const struct worker_next *next, struct arena *arena,
    const struct worker_offer **offer, struct error *err)
{
	void *reply;

	if (!net_call(l->client, MESSAGE_worker_next, next,
		      runtime_deadline(l->rt, PARK_MS + PARK_GRACE_MS), arena, &reply, err))
		return false;
	*offer = reply;
	return true;
}

static bool
greet_and_ask(struct link *l, struct arena *scratch, struct arena *arena,
	      const struct worker_offer **offer, struct error *err)
{
	struct worker_next next = {.worker = l->name, .wait_ms = PARK_MS};
	uint64_t version;

	const struct worker_hello *hello = get_hello(l, scratch, &version);
	if (!greet_if_due(l, hello, version, scratch, err))
		return false;
	next.targets.items = arena_array(scratch, hello->targets.count, sizeof(char *));
	next.targets.count = hello->targets.count;
	for (size_t i = 0; i < hello->targets.count; i++)
		next.targets.items[i] = hello->targets.items[i].name;
	next.kinds.count = job_kinds_told(scratch, &next.kinds.items);
	return ask(l, &next, arena, offer, err) && seen_note(l->seen, (*offer)->chain, err);
}

static void
trouble(struct link *l, const struct error *err)
{
	l->greeted = 0;
	if (l->trouble == err->code)
		return;
	log_error(l->log, LEVEL_WARNING, "no jobs can be had; will be tried again", err, NULL);
	l->trouble = err->code;
}

bool
link_ask(struct link *l, struct arena *arena, const struct worker_offer **offer)
{
	struct worker_next embedded = {.worker = l->name, .wait_ms = PARK_MS};
	struct arena scratch;
	struct error err = {0};

	embedded.targets.items = l->targets;
	embedded.targets.count = l->target_count;
	if (!l->greets)
		return ask(l, &embedded, arena, offer, &err);
	arena_init(&scratch);
	bool ok = greet_and_ask(l, &scratch, arena, offer, &err);
	arena_fini(&scratch);
	if (!ok)
		trouble(l, &err);
	return ok;
}
