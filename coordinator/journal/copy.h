#ifndef CONFITURE_COORDINATOR_JOURNAL_COPY_H
#define CONFITURE_COORDINATOR_JOURNAL_COPY_H

#include "shared/base/error.h"
#include "shared/base/runtime.h"

/*
 * A copy of the journal `from` in the file `to`, made while others use it, as it was at one moment:
 * a new file with checksums on its pages, proven whole, fsynced, and only then at its place. The
 * journal notes that it was made. JRNL_001, JRNL_002, or AUDIT_001 when what was copied is damaged;
 * then `to` is what it was.
 */
MUST_USE bool journal_copy(struct runtime *rt, const char *from, const char *to, struct error *err);

#endif
