#ifndef CONFITURE_CLI_STRUCTURE_DOCUMENTS_H
#define CONFITURE_CLI_STRUCTURE_DOCUMENTS_H

#include "shared/wire/results.h"
#include "shared/wire/structure.h"

/* Documents of the commands that compare structures. */
/* clang-format off */
#define RECORD_diff_summary(F) \
	F(1, INT, _, tables_added, 0, "") \
	F(2, INT, _, tables_dropped, 0, "") \
	F(3, INT, _, tables_renamed, 0, "as --rename says: nothing is guessed") \
	F(4, INT, _, columns_added, 0, "to tables that are there") \
	F(5, INT, _, columns_dropped, 0, "") \
	F(6, INT, _, indexes_added, 0, "") \
	F(7, INT, _, indexes_dropped, 0, "") \
	F(8, INT, _, foreign_keys_added, 0, "") \
	F(9, INT, _, foreign_keys_dropped, 0, "") \
	F(10, INT, _, constraints_added, 0, "CHECK and UNIQUE") \
	F(11, INT, _, constraints_dropped, 0, "") \
	F(12, INT, _, enum_types_added, 0, "") \
	F(13, INT, _, enum_types_dropped, 0, "") \
	F(14, INT, _, sequences_added, 0, "") \
	F(15, INT, _, sequences_dropped, 0, "")
RECORD_DECLARE(diff_summary)

#define RECORD_diff_details(F) \
	F(1, TEXT, _, index_name, OPTIONAL, "") \
	F(2, TEXT, _, name, OPTIONAL, "of a constraint") \
	F(3, TEXTS, _, columns, OPTIONAL, "of an index or constraint; expressions as they stand there") \
	F(4, TEXT, _, ref_table, OPTIONAL, "of a foreign key") \
	F(5, TEXTS, _, ref_columns, OPTIONAL, "") \
	F(6, TEXT, _, on_delete, OPTIONAL, "where it is not NO ACTION") \
	F(7, TEXT, _, expression, OPTIONAL, "of a CHECK") \
	F(8, TEXTS, _, added_values, OPTIONAL, "of an enumeration") \
	F(9, TEXTS, _, removed_values, OPTIONAL, "")
RECORD_DECLARE(diff_details)

#define RECORD_diff_change(F) \
	F(1, TEXT, _, type, 0, "ADD_TABLE, DROP_COLUMN, CHANGE_COLUMN_TYPE …; where the Python tool has no name, the action and the kind: CREATE_VIEW, ALTER_POLICY") \
	F(2, TEXT, _, table, NULLABLE, "the object, or what it is a part of; without \"public.\"") \
	F(3, TEXT, _, column, NULLABLE, "for changes of a column") \
	F(4, TEXT, _, old_value, NULLABLE, "of a column's nullability \"true\" or \"false\"") \
	F(5, TEXT, _, new_value, NULLABLE, "") \
	F(6, RECORD, diff_details, details, NULLABLE, "of indexes, constraints and enumerations") \
	F(7, TEXT, _, kind, 0, "of the object: table, column, view …") \
	F(8, CHOICE, "create|drop|alter|rename", action, 0, "") \
	F(9, TEXT, _, object, 0, "address of the object; rename: the new one") \
	F(10, TEXT, _, attribute, NULLABLE, "alter: which one differs") \
	F(11, TEXT, _, before, NULLABLE, "alter: its value; null: it has its default; rename: the old address") \
	F(12, TEXT, _, after, NULLABLE, "") \
	F(13, TEXTS, _, parts, OPTIONAL, "create, drop: kind and address of what comes or goes with it") \
	F(14, TEXT, _, sql, NULLABLE, "what the plan says about this object; of several attributes the first tells it") \
	F(15, BOOL, _, rewrite, 0, "every row is written anew") \
	F(16, TEXTS, _, hazards, 0, "data_loss, rewrite, scan, blocks_reads, incomplete")
RECORD_DECLARE(diff_change)

#define RECORD_diff_statement(F) \
	F(1, TEXT, _, sql, 0, "without its semicolon") \
	F(2, TEXT, _, kind, 0, "of what it is about") \
	F(3, TEXT, _, object, 0, "its address") \
	F(4, CHOICE, "create|drop|alter|replace|rename", action, 0, "") \
	F(5, BOOL, _, transaction, 0, "false: it cannot run in one") \
	F(6, TEXTS, _, hazards, 0, "data_loss, rewrite, scan, blocks_reads, incomplete")
RECORD_DECLARE(diff_statement)

#define RECORD_diff_fingerprints(F) \
	F(1, TEXT, _, from, 0, "") \
	F(2, TEXT, _, to, 0, "")
RECORD_DECLARE(diff_fingerprints)

#define RECORD_diff_result(F) \
	F(1, BOOL, _, has_changes, 0, "the exit code says the same") \
	F(2, RECORD, diff_summary, summary, 0, "changes of the kinds that the Python tool counts") \
	F(3, RECORDS, diff_change, changes, 0, "by kind, then address; one for each attribute that differs") \
	F(4, TEXTS, _, unmodelled, 0, "what is there and was not compared: from or to, and what it is") \
	F(5, RECORD, diff_fingerprints, fingerprint, 0, "equal where nothing differs") \
	F(6, RECORDS, diff_statement, statements, 0, "what turns from into to, in an order that works")
RECORD_DECLARE(diff_result)

#define RECORD_drift_item(F) \
	F(1, TEXT, _, type, 0, "missing_table, extra_column, type_mismatch, missing_grant …: what the database is, against the files") \
	F(2, CHOICE, "critical|warning|info", severity, 0, "") \
	F(3, TEXT, _, object, 0, "without \"public.\"") \
	F(4, TEXT, _, expected, NULLABLE, "what the files say") \
	F(5, TEXT, _, actual, NULLABLE, "what the database has") \
	F(6, TEXT, _, message, 0, "") \
	F(7, TEXT, _, kind, 0, "of the object: table, column, view …")
RECORD_DECLARE(drift_item)

#define RECORD_drift_result(F) \
	F(1, TEXT, _, database_name, 0, "") \
	F(2, TEXT, _, expected_schema_source, 0, "file:<path>") \
	F(3, BOOL, _, has_drift, 0, "") \
	F(4, BOOL, _, has_critical_drift, 0, "") \
	F(5, INT, _, critical_count, 0, "") \
	F(6, INT, _, warning_count, 0, "") \
	F(7, INT, _, info_count, 0, "") \
	F(8, INT, _, tables_checked, 0, "that the files make") \
	F(9, INT, _, columns_checked, 0, "") \
	F(10, INT, _, indexes_checked, 0, "") \
	F(11, INT, _, objects_checked, 0, "of all kinds") \
	F(12, INT, _, detection_time_ms, 0, "reading and comparing") \
	F(13, RECORDS, drift_item, drift_items, 0, "by kind, then address") \
	F(14, TEXTS, _, unmodelled, 0, "what is there and was not compared") \
	F(15, RECORDS, hint, hints, 0, "")
RECORD_DECLARE(drift_result)
/* clang-format on */

#endif
