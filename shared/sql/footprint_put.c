/*
 * How an access gets into a footprint: the name is resolved through search_path, renames of earlier
 * statements are undone (what was `a` and is now `b` stays `a` for whoever knows it so), objects
 * that only this session sees are left out, and what the text made itself is marked as its own.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

enum { RENAMES_LIMIT = 2000 };

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_space(enum sql_kind a, enum sql_kind b)
{
	return strcmp(sql_kind_space(a), sql_kind_space(b)) == 0;
}

bool
footprint_has_schema(enum sql_kind kind)
{
	return kind <= SQL_KIND_TS_TEMPLATE;
}

/* ---- resolving ---- */

static struct footprint_made **
bucket_of(struct footprint_walk *w, const char *name)
{
	uint32_t hash = 2166136261U;

	if (w->made == NULL)
		w->made = arena_array(w->arena, FOOTPRINT_BUCKETS, sizeof(struct footprint_made *));
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	return &w->made[hash % FOOTPRINT_BUCKETS];
}

static const struct footprint_made *
find_made(struct footprint_walk *w, enum sql_kind kind, struct tree_name name)
{
	for (const struct footprint_made *m = *bucket_of(w, name.name); m != NULL; m = m->next) {
		if (same_space(m->kind, kind) && same(m->name, name.name) &&
		    (name.schema == NULL || same(m->schema, name.schema)))
			return m;
	}
	return NULL;
}

/* Undoes the renames of this text, the last one first. */
static struct tree_name
undo_renames(const struct footprint_walk *w, enum sql_kind kind, struct tree_name name)
{
	for (const struct footprint_rename *r = w->renames; r != NULL; r = r->next) {
		if (r->part_of == NULL && same_space(r->kind, kind) && same(r->now, name.name) &&
		    same(r->now_schema, name.schema))
			name = (struct tree_name){r->schema, r->was};
		else if (r->part_of == NULL && r->kind == SQL_KIND_SCHEMA && name.schema != NULL &&
			 same(r->now, name.schema))
			name.schema = r->was;
	}
	return name;
}

static const char *
undo_part_renames(const struct footprint_walk *w, const struct sql_access *a, const char *part)
{
	for (const struct footprint_rename *r = w->renames; r != NULL; r = r->next) {
		if (r->part_of != NULL && same_space(r->kind, a->kind) && same(r->was, a->name) &&
		    same(r->schema, a->schema) && same(r->part_now, part))
			part = r->part_of;
	}
	return part;
}

const char *
footprint_new_schema(const struct footprint_walk *w)
{
	for (size_t i = 0; i < w->path_count; i++) {
		if (strcmp(w->path[i], "pg_catalog") != 0 &&
		    strcmp(w->path[i], "information_schema") != 0)
			return w->path[i];
	}
	return "public";
}

static bool
is_temporary_schema(const char *schema)
{
	return schema != NULL && strncmp(schema, "pg_temp", 7) == 0;
}

struct tree_name
footprint_resolve(struct footprint_walk *w, enum sql_kind kind, struct tree_name name, bool *own,
		  bool *temporary)
{
	const struct footprint_made *made = find_made(w, kind, name);

	*own = made != NULL && !made->temporary;
	*temporary = (made != NULL && made->temporary) || is_temporary_schema(name.schema);
	if (name.schema == NULL && made != NULL)
		name.schema = made->schema;
	if (name.schema == NULL && footprint_has_schema(kind))
		name.schema = footprint_new_schema(w);
	return undo_renames(w, kind, name);
}

/* ---- putting ---- */

static bool
is_of_the_system(const struct sql_access *a)
{
	return a->mode == SQL_MODE_READ && a->schema != NULL &&
	       (strcmp(a->schema, "pg_catalog") == 0 ||
		strcmp(a->schema, "information_schema") == 0);
}

/* Where accesses go that nobody needs. */
static struct sql_access *
nowhere(struct footprint_walk *w)
{
	return arena_new(w->arena, struct sql_access);
}

static struct sql_access *
append(struct footprint_walk *w, struct sql_access *access)
{
	struct sql_footprint *out = w->out;

	if (w->late && access->mode != SQL_MODE_READ) {
		access->mode = SQL_MODE_READ;
		access->bond = SQL_BOND_LATE;
	}
	if (is_of_the_system(access))
		return nowhere(w);
	if (out->count >= SQL_FOOTPRINT_LIMIT) {
		footprint_opaque(w, "it touches more than a footprint can hold");
		return nowhere(w);
	}
	out->items = arena_grow(w->arena, out->items, out->count, &out->cap, sizeof(*out->items));
	out->items[out->count] = *access;
	return &out->items[out->count++];
}

struct sql_access *
footprint_part(struct footprint_walk *w, enum sql_mode mode, enum sql_kind kind,
	       struct tree_name name, enum sql_part part_kind, const char *part)
{
	struct sql_access a = {
		.kind = kind,
		.mode = mode,
		.statement = w->statement,
		.line = w->line,
	};
	bool temporary;

	if (name.name == NULL)
		return nowhere(w);
	struct tree_name real = footprint_resolve(w, kind, name, &a.own, &temporary);
	if (temporary)
		return nowhere(w);
	a.schema = arena_str(w->arena, real.schema);
	a.name = arena_str(w->arena, real.name);
	if (part != NULL) {
		a.part_kind = part_kind;
		a.part = arena_str(w->arena, undo_part_renames(w, &a, part));
	}
	return append(w, &a);
}

struct sql_access *
footprint_put(struct footprint_walk *w, enum sql_mode mode, enum sql_kind kind,
	      struct tree_name name)
{
	return footprint_part(w, mode, kind, name, SQL_PART_NONE, NULL);
}

/* Once more, with something changed: the names are resolved already. */
struct sql_access *
footprint_again(struct footprint_walk *w, const struct sql_access *access)
{
	struct sql_access a = *access;

	return append(w, &a);
}

struct sql_access *
footprint_alter(struct footprint_walk *w, enum sql_kind kind, struct tree_name name,
		const char *aspect, const char *value)
{
	struct sql_access *a = footprint_put(w, SQL_MODE_ALTER, kind, name);

	a->aspect = aspect;
	a->value = arena_str(w->arena, value);
	return a;
}

struct sql_access *
footprint_read(struct footprint_walk *w, enum sql_bond bond, enum sql_kind kind,
	       struct tree_name name)
{
	struct sql_access *a = footprint_put(w, SQL_MODE_READ, kind, name);

	a->bond = w->late ? SQL_BOND_LATE : bond;
	return a;
}

void
footprint_opaque(struct footprint_walk *w, const char *reason)
{
	struct sql_footprint *out = w->out;

	for (size_t i = out->opaque_count; i-- > 0 && out->opaques[i].statement == w->statement;) {
		if (strcmp(out->opaques[i].reason, reason) == 0)
			return;
	}
	out->opaques = arena_grow(w->arena, out->opaques, out->opaque_count, &out->opaque_cap,
				  sizeof(*out->opaques));
	out->opaques[out->opaque_count++] = (struct sql_opaque){
		.reason = arena_str(w->arena, reason),
		.statement = w->statement,
		.line = w->line,
	};
	out->opaque = true;
}

/* ---- what the text makes and renames ---- */

static void
remember_made(struct footprint_walk *w, enum sql_kind kind, struct tree_name name, bool temporary)
{
	struct footprint_made *m = arena_new(w->arena, struct footprint_made);

	*m = (struct footprint_made){
		.kind = kind,
		.schema = arena_str(w->arena, name.schema),
		.name = arena_str(w->arena, name.name),
		.temporary = temporary,
		.next = *bucket_of(w, name.name),
	};
	*bucket_of(w, name.name) = m;
}

/* New objects get the default privileges that stand at that moment. */
static void
put_default_privileges(struct footprint_walk *w, enum sql_kind kind, const char *schema)
{
	static const char *const classes[SQL_KIND_COUNT] = {
		[SQL_KIND_TABLE] = "tables",
		[SQL_KIND_VIEW] = "tables",
		[SQL_KIND_MATERIALIZED_VIEW] = "tables",
		[SQL_KIND_FOREIGN_TABLE] = "tables",
		[SQL_KIND_SEQUENCE] = "sequences",
		[SQL_KIND_FUNCTION] = "routines",
		[SQL_KIND_PROCEDURE] = "routines",
		[SQL_KIND_AGGREGATE] = "routines",
		[SQL_KIND_TYPE] = "types",
		[SQL_KIND_DOMAIN] = "types",
		[SQL_KIND_SCHEMA] = "schemas",
	};

	for (int global = schema == NULL; classes[kind] != NULL && global < 2; global++) {
		struct sql_access *a =
			footprint_read(w, SQL_BOND_COPY, SQL_KIND_DEFAULT_PRIVILEGES,
				       (struct tree_name){global ? NULL : schema, classes[kind]});
		a->implied = true;
	}
}

struct sql_access *
footprint_make(struct footprint_walk *w, enum sql_kind kind, struct tree_name name, bool temporary)
{
	struct sql_access *a;

	if (name.name == NULL)
		return nowhere(w);
	if (temporary || is_temporary_schema(name.schema)) {
		remember_made(w, kind, (struct tree_name){"pg_temp", name.name}, true);
		return nowhere(w);
	}
	if (name.schema == NULL && footprint_has_schema(kind))
		name.schema = footprint_new_schema(w);
	put_default_privileges(w, kind, name.schema);
	a = footprint_put(w, SQL_MODE_CREATE, kind, name);
	a->own = false;
	return a;
}

void
footprint_own(struct footprint_walk *w, const struct sql_access *made)
{
	if (made->name != NULL && !made->tolerant && !w->late)
		remember_made(w, made->kind, (struct tree_name){made->schema, made->name}, false);
}

static void
remember_rename(struct footprint_walk *w, struct footprint_rename rename)
{
	struct footprint_rename *r = arena_new(w->arena, struct footprint_rename);

	if (w->late)
		return;
	if (++w->rename_count > RENAMES_LIMIT) {
		footprint_opaque(w, "so many renames are not followed");
		return;
	}
	rename.next = w->renames;
	*r = rename;
	w->renames = r;
}

struct sql_access *
footprint_rename(struct footprint_walk *w, enum sql_kind kind, struct tree_name name,
		 const char *new_schema, const char *new_name)
{
	size_t at = w->out->count;
	struct sql_access *from = footprint_put(w, SQL_MODE_RENAME, kind, name);
	bool own, temporary;
	struct tree_name was = footprint_resolve(w, kind, name, &own, &temporary);
	struct tree_name now = {name.schema != NULL ? name.schema : was.schema, name.name};

	if (w->out->count == at)
		return from;
	if (new_schema != NULL)
		now.schema = new_schema;
	if (new_name != NULL)
		now.name = new_name;
	from->aspect = new_schema != NULL ? "schema" : "name";
	from->value = arena_str(w->arena, new_schema != NULL ? new_schema : new_name);
	struct sql_access *to = footprint_put(w, SQL_MODE_CREATE, kind, now);
	to->implied = true;
	remember_rename(w, (struct footprint_rename){
				   .kind = kind,
				   .schema = arena_str(w->arena, was.schema),
				   .was = arena_str(w->arena, was.name),
				   .now_schema = arena_str(w->arena, now.schema),
				   .now = arena_str(w->arena, now.name),
			   });
	return &w->out->items[at]; /* the second may have moved the first */
}

struct sql_access *
footprint_rename_part(struct footprint_walk *w, enum sql_kind kind, struct tree_name name,
		      enum sql_part part_kind, const char *part, const char *new_part)
{
	size_t at = w->out->count;
	struct sql_access *from = footprint_part(w, SQL_MODE_RENAME, kind, name, part_kind, part);
	bool own, temporary;
	struct tree_name was = footprint_resolve(w, kind, name, &own, &temporary);

	if (w->out->count == at)
		return from;
	from->aspect = "name";
	from->value = arena_str(w->arena, new_part);
	const char *old = from->part;
	struct sql_access *to = footprint_part(w, SQL_MODE_EXTEND, kind, name, part_kind, new_part);
	to->implied = true;
	remember_rename(w, (struct footprint_rename){
				   .kind = kind,
				   .schema = arena_str(w->arena, was.schema),
				   .was = arena_str(w->arena, was.name),
				   .part_of = old,
				   .part_now = arena_str(w->arena, new_part),
			   });
	return &w->out->items[at];
}

/* ---- roles ---- */

const char *
footprint_role_name(struct footprint_walk *w, const PgQuery__RoleSpec *role)
{
	if (role == NULL)
		return NULL;
	switch (role->roletype) {
	case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING:
		return tree_text(role->rolename);
	case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC:
		return "public";
	default:
		return w->user != NULL ? w->user : "current_user";
	}
}

void
footprint_role(struct footprint_walk *w, const PgQuery__RoleSpec *role)
{
	if (role != NULL && role->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROLE, bare_name(role->rolename));
}

void
footprint_owner(struct footprint_walk *w, const PgQuery__RoleSpec *role)
{
	if (role != NULL && role->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROLE, bare_name(role->rolename))->aspect =
			"owner";
}

/* ---- values ---- */

const char *
footprint_value(struct footprint_walk *w, const ProtobufCMessage *message)
{
	if (message == NULL)
		return "";
	return arena_printf(w->arena, "%016llx", (unsigned long long)sql_tree_hash(message));
}

const char *
footprint_values(struct footprint_walk *w, PgQuery__Node *const *nodes, size_t count)
{
	uint64_t hash = count;

	for (size_t i = 0; i < count; i++)
		hash = hash * UINT64_C(0x9e3779b97f4a7c15) + sql_tree_hash(&nodes[i]->base);
	return arena_printf(w->arena, "%016llx", (unsigned long long)hash);
}
