/*
 * Readings of one run. Texts of a pool are never given back, so a long run changes its pool now and
 * then and takes along what is still compared.
 */
#include "worker/changes.h"

#include <stdio.h>
#include <string.h>

#include "shared/snapshot/structural_diff.h"

#include "shared/base/banned.h"

enum { CROWD = 6, EVENT_BYTES = 16 * 1024, EVENT_CHANGES = 50 };

void
changes_init(struct changes *c, struct job_run *r)
{
	*c = (struct changes){.run = r, .pool = schema_pool_new(), .room = CHANGES_ROOM};
}

void
changes_fini(struct changes *c)
{
	schema_pool_free(c->pool);
	c->pool = NULL;
}

/* Some of the three are the same. */
static void
change_pool(struct changes *c)
{
	struct schema_model **const kept[] = {&c->first, &c->before, &c->last};
	struct schema_model *copies[ARRAY_LEN(kept)] = {NULL};
	struct schema_pool *fresh = schema_pool_new();

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		for (size_t k = 0; k < i && copies[i] == NULL; k++)
			copies[i] = *kept[k] == *kept[i] ? copies[k] : NULL;
		if (copies[i] == NULL)
			copies[i] = schema_model_copy(fresh, *kept[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		*kept[i] = copies[i];
	schema_pool_free(c->pool);
	c->pool = fresh;
}

static bool
crowded(const struct changes *c)
{
	return c->first != NULL && schema_pool_arena(c->pool)->used > CROWD * c->once;
}

static bool
ends_run(const struct error *err)
{
	return error_is(err, E_TARGET_005) || error_is(err, E_JOB_004) ||
	       error_is(err, E_LOCK_1302) || error_is(err, E_JOB_003);
}

/* *out is NULL when it may not be read. */
static bool
look(struct changes *c, struct target *t, struct schema_model **out, struct error *err)
{
	struct error why = {0};

	*out = NULL;
	if (!job_go_on(c->run, err))
		return false;
	if (crowded(c))
		change_pool(c);
	if (t->ops->structure(t, c->pool, out, &why))
		return true;
	*out = NULL;
	job_failed(c->run, &why);
	if (ends_run(&why)) {
		*err = why;
		return false;
	}
	c->missing = arena_printf(c->run->arena, "%s%s%s", why.message,
				  why.cause[0] != '\0' ? ": " : "", why.cause);
	job_warn(c->run, "what changes in the structure is not told: %s", c->missing);
	return true;
}

bool
changes_start(struct changes *c, struct target *t, struct error *err)
{
	struct schema_model *m;

	if (!look(c, t, &m, err))
		return false;
	c->first = c->before = c->last = m;
	c->once = schema_pool_arena(c->pool)->used;
	return true;
}

/* ---- events ---- */

static void
emit(struct changes *c, const struct migration *m, const struct structural_diff *d, size_t from,
     size_t count)
{
	struct job_event event = JOB_EVENT("structure_changed");

	event.version = m->version;
	event.name = m->name;
	event.file = m->file;
	event.done = (int64_t)(from + count);
	event.total = d->total;
	event.changes.items = d->changes.items + from;
	event.changes.count = count;
	job_emit(c->run, &event);
}

static size_t
change_bytes(const struct structure_change *change)
{
	const char *const texts[] = {change->object, change->before, change->after,
				     change->old_value, change->new_value};
	size_t bytes = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		bytes += texts[i] != NULL ? strlen(texts[i]) : 0;
	return bytes;
}

/* In pieces: an event is a small thing. */
static void
emit_all(struct changes *c, const struct migration *m, const struct structural_diff *d)
{
	size_t most = d->changes.count;

	if (most > CHANGES_EVENTS_MOST)
		most = CHANGES_EVENTS_MOST;
	for (size_t from = 0; from < most;) {
		size_t count = 0, bytes = 0;
		while (from + count < most && count < EVENT_CHANGES && bytes < EVENT_BYTES)
			bytes += change_bytes(&d->changes.items[from + count++]);
		emit(c, m, d, from, count);
		from += count;
	}
}

/* ---- records ---- */

static struct structural_diff *
diff_of(struct changes *c, const struct schema_model *from, const struct schema_model *to,
	size_t *room)
{
	struct arena scratch;
	struct schema_diff d;

	arena_init(&scratch);
	schema_diff(&scratch, from, to, &d);
	struct structural_diff *out = structural_diff_of(c->run->arena, &d, room);
	arena_fini(&scratch);
	return out;
}

bool
changes_step(struct changes *c, struct target *t, const struct migration *m,
	     struct structural_diff **out, struct error *err)
{
	struct schema_model *now;

	*out = NULL;
	if (c->missing != NULL)
		return true;
	if (!look(c, t, &now, err) || now == NULL)
		return now == NULL && c->missing != NULL;
	c->before = c->last;
	c->last = now;
	*out = diff_of(c, c->before, now, &c->room);
	emit_all(c, m, *out);
	return true;
}

struct structural_diff *
changes_whole(struct changes *c)
{
	size_t room = CHANGES_WHOLE_ROOM;

	return c->missing != NULL || c->first == NULL ? NULL : diff_of(c, c->first, c->last, &room);
}

bool
changes_end(struct changes *c, struct target *t, struct structural_diff **out, struct error *err)
{
	struct schema_model *now;

	*out = NULL;
	if (c->missing != NULL)
		return true;
	if (!look(c, t, &now, err))
		return false;
	if (now == NULL)
		return true;
	c->before = c->last;
	c->last = now;
	*out = changes_whole(c);
	return true;
}

bool
changes_back(struct changes *c, struct target *t, bool *known, struct structural_diff **out,
	     struct error *err)
{
	struct schema_model *now;

	*out = NULL;
	*known = false;
	if (c->missing != NULL)
		return true;
	if (!look(c, t, &now, err))
		return false;
	*known = now != NULL;
	if (now != NULL)
		*out = diff_of(c, c->before, now, &c->room);
	return true;
}
