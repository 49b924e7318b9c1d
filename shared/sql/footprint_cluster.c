/*
 * What lies beside or above the schemas of one database: extensions, publications, subscriptions,
 * foreign servers, tablespaces, databases, settings of the server.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

static struct sql_access *
make(struct footprint_walk *w, enum sql_kind kind, const char *name, const char *value)
{
	struct sql_access *a = footprint_make(w, kind, bare_name(name), false);

	a->value = value;
	footprint_own(w, a);
	return a;
}

static void
drop(struct footprint_walk *w, enum sql_kind kind, const char *name, bool missing_ok)
{
	footprint_put(w, SQL_MODE_DROP, kind, bare_name(name))->tolerant = missing_ok;
}

static void
put_options(struct footprint_walk *w, enum sql_kind kind, const char *name,
	    PgQuery__Node *const *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (options[i]->node_case != N(DEF_ELEM))
			continue;
		const PgQuery__DefElem *e = options[i]->def_elem;
		footprint_alter(
			w, kind, bare_name(name), arena_printf(w->arena, "option %s", e->defname),
			arena_printf(w->arena, "%d %s", (int)e->defaction,
				     e->arg != NULL ? footprint_value(w, &e->arg->base) : ""));
	}
}

/* ---- extensions ---- */

void
footprint_create_extension(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateExtensionStmt *st = statement;
	const PgQuery__DefElem *schema = tree_option(st->options, st->n_options, "schema");

	struct sql_access *a = footprint_make(w, SQL_KIND_EXTENSION, bare_name(st->extname), false);
	a->tolerant = st->if_not_exists;
	a->value = footprint_values(w, st->options, st->n_options);
	footprint_own(w, a);
	if (schema != NULL && tree_string(schema->arg) != NULL)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SCHEMA,
			       bare_name(tree_string(schema->arg)));
}

void
footprint_alter_extension(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterExtensionStmt *st = statement;

	footprint_alter(w, SQL_KIND_EXTENSION, bare_name(st->extname), "version",
			footprint_values(w, st->options, st->n_options));
}

void
footprint_alter_extension_contents(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterExtensionContentsStmt *st = statement;
	struct footprint_target t;
	struct sql_access *a;

	if (!footprint_target_of(w, st->objtype, NULL, st->object, &t)) {
		footprint_opaque(w, "it adds something that is not known to an extension");
		return;
	}
	a = footprint_put_target(w, SQL_MODE_ALTER, &t);
	a->aspect = "extension";
	a->value = arena_printf(w->arena, "%d %s", (int)st->action, st->extname);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_EXTENSION, bare_name(st->extname));
}

/* ---- publications and subscriptions ---- */

static void
put_publication_table(struct footprint_walk *w, const PgQuery__PublicationTable *t)
{
	footprint_read(w, SQL_BOND_KEY, SQL_KIND_TABLE, tree_name_of_table(t->relation));
	if (t->where_clause != NULL)
		footprint_expression(w, SQL_BOND_FIRM, t->relation, &t->where_clause->base);
	for (size_t i = 0; i < t->n_columns; i++)
		footprint_column(w, SQL_BOND_FIRM, t->relation, tree_string(t->columns[i]));
}

static const char *
member_name(struct footprint_walk *w, const PgQuery__PublicationObjSpec *spec)
{
	bool own, temporary;

	if (spec->pubtable == NULL || spec->pubtable->relation == NULL)
		return arena_printf(w->arena, "schema %s", spec->name != NULL ? spec->name : "");
	struct tree_name name = footprint_resolve(
		w, SQL_KIND_TABLE, tree_name_of_table(spec->pubtable->relation), &own, &temporary);
	return arena_printf(w->arena, "table %s.%s", name.schema, name.name);
}

static void
put_members(struct footprint_walk *w, PgQuery__Node *const *objects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (objects[i]->node_case != N(PUBLICATION_OBJ_SPEC))
			continue;
		const PgQuery__PublicationObjSpec *spec = objects[i]->publication_obj_spec;
		if (spec->pubtable != NULL && spec->pubtable->relation != NULL)
			put_publication_table(w, spec->pubtable);
		else if (tree_text(spec->name) != NULL)
			footprint_read(w, SQL_BOND_KEY, SQL_KIND_SCHEMA, bare_name(spec->name));
	}
}

void
footprint_create_publication(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreatePublicationStmt *st = statement;

	make(w, SQL_KIND_PUBLICATION, st->pubname, footprint_value(w, &st->base));
	put_members(w, st->pubobjects, st->n_pubobjects);
}

void
footprint_alter_publication(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterPublicationStmt *st = statement;
	bool set = st->action == PG_QUERY__ALTER_PUBLICATION_ACTION__AP_SetObjects;
	bool dropped = st->action == PG_QUERY__ALTER_PUBLICATION_ACTION__AP_DropObjects;

	put_options(w, SQL_KIND_PUBLICATION, st->pubname, st->options, st->n_options);
	for (size_t i = 0; i < st->n_pubobjects; i++) {
		if (st->pubobjects[i]->node_case != N(PUBLICATION_OBJ_SPEC))
			continue;
		const PgQuery__PublicationObjSpec *spec = st->pubobjects[i]->publication_obj_spec;
		struct sql_access *a =
			footprint_part(w,
				       set	 ? SQL_MODE_ALTER
				       : dropped ? SQL_MODE_DROP
						 : SQL_MODE_EXTEND,
				       SQL_KIND_PUBLICATION, bare_name(st->pubname),
				       SQL_PART_MEMBER, set ? "*" : member_name(w, spec));
		a->aspect = set ? "members" : NULL;
		a->value = footprint_value(w, set ? &st->base : &spec->base);
	}
	put_members(w, st->pubobjects, st->n_pubobjects);
}

void
footprint_create_subscription(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateSubscriptionStmt *st = statement;

	make(w, SQL_KIND_SUBSCRIPTION, st->subname, NULL);
}

void
footprint_alter_subscription(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterSubscriptionStmt *st = statement;

	if (st->n_options > 0)
		put_options(w, SQL_KIND_SUBSCRIPTION, st->subname, st->options, st->n_options);
	else
		footprint_alter(w, SQL_KIND_SUBSCRIPTION, bare_name(st->subname),
				arena_printf(w->arena, "kind %d", (int)st->kind), NULL);
}

void
footprint_drop_subscription(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropSubscriptionStmt *st = statement;

	drop(w, SQL_KIND_SUBSCRIPTION, st->subname, st->missing_ok);
}

/* ---- foreign data ---- */

void
footprint_create_fdw(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateFdwStmt *st = statement;

	make(w, SQL_KIND_FOREIGN_DATA_WRAPPER, st->fdwname, footprint_value(w, &st->base));
	footprint_definition(w, st->func_options, st->n_func_options);
}

void
footprint_alter_fdw(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterFdwStmt *st = statement;

	put_options(w, SQL_KIND_FOREIGN_DATA_WRAPPER, st->fdwname, st->options, st->n_options);
	put_options(w, SQL_KIND_FOREIGN_DATA_WRAPPER, st->fdwname, st->func_options,
		    st->n_func_options);
	footprint_definition(w, st->func_options, st->n_func_options);
}

void
footprint_create_server(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateForeignServerStmt *st = statement;

	struct sql_access *a = footprint_make(w, SQL_KIND_SERVER, bare_name(st->servername), false);
	a->tolerant = st->if_not_exists;
	a->value = footprint_value(w, &st->base);
	footprint_own(w, a);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_FOREIGN_DATA_WRAPPER, bare_name(st->fdwname));
}

void
footprint_alter_server(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterForeignServerStmt *st = statement;

	put_options(w, SQL_KIND_SERVER, st->servername, st->options, st->n_options);
	if (st->has_version)
		footprint_alter(w, SQL_KIND_SERVER, bare_name(st->servername), "version",
				st->version);
}

static const char *
mapping_name(struct footprint_walk *w, const PgQuery__RoleSpec *user, const char *server)
{
	return arena_printf(w->arena, "%s at %s", user != NULL ? footprint_role_name(w, user) : "",
			    server);
}

void
footprint_create_user_mapping(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateUserMappingStmt *st = statement;

	/* options hold passwords: never a value */
	struct sql_access *a =
		footprint_make(w, SQL_KIND_USER_MAPPING,
			       bare_name(mapping_name(w, st->user, st->servername)), false);
	a->tolerant = st->if_not_exists;
	footprint_own(w, a);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SERVER, bare_name(st->servername));
	footprint_role(w, st->user);
}

void
footprint_alter_user_mapping(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterUserMappingStmt *st = statement;

	footprint_alter(w, SQL_KIND_USER_MAPPING,
			bare_name(mapping_name(w, st->user, st->servername)), "options", NULL);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SERVER, bare_name(st->servername));
}

void
footprint_drop_user_mapping(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropUserMappingStmt *st = statement;

	drop(w, SQL_KIND_USER_MAPPING, mapping_name(w, st->user, st->servername), st->missing_ok);
	footprint_read(w, SQL_BOND_NAME, SQL_KIND_SERVER, bare_name(st->servername));
}

void
footprint_import_schema(struct footprint_walk *w, const void *statement)
{
	const PgQuery__ImportForeignSchemaStmt *st = statement;
	bool listed =
		st->list_type == PG_QUERY__IMPORT_FOREIGN_SCHEMA_TYPE__FDW_IMPORT_SCHEMA_LIMIT_TO;

	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SERVER, bare_name(st->server_name));
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SCHEMA, bare_name(st->local_schema));
	if (!listed)
		footprint_opaque(w, "it makes whatever tables the foreign schema has");
	for (size_t i = 0; listed && i < st->n_table_list; i++) {
		if (st->table_list[i]->node_case == N(RANGE_VAR))
			footprint_make(w, SQL_KIND_FOREIGN_TABLE,
				       (struct tree_name){st->local_schema,
							  st->table_list[i]->range_var->relname},
				       false);
	}
}

/* ---- the server ---- */

void
footprint_create_database(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreatedbStmt *st = statement;

	make(w, SQL_KIND_DATABASE, st->dbname, footprint_value(w, &st->base));
}

void
footprint_drop_database(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropdbStmt *st = statement;

	drop(w, SQL_KIND_DATABASE, st->dbname, st->missing_ok);
}

void
footprint_alter_database(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterDatabaseStmt *st = statement;

	put_options(w, SQL_KIND_DATABASE, st->dbname, st->options, st->n_options);
}

void
footprint_refresh_database(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterDatabaseRefreshCollStmt *st = statement;

	footprint_alter(w, SQL_KIND_DATABASE, bare_name(st->dbname), "collation version",
			"refreshed");
}

void
footprint_alter_database_set(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterDatabaseSetStmt *st = statement;

	if (st->setstmt != NULL)
		footprint_alter(w, SQL_KIND_DATABASE, bare_name(st->dbname),
				arena_printf(w->arena, "setting %s", st->setstmt->name),
				footprint_value(w, &st->setstmt->base));
}

void
footprint_alter_system(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterSystemStmt *st = statement;
	const char *name = st->setstmt != NULL ? tree_text(st->setstmt->name) : NULL;

	footprint_alter(w, SQL_KIND_SETTING, bare_name(name != NULL ? name : "all"), "value",
			st->setstmt != NULL ? footprint_value(w, &st->setstmt->base) : NULL);
}

void
footprint_create_tablespace(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateTableSpaceStmt *st = statement;

	make(w, SQL_KIND_TABLESPACE, st->tablespacename, footprint_value(w, &st->base));
	footprint_owner(w, st->owner);
}

void
footprint_drop_tablespace(struct footprint_walk *w, const void *statement)
{
	const PgQuery__DropTableSpaceStmt *st = statement;

	drop(w, SQL_KIND_TABLESPACE, st->tablespacename, st->missing_ok);
}

void
footprint_alter_tablespace(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTableSpaceOptionsStmt *st = statement;

	put_options(w, SQL_KIND_TABLESPACE, st->tablespacename, st->options, st->n_options);
}

void
footprint_move_all(struct footprint_walk *w, const void *statement)
{
	const PgQuery__AlterTableMoveAllStmt *st = statement;

	footprint_opaque(w, "it moves whatever lies in a tablespace");
	footprint_read(w, SQL_BOND_NAME, SQL_KIND_TABLESPACE, bare_name(st->orig_tablespacename));
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_TABLESPACE, bare_name(st->new_tablespacename));
}
