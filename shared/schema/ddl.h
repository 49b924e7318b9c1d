#ifndef CONFITURE_SCHEMA_DDL_H
#define CONFITURE_SCHEMA_DDL_H

#include <string.h>

#include "shared/base/text.h"
#include "shared/schema/plan.h"

/*
 * How an object is made, changed and dropped: three functions a kind, in ddl_<group>.c, and one
 * table of them (ddl.c). They write statements; in which order those run is plan.c's.
 */
struct ddl {
	struct arena *arena;
	const struct schema_model *from, *to;
	bool online;
	const bool *made; /* of new objects: made, or made anew; NULL while that is not known */
	struct schema_statement *items;
	size_t count, cap;
	/* what the statements are about, and whether its table is in use */
	enum schema_kind kind;
	const char *address, *action;
	bool in_use;
	bool detached; /* its table is no partition or heir any more: nothing goes by itself */
	bool attached; /* its table becomes a partition or heir later on: it must bring what that
			  asks */
	/* Materialized views are filled at the end: what their functions call is there then. */
	bool fill_later;
	const char **to_fill;
	size_t fill_count, fill_cap;
};

struct ddl_kind {
	void (*create)(struct ddl *d, const struct schema_object *o);
	/* False: it cannot be changed, only made anew; nothing was written. Common attributes are
	 * not its matter. NULL: nothing of it can be changed. */
	bool (*alter)(struct ddl *d, const struct schema_change *c);
	void (*drop)(struct ddl *d, const struct schema_object *o); /* NULL: DROP KEYWORD address */
};

const struct ddl_kind *ddl_kind(enum schema_kind kind);

/* The major version of the server that runs the statements; of one that is not known, the newest.
 */
int ddl_server(const struct ddl *d);
/* What the statements that follow are about. */
void ddl_about(struct ddl *d, const struct schema_object *o, const char *action);
/* With its common attributes. */
void ddl_create(struct ddl *d, const struct schema_object *o);
bool ddl_alter(struct ddl *d, const struct schema_change *c);
void ddl_drop(struct ddl *d, const struct schema_object *o);
/* Owner, privileges, comment and labels of what was just made. */
void ddl_finish(struct ddl *d, const struct schema_object *o);

/* ---- writing ---- */
struct schema_statement *ddl_put(struct ddl *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *ddl_say(struct ddl *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* SQL with expressions as the server prints them, said so that it prints the same again. */
const char *ddl_expression(struct arena *arena, const char *sql);
/* 'text' with its quotes doubled */
const char *ddl_literal(struct ddl *d, const char *s);
/* "name" in quotes, whether it needs them or not */
const char *ddl_name(struct ddl *d, const char *s);
/* The bare name of a part, quoted as the server would: it stands in the address. */
const char *ddl_own_name(struct ddl *d, const struct schema_object *o);
/* Bytes up to `stop` or the end; one within quotes, of a name or a text, does not stop. */
size_t ddl_until(const char *s, char stop);
/* The lines of a LINES value; NULL has none. */
size_t ddl_lines(struct ddl *d, const char *value, const char ***out);
/* Joined; "" for NULL. */
const char *ddl_join(struct ddl *d, const char *lines, const char *between);
bool ddl_has_line(const char *value, const char *line, size_t len);
/* TABLE, FOREIGN TABLE, PROCEDURE …: the keyword that fits the object. */
const char *ddl_keyword(const struct schema_object *o);
/* SET (…) and RESET (…) that take one list of options to another, or NULL. */
const char *ddl_options_set(struct ddl *d, const char *before, const char *after,
			    const char *prefix);
const char *ddl_options_reset(struct ddl *d, const char *before, const char *after,
			      const char *prefix);
/* OPTIONS (ADD …, SET …, DROP …) of foreign objects. */
const char *ddl_foreign_options(struct ddl *d, const char *before, const char *after);

static inline bool
ddl_same(const struct schema_change *c, size_t place)
{
	return c->before->values[place] == c->after->values[place];
}

/* Whether some attribute besides the common ones and those of the list (ended by 0) differs. */
bool ddl_others(const struct schema_change *c, const size_t *but);

/* ---- ddl_acl.c ---- */
void ddl_privileges_create(struct ddl *d, const struct schema_object *o);
void ddl_privileges_drop(struct ddl *d, const struct schema_object *o);
void ddl_privileges_alter(struct ddl *d, const struct schema_change *c);

/* ---- ddl_column.c ---- */
/* A column as it stands in CREATE TABLE. */
const char *ddl_column_words(struct ddl *d, const struct schema_object *o, bool with_default);
/* The type gives a typed table's column its name and type, and nothing else. */
void ddl_column_typed(struct ddl *d, const struct schema_object *column);
/* What CREATE TABLE has no words for. */
void ddl_column_extras(struct ddl *d, const struct schema_object *o);
/* `another`: the type is one made anew under the old name, between which there is no cast. */
void ddl_column_retype(struct ddl *d, const struct schema_object *before,
		       const struct schema_object *after, bool another);
/* Its type changes with another column's, and needs no statement. */
bool ddl_column_follows(struct ddl *d, const struct schema_object *before,
			const struct schema_object *after);
void ddl_column_unset_default(struct ddl *d, const struct schema_object *o);
void ddl_column_set_default(struct ddl *d, const struct schema_object *o);

/* The columns of a table or type in their order, NULL-terminated. */
const struct schema_object **ddl_columns_of(struct ddl *d, const struct schema_model *m,
					    const struct schema_object *whole);

/* ---- ddl_table.c, ddl_constraint.c: what waits until other things are there ---- */
bool ddl_default_comes_later(const struct ddl *d, const struct schema_object *column);
bool ddl_table_has_late(const struct schema_object *before, const struct schema_object *after);
/* Whether they name an index (or that of a key) which is among the `made`: by place in `to`. */
bool ddl_table_names_made(struct ddl *d, const struct schema_object *o, const bool *made);
/* `again`: what they name is another index than before, under the old name. */
void ddl_table_late(struct ddl *d, const struct schema_object *before,
		    const struct schema_object *after, bool again);
/* To and from what it is a partition of or inherits from; `before` NULL: it was just made, with its
 * parents unless it is a partition. */
void ddl_table_attach(struct ddl *d, const struct schema_object *before,
		      const struct schema_object *after);
void ddl_table_detach(struct ddl *d, const struct schema_object *before,
		      const struct schema_object *after);
void ddl_constraint_attach(struct ddl *d, const struct schema_object *o);
/* Whether the new index can be built while the old one serves; and doing so, common attributes with
 * it. */
bool ddl_index_can_swap(const struct ddl *d, const struct schema_object *before,
			const struct schema_object *after);
void ddl_index_swap(struct ddl *d, const struct schema_object *before,
		    const struct schema_object *after);
void ddl_index_attach(struct ddl *d, const struct schema_object *o);
/* ---- ddl_heir.c ---- */
bool ddl_has_heirs(const struct ddl *d, const char *table);
/* A table that it inherits from before and after, and that is the same one. */
bool ddl_parent_stays(const struct ddl *d, const struct schema_object *before,
		      const struct schema_object *after, const char *parent);
/* A column or constraint that is inherited is made, altered and dropped with the parent's, unless
 * its table comes to that parent later, or has left it. */
bool ddl_follows_parent(struct ddl *d, const struct schema_object *o);
bool ddl_goes_with_parent(struct ddl *d, const struct schema_object *o);
/* The table by which what is new comes to an heir that comes to its parents later; NULL: none. */
const char *ddl_heir_helper(struct ddl *d, const struct schema_object *o);
bool ddl_heir_has_helper(struct ddl *d, const struct schema_object *before,
			 const struct schema_object *after);
void ddl_heir_help(struct ddl *d, const struct schema_object *before);
void ddl_heir_let_go(struct ddl *d, const struct schema_object *before);

/* ---- ddl_typed.c ---- */
/* The type that it has its columns from is the same before and after, or there is none. */
bool ddl_keeps_type(const struct ddl *d, const struct schema_object *before,
		    const struct schema_object *after);
/* The type whose attributes a table's column follows; NULL: none. */
const char *ddl_type_of_column(const struct ddl *d, const struct schema_object *o);
bool ddl_has_typed_tables(const struct ddl *d, const char *type);
/* Whether a table that stays will have its columns in the order of the type that it comes to. */
bool ddl_fits_type(const struct ddl *d, const struct schema_object *after);

/* ---- ddl_type.c ---- */
/* A type that is made anew steps aside under this name until nothing uses it. */
void ddl_type_step_aside(struct ddl *d, const struct schema_object *o);
void ddl_type_drop_aside(struct ddl *d, const struct schema_object *o);
/* What it publishes, said once more: a table of it was made anew. */
void ddl_publication_again(struct ddl *d, const struct schema_object *o);
bool ddl_out_of_range(const char *start, const char *minimum, const char *maximum);
void ddl_sequence_owned(struct ddl *d, const struct schema_object *o);
void ddl_base_type_shell(struct ddl *d, const struct schema_object *o);

/* What the table in ddl.c names; a kind that is never altered, or dropped by its keyword alone, has
 * no such function. */
#define KIND_FUNCTIONS(kind)                                                                       \
	void ddl_##kind##_create(struct ddl *d, const struct schema_object *o);                    \
	bool ddl_##kind##_alter(struct ddl *d, const struct schema_change *c);                     \
	void ddl_##kind##_drop(struct ddl *d, const struct schema_object *o);
#define KIND_DECLARE(kind, keyword, what) KIND_FUNCTIONS(kind)
SCHEMA_KINDS(KIND_DECLARE)
#undef KIND_DECLARE
#undef KIND_FUNCTIONS

#endif
