#ifndef CONFITURE_SNAPSHOT_STRUCTURE_OWNERS_H
#define CONFITURE_SNAPSHOT_STRUCTURE_OWNERS_H

#include "shared/schema/model.h"

/*
 * Schema files seldom say who owns what they make: its owner is whoever loads them. Here that is
 * the role of a scratch server, which means nothing. So in `files` (a model that `loader` loaded)
 * each object of the loader's becomes that of whoever owns the same object in `other`, or of `role`
 * where `other` has none (NULL: nobody's). Privileges that name the loader follow. Both models are
 * the pool's.
 */
void structure_take_owners(struct schema_pool *pool, struct schema_model *files, const char *loader,
			   const struct schema_model *other, const char *role);

#endif
