#ifndef CONFITURE_TESTS_UNIT_MIGRATION_SCRATCH_H
#define CONFITURE_TESTS_UNIT_MIGRATION_SCRATCH_H

#include <stddef.h>

/* A directory of its own for one case, below the temporary directory; scratch_remove() takes the
 * files in it away too. */
struct scratch {
	char dir[256];
};

void scratch_make(struct scratch *s);
void scratch_remove(struct scratch *s);
void scratch_write(struct scratch *s, const char *name, const void *bytes, size_t len);
void scratch_path(struct scratch *s, const char *name, char out[1024]);

#endif
