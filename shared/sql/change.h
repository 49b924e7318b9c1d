#ifndef CONFITURE_SQL_CHANGE_H
#define CONFITURE_SQL_CHANGE_H

#include "shared/sql/classify.h"
#include "shared/sql/tree.h"

/* The tiers of the change set, mildest first. What is in none has NULL. */
#define TIER_ADDITIVE	  "additive"
#define TIER_REVERSIBLE	  "reversible"
#define TIER_LOCK_RISKY	  "lock_risky"
#define TIER_DESTRUCTIVE  "destructive"
#define TIER_IRREVERSIBLE "irreversible"

/* Where changes go: everything in them is copied into the arena. */
struct change_sink {
	struct arena *arena;
	struct sql_changes *out;
};

/* `kind` and `tier` are static; object and detail are copied. */
void change_put(struct change_sink *sink, const char *kind, const char *tier, const char *object,
		const char *detail);

/* schema.name, name, or "" */
const char *change_object(struct change_sink *sink, struct tree_name name);
/* The same with a part of it behind: table.column. */
const char *change_part(struct change_sink *sink, struct tree_name of, const char *part);
/* "drop" and "TEXT SEARCH PARSER" make drop_text_search_parser; the verb may be "". */
const char *change_kind(struct change_sink *sink, const char *verb, const char *words);

/* One change for each action of ALTER TABLE (and of its kin for views, indexes, types …). */
void change_alter_table(struct change_sink *sink, const PgQuery__AlterTableStmt *st);

#endif
