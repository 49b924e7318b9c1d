#ifndef CONFITURE_SNAPSHOT_STRUCTURE_WORDS_H
#define CONFITURE_SNAPSHOT_STRUCTURE_WORDS_H

#include "shared/schema/diff.h"

/* Objects of a structure in words and in the order that people read them in: parts below what they
 * are a part of, columns by their place. Nothing here is safe for a terminal yet. */

/* "materialized view" */
const char *structure_kind_words(struct arena *arena, enum schema_kind kind);

/* What stands behind the name on one line: "bigint NOT NULL", "PRIMARY KEY (id)"; may be empty.
 * Several lines become one. */
const char *structure_summary(struct arena *arena, const struct schema_object *o);
/* Whether the summary says all that there is to say of an attribute. */
bool structure_summed(enum schema_kind kind, size_t place);

/* "users" for "public.users", as the Python tool has it; other schemas stay. */
const char *structure_bare(const char *address);

struct structure_entry {
	const struct schema_object *object;
	const struct schema_object *whole;  /* itself when it is no part */
	const struct schema_change *change; /* NULL: just an object */
};

/* What an object is a part of; itself when it is none. */
const struct schema_object *structure_whole(const struct schema_model *m,
					    const struct schema_object *o);
/* By schema (first those that have none), whole, and place in it. */
void structure_sort(struct structure_entry *entries, size_t count, bool by_schema);
bool structure_same_whole(const struct structure_entry *a, const struct structure_entry *b);

/* The next line of a text; false at its end. A text that ends without a line end has a last line.
 */
bool structure_line(const char **text, struct span *line);

#endif
