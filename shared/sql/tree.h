#ifndef CONFITURE_SQL_TREE_H
#define CONFITURE_SQL_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include <pg_query/pg_query.pb-c.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * One statement as libpg_query understands it. The parser, and what turns its tree into structs,
 * recurse without any limit of their own, so size and possible depth are measured before. The caps
 * let through what fits a stack of 8 MiB.
 */
enum { TREE_SIZE_LIMIT = 1024 * 1024, TREE_DEPTH_LIMIT = 4000 };

struct sql_tree {
	struct arena arena; /* holds the structs */
	PgQuery__Node *statement;
};

/* False when it is not one statement of PostgreSQL 15, or too large or too deep to ask. Then there
 * is nothing to free. */
bool sql_tree_parse(struct sql_tree *tree, struct span statement);
void sql_tree_free(struct sql_tree *tree);

/* Visits every message below `top`, itself first, whatever its kind: by the descriptors that
 * protobuf keeps. */
typedef void (*tree_visit)(void *self, const ProtobufCMessage *message);
void sql_tree_walk(const ProtobufCMessage *top, tree_visit visit, void *self);
/* The same, and `leave` comes after all that is below a message. */
void sql_tree_walk_through(const ProtobufCMessage *top, tree_visit enter, tree_visit leave,
			   void *self);

/* The same for messages that say the same, wherever they stand in the text. */
uint64_t sql_tree_hash(const ProtobufCMessage *top);

/* ---- reading ---- */

/* NULL for "" */
static inline const char *
tree_text(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

/* The text of a String node; NULL for other nodes. */
const char *tree_string(const PgQuery__Node *node);

/* A qualified name: the last strings of a list. `schema` is NULL when there is none. */
struct tree_name {
	const char *schema;
	const char *name;
};
struct tree_name tree_name_of(PgQuery__Node *const *names, size_t count);
struct tree_name tree_name_of_table(const PgQuery__RangeVar *table);
/* Of whatever a statement may call its object: a list, a string, a type, a function. */
struct tree_name tree_name_of_node(const PgQuery__Node *node);

/* The option named so in a list of DefElem, or NULL. */
const PgQuery__DefElem *tree_option(PgQuery__Node *const *options, size_t count, const char *name);
/* A boolean option: given without a value is true. */
bool tree_option_bool(PgQuery__Node *const *options, size_t count, const char *name, bool absent);

#endif
