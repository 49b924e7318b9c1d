#ifndef CONFITURE_TESTS_DB_PAIRS_CORPUS_H
#define CONFITURE_TESTS_DB_PAIRS_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"

/* Pairs of schemas that others wrote: SOURCE/CASE/{old,new}.sql below one folder. */
struct corpus_pair {
	const char *name;   /* "SOURCE/CASE" */
	const char *folder; /* where it lies */
};

struct corpus {
	struct corpus_pair *pairs; /* by name */
	size_t count;
};

/* The folder that CONFITURE_DIFF_CORPUS names, else corpora/diff beside the project; NULL when
 * there is neither. */
const char *corpus_folder(struct arena *arena);
void corpus_read(struct arena *arena, const char *folder, struct corpus *out);

/* A file of the pair as text; NULL when the pair has none of that name. */
const char *corpus_text(struct arena *arena, const struct corpus_pair *pair, const char *file);
bool corpus_has(const struct corpus_pair *pair, const char *file);
/* Roles that must be there before anything is loaded, as meta.json lists them. */
size_t corpus_roles(struct arena *arena, const struct corpus_pair *pair, const char ***out);

#endif
