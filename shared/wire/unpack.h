#ifndef CONFITURE_WIRE_UNPACK_H
#define CONFITURE_WIRE_UNPACK_H

#include "shared/wire/reader.h"
#include "shared/wire/record.h"

/* The next value as a record, everything copied into `arena`; for this room only. codec.h says what
 * is refused. */
MUST_USE bool unpack_record(struct reader *r, struct arena *arena, const struct record *of,
			    void **out);

#endif
