#ifndef CONFITURE_TESTS_FUZZ_SCRATCH_JOURNAL_H
#define CONFITURE_TESTS_FUZZ_SCRATCH_JOURNAL_H

/* The path of a journal below a folder of this process that goes with it; in memory where that can
 * be had, so that a search is not one for the disk's speed. */
const char *scratch_journal(void);

#endif
