/*
 * Command tags: what a statement is called, as the server would call it. Most kinds of statement
 * have one tag and stand in a table; the others are asked for their details.
 */
#include "shared/sql/tag.h"

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define O(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name
#define T(name) PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_##name

/* clang-format off */
static const struct {
	const char *words, *altered;
} objects[] = {
	[O(ACCESS_METHOD)] = {"ACCESS METHOD", "ACCESS METHOD"},
	[O(AGGREGATE)] = {"AGGREGATE", "AGGREGATE"},
	[O(AMOP)] = {"OPERATOR FAMILY", "OPERATOR FAMILY"},
	[O(AMPROC)] = {"OPERATOR FAMILY", "OPERATOR FAMILY"},
	[O(ATTRIBUTE)] = {"ATTRIBUTE", "TYPE"},
	[O(CAST)] = {"CAST", "CAST"},
	[O(COLUMN)] = {"COLUMN", "TABLE"},
	[O(COLLATION)] = {"COLLATION", "COLLATION"},
	[O(CONVERSION)] = {"CONVERSION", "CONVERSION"},
	[O(DATABASE)] = {"DATABASE", "DATABASE"},
	[O(DOMAIN)] = {"DOMAIN", "DOMAIN"},
	[O(DOMCONSTRAINT)] = {"CONSTRAINT", "DOMAIN"},
	[O(EVENT_TRIGGER)] = {"EVENT TRIGGER", "EVENT TRIGGER"},
	[O(EXTENSION)] = {"EXTENSION", "EXTENSION"},
	[O(FDW)] = {"FOREIGN DATA WRAPPER", "FOREIGN DATA WRAPPER"},
	[O(FOREIGN_SERVER)] = {"SERVER", "SERVER"},
	[O(FOREIGN_TABLE)] = {"FOREIGN TABLE", "FOREIGN TABLE"},
	[O(FUNCTION)] = {"FUNCTION", "FUNCTION"},
	[O(INDEX)] = {"INDEX", "INDEX"},
	[O(LANGUAGE)] = {"LANGUAGE", "LANGUAGE"},
	[O(LARGEOBJECT)] = {"LARGE OBJECT", "LARGE OBJECT"},
	[O(MATVIEW)] = {"MATERIALIZED VIEW", "MATERIALIZED VIEW"},
	[O(OPCLASS)] = {"OPERATOR CLASS", "OPERATOR CLASS"},
	[O(OPERATOR)] = {"OPERATOR", "OPERATOR"},
	[O(OPFAMILY)] = {"OPERATOR FAMILY", "OPERATOR FAMILY"},
	[O(POLICY)] = {"POLICY", "POLICY"},
	[O(PROCEDURE)] = {"PROCEDURE", "PROCEDURE"},
	[O(PUBLICATION)] = {"PUBLICATION", "PUBLICATION"},
	[O(ROLE)] = {"ROLE", "ROLE"},
	[O(ROUTINE)] = {"ROUTINE", "ROUTINE"},
	[O(RULE)] = {"RULE", "RULE"},
	[O(SCHEMA)] = {"SCHEMA", "SCHEMA"},
	[O(SEQUENCE)] = {"SEQUENCE", "SEQUENCE"},
	[O(SUBSCRIPTION)] = {"SUBSCRIPTION", "SUBSCRIPTION"},
	[O(STATISTIC_EXT)] = {"STATISTICS", "STATISTICS"},
	[O(TABCONSTRAINT)] = {"CONSTRAINT", "TABLE"},
	[O(TABLE)] = {"TABLE", "TABLE"},
	[O(TABLESPACE)] = {"TABLESPACE", "TABLESPACE"},
	[O(TRANSFORM)] = {"TRANSFORM", "TRANSFORM"},
	[O(TRIGGER)] = {"TRIGGER", "TRIGGER"},
	[O(TSCONFIGURATION)] = {"TEXT SEARCH CONFIGURATION", "TEXT SEARCH CONFIGURATION"},
	[O(TSDICTIONARY)] = {"TEXT SEARCH DICTIONARY", "TEXT SEARCH DICTIONARY"},
	[O(TSPARSER)] = {"TEXT SEARCH PARSER", "TEXT SEARCH PARSER"},
	[O(TSTEMPLATE)] = {"TEXT SEARCH TEMPLATE", "TEXT SEARCH TEMPLATE"},
	[O(TYPE)] = {"TYPE", "TYPE"},
	[O(USER_MAPPING)] = {"USER MAPPING", "USER MAPPING"},
	[O(VIEW)] = {"VIEW", "VIEW"},
	[O(PARAMETER_ACL)] = {"PARAMETER", "PARAMETER"},
};

static const struct {
	PgQuery__Node__NodeCase kind;
	const char *tag;
} plain[] = {
	{N(INSERT_STMT), "INSERT"},
	{N(DELETE_STMT), "DELETE"},
	{N(UPDATE_STMT), "UPDATE"},
	{N(MERGE_STMT), "MERGE"},
	{N(SELECT_STMT), "SELECT"},
	{N(ALTER_DOMAIN_STMT), "ALTER DOMAIN"},
	{N(ALTER_DEFAULT_PRIVILEGES_STMT), "ALTER DEFAULT PRIVILEGES"},
	{N(CLUSTER_STMT), "CLUSTER"},
	{N(COPY_STMT), "COPY"},
	{N(CREATE_STMT), "CREATE TABLE"},
	{N(TRUNCATE_STMT), "TRUNCATE TABLE"},
	{N(COMMENT_STMT), "COMMENT"},
	{N(INDEX_STMT), "CREATE INDEX"},
	{N(DO_STMT), "DO"},
	{N(RULE_STMT), "CREATE RULE"},
	{N(NOTIFY_STMT), "NOTIFY"},
	{N(LISTEN_STMT), "LISTEN"},
	{N(UNLISTEN_STMT), "UNLISTEN"},
	{N(VIEW_STMT), "CREATE VIEW"},
	{N(LOAD_STMT), "LOAD"},
	{N(CREATE_DOMAIN_STMT), "CREATE DOMAIN"},
	{N(CREATEDB_STMT), "CREATE DATABASE"},
	{N(DROPDB_STMT), "DROP DATABASE"},
	{N(EXPLAIN_STMT), "EXPLAIN"},
	{N(CREATE_SEQ_STMT), "CREATE SEQUENCE"},
	{N(ALTER_SEQ_STMT), "ALTER SEQUENCE"},
	{N(VARIABLE_SHOW_STMT), "SHOW"},
	{N(CREATE_TRIG_STMT), "CREATE TRIGGER"},
	{N(CREATE_PLANG_STMT), "CREATE LANGUAGE"},
	{N(CREATE_ROLE_STMT), "CREATE ROLE"},
	{N(ALTER_ROLE_STMT), "ALTER ROLE"},
	{N(ALTER_ROLE_SET_STMT), "ALTER ROLE"},
	{N(DROP_ROLE_STMT), "DROP ROLE"},
	{N(LOCK_STMT), "LOCK TABLE"},
	{N(CONSTRAINTS_SET_STMT), "SET CONSTRAINTS"},
	{N(REINDEX_STMT), "REINDEX"},
	{N(CHECK_POINT_STMT), "CHECKPOINT"},
	{N(CREATE_SCHEMA_STMT), "CREATE SCHEMA"},
	{N(ALTER_DATABASE_STMT), "ALTER DATABASE"},
	{N(ALTER_DATABASE_REFRESH_COLL_STMT), "ALTER DATABASE"},
	{N(ALTER_DATABASE_SET_STMT), "ALTER DATABASE"},
	{N(CREATE_CONVERSION_STMT), "CREATE CONVERSION"},
	{N(CREATE_CAST_STMT), "CREATE CAST"},
	{N(CREATE_OP_CLASS_STMT), "CREATE OPERATOR CLASS"},
	{N(CREATE_OP_FAMILY_STMT), "CREATE OPERATOR FAMILY"},
	{N(ALTER_OP_FAMILY_STMT), "ALTER OPERATOR FAMILY"},
	{N(PREPARE_STMT), "PREPARE"},
	{N(EXECUTE_STMT), "EXECUTE"},
	{N(DECLARE_CURSOR_STMT), "DECLARE CURSOR"},
	{N(CREATE_TABLE_SPACE_STMT), "CREATE TABLESPACE"},
	{N(DROP_TABLE_SPACE_STMT), "DROP TABLESPACE"},
	{N(ALTER_OPERATOR_STMT), "ALTER OPERATOR"},
	{N(ALTER_TYPE_STMT), "ALTER TYPE"},
	{N(DROP_OWNED_STMT), "DROP OWNED"},
	{N(REASSIGN_OWNED_STMT), "REASSIGN OWNED"},
	{N(COMPOSITE_TYPE_STMT), "CREATE TYPE"},
	{N(CREATE_ENUM_STMT), "CREATE TYPE"},
	{N(CREATE_RANGE_STMT), "CREATE TYPE"},
	{N(ALTER_ENUM_STMT), "ALTER TYPE"},
	{N(ALTER_TSDICTIONARY_STMT), "ALTER TEXT SEARCH DICTIONARY"},
	{N(ALTER_TSCONFIGURATION_STMT), "ALTER TEXT SEARCH CONFIGURATION"},
	{N(CREATE_FDW_STMT), "CREATE FOREIGN DATA WRAPPER"},
	{N(ALTER_FDW_STMT), "ALTER FOREIGN DATA WRAPPER"},
	{N(CREATE_FOREIGN_SERVER_STMT), "CREATE SERVER"},
	{N(ALTER_FOREIGN_SERVER_STMT), "ALTER SERVER"},
	{N(CREATE_USER_MAPPING_STMT), "CREATE USER MAPPING"},
	{N(ALTER_USER_MAPPING_STMT), "ALTER USER MAPPING"},
	{N(DROP_USER_MAPPING_STMT), "DROP USER MAPPING"},
	{N(ALTER_TABLE_SPACE_OPTIONS_STMT), "ALTER TABLESPACE"},
	{N(SEC_LABEL_STMT), "SECURITY LABEL"},
	{N(CREATE_FOREIGN_TABLE_STMT), "CREATE FOREIGN TABLE"},
	{N(IMPORT_FOREIGN_SCHEMA_STMT), "IMPORT FOREIGN SCHEMA"},
	{N(CREATE_EXTENSION_STMT), "CREATE EXTENSION"},
	{N(ALTER_EXTENSION_STMT), "ALTER EXTENSION"},
	{N(ALTER_EXTENSION_CONTENTS_STMT), "ALTER EXTENSION"},
	{N(CREATE_EVENT_TRIG_STMT), "CREATE EVENT TRIGGER"},
	{N(ALTER_EVENT_TRIG_STMT), "ALTER EVENT TRIGGER"},
	{N(REFRESH_MAT_VIEW_STMT), "REFRESH MATERIALIZED VIEW"},
	{N(ALTER_SYSTEM_STMT), "ALTER SYSTEM"},
	{N(CREATE_POLICY_STMT), "CREATE POLICY"},
	{N(ALTER_POLICY_STMT), "ALTER POLICY"},
	{N(CREATE_TRANSFORM_STMT), "CREATE TRANSFORM"},
	{N(CREATE_AM_STMT), "CREATE ACCESS METHOD"},
	{N(CREATE_PUBLICATION_STMT), "CREATE PUBLICATION"},
	{N(ALTER_PUBLICATION_STMT), "ALTER PUBLICATION"},
	{N(CREATE_SUBSCRIPTION_STMT), "CREATE SUBSCRIPTION"},
	{N(ALTER_SUBSCRIPTION_STMT), "ALTER SUBSCRIPTION"},
	{N(DROP_SUBSCRIPTION_STMT), "DROP SUBSCRIPTION"},
	{N(CREATE_STATS_STMT), "CREATE STATISTICS"},
	{N(ALTER_COLLATION_STMT), "ALTER COLLATION"},
	{N(CALL_STMT), "CALL"},
	{N(ALTER_STATS_STMT), "ALTER STATISTICS"},
};

static const char *const transactions[] = {
	[T(BEGIN)] = "BEGIN",
	[T(START)] = "START TRANSACTION",
	[T(COMMIT)] = "COMMIT",
	[T(ROLLBACK)] = "ROLLBACK",
	[T(SAVEPOINT)] = "SAVEPOINT",
	[T(RELEASE)] = "RELEASE",
	[T(ROLLBACK_TO)] = "ROLLBACK",
	[T(PREPARE)] = "PREPARE TRANSACTION",
	[T(COMMIT_PREPARED)] = "COMMIT PREPARED",
	[T(ROLLBACK_PREPARED)] = "ROLLBACK PREPARED",
};

static const char *const discards[] = {
	[PG_QUERY__DISCARD_MODE__DISCARD_ALL] = "DISCARD ALL",
	[PG_QUERY__DISCARD_MODE__DISCARD_PLANS] = "DISCARD PLANS",
	[PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES] = "DISCARD SEQUENCES",
	[PG_QUERY__DISCARD_MODE__DISCARD_TEMP] = "DISCARD TEMP",
};
/* clang-format on */

const char *
sql_object_words(PgQuery__ObjectType type)
{
	const char *words = type < ARRAY_LEN(objects) ? objects[type].words : NULL;

	return words != NULL ? words : "OBJECT";
}

const char *
sql_altered_words(PgQuery__ObjectType type)
{
	const char *words = type < ARRAY_LEN(objects) ? objects[type].altered : NULL;

	return words != NULL ? words : "OBJECT";
}

static const char *
alter(struct arena *arena, PgQuery__ObjectType type)
{
	return arena_printf(arena, "ALTER %s", sql_altered_words(type));
}

/* Those that alter an object whose kind is a field. NULL: not one of them. */
static const char *
alter_tag(struct arena *arena, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(ALTER_TABLE_STMT):
		return alter(arena, n->alter_table_stmt->objtype);
	case N(ALTER_TABLE_MOVE_ALL_STMT):
		return alter(arena, n->alter_table_move_all_stmt->objtype);
	case N(RENAME_STMT):
		return alter(arena, n->rename_stmt->rename_type == O(COLUMN)
					    ? n->rename_stmt->relation_type
					    : n->rename_stmt->rename_type);
	case N(ALTER_OWNER_STMT):
		return alter(arena, n->alter_owner_stmt->object_type);
	case N(ALTER_OBJECT_SCHEMA_STMT):
		return alter(arena, n->alter_object_schema_stmt->object_type);
	case N(ALTER_OBJECT_DEPENDS_STMT):
		return alter(arena, n->alter_object_depends_stmt->object_type);
	case N(ALTER_FUNCTION_STMT):
		return alter(arena, n->alter_function_stmt->objtype);
	default:
		return NULL;
	}
}

static const char *
create_as_tag(const PgQuery__CreateTableAsStmt *st)
{
	if (st->objtype == O(MATVIEW))
		return "CREATE MATERIALIZED VIEW";
	return st->is_select_into ? "SELECT INTO" : "CREATE TABLE AS";
}

/* Those with one word or another. NULL: not one of them. */
static const char *
either_tag(const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(GRANT_STMT):
		return n->grant_stmt->is_grant ? "GRANT" : "REVOKE";
	case N(GRANT_ROLE_STMT):
		return n->grant_role_stmt->is_grant ? "GRANT ROLE" : "REVOKE ROLE";
	case N(VARIABLE_SET_STMT):
		return n->variable_set_stmt->kind >= PG_QUERY__VARIABLE_SET_KIND__VAR_RESET
			       ? "RESET"
			       : "SET";
	case N(VACUUM_STMT):
		return n->vacuum_stmt->is_vacuumcmd ? "VACUUM" : "ANALYZE";
	case N(FETCH_STMT):
		return n->fetch_stmt->ismove ? "MOVE" : "FETCH";
	case N(CLOSE_PORTAL_STMT):
		return tree_text(n->close_portal_stmt->portalname) ? "CLOSE CURSOR"
								   : "CLOSE CURSOR ALL";
	case N(DEALLOCATE_STMT):
		return tree_text(n->deallocate_stmt->name) ? "DEALLOCATE" : "DEALLOCATE ALL";
	case N(CREATE_FUNCTION_STMT):
		return n->create_function_stmt->is_procedure ? "CREATE PROCEDURE"
							     : "CREATE FUNCTION";
	case N(CREATE_TABLE_AS_STMT):
		return create_as_tag(n->create_table_as_stmt);
	case N(TRANSACTION_STMT):
		return transactions[n->transaction_stmt->kind];
	case N(DISCARD_STMT):
		return discards[n->discard_stmt->target];
	default:
		return NULL;
	}
}

const char *
sql_tag_of(struct arena *arena, const PgQuery__Node *n)
{
	const char *tag = either_tag(n);

	if (tag == NULL)
		tag = alter_tag(arena, n);
	if (tag != NULL)
		return tag;
	if (n->node_case == N(DROP_STMT))
		return arena_printf(arena, "DROP %s", sql_object_words(n->drop_stmt->remove_type));
	if (n->node_case == N(DEFINE_STMT))
		return arena_printf(arena, "CREATE %s", sql_object_words(n->define_stmt->kind));
	if (n->node_case == N(SELECT_STMT) && n->select_stmt->into_clause != NULL)
		return "SELECT INTO";
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		if (plain[i].kind == n->node_case)
			return plain[i].tag;
	}
	return "";
}
