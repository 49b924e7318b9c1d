#ifndef CONFITURE_SCHEMA_KINDS_H
#define CONFITURE_SCHEMA_KINDS_H

#include <stddef.h>

/*
 * Every kind of object that a database's structure consists of, with every attribute: ONE table.
 * The readers' columns, the fingerprint, the comparison, the JSON and docs/reference/structure.md
 * follow it. A kind's order is its place in everything that is printed.
 *
 * KIND(name, "SQL KEYWORD", "what it is")
 */
#define SCHEMA_KINDS(KIND)                                                                         \
	KIND(schema, "SCHEMA", "a schema")                                                         \
	KIND(extension, "EXTENSION", "an extension; what belongs to it is left out")               \
	KIND(language, "LANGUAGE", "a procedural language that no extension brought")              \
	KIND(base_type, "TYPE", "a base type; without a definition: a shell")                      \
	KIND(enum, "TYPE", "an enumeration")                                                       \
	KIND(domain, "DOMAIN", "a domain")                                                         \
	KIND(domain_constraint, "CONSTRAINT", "a CHECK (or, from 18, NOT NULL) of a domain")       \
	KIND(composite, "TYPE", "a composite type; its attributes are columns")                    \
	KIND(range, "TYPE", "a range with its multirange")                                         \
	KIND(collation, "COLLATION", "a collation")                                                \
	KIND(sequence, "SEQUENCE", "a sequence; one behind an identity column is the column's")    \
	KIND(table, "TABLE", "a table, partitioned table, partition or foreign table")             \
	KIND(column, "COLUMN", "a column of a table, or an attribute of a composite type")         \
	KIND(constraint, "CONSTRAINT", "a constraint of a table, with its index where it has one") \
	KIND(index, "INDEX", "an index that belongs to no constraint")                             \
	KIND(view, "VIEW", "a view")                                                               \
	KIND(materialized_view, "MATERIALIZED VIEW", "a materialized view")                        \
	KIND(rule, "RULE", "a rule but the one that makes a view")                                 \
	KIND(function, "FUNCTION", "a function or procedure")                                      \
	KIND(aggregate, "AGGREGATE", "an aggregate")                                               \
	KIND(trigger, "TRIGGER", "a trigger")                                                      \
	KIND(event_trigger, "EVENT TRIGGER", "an event trigger")                                   \
	KIND(policy, "POLICY", "a policy of row security")                                         \
	KIND(statistics, "STATISTICS", "extended statistics")                                      \
	KIND(operator, "OPERATOR", "an operator; without a definition: a shell")                   \
	KIND(operator_family, "OPERATOR FAMILY", "an operator family with its loose members")      \
	KIND(operator_class, "OPERATOR CLASS", "an operator class")                                \
	KIND(cast, "CAST", "a cast")                                                               \
	KIND(conversion, "CONVERSION", "a conversion between encodings")                           \
	KIND(access_method, "ACCESS METHOD", "an access method")                                   \
	KIND(text_search_parser, "TEXT SEARCH PARSER", "a text search parser")                     \
	KIND(text_search_template, "TEXT SEARCH TEMPLATE", "a text search template")               \
	KIND(text_search_dictionary, "TEXT SEARCH DICTIONARY", "a text search dictionary")         \
	KIND(text_search_configuration, "TEXT SEARCH CONFIGURATION",                               \
	     "a text search configuration")                                                        \
	KIND(transform, "TRANSFORM", "a transform")                                                \
	KIND(foreign_data_wrapper, "FOREIGN DATA WRAPPER", "a foreign data wrapper")               \
	KIND(server, "SERVER", "a foreign server")                                                 \
	KIND(user_mapping, "USER MAPPING", "a user mapping")                                       \
	KIND(publication, "PUBLICATION", "a publication")                                          \
	KIND(subscription, "SUBSCRIPTION", "a subscription; its connection string is never read")  \
	KIND(default_privileges, "DEFAULT PRIVILEGES", "default privileges of a role")

/*
 * Attributes: A(kind, name, type, use, "what it says"). Types:
 *   TEXT    as the server prints it       FLAG  "true" or absent
 *   NUMBER  a whole number                LINES one value a line
 * Use: COMPARED counts in fingerprint and comparison, ALWAYS does too and is never absent; TOLD is
 * only shown.
 * An attribute that has its default is absent, so that most are.
 */
#define SCHEMA_ATTRIBUTES_schema(A, K)
#define SCHEMA_ATTRIBUTES_extension(A, K)                                                          \
	A(K, in_schema, TEXT, ALWAYS, "schema of its objects")                                     \
	A(K, version, TEXT, TOLD, "installed version")
#define SCHEMA_ATTRIBUTES_language(A, K)                                                           \
	A(K, trusted, FLAG, COMPARED, "anybody may use it")                                        \
	A(K, handler, TEXT, ALWAYS, "function that runs its functions")                            \
	A(K, inline, TEXT, COMPARED, "function that runs DO")                                      \
	A(K, validator, TEXT, COMPARED, "function that checks a definition")
#define SCHEMA_ATTRIBUTES_base_type(A, K)                                                          \
	A(K, definition, LINES, COMPARED, "parameters of CREATE TYPE")
#define SCHEMA_ATTRIBUTES_enum(A, K) A(K, labels, LINES, COMPARED, "labels in their order, quoted")
#define SCHEMA_ATTRIBUTES_domain(A, K)                                                             \
	A(K, type, TEXT, ALWAYS, "type it is made from")                                           \
	A(K, collation, TEXT, COMPARED, "collation, where it is not the type's")                   \
	A(K, default, TEXT, COMPARED, "default expression")                                        \
	A(K, not_null, FLAG, COMPARED, "null is refused")
#define SCHEMA_ATTRIBUTES_domain_constraint(A, K)                                                  \
	A(K, definition, TEXT, ALWAYS, "as pg_get_constraintdef prints it")
#define SCHEMA_ATTRIBUTES_composite(A, K)
#define SCHEMA_ATTRIBUTES_range(A, K) A(K, definition, LINES, ALWAYS, "parameters of CREATE TYPE")
#define SCHEMA_ATTRIBUTES_collation(A, K)                                                          \
	A(K, definition, LINES, ALWAYS, "parameters of CREATE COLLATION")                          \
	A(K, version, TEXT, TOLD, "version of the library's rules")
#define SCHEMA_ATTRIBUTES_sequence(A, K)                                                           \
	A(K, type, TEXT, ALWAYS, "type of its values")                                             \
	A(K, start, NUMBER, ALWAYS, "first value")                                                 \
	A(K, increment, NUMBER, ALWAYS, "step")                                                    \
	A(K, minimum, NUMBER, ALWAYS, "least value")                                               \
	A(K, maximum, NUMBER, ALWAYS, "greatest value")                                            \
	A(K, cache, NUMBER, ALWAYS, "values that a session takes at once")                         \
	A(K, cycle, FLAG, COMPARED, "begins anew at its end")                                      \
	A(K, unlogged, FLAG, COMPARED, "lost in a crash")                                          \
	A(K, owned_by, TEXT, COMPARED, "column that it is dropped with")
#define SCHEMA_ATTRIBUTES_table(A, K)                                                              \
	A(K, unlogged, FLAG, COMPARED, "emptied by a crash")                                       \
	A(K, partition_key, TEXT, COMPARED, "how it is partitioned")                               \
	A(K, parents, LINES, COMPARED, "tables that it inherits from, or is a partition of")       \
	A(K, bound, TEXT, COMPARED, "of a partition: FOR VALUES …, or DEFAULT")                    \
	A(K, of_type, TEXT, COMPARED, "composite type that it has its columns from")               \
	A(K, options, LINES, COMPARED, "storage parameters")                                       \
	A(K, toast_options, LINES, COMPARED, "storage parameters of its TOAST table")              \
	A(K, access_method, TEXT, COMPARED, "table access method, where it is not heap")           \
	A(K, tablespace, TEXT, COMPARED, "tablespace, where it is not the database's")             \
	A(K, replica_identity, TEXT, COMPARED, "NOTHING, FULL or USING INDEX …")                   \
	A(K, row_security, FLAG, COMPARED, "row security is enabled")                              \
	A(K, force_row_security, FLAG, COMPARED, "for the owner too")                              \
	A(K, clustered_on, TEXT, COMPARED, "index that CLUSTER follows")                           \
	A(K, server, TEXT, COMPARED, "of a foreign table: its server")                             \
	A(K, server_options, LINES, COMPARED, "of a foreign table: its options")
#define SCHEMA_ATTRIBUTES_column(A, K)                                                             \
	A(K, position, NUMBER, TOLD, "place; no ALTER TABLE can change it")                        \
	A(K, of, TEXT, TOLD, "what the column belongs to")                                         \
	A(K, type, TEXT, ALWAYS, "type")                                                           \
	A(K, collation, TEXT, COMPARED, "collation, where it is not the type's")                   \
	A(K, not_null, FLAG, COMPARED, "null is refused")                                          \
	A(K, default, TEXT, COMPARED, "default, or the expression of a generated column")          \
	A(K, generated, TEXT, COMPARED, "STORED or VIRTUAL")                                       \
	A(K, identity, TEXT, COMPARED, "ALWAYS or BY DEFAULT")                                     \
	A(K, identity_sequence, LINES, COMPARED, "options of the identity's sequence")             \
	A(K, storage, TEXT, COMPARED, "storage, where it is not the type's")                       \
	A(K, compression, TEXT, COMPARED, "compression, where it is not the server's default")     \
	A(K, statistics, NUMBER, COMPARED, "statistics target")                                    \
	A(K, options, LINES, COMPARED, "n_distinct and the like")                                  \
	A(K, server_options, LINES, COMPARED, "options of a foreign table's column")               \
	A(K, inherited, FLAG, COMPARED, "has no definition of its own")
#define SCHEMA_ATTRIBUTES_constraint(A, K)                                                         \
	A(K, type, TEXT, ALWAYS, "CHECK, FOREIGN KEY, PRIMARY KEY, UNIQUE or EXCLUDE")             \
	A(K, definition, TEXT, ALWAYS, "as pg_get_constraintdef prints it")                        \
	A(K, inherited, FLAG, COMPARED, "has no definition of its own")                            \
	A(K, part_of, TEXT, COMPARED, "constraint or index of the parent that it belongs to")      \
	A(K, options, LINES, COMPARED, "storage parameters of the index of a key")                 \
	A(K, tablespace, TEXT, COMPARED, "tablespace of its index")
#define SCHEMA_ATTRIBUTES_index(A, K)                                                              \
	A(K, definition, TEXT, ALWAYS, "as pg_get_indexdef prints it")                             \
	A(K, invalid, FLAG, COMPARED, "left by a concurrent build that failed; never used")        \
	A(K, tablespace, TEXT, COMPARED, "tablespace, where it is not the database's")             \
	A(K, statistics, LINES, COMPARED, "column number and statistics target")                   \
	A(K, part_of, TEXT, COMPARED, "index of the parent that it belongs to")
#define SCHEMA_ATTRIBUTES_view(A, K)                                                               \
	A(K, definition, TEXT, ALWAYS, "as pg_get_viewdef prints it")                              \
	A(K, options, LINES, COMPARED, "security_barrier and the like")                            \
	A(K, columns, LINES, TOLD, "columns with their types, which the definition gives")
#define SCHEMA_ATTRIBUTES_materialized_view(A, K)                                                  \
	A(K, definition, TEXT, ALWAYS, "as pg_get_viewdef prints it")                              \
	A(K, options, LINES, COMPARED, "storage parameters")                                       \
	A(K, access_method, TEXT, COMPARED, "table access method, where it is not heap")           \
	A(K, tablespace, TEXT, COMPARED, "tablespace, where it is not the database's")             \
	A(K, clustered_on, TEXT, COMPARED, "index that CLUSTER follows")
#define SCHEMA_ATTRIBUTES_rule(A, K)                                                               \
	A(K, definition, TEXT, ALWAYS, "as pg_get_ruledef prints it")                              \
	A(K, firing, TEXT, COMPARED, "DISABLE, ENABLE REPLICA or ENABLE ALWAYS")
#define SCHEMA_ATTRIBUTES_function(A, K)                                                           \
	A(K, what, TEXT, ALWAYS, "FUNCTION, PROCEDURE or WINDOW FUNCTION")                         \
	A(K, arguments, TEXT, ALWAYS, "arguments with names and defaults")                         \
	A(K, returns, TEXT, COMPARED, "what it returns")                                           \
	A(K, language, TEXT, ALWAYS, "language")                                                   \
	A(K, definition, TEXT, ALWAYS, "as pg_get_functiondef prints it")
#define SCHEMA_ATTRIBUTES_aggregate(A, K)                                                          \
	A(K, definition, LINES, ALWAYS, "parameters of CREATE AGGREGATE")
#define SCHEMA_ATTRIBUTES_trigger(A, K)                                                            \
	A(K, definition, TEXT, COMPARED, "as pg_get_triggerdef prints it; none: the parent's")     \
	A(K, firing, TEXT, COMPARED, "DISABLE, ENABLE REPLICA or ENABLE ALWAYS")
#define SCHEMA_ATTRIBUTES_event_trigger(A, K)                                                      \
	A(K, event, TEXT, ALWAYS, "event")                                                         \
	A(K, tags, LINES, COMPARED, "tags that it is limited to")                                  \
	A(K, function, TEXT, ALWAYS, "function")                                                   \
	A(K, firing, TEXT, COMPARED, "DISABLE, ENABLE REPLICA or ENABLE ALWAYS")
#define SCHEMA_ATTRIBUTES_policy(A, K)                                                             \
	A(K, command, TEXT, ALWAYS, "ALL, SELECT, INSERT, UPDATE or DELETE")                       \
	A(K, restrictive, FLAG, COMPARED, "narrows what others allow")                             \
	A(K, roles, LINES, ALWAYS, "roles that it is for")                                         \
	A(K, using, TEXT, COMPARED, "rows that are seen")                                          \
	A(K, check, TEXT, COMPARED, "rows that may be written")
#define SCHEMA_ATTRIBUTES_statistics(A, K)                                                         \
	A(K, definition, TEXT, ALWAYS, "as pg_get_statisticsobjdef prints it")                     \
	A(K, target, NUMBER, COMPARED, "statistics target")
#define SCHEMA_ATTRIBUTES_operator(A, K)                                                           \
	A(K, definition, LINES, COMPARED, "parameters of CREATE OPERATOR")                         \
	A(K, restrict, TEXT, COMPARED, "estimator of a restriction")                               \
	A(K, join, TEXT, COMPARED, "estimator of a join")
#define SCHEMA_ATTRIBUTES_operator_family(A, K)                                                    \
	A(K, members, LINES, COMPARED, "operators and functions added by hand")
#define SCHEMA_ATTRIBUTES_operator_class(A, K)                                                     \
	A(K, type, TEXT, ALWAYS, "type it is for")                                                 \
	A(K, is_default, FLAG, COMPARED, "chosen where none is named")                             \
	A(K, family, TEXT, ALWAYS, "operator family")                                              \
	A(K, members, LINES, COMPARED, "operators, functions and storage")
#define SCHEMA_ATTRIBUTES_cast(A, K) A(K, definition, TEXT, ALWAYS, "how and when")
#define SCHEMA_ATTRIBUTES_conversion(A, K)                                                         \
	A(K, definition, TEXT, ALWAYS, "encodings and function")                                   \
	A(K, is_default, FLAG, COMPARED, "used where none is named")
#define SCHEMA_ATTRIBUTES_access_method(A, K)	     A(K, definition, TEXT, ALWAYS, "type and handler")
#define SCHEMA_ATTRIBUTES_text_search_parser(A, K)   A(K, definition, LINES, ALWAYS, "functions")
#define SCHEMA_ATTRIBUTES_text_search_template(A, K) A(K, definition, LINES, ALWAYS, "functions")
#define SCHEMA_ATTRIBUTES_text_search_dictionary(A, K)                                             \
	A(K, template, TEXT, ALWAYS, "template")                                                   \
	A(K, options, TEXT, COMPARED, "options")
#define SCHEMA_ATTRIBUTES_text_search_configuration(A, K)                                          \
	A(K, parser, TEXT, ALWAYS, "parser")                                                       \
	A(K, mappings, LINES, COMPARED, "token type and dictionaries")
#define SCHEMA_ATTRIBUTES_transform(A, K) A(K, definition, LINES, ALWAYS, "functions")
#define SCHEMA_ATTRIBUTES_foreign_data_wrapper(A, K)                                               \
	A(K, handler, TEXT, COMPARED, "handler")                                                   \
	A(K, validator, TEXT, COMPARED, "validator")                                               \
	A(K, options, LINES, COMPARED, "options")
#define SCHEMA_ATTRIBUTES_server(A, K)                                                             \
	A(K, wrapper, TEXT, ALWAYS, "foreign data wrapper")                                        \
	A(K, type, TEXT, COMPARED, "type")                                                         \
	A(K, version, TEXT, COMPARED, "version")                                                   \
	A(K, options, LINES, COMPARED, "options; of those that may be secret only the name")
#define SCHEMA_ATTRIBUTES_user_mapping(A, K)                                                       \
	A(K, options, LINES, COMPARED, "the user; of all other options only the name")
#define SCHEMA_ATTRIBUTES_publication(A, K)                                                        \
	A(K, all_tables, FLAG, COMPARED, "FOR ALL TABLES")                                         \
	A(K, tables, LINES, COMPARED, "tables with columns and condition")                         \
	A(K, schemas, LINES, COMPARED, "schemas")                                                  \
	A(K, publish, TEXT, ALWAYS, "operations")                                                  \
	A(K, via_root, FLAG, COMPARED, "partitions are published as their root")
#define SCHEMA_ATTRIBUTES_subscription(A, K)                                                       \
	A(K, publications, LINES, ALWAYS, "publications")                                          \
	A(K, options, LINES, ALWAYS, "options")                                                    \
	A(K, enabled, FLAG, COMPARED, "it runs")
#define SCHEMA_ATTRIBUTES_default_privileges(A, K)                                                 \
	A(K, grants, LINES, ALWAYS, "privilege, grantee and * for the right to grant it on")

/* What an object of any kind may have. Privileges are absent where they are the owner's default;
 * no line at all means that everything was revoked. */
#define SCHEMA_ATTRIBUTES_common(A, K)                                                             \
	A(K, owner, TEXT, COMPARED, "owner")                                                       \
	A(K, privileges, LINES, COMPARED, "privilege, grantee and * for the right to grant it on") \
	A(K, comment, TEXT, COMPARED, "comment")                                                   \
	A(K, security_labels, LINES, COMPARED, "security labels")

#define SCHEMA_KIND_ENUM(kind, keyword, what) SCHEMA_KIND_##kind,
enum schema_kind { SCHEMA_KINDS(SCHEMA_KIND_ENUM) SCHEMA_KIND_COUNT };
#undef SCHEMA_KIND_ENUM

/* Places of attributes in an object's values: the common ones first, then the kind's own:
 * SCHEMA_owner, SCHEMA_column_type. */
#define SCHEMA_PLACE(kind, name, type, use, what)	 SCHEMA_##kind##_##name,
#define SCHEMA_COMMON_PLACE(kind, name, type, use, what) SCHEMA_##name,
enum { SCHEMA_ATTRIBUTES_common(SCHEMA_COMMON_PLACE, common) SCHEMA_COMMON };
#define SCHEMA_PLACES(kind, keyword, what)                                                         \
	enum {                                                                                     \
		SCHEMA_##kind##_before = SCHEMA_COMMON - 1,                                        \
		SCHEMA_ATTRIBUTES_##kind(SCHEMA_PLACE, kind) SCHEMA_##kind##_ATTRIBUTES            \
	};
SCHEMA_KINDS(SCHEMA_PLACES)
#undef SCHEMA_PLACES
#undef SCHEMA_COMMON_PLACE
#undef SCHEMA_PLACE

enum schema_type { SCHEMA_TEXT, SCHEMA_FLAG, SCHEMA_NUMBER, SCHEMA_LINES };
enum schema_use { SCHEMA_COMPARED, SCHEMA_ALWAYS, SCHEMA_TOLD };

struct schema_attribute {
	const char *name;
	enum schema_type type;
	enum schema_use use;
	const char *what;
};

struct schema_kind_info {
	const char *name;    /* "materialized_view" */
	const char *keyword; /* "MATERIALIZED VIEW" */
	const char *what;
	const struct schema_attribute *attributes; /* the common ones first */
	size_t count;
};

const struct schema_kind_info *schema_kind_info(enum schema_kind kind);
/* SCHEMA_KIND_COUNT when there is no such kind. */
enum schema_kind schema_kind_named(const char *name);

#endif
