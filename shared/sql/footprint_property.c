/*
 * What every kind of object has: a comment, an owner, a label, a schema to live in, an extension to
 * go with.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

static void
set_property(struct footprint_walk *w, const struct footprint_target *t, const char *aspect,
	     const char *value)
{
	struct sql_access *a = footprint_put_target(w, SQL_MODE_ALTER, t);

	a->aspect = aspect;
	a->value = arena_str(w->arena, value);
}

void
footprint_comment(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CommentStmt *st = statement;
	struct footprint_target t;

	if (footprint_target_of(w, st->objtype, NULL, st->object, &t))
		set_property(w, &t, "comment", st->comment != NULL ? st->comment : "");
	else
		footprint_opaque(w, "it comments on something that is not known");
}

void
footprint_label(struct footprint_walk *w, const void *statement)
{
	const PgQuery__SecLabelStmt *st = statement;
	struct footprint_target t;

	if (footprint_target_of(w, st->objtype, NULL, st->object, &t))
		set_property(w, &t,
			     arena_printf(w->arena, "label %s",
					  st->provider != NULL ? st->provider : ""),
			     st->label != NULL ? st->label : "");
	else
		footprint_opaque(w, "it labels something that is not known");
}

void
footprint_alter_owner(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterOwnerStmt *st = statement;
	struct footprint_target t;

	if (!footprint_target_of(w, st->object_type, st->relation, st->object, &t)) {
		footprint_opaque(w, "it gives something that is not known another owner");
		return;
	}
	set_property(w, &t, "owner", footprint_role_name(w, st->newowner));
	footprint_owner(w, st->newowner);
}

void
footprint_alter_schema(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterObjectSchemaStmt *st = statement;
	struct footprint_target t;

	if (!footprint_target_of(w, st->object_type, st->relation, st->object, &t)) {
		footprint_opaque(w, "it moves something that is not known");
		return;
	}
	if (t.kind == SQL_KIND_EXTENSION) {
		set_property(w, &t, "schema", st->newschema);
	} else {
		footprint_rename_target(w, &t, st->newschema, NULL)->tolerant = st->missing_ok;
	}
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SCHEMA, bare_name(st->newschema));
}

void
footprint_depends(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterObjectDependsStmt *st = statement;
	const char *extension = st->extname != NULL ? st->extname->sval : NULL;
	struct footprint_target t;

	if (!footprint_target_of(w, st->object_type, st->relation, st->object, &t) ||
	    extension == NULL) {
		footprint_opaque(w, "it ties something that is not known to an extension");
		return;
	}
	set_property(w, &t, arena_printf(w->arena, "depends on extension %s", extension),
		     st->remove ? "no" : "yes");
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_EXTENSION, bare_name(extension));
}
