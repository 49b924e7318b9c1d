#ifndef CONFITURE_WORKER_CATALOG_REFERENCES_H
#define CONFITURE_WORKER_CATALOG_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How the catalogue names what it holds: the OID of the catalogue's table, that of the row, and the
 * number of a column, or 0. A map from such names to numbers; a later entry does not replace an
 * earlier one.
 */
struct reference {
	uint32_t class, id;
	int32_t subid;
};

#define REFERENCE_NOTHING UINT32_MAX

struct reference_map {
	struct reference_slot *slots;
	size_t cap, count;
};

void reference_map_init(struct reference_map *m);
void reference_map_fini(struct reference_map *m);
void reference_map_put(struct reference_map *m, struct reference r, uint32_t value);
/* REFERENCE_NOTHING when it is not there. */
uint32_t reference_map_get(const struct reference_map *m, struct reference r);

static inline bool
reference_same(struct reference a, struct reference b)
{
	return a.class == b.class && a.id == b.id && a.subid == b.subid;
}

#endif
