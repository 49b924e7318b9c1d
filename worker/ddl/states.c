/* Which refusals are a matter of order. PostgreSQL's appendix A names the states. */
#include "worker/ddl/states.h"

#include <stddef.h>
#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

/* The first row whose prefix fits counts. */
static const struct {
	const char *prefix;
	enum ddl_fate fate;
} states[] = {
	{"42P01", DDL_WAITS},	 /* undefined_table */
	{"42703", DDL_WAITS},	 /* undefined_column: ALTER TABLE ADD COLUMN follows */
	{"42883", DDL_WAITS},	 /* undefined_function, operator */
	{"42704", DDL_WAITS},	 /* undefined_object: type, role, extension, collation … */
	{"3F000", DDL_WAITS},	 /* invalid_schema_name */
	{"42P17", DDL_MAY_WAIT}, /* invalid_object_definition: no default partition yet … */
	{"42P16", DDL_MAY_WAIT}, /* invalid_table_definition: the parent lacks a constraint yet */
	{"42P13", DDL_MAY_WAIT}, /* invalid_function_definition: of a type that is a shell yet */
	{"42P18", DDL_MAY_WAIT}, /* indeterminate_datatype */
	{"42725", DDL_MAY_WAIT}, /* ambiguous_function: the exact one is not there yet */
	{"42803", DDL_MAY_WAIT}, /* grouping_error: a primary key follows, and all depends on it */
	{"42P10", DDL_MAY_WAIT}, /* invalid_column_reference: ON CONFLICT on a key that follows */
	{"42804", DDL_MAY_WAIT}, /* datatype_mismatch: a cast follows */
	{"42809", DDL_MAY_WAIT}, /* wrong_object_type: a shell type, a table not partitioned yet */
	{"42830", DDL_MAY_WAIT}, /* invalid_foreign_key: the key referenced has no index yet */
	{"42846", DDL_MAY_WAIT}, /* cannot_coerce: a cast follows */
	{"42501", DDL_MAY_WAIT}, /* insufficient_privilege: a GRANT follows */
	{"22023", DDL_MAY_WAIT}, /* invalid_parameter_value: SET ROLE of one that is not there */
	{"22P02", DDL_MAY_WAIT}, /* invalid_text_representation: ADD VALUE follows */
	{"55000", DDL_MAY_WAIT}, /* object_not_in_prerequisite_state */
	{"55P04", DDL_MAY_WAIT}, /* unsafe_new_enum_value_usage: must be committed first */
	{"P0001", DDL_MAY_WAIT}, /* raise_exception: a DO block looks for something */
	{"P0002", DDL_MAY_WAIT}, /* no_data_found, likewise */
	{"08", DDL_IMPOSSIBLE},	 /* connection */
	{"53", DDL_IMPOSSIBLE},	 /* no room, no memory, no connections */
	{"57", DDL_IMPOSSIBLE},	 /* cancelled, shut down */
	{"58030", DDL_IMPOSSIBLE}, /* io_error */
};

enum ddl_fate
ddl_fate_of(const char *sqlstate)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (strncmp(sqlstate, states[i].prefix, strlen(states[i].prefix)) == 0)
			return states[i].fate;
	}
	return DDL_WRONG;
}
