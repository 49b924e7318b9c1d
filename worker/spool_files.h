#ifndef CONFITURE_WORKER_SPOOL_FILES_H
#define CONFITURE_WORKER_SPOOL_FILES_H

#include "shared/digest/digest.h"
#include "worker/spool.h"

/* What the two halves of the spool share: spool.c owns the folder, spool_source.c fills it. */
#define SPOOL_PART "part-"
enum { SPOOL_NAME = 64 };

/* Room for so many bytes, made by removing what was not used for longest. False: there is none. */
MUST_USE bool spool_reserve(struct spool *s, int64_t bytes);
/* The end of a reservation; `kept`: the file is complete and stays. */
void spool_release(struct spool *s, int64_t bytes, bool kept);

/* A new file that nobody else writes to; its name in `part`. -1 and errno. */
int spool_create(struct spool *s, char part[SPOOL_NAME]);
/* It is complete. False and errno. */
MUST_USE bool spool_keep(struct spool *s, const char *part, const char *sha256);
void spool_drop(struct spool *s, const char *name);
/* A complete file, open for reading; -1 when there is none. Notes the use. */
int spool_find(struct spool *s, const char *sha256);

struct bundle_source *spool_files(struct spool *s); /* by SHA-256 */
const char *spool_path(const struct spool *s);

#endif
