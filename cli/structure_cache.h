#ifndef CONFITURE_CLI_STRUCTURE_CACHE_H
#define CONFITURE_CLI_STRUCTURE_CACHE_H

#include "shared/base/arena.h"
#include "shared/digest/digest.h"
#include "shared/schema/model.h"

/*
 * Structures that schema files once became, by the hash of all that they became it by: a file each
 * in $XDG_CACHE_HOME/confiture/structures (~/.cache), for nobody else's eyes. It is a help and no
 * more: where it cannot be used, or holds what is damaged, the files are loaded. Several processes
 * may use it at once.
 */
enum { STRUCTURE_CACHE_ENTRIES = 64, STRUCTURE_CACHE_BYTES = 256 * 1024 * 1024 };

struct structure_cache_key {
	const char *files;  /* hash of their names and bytes */
	const char *server; /* that they are loaded into: what tells it from others */
	const char *own;    /* that program which reads and writes them */
};
void structure_cache_name(const struct structure_cache_key *key, char out[SHA256_HEX]);

/* What tells this program from another build of it, in `arena`; NULL: nothing. */
const char *structure_cache_own(struct arena *arena);

/* False: it is not there, or not as it was written. The model is the pool's. */
MUST_USE bool structure_cache_find(const char *name, struct schema_pool *pool,
				   struct schema_model **out);
/* The least used go where there are too many. What cannot be kept is not. */
void structure_cache_keep(const char *name, const struct schema_model *m);

#endif
