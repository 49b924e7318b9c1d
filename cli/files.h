#ifndef CONFITURE_CLI_FILES_H
#define CONFITURE_CLI_FILES_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/span.h"

/* Small files and folders that commands make. All errors are INTERNAL_ERROR with the path. */

/* Makes the folder and those above it; one that exists is fine. */
MUST_USE bool folder_make(struct arena *arena, const char *path, struct error *err);
/* Makes a file that does not exist yet. False with errno's words; `*exists` tells that case. */
MUST_USE bool file_create(const char *path, const char *text, bool *exists, struct error *err);
/* Makes or replaces a file. */
MUST_USE bool file_replace(const char *path, const char *text, struct error *err);
/*
 * Makes or replaces a file, and nobody ever sees half of it: file_prepare() writes one beside it,
 * which file_keep() gives its name, and file_drop() takes away. What is no plain file, a pipe say,
 * is written to by file_keep(). `bytes` must outlive it.
 */
struct prepared_file {
	const char *path;
	struct span bytes;
	const char *to, *made; /* made NULL: no plain file */
};
MUST_USE bool file_prepare(struct arena *arena, const char *path, struct span bytes,
			   struct prepared_file *out, struct error *err);
MUST_USE bool file_keep(const struct prepared_file *file, struct error *err);
void file_drop(const struct prepared_file *file);

bool file_exists(const char *path);

#endif
