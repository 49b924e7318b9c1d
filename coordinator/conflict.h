#ifndef CONFITURE_COORDINATOR_CONFLICT_H
#define CONFITURE_COORDINATOR_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/sql/footprint.h"

/*
 * Whether two footprints can be applied in either order. Pure: no clock, no journal, no database.
 *   error    one order fails, or the same part ends differently
 *   warning  the orders may end differently, or people had better talk
 *   info     both touch it; nothing known speaks against any order
 */
enum conflict_severity { CONFLICT_NONE, CONFLICT_INFO, CONFLICT_WARNING, CONFLICT_ERROR };

/* X(id, word, suggestion 1, suggestion 2, suggestion 3). The first six and their sentences are
 * those of the Python confiture; %1$s is the object, %2$s the other agent, %3$s its feature. */
#define CONFLICT_TYPES(X)                                                                          \
	X(TABLE, "table", "Both change %1$s.", "Coordinate with %2$s, who works on %3$s.",         \
	  "Apply the changes one after the other, or split the work so that they touch "           \
	  "different tables.")                                                                     \
	X(COLUMN, "column", "Both change %1$s.",                                                   \
	  "High priority: settle this with %2$s (%3$s) "                                           \
	  "before either goes on.",                                                                \
	  "Merge both changes into one migration.")                                                \
	X(FUNCTION, "function", "Both change %1$s.",                                               \
	  "Check with %2$s (%3$s) that the signature stays compatible.",                           \
	  "Let one update the function and the other adapt to it.")                                \
	X(INDEX, "index", "Both make or change %1$s.",                                             \
	  "Let one agent create it: you, or %2$s (%3$s).", "Low priority: no data are at risk.")   \
	X(CONSTRAINT, "constraint", "Both change constraints of %1$s.",                            \
	  "Check with %2$s (%3$s) that the constraints are compatible.",                           \
	  "Test the merge of both on a copy before applying either.")                              \
	X(TIMING, "timing", "Both need %1$s at the same time.",                                    \
	  "Agree with %2$s (%3$s) who runs first.", "Run the longer of the two in a quiet hour.")  \
	X(DEPENDENCY, "dependency", "One changes %1$s, the other depends on it.",                  \
	  "Ask %2$s (%3$s) which of the two must come first.",                                     \
	  "Register the dependent change again once the other has landed.")                        \
	X(RENAME, "rename", "One renames %1$s, the other uses its old name.",                      \
	  "Ask %2$s (%3$s) for the new name.",                                                     \
	  "Apply the rename first and write the other change with the new name.")                  \
	X(TYPE, "type", "Both touch the type %1$s.", "Agree with %2$s (%3$s) on its final form.",  \
	  "Change the type in one migration only.")                                                \
	X(VERSION, "version", "Both use the migration version %1$s.",                              \
	  "Ask %2$s (%3$s) which branch lands first.",                                             \
	  "Generate the later migration again to get a new version.")                              \
	X(ORDER, "order", "The result depends on which change of %1$s comes first.",               \
	  "Agree with %2$s (%3$s) on the order.", "Merge both changes into one migration.")

#define CONFLICT_ENUM(id, ...) CONFLICT_TYPE_##id,
enum conflict_type { CONFLICT_TYPES(CONFLICT_ENUM) CONFLICT_TYPE_COUNT };
#undef CONFLICT_ENUM

/* What two accesses come to. */
struct conflict {
	enum conflict_severity severity;
	enum conflict_type type;
	const struct sql_access *a, *b; /* borrowed from the footprints */
	const char *object;		/* what both touch, as people name it: in the arena */
	const char *reason;		/* one sentence, in the arena */
	const char *remedy;		/* what would make it pass, one sentence; static */
};

/* More than people read; what is left out is unjudged. */
enum { CONFLICT_LIMIT = 1000 };

struct conflict_list {
	struct conflict *items; /* worst first; one per object and type */
	size_t count, cap;
	enum conflict_severity worst;
	bool unjudged; /* one of the two is opaque, or there is too much: there may be more */
};

/* The worst that two accesses come to; false when nothing. Reason and object are made in `arena`.
 * `a` and `b` may stand in either order. */
bool conflict_of(struct arena *arena, const struct sql_access *a, const struct sql_access *b,
		 struct conflict *out);
/* The same without texts (object, reason, remedy stay NULL): for a look-up among many. */
enum conflict_severity conflict_judge(const struct sql_access *a, const struct sql_access *b);

/* Appends to `out`, which starts zeroed. */
void conflict_between(struct arena *arena, const struct sql_footprint *a,
		      const struct sql_footprint *b, struct conflict_list *out);

/* The three sentences for the agents of one conflict, and the fourth that the Python confiture
 * closes with. `other_agent` and `other_feature` may be NULL. */
enum { CONFLICT_SUGGESTIONS = 4 };
void conflict_suggestions(struct arena *arena, const struct conflict *c, const char *other_agent,
			  const char *other_feature, const char *out[CONFLICT_SUGGESTIONS]);

const char *conflict_type_word(enum conflict_type type);
const char *conflict_severity_word(enum conflict_severity severity);
bool conflict_type_from_word(const char *word, enum conflict_type *out);
bool conflict_severity_from_word(const char *word, enum conflict_severity *out);

#endif
