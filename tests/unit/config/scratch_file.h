#ifndef CONFITURE_TESTS_UNIT_CONFIG_SCRATCH_FILE_H
#define CONFITURE_TESTS_UNIT_CONFIG_SCRATCH_FILE_H

#include <stddef.h>

/*
 * Settings files on disk for one case. All lie in one folder that is made at first use;
 * scratch_clean() takes it away.
 */
/* Writes `text` to <folder>/<name>; the path returned lives until the next call. */
const char *scratch_file(const char *name, const char *text);
const char *scratch_folder(void);
void scratch_clean(void);

#endif
