#ifndef CONFITURE_SQL_FOOTPRINT_WALK_H
#define CONFITURE_SQL_FOOTPRINT_WALK_H

#include "shared/sql/footprint.h"
#include "shared/sql/footprint_handlers.h"
#include "shared/sql/tree.h"

/*
 * Inside the footprint: what a handler of one kind of statement works with. Handlers put accesses;
 * names are resolved, renames followed and private objects left out behind put().
 */

/* An object that this text renamed or moved: `now` is what later statements call `was`. */
struct footprint_rename {
	enum sql_kind kind;
	const char *schema, *was, *now_schema, *now;
	const char *part_of; /* of a renamed part: the part's old name */
	const char *part_now;
	struct footprint_rename *next;
};

/* An object that this text made. */
struct footprint_made {
	enum sql_kind kind;
	const char *schema, *name;
	bool temporary;
	struct footprint_made *next;
};

enum { FOOTPRINT_BUCKETS = 4096 };

struct footprint_walk {
	struct arena *arena;
	struct sql_footprint *out;
	const char *const *path; /* as it stands now: SET search_path moves it */
	size_t path_count;
	const char *user;
	uint32_t statement, line;
	struct span text; /* of the statement */
	struct footprint_made *prepared;
	struct footprint_rename *renames;
	size_t rename_count;
	struct footprint_made **made; /* FOOTPRINT_BUCKETS of them, by name; NULL: none yet */
	bool late;		      /* inside a body that nobody checks before it runs */
	unsigned depth;		      /* of bodies within bodies */
};

/* A handler gets the message of the statement itself, not the node around it. */
typedef void (*footprint_handler)(struct footprint_walk *w, const void *statement);

/* Every statement goes through here, whether it stands alone or inside another. */
void footprint_statement(struct footprint_walk *w, const PgQuery__Node *n);
/* Text inside text: the body of a function in SQL. False when it does not parse. */
bool footprint_text(struct footprint_walk *w, struct span text);

/* ---- putting ---- */

/* An access to an object by its name as written. The result is for the caller to complete before it
 * puts the next; never NULL: what is not kept goes to a place that nobody reads. */
struct sql_access *footprint_put(struct footprint_walk *w, enum sql_mode mode, enum sql_kind kind,
				 struct tree_name name);
/* An access to a part of it. A NULL part is the whole object. */
struct sql_access *footprint_part(struct footprint_walk *w, enum sql_mode mode, enum sql_kind kind,
				  struct tree_name name, enum sql_part part_kind, const char *part);
/* A copy of an access that was put, with something changed. */
struct sql_access *footprint_again(struct footprint_walk *w, const struct sql_access *access);
/* An ALTER of one property. `value` may be NULL. */
struct sql_access *footprint_alter(struct footprint_walk *w, enum sql_kind kind,
				   struct tree_name name, const char *aspect, const char *value);
/* A read, with its bond. */
struct sql_access *footprint_read(struct footprint_walk *w, enum sql_bond bond, enum sql_kind kind,
				  struct tree_name name);
/* Objects without a schema. */
static inline struct tree_name
bare_name(const char *name)
{
	return (struct tree_name){NULL, name};
}

void footprint_opaque(struct footprint_walk *w, const char *reason);
/* CREATE. `temporary`: only this session sees it, so that it is left out of the footprint. */
struct sql_access *footprint_make(struct footprint_walk *w, enum sql_kind kind,
				  struct tree_name name, bool temporary);
/* From here on the text owns what that access made, unless it may have been there before. */
void footprint_own(struct footprint_walk *w, const struct sql_access *made);
bool footprint_has_schema(enum sql_kind kind);
/* RENAME and SET SCHEMA: the old name, the new one, and what they mean for later statements.
 * new_schema or new_name NULL: stays. */
struct sql_access *footprint_rename(struct footprint_walk *w, enum sql_kind kind,
				    struct tree_name name, const char *new_schema,
				    const char *new_name);
struct sql_access *footprint_rename_part(struct footprint_walk *w, enum sql_kind kind,
					 struct tree_name name, enum sql_part part_kind,
					 const char *part, const char *new_part);
/* A role that stands in a privilege or policy; PUBLIC and CURRENT_USER are none. */
void footprint_role(struct footprint_walk *w, const PgQuery__RoleSpec *role);
/* The same of a role that becomes an owner. */
void footprint_owner(struct footprint_walk *w, const PgQuery__RoleSpec *role);
/* "tables", "sequences" …: what ALL … IN SCHEMA and default privileges are about. */
const char *footprint_class_of_objects(PgQuery__ObjectType type);
const char *footprint_role_name(struct footprint_walk *w, const PgQuery__RoleSpec *role);

/* The schema that a name stands for now, renames followed; the name follows too. */
struct tree_name footprint_resolve(struct footprint_walk *w, enum sql_kind kind,
				   struct tree_name name, bool *own, bool *temporary);
/* Where unqualified new objects go. */
const char *footprint_new_schema(const struct footprint_walk *w);

/* ---- values ---- */

/* Equal for messages that say the same, wherever they stand in the text. NULL gives "". */
const char *footprint_value(struct footprint_walk *w, const ProtobufCMessage *message);
const char *footprint_values(struct footprint_walk *w, PgQuery__Node *const *nodes, size_t count);

/* ---- what statements lean on ---- */

/* Everything that an expression or query names. `over`: the table whose columns stand bare in it,
 * or NULL. */
void footprint_expression(struct footprint_walk *w, enum sql_bond bond,
			  const PgQuery__RangeVar *over, const ProtobufCMessage *expression);
void footprint_query(struct footprint_walk *w, enum sql_bond bond, const ProtobufCMessage *query);
void footprint_type(struct footprint_walk *w, enum sql_bond bond, const PgQuery__TypeName *type);
/* A string constant of a type that may be an enum: its label. NULL is no constant. */
void footprint_label_of(struct footprint_walk *w, const PgQuery__TypeName *type,
			const char *constant);
const char *footprint_type_text(struct footprint_walk *w, const PgQuery__TypeName *type);
void footprint_column(struct footprint_walk *w, enum sql_bond bond, const PgQuery__RangeVar *table,
		      const char *column);

/* 'text' or 'text'::type; NULL for other expressions. */
const char *footprint_constant(const PgQuery__Node *n);
/* A name in a string constant: 'public.t_id_seq'. NULL, or what is no name, gives nothing. */
void footprint_regclass(struct footprint_walk *w, enum sql_bond bond, enum sql_kind kind,
			const char *text);

/* ---- objects by ObjectType and node ---- */

struct footprint_target {
	enum sql_kind kind;
	struct tree_name name;
	enum sql_part part_kind;
	const char *part;
};
enum sql_kind footprint_kind(PgQuery__ObjectType type);
/* False when it cannot be told. `object` NULL: `relation` is it. */
bool footprint_target_of(struct footprint_walk *w, PgQuery__ObjectType type,
			 const PgQuery__RangeVar *relation, const PgQuery__Node *object,
			 struct footprint_target *out);
/* The index that a dropped or renamed constraint takes along. */
void footprint_constraint_index(struct footprint_walk *w, const struct sql_access *constraint);
bool footprint_names_index(const char *constraint);
struct sql_access *footprint_put_target(struct footprint_walk *w, enum sql_mode mode,
					const struct footprint_target *target);
/* "(integer, text)"; NULL when the arguments are not written. */
const char *footprint_signature(struct footprint_walk *w, const PgQuery__ObjectWithArgs *object);
/* The type that comes and goes with a table or view. */
void footprint_row_type(struct footprint_walk *w, const struct sql_access *of);
/* footprint_rename() of a target that may be a routine with its signature. */
struct sql_access *footprint_rename_target(struct footprint_walk *w,
					   const struct footprint_target *target,
					   const char *new_schema, const char *new_name);

/* ---- families ---- */

/* The name that PostgreSQL makes: table_columns_label, cut to size. `columns` may be NULL. */
const char *footprint_server_name(struct footprint_walk *w, const char *table, const char *columns,
				  const char *label);
/* Names of columns (String or IndexElem) with `between` in between. */
const char *footprint_joined(struct footprint_walk *w, PgQuery__Node *const *names, size_t count,
			     const char *between);
struct sql_access *footprint_add_column(struct footprint_walk *w, enum sql_kind kind,
					const PgQuery__RangeVar *table,
					const PgQuery__ColumnDef *column);
void footprint_settle_column(struct footprint_walk *w, size_t from, const char *column, bool added);
/* The bound of a partition, so that two can be compared: see the definition. */
const char *footprint_bound(struct footprint_walk *w, const PgQuery__PartitionBoundSpec *bound);
void footprint_index_element(struct footprint_walk *w, const PgQuery__RangeVar *table,
			     const PgQuery__Node *element);
void footprint_conflict_target(struct footprint_walk *w, const PgQuery__RangeVar *table,
			       const PgQuery__InferClause *infer);
/* What a list of options (DefElem) names: functions, types, parsers … */
void footprint_definition(struct footprint_walk *w, PgQuery__Node *const *options, size_t count);
/* The body of the statement at hand: does it run now, or some day? */
enum plpgsql_when { PLPGSQL_NOW, PLPGSQL_LATE };
void footprint_plpgsql(struct footprint_walk *w, enum plpgsql_when when);
/* Whether the kind of statement is in the tables of handlers. */
bool footprint_knows(PgQuery__Node__NodeCase kind);

/* A column in CREATE TABLE, or in ADD COLUMN (`added`). */
void footprint_column_def(struct footprint_walk *w, const PgQuery__RangeVar *table,
			  const PgQuery__ColumnDef *column, bool added);
/* A constraint of a table. `column`: the one it was written at, or NULL. */
void footprint_constraint(struct footprint_walk *w, const PgQuery__RangeVar *table,
			  const PgQuery__Constraint *c, const char *column);

/* Handlers, by kind of statement. */
#define FOOTPRINT_DECLARE(node, fn) void fn(struct footprint_walk *w, const void *statement);
FOOTPRINT_HANDLERS(FOOTPRINT_DECLARE)
#undef FOOTPRINT_DECLARE

#endif
