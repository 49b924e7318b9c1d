#ifndef CONFITURE_TESTS_SIM_SIMDISK_H
#define CONFITURE_TESTS_SIM_SIMDISK_H

#include "tests/sim/world.h"

/*
 * A disk in memory below SQLite: its VFS is made the default one, so that the release code's own
 * shim (coordinator/journal/disk.c) forwards to it. What was written and not synced is lost, kept
 * or torn at a power cut, each write for itself.
 *
 * One disk is in use at a time, and one connection at a time uses it.
 */
struct simdisk;

/* Once per program, before any other use of SQLite. */
bool simdisk_install(void);

struct simdisk *simdisk_new(struct world *w); /* NULL: nothing waits, nothing fails */
void simdisk_free(struct simdisk *d);
/* The one that SQLite sees from now on. */
void simdisk_use(struct simdisk *d);

/* Every file, synced or not, as the content of another disk. */
void simdisk_copy(struct simdisk *to, const struct simdisk *from);
/* An empty file. */
void simdisk_create(struct simdisk *d, const char *path);

struct simdisk_rules {
	uint64_t sync_least_ns, sync_most_ns;
	uint32_t fail_once_in; /* operations; an error, or half a write; 0 = never */
	bool full;	       /* no room for more */
};
void simdisk_set_rules(struct simdisk *d, const struct simdisk_rules *rules);

/* The process that had it open is gone. `power`: so is what was not synced. */
void simdisk_crash(struct simdisk *d, bool power);

#endif
