/* Which text is sent to which server: one table, the newest first. */
#include "worker/catalog/queries.h"

#include "shared/base/compiler.h"
#include "catalog_sql.h"

#include "shared/base/banned.h"

struct variant {
	size_t which;
	int before; /* for servers older than that (150000); 0: for all others */
	const char *sql;
};

static const struct variant variants[] = {
	{SCHEMA_KIND_column, 140000, catalog_sql_column_13},
	{SCHEMA_KIND_trigger, 130000, catalog_sql_trigger_12},
	{SCHEMA_KIND_publication, 150000, catalog_sql_publication_14},
	{SCHEMA_KIND_publication, 130000, catalog_sql_publication_12},
	{SCHEMA_KIND_subscription, 150000, catalog_sql_subscription_14},
	{SCHEMA_KIND_subscription, 140000, catalog_sql_subscription_13},
	{SCHEMA_KIND_schema, 0, catalog_sql_schema},
	{SCHEMA_KIND_extension, 0, catalog_sql_extension},
	{SCHEMA_KIND_language, 0, catalog_sql_language},
	{SCHEMA_KIND_base_type, 0, catalog_sql_base_type},
	{SCHEMA_KIND_enum, 0, catalog_sql_enum},
	{SCHEMA_KIND_domain, 0, catalog_sql_domain},
	{SCHEMA_KIND_domain_constraint, 0, catalog_sql_domain_constraint},
	{SCHEMA_KIND_composite, 0, catalog_sql_composite},
	{SCHEMA_KIND_range, 0, catalog_sql_range},
	{SCHEMA_KIND_collation, 0, catalog_sql_collation},
	{SCHEMA_KIND_sequence, 0, catalog_sql_sequence},
	{SCHEMA_KIND_table, 0, catalog_sql_table},
	{SCHEMA_KIND_column, 0, catalog_sql_column},
	{SCHEMA_KIND_constraint, 0, catalog_sql_constraint},
	{SCHEMA_KIND_index, 0, catalog_sql_index},
	{SCHEMA_KIND_view, 0, catalog_sql_view},
	{SCHEMA_KIND_materialized_view, 0, catalog_sql_materialized_view},
	{SCHEMA_KIND_rule, 0, catalog_sql_rule},
	{SCHEMA_KIND_function, 0, catalog_sql_function},
	{SCHEMA_KIND_aggregate, 0, catalog_sql_aggregate},
	{SCHEMA_KIND_trigger, 0, catalog_sql_trigger},
	{SCHEMA_KIND_event_trigger, 0, catalog_sql_event_trigger},
	{SCHEMA_KIND_policy, 0, catalog_sql_policy},
	{SCHEMA_KIND_statistics, 0, catalog_sql_statistics},
	{SCHEMA_KIND_operator, 0, catalog_sql_operator},
	{SCHEMA_KIND_operator_family, 0, catalog_sql_operator_family},
	{SCHEMA_KIND_operator_class, 0, catalog_sql_operator_class},
	{SCHEMA_KIND_cast, 0, catalog_sql_cast},
	{SCHEMA_KIND_conversion, 0, catalog_sql_conversion},
	{SCHEMA_KIND_access_method, 0, catalog_sql_access_method},
	{SCHEMA_KIND_text_search_parser, 0, catalog_sql_text_search_parser},
	{SCHEMA_KIND_text_search_template, 0, catalog_sql_text_search_template},
	{SCHEMA_KIND_text_search_dictionary, 0, catalog_sql_text_search_dictionary},
	{SCHEMA_KIND_text_search_configuration, 0, catalog_sql_text_search_configuration},
	{SCHEMA_KIND_transform, 0, catalog_sql_transform},
	{SCHEMA_KIND_foreign_data_wrapper, 0, catalog_sql_foreign_data_wrapper},
	{SCHEMA_KIND_server, 0, catalog_sql_server},
	{SCHEMA_KIND_user_mapping, 0, catalog_sql_user_mapping},
	{SCHEMA_KIND_publication, 0, catalog_sql_publication},
	{SCHEMA_KIND_subscription, 0, catalog_sql_subscription},
	{SCHEMA_KIND_default_privileges, 0, catalog_sql_default_privileges},
	{CATALOG_PRIVILEGES, 0, catalog_sql_privileges},
	{CATALOG_COMMENTS, 0, catalog_sql_comments},
	{CATALOG_LABELS, 0, catalog_sql_labels},
	{CATALOG_DEPENDENCIES, 0, catalog_sql_dependencies},
	{CATALOG_UNMODELLED, 0, catalog_sql_unmodelled},
	{CATALOG_ROLE, 0, catalog_sql_role},
};

const char *const catalog_settings = catalog_sql_settings;

/* The variant for the oldest servers that this one is older than. */
const char *
catalog_query(size_t which, int server_version_num)
{
	const struct variant *best = NULL;

	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		const struct variant *v = &variants[i];

		if (v->which != which || (v->before != 0 && server_version_num >= v->before))
			continue;
		if (best == NULL ||
		    (v->before != 0 && (best->before == 0 || v->before < best->before)))
			best = v;
	}
	return best->sql;
}

const char *
catalog_variant(size_t which, size_t n)
{
	for (size_t i = ARRAY_LEN(variants); i-- > 0;) {
		if (variants[i].which == which && n-- == 0)
			return variants[i].sql;
	}
	return NULL;
}
