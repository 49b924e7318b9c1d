#ifndef CONFITURE_SQL_EFFECTS_SINK_H
#define CONFITURE_SQL_EFFECTS_SINK_H

#include "shared/sql/effects_forms.h"
#include "shared/sql/tree.h"

/* Inside the effects: what the parts that know one family of statements work with. */

struct effect_sink {
	struct arena *arena;
	struct sql_effects *out;
};

/* What a form is about. */
struct effect_of {
	struct tree_name self;
	struct tree_name other; /* a second relation that is named, … */
	enum sql_role as; /* … which the rules of this role are about; NULL name: there is none */
	bool only;	  /* ONLY was written: not its partitions and children */
	bool may_lack;	  /* IF EXISTS and the like: perhaps nothing happens */
	bool may_be_done; /* the lock is taken, but perhaps there is nothing to do */
};

/* The effects of a form, added to what is there: of two locks on one relation the stronger stays.
 */
void effect_put(struct effect_sink *sink, enum sql_form_id form, const struct effect_of *of);
/* Of a table and nothing else. */
void effect_put_table(struct effect_sink *sink, enum sql_form_id form,
		      const PgQuery__RangeVar *table);
/* LOCK TABLE: the form has no lock of its own. */
void effect_put_lock(struct effect_sink *sink, const struct effect_of *of, enum sql_lock lock);

struct effect_of effect_of_table(const PgQuery__RangeVar *table);

/* Whatever is read, written and called below `top`. `reading` is the form of what is read: SELECT,
 * CREATE_AS or DEFINED_OVER. */
void effect_query(struct effect_sink *sink, const ProtobufCMessage *top, enum sql_form_id reading);

void effect_alter_table(struct effect_sink *sink, const PgQuery__AlterTableStmt *st);
void effect_create_table(struct effect_sink *sink, const PgQuery__CreateStmt *st);
void effect_drop(struct effect_sink *sink, const PgQuery__DropStmt *st);
void effect_rename(struct effect_sink *sink, const PgQuery__RenameStmt *st);
/* ALTER … OWNER TO, SET SCHEMA, DEPENDS ON EXTENSION: of relations `form`, of others what there is
 * to say. */
void effect_property(struct effect_sink *sink, enum sql_form_id form, PgQuery__ObjectType type,
		     const PgQuery__RangeVar *relation, const PgQuery__Node *object);
/* COMMENT and SECURITY LABEL. */
void effect_comment(struct effect_sink *sink, PgQuery__ObjectType type,
		    const PgQuery__Node *object);
/* VACUUM, ANALYZE, CLUSTER, REINDEX, LOCK, TRUNCATE, REFRESH; false: none of them. */
bool effect_care(struct effect_sink *sink, const PgQuery__Node *n);

/* Whether a value that calls it is computed anew for each row. */
enum sql_certainty effect_is_volatile(const PgQuery__Node *expression);
/* serial and its kin; NULL is none. */
bool effect_is_serial(const PgQuery__TypeName *type);

#endif
