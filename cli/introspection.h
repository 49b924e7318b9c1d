#ifndef CONFITURE_CLI_INTROSPECTION_H
#define CONFITURE_CLI_INTROSPECTION_H

#include "shared/schema/model.h"
#include "shared/wire/record.h"

/* The tables of one schema as the Python tool's `introspect --db` prints them. */
/* clang-format off */
#define RECORD_introspected_column(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, TEXT, _, pg_type, 0, "as the server prints it") \
	F(3, BOOL, _, nullable, 0, "") \
	F(4, BOOL, _, is_primary_key, 0, "it is one of the key's columns")
RECORD_DECLARE(introspected_column)

#define RECORD_introspected_reference(F) \
	F(1, TEXT, _, from_table, NULLABLE, "set in inbound_fks; with its schema where that is another one") \
	F(2, TEXT, _, to_table, NULLABLE, "set in outbound_fks; the same") \
	F(3, TEXT, _, via_column, 0, "of the table that has the key") \
	F(4, TEXT, _, on_column, 0, "of the table that it leads to")
RECORD_DECLARE(introspected_reference)

#define RECORD_introspected_hints(F) \
	F(1, TEXT, _, surrogate_pk, NULLABLE, "the first column of the primary key whose name begins with pk_") \
	F(2, TEXT, _, natural_id, NULLABLE, "a column called id, whatever its type")
RECORD_DECLARE(introspected_hints)

#define RECORD_introspected_table(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, RECORDS, introspected_column, columns, 0, "by their place") \
	F(3, RECORDS, introspected_reference, outbound_fks, 0, "one for each column of a foreign key") \
	F(4, RECORDS, introspected_reference, inbound_fks, 0, "of all tables of the database, listed or not") \
	F(5, RECORD, introspected_hints, hints, NULLABLE, "null: its names say nothing, or --no-hints")
RECORD_DECLARE(introspected_table)

#define RECORD_introspection_result(F) \
	F(1, TEXT, _, database, 0, "its name") \
	F(2, TEXT, _, schema, 0, "") \
	F(3, TEXT, _, introspected_at, 0, "RFC 3339, UTC") \
	F(4, RECORDS, introspected_table, tables, 0, "by name; partitioned ones and partitions too")
RECORD_DECLARE(introspection_result)
/* clang-format on */

struct introspection_options {
	const char *schema; /* bare */
	bool all_tables;    /* else only those whose name begins with tb_ */
	bool hints;
};

/* Fills `tables` and `schema`. */
void introspection_of(struct arena *arena, const struct schema_model *m,
		      const struct introspection_options *options,
		      struct introspection_result *out);

#endif
