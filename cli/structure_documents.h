#ifndef CONFITURE_CLI_STRUCTURE_DOCUMENTS_H
#define CONFITURE_CLI_STRUCTURE_DOCUMENTS_H

#include "shared/wire/results.h"
#include "shared/wire/structure.h"

/* Documents of the commands that compare structures. */
/* clang-format off */
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
