#ifndef CONFITURE_BASE_ROFF_H
#define CONFITURE_BASE_ROFF_H

#include "shared/base/text.h"

/* Parts of manual pages. */
/* Text as roff: a line must not start with a dot or quote, and a dash is a minus. */
void roff_put(struct text *out, const char *s);
/* One paragraph with a tag: an option and its meaning. */
void roff_entry(struct text *out, const char *left, const char *right);

#endif
