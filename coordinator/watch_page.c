/*
 * The page of events that watchers are told next. Those of one job have mostly seen the same, and
 * what they wait for has mostly just arrived: it is read once for all of them, or not at all.
 */
#include "coordinator/core.h"

#include <string.h>

#include "shared/wire/field.h"

#include "shared/base/faults.h"

#include "shared/base/banned.h"

enum { EVENTS_MAX = 256, EVENTS_CROWD = 64, CROWD = 128 };

/* A crowd hears in smaller pieces: what all of them are told at once is on its way at once. */
static size_t
page_limit(const struct coordinator *c)
{
	return c->crowd > CROWD ? EVENTS_CROWD : EVENTS_MAX;
}

static bool
is_page(const struct watch_page *page, const struct job_watch *m)
{
	return page->job != NULL && strcmp(page->job, m->job) == 0 && page->attempt == m->attempt &&
	       page->since == m->since;
}

bool
watch_page_read(struct coordinator *c, struct job_store *store, const struct job_watch *m,
		struct error *err)
{
	struct watch_page *page = &c->page;
	size_t limit = page_limit(c);

	if (is_page(page, m) && page->events.count <= limit)
		return true;
	page->job = NULL;
	int64_t since = m->since - FAULT(event_twice_to_watcher) + FAULT(event_lost_to_watcher);
	if (!store->ops->events(store, &c->round, m->job, m->attempt, since, limit, &page->events,
				err))
		return false;
	page->job = arena_str(&c->round, m->job);
	page->attempt = m->attempt;
	page->since = m->since;
	page->cut = page->events.count == limit;
	return true;
}

static bool
is_awaited(const struct coordinator *c, const char *job)
{
	for (const struct call *call = c->parked; call != NULL; call = call->next) {
		if (call->waits_for != NULL && strcmp(call->waits_for, job) == 0)
			return true;
	}
	return false;
}

/* Written and read again it is the same, byte for byte. */
static bool
is_plain(const struct job_event *event)
{
	const struct record *of = &record_job_event;

	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		if (f->type != FIELD_TEXT && f->type != FIELD_CHOICE)
			continue;
		const char *s = field_text(event, f);
		for (; s != NULL && *s >= ' ' && *s < 0x7f; s++)
			;
		if (s != NULL && *s != '\0')
			return false;
	}
	return true;
}

void
watch_page_keep(struct coordinator *c, const char *job, const struct job_event *events,
		size_t count)
{
	struct job_event *copies;

	if (!is_awaited(c, job))
		return;
	copies = arena_array(&c->round, count, sizeof(*copies));
	for (size_t i = 0; i < count; i++) {
		if (!is_plain(&events[i]))
			return;
		copies[i] =
			*(struct job_event *)record_copy(&c->round, &record_job_event, &events[i]);
	}
	/* It ends where the stream does, so it is whole wherever it is not cut. */
	c->page = (struct watch_page){.job = arena_str(&c->round, job),
				      .attempt = events[0].attempt,
				      .since = events[0].seq - 1,
				      .events = {copies, count}};
}
