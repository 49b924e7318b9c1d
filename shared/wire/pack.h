#ifndef CONFITURE_WIRE_PACK_H
#define CONFITURE_WIRE_PACK_H

#include "shared/wire/record.h"

/* Writing msgpack into a text; for this room only. What passes the text's limit is lost, and the
 * text says so. */
void pack_list(struct text *out, size_t count);
void pack_int(struct text *out, int64_t value);
/* A value that must be there and is not is a broken invariant: the process ends. */
void pack_record(struct text *out, const struct record *of, const void *ptr);

#endif
