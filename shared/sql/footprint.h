#ifndef CONFITURE_SQL_FOOTPRINT_H
#define CONFITURE_SQL_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/*
 * What SQL text touches: for each statement the objects that it makes, changes, fills or depends
 * on. Two footprints are enough to tell whether their texts can be applied in either order
 * (coordinator/conflict.h). What cannot be seen in the text is said, never taken for harmless.
 */

/* What an access does with its object, strongest first: X(id, word). */
#define SQL_MODES(X)                                                                               \
	X(CREATE, "create")                                                                        \
	X(DROP, "drop")                                                                            \
	X(RENAME, "rename")	  /* also to another schema */                                     \
	X(ALTER, "alter")	  /* a property: see `aspect` */                                   \
	X(EXTEND, "extend")	  /* gets a part: a column, trigger, policy, partition, label */   \
	X(INDEX, "index")	  /* gets an index or statistics: `part` is its name */            \
	X(CONSTRAIN, "constrain") /* gets a constraint: `part` is its name */                      \
	X(GRANT, "grant")	  /* privileges given or taken: `aspect` says which, whose */      \
	X(DATA, "data")		  /* rows written */                                               \
	X(READ, "read")		  /* what it depends on: see `bond` */

/* X(id, word, name space): objects of one name space cannot have the same name. */
#define SQL_KINDS(X)                                                                               \
	X(TABLE, "table", "relation")                                                              \
	X(VIEW, "view", "relation")                                                                \
	X(MATERIALIZED_VIEW, "materialized view", "relation")                                      \
	X(FOREIGN_TABLE, "foreign table", "relation")                                              \
	X(INDEX, "index", "relation")                                                              \
	X(SEQUENCE, "sequence", "relation")                                                        \
	X(RELATION, "relation", "relation") /* a table, view …: the text does not say which */   \
	X(TYPE, "type", "type")                                                                    \
	X(DOMAIN, "domain", "type")                                                                \
	X(FUNCTION, "function", "routine")                                                         \
	X(PROCEDURE, "procedure", "routine")                                                       \
	X(AGGREGATE, "aggregate", "routine")                                                       \
	X(ROUTINE, "routine", "routine")                                                           \
	X(OPERATOR, "operator", "operator")                                                        \
	X(OPERATOR_CLASS, "operator class", "operator class")                                      \
	X(OPERATOR_FAMILY, "operator family", "operator family")                                   \
	X(COLLATION, "collation", "collation")                                                     \
	X(CONVERSION, "conversion", "conversion")                                                  \
	X(STATISTICS, "statistics", "statistics")                                                  \
	X(TS_CONFIGURATION, "text search configuration", "text search configuration")              \
	X(TS_DICTIONARY, "text search dictionary", "text search dictionary")                       \
	X(TS_PARSER, "text search parser", "text search parser")                                   \
	X(TS_TEMPLATE, "text search template", "text search template")                             \
	X(SCHEMA, "schema", "schema")                                                              \
	X(EXTENSION, "extension", "extension")                                                     \
	X(ROLE, "role", "role")                                                                    \
	X(DATABASE, "database", "database")                                                        \
	X(TABLESPACE, "tablespace", "tablespace")                                                  \
	X(LANGUAGE, "language", "language")                                                        \
	X(CAST, "cast", "cast")                                                                    \
	X(TRANSFORM, "transform", "transform")                                                     \
	X(ACCESS_METHOD, "access method", "access method")                                         \
	X(EVENT_TRIGGER, "event trigger", "event trigger")                                         \
	X(PUBLICATION, "publication", "publication")                                               \
	X(SUBSCRIPTION, "subscription", "subscription")                                            \
	X(FOREIGN_DATA_WRAPPER, "foreign data wrapper", "foreign data wrapper")                    \
	X(SERVER, "server", "server")                                                              \
	X(USER_MAPPING, "user mapping", "user mapping")                                            \
	X(LARGE_OBJECT, "large object", "large object")                                            \
	X(SETTING, "setting", "setting")                                                           \
	X(DEFAULT_PRIVILEGES, "default privileges", "default privileges")                          \
	X(VERSION, "migration version", "migration version") /* never from SQL: a caller's own */

/* What a part is, within its object: X(id, word). */
#define SQL_PARTS(X)                                                                               \
	X(NONE, "")                                                                                \
	X(COLUMN, "column") /* of a composite type: its attribute */                               \
	X(CONSTRAINT, "constraint")                                                                \
	X(TRIGGER, "trigger")                                                                      \
	X(POLICY, "policy")                                                                        \
	X(RULE, "rule")                                                                            \
	X(PARTITION, "partition")                                                                  \
	X(PARENT, "parent")	  /* whose heir or partition it is */                              \
	X(INDEX, "index")	  /* or statistics, as its table sees it */                        \
	X(KEY, "key")		  /* a unique key by its columns, what foreign keys lean on */     \
	X(SIGNATURE, "signature") /* of a routine: types of its arguments, "#2" = two of them */   \
	X(LABEL, "label")	  /* of an enum */                                                 \
	X(MEMBER, "member")	  /* of a publication, extension, operator family, role */

/* How a `read` holds on to what it reads: X(id, word). */
#define SQL_BONDS(X)                                                                               \
	X(NAME, "names it")	    /* must be there when the statement runs; nothing stays */     \
	X(FIRM, "depends on it")    /* views, policies, …: neither drop nor retype passes by */  \
	X(KEY, "is built on it")    /* indexes, constraints: dropped and rebuilt with it */        \
	X(COPY, "copies it")	    /* LIKE, *, CREATE TABLE AS: as it is at that moment */        \
	X(LATE, "uses it when run") /* bodies of functions that nobody checks before */

#define SQL_ENUM(id, ...) SQL_MODE_##id,
enum sql_mode { SQL_MODES(SQL_ENUM) SQL_MODE_COUNT };
#undef SQL_ENUM
#define SQL_ENUM(id, ...) SQL_KIND_##id,
enum sql_kind { SQL_KINDS(SQL_ENUM) SQL_KIND_COUNT };
#undef SQL_ENUM
#define SQL_ENUM(id, ...) SQL_PART_##id,
enum sql_part { SQL_PARTS(SQL_ENUM) SQL_PART_COUNT };
#undef SQL_ENUM
#define SQL_ENUM(id, ...) SQL_BOND_##id,
enum sql_bond { SQL_BONDS(SQL_ENUM) SQL_BOND_COUNT };
#undef SQL_ENUM

struct sql_access {
	enum sql_kind kind;
	enum sql_mode mode;
	enum sql_part part_kind;
	enum sql_bond bond;   /* of reads */
	const char *schema;   /* NULL: objects of this kind have none */
	const char *name;     /* as PostgreSQL folds it; never NULL */
	const char *part;     /* NULL: the object as a whole; "*": all parts of part_kind */
	const char *aspect;   /* which property: "default", "owner", "SELECT for bob"; or NULL */
	const char *value;    /* what it becomes: equal texts have equal effects; NULL = unknown */
	uint32_t statement;   /* which of the text, from 1 */
	uint32_t line;	      /* where that statement begins, from 1 */
	bool cascade;	      /* CASCADE: what depends on it goes too */
	bool tolerant;	      /* IF [NOT] EXISTS, OR REPLACE: no error when it is so already */
	bool replaces;	      /* OR REPLACE: what was there becomes this */
	bool object_may_lack; /* of a part: ALTER TABLE IF EXISTS */
	bool implied;	      /* not written, but PostgreSQL does it (serial's sequence, …) */
	bool own;	      /* the object was made by this same text */
	bool guessed;	      /* one of several objects that may be meant */
	bool refuses_rows;    /* rows that are there, or come, may make it fail */
	bool named_by_server; /* the name is PostgreSQL's choice: it takes another when taken */
};

/* A statement that nobody can see through: DO, dynamic SQL, what does not parse. */
struct sql_opaque {
	const char *reason; /* in words, static or in the arena */
	uint32_t statement;
	uint32_t line;
};

struct sql_footprint {
	struct sql_access *items;
	size_t count, cap;
	bool opaque; /* at least one statement is */
	struct sql_opaque *opaques;
	size_t opaque_count, opaque_cap;
	uint32_t statements;
};

/* Where unqualified names are looked for, in order. NULL or empty: "public". */
struct sql_search_path {
	const char *const *schemas;
	size_t count;
	const char *user; /* what "$user" and CURRENT_USER stand for; may be NULL */
};

/* What a footprint may become at most; the rest of the text is opaque. */
enum { SQL_FOOTPRINT_LIMIT = 200000 };

/*
 * Appends to `out`, which starts zeroed; everything lives in `arena`. Never fails and never crashes
 * on shallow text, whatever the bytes; but libpg_query can be crashed, so text from strangers goes
 * through a sandbox. Thread as for sql_classify().
 */
void sql_footprint_of(struct arena *arena, struct span sql_text, const struct sql_search_path *path,
		      struct sql_footprint *out);

/* ---- words ---- */

const char *sql_mode_word(enum sql_mode mode);
const char *sql_kind_word(enum sql_kind kind);
/* The name space: kinds that share one cannot share a name. */
const char *sql_kind_space(enum sql_kind kind);
const char *sql_part_word(enum sql_part part);
const char *sql_bond_word(enum sql_bond bond);
/* False when no such word. */
bool sql_mode_from_word(const char *word, enum sql_mode *out);
bool sql_kind_from_word(const char *word, enum sql_kind *out);
bool sql_part_from_word(const char *word, enum sql_part *out);
bool sql_bond_from_word(const char *word, enum sql_bond *out);

/* "public.users", "public.users.email", "role bob": for people. */
const char *sql_access_text(struct arena *arena, const struct sql_access *access);

/* ---- keys ---- */

/*
 * Canonical names for an index of accesses. Two accesses can only conflict when
 *   - their `object` keys are equal, or
 *   - one's `object` is the other's `container`: a schema and what lies in it.
 * So an access is stored under `object` and, when there is one, under `container`; a look-up asks
 * for `object` among objects, for `container` among objects, and for `object` among containers only
 * when the access is to a schema. `part` is the finest: object and part.
 */
struct sql_keys {
	const char *object;    /* relation public.users */
	const char *container; /* schema public; NULL when there is none */
	const char *part;      /* relation public.users column email; the object's when whole */
};
struct sql_keys sql_access_keys(struct arena *arena, const struct sql_access *access);

#endif
