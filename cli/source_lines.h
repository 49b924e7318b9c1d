#ifndef CONFITURE_CLI_SOURCE_LINES_H
#define CONFITURE_CLI_SOURCE_LINES_H

#include <stdint.h>
#include <stdio.h>

#include "shared/base/arena.h"
#include "shared/migration/migration.h"
#include "shared/wire/results.h"

/* The text of statements, read from the project's own files: events and journal never hold any. */
struct source_lines {
	const char *dir;
	FILE *file; /* open at `next`, or NULL */
	char name[256];
	int64_t next; /* number of the line that would be read now */
	char line[256];
};

void source_lines_init(struct source_lines *s, const char *dir);
/* The beginning of that line, without white space around it; "" when it cannot be read. Cheap when
 * lines of one file are asked for in rising order. Valid until the next call. */
const char *source_lines_at(struct source_lines *s, const char *file, int64_t line);
void source_lines_fini(struct source_lines *s);

/* Fills in the first 200 characters of each statement of a preflight report. */
void preflight_fill_sql(struct arena *arena, const char *dir, const struct migration_set *set,
			struct preflight_result *result);

#endif
