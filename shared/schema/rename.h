#ifndef CONFITURE_SCHEMA_RENAME_H
#define CONFITURE_SCHEMA_RENAME_H

#include "shared/base/error.h"
#include "shared/schema/model.h"

/*
 * Renames, which are never guessed: what a person says went from one name to another. The old
 * structure becomes one in which they are done: each object under its new name, and the texts of
 * views, constraints and all else as the server will print them then. That one is compared, so that
 * what only follows from a rename is no difference. Where a text cannot be foretold it differs, and
 * what it belongs to is made anew: more than is needed, and never wrong.
 */

/* As typed: users, public.users, public.users.mail, public.f(integer), "c ON public.t"; a kind may
 * stand before it: index public.i. Of NEW the last part counts; what else it has must be right. */
struct schema_rename {
	const char *old, *new;
};

struct schema_renamed {
	const struct schema_object *before, *after; /* of from; of to */
	const char *old, *new; /* bare names; labels of an enumeration in quotes */
	bool follows; /* nobody said it: a key, an index or a sequence that is called after it */
	bool label;   /* a label of the enumeration, not the enumeration */
};

struct schema_rename_step {
	const char *sql;
	const struct schema_object *about; /* of to */
};

struct schema_renames {
	const struct schema_model *origin; /* before */
	struct schema_model model;	   /* after; of the same pool */
	struct schema_renamed *items;	   /* as they were said, then what follows */
	size_t count;
	struct schema_rename_step *steps; /* in an order that works, also where names swap */
	size_t step_count;
};

/* "OLD=NEW" in two; a = within quotes is part of a name. False without one. */
bool schema_rename_split(struct arena *arena, const char *said, struct schema_rename *out);

/* What to say for the way back. */
struct schema_rename schema_rename_back(struct arena *arena, const struct schema_renamed *done);

/*
 * `from` and `to` are models of `pool`. Both must outlive the result. DIFFER_405: a name is not
 * there, means several things, is said twice, is taken, or PostgreSQL cannot rename it so.
 */
MUST_USE bool schema_rename(struct schema_pool *pool, const struct schema_model *from,
			    const struct schema_model *to, const struct schema_rename *said,
			    size_t count, struct schema_renames *out, struct error *err);

#endif
