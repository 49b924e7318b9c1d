#ifndef CONFITURE_COORDINATOR_LEASES_H
#define CONFITURE_COORDINATOR_LEASES_H

#include "coordinator/job_rules.h"
#include "shared/base/runtime.h"

/*
 * The leases that this coordinator has given and watches. Only in memory: a renewal costs no write,
 * and a coordinator that starts anew gives everybody a full lease again. A job that ends keeps its
 * row until the lease is over, when its state says that nothing has to be done.
 */
struct leases;

struct leases *leases_new(struct runtime *rt);
void leases_free(struct leases *l);
/* Gives `job` a lease of `ms` from now, or renews it. */
struct lease leases_give(struct leases *l, const char *job, int64_t ms);
/*
 * Takes a lease that is over out of the table; false when there is none. With `grace_ms` the first
 * lapse since a renewal only starts that much more time: a worker in this process was paused
 * together with us, and gets the chance to report.
 */
bool leases_take_over(struct leases *l, int64_t grace_ms, char job[ID_TEXT]);
/* The end of that job could not be recorded. Lasts until its next renewal. */
void leases_mark_stuck(struct leases *l, const char *job);
bool leases_stuck(const struct leases *l, const char *job);
/* Every lease anew: it was not the workers who were late. */
void leases_anew(struct leases *l, int64_t ms);
/* When the next one is over, in nanoseconds of the boot clock; RUNTIME_FOREVER without any. */
uint64_t leases_deadline(const struct leases *l);
bool leases_has(const struct leases *l, const char *job);
size_t leases_count(const struct leases *l);

#endif
