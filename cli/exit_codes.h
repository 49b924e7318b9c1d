#ifndef CONFITURE_CLI_EXIT_CODES_H
#define CONFITURE_CLI_EXIT_CODES_H

#include "shared/base/arena.h"
#include "shared/base/error_codes.h"
#include "shared/base/text.h"

/* What each exit code stands for: one row each, 0 to 10. */
struct exit_class {
	const char *name; /* "lock_contention" */
	const char *meaning;
};
enum { EXIT_CLASSES = 11 };
extern const struct exit_class exit_classes[EXIT_CLASSES];

void exit_codes_markdown(struct text *out);
/* Keys in byte order, as programs that read the Python confiture's output expect. */
void exit_codes_json(struct text *out);

/* The error codes of one exit code by name; returns how many. */
size_t exit_codes_of(int exit_code, const struct error_code *out[ERROR_CODE_COUNT]);
/* All error codes by name. */
void exit_codes_all(const struct error_code *out[ERROR_CODE_COUNT]);

#endif
