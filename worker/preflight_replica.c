/*
 * What a change means for whoever reads meanwhile: a replica that replays it, or an application
 * that still runs the version before. One table from change kinds to findings, after the risk
 * classes that the Python confiture prints; a kind that stands in no row is safe when its tier says
 * that it only adds or can be taken back, and not judged otherwise.
 */
#include <string.h>

#include "worker/preflight.h"

#include "shared/base/banned.h"

static const struct {
	const char *kind;      /* a trailing * stands for any end */
	const char *safe_tier; /* no finding when the change has this tier */
	enum error_id finding;
} findings[] = {
	{"add_column", "additive", E_PFLIGHT_REPLICA_ADD_COLUMN},
	{"drop_column", NULL, E_PFLIGHT_REPLICA_DROP_COLUMN},
	{"rename_column", NULL, E_PFLIGHT_REPLICA_RENAME_COLUMN},
	{"rename_*", NULL, E_PFLIGHT_REPLICA_RENAME_OBJECT},
	{"change_column_type", NULL, E_PFLIGHT_REPLICA_CHANGE_TYPE},
	{"change_schema", NULL, E_PFLIGHT_REPLICA_RENAME_OBJECT},
	{"set_not_null", NULL, E_PFLIGHT_REPLICA_SET_NOT_NULL},
	{"add_constraint", "reversible", E_PFLIGHT_REPLICA_ADD_CONSTRAINT},
	{"create_index", "additive", E_PFLIGHT_REPLICA_CREATE_INDEX},
	{"drop_table", NULL, E_PFLIGHT_REPLICA_DROP_TABLE},
	{"truncate", NULL, E_PFLIGHT_REPLICA_TRUNCATE},
	{"revoke*", NULL, E_PFLIGHT_REPLICA_REVOKE},
	{"replace_*", NULL, E_PFLIGHT_REPLICA_REPLACE_OBJECT},
	{"drop_view", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_materialized_view", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_function", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_procedure", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_aggregate", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_type", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_domain", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_schema", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_sequence", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
	{"drop_extension", NULL, E_PFLIGHT_REPLICA_DROP_OBJECT},
};

/* Destructive for the one who does it, and nothing that a reader notices. */
static const char *const quiet[] = {"drop_index",      "drop_trigger", "drop_policy", "drop_rule",
				    "drop_constraint", "delete",       "update",      "merge"};

static bool
matches(const char *pattern, const char *kind)
{
	size_t len = strlen(pattern);

	return pattern[len - 1] == '*' ? strncmp(pattern, kind, len - 1) == 0
				       : strcmp(pattern, kind) == 0;
}

const struct error_code *
preflight_replica_finding(const struct sql_change *change)
{
	for (size_t i = 0; i < ARRAY_LEN(findings); i++) {
		if (!matches(findings[i].kind, change->kind))
			continue;
		bool safe = findings[i].safe_tier != NULL && change->tier != NULL &&
			    strcmp(findings[i].safe_tier, change->tier) == 0;
		return safe ? NULL : error_code(findings[i].finding);
	}
	for (size_t i = 0; i < ARRAY_LEN(quiet); i++) {
		if (strcmp(quiet[i], change->kind) == 0)
			return NULL;
	}
	bool harmless = change->tier != NULL && (strcmp(change->tier, "additive") == 0 ||
						 strcmp(change->tier, "reversible") == 0);
	return harmless ? NULL : error_code(E_PFLIGHT_REPLICA_UNCLASSIFIED);
}
