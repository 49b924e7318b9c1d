#ifndef CONFITURE_BASE_RUNTIME_H
#define CONFITURE_BASE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/compiler.h"

/*
 * The seams to the machine: clock, randomness, threads and waits. Coordinator, worker and CLI
 * session reach them only through a `struct runtime *` given at start, so that the simulator can
 * run the same object code in one thread from one seed. (The other seams: network = shared/net,
 * database = worker/target.h, disk = coordinator/journal/disk.h.)
 *
 * Rule: between taking and releasing a mutex nothing waits, except cond_wait on that mutex.
 */
struct runtime;
struct mutex;
struct cond;
struct thread;

typedef void (*thread_fn)(void *arg);

struct runtime_ops {
	/* Nanoseconds since boot, counting suspended time (CLOCK_BOOTTIME). Leases and deadlines
	 * use only this. */
	uint64_t (*boot_ns)(struct runtime *rt);
	/* Microseconds since 1970 UTC. For people only, never for a decision. */
	int64_t (*wall_us)(struct runtime *rt);
	/* Fills `buf` with `len` bytes from the system's random source. */
	void (*random)(struct runtime *rt, void *buf, size_t len);
	/* Waits at least that long; for back-off. Waits that must end early use cond_wait. */
	void (*sleep_ns)(struct runtime *rt, uint64_t ns);

	struct thread *(*thread_start)(struct runtime *rt, const char *name, thread_fn fn,
				       void *arg);
	void (*thread_join)(struct runtime *rt, struct thread *t);

	struct mutex *(*mutex_new)(struct runtime *rt);
	void (*mutex_free)(struct runtime *rt, struct mutex *m);
	void (*mutex_lock)(struct runtime *rt, struct mutex *m);
	void (*mutex_unlock)(struct runtime *rt, struct mutex *m);

	struct cond *(*cond_new)(struct runtime *rt);
	void (*cond_free)(struct runtime *rt, struct cond *c);
	/* Releases `m` while waiting. False when `deadline_ns` (boot clock) passed; spurious
	 * wake-ups return true. */
	bool (*cond_wait)(struct runtime *rt, struct cond *c, struct mutex *m,
			  uint64_t deadline_ns);
	void (*cond_wake)(struct runtime *rt, struct cond *c); /* wakes all */
};

struct runtime {
	const struct runtime_ops *ops;
	const char *boot_id; /* of this boot of this machine; never NULL */
};

/* The real machine. One per process, no life cycle. */
struct runtime *runtime_system(void);

#define RUNTIME_FOREVER UINT64_MAX
#define NS_PER_MS	((uint64_t)1000000)
#define NS_PER_S	((uint64_t)1000000000)

static inline uint64_t
runtime_boot_ns(struct runtime *rt)
{
	return rt->ops->boot_ns(rt);
}

static inline uint64_t
runtime_boot_ms(struct runtime *rt)
{
	return rt->ops->boot_ns(rt) / NS_PER_MS;
}

static inline uint64_t
runtime_deadline(struct runtime *rt, uint64_t ms)
{
	return rt->ops->boot_ns(rt) + ms * NS_PER_MS;
}

enum { ID_TEXT = 37, TIME_TEXT = 40 };
/* A random identifier in the form of a UUID, version 7: sorts by time of creation. */
void runtime_id(struct runtime *rt, char out[ID_TEXT]);
/* RFC 3339 in UTC with microseconds: 2026-11-22T10:00:00.000000Z */
void time_print(int64_t wall_us, char out[TIME_TEXT]);

#endif
