#ifndef CONFITURE_SQL_MASK_H
#define CONFITURE_SQL_MASK_H

#include "shared/base/arena.h"

/*
 * SQL as it may be kept and shown: literals after the word PASSWORD, and passwords within
 * connection strings and options, become '***'. What is left parses as before. Returns `sql` itself
 * when there is nothing to mask.
 */
const char *sql_mask_secrets(struct arena *arena, const char *sql);

#endif
