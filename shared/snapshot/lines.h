#ifndef CONFITURE_SNAPSHOT_LINES_H
#define CONFITURE_SNAPSHOT_LINES_H

#include "shared/schema/model.h"
#include "shared/wire/structure.h"

/*
 * A model as lines of JSON: the first is the structure without its objects, each that follows one
 * object. Equal models make equal bytes, whatever they were read from. Written line by line, so
 * that a structure of any size travels and lies in files without ever being one text in memory.
 */
struct snapshot_lines {
	const struct schema_model *model;
	const char *source; /* told in the first line; "" where the bytes are to be equal */
	size_t next;	    /* 0 at the start; the number of lines that were given out */
	struct arena arena;
};

void snapshot_lines_open(struct snapshot_lines *l, const struct schema_model *m,
			 const char *source);
/* Appends the next line with its line end. False: there is none more. */
bool snapshot_lines_next(struct snapshot_lines *l, struct text *out);
void snapshot_lines_close(struct snapshot_lines *l);

/* The reverse; `lines` is read in place. DIFFER_400 when it is not what such lines are, or when the
 * objects do not have the fingerprint that the first line tells. */
MUST_USE bool snapshot_lines_read(struct schema_pool *pool, struct span lines,
				  struct schema_model **out, struct error *err);

#endif
