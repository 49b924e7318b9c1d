#ifndef CONFITURE_SCHEMA_CHECK_H
#define CONFITURE_SCHEMA_CHECK_H

#include "shared/base/error.h"
#include "shared/schema/model.h"

/* Whether an object that somebody else wrote down has what every object of its kind has, so that
 * what works with models need not ask. DIFFER_400 names what is missing. */
MUST_USE bool schema_object_check(const struct schema_object *o, struct error *err);

#endif
