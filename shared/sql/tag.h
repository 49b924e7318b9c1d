#ifndef CONFITURE_SQL_TAG_H
#define CONFITURE_SQL_TAG_H

#include "shared/base/arena.h"
#include "shared/sql/tree.h"

/* The command tag of a statement in PostgreSQL's words (tcop/utility.c, CreateCommandTag). Static
 * or in the arena; never NULL. */
const char *sql_tag_of(struct arena *arena, const PgQuery__Node *statement);

/* TABLE, MATERIALIZED VIEW, TEXT SEARCH PARSER …; "OBJECT" for what has no word. */
const char *sql_object_words(PgQuery__ObjectType type);
/* The same as it stands in ALTER: a constraint's is TABLE. */
const char *sql_altered_words(PgQuery__ObjectType type);

#endif
