#ifndef CONFITURE_CLI_STATUS_FILES_H
#define CONFITURE_CLI_STATUS_FILES_H

#include "shared/migration/migration.h"
#include "shared/wire/results.h"

/* The status of files when no database was named: every one is "unknown". */
void status_of_files(struct arena *arena, const struct bundle_info *bundle,
		     struct status_result *out);

/* Advice where a quiet success could be misread: no files, or no database asked. */
void status_add_hints(struct arena *arena, struct status_result *r, bool asked);

#endif
