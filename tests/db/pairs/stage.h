#ifndef CONFITURE_TESTS_DB_PAIRS_STAGE_H
#define CONFITURE_TESTS_DB_PAIRS_STAGE_H

#include "shared/base/text.h"
#include "tests/db/pairs/corpus.h"

/*
 * Where a pair is tried: databases of the test server, filled by psql as a person would fill them.
 * Roles belong to the server, so one pair at a time has it.
 */

/* Databases and roles of the pair before are gone, and this one's roles are there. */
MUST_USE bool stage_begin(struct arena *arena, const struct corpus_pair *pair);
/* A fresh database with what a file of the pair makes. What went wrong is put into `why`. */
MUST_USE bool stage_load(struct arena *arena, const struct corpus_pair *pair, const char *database,
			 const char *file, struct text *why);
/* Its rows, where the pair has such a file. */
MUST_USE bool stage_fill(struct arena *arena, const struct corpus_pair *pair, const char *database,
			 const char *file, struct text *why);
/* A script by psql, which stops at the first error and puts it into `why`. */
MUST_USE bool stage_run(struct arena *arena, const char *database, const char *script,
			struct text *why);
void stage_end(struct arena *arena);

#endif
