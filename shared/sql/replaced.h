#ifndef CONFITURE_SQL_REPLACED_H
#define CONFITURE_SQL_REPLACED_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * What a statement takes away or puts another in the place of, so that the catalogue can be asked
 * what depends on it: targets of CREATE OR REPLACE, dropped objects, dropped or retyped columns,
 * dropped constraints. What cannot have dependents (triggers, policies, rules) is left out.
 */
struct sql_object {
	/* table, view, materialized_view, foreign_table, index, sequence, column, constraint,
	 * function, procedure, routine, aggregate, type, domain, schema or extension; static */
	const char *kind;
	const char *schema; /* NULL: not written */
	const char *name;   /* of the table, for column and constraint */
	const char *part;   /* the column or constraint; else NULL */
	/* Of routines: input types as to_regtype() takes them. NULL: not written, or not to be had
	 * from the text (%TYPE). */
	const char **arguments;
	size_t argument_count;
	bool created; /* CREATE OR REPLACE: it is where it would be created, not where it is found
		       */
	bool dropped; /* it is gone afterwards */
};
struct sql_objects {
	struct sql_object *items;
	size_t count, cap;
};

/* Appends to `out`; strings live in `arena`. What is not parsed gives nothing. */
void sql_replaced_of(struct arena *arena, struct span statement, struct sql_objects *out);

#endif
