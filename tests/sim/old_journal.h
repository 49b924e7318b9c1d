#ifndef CONFITURE_TESTS_SIM_OLD_JOURNAL_H
#define CONFITURE_TESTS_SIM_OLD_JOURNAL_H

#include <stddef.h>

/* How many versions of a journal were before the one of today. */
size_t old_journal_versions(void);
/* Makes the empty file `path`, on the simulated disk in use, a journal as confiture made it at that
 * version (from 1). Ends the program when it cannot. */
void old_journal_make(const char *path, size_t version);

#endif
