#ifndef CONFITURE_SQL_FOOTPRINT_HANDLERS_H
#define CONFITURE_SQL_FOOTPRINT_HANDLERS_H

/* Every kind of statement that the parser knows is in one of these tables; a test goes through all
 * of them. X(kind of node, handler). */
#define FOOTPRINT_HANDLERS(X)                                                                      \
	X(ALTER_COLLATION_STMT, footprint_alter_collation)                                         \
	X(ALTER_DATABASE_REFRESH_COLL_STMT, footprint_refresh_database)                            \
	X(ALTER_DATABASE_SET_STMT, footprint_alter_database_set)                                   \
	X(ALTER_DATABASE_STMT, footprint_alter_database)                                           \
	X(ALTER_DEFAULT_PRIVILEGES_STMT, footprint_default_privileges)                             \
	X(ALTER_DOMAIN_STMT, footprint_alter_domain)                                               \
	X(ALTER_ENUM_STMT, footprint_alter_enum)                                                   \
	X(ALTER_EVENT_TRIG_STMT, footprint_alter_event_trigger)                                    \
	X(ALTER_EXTENSION_CONTENTS_STMT, footprint_alter_extension_contents)                       \
	X(ALTER_EXTENSION_STMT, footprint_alter_extension)                                         \
	X(ALTER_FDW_STMT, footprint_alter_fdw)                                                     \
	X(ALTER_FOREIGN_SERVER_STMT, footprint_alter_server)                                       \
	X(ALTER_FUNCTION_STMT, footprint_alter_function)                                           \
	X(ALTER_OBJECT_DEPENDS_STMT, footprint_depends)                                            \
	X(ALTER_OBJECT_SCHEMA_STMT, footprint_alter_schema)                                        \
	X(ALTER_OPERATOR_STMT, footprint_alter_operator)                                           \
	X(ALTER_OP_FAMILY_STMT, footprint_alter_operator_family)                                   \
	X(ALTER_OWNER_STMT, footprint_alter_owner)                                                 \
	X(ALTER_POLICY_STMT, footprint_alter_policy)                                               \
	X(ALTER_PUBLICATION_STMT, footprint_alter_publication)                                     \
	X(ALTER_ROLE_SET_STMT, footprint_alter_role_set)                                           \
	X(ALTER_ROLE_STMT, footprint_alter_role)                                                   \
	X(ALTER_SEQ_STMT, footprint_alter_sequence)                                                \
	X(ALTER_STATS_STMT, footprint_alter_statistics)                                            \
	X(ALTER_SUBSCRIPTION_STMT, footprint_alter_subscription)                                   \
	X(ALTER_SYSTEM_STMT, footprint_alter_system)                                               \
	X(ALTER_TABLE_MOVE_ALL_STMT, footprint_move_all)                                           \
	X(ALTER_TABLE_SPACE_OPTIONS_STMT, footprint_alter_tablespace)                              \
	X(ALTER_TABLE_STMT, footprint_alter_table)                                                 \
	X(ALTER_TSCONFIGURATION_STMT, footprint_alter_ts_configuration)                            \
	X(ALTER_TSDICTIONARY_STMT, footprint_alter_ts_dictionary)                                  \
	X(ALTER_TYPE_STMT, footprint_alter_type)                                                   \
	X(ALTER_USER_MAPPING_STMT, footprint_alter_user_mapping)                                   \
	X(CALL_STMT, footprint_call)                                                               \
	X(CLUSTER_STMT, footprint_cluster)                                                         \
	X(COMMENT_STMT, footprint_comment)                                                         \
	X(COMPOSITE_TYPE_STMT, footprint_create_composite)                                         \
	X(COPY_STMT, footprint_copy)                                                               \
	X(CREATEDB_STMT, footprint_create_database)                                                \
	X(CREATE_AM_STMT, footprint_create_access_method)                                          \
	X(CREATE_CAST_STMT, footprint_create_cast)                                                 \
	X(CREATE_CONVERSION_STMT, footprint_create_conversion)                                     \
	X(CREATE_DOMAIN_STMT, footprint_create_domain)                                             \
	X(CREATE_ENUM_STMT, footprint_create_enum)                                                 \
	X(CREATE_EVENT_TRIG_STMT, footprint_create_event_trigger)                                  \
	X(CREATE_EXTENSION_STMT, footprint_create_extension)                                       \
	X(CREATE_FDW_STMT, footprint_create_fdw)                                                   \
	X(CREATE_FOREIGN_SERVER_STMT, footprint_create_server)                                     \
	X(CREATE_FOREIGN_TABLE_STMT, footprint_create_foreign_table)                               \
	X(CREATE_FUNCTION_STMT, footprint_create_function)                                         \
	X(CREATE_OP_CLASS_STMT, footprint_create_operator_class)                                   \
	X(CREATE_OP_FAMILY_STMT, footprint_create_operator_family)                                 \
	X(CREATE_PLANG_STMT, footprint_create_language)                                            \
	X(CREATE_POLICY_STMT, footprint_create_policy)                                             \
	X(CREATE_PUBLICATION_STMT, footprint_create_publication)                                   \
	X(CREATE_RANGE_STMT, footprint_create_range)                                               \
	X(CREATE_ROLE_STMT, footprint_create_role)                                                 \
	X(CREATE_SCHEMA_STMT, footprint_create_schema)                                             \
	X(CREATE_SEQ_STMT, footprint_create_sequence)                                              \
	X(CREATE_STATS_STMT, footprint_create_statistics)                                          \
	X(CREATE_STMT, footprint_create_table)                                                     \
	X(CREATE_SUBSCRIPTION_STMT, footprint_create_subscription)                                 \
	X(CREATE_TABLE_AS_STMT, footprint_create_table_as)                                         \
	X(CREATE_TABLE_SPACE_STMT, footprint_create_tablespace)                                    \
	X(CREATE_TRANSFORM_STMT, footprint_create_transform)                                       \
	X(CREATE_TRIG_STMT, footprint_create_trigger)                                              \
	X(CREATE_USER_MAPPING_STMT, footprint_create_user_mapping)                                 \
	X(DECLARE_CURSOR_STMT, footprint_cursor)                                                   \
	X(DEFINE_STMT, footprint_define)                                                           \
	X(DELETE_STMT, footprint_rows)                                                             \
	X(DO_STMT, footprint_do)                                                                   \
	X(DROPDB_STMT, footprint_drop_database)                                                    \
	X(DROP_OWNED_STMT, footprint_drop_owned)                                                   \
	X(DROP_ROLE_STMT, footprint_drop_role)                                                     \
	X(DROP_STMT, footprint_drop)                                                               \
	X(DROP_SUBSCRIPTION_STMT, footprint_drop_subscription)                                     \
	X(DROP_TABLE_SPACE_STMT, footprint_drop_tablespace)                                        \
	X(DROP_USER_MAPPING_STMT, footprint_drop_user_mapping)                                     \
	X(EXECUTE_STMT, footprint_execute)                                                         \
	X(EXPLAIN_STMT, footprint_explain)                                                         \
	X(GRANT_ROLE_STMT, footprint_grant_role)                                                   \
	X(GRANT_STMT, footprint_grant)                                                             \
	X(IMPORT_FOREIGN_SCHEMA_STMT, footprint_import_schema)                                     \
	X(INDEX_STMT, footprint_create_index)                                                      \
	X(INSERT_STMT, footprint_rows)                                                             \
	X(LOAD_STMT, footprint_load)                                                               \
	X(LOCK_STMT, footprint_lock)                                                               \
	X(MERGE_STMT, footprint_rows)                                                              \
	X(PREPARE_STMT, footprint_prepare)                                                         \
	X(REASSIGN_OWNED_STMT, footprint_reassign_owned)                                           \
	X(REFRESH_MAT_VIEW_STMT, footprint_refresh)                                                \
	X(REINDEX_STMT, footprint_reindex)                                                         \
	X(RENAME_STMT, footprint_rename_statement)                                                 \
	X(RULE_STMT, footprint_create_rule)                                                        \
	X(SEC_LABEL_STMT, footprint_label)                                                         \
	X(SELECT_STMT, footprint_select)                                                           \
	X(TRUNCATE_STMT, footprint_truncate)                                                       \
	X(UPDATE_STMT, footprint_rows)                                                             \
	X(VACUUM_STMT, footprint_vacuum)                                                           \
	X(VARIABLE_SET_STMT, footprint_set)                                                        \
	X(VIEW_STMT, footprint_create_view)

/* X(kind of node): the session's own affair, gone with it. */
#define FOOTPRINT_NOTHING(X)                                                                       \
	X(CHECK_POINT_STMT)                                                                        \
	X(CLOSE_PORTAL_STMT)                                                                       \
	X(CONSTRAINTS_SET_STMT)                                                                    \
	X(DEALLOCATE_STMT)                                                                         \
	X(DISCARD_STMT)                                                                            \
	X(FETCH_STMT)                                                                              \
	X(LISTEN_STMT)                                                                             \
	X(NOTIFY_STMT)                                                                             \
	X(TRANSACTION_STMT)                                                                        \
	X(UNLISTEN_STMT)                                                                           \
	X(VARIABLE_SHOW_STMT)

/* X(kind of node): called statements, but only ever inside others. */
#define FOOTPRINT_INSIDE(X)                                                                        \
	X(PLASSIGN_STMT)                                                                           \
	X(RAW_STMT)                                                                                \
	X(REPLICA_IDENTITY_STMT)                                                                   \
	X(RETURN_STMT)                                                                             \
	X(SET_OPERATION_STMT)

#endif
