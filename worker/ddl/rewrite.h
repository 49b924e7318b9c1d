#ifndef CONFITURE_WORKER_DDL_REWRITE_H
#define CONFITURE_WORKER_DDL_REWRITE_H

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * A statement as it is run, where that is not as it is written (enum ddl_flag of judge.h says
 * when): without CONCURRENTLY, SET instead of SET LOCAL, a subscription that connects to nobody.
 * What is taken out becomes spaces, so that positions stay. `sql` itself when there is nothing to
 * change.
 */
struct span ddl_rewrite(struct arena *arena, struct span sql, unsigned flags);

#endif
