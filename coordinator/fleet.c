/*
 * Whether a worker is there cannot be asked of the network: a connection may be silent for long and
 * well, or open and dead. A worker asks for work all the time, so one that has said nothing for
 * longer than a parked request lasts is away.
 */
#include "coordinator/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct heard {
	char *worker;
	uint64_t at_ms; /* boot clock */
	int64_t wall_us;
	bool unsaved;
	bool lost;
	struct heard *next;
};

struct fleet {
	struct runtime *rt;
	struct arena arena; /* of the rows */
	struct journal_fleet rows;
	struct heard *heard;
	bool stale;   /* the rows have to be read */
	bool touched; /* in this round */
};

const char *
worker_presence_name(enum worker_presence p)
{
	static const char *const names[] = {"offline", "online", "draining"};

	return names[p];
}

struct fleet *
fleet_new(struct runtime *rt)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->rt = rt;
	f->stale = true;
	arena_init(&f->arena);
	return f;
}

void
fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	for (struct heard *h = f->heard; h != NULL;) {
		struct heard *next = h->next;
		free(h->worker);
		free(h);
		h = next;
	}
	arena_fini(&f->arena);
	free(f);
}

bool
fleet_refresh(struct fleet *f, struct journal *j, struct error *err)
{
	if (!f->stale || j == NULL)
		return true;
	arena_reset(&f->arena);
	f->rows = (struct journal_fleet){0};
	if (!journal_fleet_read(j, &f->arena, &f->rows, err)) {
		f->rows = (struct journal_fleet){0};
		return false;
	}
	f->stale = false;
	return true;
}

void
fleet_changed(struct fleet *f)
{
	f->stale = f->touched = true;
}

void
fleet_round(struct fleet *f)
{
	f->stale |= f->touched;
	f->touched = false;
}

const struct journal_fleet *
fleet_rows(const struct fleet *f)
{
	return &f->rows;
}

const struct journal_worker *
fleet_worker(const struct fleet *f, const char *name)
{
	for (size_t i = 0; i < f->rows.worker_count; i++) {
		if (strcmp(f->rows.workers[i].name, name) == 0)
			return &f->rows.workers[i];
	}
	return NULL;
}

const struct journal_target *
fleet_target(const struct fleet *f, const char *name)
{
	const struct journal_target *away = NULL;

	for (size_t i = 0; i < f->rows.target_count; i++) {
		const struct journal_target *t = &f->rows.targets[i];
		if (strcmp(t->name, name) != 0)
			continue;
		if (fleet_presence(f, fleet_worker(f, t->worker)) == WORKER_ONLINE)
			return t;
		if (away == NULL)
			away = t;
	}
	return away;
}

bool
fleet_serves(const struct fleet *f, const char *worker, const char *target)
{
	for (size_t i = 0; i < f->rows.target_count; i++) {
		const struct journal_target *t = &f->rows.targets[i];
		if (strcmp(t->name, target) == 0 && strcmp(t->worker, worker) == 0)
			return true;
	}
	return false;
}

/* ---- who is there ---- */
static struct heard *
heard_of(const struct fleet *f, const char *worker)
{
	struct heard *h = f->heard;

	while (h != NULL && strcmp(h->worker, worker) != 0)
		h = h->next;
	return h;
}

void
fleet_heard(struct fleet *f, const char *worker)
{
	struct heard *h = heard_of(f, worker);

	if (h == NULL) {
		/* Only those that a hello was taken of: strangers take no room. */
		if (fleet_worker(f, worker) == NULL)
			return;
		h = calloc(1, sizeof(*h));
		char *name = strdup(worker);
		if (h == NULL || name == NULL)
			abort();
		*h = (struct heard){.worker = name, .next = f->heard};
		f->heard = h;
	}
	h->at_ms = runtime_boot_ms(f->rt);
	h->wall_us = f->rt->ops->wall_us(f->rt);
	h->unsaved = true;
	h->lost = false;
}

void
fleet_lost(struct fleet *f, const char *worker)
{
	struct heard *h = heard_of(f, worker);

	if (h != NULL)
		h->lost = true;
}

enum worker_presence
fleet_presence(const struct fleet *f, const struct journal_worker *w)
{
	const struct heard *h = w != NULL ? heard_of(f, w->name) : NULL;

	if (h == NULL || h->lost || runtime_boot_ms(f->rt) - h->at_ms > WORKER_SILENT_MS)
		return WORKER_OFFLINE;
	return w->draining ? WORKER_DRAINING : WORKER_ONLINE;
}

const char *
fleet_last_seen(const struct fleet *f, struct arena *a, const struct journal_worker *w)
{
	const struct heard *h = heard_of(f, w->name);

	if (h == NULL)
		return arena_str(a, w->last_seen);
	char *text = arena_alloc(a, TIME_TEXT);
	time_print(h->wall_us, text);
	return text;
}

bool
fleet_unsaved(const struct fleet *f)
{
	const struct heard *h = f->heard;

	while (h != NULL && !h->unsaved)
		h = h->next;
	return h != NULL;
}

bool
fleet_save(struct fleet *f, struct journal *j, struct error *err)
{
	char time[TIME_TEXT];

	for (struct heard *h = f->heard; h != NULL; h = h->next) {
		if (!h->unsaved)
			continue;
		time_print(h->wall_us, time);
		if (!journal_worker_seen(j, h->worker, time, err))
			return false;
		h->unsaved = false;
	}
	return true;
}
