#ifndef CONFITURE_SCHEMA_PLAN_H
#define CONFITURE_SCHEMA_PLAN_H

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/schema/diff.h"

/*
 * From a difference to SQL that removes it: statements in an order that works. What must be made
 * anew because something it needs changes is dropped before and comes back whole. Renames are never
 * guessed. Pure: no server is asked.
 */
enum schema_hazard {
	HAZARD_DATA_LOSS = 1,	 /* rows or values are gone */
	HAZARD_REWRITE = 2,	 /* every row is written anew */
	HAZARD_SCAN = 4,	 /* every row is read under the lock */
	HAZARD_BLOCKS_READS = 8, /* ACCESS EXCLUSIVE on something that is in use */
	HAZARD_INCOMPLETE = 16	 /* a secret was not read: it must be filled in by hand */
};

struct schema_statement {
	const char *sql; /* without its semicolon */
	enum schema_kind kind;
	const char *address; /* of what it is about */
	const char *action;  /* create, drop, alter, replace, rename */
	unsigned hazards;
	const char *remark; /* one line, for the script: the planner's caller sets it; or NULL */
	bool alone;	    /* cannot run in a transaction */
	bool then_commit;   /* what follows may not run in its transaction */
};

struct schema_plan_options {
	bool online; /* on tables that exist: indexes concurrently, constraints validated later */
};

struct schema_plan {
	struct schema_statement *statements;
	size_t count;
};

/* Texts live in `arena`. SCHEMA_202 with the path when things need each other in a circle. */
MUST_USE bool schema_plan(struct arena *arena, const struct schema_diff *diff,
			  const struct schema_plan_options *options, struct schema_plan *out,
			  struct error *err);

/* "data_loss", "rewrite" …: the words of the bits, in `words`; gives how many. */
size_t schema_hazard_words(unsigned hazards, const char *words[8]);

/* A script for psql: transactions where they can be, all else by itself. */
void schema_plan_script(const struct schema_plan *plan, struct text *out);

#endif
