/*
 * Privileges, roles and what they own. A privilege is an aspect of its object, "SELECT for bob",
 * and its value says whether it is given or taken.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

static const char *
upper(struct footprint_walk *w, const char *word)
{
	char *text = arena_str(w->arena, word);

	for (char *c = text; *c != '\0'; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c;
	return text;
}

static const char *
role_of(struct footprint_walk *w, const PgQuery__Node *n)
{
	if (n->node_case == N(ROLE_SPEC))
		return footprint_role_name(w, n->role_spec);
	if (n->node_case == N(ACCESS_PRIV))
		return tree_text(n->access_priv->priv_name);
	return NULL;
}

/* ---- GRANT and REVOKE on objects ---- */

struct grant {
	struct footprint_walk *w;
	const PgQuery__GrantStmt *st;
	struct footprint_target target;
	const char *value;
	const char *by; /* of default privileges: whose objects; else "" */
};

static const char *
grant_value(const PgQuery__GrantStmt *st)
{
	if (st->is_grant)
		return st->grant_option ? "given with grant option" : "given";
	return st->grant_option ? "grant option taken" : "taken";
}

static void
put_privilege(const struct grant *g, const char *privilege, const char *grantee, const char *column)
{
	struct footprint_target t = g->target;
	struct sql_access *a;

	if (column != NULL) {
		t.part_kind = SQL_PART_COLUMN;
		t.part = column;
	}
	a = footprint_put_target(g->w, SQL_MODE_GRANT, &t);
	a->aspect =
		arena_printf(g->w->arena, "%s for %s%s", upper(g->w, privilege), grantee, g->by);
	a->value = g->value;
	a->cascade = g->st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
}

static void
put_for_grantee(const struct grant *g, const char *grantee)
{
	if (g->st->n_privileges == 0)
		put_privilege(g, "ALL", grantee, NULL);
	for (size_t i = 0; i < g->st->n_privileges; i++) {
		const PgQuery__Node *n = g->st->privileges[i];
		if (n->node_case != N(ACCESS_PRIV))
			continue;
		const char *name = tree_text(n->access_priv->priv_name);
		if (name == NULL)
			name = "ALL";
		for (size_t c = 0; c < n->access_priv->n_cols; c++)
			put_privilege(g, name, grantee, tree_string(n->access_priv->cols[c]));
		if (n->access_priv->n_cols == 0)
			put_privilege(g, name, grantee, NULL);
	}
}

static void
put_grantees(const struct grant *g)
{
	for (size_t i = 0; i < g->st->n_grantees; i++) {
		const char *grantee = role_of(g->w, g->st->grantees[i]);
		if (grantee == NULL)
			continue;
		put_for_grantee(g, grantee);
		if (g->st->grantees[i]->node_case == N(ROLE_SPEC))
			footprint_role(g->w, g->st->grantees[i]->role_spec);
	}
}

/* "tables", "sequences" …: what ALL … IN SCHEMA and default privileges are about. */
const char *
footprint_class_of_objects(PgQuery__ObjectType type)
{
	switch (type) {
	case O(SEQUENCE):
		return "sequences";
	case O(FUNCTION):
	case O(PROCEDURE):
	case O(ROUTINE):
		return "routines";
	case O(TYPE):
		return "types";
	case O(SCHEMA):
		return "schemas";
	default:
		return "tables";
	}
}

static bool
grant_target(struct grant *g, const PgQuery__Node *object)
{
	if (g->st->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA) {
		g->target = (struct footprint_target){
			.kind = SQL_KIND_SCHEMA,
			.name = bare_name(tree_string(object)),
			.part_kind = SQL_PART_MEMBER,
			.part = footprint_class_of_objects(g->st->objtype),
		};
		return g->target.name.name != NULL;
	}
	if (object->node_case == N(INTEGER)) {
		g->target.kind = SQL_KIND_LARGE_OBJECT;
		g->target.name =
			bare_name(arena_printf(g->w->arena, "%d", (int)object->integer->ival));
		return true;
	}
	return footprint_target_of(g->w, g->st->objtype, NULL, object, &g->target);
}

void
footprint_grant(struct footprint_walk *w, const void *statement)
{
	const PgQuery__GrantStmt *st = statement;
	struct grant g = {.w = w, .st = st, .value = grant_value(st), .by = ""};

	for (size_t i = 0; i < st->n_objects; i++) {
		if (grant_target(&g, st->objects[i]))
			put_grantees(&g);
		else
			footprint_opaque(w, "it grants on something that is not known");
	}
}

/* ---- default privileges ---- */

struct default_privileges {
	PgQuery__Node *const *schemas, *const *roles;
	size_t schema_count, role_count;
};

static void
read_options(struct footprint_walk *w, const PgQuery__AlterDefaultPrivilegesStmt *st,
	     struct default_privileges *out)
{
	const PgQuery__DefElem *e = tree_option(st->options, st->n_options, "schemas");

	(void)w;
	*out = (struct default_privileges){0};
	if (e != NULL && e->arg != NULL && e->arg->node_case == N(LIST)) {
		out->schemas = e->arg->list->items;
		out->schema_count = e->arg->list->n_items;
	}
	e = tree_option(st->options, st->n_options, "roles");
	if (e != NULL && e->arg != NULL && e->arg->node_case == N(LIST)) {
		out->roles = e->arg->list->items;
		out->role_count = e->arg->list->n_items;
	}
}

void
footprint_default_privileges(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterDefaultPrivilegesStmt *st = statement;
	struct default_privileges d;

	if (st->action == NULL)
		return;
	read_options(w, st, &d);
	for (size_t r = 0; r < d.role_count + (d.role_count == 0); r++) {
		const char *role = d.role_count > 0 ? role_of(w, d.roles[r]) : NULL;
		if (d.role_count > 0 && d.roles[r]->node_case == N(ROLE_SPEC))
			footprint_role(w, d.roles[r]->role_spec);
		for (size_t s = 0; s < d.schema_count + (d.schema_count == 0); s++) {
			struct grant g = {
				.w = w, .st = st->action, .value = grant_value(st->action)};
			g.by = role != NULL ? arena_printf(w->arena, " from %s", role) : "";
			g.target.kind = SQL_KIND_DEFAULT_PRIVILEGES;
			g.target.name = (struct tree_name){
				d.schema_count > 0 ? tree_string(d.schemas[s]) : NULL,
				footprint_class_of_objects(st->action->objtype),
			};
			put_grantees(&g);
		}
	}
}

/* ---- membership ---- */

void
footprint_grant_role(struct footprint_walk *w, const void *statement)
{
	const PgQuery__GrantRoleStmt *st = statement;

	for (size_t i = 0; i < st->n_granted_roles; i++) {
		const char *role = role_of(w, st->granted_roles[i]);
		for (size_t j = 0; role != NULL && j < st->n_grantee_roles; j++) {
			const char *member = role_of(w, st->grantee_roles[j]);
			if (member == NULL)
				continue;
			struct sql_access *a =
				footprint_put(w, SQL_MODE_GRANT, SQL_KIND_ROLE, bare_name(role));
			a->aspect = arena_printf(w->arena, "membership for %s", member);
			a->value = st->is_grant
					   ? (st->admin_opt ? "given with grant option" : "given")
					   : (st->admin_opt ? "grant option taken" : "taken");
			footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROLE, bare_name(member));
		}
	}
}

/* ---- roles ---- */

static void
put_role_options(struct footprint_walk *w, const char *role, PgQuery__Node *const *options,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = options[i]->def_elem;
		/* a password is nobody's business: equal or not, it is never kept */
		bool secret = strcmp(e->defname, "password") == 0;
		footprint_alter(w, SQL_KIND_ROLE, bare_name(role),
				arena_printf(w->arena, "option %s", e->defname),
				secret || e->arg == NULL ? NULL
							 : footprint_value(w, &e->arg->base));
	}
}

void
footprint_create_role(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateRoleStmt *st = statement;

	footprint_own(w, footprint_make(w, SQL_KIND_ROLE, bare_name(st->role), false));
	for (size_t i = 0; i < st->n_options; i++) {
		const PgQuery__Node *n = st->options[i];
		if (n->node_case != N(DEF_ELEM) || n->def_elem->arg == NULL ||
		    n->def_elem->arg->node_case != N(LIST))
			continue;
		for (size_t r = 0; r < n->def_elem->arg->list->n_items; r++) {
			const char *other = role_of(w, n->def_elem->arg->list->items[r]);
			if (other != NULL)
				footprint_read(w, SQL_BOND_FIRM, SQL_KIND_ROLE, bare_name(other));
		}
	}
}

void
footprint_alter_role(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterRoleStmt *st = statement;

	put_role_options(w, footprint_role_name(w, st->role), st->options, st->n_options);
}

void
footprint_alter_role_set(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterRoleSetStmt *st = statement;
	const char *role = st->role != NULL ? footprint_role_name(w, st->role) : "all";

	if (st->setstmt == NULL)
		return;
	footprint_alter(w, SQL_KIND_ROLE, bare_name(role),
			arena_printf(w->arena, "setting %s in %s", st->setstmt->name,
				     tree_text(st->database) != NULL ? st->database : "all"),
			footprint_values(w, st->setstmt->args, st->setstmt->n_args));
}

void
footprint_drop_role(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropRoleStmt *st = statement;

	for (size_t i = 0; i < st->n_roles; i++) {
		const char *role = role_of(w, st->roles[i]);
		if (role != NULL)
			footprint_put(w, SQL_MODE_DROP, SQL_KIND_ROLE, bare_name(role))->tolerant =
				st->missing_ok;
	}
}

/* ---- what roles own ---- */

void
footprint_drop_owned(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropOwnedStmt *st = statement;

	footprint_opaque(w, "it drops whatever a role owns");
	for (size_t i = 0; i < st->n_roles; i++) {
		const char *role = role_of(w, st->roles[i]);
		if (role == NULL)
			continue;
		struct sql_access *a = footprint_part(w, SQL_MODE_DROP, SQL_KIND_ROLE,
						      bare_name(role), SQL_PART_MEMBER, "*");
		a->cascade = st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
		a->tolerant = true;
		a->aspect = "owned";
	}
}

void
footprint_reassign_owned(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ReassignOwnedStmt *st = statement;

	footprint_opaque(w, "it gives away whatever a role owns");
	for (size_t i = 0; i < st->n_roles; i++) {
		const char *role = role_of(w, st->roles[i]);
		if (role != NULL)
			footprint_alter(w, SQL_KIND_ROLE, bare_name(role), "owned",
					footprint_role_name(w, st->newrole));
	}
	footprint_owner(w, st->newrole);
}
