#ifndef CONFITURE_SCHEMA_POOL_H
#define CONFITURE_SCHEMA_POOL_H

#include <stddef.h>

#include "shared/base/arena.h"

/*
 * Each text once: types, owners, options and expressions repeat themselves by the thousand, and two
 * models that share a pool are compared by pointer. Belongs to one thread.
 */
struct schema_pool;

struct schema_pool *schema_pool_new(void);
void schema_pool_free(struct schema_pool *p); /* NULL is fine */

/* The pool's own copy, the same pointer for the same text; NULL for NULL. Valid as long as the
 * pool. */
const char *schema_pool_text(struct schema_pool *p, const char *s);
const char *schema_pool_span(struct schema_pool *p, const char *s, size_t len);
/* For what lives as long as the texts. */
struct arena *schema_pool_arena(struct schema_pool *p);

#endif
