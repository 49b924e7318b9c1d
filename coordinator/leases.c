/*
 * A worker that falls silent is noticed by time alone, so somebody has to know whose time is up
 * next. The table is small (one row for each job under way), so a walk is cheaper than anything
 * clever.
 */
#include "coordinator/leases.h"
#include "shared/base/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct given {
	char job[ID_TEXT];
	struct lease lease;
	bool graced;
	bool stuck;
	struct given *next;
};

struct leases {
	struct runtime *rt;
	struct given *first;
};

struct leases *
leases_new(struct runtime *rt)
{
	struct leases *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	l->rt = rt;
	return l;
}

void
leases_free(struct leases *l)
{
	if (l == NULL)
		return;
	for (struct given *g = l->first; g != NULL;) {
		struct given *next = g->next;
		free(g);
		g = next;
	}
	free(l);
}

/* The pointer that points at the job's row; at NULL when there is none. */
static struct given **
find(struct leases *l, const char *job)
{
	struct given **at = &l->first;

	while (*at != NULL && strcmp((*at)->job, job) != 0)
		at = &(*at)->next;
	return at;
}

static void
remove_at(struct given **at)
{
	struct given *g = *at;

	*at = g->next;
	free(g);
}

static uint64_t
now_ms(const struct leases *l)
{
	if (FAULT(lease_by_wall_clock))
		return (uint64_t)(l->rt->ops->wall_us(l->rt) / 1000);
	return runtime_boot_ms(l->rt);
}

struct lease
leases_give(struct leases *l, const char *job, int64_t ms)
{
	struct given **at = find(l, job);

	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL)
			abort();
		snprintf((*at)->job, sizeof((*at)->job), "%s", job);
	}
	(*at)->lease = lease_from(l->rt->boot_id, now_ms(l), (uint64_t)ms);
	(*at)->graced = (*at)->stuck = false;
	return (*at)->lease;
}

void
leases_mark_stuck(struct leases *l, const char *job)
{
	struct given **at = find(l, job);

	if (*at != NULL)
		(*at)->stuck = true;
}

bool
leases_stuck(const struct leases *l, const char *job)
{
	for (const struct given *g = l->first; g != NULL; g = g->next) {
		if (strcmp(g->job, job) == 0)
			return g->stuck;
	}
	return false;
}

bool
leases_take_over(struct leases *l, int64_t grace_ms, char job[ID_TEXT])
{
	uint64_t now = now_ms(l);

	for (struct given **at = &l->first; *at != NULL; at = &(*at)->next) {
		struct given *g = *at;
		if (!lease_over(&g->lease, l->rt->boot_id, now))
			continue;
		if (grace_ms > 0 && !g->graced) {
			g->graced = true;
			g->lease = lease_from(l->rt->boot_id, now, (uint64_t)grace_ms);
			continue;
		}
		snprintf(job, ID_TEXT, "%s", g->job);
		remove_at(at);
		return true;
	}
	return false;
}

void
leases_anew(struct leases *l, int64_t ms)
{
	for (struct given *g = l->first; g != NULL; g = g->next)
		g->lease = lease_from(l->rt->boot_id, now_ms(l), (uint64_t)ms);
}

uint64_t
leases_deadline(const struct leases *l)
{
	uint64_t first = RUNTIME_FOREVER;

	if (FAULT(lease_never_over))
		return first;
	for (const struct given *g = l->first; g != NULL; g = g->next) {
		uint64_t until = g->lease.until_ms * NS_PER_MS;
		if (until < first)
			first = until;
	}
	return first;
}

bool
leases_has(const struct leases *l, const char *job)
{
	for (const struct given *g = l->first; g != NULL; g = g->next) {
		if (strcmp(g->job, job) == 0)
			return true;
	}
	return false;
}

size_t
leases_count(const struct leases *l)
{
	size_t count = 0;

	for (const struct given *g = l->first; g != NULL; g = g->next)
		count++;
	return count;
}
