#ifndef CONFITURE_COORDINATOR_FLEET_H
#define CONFITURE_COORDINATOR_FLEET_H

#include "coordinator/journal/journal.h"

/*
 * Workers and targets as the coordinator knows them: what the journal remembers, read once and
 * again after a change, beside who has been heard from lately, which only memory knows.
 */
struct fleet;

/* A worker that is there asks for work at least every WORKER_PARK_MS, or renews a lease. */
enum { WORKER_PARK_MS = 10000, WORKER_SILENT_MS = 15000 };

enum worker_presence { WORKER_OFFLINE, WORKER_ONLINE, WORKER_DRAINING };
const char *worker_presence_name(enum worker_presence p);

struct fleet *fleet_new(struct runtime *rt);
void fleet_free(struct fleet *f);
/* Reads the journal where something may have changed since. Without a journal: nobody. */
MUST_USE bool fleet_refresh(struct fleet *f, struct journal *j, struct error *err);
/* The journal's rows were changed: read again now, and once more when this round is over, since the
 * round's transaction may fail. */
void fleet_changed(struct fleet *f);
void fleet_round(struct fleet *f);

const struct journal_fleet *fleet_rows(const struct fleet *f);
const struct journal_worker *fleet_worker(const struct fleet *f, const char *name);
/* Of whatever worker serves it; one that is there rather than one that is away. */
const struct journal_target *fleet_target(const struct fleet *f, const char *name);
bool fleet_serves(const struct fleet *f, const char *worker, const char *target);

void fleet_heard(struct fleet *f, const char *worker);
/* Its connection ended: it is not there until it is heard from again. */
void fleet_lost(struct fleet *f, const char *worker);
enum worker_presence fleet_presence(const struct fleet *f, const struct journal_worker *w);
/* When it was heard from last, for people; in `a`. */
const char *fleet_last_seen(const struct fleet *f, struct arena *a, const struct journal_worker *w);
/* Writes into the journal who was heard from since the last time. */
MUST_USE bool fleet_save(struct fleet *f, struct journal *j, struct error *err);
/* Whether that would write anything. */
bool fleet_unsaved(const struct fleet *f);

#endif
