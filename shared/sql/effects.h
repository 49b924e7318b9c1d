#ifndef CONFITURE_SQL_EFFECTS_H
#define CONFITURE_SQL_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * What a statement does to relations that are there already: which it locks and how, whose storage
 * it writes anew, whose rows it reads. From one table by the form of the statement, as measured on
 * PostgreSQL 15. Only the text is looked at: what the catalogue decides is said as a range, from
 * the least to the worst.
 *
 * Left out, since it follows or cannot matter:
 *   - what the statement makes itself: nobody else sees it yet;
 *   - indexes, sequences and TOAST tables of a relation that is told, where their lock is no
 *     stronger than its own, and the row type of a type, where it is only read;
 *   - what functions, triggers and rules do when they run (`calls` says that functions do);
 *   - the catalogue.
 * A view that is read stands for what it reads, and a relation that is read for its partitions.
 */

/* PostgreSQL's table locks, weakest first: X(id, words). */
#define SQL_LOCKS(X)                                                                               \
	X(NONE, NULL)                                                                              \
	X(ACCESS_SHARE, "ACCESS SHARE")                                                            \
	X(ROW_SHARE, "ROW SHARE")                                                                  \
	X(ROW_EXCLUSIVE, "ROW EXCLUSIVE")                                                          \
	X(SHARE_UPDATE_EXCLUSIVE, "SHARE UPDATE EXCLUSIVE")                                        \
	X(SHARE, "SHARE")                                                                          \
	X(SHARE_ROW_EXCLUSIVE, "SHARE ROW EXCLUSIVE")                                              \
	X(EXCLUSIVE, "EXCLUSIVE")                                                                  \
	X(ACCESS_EXCLUSIVE, "ACCESS EXCLUSIVE")

/* What a relation is to the statement: X(id, words, when there is one at all). Where the statement
 * does not name it, it is of the one that it names. */
#define SQL_ROLES(X)                                                                               \
	X(SELF, "itself", NULL)                                                                    \
	X(REFERENCED, "table that a foreign key names", "whether it has foreign keys")             \
	X(REFERENCING, "tables whose foreign keys name it", "whether foreign keys name it")        \
	X(PARENT, "parent", "whether it is a partition")                                           \
	X(HEIRS, "partitions and children", "whether it has partitions or children")               \
	X(OTHER_HEIRS, "partitions and children of the other",                                     \
	  "whether that has partitions or children")                                               \
	X(SIBLINGS, "its parent's other partitions", "whether a foreign key names the parent")     \
	X(PARTITION, "the partition", NULL)                                                        \
	X(DEFAULT_PARTITION, "default partition", "whether there is a default partition")          \
	X(TABLE, "table of it", NULL)                                                              \
	X(INDEXES, "indexes", "whether it has indexes")                                            \
	X(SOURCE, "what it reads", NULL)                                                           \
	X(TARGET, "what a rule writes", NULL)                                                      \
	X(DEPENDENTS, "what depends on it", "whether something depends on it")                     \
	X(USERS, "tables that use the type", "whether tables use it")                              \
	X(CONTENT, "what lies in it", "whether there is anything in it")

#define SQL_ENUM(id, ...) SQL_LOCK_##id,
enum sql_lock { SQL_LOCKS(SQL_ENUM) SQL_LOCK_COUNT };
#undef SQL_ENUM
#define SQL_ENUM(id, ...) SQL_ROLE_##id,
enum sql_role { SQL_ROLES(SQL_ENUM) SQL_ROLE_COUNT };
#undef SQL_ENUM

enum sql_certainty {
	SQL_NO,
	SQL_MAYBE, /* the catalogue, or the rows, decide */
	SQL_YES
};

struct sql_effect {
	enum sql_role role;
	bool named;	     /* the statement names it; else: it is what `role` says of `name` */
	const char *schema;  /* as written; NULL: none was */
	const char *name;    /* NULL: the statement names nothing (VACUUM) */
	enum sql_lock least; /* NONE: there may be no such relation, or nothing to do */
	enum sql_lock lock;  /* at worst; where least is the same, always */
	enum sql_certainty rewrite; /* its storage is made anew: for TRUNCATE, empty */
	enum sql_certainty scan;    /* all its rows are read */
	const char *depends;	    /* on what, where anything is uncertain; NULL: nothing is */
};

struct sql_effects {
	struct sql_effect *items; /* one for each role and name */
	size_t count, cap;
	const char *form;   /* of the table: "DROP INDEX"; several: the first */
	const char *opaque; /* why nothing can be said (DO, CALL, not SQL of ours), or NULL */
	bool calls;	    /* it runs functions: what those lock is not told */
	bool outside;	    /* it cannot run in a transaction block; nor can REINDEX of what is
			       partitioned */
	bool waits;	    /* for every transaction that began before: concurrent index builds */
};

/* Strings live in `arena` or are static. Thread and safety as for sql_classify(). */
void sql_effects_of(struct arena *arena, struct span statement, struct sql_effects *out);

/* The strongest lock, and the most work, that it may take. An opaque one has no lock to tell:
 * NONE, MAYBE. */
enum sql_lock sql_effects_lock(const struct sql_effects *effects);
enum sql_certainty sql_effects_rewrite(const struct sql_effects *effects);

/* "ACCESS EXCLUSIVE"; NULL for none. */
const char *sql_lock_words(enum sql_lock lock);
const char *sql_role_words(enum sql_role role);
/* Whether others can still read, and write, while it is held. */
bool sql_lock_stops_reads(enum sql_lock lock);
bool sql_lock_stops_writes(enum sql_lock lock);

/* ---- the table, for its page ---- */

enum { SQL_FORM_RULES = 8 };
struct sql_rule {
	enum sql_role role;
	enum sql_lock least, lock;
	enum sql_certainty rewrite, scan;
	const char *depends; /* NULL: as its role */
	bool used;	     /* false behind the last */
};
struct sql_form {
	const char *words;
	struct sql_rule rules[SQL_FORM_RULES];
	bool waits;
};
size_t sql_form_count(void);
const struct sql_form *sql_form_at(size_t index);
/* Of an uncertain rule: what decides; NULL when nothing does. */
const char *sql_rule_depends(const struct sql_rule *rule);

#endif
