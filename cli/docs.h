#ifndef CONFITURE_CLI_DOCS_H
#define CONFITURE_CLI_DOCS_H

#include "shared/wire/record.h"

/* The reference pages that are printed from tables; a test compares them with docs/reference/. */
struct docs_page {
	const char *file; /* below docs/reference */
	void (*make)(struct text *out);
};
extern const struct docs_page docs_pages[];
extern const size_t docs_page_count;

/* Every JSON document that a command prints. */
struct docs_schema {
	const char *file; /* below docs/reference/json-schemas */
	const struct record *of;
	const char *command;
};
extern const struct docs_schema docs_schemas[];
extern const size_t docs_schema_count;

/* Writes all of it below `dir`. */
MUST_USE bool docs_write(struct arena *arena, const char *dir, struct error *err);

#endif
